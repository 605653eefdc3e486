"""Which columns of a table say what (`epoch_csv.toml`): the names one has had, the relation it states, how its cells are read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

Kind = Literal["name", "names", "integer", "number", "compute", "hours", "year", "term"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column by its names, with the relation that its cells state and how they do; the file says what each field means."""

    names: tuple[str, ...]
    relation: str
    kind: Kind
    splits: str = ""
    stage: str | None = None
    estimate: bool = False
    terms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns that are known, and what makes a table one of models."""

    model: tuple[str, ...]
    enough: int
    catalogue: tuple[frozenset[str], ...]
    nothing: frozenset[str]
    confidence: tuple[str, ...]
    approximate: frozenset[str]
    columns: tuple[Column, ...]

    def is_catalogue(self, header: Sequence[str]) -> bool:
        """Say whether a table is one of things that kg's catalogue holds."""
        return any(names <= set(_folded(header)) for names in self.catalogue)

    def is_of_models(self, header: Sequence[str]) -> bool:
        """Say whether a table is one of models: it names them, and says enough about them."""
        chosen = self.chosen(header)
        return _at(header, self.model) in chosen and len(chosen) >= self.enough

    def is_estimate(self, confidence: str) -> bool:
        """Say whether a row of this confidence states estimates."""
        return folded(confidence) in self.approximate

    def chosen(self, header: Sequence[str]) -> dict[int, Column]:
        """Return the columns of a table by their number; of several that are one, that whose name comes first in the list."""
        found = ((_at(header, column.names), column) for column in self.columns)
        return {at: column for at, column in found if at is not None}

    def confidence_in(self, header: Sequence[str]) -> int | None:
        """Return the number of the column that says how sure a row's values are."""
        return _at(header, self.confidence)


def folded(name: str) -> str:
    """Return what two spellings of a column's name have in common.

    >>> folded('\\ufeff"Training  compute (FLOP)" ')
    'training compute (flop)'
    """
    return " ".join(name.replace("\ufeff", "").strip().strip('"').split()).casefold()


@lru_cache(maxsize=1)
def epoch() -> Columns:
    """Return the columns of Epoch AI's tables."""
    data = tomllib.loads(Path(__file__).with_name("epoch_csv.toml").read_text(encoding="utf-8"))
    table = data["table"]
    return Columns(
        _folded(table["model"]),
        table["enough"],
        tuple(frozenset(_folded(names)) for names in table["catalogue"]),
        frozenset(_folded(table["nothing"])),
        _folded(table["confidence"]),
        frozenset(_folded(table["approximate"])),
        tuple(_column(entry) for entry in data["column"]),
    )


def _column(entry: Mapping[str, object]) -> Column:
    terms = {folded(term): str(value) for term, value in cast(Mapping[str, str], entry.get("terms", {})).items()}
    return Column(
        _folded(cast(list[str], entry["names"])),
        str(entry["relation"]),
        cast(Kind, entry["kind"]),
        str(entry.get("splits", "")),
        cast(str | None, entry.get("stage")),
        bool(entry.get("estimate", False)),
        MappingProxyType(terms),
    )


def _folded(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(folded, names))


def _at(header: Sequence[str], names: Sequence[str]) -> int | None:
    known = _folded(header)
    return next((known.index(name) for name in names if name in known), None)
