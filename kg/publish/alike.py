"""Pages whose files are called alike: one of them would be lost where a file system ignores case or forms of letters."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from kg.errors import OutputError
from kg.pages.folders import file_of, folder_of

_SHOWN = 3  # pairs that are told


def refuse_alike(target: Path, shown: Path, pages: Iterable[str], say: Callable[[str], None]) -> None:
    """Raise OutputError when two pages that were written have become one file, and say when they would elsewhere."""
    alike: dict[str, list[str]] = defaultdict(list)
    for path in pages:
        alike[unicodedata.normalize("NFC", file_of(folder_of(path)).casefold())].append(path)
    same = sorted(sorted(paths) for paths in alike.values() if len(paths) > 1)
    for paths in same:
        places = {os.stat(target / file_of(folder_of(path))).st_ino for path in paths}
        if len(places) < len(paths):
            hint = "give one of them another name, or publish to a file system that keeps such names apart"
            raise OutputError(f"the pages {' and '.join(paths)} would be one file", where=str(shown), hint=hint)
    if same:
        listed = "; ".join(" and ".join(paths) for paths in same[:_SHOWN]) + ("; ..." if len(same) > _SHOWN else "")
        say(f"pages whose names differ in case alone: {listed}; where file systems ignore case only one of them is kept")
