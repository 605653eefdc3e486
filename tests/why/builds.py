"""Builds of a few reports, for the tests of why a fact is in the graph."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from kg import outcome, pipeline
from kg.config import Config
from kg.store import Build
from kg.why import Graph
from tests.ingest.printed import lines, printed

SAME = {
    "one.txt": "We introduce <model>Kestrel-7B</model>, pretrained on 64 NVIDIA A100 80GB GPUs.\n"
    "It has <params>7 billion parameters</params>.\n",
    "two.md": "# Kestrel-7B\n\n<model>Kestrel-7B</model> has <params>7B parameters</params>. "
    "Pretraining took <training>4 days</training>.\n",
    "sub/three.txt": "Our model <model>Kestrel-7B</model>, of <params>7,000,000,000 parameters</params>, was pretrained for\n"
    "<training>about 5 days</training> with AdamW.\n",
}
HOSTILE = (
    "We introduce <model>Owl\x1b[31m-3B</model>, "
    "trained on <gpu_count>128\x1b[2J</gpu_count> <hardware>A100\u202e GPUs</hardware>.\n"
)
CONTAINER = [
    {"id": "ibis", "text": "We introduce <model>Ibis-2B</model>.\n\nIt was trained for <training>3 weeks</training> with AdamW."},
    {"id": "crane", "text": "<model>Crane-1.5</model> is a model of <params>1.5 billion parameters</params>."},
]
PAGES = (
    ["We introduce Stork-9B, a language model.", "Stork-9B has 9 billion parameters."],
    ["Stork-9B was trained for 21 days on", "512 NVIDIA A100 80GB GPUs with AdamW."],
)


def write_reports(folder: Path) -> Path:
    """Write reports that say the same, a file of several, one of pages, one that would harm a terminal."""
    for name, text in {**SAME, "hostile.txt": HOSTILE}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "birds.jsonl").write_text("".join(json.dumps(record) + "\n" for record in CONTAINER), encoding="utf-8")
    (folder / "stork.pdf").write_bytes(printed(*(lines(page) for page in PAGES)))
    return folder


def build(reports: Path, out: Path) -> Build:
    """Return a build of the reports in a folder."""
    return pipeline.build(
        [reports], out, config=Config(jobs=1), progress=lambda what, done, total: None, say=lambda text: None
    ).build


def graph(built: Build) -> Graph:
    """Return what facts are asked of."""
    return Graph(built.path, built.store(), built.manifest["versions"]["base"], partial(outcome.sources, built))
