"""A folder or file that is written beside its place and takes it whole: what stands there stays when anything fails.

.NAME.kg-new    where everything is written; locked by the process that does, emptied by the next one when that was killed
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import OutputError, UsageError

_REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EFBIG: "raise the limit of a file's size (ulimit -f)",
}


@contextmanager
def replacing(target: Path, is_own: Callable[[Path], bool]) -> Iterator[tuple[Path, Path]]:
    """Give a place to write to and an empty folder for what is needed meanwhile; put the first in the target's place at the end.

    Raise UsageError for a target that holds something of which `is_own` is false, OutputError when nothing can be written.
    """
    place = Path(os.path.realpath(target))
    with written(target):
        _refuse(target, place, is_own)
        scratch = place.with_name(f".{place.name}.kg-new")
        lock = _locked(scratch, target)
    try:
        with written(target):
            _put_back(scratch / "old", place)
            _clear(scratch)
            (scratch / "meanwhile").mkdir()
            yield scratch / "new", scratch / "meanwhile"
            _refuse(target, place, is_own)  # it has been there all the time
            _exchange(scratch, place)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        os.close(lock)


@contextmanager
def written(target: Path) -> Iterator[None]:
    """Tell what keeps a target from being written as OutputError."""
    try:
        yield
    except OSError as error:
        hint = f"{_REMEDIES.get(error.errno or 0, 'see whether it can be written to')}, or choose another place with -o"
        raise OutputError(f"cannot be written: {error.strerror or error}", where=str(target), hint=hint) from error


def _refuse(target: Path, place: Path, is_own: Callable[[Path], bool]) -> None:
    where = str(target)
    if not place.parent.is_dir():
        raise UsageError(
            f"there is no folder '{target.parent}'", where=where, hint="make it first, or choose another place with -o"
        )
    if place.exists() and not is_own(place):
        raise UsageError("this holds what kg did not export", where=where, hint="move it away, or choose another place with -o")


def _locked(scratch: Path, target: Path) -> int:
    """Return the open folder to write in, made and locked; another process gets none while it is open."""
    while True:
        scratch.mkdir(exist_ok=True)
        try:
            lock = os.open(scratch, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.lstat(scratch), os.fstat(lock)):
                return lock
        except BlockingIOError as error:
            os.close(lock)
            hint = "wait until it ends, or choose another place with -o"
            raise OutputError("another process is exporting to this place", where=str(target), hint=hint) from error
        except FileNotFoundError:  # who had the lock has ended
            continue
        os.close(lock)


def _put_back(old: Path, place: Path) -> None:
    """Put back what a process that was killed had moved away."""
    if old.exists() and not place.exists():
        old.rename(place)


def _clear(folder: Path) -> None:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _exchange(scratch: Path, place: Path) -> None:
    """Put what was written in its place; a folder steps aside for another one, which the system cannot do in one step."""
    new, old = scratch / "new", scratch / "old"
    if not place.is_dir():
        new.replace(place)
        return
    shutil.copymode(place, new)
    place.rename(old)
    try:
        new.rename(place)
    except BaseException:
        old.rename(place)
        raise
