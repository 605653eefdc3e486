"""Where the evaluation data stand: beside the repository, or where KG_SHARED says. None of it is part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared(*parts: str) -> Path:
    """Return a path of the evaluation data; without the data, skip the test, or fail it under CI."""
    folder = Path(os.environ.get("KG_SHARED") or ROOT.parent / "shared").resolve()
    path = folder.joinpath(*parts)
    if path.exists():
        return path
    reason = f"no {'/'.join(parts)} in {folder}: put the evaluation data beside the repository, or set KG_SHARED"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
