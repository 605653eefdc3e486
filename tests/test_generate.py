"""What follows from the ontology: the files are current, and mean what they should to JSON-LD and SHACL processors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyld  # type: ignore[import-untyped]
import pytest
import rdflib
from pyshacl import validate
from rdflib.namespace import RDF, SH

from kg import generate
from kg.errors import ConfigError, UnknownName
from kg.schema import ONTOLOGY, Schema, ontology_dir, shapes_dir

SHAPE = "https://w3id.org/kg/shapes#"
PREFIXES = (
    f"@prefix kg: <{ONTOLOGY}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @base <https://w3id.org/kg/> .\n"
    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
)


def violated(data: str, shapes: str) -> dict[str, str]:
    """Return the local names of the shapes that the data violates, with their codes."""
    graph = rdflib.Graph().parse(data=shapes, format="turtle")
    _, report, _ = validate(rdflib.Graph().parse(data=PREFIXES + data, format="turtle"), shacl_graph=graph, inference="none")
    assert isinstance(report, rdflib.Graph)
    sources = {report.value(result, SH.sourceShape) for result in report.subjects(RDF.type, SH.ValidationResult)}
    return {str(source).removeprefix(SHAPE): str(graph.value(source, rdflib.URIRef(ONTOLOGY + "code"))) for source in sources}


# Files are current --------------------------------------------------------------------------------------------------------------


def test_check_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project of its own with the real ontology, and a page with two tables."""
    (tmp_path / "ontology" / "catalog").mkdir(parents=True)
    (tmp_path / "kg" / "queries").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    shutil.copy(ontology_dir() / "kg.ttl", tmp_path / "ontology")
    (tmp_path / "kg" / "queries" / "models.rq").write_text(
        "# title: All models\n# param: year  text: released in; default every year\n# param: name  text: all | part\nSELECT * {}\n",
        encoding="utf-8",
    )
    (tmp_path / "README.md").write_text("A\n<!-- generated: relations -->\nold\n<!-- end -->\nZ\n", encoding="utf-8")
    (tmp_path / "docs" / "queries.md").write_text("<!-- generated: queries -->\n<!-- end -->\n", encoding="utf-8")
    monkeypatch.setattr(generate, "ontology_dir", lambda: tmp_path / "ontology")
    monkeypatch.setattr(generate, "shapes_dir", lambda: tmp_path / "shapes")
    return tmp_path


def test_check_names_stale_files_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert generate.main(["--check"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    for name in ("ontology/context.jsonld", "shapes/core.ttl", "README.md", "docs/queries.md"):
        assert f"{project / name} is stale: run python -m kg.generate\n--- {project / name}\n" in err
    assert "-old\n+| relation | of | value | example |\n" in err
    assert before == {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_writes_what_is_stale_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main([]) == 0
    assert capsys.readouterr().err.count("wrote ") == 4
    assert generate.main([]) == 0
    assert capsys.readouterr().err == ""
    page = (project / "README.md").read_text(encoding="utf-8")
    assert page.startswith("A\n<!-- generated: relations -->\n| relation |") and page.endswith("|\n<!-- end -->\nZ\n")
    assert "| `precision` | TrainingRun | `bfloat16` `float16` " in page
    assert "| `accelerator` | HardwareConfig | Accelerator | Training ran on NVIDIA A100 80GB GPUs. |" in page
    queries = (project / "docs" / "queries.md").read_text(encoding="utf-8")
    assert "| `models` | All models | `year`: released in; default every year; `name`: all \\| part |" in queries
    assert (project / "shapes" / "core.ttl").read_text(encoding="utf-8") == (shapes_dir() / "core.ttl").read_text(encoding="utf-8")


def test_unusable_page_is_an_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "README.md").write_text("<!-- generated: relation -->\n<!-- end -->\n", encoding="utf-8")
    assert generate.main([]) == 2
    assert "no table is named 'relation'" in capsys.readouterr().err
    assert not (project / "shapes").exists()


def test_table_without_end(schema: Schema) -> None:
    with pytest.raises(ConfigError, match=r"page\.md: the table 'relations' has no <!-- end -->"):
        generate.fill("<!-- generated: relations -->\n", generate.tables(schema, Path()), "page.md")


def test_table_that_runs_into_the_next(schema: Schema) -> None:
    page = "<!-- generated: relations -->\n<!-- generated: codes -->\n<!-- end -->\n"
    with pytest.raises(ConfigError, match="the table 'relations' has no <!-- end -->"):
        generate.fill(page, generate.tables(schema, Path()), "page.md")


def test_query_without_title(schema: Schema, project: Path) -> None:
    (project / "kg" / "queries" / "bad.rq").write_text("SELECT * {}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"bad\.rq: 0 lines '# title: …', it needs one"):
        generate.tables(schema, project)["queries"]()


@pytest.mark.parametrize("name", ["relations", "structure", "catalog", "queries", "codes", "formats"])
def test_every_table_is_one(schema: Schema, name: str) -> None:
    header, rule, *_ = generate.tables(schema, ontology_dir().parent)[name]().splitlines()
    assert header.count("|") == rule.count("|") and set(rule) == {"|", "-", " "}


def test_unknown_table_lists_the_names(schema: Schema) -> None:
    with pytest.raises(
        UnknownName,
        match="no table is named 'zzz'\n  hint: choose one of: catalog, codes, derived, formats, labels, ",
    ):
        generate.fill("<!-- generated: zzz -->\n<!-- end -->", generate.tables(schema, Path()), "page.md")


# context.jsonld -----------------------------------------------------------------------------------------------------------------


def test_context_names_every_relation_and_class(schema: Schema) -> None:
    terms = json.loads(generate.context(schema))["@context"]
    missing = {*schema.relations, *schema.classes, *schema.stages} - set(terms)
    assert missing == set()


NODE: dict[str, Any] = {
    "id": "https://w3id.org/kg/run/a/pretraining",
    "type": "TrainingRun",
    "label": "a, pretraining",
    "optimizer": "AdamW",
    "epochs": "0.5",
    "precision": ["bfloat16", "fp8"],
    "stage": "instruction-tuning",
    "trainingDataset": ["https://w3id.org/kg/dataset/cc3m"],
}


def test_context_types_values(schema: Schema) -> None:
    quads = pyld.jsonld.to_rdf({**json.loads(generate.context(schema)), **NODE}, {"format": "application/n-quads"})
    assert f'<{ONTOLOGY}epochs> "0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>' in quads
    assert f"<{ONTOLOGY}stage> <{ONTOLOGY}instructionTuning>" in quads
    assert f"<{ONTOLOGY}trainingDataset> <https://w3id.org/kg/dataset/cc3m>" in quads
    assert f'<{ONTOLOGY}optimizer> "AdamW" .' in quads


def test_context_compacts_to_the_same_node(schema: Schema) -> None:
    context = json.loads(generate.context(schema))
    quads = pyld.jsonld.to_rdf({**context, **NODE}, {"format": "application/n-quads"})
    compact = pyld.jsonld.compact(pyld.jsonld.from_rdf(quads), context)
    assert {key: value for key, value in compact.items() if key != "@context"} == NODE


# core.ttl -----------------------------------------------------------------------------------------------------------------------


def test_good_data_conforms(schema: Schema) -> None:
    data = """
        <model/a> a kg:Model ; kg:name "a" ; kg:parameterCount 7 ; kg:extends <model/b>, <model/c> ; kg:hasRun <run/a> .
        <model/b> a kg:Model . <model/c> a kg:Model .
        <run/a> a kg:TrainingRun ; kg:stage kg:alignment ; kg:precision "bfloat16", "fp8" ; kg:duration "P1D"^^xsd:duration .
        <claim/a> a kg:Claim ; kg:valueMax 3 ; kg:approximate true .
    """
    assert violated(data, generate.shapes(schema)) == {}


@pytest.mark.parametrize(
    ("data", "shape", "code"),
    [
        ('<m> a kg:Model ; kg:parameterCount "7B" .', "parameterCount-datatype", "KG101"),
        ("<m> a kg:Model ; kg:parameterCount 7.5 .", "parameterCount-datatype", "KG101"),
        ('<r> a kg:TrainingRun ; kg:duration "P3W" .', "duration-datatype", "KG101"),
        ("<r> a kg:TrainingRun ; kg:peakLearningRate 1e-4 .", "peakLearningRate-datatype", "KG101"),
        ("<m> a kg:Model ; kg:extends <x> .", "extends-class", "KG102"),
        ("<m> a kg:Model ; kg:extends <x> . <x> a kg:Dataset .", "extends-class", "KG102"),
        ('<m> a kg:Model ; kg:organization "Mistral" .', "organization-class", "KG102"),
        ("<m> a kg:Model ; kg:parameterCount 7, 8 .", "parameterCount-maxCount", "KG103"),
        ("<r> a kg:TrainingRun ; kg:stage kg:alignment, kg:pretraining .", "stage-maxCount", "KG103"),
        ('<r> a kg:TrainingRun ; kg:precision "bf16" .', "precision-in", "KG104"),
        ("<r> a kg:TrainingRun ; kg:stage kg:Alignment .", "stage-in", "KG104"),
        ('<c> a kg:Claim ; kg:approximate "yes" .', "approximate-datatype", "KG101"),
    ],
)
def test_bad_data_violates_one_shape(schema: Schema, data: str, shape: str, code: str) -> None:
    assert violated(data, generate.shapes(schema)) == {shape: code}


def test_every_constraint_has_code_severity_and_message(schema: Schema) -> None:
    graph = rdflib.Graph().parse(data=generate.shapes(schema), format="turtle")
    shapes = set(graph.subjects(RDF.type, SH.PropertyShape))
    assert shapes == set(graph.objects(None, SH.property)) and len(shapes) > len(schema.relations)
    for shape in shapes:
        severity = SH.Warning if str(shape).endswith("-maxCount") else SH.Violation
        assert graph.value(shape, SH.severity) == severity
        assert len(list(graph.objects(shape, rdflib.URIRef(ONTOLOGY + "code")))) == 1
        assert graph.value(shape, SH.message)
