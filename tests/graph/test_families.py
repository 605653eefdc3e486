"""A view holds numbers of terms, and each family of summaries is made by itself: together they are all."""

from __future__ import annotations

from random import Random

import pytest

from kg.graph import FAMILIES, family, index_of, search_triples, summaries, summary_triples, view_of
from kg.graph.view import View
from kg.schema import DEFAULT_BASE
from kg.terms import KG, TYPE
from tests.graph.made import made_triples


@pytest.fixture(scope="module")
def triples() -> list[str]:
    return made_triples(Random(5), 30)


@pytest.fixture(scope="module")
def view(triples: list[str]) -> View:
    return view_of(triples)


def test_pairs_are_the_triples_of_a_predicate_in_their_order(triples: list[str], view: View) -> None:
    rows = [triple.split(" ", 2) for triple in triples]
    typed = [(subject, value) for subject, predicate, value in rows if predicate == TYPE]
    pairs = view.pairs(TYPE)
    assert list(pairs) == typed and len(pairs) == len(typed) > 40
    assert (pairs[0], pairs[-1], list(pairs[3:5])) == (typed[0], typed[-1], typed[3:5])
    assert list(view.pairs("describedIn")) == [(s, o) for s, p, o in rows if p == f"<{KG}describedIn>"]
    assert list(view.pairs("unknown")) == [] == list(view_of([]).pairs(TYPE))
    with pytest.raises(IndexError):
        pairs[len(typed)]


def test_a_term_is_held_once(view: View) -> None:
    subjects = [subject for name in (TYPE, "hasRun", "describedIn") for subject, _ in view.pairs(name)]
    assert len({id(subject) for subject in subjects}) == len(set(subjects)) < len(subjects)


def test_families_together_are_all_summaries(view: View) -> None:
    parts = [list(family(name, view, DEFAULT_BASE)) for name in FAMILIES]
    assert all(part == sorted(set(part)) != [] for part in parts)
    assert sorted({triple for part in parts for triple in part}) == list(summaries(view, DEFAULT_BASE))
    assert summary_triples(view, DEFAULT_BASE) == list(summaries(view, DEFAULT_BASE))


def test_the_index_is_in_order(view: View) -> None:
    index = list(index_of(view, DEFAULT_BASE))
    assert index == sorted(set(index)) == search_triples(view, DEFAULT_BASE) != []
