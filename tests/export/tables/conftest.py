"""A small build with everything that tables have a column for, and its tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kg import pipeline
from kg.config import Config
from kg.export.tables import Built, write_tables
from kg.query import run
from kg.store import open_build
from tests.command import SEEDS

REPORTS = {
    "a": "We introduce Kestrel-7B, a language model with about 7 billion parameters. Kestrel-7B was pretrained for 10 to 12 days "
    "on 64 NVIDIA A100 80GB GPUs, on CC3M and 1.4 trillion tokens. The peak learning rate was 3e-4. The weights of Kestrel-7B are "
    "released under the MIT license. Kestrel-7B was evaluated on MMLU.",
    "b": "Kestrel-7B was pretrained on CC3M for 9 days with AdamW on 128 A100-80GB GPUs. It has 7.2 billion parameters. Kestrel-7B "
    "was developed by Mistral AI in France and released in 2023.",
    "c": "We present X-2B. X-2B has 2 billion parameters and extends Kestrel-7B. It was fine-tuned on MMLU for 2 epochs at a "
    "learning rate of 1e-5.",
    "d": "# Training\n\nOur model was developed in <country>Korea</country>.",
    "e": "Owl-1B was developed in <country>Korea</country>. Owl-1B has 1 billion parameters.",
    "f/pretraining": "The model was pretrained on <hardware>NVIDIA A100 80GB</hardware> for 36 hours.",
    "g": "# Half \ud83d of a pair\n\nWe introduce Half-1B. Half-1B was trained with <optimizer>Adam</optimizer>.",
}

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return a build of the seeds, of the reports above, and of one that cannot be read."""
    folder = tmp_path_factory.mktemp("tables")
    shutil.copytree(SEEDS, folder / "in")
    lines = (json.dumps({"id": id, "text": text}) + "\n" for id, text in REPORTS.items())
    (folder / "in/more.jsonl").write_text("".join(lines) + "{}\n", encoding="utf-8")
    pipeline.build([folder / "in"], folder / "out", config=Config(jobs=1), progress=lambda *_: None, say=lambda _: None)
    build = open_build(folder / "out")
    return Built(build.path, build.manifest, build.store())


@pytest.fixture(scope="session")
def parquet(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the build's tables."""
    folder = tmp_path_factory.mktemp("parquet") / "tables"
    write_tables(built, "parquet", folder)
    return folder


@pytest.fixture(scope="session")
def database(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the build's tables as a database."""
    path = tmp_path_factory.mktemp("duckdb") / "kg.duckdb"
    write_tables(built, "duckdb", path)
    return path


@pytest.fixture(scope="session")
def sql(database: Path) -> Ask:
    """Return what asks the database for rows."""
    connection = duckdb.connect(str(database), read_only=True)

    def ask(question: str) -> list[tuple[Any, ...]]:
        return connection.execute(question).fetchall()

    return ask


@pytest.fixture(scope="session")
def answer(built: Built) -> Ask:
    """Return what asks the store a shipped query or SPARQL for rows of texts, None for an unbound variable; every page of them."""

    def ask(question: str, **params: str) -> list[tuple[Any, ...]]:
        paged = {} if " " in question else {"page": "all"}
        found = json.loads(run(built.store, question, params={**paged, **params}, format="json"))
        names = found["head"]["vars"]
        return [tuple(row[name]["value"] if name in row else None for name in names) for row in found["results"]["bindings"]]

    return ask
