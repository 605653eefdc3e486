"""An export as one text, for the tests of formats."""

from __future__ import annotations

import pyoxigraph as ox

from kg.export import export
from kg.schema import DEFAULT_BASE


def exported(store: ox.Store, format: str, model: str | None = None, base: str = DEFAULT_BASE) -> bytes:
    """Return the whole of an export."""
    return b"".join(export(store, format, model, base))
