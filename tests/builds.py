"""Small reports and their builds, for tests of what a build does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg import pipeline
from kg.config import Config
from kg.outcome import BuildResult
from kg.store import FILES

SMALL = {
    "a.txt": "We introduce Kestrel-7B, a language model with 7 billion parameters. It was pretrained on The Pile.\n",
    "deep/b.txt": "Our model, Merlin-3B, was trained on 64 NVIDIA A100 80GB GPUs for 5 days with AdamW.\n",
    "c.md": "# Osprey-1B\n\nOsprey-1B extends Kestrel-7B. It was developed in France.\n",
}

IMPOSSIBLE = {"z.txt": "We introduce Owl-2B. It was trained with AdamW on <gpu_count>0</gpu_count> GPUs.\n"}


def write(folder: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def build(folder: Path, out: Path, *, accept_shrink: bool = False, **settings: Any) -> BuildResult:
    talk: dict[str, Any] = {"progress": lambda what, done, total: None, "say": lambda text: None}
    return pipeline.build([folder], out, config=Config(**settings), accept_shrink=accept_shrink, **talk)


def content(out: Path) -> dict[str, bytes]:
    """Return the files of a build that must not change from run to run."""
    return {name: (out / name).read_bytes() for name in FILES if name != "run.json"}
