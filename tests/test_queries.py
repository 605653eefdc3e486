"""The queries that come with kg, on three reports of three models: what they answer, and that nothing is counted twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pyoxigraph as ox
import pytest

from kg.query import run
from kg.schema import DEFAULT_BASE
from kg.sparql.named import PAGE, NamedQuery, shipped
from kg.sparql.text import prefixes
from kg.terms import KG, RDF, XSD
from tests.sample_graph import REPORTS, sample_store

INSTRUCT, KESTREL, OWL = "InstructBLIP-13B", "Kestrel-7B", "Owl-1B"
MISTRAL, NVIDIA = (f"<{DEFAULT_BASE}organization/{name}>" for name in ("mistral-ai", "nvidia"))
FACT = f"<{DEFAULT_BASE}derived/kestrel-7b/accelerator-hours/0a1b2c3d>"
HOURS = (
    f"<{DEFAULT_BASE}model/owl-1b> <{KG}organization> {MISTRAL}",
    f"<{DEFAULT_BASE}model/kestrel-7b> <{KG}organization> {NVIDIA}",
    f'<{DEFAULT_BASE}run/owl-1b> <{KG}acceleratorHours> "1500"^^<{XSD}decimal>',
    f'<{DEFAULT_BASE}run/owl-1b> <{KG}acceleratorHours> "2000.5"^^<{XSD}decimal>',
    f'<{DEFAULT_BASE}run/instructblip-13b/pretraining> <{KG}acceleratorHours> "1000"^^<{XSD}decimal>',
    f'<{DEFAULT_BASE}run/instructblip-13b/instruction-tuning> <{KG}acceleratorHours> "24"^^<{XSD}decimal>',
    f"{FACT} <{RDF}subject> <{DEFAULT_BASE}run/kestrel-7b>",
    f"{FACT} <{RDF}predicate> <{KG}impliedAcceleratorHours>",
    *(
        f'{FACT} <{name}> "{value}"^^<{XSD}double>'
        for name, value in ((f"{RDF}object", "12288"), (f"{KG}lowerBound", "1.1e4"), (f"{KG}upperBound", "1.3e4"))
    ),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("queries"))


@pytest.fixture(scope="module")
def with_hours(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("hours"), more=HOURS)


def rows(store: ox.Store, name: str, columns: Sequence[str], **params: str) -> list[tuple[str, ...]]:
    content = run(store, name, params=params, format="csv").decode()
    return [tuple(row[column] for column in columns) for row in csv.DictReader(io.StringIO(content))]


@pytest.mark.parametrize("named", shipped().values(), ids=shipped())
def test_every_query_says_what_it_is_and_answers(named: NamedQuery, with_hours: ox.Store) -> None:
    assert named.title != named.name and named.title[0].isupper()
    lines = run(with_hours, named.name, format="csv").splitlines()
    assert len(lines) > 1
    assert lines[1:] == list(dict.fromkeys(lines[1:]))
    assert "ORDER BY" in named.text


@pytest.mark.parametrize("name", shipped())
def test_every_query_is_a_query_of_its_own(name: str, store: ox.Store) -> None:
    found = store.query(shipped()[name].text, prefixes=prefixes())
    assert isinstance(found, ox.QuerySolutions)
    selected = {variable.value for variable in found.variables}
    assert {parameter.name for parameter in shipped()[name].parameters if parameter.kind not in {PAGE, "word"}} <= selected


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(query.name, item.name) for query in shipped().values() for item in query.parameters if item.kind not in {PAGE, "word"}],
)
def test_every_parameter_narrows_the_answer(name: str, parameter: str, with_hours: ox.Store) -> None:
    everything = run(with_hours, name, format="csv").splitlines()
    values = sorted({str(row[0]) for row in rows(with_hours, name, [parameter]) if row[0]})
    assert values
    narrowed = [run(with_hours, name, params={parameter: value}, format="csv").splitlines() for value in map(short, values)]
    assert all(lines[0] == everything[0] and 2 <= len(lines) <= len(everything) for lines in narrowed)
    assert {line for lines in narrowed for line in lines} <= set(everything)


def short(value: str) -> str:
    """Return what is given for a value: a relation is given by its name."""
    return value.rpartition("#")[2]


def test_models(store: ox.Store) -> None:
    columns = ["name", "parameters", "organizations", "countries", "years", "reports"]
    assert rows(store, "models", columns) == [
        (INSTRUCT, "13000000000", "Mistral AI", "France", "2023", "1"),
        (KESTREL, "7000000000", "", "United States", "2023", "2"),
        (OWL, "1000000000", "", "", "2024", "1"),
    ]


def test_backbones(store: ox.Store) -> None:
    assert rows(store, "backbones", ["name", "role", "models"]) == [
        ("EVA-CLIP ViT-G/14", "https://w3id.org/kg/ontology#imageEncoder", "2"),
        ("BLIP-2", "https://w3id.org/kg/ontology#extends", "1"),
        ("Flan-T5-XL", "https://w3id.org/kg/ontology#languageModel", "1"),
        (INSTRUCT, "https://w3id.org/kg/ontology#extends", "1"),
    ]


def test_shared_backbone(store: ox.Store) -> None:
    both = f"{INSTRUCT} | {KESTREL}"
    assert rows(store, "shared-backbone", ["name", "models", "modelNames"]) == [("EVA-CLIP ViT-G/14", "2", both)]


def test_a_backbone_of_one_model_is_not_shared(store: ox.Store) -> None:
    assert rows(store, "shared-backbone", ["name"], backbone="BLIP-2") == []


def test_shared_datasets(store: ox.Store) -> None:
    assert rows(store, "shared-datasets", ["name", "models", "modelNames"]) == [("CC3M", "3", f"{INSTRUCT} | {KESTREL} | {OWL}")]


def test_shared_both(store: ox.Store) -> None:
    columns = ["backboneName", "datasetName", "models", "modelNames"]
    assert rows(store, "shared-both", columns) == [("EVA-CLIP ViT-G/14", "CC3M", "2", f"{INSTRUCT} | {KESTREL}")]


def test_model_with_runs_and_hardware(store: ox.Store) -> None:
    found = rows(store, "model", ["stage", "relation", "value", "name"], model=INSTRUCT)
    named = {(stage, relation.rpartition("#")[2], name or value) for stage, relation, value, name in found}
    assert named >= {
        ("", "languageModel", "Flan-T5-XL"),
        ("", "optimizer", "AdamW"),
        ("pretraining", "duration", "P21D"),
        ("pretraining", "acceleratorCount", "64"),
        ("instruction-tuning", "peakLearningRate", "0.00001"),
    }
    assert len(found) == len({row[:3] for row in found})


def test_lineage_goes_through_every_step(store: ox.Store) -> None:
    assert rows(store, "lineage", ["name", "ancestorName"]) == [(INSTRUCT, "BLIP-2"), (KESTREL, "BLIP-2"), (KESTREL, INSTRUCT)]


def test_by_country_and_year_counts_a_model_of_two_reports_once(store: ox.Store) -> None:
    assert rows(store, "by-country-year", ["name", "year", "models"]) == [
        ("", "2024", "1"),
        ("France", "2023", "1"),
        ("United States", "2023", "1"),
    ]


def test_by_accelerator(store: ox.Store) -> None:
    assert rows(store, "by-accelerator", ["name", "models", "largestCount"]) == [("NVIDIA A100 80GB", "3", "128")]


def test_training(store: ox.Store) -> None:
    assert rows(store, "training", ["name", "stage", "duration", "accelerator", "acceleratorCount"]) == [
        (INSTRUCT, "pretraining", "P21D", "NVIDIA A100 80GB", "64"),
        (KESTREL, "", "P4D; P5D", "NVIDIA A100 80GB", "128"),
        (OWL, "", "", "NVIDIA A100 80GB", ""),
    ]


def test_learning_rates(store: ox.Store) -> None:
    assert rows(store, "learning-rates", ["name", "stage", "peak", "schedule", "warmupSteps"]) == [
        (INSTRUCT, "instruction-tuning", "0.00001", "cosine", ""),
        (INSTRUCT, "pretraining", "0.0001", "", "2000"),
        (OWL, "", "0.0003", "", ""),
    ]


def test_datasets(store: ox.Store) -> None:
    found = rows(store, "datasets", ["name", "trainedModels", "evaluatedModels"])
    assert found == [("CC3M", "3", "0"), ("MMLU", "1", "2"), ("LAION-2B", "1", "0")]


def test_evaluation_sets_in_training(store: ox.Store) -> None:
    assert rows(store, "eval-in-training", ["name", "modelName", "sameModel", "trainedModels"]) == [
        ("MMLU", INSTRUCT, "false", "1"),
        ("MMLU", KESTREL, "true", "1"),
    ]


def test_evidence_shows_the_words_of_every_claim(store: ox.Store) -> None:
    found = rows(store, "evidence", ["report", "relation", "start", "end", "words"])
    said = {
        (report.id.replace(" ", "%20"), relation, mention) for report, claims in REPORTS for _, relation, _, _, mention in claims
    }
    assert {(report.split("/report/")[1], relation.rpartition("#")[2], words) for report, relation, _, _, words in found} == said
    assert len(found) == len(said)
    assert all(int(end) - int(start) == len(words) for _, _, start, end, words in found)


def test_evidence_shows_what_stands_around(store: ox.Store) -> None:
    ((context,),) = rows(store, "evidence", ["context"], model=INSTRUCT, relation="duration")
    text = REPORTS[0][0].source
    start = text.index("21 days")
    assert context.strip() == " ".join(text[start - 80 : start + 87].split())


def test_evidence_of_one_report(store: ox.Store) -> None:
    assert rows(store, "evidence", ["words"], model=KESTREL, report="sub/b c.txt", relation="duration") == [("4 days",)]


def test_hours_stated_and_implied_are_kept_apart(with_hours: ox.Store) -> None:
    columns = ["statedModels", "statedHoursLow", "statedHoursHigh", "impliedModels", "impliedHoursLow", "impliedHoursTotal"]
    assert rows(with_hours, "hours", ["name", *columns, "impliedHoursHigh"]) == [
        ("Mistral AI", "2", "2524", "3024.5", "", "", "", ""),
        ("NVIDIA", "", "", "", "1", "11000", "12288", "13000"),
    ]


def test_undisclosed(store: ox.Store) -> None:
    found = {name: set(relations.split(" | ")) for name, relations in rows(store, "undisclosed", ["name", "relations"])}
    assert found[INSTRUCT] == {"globalBatchSize", "license", "trainingExamples"}
    assert {"hasBackbone", "acceleratorCount", "country"} <= found[OWL]
    assert {"hasBackbone", "accelerator", "trainingDataset", "duration"}.isdisjoint(found[KESTREL])
