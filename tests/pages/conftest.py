"""A build of the planted reports, for the tests of pages that read reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import pipeline
from kg.config import Config
from kg.lookups import graph_of
from kg.schema import DEFAULT_BASE
from kg.store import open_build
from kg.why import Graph
from tests.pages.planted import plant


@pytest.fixture(scope="session")
def planted_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a build of the planted reports."""
    folder = tmp_path_factory.mktemp("planted")
    pipeline.build([plant(folder / "in")], folder / "out", config=Config(), progress=lambda *_: None, say=lambda _: None)
    return folder / "out"


@pytest.fixture
def planted(planted_build: Path) -> Iterator[Graph]:
    """Return a build of the planted reports as pages read it."""
    build = open_build(planted_build)
    yield graph_of(build.path, build.store(), DEFAULT_BASE)
