"""Shipped queries answer from summaries what they would answer without: the plain form of each stands beside this file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import UsageError
from kg.graph import summary_triples, view_of
from kg.graph.summaries._lists import _descendants
from kg.query import run
from kg.schema import DEFAULT_BASE
from kg.sparql.named import PAGE, parse, shipped
from tests.graph.made import made_triples, store_of
from tests.sample_graph import sample_store

PLAIN = {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path(__file__).with_name("plain").glob("*.rq"))}
PAGED = [name for name, query in shipped().items() if any(item.kind == PAGE for item in query.parameters)]
SUMS = {
    "hours",
    "largest",
    "timeline",
}  # in the order of the store they differ in the last digit, and so may the order of equal ones
ORDERED = sorted(set(PLAIN) - SUMS)
Row = dict[str, str]


def rows(store: ox.Store, text: str, **params: str) -> list[Row]:
    return [dict(row) for row in csv.DictReader(io.StringIO(run(store, text, params=params, format="csv").decode()))]


def plainly(store: ox.Store, name: str) -> list[Row]:
    return rows(store, PLAIN[name])


def rounded(found: Sequence[Row]) -> list[Row]:
    """Return rows of hours with numbers to compare: a sum of nothing is 0 where it is computed, and empty where it is kept."""
    kept = [
        {key: f"{float(value or 0):.6g}" if "Hours" in key or "Models" in key else value for key, value in row.items()}
        for row in found
    ]
    return sorted(kept, key=lambda row: row["organization"])


def check(store: ox.Store) -> None:
    for name in ORDERED:
        assert rows(store, name, page="all") == plainly(store, name), name
    assert rounded(rows(store, "hours", page="all")) == rounded(plainly(store, "hours"))


def test_every_paged_query_has_its_plain_form() -> None:
    assert sorted(PLAIN) == PAGED


def test_the_samples(tmp_path: Path) -> None:
    check(sample_store(tmp_path))


def test_a_graph_without_models() -> None:
    check(store_of([]))


@given(st.randoms(use_true_random=False), st.integers(1, 12))
@settings(max_examples=12, deadline=None)
def test_any_graph(chance: Random, models: int) -> None:
    check(store_of(made_triples(chance, models)))


@pytest.fixture(scope="module")
def many() -> ox.Store:
    return store_of(made_triples(Random(7), 260, 30))


@pytest.mark.parametrize("name", [name for name in (*ORDERED, "largest", "timeline") if name != "evidence"])
def test_the_pages_of_an_answer_are_the_answer(many: ox.Store, name: str) -> None:
    whole, found, number = rows(many, name, page="all"), list[Row](), 1
    while page := rows(many, name, page=str(number)):
        found += page
        number += 1
    assert found == whole
    assert rows(many, name) == rows(many, name, page="1")


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, item.name) for name in PAGED if name != "evidence" for item in shipped()[name].parameters if item.kind != PAGE],
)
def test_a_value_gives_its_rows(many: ox.Store, name: str, parameter: str) -> None:
    whole = rows(many, name, page="all")
    for value in dict.fromkeys(row[parameter] for row in whole[:: max(1, len(whole) // 5)]):
        wanted = [row for row in whole if row[parameter] == value]
        asked = {parameter: value.rpartition("#")[2]}  # a relation is given by its name
        assert rows(many, name, **asked, page="all") == wanted
        found = rows(many, name, **asked)
        assert found == wanted[: len(found)]
        assert len(found) == len(wanted) or len(found) >= 100


def test_hubs_are_kept_with_what_they_share_and_never_by_pairs() -> None:
    """A part of a list has one page of a hundred; who uses a thing is written once; nothing is written for pairs of models."""
    models = [f"<{DEFAULT_BASE}model/m-{number:05}>" for number in range(1500)]
    relations = ("trainedOn", "evaluationDataset")
    kg = "https://w3id.org/kg/ontology#"
    default = [f"{model} <{kg}{name}> <{DEFAULT_BASE}dataset/d>" for model in models for name in relations]
    default += [f"{model} <{kg}describedIn> <{DEFAULT_BASE}report/r>" for model in models]
    default += [f"{model} <{kg}{name}> <{DEFAULT_BASE}model/hub>" for model in models for name in ("extends", "hasBackbone")]
    triples = summary_triples(view_of(default), DEFAULT_BASE)
    assert len(triples) < len(default) * 2.5
    entries = [triple.split()[0] for triple in triples if " <https://w3id.org/kg/ontology#entry> " in triple]
    about = [node for node in entries if "-by-" in node and "/page/" not in node]
    assert len(about) <= 5 * 100


@given(st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=3, unique=True), max_size=8))
def test_descendants_are_those_that_lead_to_a_model_in_circles_too(edges: dict[int, list[int]]) -> None:
    parents = {f"<m:{child}>": [f"<m:{parent}>" for parent in others] for child, others in edges.items() if others}

    def above(model: str, seen: set[str]) -> set[str]:
        for parent in parents.get(model, ()):
            if parent not in seen:
                seen.add(parent)
                above(parent, seen)
        return seen

    expected: dict[str, set[str]] = {}
    for model in parents:
        for ancestor in above(model, set()):
            expected.setdefault(ancestor, set()).add(model)
    assert {ancestor: set(found) for ancestor, found in _descendants(parents).items()} == expected


def test_a_long_chain_is_summarised_in_a_moment() -> None:
    parents = {f"<m:{number:05}>": [f"<m:{number + 1:05}>"] for number in range(3000)}
    found = _descendants(parents)
    assert found["<m:03000>"] == [f"<m:{number:05}>" for number in range(100)]
    assert sum(map(len, found.values())) <= 100 * 3000


@pytest.mark.parametrize("page", ["0", "-1", "two", "1.5", "", "٢"])
def test_what_is_no_page(many: ox.Store, page: str) -> None:
    with pytest.raises(UsageError, match=r"is no page\n  hint: give a number from 1 on, or all"):
        run(many, "models", params={"page": page})


def test_a_page_that_is_not_kept(many: ox.Store) -> None:
    with pytest.raises(UsageError, match="there is no page 2 of what is asked with dataset"):
        run(many, "eval-in-training", params={"dataset": f"{DEFAULT_BASE}dataset/d-001", "page": "2"})


def test_a_query_without_pages_has_no_such_parameter(many: ox.Store) -> None:
    with pytest.raises(UsageError, match="no parameter of search is named 'page'"):
        run(many, "search", params={"page": "2"})
    assert not parse("mine", "SELECT ?page { ?s ?p ?page }").paged


@pytest.mark.parametrize(("text", "hint"), [("GPT-4", "beginning: gpt"), ("-", "beginning")])
def test_a_word_is_one_word(many: ox.Store, text: str, hint: str) -> None:
    with pytest.raises(UsageError, match=rf"'{text}' is not one word\n  hint: give one word of a name, or its {hint}$"):
        run(many, "search", params={"text": text})


@pytest.mark.parametrize("remark", ["page", "default"])
def test_a_remark_in_a_query_of_ones_own_is_a_remark(many: ox.Store, remark: str) -> None:
    mine = f"SELECT ?model WHERE {{\n  ?model a kg:Model # {remark}\n}}"
    assert not parse("mine", mine).paged
    one = rows(many, mine)[0]
    assert rows(many, mine, **one) == [one]


def test_the_size_of_a_list_is_told(many: ox.Store) -> None:
    text = "SELECT ?size { GRAPH data:graph\\/summary { data:summary\\/models kg:size ?size } }"
    assert rows(many, text) == [{"size": str(len(rows(many, "models", page="all")))}]


def test_the_summary_stands_in_its_own_graph(many: ox.Store) -> None:
    assert rows(many, "SELECT ?s { ?s a kg:Summary }") == rows(many, "SELECT ?s { ?s kg:firstThing ?o }") == []
    assert not any(isinstance(term, ox.BlankNode) for quad in many for term in quad)
