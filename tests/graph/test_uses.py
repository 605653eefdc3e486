"""What pages show of shared things: who uses each is written once, by relation and stage, and things in use are listed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pyoxigraph as ox
import pytest

from kg.graph import summary_triples, view_of
from kg.schema import DEFAULT_BASE
from kg.terms import KG, RDF
from tests.graph.made import literal, made_triples, store_of

USES = """PREFIX kg: <https://w3id.org/kg/ontology#>
SELECT DISTINCT ?thing ?relation ?stage ?model {
  ?model kg:describedIn ?report .
  { VALUES ?relation { kg:evaluationDataset kg:extends kg:imageEncoder kg:languageModel kg:organization kg:country }
    ?model ?relation ?thing }
  UNION { ?model kg:hasRun ?run . ?run kg:trainingDataset ?thing . BIND(kg:trainingDataset AS ?relation)
    OPTIONAL { ?run kg:stage ?stage } }
  UNION { ?model kg:hasRun ?run . ?run kg:hardware/kg:accelerator ?thing . BIND(kg:accelerator AS ?relation)
    OPTIONAL { ?run kg:stage ?stage } }
}"""
KEPT = """PREFIX kg: <https://w3id.org/kg/ontology#>
SELECT ?thing ?relation ?stage ?model ?count ?node ?page {
  GRAPH ?graph {
    ?node kg:list "uses" ; kg:about ?thing ; kg:inRole ?relation ; kg:models ?count .
    ?page kg:list "uses" ; kg:number ?number ; kg:entry ?model .
    FILTER(STRSTARTS(STR(?page), CONCAT(STR(?node), "/page/")))
    OPTIONAL { ?node kg:inStage ?stage }
  }
}"""

USED = """PREFIX kg: <https://w3id.org/kg/ontology#>
SELECT ?thing ?n { GRAPH ?graph { ?node kg:list "used-datasets" ; kg:about ?thing ; kg:models ?n } }"""


@pytest.fixture(scope="module", params=[3, 90])
def store(request: pytest.FixtureRequest) -> ox.Store:
    return store_of(made_triples(Random(request.param), request.param))


def rows(store: ox.Store, query: str) -> Iterator[Any]:
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    return iter(found)


def key(row: Any) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("thing", "relation", "stage"))


def test_every_use_stands_on_one_page(store: ox.Store) -> None:
    expected: dict[tuple[str, ...], set[str]] = {}
    for row in rows(store, USES):
        expected.setdefault(key(row), set()).add(str(row["model"]))
    kept: dict[tuple[str, ...], list[str]] = {}
    pages: dict[str, int] = {}
    for row in rows(store, KEPT):
        kept.setdefault(key(row), []).append(str(row["model"]))
        assert int(row["count"].value) == len(expected[key(row)])
        pages[str(row["page"])] = pages.get(str(row["page"]), 0) + 1
    assert {use: sorted(models) for use, models in kept.items()} == {use: sorted(models) for use, models in expected.items()}
    assert max(pages.values()) <= 25


def test_things_in_use_are_counted_over_all_relations(store: ox.Store) -> None:
    users: dict[str, set[str]] = {}
    for row in rows(store, USES):
        if row["relation"].value.endswith(("trainingDataset", "evaluationDataset")):
            users.setdefault(row["thing"].value, set()).add(row["model"].value)
    counts = rows(store, USED)
    assert {row["thing"].value: int(row["n"].value) for row in counts} == {thing: len(models) for thing, models in users.items()}


@pytest.mark.parametrize("order", ["name", "year", "size", "hours"])
def test_every_order_holds_every_described_model(store: ox.Store, order: str) -> None:
    described = {
        quad.subject for quad in store.quads_for_pattern(None, ox.NamedNode("https://w3id.org/kg/ontology#describedIn"), None)
    }
    entry, start = ox.NamedNode("https://w3id.org/kg/ontology#entry"), f"{DEFAULT_BASE}summary/models-by-{order}/page/"
    listed = [
        quad.object
        for quad in store.quads_for_pattern(None, entry, None)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(start)
    ]
    assert len(listed) == len(set(listed)) and set(listed) == described


def test_models_stand_in_the_order_of_the_hours_that_are_shown() -> None:
    """The value of implied hours, the middle of stated ones, the lower bound where a stage is not known: never the upper end."""
    default = []
    for name, said in HOURS.items():
        model, run, stage = (f"<{DEFAULT_BASE}{path}>" for path in (f"model/{name}", f"run/{name}", f"run/{name}/pretraining"))
        default += [f"{model} <{KG}describedIn> <{DEFAULT_BASE}report/r>", f"{model} <{KG}hasRun> {run}"]
        if name == "partial":
            default += [f"{model} <{KG}hasRun> {stage}", f"{stage} <{KG}stage> <{KG}pretraining>"]
            default += [f"{model} <{KG}hasRun> {stage}-2", f"{stage}-2 <{KG}stage> <{KG}fineTuning>"]
            run = stage
        if len(said) == 3:
            fact = f"<{DEFAULT_BASE}derived/{name}>"
            default += [f"{fact} <{RDF}subject> {run}", f"{fact} <{RDF}predicate> <{KG}impliedAcceleratorHours>"]
            ends = zip((f"{KG}lowerBound", f"{RDF}object", f"{KG}upperBound"), said, strict=True)
            default += [f"{fact} <{end}> {literal(value, 'double')}" for end, value in ends]
        else:
            default += [f"{run} <{KG}acceleratorHours> {literal(value, 'decimal')}" for value in said]
    # Fifty more models of 250 hours: the first page holds those that show more, and some of these.
    for number in range(50):
        model, run = f"<{DEFAULT_BASE}model/x-{number:02}>", f"<{DEFAULT_BASE}run/x-{number:02}>"
        default += [f"{model} <{KG}describedIn> <{DEFAULT_BASE}report/r>", f"{model} <{KG}hasRun> {run}"]
        default.append(f"{run} <{KG}acceleratorHours> {literal(250, 'decimal')}")
    page = f"<{DEFAULT_BASE}summary/models-by-hours/page/1> <{KG}entry> <{DEFAULT_BASE}model/"
    triples = summary_triples(view_of(default), DEFAULT_BASE)
    first = {triple.removeprefix(page).rstrip(">") for triple in triples if triple.startswith(page)}
    assert {name for name in first if not name.startswith("x-")} == {"partial", "stated"}
    node = f"<{DEFAULT_BASE}summary/models-by-hours/partial> <{KG}"
    assert {triple.removeprefix(node).partition(">")[0] for triple in triples if triple.startswith(node)} == {
        "list",
        "about",
        "statedModels",
        "statedHoursLow",
    }


HOURS: dict[str, tuple[int, ...]] = {
    "partial": (400,),
    "stated": (200, 400),  # 300 in the middle
    "wide": (1, 200, 90_000),  # 200, whatever its upper end
    "range": (1, 400),  # 200.5
}
