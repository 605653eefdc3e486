"""Which relations a mention may state by its form or kind, whatever the words around it say: relations.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.extract.rules.numbers import Number

SURE_KINDS = frozenset({"country", "license", "optimizer", "accelerator"})
OPEN = ("trainingDataset", "evaluationDataset", "extends", "imageEncoder", "languageModel", "component", "organization", "software")


@lru_cache(maxsize=1)
def _conditions() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "relations.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _of_form() -> Mapping[str, tuple[tuple[str, float, float], ...]]:
    """Return (relation, lower bound, upper bound) by the form of a number."""
    found: dict[str, list[tuple[str, float, float]]] = {}
    for relation, needs in _conditions().items():
        for form in needs.get("forms", ()):
            found.setdefault(form, []).append((relation, needs["low"], needs["high"]))
    return {form: tuple(relations) for form, relations in found.items()}


def of_number(number: Number, *, year: bool) -> tuple[str, ...]:
    """Return the relations a number may state; it may be a `year` too."""
    size = number.size
    found = tuple(relation for relation, low, high in _of_form().get(number.form, ()) if not (size < low or size > high))
    return (*found, "releaseYear") if year else found


@lru_cache(maxsize=256)
def of_kinds(kinds: frozenset[str]) -> tuple[str, ...]:
    """Return the relations a name of these kinds may state; the catalogue may know a name for something else than it is here."""
    known = tuple(relation for relation, needs in _conditions().items() if not kinds.isdisjoint(needs.get("kinds", ())))
    return known if kinds <= SURE_KINDS else tuple(dict.fromkeys((*known, *OPEN)))
