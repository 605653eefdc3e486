"""Lists, their pages and counts -> triples. Nodes stand below `<base>summary/`: `datasets/page/1`, `datasets/cc3m`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from kg.graph.view import iri_of
from kg.terms import KG, TYPE, integer, string

_KINDS = ("accelerator", "country", "dataset", "model", "organization", "software")

Known = Mapping[str, str | Sequence[str]]
"""Values of a node by relation, as N-Triples writes them; empty for what is not known."""


def pages(base: str, name: str, entries: Sequence[str], size: int) -> Iterator[str]:
    """Yield a list with its size, and its pages of so many entries."""
    yield from node(f"<{base}summary/{name}>", name, {"size": integer(len(entries))})
    for number, start in enumerate(range(0, len(entries), size), 1):
        known = {"number": integer(number), "entry": entries[start : start + size]}
        yield from node(f"<{base}summary/{name}/page/{number}>", name, known)


def first_page(base: str, name: str, about: str, entries: Iterable[str]) -> Iterator[str]:
    """Yield the first page of the part of a list that is about a thing; the list is named `<list> by <parameter>`."""
    page = f"<{base}summary/{name.replace(' ', '-')}/{part(base, about)}>"
    yield from node(page, name, {"about": about, "entry": list(entries)})


def count(base: str, name: str, of: Mapping[str, str], measures: Known) -> tuple[str, list[str]]:
    """Return the node of what was counted of a combination of things, and its triples."""
    own = named(base, name, of.values())
    return own, list(node(own, name, {**of, **measures}))


def named(base: str, name: str, of: Iterable[str]) -> str:
    """Return the node of what was counted of a combination of things."""
    return f"<{base}summary/{name}/{';'.join(part(base, term) for term in of)}>"


def count_of(base: str, name: str, thing: str) -> str:
    """Return the IRI of the node of what was counted of a thing, both without brackets.

    >>> count_of("x:", "used-datasets", "x:dataset/cc3m")
    'x:summary/used-datasets/cc3m'
    """
    return named(base, name, [f"<{thing}>"])[1:-1]


def node(iri: str, name: str, known: Known) -> Iterator[str]:
    """Yield the triples of a node of a list."""
    yield f"{iri} {TYPE} <{KG}Summary>"
    yield f"{iri} <{KG}list> {string(name)}"
    for relation, values in known.items():
        for value in [values] if isinstance(values, str) else values:
            if value:
                yield f"{iri} <{KG}{relation}> {value}"


def part(base: str, term: str) -> str:
    """Return what stands for a term in the IRI of a node, different for different terms of a kind.

    >>> part("https://w3id.org/kg/", "<https://w3id.org/kg/dataset/cc3m>"), part("x:", '"2023"^^<x:gYear>')
    ('cc3m', '2023')
    """
    if not term.startswith("<"):
        return quote(term[1 : term.rindex('"')] if term else "", safe="")
    iri = iri_of(term)
    for start in (KG, *(f"{base}{kind}/" for kind in _KINDS)):
        if iri.startswith(start):
            return quote(iri.removeprefix(start), safe="")
    return quote(iri, safe="")
