"""Why a fact is in the graph: what is asked, what it rests on, what is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.chain import Answer, Computed, Fact, Said, Words, reports_in, to_json
from kg.errors import BuildError, UnknownName, UsageError
from kg.model import Finding, Label
from kg.render import render
from kg.schema import DEFAULT_BASE
from kg.store import Build
from kg.terms import KG
from kg.why import Graph, why, why_cited, why_lines
from tests.command import SEEDS
from tests.why.builds import CONTAINER, SAME, build, graph, write_reports


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return graph(build(SEEDS, tmp_path_factory.mktemp("seeds")))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return graph(build(write_reports(tmp_path_factory.mktemp("reports")), tmp_path_factory.mktemp("mixed")))


TUNED = ("A-OKVQA", "Flan-VQA", "ScienceQA")


def only(answer: Answer) -> Fact:
    [fact] = answer.facts
    return fact


def told(answer: Answer) -> list[str]:
    return [f"{fact.stage or '-'} {fact.relation} {fact.name or fact.value}" for fact in answer.facts]


def chain(item: Computed) -> Iterator[Computed]:
    yield item
    for part in item.inputs:
        yield from chain(part)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_no_fact_is_named(seeds: Graph, text: str) -> None:
    with pytest.raises(UsageError, match=r"no fact is named\n  hint: kg why MODEL"):
        why(seeds, text)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("InstructBLP-13B", "InstructBLIP-13B"),
        ("InstructBLP-13B.duration", "InstructBLIP-13B"),
        ("Meta-LLaVA-13B-v1.4.pretraining.duration", "Meta-LLaVA-13B-v1.5"),
        ("003_unamed-30b.txt", "003_unnamed-30b.txt"),
        ("NVIDIA A100 90GB", "NVIDIA A100 80GB"),
        ("<http://x y>", "choose one of: BLIP-2 Flan-T5-XL"),
        ("http://example.org/nothing", None),
        ("kg:nothing", None),
        (":model/nothing", None),
        (":", None),
        ("...", None),
        (".duration", None),
        ("a\udcff", None),
        ("\x00", None),
        ("x" * 10_000, None),
        (".".join("x" * 200), None),
    ],
)
def test_what_is_unknown_is_answered_with_what_is_near(seeds: Graph, text: str, near: str | None) -> None:
    with pytest.raises(UnknownName, match="no model, thing or report is named") as caught:
        why(seeds, text)
    assert (near or "") in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "stage", "message"),
    [
        (
            "InstructBLIP-13B.durtion",
            None,
            "no relation or stage of InstructBLIP-13B is named 'durtion'\n  hint: did you mean duration",
        ),
        ("InstructBLIP-13B.pretraning.duration", None, "no relation or stage of InstructBLIP-13B is named 'pretraning.duration'"),
        ("InstructBLIP-13B.pretraining.durtion", None, "is named 'durtion'"),
        ("InstructBLIP-13B.duration.pretraining", None, "is named 'duration.pretraining'"),
        ("InstructBLIP-13B", "pretrainin", "no stage is named 'pretrainin'\n  hint: did you mean pretraining"),
        ("InstructBLIP-13B.pretraining.duration", "alignment", "the fact is of pretraining, and --stage is alignment"),
        ("InstructBLIP-13B.parameterCount", "pretraining", "parameterCount is told of the model, not of a stage"),
        ("InstructBLIP-13B.peakFp16", None, "peakFp16 is told of a Accelerator, and InstructBLIP-13B is a model"),
        ("InstructBLIP-13B.hasRun", None, "hasRun is no fact of reports, and InstructBLIP-13B is a model"),
        ("CC3M.duration", None, "duration is told of a TrainingRun, and CC3M is a dataset"),
        ("NVIDIA A100 80GB.countryCode", None, "countryCode is told of a Country"),
        ("kg:duration", None, "kg:duration is a relation and no fact\n  hint: kg why MODEL.duration"),
        ("kg:pretraining", None, "kg:pretraining is a stage and no fact"),
        ("kg:Model", None, "kg:Model is a class and no fact"),
        ("004_arxiv-listing.txt.duration", None, "the report describes 3 models\n  hint: name one of its models: LLaVA-33B"),
    ],
)
def test_wrong_use_says_what_to_do(seeds: Graph, text: str, stage: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        why(seeds, text, stage)


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", "null", '"x"', '{"a": 1}\n{', "[" * 100_000])
def test_lines_that_are_no_rows(seeds: Graph, text: str) -> None:
    with pytest.raises(UsageError, match=r"standard input(:\d)?: (there is no row|this is no JSON object)"):
        why_lines(seeds, text)


@pytest.mark.parametrize(
    "line",
    [
        '{"a": null, "b": [], "c": {}, "d": true}',
        '{"evidence": [{"claim": "https://w3id.org/kg/claim/none"}]}',
        '{"evidence": [{"claim": "not an iri"}]}',
        '{"evidence": [{"claim": 3}, 4]}',
        '{"evidence": [{"claim": "https://w3id.org/kg/claim/a b"}]}',
        '{"model": "http://x y", "duration": "P21D"}',
        '{"duration": "P21D"}',
        '{"model": "https://w3id.org/kg/model/instructblip-13b", "duration": "P22D"}',
    ],
)
def test_rows_that_state_nothing(seeds: Graph, line: str) -> None:
    assert why_lines(seeds, line).facts == ()


@pytest.mark.parametrize("name", ["findings.json", "suggestions.jsonl"])
@pytest.mark.parametrize("content", [None, "{", '[{"code": 1}]', "[3]\n", "3"])
def test_a_damaged_build(name: str, content: str | None, seeds: Graph, tmp_path: Path) -> None:
    for file in ("findings.json", "suggestions.jsonl"):
        (tmp_path / file).write_bytes((seeds.folder / file).read_bytes())
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(BuildError, match=f"{name}: the build cannot be read"):
        why(Graph(tmp_path, seeds.store, seeds.base, seeds.sources), "InstructBLIP-13B.evaluationDataset")


@pytest.mark.parametrize(
    "text",
    [
        "InstructBLIP-13B.duration",
        "instructblip 13b.duration",
        " InstructBLIP-13B.pretraining.duration ",
        "InstructBLIP-13B.kg:duration",
        "000_instructblip.txt.duration",
        "seeds/000_instructblip.txt.pretraining.duration",
        ":model/instructblip-13b.duration",
        "data:model/instructblip-13b.duration",
        "model/instructblip-13b.duration",
        "<https://w3id.org/kg/model/instructblip-13b>.duration",
        "https://w3id.org/kg/model/instructblip-13b.duration",
        "run/instructblip-13b/pretraining.duration",
        "claim/000_instructblip.txt/1548-1555-duration-71035b48",
    ],
)
def test_a_fact_is_asked_for_in_many_ways(seeds: Graph, text: str) -> None:
    fact = only(why(seeds, text))
    assert (fact.label, fact.stage, fact.relation, fact.origin, fact.value, fact.certain) == (
        "InstructBLIP-13B",
        "pretraining",
        "duration",
        "report",
        "P21D",
        True,
    )
    [claim] = fact.claims
    source = (SEEDS / "000_instructblip.txt").read_text("utf-8")
    start = source.index("3 weeks")
    assert (claim.words.start, claim.words.mention, claim.approximate, claim.method) == (start, "3 weeks", True, "tag")
    assert (claim.words.line, claim.words.column) == (3, start - source.rindex("\n", 0, start))
    assert source[: claim.words.start].endswith(claim.words.before or "") and source[claim.words.end :].startswith(
        claim.words.after or ""
    )


@pytest.mark.parametrize(
    ("text", "stage", "facts"),
    [
        ("Meta-LLaVA-13B-v1.5.duration", None, ["- duration P21D"]),
        ("Meta-LLaVA-13B-v1.5.pretraining.duration", None, []),
        (
            "InstructBLIP-13B.peakLearningRate",
            None,
            ["pretraining peakLearningRate 0.0001", "instruction-tuning peakLearningRate 0.00005"],
        ),
        ("InstructBLIP-13B.peakLearningRate", "instruction-tuning", ["instruction-tuning peakLearningRate 0.00005"]),
        ("unnamed model of 003_unnamed-30b.txt.acceleratorCount", None, ["pretraining acceleratorCount 128"]),
        ("003_unnamed-30b.txt.parameterCount", None, ["- parameterCount 30500000000"]),
        (
            "InstructBLIP-13B.hasBackbone",
            None,
            ["- extends BLIP-2", "- imageEncoder EVA-CLIP ViT-G/14", "- languageModel Flan-T5-XL"],
        ),
        ("InstructBLIP-13B.instruction-tuning.trainedOn", None, [f"instruction-tuning trainingDataset {name}" for name in TUNED]),
    ],
)
def test_relations_and_stages(seeds: Graph, text: str, stage: str | None, facts: list[str]) -> None:
    assert told(why(seeds, text, stage)) == facts


def test_all_facts_of_a_model(seeds: Graph) -> None:
    answer = why(seeds, "InstructBLIP-13B")
    assert answer.whole
    claims = [claim for fact in answer.facts for claim in fact.claims]
    assert len(claims) == sum(
        line.startswith('{"report": "000_') for line in (seeds.folder / "claims.jsonl").read_text().splitlines()
    )
    assert {fact.origin for fact in answer.facts} == {"report", "derived"}
    parts = [(fact.subject == fact.model, fact.stage) for fact in answer.facts]
    assert list(dict.fromkeys(parts)) == [(True, None), (False, None), (False, "pretraining"), (False, "instruction-tuning")]
    stated = {fact.relation for fact in answer.facts}
    assert set(answer.unstated) == {name for name, item in seeds.schema.relations.items() if item.origin == "report"} - stated
    assert "acceleratorCount" in answer.unstated
    assert reports_in(answer) == {"000_instructblip.txt"}


def test_a_derived_fact_down_to_the_words(seeds: Graph) -> None:
    fact = only(why(seeds, "InstructBLIP-13B.pretraining.computeByHardware"))
    [top] = fact.derived
    steps = [(item.relation, item.value, [claim.words.mention for claim in item.claims]) for item in chain(top)]
    assert steps[1:] == [
        ("impliedAcceleratorHours", "32256", ["3 weeks"]),
        ("impliedAcceleratorCount", "64", ["64", "4", "16,384"]),
    ]
    assert steps[0][0] == "computeByHardware" and float(top.low or 0) < float(top.value) < float(top.high or 0)
    assert "0.35" in top.formula and top.rule and top.assumptions
    [figure] = top.figures
    [known] = top.catalog
    assert (known.label, known.relation, known.value) == ("NVIDIA A100 80GB", "peakFp16", "312000000000000")
    assert known.sources[0] in figure
    assert known.credits == ("Epoch AI, Data on Machine Learning Hardware, epoch.ai, CC BY 4.0",)
    [hours] = top.inputs
    assert "64 accelerators × 504 hours = 32,256" in hours.formula


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("InstructBLIP-13B.impliedAcceleratorCount", "64"),
        ("InstructBLIP-13B.pretraining.impliedAcceleratorHours", "32256"),
        ("Meta-LLaVA-13B-v1.5.impliedAcceleratorHours", "64512"),
        ("Meta-LLaVA-13B-v1.5.impliedPerDeviceBatchSize", "1"),
        ("003_unnamed-30b.txt.impliedPerDeviceBatchSize", "2"),
    ],
)
def test_numbers_that_no_report_states(seeds: Graph, text: str, value: str) -> None:
    fact = only(why(seeds, text))
    assert (fact.origin, fact.value, fact.claims) == ("derived", value, ())
    assert fact.derived[0].claims or fact.derived[0].inputs


def test_a_derived_fact_is_told_once_in_its_chain(seeds: Graph) -> None:
    answer = why(seeds, "InstructBLIP-13B")
    for fact in answer.facts:
        for item in fact.derived:
            whole = [part.derived for part in chain(item) if not part.repeated]
            assert len(whole) == len(set(whole))


def test_the_chain_is_the_same_by_its_iri_and_tells_what_rests_on_it(seeds: Graph) -> None:
    [item] = only(why(seeds, "InstructBLIP-13B.impliedAcceleratorCount")).derived
    again = why(seeds, item.derived)
    assert only(again).derived == (item,)
    assert {fact.relation for fact in again.resting} == {"impliedAcceleratorHours"}
    claim = item.claims[0].claim
    assert "impliedAcceleratorCount" in {fact.relation for fact in why(seeds, claim or "").resting}


def test_what_is_not_stated(seeds: Graph) -> None:
    answer = why(seeds, "InstructBLIP-13B.acceleratorHours")
    [lack] = answer.absent
    assert (answer.facts, lack.origin, lack.reports) == ((), "report", ("000_instructblip.txt",))
    assert lack.looked_for == seeds.schema.relation("acceleratorHours").definition
    assert {(fact.relation, fact.value) for fact in lack.instead} == {("impliedAcceleratorHours", "32256")}


def test_what_is_stated_of_another_stage(seeds: Graph) -> None:
    [lack] = why(seeds, "InstructBLIP-13B.alignment.duration").absent
    assert [(fact.stage, fact.value) for fact in lack.instead] == [("pretraining", "P21D")]


def test_what_cannot_be_computed_says_what_is_missing(seeds: Graph) -> None:
    [lack] = why(seeds, "BLIP-2-Flan-T5-XL.impliedAcceleratorHours").absent
    assert lack.origin == "derived"
    assert any("no accelerator count" in remark.message for remark in lack.remarks)


def test_suggestions_stand_beside_what_is_not_stated(seeds: Graph) -> None:
    suggested = seeds.suggestions[0]
    other = next(item for item in seeds.suggestions if not why(seeds, f"{item.report}.{item.relation}").facts)
    [lack] = why(seeds, f"{other.report}.{other.relation}").absent
    assert round(other.score, 3) in {claim.score for claim in lack.suggestions}
    assert all(claim.claim is None and claim.words.mention for claim in lack.suggestions)
    assert suggested.score <= 0.5


@pytest.mark.parametrize(
    ("text", "kind", "relations"),
    [
        ("CC3M", "dataset", {"trainingDataset"}),
        ("conceptual captions", "dataset", {"trainingDataset"}),
        (f"{DEFAULT_BASE}country/jp", "country", {"country"}),
        ("PyTorch 2.0", "software", {"software"}),
        ("BLIP-2", "model", {"extends"}),
        ("NVIDIA A100 80GB", "accelerator", {"accelerator", "computeByHardware", "trainingEnergy"}),
    ],
)
def test_what_names_a_thing(seeds: Graph, text: str, kind: str, relations: set[str]) -> None:
    answer = why(seeds, text)
    [thing] = answer.things
    assert (thing.kind, answer.whole) == (kind, True)
    assert {fact.relation for fact in answer.facts} >= relations
    assert all(fact.claims or fact.derived for fact in answer.facts)


def test_what_the_catalogue_knows(seeds: Graph) -> None:
    [thing] = why(seeds, "A100-SXM4-80GB.peakFp16").things
    [known] = thing.known
    assert (known.value, known.label) == ("312000000000000", "NVIDIA A100 80GB")
    assert known.sources and known.credits
    [whole] = why(seeds, "NVIDIA A100 80GB").things
    assert {"peakFp16", "tdp", "memory", "manufacturer"} <= {fact.relation for fact in whole.known}
    assert "A100 80GB" in whole.names


def test_a_report_and_a_run(seeds: Graph) -> None:
    answer = why(seeds, "seeds/003_unnamed-30b.txt")
    assert {claim.words.report for fact in answer.facts for claim in fact.claims} == {"003_unnamed-30b.txt"}
    assert {fact.origin for fact in answer.facts} == {"report"}
    run = why(seeds, f"{DEFAULT_BASE}run/instructblip-13b/instruction-tuning")
    assert {fact.stage for fact in run.facts} == {"instruction-tuning"}
    assert not why(seeds, "InstructBLIP-13B.alignment").facts


def test_a_model_that_the_catalogue_alone_knows(seeds: Graph) -> None:
    name = next(seeds.statements.label(iri) for iri in sorted(seeds.names["part"]["gpt4"]))
    answer = why(seeds, name or "")
    assert (answer.facts, answer.absent, answer.things[0].kind) == ((), (), "model")


def test_rows_of_an_answer(seeds: Graph) -> None:
    model = f"{DEFAULT_BASE}model/instructblip-13b"
    row = json.dumps({"model": model, "stage": "pretraining", "duration": "P21D", "name": "InstructBLIP-13B"})
    facts = why_lines(seeds, row + "\n\n" + row).facts
    assert [(fact.relation, fact.stage, fact.certain) for fact in facts] == [
        ("name", None, True),
        ("duration", "pretraining", True),
    ]
    named = '{"who": "InstructBLIP-13B", "size": 13000000000, "rate": 1e-4, "base": "BLIP-2", "steps": null}'
    found = {fact.relation: fact.certain for fact in why_lines(seeds, named).facts}
    assert found == {"parameterCount": False, "peakLearningRate": False, "extends": False}
    relation = f'{{"m": "https://w3id.org/kg/model/instructblip-13b", "r": "{KG}duration", "v": "P21D"}}'
    assert [fact.certain for fact in why_lines(seeds, relation).facts] == [True]


def test_rows_with_their_evidence(seeds: Graph) -> None:
    [item] = only(why(seeds, "InstructBLIP-13B.impliedAcceleratorCount")).derived
    claim = item.claims[0].claim
    evidence = [{"cell": "x", "claim": claim, "certain": False}, {"cell": "x", "derived": item.derived}]
    line = json.dumps({"x": 3, "evidence": evidence})
    facts = {fact.relation: fact.certain for fact in why_lines(seeds, line).facts}
    assert facts == {item.claims[0].relation: False, "impliedAcceleratorCount": True}
    assert why_cited(seeds, "nothing", []).facts == ()


def test_what_three_reports_say(mixed: Graph) -> None:
    fact = only(why(mixed, "Kestrel-7B.parameterCount"))
    assert [(claim.words.report, claim.words.mention) for claim in fact.claims] == [
        ("one.txt", "7 billion"),
        ("sub/three.txt", "7,000,000,000"),
        ("two.md", "7B"),
    ]
    assert reports_in(fact) == set(SAME)


def test_what_two_reports_say_otherwise(mixed: Graph) -> None:
    facts = why(mixed, "Kestrel-7B.duration").facts
    assert [(fact.value, [other.value for other in fact.others]) for fact in facts] == [("P4D", ["P5D"]), ("P5D", ["P4D"])]
    assert facts[0].others[0].claims[0].words.mention == "5 days"
    assert all(fact.others[0].others == () for fact in facts)


def test_findings_stand_beside_the_fact_that_they_point_at(seeds: Graph, tmp_path: Path) -> None:
    [claim] = only(why(seeds, "InstructBLIP-13B.duration")).claims
    label = Label(claim.words.report, claim.words.start - 3, claim.words.start + 1, "here")
    at = Finding("KG301", "warning", "two durations", (label,), ("one of them",), claim.words.report)
    beside = Finding("KG302", "warning", "elsewhere", (Label(label.report, 0, 5),), (), label.report)
    nearest = Finding("KG205", "info", "what is missing points at what stands nearest", (label,), (), label.report)
    about = Finding("KG303", "info", "by its name", subject=f"{DEFAULT_BASE}model/instructblip-13b", relation="duration")
    (tmp_path / "findings.json").write_text(render([at, beside, nearest, about], {}, "json"), encoding="utf-8")
    fact = only(why(Graph(tmp_path, seeds.store, seeds.base, seeds.sources), "InstructBLIP-13B.duration"))
    assert {remark.code: remark.notes for remark in fact.remarks} == {"KG301": ("one of them",), "KG303": ()}


def test_a_report_in_a_file_of_several_has_the_line_of_the_file(mixed: Graph) -> None:
    [claim] = only(why(mixed, "Ibis-2B.duration")).claims
    assert (claim.words.line, claim.words.mention) == (1, "3 weeks")
    assert claim.words.path and claim.words.path.endswith("birds.jsonl")
    [other] = only(why(mixed, "Crane-1.5.parameterCount")).claims
    assert (other.words.line, other.words.mention) == (2, "1.5 billion")
    assert CONTAINER[1]["text"][other.words.start : other.words.end] == "1.5 billion"


def test_a_page_of_a_pdf(mixed: Graph) -> None:
    [claim] = only(why(mixed, "Stork-9B.acceleratorCount")).claims
    assert (claim.words.page, claim.words.line, claim.words.column, claim.words.mention) == (2, 2, 1, "512")
    assert claim.words.spot.endswith("stork.pdf:page 2:2:1")


def test_json_is_the_whole_chain(seeds: Graph) -> None:
    data = to_json(why(seeds, "InstructBLIP-13B.pretraining.impliedAcceleratorHours"))
    [fact] = data["facts"]
    [item] = fact["derived"]
    assert {"value", "low", "high", "formula", "assumptions", "inputs", "claims", "catalog"} <= set(item)
    place = item["claims"][0]["words"]
    assert set(place) >= {
        "report",
        "path",
        "line",
        "column",
        "endLine",
        "endColumn",
        "page",
        "mention",
        "before",
        "after",
        "start",
        "end",
    }
    assert item["inputs"][0]["claims"][0]["words"]["mention"] == "64"


def test_equal_builds_give_equal_answers(seeds: Graph, tmp_path: Path) -> None:
    again: Build = build(SEEDS, tmp_path / "out")
    for text in ("InstructBLIP-13B", "CC3M", "NVIDIA A100 80GB"):
        assert to_json(why(graph(again), text)) == to_json(why(seeds, text))


def test_words_of_a_report_that_is_lost(seeds: Graph) -> None:
    lost = Graph(seeds.folder, seeds.store, seeds.base, lambda ids: {})
    [claim] = only(why(lost, "InstructBLIP-13B.duration")).claims
    assert isinstance(claim, Said)
    assert claim.words == Words("000_instructblip.txt", claim.words.start, claim.words.end)
    assert claim.words.spot == f"000_instructblip.txt (chars {claim.words.start}..{claim.words.end})"
