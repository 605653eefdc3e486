"""Croissant: every file is read by mlcroissant without an error, and what it misses is told."""

from __future__ import annotations

import json
from pathlib import Path

import mlcroissant  # type: ignore[import-untyped]  # it ships no types
import pyoxigraph as ox
import pytest

from kg.export.profiles import Missing, save, write_profile
from tests.export.profiles.sample import BASE, store_of, written

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # which rdflib's own reader of JSON-LD uses
# what the specification of Croissant 1.0 requires of every data set
REQUIRED = {"@context", "@type", "conformsTo", "description", "license", "name", "url", "creator", "datePublished", "distribution"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return store_of(tmp_path_factory.mktemp("croissant"))


def test_mlcroissant_reads_every_file(store: ox.Store, tmp_path: Path) -> None:
    assert save(write_profile(store, "croissant"), tmp_path) == 4
    for path in sorted((tmp_path / "dataset").iterdir()):
        metadata = mlcroissant.Dataset(jsonld=path).metadata
        assert not list(metadata.ctx.issues.errors)
        assert metadata.name == json.loads(path.read_bytes())["name"]
        assert metadata.data_use_cases


def test_the_context_is_the_recommended_one(store: ox.Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (path, *_) = [path for path in written(store, "croissant")]
    save(write_profile(store, "croissant"), tmp_path)
    mlcroissant.Dataset(jsonld=tmp_path / path)
    assert "context` is not standard" not in caplog.text


def test_what_is_required_and_left_out_is_told(store: ox.Store) -> None:
    missing = Missing()
    (file,) = [content for name, content in written(store, "croissant", missing=missing).items() if name.endswith("cc3m.json")]
    assert {wanted for _, wanted, _ in missing.counts} == REQUIRED - set(json.loads(file))
    assert set(missing.counts.values()) == {4}


def test_a_data_set_tells_what_it_was_used_for(store: ox.Store) -> None:
    files = written(store, "croissant")
    assert json.loads(files["dataset/cc3m.json"])["rai:dataUseCases"] == [
        "Training of InstructBLIP-13B (pretraining)",
        "Training of Kestrel-7B",
        "Training of Owl-1B",
    ]
    mmlu = json.loads(files["dataset/mmlu.json"])
    assert mmlu["rai:dataUseCases"] == [
        "Testing of InstructBLIP-13B",
        "Training of Kestrel-7B (fine-tuning)",
        "Testing of Kestrel-7B",
    ]
    assert (mmlu["@id"], mmlu["name"]) == (f"{BASE}dataset/mmlu", "MMLU")


def test_other_names(store: ox.Store) -> None:
    assert "alternateName" not in json.loads(written(store, "croissant")["dataset/mmlu.json"])
