"""Counts over a default graph: what plain counting gives, in the memory of a part of it."""

from __future__ import annotations

from functools import partial
from random import Random

import pytest

from kg.graph import build_triples, counting
from kg.graph.counting import Part, counted, in_order
from kg.schema import DEFAULT_BASE
from kg.sorting import Sorter
from kg.terms import RDF, TYPE, XSD
from tests.graph.made import made_triples


def plainly(triples: list[str]) -> dict[tuple[str, str], tuple[int, int, int, dict[str, int]]]:
    """Return triples, subjects, objects and kinds of values for each class and property, counted by sets of all of them."""
    rows = [triple.split(" ", 2) for triple in triples]
    classes: dict[str, set[str]] = {}
    for subject, predicate, value in rows:
        if predicate == TYPE:
            classes.setdefault(subject, set()).add(value)
    found = {}
    for kind in {"", *(kind for own in classes.values() for kind in own)}:
        for name in {predicate for _, predicate, _ in rows}:
            some = [(s, o) for s, p, o in rows if p == name and (not kind or kind in classes.get(s, ()))]
            kinds: dict[str, int] = {}
            for _, value in some if kind else ():
                typed = f'"{value.rpartition("^^<")[2][:-1]}' if "^^<" in value else f'"{XSD}string'
                typed = f'"{RDF}langString' if '"@' in value else typed
                for own in classes.get(value, ()) if value.startswith("<") else [typed]:
                    kinds[own] = kinds.get(own, 0) + 1
            if some:
                found[kind, name] = (len(some), len({s for s, _ in some}), len({o for _, o in some}), kinds)
    return found


def said(parts: dict[tuple[str, str], Part]) -> dict[tuple[str, str], tuple[int, int, int, dict[str, int]]]:
    return {of: (part.triples, part.subjects, part.objects, dict(part.kinds)) for of, part in parts.items()}


@pytest.fixture(scope="module")
def triples() -> list[str]:
    more = ['<x:a> <x:p> "a b"@en', '<x:a> <x:p> "a\\tb"', "<x:a> <x:p> <x:a>", f"<x:a> {TYPE} <x:A>", f"<x:a> {TYPE} <x:B>"]
    return sorted({*made_triples(Random(3), 12), *more, "<x:a/b> <x:p> <x:a>", '<x:b> <x:p> "\U0001f99c"'})


@pytest.mark.parametrize(("held", "most"), [(1, 0), (7, 3000), (200_000, 32 << 20)])
def test_counts_are_those_of_plain_counting(triples: list[str], held: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when hardly anything may be held, and all waits on the disk."""
    monkeypatch.setattr(counting, "_HELD", held)
    monkeypatch.setattr(counting, "Sorter", partial(Sorter, most=most))
    counts = counted(iter(triples))
    assert said(counts.properties) == plainly(triples)
    whole = counts.classes[""]
    subjects, objects = {triple.split(" ")[0] for triple in triples}, {triple.split(" ", 2)[2] for triple in triples}
    assert (whole.triples, whole.subjects, whole.objects) == (len(triples), len(subjects), len(objects))
    assert (counts.classes["<x:A>"].subjects, counts.classes["<x:A>"].triples, counts.classes["<x:A>"].objects) == (1, 5, 5)


def test_nothing_is_counted_of_nothing() -> None:
    assert said(counted([]).properties) == {}
    assert any('triples> "0"' in triple for triple in build_triples([], {}, DEFAULT_BASE))


def test_lists_are_put_in_order_and_iterators_are_in_order() -> None:
    assert list(in_order(["b", "a"])) == list(in_order({"b", "a"})) == ["a", "b"]
    assert list(in_order(iter(["b", "a"]))) == ["b", "a"]
