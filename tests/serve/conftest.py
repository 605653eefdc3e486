"""An endpoint about the sample graph, one for each module that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pyoxigraph as ox
import pytest

from tests.sample_graph import sample_store
from tests.serve.server import running


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("serve"))


@pytest.fixture(scope="module")
def client(store: ox.Store) -> Iterator[httpx.Client]:
    with running(store) as client:
        yield client
