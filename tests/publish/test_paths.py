"""The lists of a site's pages: all of them, in files that are small."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest

from kg.publish.paths import LARGEST, listed_paths

KINDS = ("model", "dataset", "organization", "country", "accelerator", "software", "run", "hardware", "claim", "derived", "report")


def test_the_pages_of_a_site_are_listed(site: Path) -> None:
    folder = site / "data" / "pages"
    firsts = json.loads((folder / "index.json").read_bytes())
    parts = [json.loads((folder / f"{number}.json").read_bytes()) for number in range(len(firsts))]
    assert [next(iter(part)) for part in parts] == firsts and len(list(folder.iterdir())) == len(firsts) + 1
    places = {unquote(place or path) for part in parts for path, place in part.items()}
    assert places == {
        path.parent.relative_to(site).as_posix()
        for path in site.rglob("index.html")
        if path.relative_to(site).parts[0] in KINDS and path.parent.parent != site
    }


def test_many_pages_are_listed_in_small_files() -> None:
    paths = [f"claim/{number:x}" for number in range(10_000)]
    files = dict(listed_paths(reversed(paths)))
    assert files == dict(listed_paths(paths)) and 1 < len(files) < 20
    assert max(map(len, files.values())) < LARGEST + 10
    found = [path for link, content in files.items() if not link.endswith("index.json") for path in json.loads(content)]
    assert found == sorted(paths)


@pytest.mark.parametrize("path", ["", "models", "models/2", "findings/KG302", "ontology", "model"])
def test_what_is_no_thing_is_not_listed(path: str) -> None:
    assert list(listed_paths([path])) == [("data/pages/index.json", b"[]\n")]
