"""What schema reads, and what it says of files that it cannot use."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

import kg
from kg.errors import ConfigError, UnknownName
from kg.schema import DEFAULT_BASE, ONTOLOGY, Schema, load_schema, ontology_dir, ontology_triples, shapes_dir

Ontology = Callable[..., Path]


@pytest.fixture
def ontology(tmp_path: Path) -> Ontology:
    """Return a maker of ontology folders: the real kg.ttl and the CSV files given, by name without ending."""

    def make(**tables: str) -> Path:
        (tmp_path / "catalog").mkdir()
        shutil.copy(ontology_dir() / "kg.ttl", tmp_path)
        for name, text in tables.items():
            (tmp_path / "catalog" / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return make


def read(folder: Path) -> Schema:
    return load_schema(directory=folder)


# What cannot be used ------------------------------------------------------------------------------------------------------------


def test_missing_ontology(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"kg\.ttl: cannot be read: No such file"):
        read(tmp_path)


def test_ontology_that_is_no_turtle_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "kg.ttl").write_text("@prefix a: <http://a/> .\n\na:b a:c .\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"kg\.ttl:3: Parser error at line 3"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    rdfs:domain kg:Model ;\n", "", "ontology#name has 0 values of domain, it needs one"),
        ('rdfs:label "name"@en', 'rdfs:label "name"@en, "title"@en', "ontology#name has 2 values of label, it needs one"),
        ("kg:functional true", "rdfs:comment true", "ontology#name has 0 values of functional"),
        ("rdfs:range xsd:string", "rdfs:range <https://schema.org/Text>", "https://schema.org/Text is neither a term of"),
        ('    skos:notation "pretraining" ;\n', "", "ontology#pretraining has 0 values of notation"),
        (
            '    skos:example "We introduce Kestrel, a vision-language model."@en .',
            "    a owl:Class .",
            "ontology#Model has 0 values of example",
        ),
    ],
)
def test_incomplete_term(ontology: Ontology, old: str, new: str, message: str) -> None:
    folder = ontology()
    text = (folder / "kg.ttl").read_text(encoding="utf-8")
    assert old in text
    (folder / "kg.ttl").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read(folder)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", r"models\.csv:1: the header must begin with name,aliases"),
        ("aliases,name\n", r"models\.csv:1: the header must begin with name,aliases"),
        ("name,aliases,id,id\n", r"models\.csv:1: the header must begin with name,aliases"),
        ("name,aliases\nBLIP,\nCLIP\n", r"models\.csv:3: 1 columns where the header has 2"),
        ('name,aliases\n"two\nlines",\nCLIP,a,b\n', r"models\.csv:4: 3 columns where the header has 2"),
        ('name,aliases\n"BLIP"x,\n', r"models\.csv: is not a UTF-8 CSV file"),
        ("name,aliases\n ,alias\n", r"models\.csv:2: the name is empty"),
        ("name,aliases,id\nBLIP,,a\n\nCLIP,,a\n", r"models\.csv:4: https://w3id.org/kg/model/a is already at \S+models\.csv:2"),
        ("name,aliases\nBLIP-2,\nBLIP 2,\n", r"models\.csv:3: https://w3id.org/kg/model/blip-2 is already at \S+models\.csv:2"),
        ("name,aliases\nBLIP-2,\nBLIP2,\n", r"models\.csv:3: 'BLIP2' is already at \S+models\.csv:2"),
        ("name,aliases\nBLIP-2,\nBLIP,blip2\n", r"models\.csv:3: the alias 'blip2' is the name at \S+models\.csv:2"),
    ],
)
def test_broken_catalogue_names_file_and_line(ontology: Ontology, table: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(ontology(models=table))


def test_catalogue_that_is_no_text(ontology: Ontology) -> None:
    folder = ontology()
    (folder / "catalog" / "models.csv").write_bytes(b"name,aliases\nBL\xffP,\n")
    with pytest.raises(ConfigError, match=r"models\.csv: is not a UTF-8 CSV file"):
        read(folder)


def test_two_kinds_that_share_a_folder_cannot_share_an_iri(ontology: Ontology) -> None:
    folder = ontology(components="name,aliases\nQ-Former,\n", models="name,aliases\nBLIP-2,\nQ Former,\n")
    with pytest.raises(ConfigError, match=r"models\.csv:3: https://w3id.org/kg/model/q-former is already at \S+components\.csv:2"):
        read(folder)


# What is read -------------------------------------------------------------------------------------------------------------------

TABLES = {
    "accelerators": "name,aliases,manufacturer,memory\nNVIDIA A100 80GB,A100-80GB|A100 (80 GB),NVIDIA,80000000000\n",
    "components": "name,aliases,context\nQ-Former,Querying Transformer,\nGenerator,,yes\n",
    "countries": "name,aliases,id,ambiguous\nNorth Korea,DPRK|Korea,kp,Korea\nSouth Korea,Korea,kr,Korea\nKorea,,xk,\n",
    "models": "\ufeffname,aliases\nViT-g/14,\nViT-G/14,ViT-bigG\n",
    "software": "name,aliases\nPyTorch,torch\n",
}


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("nvidia a100 80gb", None, ["accelerator/nvidia-a100-80gb"]),
        ("A100-80GB", "accelerator", ["accelerator/nvidia-a100-80gb"]),
        ("A100-80GB", "model", []),
        ("querying transformer", "component", ["model/q-former"]),
        ("querying transformer", "model", ["model/q-former"]),
        ("Korea", "country", ["country/kp", "country/kr", "country/xk"]),
        ("DPRK", None, ["country/kp"]),
        ("ViT-G/14", "model", ["model/vit-bigg-14"]),
        ("ViT-g/14", "model", ["model/vit-g-14"]),
        ("Torch", "software", ["software/pytorch"]),
        ("nowhere", None, []),
        ("", None, []),
    ],
)
def test_find(ontology: Ontology, name: str, kind: str | None, found: list[str]) -> None:
    schema = read(ontology(**TABLES))
    assert [thing.iri.removeprefix(DEFAULT_BASE) for thing in schema.find(name, kind)] == found


def test_thing(ontology: Ontology) -> None:
    schema = read(ontology(**TABLES))
    thing = schema.thing(DEFAULT_BASE + "accelerator/nvidia-a100-80gb")
    assert thing is not None
    assert (thing.kind, thing.name, thing.aliases) == ("accelerator", "NVIDIA A100 80GB", ("A100-80GB", "A100 (80 GB)"))
    assert thing.facts == {"manufacturer": "NVIDIA", "memory": "80000000000"}
    assert schema.thing("https://example.org/") is None
    assert [thing.name for thing in schema.things if thing.in_context] == ["Generator"]
    assert [thing.name for thing in schema.things if thing.ambiguous] == ["North Korea", "South Korea"]
    assert schema.kinds() == ("accelerator", "component", "country", "model", "software")
    assert schema.names("country") == ("DPRK", "Korea", "North Korea", "South Korea")
    assert list(schema.things) == sorted(schema.things, key=lambda thing: thing.iri)


def test_base(ontology: Ontology) -> None:
    schema = load_schema("https://example.org/", ontology(software="name,aliases,id\nPyTorch,,torch\n"))
    assert [thing.iri for thing in schema.things] == ["https://example.org/software/torch"]
    assert schema.relation("software").iri == ONTOLOGY + "software"


def test_relation(schema: Schema) -> None:
    relation = schema.relation("precision")
    assert (relation.domain, relation.range, relation.functional, relation.origin) == ("TrainingRun", "xsd:string", False, "report")
    assert relation.values[:5] == ("bfloat16", "float16", "float32", "fp8", "mixed")
    assert schema.relation("extends").parents == ("hasBackbone",)
    assert schema.relation("valueMax").range == "rdfs:Literal"


def test_unknown_relation_suggests(schema: Schema) -> None:
    with pytest.raises(UnknownName, match="did you mean optimizer"):
        schema.relation("optimiser")


def test_stages_are_in_order(schema: Schema) -> None:
    names = ["pretraining", "alignment", "instructionTuning", "fineTuning"]
    assert list(schema.stages.items()) == list(
        zip(["pretraining", "alignment", "instruction-tuning", "fine-tuning"], [ONTOLOGY + name for name in names], strict=True)
    )


def test_schema_does_not_change(schema: Schema) -> None:
    with pytest.raises(FrozenInstanceError):
        schema.base = ""  # type: ignore[misc]
    with pytest.raises(TypeError, match="does not support item assignment"):
        schema.relations["new"] = schema.relation("name")  # type: ignore[index]


def test_schema_is_read_once() -> None:
    schema = load_schema()
    assert load_schema(DEFAULT_BASE) is schema
    assert pickle.loads(pickle.dumps(schema)) is schema  # noqa: S301


def test_version_follows_the_files(ontology: Ontology) -> None:
    folder = ontology(software="name,aliases\nPyTorch,\n")
    before = load_schema("https://a.example/", folder).version
    assert load_schema("https://b.example/", folder).version == before
    (folder / "catalog" / "software.csv").write_text("name,aliases\nPyTorch,torch\n", encoding="utf-8")
    assert load_schema("https://c.example/", folder).version != before


def test_data_stands_in_the_package_or_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(kg.__file__).parents[1]
    assert (ontology_dir(), shapes_dir()) == (root / "ontology", root / "shapes")
    (tmp_path / "_data" / "shapes").mkdir(parents=True)
    monkeypatch.setattr(kg, "__file__", str(tmp_path / "__init__.py"))
    assert shapes_dir() == tmp_path / "_data" / "shapes"


def test_triples_hold_ontology_and_alignments() -> None:
    triples = ontology_triples()
    assert list(triples) == sorted(set(triples))
    assert f"<{ONTOLOGY}Model> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2002/07/owl#Class>" in triples
    assert any("fair4ml" in triple for triple in triples)
    assert not any(triple.startswith("_:") or " _:" in triple.partition('"')[0] for triple in triples)
