"""A person's word -> the IRI of a thing at an endpoint, as `kg.sparql.things` finds it in a store, by small queries.

The endpoint folds names to their letters and digits alone, which lets too much pass; what is left is compared here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyoxigraph as ox

from kg.remote._http import Endpoint
from kg.remote._reply import rows
from kg.remote._text import bound
from kg.sparql.things import NAMES, chosen, iri_of
from kg.terms import KG
from kg.values import name_key

MOST = 10_000
"""Names that are looked through when none is found by its letters and digits."""

_FOLDED = 'REPLACE(REPLACE(LCASE(STR(?name)), "^[a-z][a-z0-9_.-]*/([a-z])", "$1"), "[^a-z0-9]", "")'
_NOT_PLAIN = re.compile("[^a-z0-9]")


def find_thing(endpoint: Endpoint, kind: str, text: str, base: str) -> str:
    """Return the IRI of the thing of a class (`Model`) that an IRI, a path below the base, a slug or a name means.

    Raise UnknownName with the near names when there is none, UsageError with the IRIs when a name has several.
    """
    folder = f"{base}{kind.lower()}/"
    candidates = [iri for iri in (iri_of(text, base), base + text, folder + text) if iri and _is_iri(iri)]
    if candidates:
        values = " ".join(f"<{iri}>" for iri in candidates)
        there = {iri for iri, _ in _asked(endpoint, f"VALUES ?thing {{ {values} }} ?thing a <{KG}{kind}> BIND (1 AS ?name)")}
        for iri in candidates:
            if iri in there:
                return iri
    names = " ".join(f"<{iri}>" for iri in NAMES)
    named = f"?thing a <{KG}{kind}> ; ?by ?name . VALUES ?by {{ {names} }}"
    key = name_key(text)
    listed = ", ".join(f'"{word}"' for word in _spellings(key))
    found = _asked(endpoint, f"{named} FILTER ({_FOLDED} IN ({listed}))") if listed else []
    things = sorted({iri for iri, name in found if name_key(name) == key})
    if not things:
        found = _asked(endpoint, named, f"LIMIT {MOST}")
        things = sorted({iri for iri, name in found if name_key(name) == key})
    return chosen(kind, text, things, _first(found))


def _asked(endpoint: Endpoint, pattern: str, end: str = "") -> list[tuple[str, str]]:
    """Return things and names, the names in the order of the properties that say them."""
    text = f"SELECT DISTINCT ?thing ?name ?by WHERE {{ {pattern} }} {end}"
    order = {iri: number for number, iri in enumerate(NAMES)}
    found = [
        (order.get(getattr(by, "value", ""), 0), thing.value, name.value)
        for thing, name, by in rows(endpoint, bound(text, "the query for a name", base="", known={}, bindings={}))
        if isinstance(thing, ox.NamedNode) and isinstance(name, ox.Literal)
    ]
    return [(thing, name) for _, thing, name in sorted(found)]


def _first(found: Iterable[tuple[str, str]]) -> set[str]:
    """Return one name of each thing."""
    names: dict[str, str] = {}
    for thing, name in found:
        names.setdefault(thing, name)
    return set(names.values())


def _spellings(key: str) -> list[str]:
    """Return the letters and digits of all names that may have a key, for those of its rules that change letters."""
    plain = _NOT_PLAIN.sub("", key)
    return sorted({word for word in (plain, plain.replace("bigg", "g"), plain.replace("plus", "")) if word})


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True
