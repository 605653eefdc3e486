"""An export -> the place that the user named: a file, or whatever else can be written to."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from kg.errors import OutputError, UsageError


def write_file(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file whole or not at all; a link is followed, and a pipe or a device is written to as it stands.

    The content may come in pieces. Raise UsageError for a folder and for a file in a folder that is missing, OutputError when it
    cannot be written.
    """
    where = str(path)
    try:
        if path.is_dir():
            raise UsageError("this is a folder", where=where, hint="name a file in it")
        if not path.parent.is_dir():
            raise UsageError(
                f"there is no folder '{path.parent}'", where=where, hint="make it first, or choose another file with -o"
            )
        if path.exists() and not path.is_file():
            _write(path, content)
        else:
            _replace(Path(os.path.realpath(path)), content)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise OutputError(what, where=where, hint="choose another file with -o") from error


def _write(path: Path, content: bytes | Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)


def _replace(path: Path, content: bytes | Iterable[bytes]) -> None:
    if path.is_symlink():  # what is left of a circle of links
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    new = path.with_name(f".new-{path.name}")
    try:
        _write(new, content)
        if path.exists():
            new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
