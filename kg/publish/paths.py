"""The paths of a site's pages of things -> small files by which scripts know what a page is there of: graph view and answers.

A file holds neighbours in the order of paths; `index.json` tells the first path of each, so that a browser reads only those files
that a path could be in. `kg/pages/web/src/there.js` reads them.

    data/pages/index.json   ["claim/1f", "model/kestrel-7b", …]       the first path of 0.json, of 1.json ...
    data/pages/0.json       {"claim/1f": "", "report/.a": "report/_.a"}   where a page stands, when not at its path
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from kg.pages.folders import folder_of

FOLDER = "data/pages"
LARGEST = 32_000
"""Characters of a file, at most, when no path is longer than that."""

_KINDS = ("model", "dataset", "organization", "country", "accelerator", "software", "run", "hardware", "claim", "derived", "report")


def listed_paths(paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield links below the root and contents: the pages of things among some, in the order in which scripts compare texts."""
    things = (path for path in paths if path.partition("/")[0] in _KINDS and "/" in path)
    firsts: list[str] = []
    part: list[str] = []
    size = 0
    for path in sorted(things, key=lambda path: path.encode("utf-16-be", "surrogatepass")):
        folder = folder_of(path)
        entry = f"{_json(path)}:{_json(folder if folder != path else '')}"
        if part and size + len(entry) > LARGEST:
            yield f"{FOLDER}/{len(firsts) - 1}.json", _object(part)
            part, size = [], 0
        if not part:
            firsts.append(path)
        part.append(entry)
        size += len(entry) + 1
    if part:
        yield f"{FOLDER}/{len(firsts) - 1}.json", _object(part)
    yield f"{FOLDER}/index.json", f"{_json(firsts)}\n".encode()


def _object(entries: Iterable[str]) -> bytes:
    return f"{{{','.join(entries)}}}\n".encode()


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
