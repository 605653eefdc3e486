"""What a folder of kg's is known by: a mark, and the list of the files that kg has put there."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from kg import __version__

MARK = "site.json"
"""The file by which kg knows a site of its own; `generator` in it is kg."""

LIST = "site.files.gz"
"""The paths of all files of a site, sorted, each with a NUL behind it."""

_END = b"\0"  # no name of a file has it


def begin(folder: Path) -> None:
    """Mark an empty folder as one that a site is being written to."""
    (folder / MARK).write_text(json.dumps({"generator": f"kg {__version__}", "unfinished": True}), encoding="utf-8")


def is_marked(folder: Path) -> bool:
    """Return whether a folder has kg's mark in it."""
    try:
        return bool(json.loads((folder / MARK).read_bytes())["generator"].startswith("kg "))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def listed(folder: Path) -> bytes:
    """Return the list of the files of a folder; equal folders give equal bytes."""
    paths = sorted({*_files(folder), os.fsencode(MARK), os.fsencode(LIST)})
    return gzip.compress(b"".join(path + _END for path in paths), 6, mtime=0)


def foreign(folder: Path) -> list[str]:
    """Return what is in a folder and kg did not put there, by path: files, and folders whole that it did not make."""
    own = _own(folder)
    folders = {path[:end] for path in own for end in _ends(path)}
    return [os.fsdecode(path) for path in sorted(_files(folder, folders)) if path not in own]


def _own(folder: Path) -> Collection[bytes]:
    if not is_marked(folder):
        return ()
    marks = {os.fsencode(MARK), os.fsencode(LIST)}
    try:
        return marks | set(gzip.decompress((folder / LIST).read_bytes()).split(_END))
    except (OSError, EOFError, zlib.error):
        return marks


def _ends(path: bytes) -> Iterator[int]:
    """Yield where the names of folders end in the path of a file."""
    end = path.find(b"/")
    while end >= 0:
        yield end
        end = path.find(b"/", end + 1)


def _files(folder: Path, within: Collection[bytes] | None = None) -> Iterator[bytes]:
    """Yield the paths of what is below a folder and no folder itself, and of folders that are not among those to look into."""
    waiting = [b""]
    while waiting:
        above = waiting.pop()
        with os.scandir(os.path.join(os.fsencode(folder), above)) as entries:
            for entry in entries:
                path = above + entry.name
                if entry.is_dir(follow_symlinks=False) and (within is None or path in within):
                    waiting.append(path + b"/")
                else:
                    yield path
