"""The cases of rules.txt, and graphs made from Turtle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.terms import PREFIXES

BASE = "https://w3id.org/kg/"
_TEXT = Path(__file__).with_name("rules.txt").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Case:
    """A change to the good graph, the codes that are found in it, and the name of the shape that must be broken."""

    codes: frozenset[str]
    shape: str
    sign: str
    change: str

    def __str__(self) -> str:
        return f"{self.shape} {self.sign} {self.change}"

    def facts(self) -> tuple[str, ...]:
        """Return the triples of the changed graph."""
        change = triples(self.change + " .")
        return tuple(sorted(good() | change if self.sign == "+" else good() - change))


@dataclass(frozen=True, slots=True)
class Report:
    """A report's graph, as `kg.graph` makes them."""

    facts: frozenset[str]
    evidence: tuple[str, ...] = ()


def triples(turtle: str) -> frozenset[str]:
    """Return the triples of Turtle, without full stop, with the prefixes and the base of a build."""
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    return frozenset(str(quad.triple) for quad in ox.parse(head + turtle, format=ox.RdfFormat.TURTLE, base_iri=BASE))


def good() -> frozenset[str]:
    """Return the graph that every case changes."""
    return triples(_TEXT.split("@graph")[1].split("@cases")[0])


def cases() -> list[Case]:
    """Return the cases in the order of the file."""
    found = []
    for line in _TEXT.split("@cases")[1].splitlines():
        if line and not line.startswith("#"):
            front, change = line.split(": ", 1)
            *codes, shape = front.split(" ")
            sign, change = change.split(" ", 1)
            found.append(Case(frozenset(codes), shape, sign, change))
    return found


def lines(facts: tuple[str, ...] | frozenset[str]) -> str:
    """Return triples as N-Triples text."""
    return "".join(f"{fact} .\n" for fact in sorted(facts))
