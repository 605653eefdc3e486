"""Small builds by the real pipeline, each made once, and their differences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from typing import Any

from kg import outcome, pipeline
from kg.config import Config
from kg.diff import Difference, Side, compare, write
from kg.schema import load_schema
from kg.store import Build, open_build

KESTREL = "We introduce Kestrel-7B, a language model with 7 billion parameters.\n\nIt was pretrained on The Pile with AdamW.\n"
MERLIN = "Our model, Merlin-3B, was trained on 64 NVIDIA A100 80GB GPUs for 5 days with AdamW.\n"
OSPREY = "# Osprey-1B\n\nOsprey-1B extends Kestrel-7B. It was developed in France. It was trained for 3 epochs on CC3M.\n"


def quiet(*_: object) -> None:
    """Say nothing."""


def write_reports(folder: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def build(reports: Path, out: Path, *, accept_shrink: bool = False, **settings: Any) -> outcome.BuildResult:
    config = Config(**{"jobs": 1, **settings})
    return pipeline.build([reports], out, config=config, progress=quiet, say=quiet, accept_shrink=accept_shrink)


class Builds:
    """Builds of reports, kept by their texts and settings in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Build] = {}

    def build(self, texts: Mapping[str, str], **settings: Any) -> Build:
        key = repr((sorted(texts.items()), sorted(settings.items())))
        if key not in self._made:
            place = self._folder / str(len(self._made))
            build(write_reports(place / "reports", texts), place / "out", **settings)
            self._made[key] = open_build(place / "out")
        return self._made[key]

    def copy(self, texts: Mapping[str, str], folder: Path) -> Path:
        """Put the reports, and their build, into a folder as `reports` and `out`; return the build's."""
        made = self.build(texts).path.parents[2]
        for name in ("reports", "out"):
            copytree(made / name, folder / name, symlinks=True)
        return folder / "out"

    def side(self, name: str, texts: Mapping[str, str], **settings: Any) -> Side:
        return Side(name, self.build(texts, **settings))

    def difference(self, before: Mapping[str, str], after: Mapping[str, str]) -> Difference:
        return compare(self.side("old", before), self.side("new", after), load_schema())


def written(difference: Difference, format: str = "text") -> str:
    return b"".join(write(difference, format)).decode()
