"""Fixtures of the attacks: one build for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serve.attack.builds import write_models


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a build with some thousand models, made once."""
    folder = tmp_path_factory.mktemp("ring")
    write_models(folder)
    return folder
