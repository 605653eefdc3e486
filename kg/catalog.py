"""The catalogue for people: which kinds there are, which things a word finds, as text or JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from kg.errors import UnknownName
from kg.model import Thing
from kg.values import name_key

if TYPE_CHECKING:
    from kg.schema import Schema


def find(schema: Schema, word: str | None, kind: str | None) -> list[Thing]:
    """Return the things of a kind (None: all) whose names hold a word, equal names first; raise UnknownName for the kind."""
    if kind is not None and kind not in schema.kinds():
        raise UnknownName("kind of thing", kind, schema.kinds())
    key = name_key(word or "")
    found = [
        thing for thing in schema.things if kind in {None, thing.kind} and any(key in name_key(name) for name in _names(thing))
    ]
    return sorted(found, key=lambda thing: (key not in map(name_key, _names(thing)), thing.kind, thing.name))


def kinds(schema: Schema) -> dict[str, int]:
    """Return how many things of each kind there are."""
    return dict(sorted(Counter(thing.kind for thing in schema.things).items()))


def things_text(things: Iterable[Thing]) -> str:
    """Return a line for each thing: kind, name, other names."""
    lines = (f"{thing.kind:<12} {thing.name}" + (f"  ({', '.join(thing.aliases)})" if thing.aliases else "") for thing in things)
    return "".join(f"{line}\n" for line in lines)


def things_json(things: Iterable[Thing]) -> str:
    """Return things as a JSON array."""
    rows = [
        {"iri": thing.iri, "kind": thing.kind, "name": thing.name, "aliases": list(thing.aliases), "facts": dict(thing.facts)}
        for thing in things
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def kinds_text(numbers: Mapping[str, int]) -> str:
    """Return a line for each kind with the number of its things."""
    return "".join(f"{kind:<14}{number:>6,}\n" for kind, number in numbers.items())


def _names(thing: Thing) -> tuple[str, ...]:
    return (thing.name, *thing.aliases)
