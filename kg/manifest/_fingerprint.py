"""A build's manifest file -> by what the build is known outside of its folder."""

from __future__ import annotations

import hashlib
from pathlib import Path


def fingerprint(path: Path) -> str:
    """Return by what a build is known in replies and at stores elsewhere: the first 12 digits of its manifest file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
