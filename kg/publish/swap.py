"""A folder that is written beside another one and takes its place whole: what stands there stays when anything fails.

SITE                the site that is there, made by kg: its site.json says so, and what else kg has put at its top
.SITE.kg-new        the one that is written; locked by the process that does, emptied by the next when it was killed
.SITE.kg-old        the one before, while two names change; if a process is killed just then, the next puts it back
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import OutputError, UsageError
from kg.store import remedy

MARK = "site.json"
"""The file by which kg knows a site of its own; `entries` in it are the names of what it put at the top of the folder."""

_SURE = "the site that was there is as it was"


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder, and put it in the place of `folder` when the block ends without an error.

    Raise UsageError for a folder that kg did not make and that is not empty, OutputError when nothing can be written, another
    process is writing, or the disk is full.
    """
    with written(folder):
        place = Path(os.path.realpath(folder))
        _refuse(folder, place)
        new, old = (place.with_name(f".{place.name}.kg-{name}") for name in ("new", "old"))
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = _locked(new, folder)
    try:
        with written(folder):
            if old.exists() and not place.exists():
                old.rename(place)
            _refuse(folder, place)
            _remove(old)
            _clear(new)
        yield new
        with written(folder):
            _exchange(new, old, place)
    except BaseException:
        _remove(new)
        raise
    finally:
        os.close(lock)


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Tell what keeps a site from being written to a folder as OutputError, with a remedy."""
    try:
        yield
    except OSError as error:
        what, hint = remedy(error)
        raise OutputError(what, where=str(folder), hint=f"{hint}, or choose another folder; {_SURE}") from error


def _refuse(folder: Path, place: Path) -> None:
    """Raise UsageError for what a site must not take the place of."""
    where = str(folder)
    if not place.name or Path.cwd().is_relative_to(place):
        raise UsageError("this folder cannot be replaced while you stand in it", where=where, hint="name a folder in it")
    if not place.exists():
        return
    if not place.is_dir():
        raise UsageError("this is a file, not a folder", where=where, hint="choose another name for the folder of the site")
    names = set(os.listdir(place))
    if others := sorted(names - _own(place)):
        shown = ", ".join(others[:3]) + (f" and {len(others) - 3:,} more" if len(others) > 3 else "")
        hint = f"what stands there would be lost ({shown}): move it away, or publish to a folder of its own"
        raise UsageError("this folder holds what kg did not make", where=where, hint=hint)


def _own(place: Path) -> set[str]:
    """Return the names at the top of a folder that kg has written there."""
    try:
        found = json.loads((place / MARK).read_bytes())
        return {str(name) for name in found["entries"]} if found["generator"].startswith("kg ") else set()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def _locked(new: Path, folder: Path) -> int:
    """Return the open folder that a site is written to, made and locked; another process gets none while it is open."""
    while True:
        new.mkdir(exist_ok=True)
        descriptor = os.open(new, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            hint = "wait until it ends, or choose another folder"
            raise OutputError("another process is writing a site here", where=str(folder), hint=hint) from error
        if new.exists() and os.path.sameopenfile(descriptor, found := os.open(new, os.O_RDONLY)):
            os.close(found)
            return descriptor
        os.close(descriptor)  # it was renamed or removed by who had the lock


def _exchange(new: Path, old: Path, place: Path) -> None:
    there = place.exists()
    if there:
        shutil.copymode(place, new)
        place.rename(old)
    try:
        new.rename(place)
    except OSError:
        if there:
            old.rename(place)
        raise
    _remove(old)


def _clear(folder: Path) -> None:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
