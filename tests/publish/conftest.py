"""Sites that several tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.publish import publish
from kg.store import open_build
from tests.ingest.conftest import forbidden
from tests.served import Served

__all__ = ["forbidden"]

ADDRESS = "https://example.github.io/graph/"


@pytest.fixture(scope="session")
def site(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of the repository's seeds, written by one process, which knows its address."""
    folder = tmp_path_factory.mktemp("site") / "graph"
    found = publish(open_build(served.folder), folder, ADDRESS, jobs=1, progress=lambda *_: None, say=lambda _: None)
    assert found.missing == ()
    return folder
