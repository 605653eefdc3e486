"""Fixtures that several tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from kg.schema import Schema, load_schema
from tests.lacking import lacking

if TYPE_CHECKING:
    from tests.served import Served

# a test is right or wrong, however busy the machine is
settings.register_profile("kg", deadline=None, derandomize=os.environ.get("CI") == "true")  # and in CI the same on every run
settings.load_profile("kg")

# started in the background, a shell has its programs ignore the signal of Ctrl-C, and theirs inherit that
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def schema() -> Schema:
    """Return the ontology and the catalogue of the repository."""
    return load_schema()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of the evaluation material, which is not part of the repository."""
    folder = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[2] / "shared")
    if (folder / "eval").is_dir():
        return folder
    lacking(f"the evaluation material is not at {folder}: set KG_SHARED to its folder")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return an endpoint of the repository's seeds: `kg serve` as a process."""
    from tests.served import serving

    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found
