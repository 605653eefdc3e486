"""Builds that the tests of differences share."""

from __future__ import annotations

import pytest

from tests.diff.small import Builds


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """Return what makes small builds, each once."""
    return Builds(tmp_path_factory.mktemp("builds"))
