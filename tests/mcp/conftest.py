"""The build of the repository's seeds that the tests of `kg mcp` ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.lookups import graph_of
from kg.store import open_build
from kg.why import Graph
from tests.command import SEEDS
from tests.why.builds import build


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a build."""
    out = tmp_path_factory.mktemp("seeds")
    build(SEEDS, out)
    return out


@pytest.fixture(scope="session")
def graph(seeds: Path) -> Graph:
    """Return what a worker opens of it."""
    built = open_build(seeds)
    return graph_of(built.path, built.store(), built.manifest["versions"]["base"])
