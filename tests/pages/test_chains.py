"""How derived facts were computed: intervals as they are drawn, chains that are cut, sources that can be followed."""

from __future__ import annotations

import pytest

from kg.chain import Said, words
from kg.pages._amounts import Amount
from kg.pages._chains import Bar, Chains, bar, label_of, source
from kg.pages._facts import Part, Reader, keys
from kg.pages._quotes import Reports, words_of
from kg.terms import KG
from kg.why import Graph

BASE = "https://w3id.org/kg/"
RUN = f"{BASE}run/kestrel-7b/pretraining"


@pytest.mark.parametrize(
    ("low", "value", "high", "drawn"),
    [
        ("50", "75", "100", Bar("50", "75", "100", False)),
        ("6.04e21", "1.27e22", None, Bar("31.7", "66.7", "100", True)),
        (None, "10", "20", Bar("50", "50", "100", False)),
        ("64", "64", "64", None),
        ("-5", "5", "10", None),
        ("7", "5", "10", None),
        ("1", "2", "1.5", None),
        ("x", "2", "3", None),
        ("1", "2", "Infinity", None),
        ("0", "0", None, None),
    ],
)
def test_intervals_are_drawn_from_zero(low: str | None, value: str, high: str | None, drawn: Bar | None) -> None:
    assert bar(low, value, high) == drawn


@pytest.mark.parametrize("text", ["javascript:alert(1)", "a book", "HTTPS://EXAMPLE.ORG", "https://x/" + "y" * 2000, ""])
def test_only_addresses_of_the_web_are_followed(text: str) -> None:
    assert source(text).href is None and len(source(text).text) <= 121


def test_a_derived_fact_that_is_not_there(planted: Graph) -> None:
    assert Chains(planted, Reports(planted.sources), {}).chain(f"{BASE}derived/nothing") is None


def test_a_chain_is_cut_where_it_is_told_elsewhere(planted: Graph) -> None:
    energy = planted.statements.about(RUN, frozenset({f"{KG}trainingEnergy"}))[0].iri
    chains = Chains(planted, Reports(planted.sources), {})
    whole, cut = chains.chain(energy), chains.chain(energy, 0)
    assert whole is not None and cut is not None
    assert [item.told for item in whole.inputs] == [True] and whole.inputs[0].claims
    assert [(item.told, item.claims, item.inputs) for item in cut.inputs] == [(False, (), ())]
    here = Chains(planted, Reports(planted.sources), {whole.inputs[0].derived: "there"}).chain(energy)
    assert here is not None and (here.inputs[0].told, here.inputs[0].anchor) == (False, "there")


def test_a_page_without_room_shows_less_of_each_fact(planted: Graph) -> None:
    found = keys(planted, Part("itself", "", f"{BASE}model/kestrel-7b", (f"{BASE}model/kestrel-7b",)))
    roomy, tight = Reader(planted, found), Reader(planted, found)
    tight.room = 0
    for large, small in zip(roomy.facts(found), tight.facts(found), strict=True):
        assert large.amount == small.amount and len(small.words) <= 1
        assert len(large.words) + large.more == len(small.words) + small.more
    assert roomy.room < Reader(planted, found).room


def test_a_range_is_told_with_both_ends() -> None:
    place = words("a.txt", 0, 3, {})
    said = Said("x:claim", "duration", "P2D", None, "P4D", None, True, "rule", place)
    found = words_of(said, "duration", {})
    assert (found.amount, found.hedge) == (Amount("2 days to 4 days", "48 hours to 96 hours"), "about")


def test_relations_that_the_ontology_does_not_know_keep_their_name(planted: Graph) -> None:
    assert (label_of(planted, "acceleratorHours"), label_of(planted, "wingspan")) == ("accelerator hours", "wingspan")
