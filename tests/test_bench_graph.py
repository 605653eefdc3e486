"""The build of made-up models: a build like any other, always the same, in the shapes that a build of reports has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest

from bench import graph, models
from kg import pipeline
from kg.config import Config
from kg.model import Claim
from kg.query import run
from kg.schema import DEFAULT_BASE, load_schema
from kg.sparql.named import shipped
from kg.store import GRAPH, Build, open_build
from kg.values import literal
from tests.command import SEEDS, kg

COUNT = 300


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    graph.main(["-n", str(COUNT), "-o", str(folder)])
    return folder


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("real")
    return pipeline.build([SEEDS], folder, config=Config(), progress=lambda *_: None, say=lambda _: None).build


def test_names_are_different_and_of_the_size_that_they_tell() -> None:
    names = [models.name_of(number) for number in range(20_000)]
    assert len(set(names)) == len(names)
    (size,) = (fact.value for fact in models.facts_of(4, seed=1) if fact.relation == "parameterCount")
    assert names[4].endswith("-7B") and size == "7000000000"


def test_a_report_is_always_the_same_and_differs_with_the_seed() -> None:
    assert list(models.Reports(9))[4] == models.Reports(9).report(4)
    assert models.Reports(9, seed=2).report(4) != models.Reports(9).report(4)
    assert models.Reports(80).number(models.Reports(80).id(17)) == 17


def claims_of_all() -> list[tuple[str, Claim]]:
    return [(document.source, claim) for document, claims in models.Reports(200) for claim in claims]


def test_each_claim_stands_where_it_says_and_has_a_value_of_its_relation() -> None:
    relations = load_schema().relations
    for text, claim in claims_of_all():
        assert text[claim.start : claim.end] == claim.mention
        relation = relations[claim.relation]
        assert not relation.values or claim.value in relation.values
        if relation.range.startswith("xsd:"):
            literal(relation.range, claim.value)


def test_some_datasets_are_much_more_frequent_than_others_and_some_models_are_in_several_reports() -> None:
    used = Counter(claim.value for _, claim in claims_of_all() if claim.relation == "trainingDataset")
    assert used.most_common(1)[0][1] > 5 * sorted(used.values())[len(used) // 2]
    reports: dict[str | None, set[str]] = defaultdict(set)
    for _, claim in claims_of_all():
        reports[claim.model].add(claim.report)
    assert len(reports) == 200 and max(map(len, reports.values())) >= 3


def test_two_builds_of_the_same_models_are_equal(made: Path, tmp_path: Path) -> None:
    again = graph.write(tmp_path, models.Reports(COUNT))
    assert (again.path / GRAPH).read_bytes() == (made / GRAPH).read_bytes()
    assert again.path.name == open_build(made).path.name


def test_the_graph_conforms_to_the_shapes(tmp_path: Path) -> None:
    graph.write(tmp_path, models.Reports(20))
    ran = kg("validate", tmp_path / GRAPH)
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize("name", list(shipped()))
def test_every_shipped_query_finds_something(name: str, made: Path) -> None:
    assert run(open_build(made).store(), name, format="csv").count(b"\n") > 1


def shape(build: Build) -> Mapping[tuple[str, str], set[str]]:
    """Return the predicates of each class in each kind of graph."""
    found = defaultdict(set)
    kinds = {"GRAPH ?graph { ?thing a ?class ; ?relation ?value }", "?thing a ?class ; ?relation ?value"}
    for pattern in kinds:
        rows = build.store().query(f"SELECT DISTINCT ?graph ?class ?relation WHERE {{ {pattern} }}")
        assert isinstance(rows, ox.QuerySolutions)
        for row in rows:
            graph = row["graph"].value.removeprefix(f"{DEFAULT_BASE}graph/").split("/")[0] if row["graph"] else "default"
            found[graph, row["class"].value].add(row["relation"].value)
    return found


# What a report states of a model and these five do not, and what follows from it.
FURTHER = {"acceleratorHours", "cumulativeCompute", "epochs", "examplesPerSecond", "impliedUtilisation", "license", "organization"}
FURTHER |= {"impliedGradientAccumulationSteps", "trainingCompute", "label", "type"}


def test_its_graphs_have_the_classes_and_predicates_of_a_build_of_reports(made: Path, real: Build) -> None:
    ours, theirs = shape(open_build(made)), shape(real)
    missing = {key: theirs[key] - ours.get(key, set()) for key in theirs if theirs[key] - ours.get(key, set())}
    assert missing == {}
    added = {iri.rpartition("#")[2] for key in ours for iri in ours[key] - theirs.get(key, set()) if key[0] != "summary"}
    assert added <= FURTHER
