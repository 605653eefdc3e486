"""Files and folders -> a call at once, and another after each change.

What is there is compared by names, sizes and times. Where watchfiles is installed the system tells of changes at once; looking
again every few seconds finds the rest: file systems of other machines, files that an editor has put in another's place.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from stat import S_ISDIR
from typing import Any

from kg.errors import KgError
from kg.ingest import IGNORE_FILE, Patterns, patterns_of

EVERY = 1.0
"""Seconds between two looks where nothing tells of changes."""

EVERY_TOLD = 5.0
"""Seconds between two looks where the system tells of changes."""

LONGEST = 5.0
"""Seconds of changes without a pause after which it is time to act all the same."""

_QUIET = 0.2  # seconds without a change after which the files are taken as written
_HIDDEN = "."


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at: reports and folders of them, patterns of what does not count in these, and further files."""

    reports: Sequence[Path]
    further: Sequence[Path] = ()
    exclude: Sequence[str] = ()


def watch(act: Callable[[], object], watched: Callable[[], Watched], out: Path, every: float | None = None) -> None:
    """Call `act` now and whenever something of what is watched has changed; nothing below `out` counts. Ends with Ctrl-C alone.

    What is watched is asked for again each time. A change while `act` is at work is not lost. Raises what `act` raises.
    """
    while True:
        seen = state(watched(), out)
        act()
        _await(watched(), out, seen, every)


def state(watched: Watched, out: Path) -> bytes:
    """Return a digest of what is watched: names, sizes, times.

    What is hidden or below `out` is left out, and below folders of reports what patterns leave out.
    """
    digest, own = blake2b(digest_size=16), os.path.realpath(out)
    for paths, exclude in ((watched.reports, watched.exclude), (watched.further, ())):
        for path in paths:
            for line in _lines(path, frozenset([own]), _patterns(path, exclude)):
                digest.update(line)
    return digest.digest()


def _lines(path: Path, left_out: frozenset[str], patterns: Patterns) -> Iterator[bytes]:
    """Yield a line for a path and for each file and folder below it, in order of name; links are followed, but not in a circle."""
    try:
        about = os.stat(path)
        folder = S_ISDIR(about.st_mode)
        names = sorted(os.listdir(path)) if folder else []
    except OSError as error:  # it is gone, or may not be read: that is a state too
        folder, names, said = False, [], str(error.errno)
    else:
        said = "folder" if folder else f"{about.st_size} {about.st_mtime_ns} {about.st_ino}"
    real = os.path.realpath(path) if folder else ""
    if real in left_out or (path != patterns.root and path.name != IGNORE_FILE and patterns.exclude(path, folder)):
        return
    yield os.fsencode(f"{path}\0{said}\n")
    if IGNORE_FILE in names:
        patterns = _within(path, patterns)
    for name in names:
        if name == IGNORE_FILE or not name.startswith(_HIDDEN):
            yield from _lines(path / name, left_out | {real}, patterns)


def _patterns(root: Path, exclude: Sequence[str]) -> Patterns:
    try:
        return patterns_of(root, exclude)
    except KgError:  # what is wrong with them the build tells
        return patterns_of(root)


def _within(folder: Path, patterns: Patterns) -> Patterns:
    try:
        return patterns.within(folder)
    except KgError:
        return patterns


def _await(watched: Watched, out: Path, seen: bytes, every: float | None) -> None:
    """Return when the state of what is watched is another, and has been the same for a moment or never is."""
    for _ in _looks([*watched.reports, *watched.further], every):
        found = state(watched, out)
        if found != seen:
            break
    for _ in range(max(1, round(LONGEST / _QUIET))):
        time.sleep(_QUIET)
        again = state(watched, out)
        if again == found:
            return
        found = again


def _looks(paths: Sequence[Path], every: float | None) -> Iterator[None]:
    """Yield when it is time to look: at once, when the system tells of a change, and every few seconds."""
    yield
    there = [path for path in paths if path.exists()]
    try:
        from watchfiles import watch as told
    except ModuleNotFoundError as error:
        if error.name != "watchfiles":
            raise
        there = []
    if there:
        wait = int(1000 * (EVERY_TOLD if every is None else every))
        options: dict[str, Any] = {"rust_timeout": wait, "yield_on_timeout": True, "raise_interrupt": True}
        with suppress(OSError, RuntimeError):  # the system tells of no more: it has no watches left
            for _ in told(*there, watch_filter=None, debounce=100, ignore_permission_denied=True, **options):
                yield
    while True:
        time.sleep(EVERY if every is None else every)
        yield
