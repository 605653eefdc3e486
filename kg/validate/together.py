"""Several reports in one graph: the nodes of each carry its number, so that a neighbour neither satisfies nor breaks its shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kg.terms import KG, RDFS, TYPE

Unit = tuple[str, tuple[str, ...]]
"""A name and the triples to be judged together: `<s> <p> <o>`, without full stop."""

_MARK = "~report-"  # and a number: behind an IRI, while several reports are checked together

# What a mark does not keep apart: nodes of the ontology that a report speaks of, subclasses, blank nodes.
_SHARED = (f"\n<{KG}", f" <{RDFS}subClassOf> ", "\n_:", " _:")


def parted(units: Sequence[Unit]) -> tuple[list[int], list[int]]:
    """Return the positions of the units that may be judged in one graph, and of those that must be judged each in its own."""
    together: list[int] = []
    alone: list[int] = []
    for number, (_, triples) in enumerate(units):
        (alone if _shares(triples) else together).append(number)
    return (together, alone) if len(together) > 1 else ([], list(range(len(units))))


def _shares(triples: Sequence[str]) -> bool:
    text = "\n".join(("", *triples))
    return any(word in text for word in _SHARED)


def marked(units: Sequence[Unit]) -> Iterator[str]:
    """Yield the N-Triples of all units; every node but classes and those of the ontology carries its unit's number.

    >>> list(marked([("a", ("<x:m> <x:p> <x:o>",))]))
    ['<x:m~report-0> <x:p> <x:o~report-0> .\\n']
    """
    for number, (_, triples) in enumerate(units):
        for triple in triples:
            subject, predicate, value = triple.split(" ", 2)
            value = value if predicate == TYPE else _marked(value, number)
            yield f"{_marked(subject, number)} {predicate} {value} .\n"


def _marked(term: str, number: int) -> str:
    if term.startswith("_:"):
        return f"{term}r{number}"
    return f"{term[:-1]}{_MARK}{number}>" if term.startswith("<") and not term.startswith(f"<{KG}") else term


def unmarked(term: str) -> tuple[str, int | None]:
    """Return a term without its unit's number, and the number; None when it carries none.

    >>> unmarked("<x:m~report-12>"), unmarked('"7"')
    (('<x:m>', 12), ('"7"', None))
    """
    bare, mark, number = term.removesuffix(">").rpartition(_MARK) if term.startswith("<") else ("", "", "")
    return (f"{bare}>", int(number)) if mark and number.isdecimal() else (term, None)
