"""A person's word -> the IRI of a thing at an endpoint, as `kg.sparql.things` finds it in a store, by small queries.

An endpoint of kg has an index of names. Where it does not tell, the endpoint folds names to their letters and digits alone, which
lets too much pass, and what is left is compared here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyoxigraph as ox

from kg.remote._http import Endpoint
from kg.remote._reply import rows
from kg.remote._text import bound
from kg.sparql.things import NAMES, chosen, iri_of
from kg.sparql.words import word_iri
from kg.terms import KG, SH
from kg.values import name_key

MOST = 10_000
"""Names among which near ones are looked for; where there are more, among those that begin alike."""

_ITSELF, _CALLED = "itself", "called"
_ALIKE = 3  # letters and digits
_FOLDED = 'REPLACE(REPLACE(LCASE(STR(?name)), "^[a-z][a-z0-9_.-]*/([a-z])", "$1"), "[^a-z0-9]", "")'
_NOT_PLAIN = re.compile("[^a-z0-9]")


def base_of(endpoint: Endpoint) -> str | None:
    """Return what the IRIs of things begin with at an endpoint of kg, as it declares the prefix `data:`; None at any other."""
    pattern = f'GRAPH ?graph {{ ?thing <{SH}prefix> "data" ; <{SH}namespace> ?name }}'
    found = {name for _, name in _asked(endpoint, pattern) if _is_iri(name)}
    return found.pop() if len(found) == 1 else None


def find_thing(endpoint: Endpoint, kind: str, text: str, base: str) -> str:
    """Return the IRI of the thing of a class (`Model`) that an IRI, a path below the base, a slug or a name means.

    Raise UnknownName with the near names when there is none, UsageError with the IRIs when a name has several.
    """
    folder, key = f"{base}{kind.lower()}/", name_key(text)
    candidates = [iri for iri in (iri_of(text, base), base + text, folder + text) if iri and _is_iri(iri)]
    there = _asked(endpoint, _known(kind, candidates, base, key))
    for iri in candidates:
        if (iri, _ITSELF) in there:
            return iri
    called = [iri for iri, by in there if by == _CALLED]
    if len(called) == 1:
        return called[0]
    spellings = ", ".join(f'"{word}"' for word in _spellings(key))
    named = _asked(endpoint, _names(kind, NAMES, f"{_FOLDED} IN ({spellings})"))
    things = sorted({iri for iri, name in named if name_key(name) == key})
    return chosen(kind, text, things, [] if things else _near(endpoint, kind, key))


def _known(kind: str, candidates: Iterable[str], base: str, key: str) -> str:
    """Return a pattern of those things of a class that are among candidates, or that an index of names knows by a key."""
    values, node = " ".join(f"<{iri}>" for iri in candidates), word_iri(base, key)
    listed = f'{{ VALUES ?thing {{ {values} }} ?thing a <{KG}{kind}> BIND ("{_ITSELF}" AS ?name) }}'
    if not (key and _is_iri(node)):
        return listed
    named = f'GRAPH <{base}graph/search> {{ <{node}> <{KG}nameOf> ?thing }} ?thing a <{KG}{kind}> BIND ("{_CALLED}" AS ?name)'
    return f"{listed} UNION {{ {named} }}"


def _names(kind: str, properties: Iterable[str], condition: str) -> str:
    listed = " ".join(f"<{iri}>" for iri in properties)
    return f"?thing a <{KG}{kind}> ; ?by ?name . VALUES ?by {{ {listed} }} FILTER ({condition})"


def _near(endpoint: Endpoint, kind: str, key: str) -> set[str]:
    """Return a name of each thing, or of those that begin as a key does when there are too many."""
    found = _asked(endpoint, _names(kind, NAMES[:1], "true"), f"LIMIT {MOST}")
    beginning = _NOT_PLAIN.sub("", key)[:_ALIKE]
    if len(found) == MOST and beginning:
        found = _asked(endpoint, _names(kind, NAMES[:1], f'STRSTARTS({_FOLDED}, "{beginning}")'), f"LIMIT {MOST}")
    return {name for _, name in sorted({thing: name for thing, name in reversed(found)}.items())}


def _asked(endpoint: Endpoint, pattern: str, end: str = "") -> list[tuple[str, str]]:
    """Return things with their names, sorted."""
    text = f"SELECT DISTINCT ?thing ?name WHERE {{ {pattern} }} {end}"
    found = rows(endpoint, bound(text, "the query for a name", base="", known={}, bindings={}))
    return sorted(
        (thing.value, name.value) for thing, name in found if isinstance(thing, ox.NamedNode) and isinstance(name, ox.Literal)
    )


def _spellings(key: str) -> list[str]:
    """Return the letters and digits of all names that may have a key, for those of its rules that change letters."""
    plain = _NOT_PLAIN.sub("", key)
    return sorted({plain, plain.replace("bigg", "g"), plain.replace("plus", "")})


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True
