"""CSV: a row for each claim, with the words that say it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.graph import default_quads, ontology_triples, report_graph, report_quads
from kg.model import Claim
from kg.resolve import names_of, resolve
from tests.export.exporting import exported
from tests.sample_graph import REPORTS, sample_store
from tests.samples import claim, document, schema_with

COLUMNS = ["model", "stage", "relation", "value", "unit", "report", "start", "end", "mention", "thing", "approximate", "valueMax"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return sample_store(tmp_path_factory.mktemp("tables"))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_claim_is_a_row_with_its_words(store: ox.Store) -> None:
    found = rows(exported(store, "csv"))
    assert list(found[0]) == COLUMNS
    said = {
        (report.id, model, relation, stage or "", mention)
        for report, some in REPORTS
        for model, relation, _, stage, mention in some
    }
    assert {(row["report"], row["model"], row["relation"], row["stage"], row["mention"]) for row in found} == said
    assert len(found) == len(said)
    texts = {report.id: report.source for report, _ in REPORTS}
    assert all(texts[row["report"]][int(row["start"]) : int(row["end"])] == row["mention"] for row in found)


def test_a_thing_is_written_with_its_label_and_its_iri(store: ox.Store) -> None:
    (row,) = [row for row in rows(exported(store, "csv", "Kestrel-7B")) if row["relation"] == "accelerator"]
    assert (row["value"], row["mention"]) == ("NVIDIA A100 80GB", "A100 (80 GB)")
    assert row["thing"] == "https://w3id.org/kg/accelerator/nvidia-a100-80gb"


def test_one_model_only(store: ox.Store) -> None:
    assert {row["model"] for row in rows(exported(store, "csv", "Owl-1B"))} == {"Owl-1B"}
    assert {row["report"] for row in rows(exported(store, "csv", "Kestrel-7B"))} == {"c.txt", "sub/b c.txt"}


def test_rows_are_sorted_by_place(store: ox.Store) -> None:
    found = [(row["report"], int(row["start"])) for row in rows(exported(store, "csv"))]
    assert found == sorted(found)


def test_what_a_claim_says_besides(tmp_path: Path) -> None:
    said = [
        claim("trainingExamples", "129000000", unit="tokens", approximate=True, value_max="130000000", start=0, end=7),
        claim("peakLearningRate", "0.1", model=None, start=0, end=10),
    ]
    store = store_of(tmp_path, said, '"Kestrel"\n,7B')
    first, second = rows(exported(store, "csv"))
    assert (first["unit"], first["approximate"], first["valueMax"], first["mention"]) == ("tokens", "true", "130000000", '"Kestre')
    assert (second["model"], second["unit"], second["approximate"], second["valueMax"]) == (
        "unnamed model of a.txt",
        "",
        "false",
        "",
    )
    assert second["mention"] == '"Kestrel"\n'


def store_of(folder: Path, claims: list[Claim], source: str) -> ox.Store:
    schema = schema_with(folder / "ontology")
    names = names_of(claims, schema)
    graph = report_graph(document(source=source), resolve(claims, schema, names), names, schema)
    store = ox.Store()
    lines = default_quads({*ontology_triples(), *graph.facts}) + report_quads(graph)
    store.load("".join(lines).encode(), ox.RdfFormat.N_QUADS)
    return store
