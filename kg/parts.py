"""`kg build --engine spark`: what the command line asks of a cluster, and what it is told of the parts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kg import console, results
from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.codes import Selection
    from kg.config import Config
    from kg.model import Severity

_EXAMPLE = "kg build --engine spark --master spark://HOST:7077 reports/ parts/"


def check_spark(wanted: bool, master: str | None, settings: Sequence[str] | None, others: Mapping[str, object]) -> None:
    """Raise UsageError when flags for Spark are given without it, it without a master, or with flags that it cannot obey.

    `others` are the values of these by what the user types.
    """
    if wanted and not master:
        raise UsageError("--engine spark needs the URL of a master", hint=_EXAMPLE)
    if not wanted and (master or settings):
        raise UsageError("--master and --conf are for --engine spark", hint=_EXAMPLE)
    given = [flag for flag, value in others.items() if value is not None and value is not False]
    if wanted and given:
        raise UsageError(f"{given[0]} is not for --engine spark", hint=_INSTEAD.get(given[0], "leave it out"))


_INSTEAD = {
    "--accept-shrink": "give it to kg load, which replaces the build",
    "--jobs": "say it in the master: local[4], or with --conf spark.cores.max=64",
    "--verbose": "kg load makes a build of the parts, and kg validate shows all its findings",
}


_WORDS = {"violation": "error", "warning": "warning", "info": "note"}


def build_parts(
    paths: Sequence[str], output: Path | None, config: Config, master: str, settings: Iterable[str], as_json: bool
) -> None:
    """Build the parts, say what there is of everything, and end with the exit code; the last path is the folder of the parts.

    The code is that of a local build: 3 when a report could not be read, else what the findings that are wanted call for.
    """
    from kg.outcome import exit_code
    from kg.pipeline import chosen_by
    from kg.spark import build

    *inputs, out = (*paths, str(output)) if output else paths
    if not inputs:
        raise UsageError("no folder for the parts is given", hint=_EXAMPLE)
    chosen = chosen_by(config)
    start = time.perf_counter()
    parts = build(inputs, out, master=master, config=config, settings=dict(map(_setting, settings)), say=console.say)
    for failure in parts.failures:
        console.say(f"{failure.path}: {failure.reason}" + (f"\n  hint: {failure.hint}" if failure.hint else ""))
    severities = _severities(parts.findings, chosen)
    found = ", ".join(console.plural(count, _WORDS[name]) for name, count in severities.items() if count)
    numbers = ", ".join(f"{count:,} {name}" for name, count in parts.counts.items())
    numbers += f" ({found})" if found else ""
    console.say(f"{numbers} in {time.perf_counter() - start:.1f} s; kg load {out} makes a build of the parts")
    if as_json:
        failed = [{"path": failure.path, "reason": failure.reason} for failure in parts.failures]
        told = {"parts": out, **parts.counts, "severities": severities, "failed": failed}
        results.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    raise typer.Exit(3 if parts.failures else exit_code((name for name, count in severities.items() if count), config.fail_on))


def _severities(findings: Mapping[tuple[str, Severity], int], chosen: Selection) -> dict[str, int]:
    """Return how many findings of each severity are wanted, the worst first."""
    counts = dict.fromkeys(_WORDS, 0)
    for (code, severity), count in findings.items():
        counts[severity] += count if chosen.keeps(code) else 0
    return counts


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"'{text}' is no setting of Spark", hint="write --conf spark.executor.memory=2g")
    return name, value
