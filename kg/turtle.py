"""Triples in N-Triples, without full stop -> Turtle with prefixes, in the order given: at once, or part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import pyoxigraph as ox

from kg.terms import PREFIXES

_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """Triples of some subjects in Turtle without what stands at the beginning of a document, and the prefixes in use."""

    body: bytes
    used: frozenset[str]


def turtle(triples: Iterable[str], base: str | None) -> bytes:
    """Return triples as a Turtle document whose IRIs below `base` are relative; only the prefixes in use are declared.

    >>> print(turtle(["<x:/m> <x:/p> <x:/o>"], "x:/").decode(), end="")
    @base <x:/> .
    <m> <p> <o> .
    """
    found = list(parts(triples, base))
    used = frozenset().union(*(one.used for one in found))
    return b"".join((head(used, base), *(one.body for one in found))) if found else b""


def parts(triples: Iterable[str], base: str | None, most: int = _MOST) -> Iterator[Part]:
    """Yield triples part by part; one ends with a subject when it has `most` triples or more."""
    held: list[str] = []
    subject = ""
    for triple in triples:
        if len(held) >= most and not triple.startswith(subject):
            yield part(held, base)
            held = []
        held.append(triple)
        if len(held) >= most:
            subject = triple[: triple.index(" ") + 1]
    if held:
        yield part(held, base)


def part(triples: Sequence[str], base: str | None) -> Part:
    """Return triples as a part of a document: all that there are of the last subject, or another follows."""
    lines = "".join(f"{triple} .\n" for triple in triples)
    written = _written(lines, PREFIXES, base)
    return Part(written[len(_declared(base)) :], frozenset(name for name, space in PREFIXES.items() if f"<{space}" in lines))


@cache
def head(used: frozenset[str], base: str | None) -> bytes:
    """Return what stands at the beginning of a document that has triples and uses some prefixes."""
    one = _written("<x:> <x:> <x:> .\n", {name: space for name, space in PREFIXES.items() if name in used}, base)
    return one.removesuffix(b"<x:> <x:> <x:> .\n")


@cache
def _declared(base: str | None) -> bytes:
    return head(frozenset(PREFIXES), base)


def _written(lines: str, prefixes: dict[str, str], base: str | None) -> bytes:
    output = BytesIO()
    parsed = (quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES))
    ox.serialize(parsed, output, format=ox.RdfFormat.TURTLE, prefixes=prefixes, base_iri=base)
    return output.getvalue()
