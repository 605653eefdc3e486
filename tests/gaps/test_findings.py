"""Gaps as findings: what is missing, at the nearest evidence, and what was looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kg.codes import code
from kg.gaps import gap_findings
from kg.model import Claim, Derivation, Finding, Label, Undetermined
from kg.render import ReportSource, render
from kg.resolve import names_of, resolve
from kg.runs import said
from kg.schema import Schema
from tests.gaps.made import found_in
from tests.gaps.test_answers import COMPUTED
from tests.samples import claim

REPORTS = Path(__file__).with_name("reports")
CODES = ["KG201", "KG202", "KG203", "KG204", "KG205"]
STATED = {
    "KG201": ["parameterCount", "extends", "license", "releaseYear", "organization"],
    "KG202": ["trainingDataset", "trainingExamples"],
    "KG203": ["accelerator", "acceleratorCount", "duration"],
    "KG204": ["optimizer", "peakLearningRate", "globalBatchSize", "steps"],
}
VALUES = {"releaseYear": "2024", "duration": "P1D", "accelerator": "NVIDIA A100 80GB", "extends": "Llama 2"}


def fixture(name: str) -> str:
    return (REPORTS / name / "kestrel.txt").read_text("utf-8")


def found(
    schema: Schema,
    *claims: Claim,
    texts: dict[str, str] | None = None,
    derivation: Derivation | None = None,
    suggestions: Sequence[Claim] = (),
    findings: Sequence[Finding] = (),
) -> list[Finding]:
    """Return the gaps of a model of which this is claimed."""
    of_report: dict[str, list[Claim]] = {}
    for item in claims:
        of_report.setdefault(item.report, []).append(item)
    names = names_of(claims, schema)
    models = said(of_report, {report: resolve(own, schema, names) for report, own in of_report.items()}, names, schema)
    return list(gap_findings(models, derivation or Derivation(), schema, texts or {}, suggestions, findings))


def stated(*without: str, start: int = 10) -> list[Claim]:
    """Return claims of everything that is looked for but some relations; each stands at a place of its own."""
    names = [name for relations in STATED.values() for name in relations if name not in without]
    return [claim("name", "Kestrel-7B", start=0, end=10)] + [
        claim(name, VALUES.get(name, "7"), start=start * number, end=start * number + 5) for number, name in enumerate(names, 1)
    ]


def only(findings: Sequence[Finding]) -> Finding:
    (finding,) = findings
    return finding


@pytest.mark.parametrize("name", CODES)
def test_each_code_fires_where_its_fact_is_missing_and_nothing_else(name: str) -> None:
    finding = only(found_in({"kestrel.txt": fixture(name)}))
    assert (finding.code, finding.severity) == (name, code(name).severity)
    assert finding.labels and finding.notes and finding.subject == "https://w3id.org/kg/model/kestrel-7b"


def test_a_report_that_states_everything_has_no_gap() -> None:
    assert found_in({"kestrel.txt": fixture("none")}) == []


@pytest.mark.parametrize("name", CODES)
def test_examples_of_pages_are_what_kg_says(name: str) -> None:
    example = "\n".join(line[4:] for line in code(name).text.splitlines() if line.startswith("    "))
    source = next(line[4:] for line in example.splitlines() if line.startswith("1 | "))
    findings = [finding for finding in found_in({"kestrel.txt": source}) if finding.code == name]
    assert render(findings, {"kestrel.txt": ReportSource("reports/kestrel.txt", source)}, width=132) == example + "\n"


@pytest.mark.parametrize(
    ("missing", "near"),
    [
        (["acceleratorCount"], "accelerator"),
        (["duration"], "accelerator"),
        (["accelerator", "duration"], "acceleratorCount"),
        (["accelerator", "acceleratorCount"], "duration"),
        (["accelerator", "acceleratorCount", "duration"], "name"),
        (["license"], "name"),
        (["trainingExamples"], "trainingDataset"),
        (["trainingDataset"], "trainingExamples"),
        (["trainingDataset", "trainingExamples"], "name"),
        (["peakLearningRate"], "optimizer"),
        (["optimizer", "peakLearningRate"], "globalBatchSize"),
    ],
)
def test_a_gap_is_shown_at_the_nearest_evidence(missing: list[str], near: str, schema: Schema) -> None:
    claims = stated(*missing)
    finding = only(found(schema, *claims))
    place = next(item for item in claims if item.relation == near)
    label = finding.labels[0]
    assert (label.report, label.start, label.end, finding.report) == (place.report, place.start, place.end, "a.txt")
    assert label.text == ("the model" if near == "name" else f"{schema.relation(near).label} {place.value}")
    assert finding.relation == missing[0]


def test_a_model_without_name_is_shown_by_the_first_that_is_said(schema: Schema) -> None:
    claims = [replace(item, model=None) for item in stated("license") if item.relation != "name"]
    finding = only(found(schema, *reversed(claims)))
    assert finding.labels == (Label("a.txt", 10, 15, "parameter count 7"),)
    assert finding.message == "unnamed model of a.txt: no license is stated"


def test_what_was_looked_for_is_told(schema: Schema) -> None:
    missing = only(found(schema, *stated("license", "organization"), texts={"a.txt": "Kestrel-7B is free."}))
    assert missing.message == "Kestrel-7B: no license or developer is stated"
    assert missing.notes == ("looked for license (no report says “licens…” or “licenc…”); organization",)
    text = "Kestrel-7B.\nLicensing is not settled."
    near = only(found(schema, *stated("license"), texts={"a.txt": text}))
    assert near.labels[1:] == (Label("a.txt", 12, 21, "stands here, and no license was read"),)
    assert near.notes == ("looked for license",)


def test_words_are_found_where_letters_change_their_number(schema: Schema) -> None:
    finding = only(found(schema, *stated("license"), texts={"a.txt": "İİ Kestrel-7B, license unknown"}))
    assert finding.labels[1] == Label("a.txt", 15, 22, "stands here, and no license was read")


def test_no_words_are_looked_for_in_rows_of_tables(schema: Schema) -> None:
    rows = [replace(item, method="table:epoch") for item in stated("license")]
    assert only(found(schema, *rows, texts={"a.txt": "license,,7"})).notes == ("looked for license",)


def test_what_may_say_it_is_shown(schema: Schema) -> None:
    unsure = [claim("license", "MIT", score=0.4, start=200, end=203), claim("license", "GPL", score=0.45, start=300, end=303)]
    others = [claim("license", "MIT", score=0.4, model="Merlin"), claim("steps", "9", score=0.4)]
    finding = only(found(schema, *stated("license"), suggestions=[*unsure, *others]))
    assert finding.labels[1:] == (Label("a.txt", 300, 303, "may be the license (0.45 sure): kg review tells more"),)


def test_what_could_not_be_read_is_no_gap(schema: Schema) -> None:
    lost = Finding("KG420", "warning", "'soon' is no duration", report="a.txt", relation="duration")
    assert found(schema, *stated("duration"), findings=[lost]) == []
    both = only(found(schema, *stated("duration", "acceleratorCount"), findings=[lost]))
    assert both.message == "Kestrel-7B: no number of accelerators is stated"
    assert "training time: not called a gap, because it could not be read (KG420: 'soon' is no duration)" in both.notes
    for other in (replace(lost, report="b.txt"), replace(lost, code="KG103"), replace(lost, relation=None)):
        assert only(found(schema, *stated("duration"), findings=[other])).code == "KG203"


def test_a_tag_that_cannot_be_read_is_no_gap() -> None:
    text = fixture("none").replace("21 days", "<training>soon</training>")
    assert [finding.code for finding in found_in({"kestrel.txt": text})] == []


def test_accelerator_hours_stand_for_number_and_time(schema: Schema) -> None:
    assert found(schema, *stated("acceleratorCount", "duration"), claim("acceleratorHours", "9")) == []


def test_a_number_that_follows_is_told(schema: Schema) -> None:
    count = replace(COMPUTED, relation="impliedAcceleratorCount", formula="16 ÷ 4 = 4 accelerators")
    finding = only(
        found(schema, *stated("acceleratorCount"), derivation=Derivation((count, replace(count, id="y", stage="pretraining"))))
    )
    assert finding.notes == ("looked for acceleratorCount or acceleratorHours", "derived: 16 ÷ 4 = 4 accelerators")


def test_a_model_is_judged_by_all_reports_about_it(schema: Schema) -> None:
    first = [item for item in stated() if item.start < 60]
    second = [replace(item, report="b.txt") for item in stated() if item.start >= 60]
    assert found(schema, *first, *second) == []
    gaps = found(schema, *first, *(item for item in second if item.relation not in {"steps", "acceleratorCount"}))
    assert [(gap.code, gap.report) for gap in gaps] == [("KG203", "b.txt"), ("KG204", "b.txt")]


def test_each_model_has_its_own_gaps(schema: Schema) -> None:
    others = [replace(item, model="Merlin") for item in stated("steps")]
    gaps = found(schema, *stated("license"), *others)
    assert [(gap.code, gap.message) for gap in gaps] == [
        ("KG201", "Kestrel-7B: no license is stated"),
        ("KG204", "Merlin: no number of steps or epochs is stated"),
    ]


HOURS = Undetermined(
    COMPUTED.model, "Kestrel-7B", "run", "impliedAcceleratorHours", "pretraining", "r", ("acceleratorCount",), "no count is stated"
)
COMPUTE = replace(HOURS, subject="model", relation="runCompute", stage=None, missing=("a", "b"), reason="neither is stated")


def test_what_cannot_be_derived_is_one_finding(schema: Schema) -> None:
    finding = only(found(schema, *stated(), derivation=Derivation((), (COMPUTE, HOURS, replace(COMPUTE, rule="other")))))
    assert (finding.code, finding.severity, finding.relation) == ("KG205", "info", "impliedAcceleratorHours")
    assert finding.message == "Kestrel-7B: cannot tell accelerator hours of pretraining: no count is stated"
    assert finding.notes == ("missing: acceleratorCount", "nor training compute: neither is stated")
    assert finding.labels[0].text == "accelerator NVIDIA A100 80GB"


def test_the_input_that_is_missing_is_not_shown_as_near(schema: Schema) -> None:
    gap = replace(HOURS, missing=("accelerator",))
    assert only(found(schema, *stated(), derivation=Derivation((), (gap,)))).labels[0].text == "accelerator count 7"
    nothing = replace(HOURS, missing=())
    assert only(found(schema, *stated(), derivation=Derivation((), (nothing,)))).notes == ()


def test_what_another_report_or_a_tag_explains_is_not_told(schema: Schema) -> None:
    known = replace(COMPUTED, subject="run", relation="impliedAcceleratorHours")
    assert found(schema, *stated(), derivation=Derivation((known,), (HOURS,))) == []
    lost = Finding("KG420", "warning", "m", report="a.txt", relation="acceleratorCount")
    assert found(schema, *stated("acceleratorCount"), derivation=Derivation((), (HOURS,)), findings=[lost]) == []


def test_the_order_of_reports_has_no_influence() -> None:
    texts = {"a.txt": fixture("KG201"), "b.txt": fixture("KG203").replace("Kestrel", "Merlin"), "c.txt": fixture("KG204")}
    assert found_in(texts) == found_in(dict(reversed(texts.items())))
