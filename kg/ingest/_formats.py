"""The formats kg reads: every public module of this package, so that a new format is one new file.

A format declares `SUFFIXES`, `recognises(source) -> bool` (by content, asked before the suffix) and `parse(source) -> Parsed`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePath
from types import MappingProxyType
from typing import Protocol, cast

from kg.errors import UnknownName
from kg.ingest._parsed import Parsed


class Format(Protocol):
    """What a module of a format holds."""

    SUFFIXES: tuple[str, ...]

    def recognises(self, source: str) -> bool:
        """Say whether the content alone shows that the source is of this format."""

    def parse(self, source: str) -> Parsed:
        """Read a source of this format."""


@lru_cache(maxsize=1)
def formats() -> Mapping[str, Format]:
    """Return the formats by name, in order of name."""
    package = __name__.rpartition(".")[0]
    path = importlib.import_module(package).__path__
    names = sorted(module.name for module in pkgutil.iter_modules(path) if not module.name.startswith("_"))
    return MappingProxyType({name: cast(Format, importlib.import_module(f"{package}.{name}")) for name in names})


@lru_cache(maxsize=1)
def suffixes() -> Mapping[str, str]:
    """Return the name of the format by suffix, in lower case with the dot."""
    return MappingProxyType({suffix: name for name, module in formats().items() for suffix in module.SUFFIXES})


def choose(source: str, id: str, format: str | None) -> tuple[str, Format]:
    """Return name and module of the format: the one named, else by content, else by suffix, else plain text."""
    known = formats()
    if format is not None:
        if format not in known:
            raise UnknownName("format", format, known)
        return format, known[format]
    for name, module in known.items():
        if module.recognises(source):
            return name, module
    name = suffixes().get(PurePath(id).suffix.lower(), "text")
    return name, known[name]
