"""Things in a store, found by what a person types: IRI, last part of the IRI, or name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from kg.errors import UnknownName, UsageError
from kg.schema import DEFAULT_BASE
from kg.sparql.text import prefixes
from kg.sparql.words import word_iri
from kg.terms import KG, RDF, RDFS, SKOS
from kg.values import name_key

_TYPE = ox.NamedNode(RDF + "type")
NAMES = (RDFS + "label", KG + "name", SKOS + "altLabel")
"""The properties that name a thing, the preferred first."""

_NAMES = tuple(map(ox.NamedNode, NAMES))
_NAME_OF = ox.NamedNode(f"{KG}nameOf")
_IRI = re.compile(r"<?([A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|^`\\]+)>?")


def find_thing(store: ox.Store, kind: str, text: str, base: str = DEFAULT_BASE) -> str:
    """Return the IRI of the thing of a class (`Model`) that an IRI, a path below the base, a slug or a name means.

    Raise UnknownName with the near names when there is none, UsageError with the IRIs when a name has several.
    """
    folder = f"{base}{kind.lower()}/"
    for iri in (iri_of(text, base), base + text, folder + text):
        if iri and _is_of_class(store, iri, kind):
            return iri
    found = [iri for iri in _called(store, text, base) if _is_of_class(store, iri, kind)]
    if len(found) == 1:
        return found[0]
    key, things = name_key(text), _of_class(store, kind)
    found = sorted(iri for iri in things if any(name_key(name) == key for name in _names(store, iri)))
    return chosen(kind, text, found, (next(_names(store, iri), iri.removeprefix(folder)) for iri in things))


def chosen(kind: str, text: str, found: Sequence[str], names: Iterable[str]) -> str:
    """Return the one thing that is found; raise UsageError for several, UnknownName with the near ones of all names for none."""
    if len(found) > 1:
        raise UsageError(f"'{text}' is the name of {len(found)} things", hint="give one of their IRIs: " + ", ".join(found))
    if not found:
        raise UnknownName(kind.lower(), text, set(names))
    return found[0]


def iri_of(text: str, base: str = DEFAULT_BASE) -> str | None:
    """Return the IRI that a text is, with or without angle brackets or as a prefixed name; None when it is none.

    >>> iri_of("kg:duration"), iri_of("<https://example.org/x>"), iri_of("BLIP-2")
    ('https://w3id.org/kg/ontology#duration', 'https://example.org/x', None)
    """
    match = _IRI.fullmatch(text)
    if not match:
        return None
    prefix, _, rest = match[1].partition(":")
    return prefixes(base)[prefix] + rest if prefix in prefixes(base) else match[1]


def _is_of_class(store: ox.Store, iri: str, kind: str) -> bool:
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return False
    return any(True for _ in store.quads_for_pattern(node, _TYPE, ox.NamedNode(KG + kind), ox.DefaultGraph()))


def _called(store: ox.Store, text: str, base: str) -> list[str]:
    """Return the things that the index of names knows to be called so; a store may have none, or a kind that is not in it."""
    key = name_key(text)
    node, graph = ox.NamedNode(word_iri(base, key)), ox.NamedNode(f"{base}graph/search")
    found = store.quads_for_pattern(node, _NAME_OF, None, graph) if key else ()
    return [quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)]


def _of_class(store: ox.Store, kind: str) -> set[str]:
    found = store.quads_for_pattern(None, _TYPE, ox.NamedNode(KG + kind), ox.DefaultGraph())
    return {quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode)}


def _names(store: ox.Store, iri: str) -> Iterator[str]:
    for predicate in _NAMES:
        for quad in store.quads_for_pattern(ox.NamedNode(iri), predicate, None, ox.DefaultGraph()):
            if isinstance(quad.object, ox.Literal):
                yield quad.object.value
