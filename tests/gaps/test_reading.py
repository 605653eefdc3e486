"""A finished build read back is what the reports say; a damaged one is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.config import Config
from kg.errors import BuildError
from kg.gaps import Told
from kg.gaps.reading import read
from kg.pipeline import build
from kg.schema import Schema
from kg.store import Build
from tests.command import SEEDS
from tests.gaps.made import told_in
from tests.samples import claim


def quiet(*_: object) -> None:
    """Say and show nothing."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    reports = tmp_path_factory.mktemp("reports")
    for path in SEEDS.glob("*.txt"):
        (reports / path.name).write_text(path.read_text("utf-8"), encoding="utf-8")
    (reports / "kestrel.txt").write_text("Kestrel-7B, trained with AdamW.\n<training>soon</training>\n")
    (reports / "kestrel-2.txt").write_text("Kestrel 7B was pretrained on C4 and on Mistral 7B's data.\n")
    return build([reports], reports / "out", config=Config(), progress=quiet, say=quiet).build


def shape(model: Told) -> list[object]:
    """Return what is known of a model without the scores of claims, which a build does not keep."""
    return [
        model.label,
        {relation: [claim.to_json() for claim in claims] for relation, claims in model.claims.items()},
        {relation: [claim.value for claim in claims] for relation, claims in model.suggestions.items()},
        {relation: [fact.id for fact in facts] for relation, facts in model.derived.items()},
        [gap.reason for gap in model.undetermined],
        list(model.unreadable),
    ]


def test_what_is_read_back_is_what_was_told(built: Build, schema: Schema) -> None:
    inputs = built.manifest["inputs"]
    folder = built.path.parents[2]
    texts = {entry["id"]: (folder / entry["id"]).read_text("utf-8") for entry in inputs}
    told = {model.iri: model for model in told_in(texts).values()}
    found = {model.iri: model for model in read(built.path, built.store(), schema)}
    assert list(found) == sorted(told)
    assert [shape(model) for model in found.values()] == [shape(told[iri]) for iri in found]
    assert found["https://w3id.org/kg/model/kestrel-7b"].unreadable.keys() == {"duration"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("claims.jsonl", "{"),
        ("claims.jsonl", "[]"),
        ("claims.jsonl", '{"report": 1}'),
        ("suggestions.jsonl", '{"text": 1}'),
        ("derived.jsonl", "{}"),
        ("undetermined.jsonl", '{"model": 1}'),
        ("coverage.jsonl", '{"status": "unreadable"}'),
        ("undetermined.jsonl", None),
    ],
)
def test_a_damaged_build(name: str, content: str | None, built: Build, schema: Schema, tmp_path: Path) -> None:
    for file in ("claims.jsonl", "suggestions.jsonl", "derived.jsonl", "undetermined.jsonl", "coverage.jsonl"):
        (tmp_path / file).write_bytes((built.path / file).read_bytes())
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_text(content + "\n")
    message = rf"{name}: the build cannot be read, or is of another version of kg\n  hint: build again"
    with pytest.raises(BuildError, match=message):
        read(tmp_path, built.store(), schema)


def test_a_model_of_which_only_ambiguous_names_are_said(tmp_path: Path, schema: Schema, built: Build) -> None:
    row = claim("country", "Georgia", model="Georgette").to_json()
    (tmp_path / "claims.jsonl").write_text(json.dumps(row) + "\n")
    for file in ("suggestions.jsonl", "derived.jsonl", "undetermined.jsonl", "coverage.jsonl"):
        (tmp_path / file).write_text("")
    (model,) = read(tmp_path, built.store(), schema)
    assert (model.iri, model.label, list(model.claims)) == (
        "https://w3id.org/kg/model/unnamed/a.txt",
        "unnamed model of a.txt",
        ["country"],
    )
