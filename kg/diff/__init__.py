"""Two builds side by side: what came, what went, what changed. One file per format; one that begins with `_` is shared.

Each format has `write(difference, *, color, width) -> Iterator[bytes]`, which yields nothing for two equal builds (JSON: a document
with empty lists).
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from kg.diff._compare import compare
from kg.diff._difference import Difference, Side
from kg.diff._revision import is_revision, unpack
from kg.diff._shrink import refuse_shrink
from kg.errors import UnknownName

__all__ = ["Difference", "Side", "check_format", "compare", "formats", "is_revision", "refuse_shrink", "unpack", "write"]


def formats() -> tuple[str, ...]:
    """Return the names of the formats, sorted."""
    names = (module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(sorted(name.replace("_", "-") for name in names))


def check_format(name: str) -> None:
    """Raise UnknownName for what is no format of differences."""
    if name not in formats():
        raise UnknownName("format of differences", name, formats())


def write(difference: Difference, format: str = "text", *, color: bool = False, width: int = 120) -> Iterator[bytes]:
    """Yield a difference in a format; raise UnknownName."""
    check_format(format)
    module = import_module(f"{__name__}.{format.replace('-', '_')}")
    chunks: Iterator[bytes] = module.write(difference, color=color, width=width)
    return chunks
