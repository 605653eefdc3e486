"""What kg says to people, on standard error: progress, findings, a line at the end, errors. Results go to standard output."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.terminal import visible

if TYPE_CHECKING:
    from pathlib import Path

    from kg.model import Finding
    from kg.outcome import BuildResult
    from kg.render import ReportSource

MOST = 20
"""Findings that are shown unless all are asked for."""

_CLEAR = "\r\x1b[K"
_SILENT_SECONDS = 0.5
_TELLING_SECONDS = 2.0  # after which a rate is worth telling


def in_color(stream: Any = None) -> bool:
    """Decide whether a stream (standard error) is a terminal that wants colour."""
    stream = stream or sys.stderr
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Return the terminal's width in cells."""
    return shutil.get_terminal_size((120, 24)).columns


def say(text: str) -> None:
    """Write a line, over the progress if there is any."""
    sys.stderr.write(f"{_CLEAR if sys.stderr.isatty() else ''}{text}\n")
    sys.stderr.flush()


def progress() -> Callable[[str, int, int], None]:
    """Return what shows progress: on a terminal, after half a second, ten times a second, until all is done."""
    if not sys.stderr.isatty():
        return lambda what, done, total: None
    shown, on_screen = time.monotonic() + _SILENT_SECONDS - 0.1, False
    doing, since, already = "", 0.0, 0

    def show(what: str, done: int, total: int) -> None:
        nonlocal shown, on_screen, doing, since, already
        now = time.monotonic()
        if what != doing:
            doing, since, already = what, now, done
        if done < total and now - shown >= 0.1:
            shown, on_screen = now, True
            sys.stderr.write(f"{_CLEAR}{what} {done:,} of {total:,}{speed(done - already, total - done, now - since)}")
        elif done >= total and on_screen:  # what is printed next may be a result, which does not wipe it
            on_screen = False
            sys.stderr.write(_CLEAR)
        sys.stderr.flush()

    return show


def speed(done: int, left: int, seconds: float) -> str:
    """Return how many are done in a second, and how long those that are left take; nothing before it can be told.

    >>> speed(500, 90_000, 10.0)
    ' (50 a second, 30 min left)'
    >>> speed(3, 10, 0.1)
    ''
    """
    if seconds < _TELLING_SECONDS or not done:
        return ""
    rate = done / seconds
    remaining = left / rate
    told = (
        f"{remaining:.0f} s"
        if remaining < 100
        else f"{remaining / 60:.0f} min"
        if remaining < 6000
        else f"{remaining / 3600:.1f} h"
    )
    return f" ({rate:,.0f} a second, {told} left)"


def show_findings(findings: Sequence[Finding], sources: Mapping[str, ReportSource], *, everything: bool, more: int = 0) -> None:
    """Write findings: blocks on a terminal, a line each elsewhere; without `everything` no notes, and not too many.

    There are so many `more` than those given.
    """
    from kg.render import render

    chosen = [finding for finding in findings if everything or finding.severity != "info"]
    shown = chosen if everything else chosen[:MOST]
    if shown:
        format = "full" if sys.stderr.isatty() else "concise"
        say(render(shown, sources, format, color=in_color(), width=width()).rstrip("\n"))
    if hidden := len(chosen) - len(shown) + more:
        say(f"and {hidden} more: kg validate shows them all")


def show_build(result: BuildResult, out: Path, seconds: float, *, everything: bool, decisions: Path | None = None) -> None:
    """Write what a build found, new or not, and a line at the end; with `everything` also what was skipped and why.

    `decisions` is the file of what people decided, where there is one.
    """
    severities = result.severities
    if everything or severities["violation"] or severities["warning"]:
        if everything:
            show_findings(result.findings, result.sources, everything=True)
        else:
            found, sources, more = result.first(MOST)
            show_findings(found, sources, everything=False, more=more)
    shown = [item for item in result.skipped if item.failed or everything]
    for item in shown:
        text = f"{item.path}: {item.reason}" + (f" ({item.hint})" if item.hint else "")
        say(f"{'not read' if item.failed else 'skipped'}: {visible(text)}")
    if decisions:
        say(f"decisions of {visible(str(decisions))}: {decided(result.build.manifest['counts']['decisions'])}")
    say(summary(result, out, seconds))


def decided(counts: Mapping[str, int]) -> str:
    """Return what became of decisions in words.

    >>> decided({"applied": 3, "idle": 0, "stale": 1, "elsewhere": 0})
    '3 applied, 1 no longer applies (kg review --stale)'
    """
    parts = [f"{counts['applied']:,} applied"]
    if counts["idle"]:
        parts.append(f"{counts['idle']:,} not needed")
    if stale := counts["stale"]:
        parts.append(f"{stale:,} no longer {'applies' if stale == 1 else 'apply'} (kg review --stale)")
    if counts["elsewhere"]:
        parts.append(f"{counts['elsewhere']:,} about what is not in this build")
    return ", ".join(parts)


def summary(result: BuildResult, out: Path, seconds: float) -> str:
    """Return the line at the end of a build."""
    counts = result.build.manifest["counts"]
    words = {"violation": "error", "warning": "warning", "info": "note"}
    found = [plural(result.severities[name], word) for name, word in words.items() if result.severities[name]]
    if hidden := sum(counts["severities"].values()) - sum(result.severities.values()):
        found.append(f"{plural(hidden, 'finding')} left out")
    parts = [plural(counts[name], name.removesuffix("s")) for name in ("reports", "models", "claims", "suggestions")]
    parts.append(", ".join(found) or "no findings")
    if result.failures:
        parts.append(f"{plural(len(result.failures), 'document')} could not be read")
    if skipped := sum(not item.failed for item in result.skipped):
        parts.append(f"{plural(skipped, 'file')} skipped")
    return f"{'built' if result.changed else 'unchanged:'} {visible(str(out))}: {', '.join(parts)} ({seconds:.1f} s)"


def plural(count: int, word: str) -> str:
    """Return a number with its word.

    >>> plural(1, "claim"), plural(2000, "claim")
    ('1 claim', '2,000 claims')
    """
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def show_error(error: KgError) -> None:
    """Write an error with its place and its remedy."""
    word = "\x1b[1;31merror\x1b[0m" if in_color() else "error"
    say(f"{word}: {_lines(str(error))}")


def show_bug(error: Exception) -> None:
    """Write what went wrong inside kg, and how to report it."""
    say(f"error: a bug in kg: {type(error).__name__}: {_lines(str(error))}")
    say("  hint: please report it with what you ran; -vv shows where it happened")


def _lines(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))
