"""The graph.nq that a store was given last, kept for the next push under a second name (a hard link) below .pushed/."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from kg.push._target import Target


def kept_for(build: Path, target: Target) -> Path | None:
    """Return where what was pushed last stands for the next time, None for a build that is in no output folder."""
    if build.parent.name != ".builds":
        return None
    key = f"{target.addresses.update}\n{target.default or ''}"
    return build.parent.parent / ".pushed" / f"{sha256(key.encode()).hexdigest()[:12]}.nq"


@contextmanager
def former(kept: Path | None) -> Iterator[BinaryIO | None]:
    """Open what was pushed last, None where it is not there."""
    try:
        file = kept.open("rb") if kept else None
    except OSError:
        file = None
    try:
        yield file
    finally:
        if file:
            file.close()


@contextmanager
def keeping(graph: Path, kept: Path | None) -> Iterator[None]:
    """Keep a graph.nq while it is pushed, and as `kept` when that ends well; where that cannot be, the next push sends more.

    It is done at the beginning, because a push may last longer than its build.
    """
    if kept is None:
        yield
        return
    new = kept.with_suffix(".new")
    with suppress(OSError):
        kept.parent.mkdir(exist_ok=True)
        new.unlink(missing_ok=True)
        new.hardlink_to(graph.resolve())
    try:
        yield
        with suppress(OSError):
            new.replace(kept)
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)  # also where both were the same file: rename does nothing then
