"""The tables answer the questions that come with kg, as the store does."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kg.export.tables import Built
from kg.schema import Schema
from kg.terms import KG
from tests.command import ROOT
from tests.export.tables.conftest import Ask


def short(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows whose relations are local names."""
    return [tuple(cell.removeprefix(KG) if isinstance(cell, str) else cell for cell in row) for row in rows]


def joined(cell: str | None) -> list[str]:
    return sorted(cell.split(" | ")) if cell else []


def test_models(sql: Ask, answer: Ask) -> None:
    found = sql(
        """SELECT model, name, parameterCount::VARCHAR[], organization, country, releaseYear::VARCHAR[], reports
        FROM models ORDER BY model"""
    )
    said = [(*row[:2], *map(joined, row[2:6]), int(row[6])) for row in answer("models")]
    assert [(*row[:2], *map(sorted, row[2:6]), row[6]) for row in found] == said
    assert len(said) == len({row[0] for row in said}) > 9


def test_runs_are_those_of_the_graph(sql: Ask, answer: Ask) -> None:
    said = answer(
        """SELECT ?run ?model ?stage ?whole ?hardware WHERE { ?model kg:describedIn [] ; kg:hasRun ?run .
          OPTIONAL { ?run kg:stage/skos:notation ?stage } OPTIONAL { ?run kg:partOf ?whole }
          OPTIONAL { ?run kg:hardware ?hardware } }"""
    )
    assert sorted(map(str, sql("SELECT run, model, stage, partOf, hardware FROM runs"))) == sorted(map(str, set(said)))


def test_training(sql: Ask, answer: Ask) -> None:
    rows = sql(
        """SELECT model, name, stage, acceleratorHours, accelerator, acceleratorCount FROM runs JOIN models USING (model)
        WHERE len(duration) + len(acceleratorHours) + len(accelerator) + len(acceleratorCount) > 0 ORDER BY ALL"""
    )
    said: dict[tuple[Any, ...], list[set[Any]]] = {}
    for model, name, stage, _, hours, accelerator, count in answer("training"):
        sets = said.setdefault((model, name, stage), [set(), set(), set()])
        for cell, kind, values in zip((hours, accelerator, count), (float, str, int), sets, strict=True):
            values |= {kind(part) for part in cell.split("; ")} if cell else set()
    assert {row[:3]: [set(row[3]), set(row[4]), set(row[5])] for row in rows} == said


def test_every_stated_fact_is_one_of_the_graph(sql: Ask, answer: Ask, schema: Schema) -> None:
    relations = [relation for relation in schema.relations.values() if relation.origin == "report"]
    said = answer(
        "SELECT ?subject ?relation ?value WHERE { VALUES ?relation { "
        + " ".join(f"kg:{relation.name}" for relation in relations)
        + " } ?subject ?relation ?value . ?subject a ?class . FILTER (?class IN (kg:Model, kg:TrainingRun, kg:HardwareConfig)) }"
    )
    found = sql("SELECT subject, relation, coalesce(thing, value) FROM facts WHERE origin = 'stated'")
    assert sorted(found) == sorted(short(said))
    assert len(found) > 100


def test_every_derived_fact_with_its_interval_and_inputs(sql: Ask, answer: Ask) -> None:
    said = answer(
        """SELECT ?fact ?subject ?relation ?value ?low ?high ?rule ?formula ?unit
        (GROUP_CONCAT(DISTINCT STR(?input); SEPARATOR=" | ") AS ?inputs)
        (GROUP_CONCAT(DISTINCT STR(?other); SEPARATOR=" | ") AS ?from)
        (GROUP_CONCAT(DISTINCT ?figure; SEPARATOR=" | ") AS ?figures)
        WHERE { ?fact a kg:DerivedFact ; rdf:subject ?subject ; rdf:predicate ?relation ; rdf:object ?value ; kg:lowerBound ?low ;
          kg:rule ?rule ; kg:formula ?formula .
          OPTIONAL { ?fact kg:upperBound ?high } OPTIONAL { ?fact kg:measuredIn ?unit } OPTIONAL { ?fact kg:input ?input }
          OPTIONAL { ?fact kg:derivedFrom ?other } OPTIONAL { ?fact kg:figure ?figure } }
        GROUP BY ?fact ?subject ?relation ?value ?low ?high ?rule ?formula ?unit"""
    )
    found = sql(
        """SELECT fact, subject, relation, number, low, high, rule, formula, unit, inputs, derivedFrom, figures
        FROM facts WHERE origin = 'derived'"""
    )
    numbers = [(*row[:3], *(cell and float(cell) for cell in row[3:6]), *row[6:9], *map(joined, row[9:])) for row in short(said)]
    assert sorted((*row[:9], *(sorted(set(cell)) for cell in row[9:])) for row in found) == sorted(numbers)
    assert all(row[4] <= row[3] <= (row[5] or row[3]) for row in found)
    assert len(found) > 20


def test_datasets(sql: Ask, answer: Ask) -> None:
    found = sql(
        """SELECT thing, any_value(value),
          (count(DISTINCT model) FILTER (relation = 'trainingDataset'))::VARCHAR,
          (count(DISTINCT model) FILTER (relation = 'evaluationDataset'))::VARCHAR
        FROM facts WHERE relation IN ('trainingDataset', 'evaluationDataset') GROUP BY thing ORDER BY thing"""
    )
    assert found == sorted(answer("datasets"))
    assert len(found) > 4


@pytest.mark.parametrize(
    ("query", "relations"),
    [("shared-datasets", ["trainingDataset"]), ("shared-backbone", ["extends", "imageEncoder", "languageModel"])],
)
def test_what_models_share(sql: Ask, answer: Ask, query: str, relations: list[str]) -> None:
    found = sql(
        f"""SELECT thing, any_value(value), count(DISTINCT model)::VARCHAR, list(DISTINCT name ORDER BY name)
        FROM facts JOIN models USING (model) WHERE relation IN {tuple([*relations, ""])}
        GROUP BY thing HAVING count(DISTINCT model) > 1 ORDER BY thing"""  # noqa: S608
    )
    assert found == sorted((*row[:3], joined(row[3])) for row in answer(query))
    assert found


def test_learning_rates(sql: Ask, answer: Ask) -> None:
    found = sql(
        """SELECT model, name, stage, peakLearningRate, minLearningRate, learningRateSchedule, warmupSteps, warmupFraction
        FROM runs JOIN models USING (model) WHERE len(peakLearningRate) + len(minLearningRate) > 0"""
    )
    said = []
    for row in answer("learning-rates"):
        cells = [cell.split("; ") if cell else [] for cell in row[3:]]
        kinds = (float, float, str, int, float)
        said.append((*row[:3], *(sorted(map(kind, cell)) for kind, cell in zip(kinds, cells, strict=True))))
    assert sorted(map(str, found)) == sorted(map(str, said))
    assert found


def test_evidence(sql: Ask, answer: Ask, built: Built) -> None:
    base = built.manifest["versions"]["base"]
    found = sql(
        """SELECT claims.model, facts.subject, claims.relation, coalesce(facts.thing, facts.value), claims.report,
          start::VARCHAR, "end"::VARCHAR, mention, context FROM claims JOIN facts USING (fact)"""
    )
    said = [(*row[:4], row[4].removeprefix(f"{base}report/"), *row[5:]) for row in short(answer("evidence"))]
    assert sorted(map(str, found)) == sorted(map(str, said))
    assert any("\ufffd" in row[8] for row in found)  # what JSON tells with half of a pair is no character
    assert len(found) > 100


def test_gaps(sql: Ask, answer: Ask) -> None:
    codes = sql("SELECT code, count(*) FROM findings GROUP BY code ORDER BY code")
    assert sql("SELECT count(*) FROM findings WHERE kind = 'gap' AND model IS NULL") == [(0,)]
    assert [(code, number) for code, number in codes if code.startswith("KG2")]


def page_questions() -> list[tuple[str, str]]:
    page = (ROOT / "docs/tables.md").read_text(encoding="utf-8")
    block = re.search(r"```sql\n(.*?)```", page, re.DOTALL)
    assert block
    return [(part.splitlines()[0], part) for part in block[1].strip().split("\n\n")]


@pytest.mark.parametrize("question", [text for _, text in page_questions()], ids=[title for title, _ in page_questions()])
def test_the_questions_of_the_page_have_answers(sql: Ask, question: str) -> None:
    assert sql(question)
