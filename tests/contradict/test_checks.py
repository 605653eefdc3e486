"""Every check by its cases: reports that must be told and, more often, reports that must not."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg.contradict
from kg.codes import code, codes
from kg.contradict import checks, contradictions
from kg.contradict.license import listed, ranks
from kg.contradict.number_format import lacking
from kg.model import Claim, Derivation, Finding
from kg.render import render
from kg.schema import Schema, load_schema
from tests.contradict.said import codes_in, found, found_in, found_of
from tests.samples import claim, document

HERE = Path(__file__).parent
FOLDERS = sorted(path for path in (HERE / "reports").iterdir() if path.is_dir())
RELATIONS = (
    "parameterCount releaseYear duration acceleratorHours trainingCompute acceleratorCount accelerator globalBatchSize steps epochs"
    " perDeviceBatchSize gradientAccumulationSteps trainingExamples peakLearningRate warmupSteps warmupFraction imageResolution"
    " precision license extends languageModel imageEncoder trainingDataset evaluationDataset optimizer name"
).split()


def cases() -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in (HERE / "cases.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            text, _, wanted = line.rpartition(" => ")
            yield text, () if wanted == "none" else tuple(wanted.split(", "))


def of(*claims: Claim) -> list[Finding]:
    documents = {made.report: document(made.report, "word " * 400) for made in claims}
    by_report = {id: tuple(made for made in claims if made.report == id) for id in documents}
    return found_of(documents, by_report, load_schema())


def test_nothing_is_wrong_with_nothing(schema: Schema) -> None:
    assert list(contradictions((), Derivation(), schema, {})) == []
    assert found_in({"empty.txt": "", "blank.txt": " \n"}) == []


@pytest.mark.parametrize("value", ["", "many", "0", "-5", "1e", "P", "PT", "P-3D", "1/0", "NaN", "inf", "12x", "x", "20x3"])
@pytest.mark.parametrize("relation", RELATIONS)
def test_values_that_are_none_contradict_nothing(relation: str, value: str) -> None:
    others = [
        claim("parameterCount", "7000000000", start=10, end=12),
        claim("acceleratorCount", "64", start=20, end=22),
        claim("duration", "P10D", start=30, end=32),
        claim("accelerator", "NVIDIA A100", start=40, end=42),
        claim("gradientAccumulationSteps", "4", start=50, end=52),
    ]
    wrong = [claim(relation, value, start=60 + 10 * number, end=62 + 10 * number) for number in range(2)]
    before = {finding.code for finding in of(*others)}
    assert {finding.code for finding in of(*others, *wrong)} == before


@given(
    st.lists(st.tuples(st.sampled_from(RELATIONS), st.text(max_size=12), st.booleans(), st.sampled_from([None, "tokens", "pairs"])))
)
def test_no_claims_make_a_check_fail(made: list[tuple[str, str, bool, str | None]]) -> None:
    claims = [
        claim(relation, value, start=number, end=number + 1, approximate=hedged, unit=unit, method="tag" if hedged else "rule:x")
        for number, (relation, value, hedged, unit) in enumerate(made)
    ]
    for finding in of(*claims):
        assert finding.labels and finding.notes


@pytest.mark.parametrize(("text", "wanted"), list(cases()))
def test_a_report_is_told_or_not(text: str, wanted: tuple[str, ...]) -> None:
    assert codes_in(text) == wanted


def test_there_are_more_reports_without_contradiction_than_with() -> None:
    assert sum(not wanted for _, wanted in cases()) > sum(bool(wanted) for _, wanted in cases()) > len(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_report_of_a_code_shows_it_and_nothing_else(folder: Path) -> None:
    findings, sources = found(folder)
    assert [finding.code for finding in findings] == [folder.name]
    example = "".join(f"    {line}\n" if line else "\n" for line in render(findings, sources).splitlines())
    assert example in code(folder.name).text


def test_every_code_has_a_report() -> None:
    assert [folder.name for folder in FOLDERS] == [known.code for known in codes() if known.code.startswith("KG3")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_finding_shows_all_sides_and_ends_by_leaving_them(folder: Path) -> None:
    (finding,), sources = found(folder)
    assert finding.severity == code(finding.code).severity
    assert finding.report == finding.labels[0].report and finding.subject and finding.subject.startswith("https://")
    for label in finding.labels:
        assert sources[label.report].text[label.start : label.end].strip() and label.text
    assert len({(label.report, label.start, label.end) for label in finding.labels}) == len(finding.labels)
    assert finding.notes[-1].endswith("in the graph; kg does not choose")


def test_a_check_is_a_file() -> None:
    files = {path.stem for path in Path(kg.contradict.__file__).parent.glob("*.py") if not path.stem.startswith("_")}
    assert set(checks()) == files and len(files) == len(FOLDERS)


def test_the_order_of_reports_changes_nothing() -> None:
    texts = {f"{folder.name}-{path.name}": path.read_text("utf-8") for folder in FOLDERS for path in sorted(folder.iterdir())}
    assert found_in(texts) == found_in(dict(reversed(texts.items())))


def test_words_about_several_models_say_little_of_one() -> None:
    shared = [claim("gradientAccumulationSteps", "16", model=model, start=20, end=22) for model in ("Kestrel-1B", "Kestrel-7B")]
    shared += [claim("globalBatchSize", "2048", model=model, start=10, end=12) for model in ("Kestrel-1B", "Kestrel-7B")]
    own = claim("acceleratorCount", "100", model="Kestrel-1B", start=30, end=32)
    assert [finding.code for finding in of(*shared, own)] == []
    alone = [made for made in shared if made.model == "Kestrel-1B"]
    assert [finding.code for finding in of(*alone, own)] == ["KG302"]


def test_a_stage_is_checked_with_its_own_numbers() -> None:
    whole = [claim("acceleratorCount", "64", start=10, end=12), claim("gradientAccumulationSteps", "2", start=20, end=22)]
    stages = [
        claim("globalBatchSize", "256", "pretraining", start=30, end=32),
        claim("globalBatchSize", "100", "fine-tuning", start=40, end=42),
    ]
    (finding,) = of(*whole, *stages)
    assert finding.subject == "https://w3id.org/kg/run/kestrel-7b/fine-tuning"
    assert finding.notes[0] == "100 ÷ (64 × 2) = 0.7812 samples per device; it must be a whole number"


def test_a_stage_with_a_setting_of_its_own_takes_nothing_from_the_whole() -> None:
    whole = [
        claim("acceleratorCount", "40", start=10, end=12),
        claim("globalBatchSize", "2560", start=20, end=22),
        claim("perDeviceBatchSize", "64", start=30, end=32),
    ]
    stage = [claim("acceleratorCount", "1", "fine-tuning", start=40, end=42)]
    stage.append(claim("globalBatchSize", "8", "fine-tuning", start=50, end=52))
    assert of(*whole, *stage) == []


def test_a_product_of_another_part_may_have_the_format() -> None:
    made = [
        claim("precision", "bfloat16", "pretraining", start=10, end=12),
        claim("accelerator", "NVIDIA V100", "pretraining", start=20, end=22),
    ]
    assert [finding.code for finding in of(*made)] == ["KG307"]
    assert of(*made, claim("accelerator", "NVIDIA A100", "fine-tuning", start=30, end=32)) == []


def test_a_licence_of_a_backbone_that_several_models_share_is_not_compared() -> None:
    made = [claim("license", "MIT", model="Kestrel-1B", start=10, end=12)]
    made += [claim("extends", "LLaMA-7B", model=model, start=20, end=22) for model in ("Kestrel-1B", "Kestrel-7B")]
    assert of(*made) == []
    assert [finding.code for finding in of(*made[:2])] == ["KG312"]


def test_the_documentation_lists_every_code_with_its_severity() -> None:
    text = (HERE.parents[1] / "docs" / "contradictions.md").read_text("utf-8")
    listed = {
        line.split("](")[0].removeprefix("| ["): line.rsplit("|", 2)[1].strip() for line in text.splitlines() if "| [KG3" in line
    }
    names = {"info": "note", "warning": "warning", "violation": "violation"}
    assert listed == {known.code: names[known.severity] for known in codes() if known.code.startswith("KG3")}


A100 = claim("accelerator", "NVIDIA A100 80GB", start=90, end=95)
ADAM = claim("optimizer", "AdamW", start=80, end=85)


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        ([("acceleratorHours", "100", None), ("trainingCompute", "1e23", None)], ["KG305"]),
        ([("acceleratorHours", "100", None), ("trainingCompute", "1e19", None)], []),
        ([("acceleratorHours", "100", None), ("acceleratorHours", "900", None), ("trainingCompute", "1e23", None)], []),
        ([("precision", "float32", None), ("acceleratorHours", "100", None), ("trainingCompute", "1e20", None)], ["KG305"]),
        ([("precision", "bfloat16", None), ("acceleratorHours", "100", None), ("trainingCompute", "1e20", None)], []),
        ([("duration", "PT1H", None), ("steps", "9000000", None)], ["KG314"]),
        ([("duration", "PT1H", None), ("steps", "9000", None)], []),
        ([("duration", "PT1H", None), ("trainingExamples", "9000000000", "images"), ("globalBatchSize", "256", None)], ["KG314"]),
        ([("duration", "PT1H", None), ("trainingExamples", "9000000000", "tokens"), ("globalBatchSize", "256", None)], []),
        ([("perDeviceBatchSize", "9000000", None), ("imageResolution", "224x224", None)], ["KG308"]),
        ([("perDeviceBatchSize", "256", None), ("imageResolution", "224x224", None)], []),
        ([("perDeviceBatchSize", "9000000", "tokens"), ("imageResolution", "224x224", None)], []),
        ([("imageResolution", "224x22400", None)], ["KG317"]),
        ([("imageResolution", "large", None)], []),
        ([("trainingExamples", "9000000000000", "image-text pairs")], ["KG317"]),
        ([("trainingExamples", "9000000000000", "tokens")], []),
        ([("trainingExamples", "2000000", "images"), ("globalBatchSize", "2048", None), ("steps", "1000000", None)], ["KG317"]),
        ([("trainingExamples", "2000000", "images"), ("globalBatchSize", "2048", None), ("steps", "100000", None)], []),
        ([("minLearningRate", "0.2", None)], ["KG317"]),
    ],
)
def test_claims_are_told_or_not(made: list[tuple[str, str, str | None]], wanted: list[str]) -> None:
    claims = [claim(relation, value, unit=unit, start=10 * at, end=10 * at + 5) for at, (relation, value, unit) in enumerate(made)]
    assert [finding.code for finding in of(A100, ADAM, *claims)] == wanted


@pytest.mark.parametrize(("size", "told"), [("30 billion", True), ("6 billion", False)])
def test_a_part_may_have_its_size_from_another_report(size: str, told: bool) -> None:
    whole = claim("parameterCount", "30000000000" if told else "6000000000", report="b.txt", model="Kestrel", mention=size)
    encoder = claim("imageEncoder", "ViT-g/14", report="b.txt", model="Kestrel", start=10, end=15)
    language = claim("languageModel", "Merlin", report="b.txt", model="Kestrel", start=20, end=25)
    base = claim("parameterCount", "2000000000", report="a.txt", model="Merlin", mention="2 billion")
    findings = of(base, whole, encoder, language)
    assert [finding.code for finding in findings] == (["KG309"] if told else [])
    assert all("Merlin: 2,000,000,000 parameters (a.txt)" in finding.notes for finding in findings)


@pytest.mark.parametrize(("written", "told"), [("about 2,000", False), ("2000", True)])
def test_a_rounded_batch_may_be_a_whole_number(written: str, told: bool) -> None:
    hedged = written.startswith("about")
    made = [
        claim("globalBatchSize", "2000", mention=written, start=10, end=12, approximate=hedged),
        claim("acceleratorCount", "64", start=20, end=22),
        claim("gradientAccumulationSteps", "2", start=30, end=32),
    ]
    assert bool(of(*made)) is told


def test_a_backbone_of_the_same_build_lends_its_year_size_and_licence() -> None:
    base = "<model>Merlin-7B</model> was released in <year>2025</year> under CC-BY-NC-4.0."
    child = "<model>Kestrel-Chat</model> was released in <year>2021</year> under the MIT license. It is based on Merlin-7B."
    findings = found_in({"base.txt": base, "child.txt": child})
    assert sorted(finding.code for finding in findings) == ["KG310", "KG312"]
    licence = next(finding for finding in findings if finding.code == "KG312")
    assert {label.report for label in licence.labels} == {"base.txt", "child.txt"}


def test_what_lacks_a_format_is_in_the_catalogue(schema: Schema) -> None:
    assert set(lacking()) == {"bfloat16", "fp8"}
    for products in lacking().values():
        for name, lack in products.items():
            assert [thing.name for thing in schema.find(name, "accelerator")] == [name]
            assert lack.why and lack.source


def test_licences_and_models_of_the_table_are_in_the_catalogue(schema: Schema) -> None:
    for name in ranks():
        assert [thing.name for thing in schema.find(name, "license")] == [name]
    for name, terms in listed().items():
        assert [thing.name for thing in schema.find(name, "model")] == [name]
        assert terms.license in ranks() and terms.source.startswith("https://")


def test_a_licence_is_of_one_class() -> None:
    table = tomllib.loads((Path(kg.contradict.__file__).parent / "licenses.toml").read_text("utf-8"))
    names = [name for entry in table["class"] for name in entry["licenses"]]
    assert len(names) == len(set(names)) == len(ranks())
