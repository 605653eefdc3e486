"""What a test needs and does not find: elsewhere it is skipped, in CI it fails, so that nothing is left out there unseen."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(reason: str) -> NoReturn:
    """End the test, saying what it lacks."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
