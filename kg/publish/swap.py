"""A folder that is written beside another one and takes its place whole: what stands there stays when anything fails.

SITE                the site that is there, made by kg: its site.json says so, its site.files.gz what kg has put there
.SITE.kg-new        the one that is written; locked by the process that does, emptied by the next when it was killed
.SITE.kg-old        the one before, while two names change; if a process is killed just then, the next puts it back

Nothing is ever emptied, replaced or removed that kg has not written: each of the three is a folder of its own with kg's mark in it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kg.errors import OutputError, UsageError
from kg.publish.own import LIST, MARK, begin, foreign, is_marked
from kg.store import remedy

_SURE = "the site that was there is as it was"
_SHOWN = 3  # names of what kg did not make that are told


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give a folder with nothing but a mark in it, and put it in the place of `folder` when the block ends without an error.

    Raise UsageError for a folder that kg did not make and that is not empty, or that has something in it that kg did not write;
    OutputError when nothing can be written, another process is writing, or the disk is full.
    """
    with written(folder):
        place = Path(os.path.realpath(folder))
        _refuse_place(folder, place)
        new, old = (place.with_name(f".{place.name}.kg-{name}") for name in ("new", "old"))
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = _locked(new, folder)
    try:
        try:
            with written(folder):
                _refuse_busy(place, folder)
                _put_back(old, place)
                _refuse_foreign(place, folder)
                _clear(new)
                begin(new)
            yield new
            with written(folder):
                _refuse_foreign(place, folder)  # it has been there all the time that this one was written
                _exchange(new, old, place)
        except BaseException:
            with suppress(OSError):  # the next process sweeps it
                _remove(new)
            raise
        _discard(old, folder)
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


def _refuse_place(folder: Path, place: Path) -> None:
    """Raise UsageError for what no site can take the place of."""
    where = str(folder)
    if not place.name or Path.cwd().is_relative_to(place):
        raise UsageError("this folder cannot be replaced while you stand in it", where=where, hint="name a folder in it")
    if place.exists() and not place.is_dir():
        raise UsageError("this is a file, not a folder", where=where, hint="choose another name for the folder of the site")


def _refuse_foreign(place: Path, shown: Path) -> None:
    """Raise UsageError for what holds anything that kg did not write, or is no folder; what is not there is nobody's."""
    if not os.path.lexists(place):
        return
    if _is_other(place):
        raise _not_ours(place)
    if others := foreign(place):
        listed = ", ".join(others[:_SHOWN]) + (f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else "")
        hint = f"what stands there would be lost ({listed}): move it away, or publish to a folder of its own"
        raise UsageError("this folder holds what kg did not make", where=str(shown), hint=hint)


def _is_other(path: Path) -> bool:
    """Return whether something is no folder: a link to one is none."""
    return path.is_symlink() or not path.is_dir()


def _not_ours(path: Path) -> UsageError:
    hint = "kg needs this name while it writes: move what stands there away, or publish to another folder"
    return UsageError("this is no folder that kg made", where=str(path), hint=hint)


def _locked(new: Path, folder: Path) -> int:
    """Return the open folder that a site is written to, made and locked; another process gets none while it is open.

    Raise UsageError for what stands there and is not empty and not marked.
    """
    while True:
        with suppress(FileExistsError):
            new.mkdir()
        try:
            descriptor = os.open(new, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue  # who had the lock has ended
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.ENOTDIR}:
                raise _not_ours(new) from error
            raise
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _stands_at(new, descriptor):
                if os.listdir(descriptor) and not is_marked(new):
                    raise _not_ours(new)
                return descriptor
        except BlockingIOError as error:
            os.close(descriptor)
            raise _busy(folder) from error
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was renamed or removed by who had the lock


def _refuse_busy(place: Path, folder: Path) -> None:
    """Raise OutputError while another process, whose site has its place already, removes the one before."""
    if place.exists():
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _busy(folder) from error
        finally:
            os.close(descriptor)


def _busy(folder: Path) -> OutputError:
    hint = "wait until it ends, or choose another folder"
    return OutputError("another process is writing a site here", where=str(folder), hint=hint)


def _stands_at(path: Path, descriptor: int) -> bool:
    """Return whether an open folder is the one at a path."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _put_back(old: Path, place: Path) -> None:
    """Put the site before back that a killed process has moved away, or remove it where another one stands; raise UsageError
    for one that is not kg's.
    """
    _refuse_foreign(old, old)
    if os.path.lexists(old):
        if place.exists():
            _remove(old)
        else:
            old.rename(place)


def _exchange(new: Path, old: Path, place: Path) -> None:
    there = place.exists()
    if there:
        shutil.copymode(place, new)
        place.rename(old)
    try:
        new.rename(place)
    except BaseException:
        if there:
            old.rename(place)
        raise


def _discard(old: Path, folder: Path) -> None:
    """Remove the site before; raise OutputError when it cannot be: the new one stands in its place already."""
    try:
        _remove(old)
    except OSError as error:
        what, _ = remedy(error)
        hint = f"the new site is there, whole; what is left of the one before stands at {old}: remove it"
        raise OutputError(f"the site before cannot be removed: {what}", where=str(folder), hint=hint) from error


def _clear(folder: Path) -> None:
    """Remove what is in a folder, the marks last: what is left when a process is killed meanwhile is still known as kg's."""
    for entry in sorted(os.scandir(folder), key=lambda entry: (entry.name in {LIST, MARK}, entry.name)):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def _remove(folder: Path) -> None:
    if folder.exists():
        _clear(folder)
        folder.rmdir()
