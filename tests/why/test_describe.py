"""Everything about one thing: what is there is what `why` tells, every quote stands in its report, what is left out is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.errors import BuildError, UnknownName, UsageError
from kg.schema import DEFAULT_BASE
from kg.why import ORIGINS, Graph, Wanted, _graph, describe, why
from tests.command import SEEDS
from tests.why.builds import build, graph, write_reports

ALL = Wanted(limit=10_000, characters=10_000_000)
MODEL = f"{DEFAULT_BASE}model/instructblip-13b"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return graph(build(SEEDS, tmp_path_factory.mktemp("seeds")))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return graph(build(write_reports(tmp_path_factory.mktemp("reports")), tmp_path_factory.mktemp("mixed")))


def facts(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [fact for group in found["groups"] for fact in group["facts"]]


def told(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [f"{row['relation']} {row.get('name', row['value'])} {row['origin']}" for row in rows]


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_no_thing_is_named(seeds: Graph, text: str) -> None:
    with pytest.raises(UsageError, match="no thing is named"):
        describe(seeds, text, ALL)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("InstructBLP-13B", "InstructBLIP-13B"),
        ("instructblip.txt", "instructblip"),
        ("kg:duratoin", None),
        ("<http://x y>", None),
        ("data:model/nothing", None),
        ("InstructBLIP-13B.duration", "InstructBLIP-13B"),
        ("a\udcff\x00", None),
        ("x" * 5000, None),
    ],
)
def test_what_is_unknown_is_answered_with_what_is_near(seeds: Graph, text: str, near: str | None) -> None:
    with pytest.raises(UnknownName, match="no model, thing or report is named") as caught:
        describe(seeds, text, ALL)
    assert near is None or near in str(caught.value)


def test_a_wrong_relation_or_stage_suggests_the_right_one(seeds: Graph) -> None:
    with pytest.raises(UnknownName, match=r"no relation is named 'durration'\n  hint: did you mean duration"):
        describe(seeds, MODEL, replace(ALL, relation="durration"))
    with pytest.raises(UnknownName, match=r"no stage is named 'pre-training'\n  hint: did you mean pretraining"):
        describe(seeds, MODEL, replace(ALL, stage="pre-training"))


def test_a_model_is_told_by_run_and_stage(seeds: Graph) -> None:
    found = describe(seeds, "InstructBLIP-13B", ALL)
    assert found["thing"] == {
        "iri": MODEL,
        "kind": "model",
        "label": "InstructBLIP-13B",
        "names": ["InstructBLIP (Vicuna-13B)", "InstructBLIP Vicuna-13B"],
        "reports": ["000_instructblip.txt"],
    }
    assert [(group["part"], group.get("stage")) for group in found["groups"]] == [
        ("itself", None),
        ("training as a whole", None),
        ("pretraining", "pretraining"),
        ("instruction-tuning", "instruction-tuning"),
    ]
    assert {group["about"] for group in found["groups"]} == {MODEL}
    assert "license" in found["notStated"] and "duration" not in found["notStated"]
    assert "leftOut" not in found


@pytest.mark.parametrize("model", ["InstructBLIP-13B", "BLIP-2 Flan-T5-XL", "Meta-LLaVA-13B-v1.5", "LLaVA-33B"])
def test_a_model_has_the_facts_that_why_tells(seeds: Graph, model: str) -> None:
    found = describe(seeds, model, ALL)
    own = [fact for group in found["groups"] if group["about"] == found["thing"]["iri"] for fact in group["facts"]]
    same = why(seeds, model).facts
    assert sorted((fact["relation"], fact["value"]) for fact in own) == sorted((fact.relation, fact.value) for fact in same)
    assert found["facts"] == len(facts(found))


def test_every_quote_stands_where_it_is_said_to_stand(seeds: Graph, mixed: Graph) -> None:
    count = 0
    for built in (seeds, mixed):
        for model in built.statements.described():
            for item in (item for fact in facts(describe(built, model, ALL)) for item in fact.get("evidence", ())):
                text = built.sources([item["report"]])[item["report"]].text
                assert item["quote"] == " ".join(text[item["start"] : item["end"]].split())
                assert re.search(r":\d+:\d+$", item["place"])
                count += 1
    assert count > 80


@pytest.mark.parametrize("origin", ORIGINS)
def test_each_origin_says_what_it_rests_on(seeds: Graph, origin: str) -> None:
    rows = [
        fact
        for thing in ("InstructBLIP-13B", "NVIDIA A100 80GB", "COCO")
        for fact in facts(describe(seeds, thing, replace(ALL, origin=origin)))
    ]
    assert rows and {row["origin"] for row in rows} == {origin}
    for row in rows:
        assert ("evidence" in row) is (origin == "reported")
        assert ("formula" in row and "rule" in row and "fact" in row) is (origin == "derived")


def test_an_accelerator_is_told_from_the_catalogue_with_its_source(seeds: Graph) -> None:
    found = describe(seeds, "NVIDIA A100 80GB", ALL)
    first = found["groups"][0]
    assert (first["part"], first["about"]) == ("the catalogue", found["thing"]["iri"])
    assert {"relation": "memory", "value": "80000000000", "origin": "catalogue"} in first["facts"]
    assert any(source.startswith("https://") for source in first["sources"]) and first["credits"]
    assert found["thing"]["derivedFromIt"] == 6
    assert [(group["label"], group["facts"][0]["origin"]) for group in found["groups"][1:]] == [
        ("BLIP-2 Flan-T5-XL", "reported"),
        ("InstructBLIP-13B", "reported"),
        ("Meta-LLaVA-13B-v1.5", "reported"),
    ]
    assert len(found["thing"]["names"]) == 20


def test_a_dataset_is_told_by_those_who_name_it(seeds: Graph) -> None:
    [group] = describe(seeds, "MS COCO", ALL)["groups"]
    assert (group["label"], group["part"]) == ("InstructBLIP-13B", "pretraining")
    [fact] = group["facts"]
    assert (fact["relation"], fact["name"], fact["evidence"][0]["quote"]) == ("trainingDataset", "COCO", "COCO")


def test_a_country_is_told_by_models_and_by_the_catalogue(seeds: Graph) -> None:
    found = describe(seeds, "United States", replace(ALL, relation="country"))
    assert {group["part"] for group in found["groups"]} == {"itself"}
    assert all(fact["value"] == found["thing"]["iri"] and fact["evidence"] for fact in facts(found))
    based = describe(seeds, "United States", replace(ALL, relation="basedIn"))
    assert based["facts"] > 100 and {fact["origin"] for fact in facts(based)} == {"catalogue"}


def test_a_model_that_no_report_describes_is_told_by_those_who_name_it(seeds: Graph) -> None:
    found = describe(seeds, "Flan-T5-XL", ALL)
    assert found["thing"]["reports"] == [] and "notStated" not in found
    assert "languageModel Flan-T5-XL reported" in told(facts(found))


def test_a_report_is_told_by_what_it_states(seeds: Graph) -> None:
    found = describe(seeds, "000_instructblip.txt", ALL)
    assert found["thing"]["models"] == [{"iri": MODEL, "label": "InstructBLIP-13B"}]
    assert len(found["thing"]["sha256"]) == 64
    assert found["facts"] == 30 and {fact["origin"] for fact in facts(found)} == {"reported"}
    assert {finding["kind"] for finding in found["findings"]} >= {"gap", "contradiction"}


def test_a_report_of_many_models_tells_of_each(seeds: Graph) -> None:
    found = describe(seeds, "004_arxiv-listing.txt", ALL)
    assert {group["label"] for group in found["groups"]} == {"LLaVA-33B", "LLaVA-65B", "LLaVA-70B"}
    assert found["thing"]["title"]


@pytest.mark.parametrize(("text", "kind"), [("run/instructblip-13b/pretraining", "run"), ("hardware/instructblip-13b", "hardware")])
def test_a_run_and_hardware_are_told_by_their_facts(seeds: Graph, text: str, kind: str) -> None:
    found = describe(seeds, DEFAULT_BASE + text, ALL)
    assert (found["thing"]["kind"], found["thing"]["model"]) == (kind, MODEL)
    assert found["facts"] and "notStated" not in found


def test_a_claim_and_a_derived_fact_are_told_with_what_rests_on_them(seeds: Graph) -> None:
    [hours] = [fact for fact in facts(describe(seeds, MODEL, ALL)) if fact["relation"] == "impliedAcceleratorCount"]
    found = describe(seeds, hours["fact"], ALL)
    assert told(facts(found))[0] == "impliedAcceleratorCount 64 derived"
    claim = why(seeds, "InstructBLIP-13B.globalBatchSize").facts[0].claims[0].claim
    below = describe(seeds, str(claim), ALL)
    assert {"globalBatchSize", "impliedAcceleratorCount"} <= {fact["relation"] for fact in facts(below)}


@pytest.mark.parametrize(
    ("text", "kind", "means"),
    [
        ("kg:duration", "relation", "wall-clock time"),
        ("duration", "relation", "wall-clock time"),
        ("kg:Model", "class", "machine-learning model"),
        ("TrainingRun", "class", "training of one model"),
        ("kg:instructionTuning", "stage", "instructions"),
        ("instruction-tuning", "stage", "instructions"),
        ("kg:Stage", "class", "part of training"),
    ],
)
def test_a_term_of_the_ontology_is_told_by_what_it_means(seeds: Graph, text: str, kind: str, means: str) -> None:
    found = describe(seeds, text, ALL)
    assert found["thing"]["kind"] == kind and means in found["thing"]["definition"]
    assert (found["groups"], found["facts"], found["findings"]) == ([], 0, [])


def test_a_relation_is_told_with_its_values_and_origin(seeds: Graph) -> None:
    thing = describe(seeds, "kg:precision", ALL)["thing"]
    assert (thing["domain"], thing["range"], thing["origin"]) == ("TrainingRun", "xsd:string", "reported")
    assert "bfloat16" in thing["values"]
    assert describe(seeds, "kg:tdp", ALL)["thing"]["origin"] == "catalogue"
    assert describe(seeds, "kg:runCompute", ALL)["thing"]["origin"] == "derived"


def test_facts_that_contradict_each_other_all_stay_and_are_marked(mixed: Graph) -> None:
    found = describe(mixed, "Kestrel-7B", replace(ALL, relation="duration"))
    assert [(fact["value"], fact["disputed"]) for fact in facts(found)] == [("P4D", True), ("P5D", True)]
    assert [fact.get("approximate") for fact in facts(found)] == [None, True]
    assert all(finding["relation"] == "duration" for finding in found["findings"])


def test_a_fact_of_several_reports_is_one_with_the_words_of_each(mixed: Graph) -> None:
    [fact] = facts(describe(mixed, "Kestrel-7B", replace(ALL, relation="parameterCount")))
    assert fact["value"] == "7000000000" and "disputed" not in fact
    assert {item["report"] for item in fact["evidence"]} == {"one.txt", "two.md", "sub/three.txt"}


def test_a_stage_and_a_relation_narrow_the_facts(seeds: Graph) -> None:
    found = describe(seeds, MODEL, replace(ALL, stage="pretraining", relation="trainedOn"))
    assert {fact["relation"] for fact in facts(found)} == {"trainingDataset"}
    assert [group["part"] for group in found["groups"]] == ["pretraining"]
    assert describe(seeds, MODEL, replace(ALL, relation="hasBackbone"))["facts"] == 3
    assert describe(seeds, MODEL, replace(ALL, stage="alignment"))["groups"] == []


@pytest.mark.parametrize("thing", ["InstructBLIP-13B", "NVIDIA A100 80GB", "000_instructblip.txt"])
@pytest.mark.parametrize("limit", [1, 7, 39])
def test_pages_together_are_the_whole(seeds: Graph, thing: str, limit: int) -> None:
    whole = describe(seeds, thing, ALL)
    rows: list[dict[str, Any]] = []
    while True:
        page = describe(seeds, thing, Wanted(offset=len(rows), limit=limit))
        assert page["facts"] == whole["facts"]
        rows += facts(page)
        left = page.get("leftOut", {"after": 0, "how": ""})
        assert left["after"] == whole["facts"] - len(rows)
        if not left["after"]:
            break
        assert f"offset {len(rows)}" in left["how"]
    assert rows == facts(whole)


def test_characters_bound_the_facts_and_the_first_is_always_there(seeds: Graph) -> None:
    found = describe(seeds, MODEL, Wanted(characters=2000))
    assert 1 < len(facts(found)) < 20 and len(json.dumps(facts(found))) < 2500
    assert found["leftOut"]["after"] == found["facts"] - len(facts(found))
    assert len(facts(describe(seeds, MODEL, Wanted(characters=1)))) == 1


def test_an_offset_behind_the_last_fact_gives_none(seeds: Graph) -> None:
    found = describe(seeds, MODEL, Wanted(offset=1000))
    assert found["groups"] == [] and found["leftOut"]["after"] == 0 and found["leftOut"]["how"] == "nothing after these"


def test_what_a_report_writes_to_harm_is_data(mixed: Graph) -> None:
    found = describe(mixed, "hostile.txt", ALL)
    assert any("\x1b[" in item["quote"] for fact in facts(found) for item in fact.get("evidence", ()))
    json.dumps(found)


def test_twice_the_same_is_equal(seeds: Graph) -> None:
    again = Graph(seeds.folder, seeds.store, seeds.base, seeds.sources)
    assert json.dumps(describe(again, MODEL, ALL)) == json.dumps(describe(seeds, MODEL, ALL))


def test_a_damaged_build_is_told(seeds: Graph, tmp_path: Path) -> None:
    (tmp_path / "findings.json").write_text("[{]", encoding="utf-8")
    with pytest.raises(BuildError, match=r"findings\.json: the build cannot be read"):
        describe(Graph(tmp_path, seeds.store, seeds.base, seeds.sources), MODEL, ALL)


@pytest.mark.parametrize("indexed", [True, False], ids=["indexed", "of an earlier kg"])
def test_the_findings_of_a_large_build_are_found_without_reading_all(
    seeds: Graph, mixed: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, indexed: bool
) -> None:
    things = ["InstructBLIP-13B", "000_instructblip.txt", "run/instructblip-13b/pretraining", "LLaVA-33B", "003_unnamed-30b.txt"]
    asked = [(seeds, thing) for thing in things] + [(mixed, "Kestrel-7B"), (mixed, "sub/three.txt"), (mixed, "hostile.txt")]
    all_read = {id(built): without_index(built, tmp_path / str(number)) for number, built in enumerate((seeds, mixed))}
    small = [describe(all_read[id(built)], thing, ALL)["findings"] for built, thing in asked]
    reasons = [
        why(all_read[id(built)], f"{thing}.license").absent for built, thing in asked if "." not in thing and "/" not in thing
    ]
    assert small[0] and small[1] and small[3]
    assert all("findings" in vars(built) for built in all_read.values())
    monkeypatch.setattr(_graph, "_LARGE", 10)
    fresh = {
        id(built): Graph(built.folder if indexed else all_read[id(built)].folder, built.store, built.base, built.sources)
        for built in (seeds, mixed)
    }
    assert [describe(fresh[id(built)], thing, ALL)["findings"] for built, thing in asked] == small
    large = [(fresh[id(built)], thing) for built, thing in asked if "." not in thing and "/" not in thing]
    assert [why(built, f"{thing}.license").absent for built, thing in large] == reasons
    assert all("findings" not in vars(built) for built in fresh.values())


def without_index(built: Graph, folder: Path) -> Graph:
    """Return a build as an earlier kg has written it."""
    folder.mkdir()
    for name in ("findings.json", "suggestions.jsonl"):
        (folder / name).write_bytes((built.folder / name).read_bytes())
    return Graph(folder, built.store, built.base, built.sources)


def test_a_build_of_a_graph_alone_has_no_findings(seeds: Graph, tmp_path: Path) -> None:
    assert describe(Graph(tmp_path, seeds.store, seeds.base, seeds.sources), MODEL, ALL)["findings"] == []


@pytest.mark.parametrize(
    "text", ['[\n"/instructblip-13b"]', "", '[\n  {\n"/instructblip-13b"', '[\n  {\n"/instructblip-13b"\n  }\n]']
)
def test_damaged_findings_of_a_large_build_are_told(
    seeds: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(_graph, "_LARGE", -1)
    (tmp_path / "findings.json").write_text(text, encoding="utf-8")
    with pytest.raises(BuildError, match=r"findings\.json: the build cannot be read"):
        describe(Graph(tmp_path, seeds.store, seeds.base, seeds.sources), MODEL, ALL)
