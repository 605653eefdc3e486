"""Each kind of difference, between builds that the real pipeline made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from kg.diff import Difference, compare, formats
from kg.schema import load_schema
from tests.diff.small import KESTREL, MERLIN, OSPREY, Builds, written

THREE = {"a.txt": KESTREL, "deep/b.txt": MERLIN, "c.md": OSPREY}


def told(difference: Difference) -> dict[str, list[str]]:
    """Return the changes in short, by group."""
    facts = [
        f"{change.kind} {change.item.label} {change.item.stage or ''} {change.item.relation}: "
        + " -> ".join(value.text for _, value in change.sides())
        for change in difference.facts
    ]
    return {
        "reports": [f"{change.kind} {' -> '.join(id for _, id in change.sides())}" for change in difference.reports],
        "models": [f"{change.kind} {' -> '.join(model.label for _, model in change.sides())}" for change in difference.models],
        "facts": facts,
    }


def changed(texts: Mapping[str, str], name: str, old: str, new: str) -> dict[str, str]:
    assert old in texts[name]
    return {**texts, name: texts[name].replace(old, new)}


@pytest.mark.parametrize("format", formats())
def test_equal_builds_give_nothing(builds: Builds, format: str) -> None:
    difference = builds.difference(THREE, THREE)
    assert not difference
    if format == "json":
        found = json.loads(written(difference, format))
        assert [found[name] for name in ("reports", "edited", "models", "facts", "derived", "findings")] == [[]] * 6
        assert found["unchanged"]["facts"] > 10
    else:
        assert written(difference, format) == ""


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_words_that_move_change_no_fact(builds: Builds, format: str) -> None:
    difference = builds.difference(THREE, changed(THREE, "a.txt", "We introduce", "This page was edited.\n\nWe introduce"))
    assert not difference
    assert difference.edited == ("a.txt",)
    assert written(difference, format) == ""


def test_another_spelling_of_the_same_thing_changes_no_fact(builds: Builds) -> None:
    before = changed(THREE, "deep/b.txt", "NVIDIA A100 80GB", "A100-80GB")
    assert not builds.difference(before, THREE).facts


def test_a_value_of_a_functional_relation_changes(builds: Builds) -> None:
    difference = builds.difference(THREE, changed(THREE, "deep/b.txt", "64 NVIDIA", "128 NVIDIA"))
    assert told(difference) == {"reports": [], "models": [], "facts": ["changed Merlin-3B  acceleratorCount: 64 -> 128"]}
    text = written(difference)
    assert "~ Merlin-3B: acceleratorCount 64 → 128\n" in text
    assert "deep/b.txt:1:38  (chars 37..39)" in text
    assert "^^ was 64" in text
    assert "--- is 128" in text


def test_a_value_of_a_relation_with_many_comes_and_another_goes(builds: Builds) -> None:
    difference = builds.difference(THREE, changed(THREE, "c.md", "on CC3M", "on CC12M"))
    assert told(difference)["facts"] == ["added Osprey-1B  trainingDataset: CC12M", "removed Osprey-1B  trainingDataset: CC3M"]
    text = written(difference)
    assert "- Osprey-1B: trainingDataset CC3M\n    " in text
    assert "c.md:3:90: “CC3M” in “… France. It was trained for 3 epochs on CC3M.”\n" in text


def test_the_end_of_a_range_is_part_of_a_value(builds: Builds) -> None:
    before = changed(THREE, "deep/b.txt", "for 5 days", "for 5 to 7 days")
    difference = builds.difference(before, changed(THREE, "deep/b.txt", "for 5 days", "for 5 to 9 days"))
    assert told(difference)["facts"] == ["changed Merlin-3B  duration: P5D to P7D -> P5D to P9D"]


def test_a_report_and_its_model_come(builds: Builds) -> None:
    before = {name: text for name, text in THREE.items() if name != "c.md"}
    difference = builds.difference(before, THREE)
    found = told(difference)
    assert (found["reports"], found["models"]) == (["added c.md"], ["added Osprey-1B"])
    assert all(line.startswith("added Osprey-1B") for line in found["facts"])
    assert difference.models[0].item.facts == len(found["facts"]) > 3
    assert difference.models[0].item.reports == ("c.md",)


def test_a_fact_that_another_report_still_states_is_not_removed(builds: Builds) -> None:
    both = {**THREE, "again.txt": KESTREL}
    difference = builds.difference(both, THREE)
    assert told(difference) == {"reports": ["removed again.txt"], "models": [], "facts": []}


def test_reports_that_disagree_are_paired_by_report(builds: Builds) -> None:
    before = {"a.txt": KESTREL, "b.txt": KESTREL.replace("7 billion", "6 billion")}
    after = {"a.txt": KESTREL.replace("7 billion", "9 billion"), "b.txt": KESTREL.replace("7 billion", "8 billion")}
    assert told(builds.difference(before, after))["facts"] == [
        "changed Kestrel-7B  parameterCount: 6000000000 -> 8000000000",
        "changed Kestrel-7B  parameterCount: 7000000000 -> 9000000000",
    ]


def test_a_report_that_is_only_named_otherwise(builds: Builds) -> None:
    after = {"a.txt": KESTREL, "b.txt": MERLIN, "c.md": OSPREY}
    difference = builds.difference(THREE, after)
    assert told(difference) == {"reports": ["changed deep/b.txt -> b.txt"], "models": [], "facts": []}
    assert written(difference) == "reports: 1 changed\n~ deep/b.txt is now b.txt\n"


def test_a_model_that_is_only_named_otherwise(builds: Builds) -> None:
    difference = builds.difference(THREE, changed(THREE, "deep/b.txt", "Merlin-3B", "Sparrow-3B"))
    assert told(difference) == {
        "reports": [],
        "models": ["changed Merlin-3B -> Sparrow-3B"],
        "facts": ["changed Sparrow-3B  name: Merlin-3B -> Sparrow-3B"],
    }


def test_a_model_without_name_gets_one(builds: Builds) -> None:
    difference = builds.difference({"a.txt": MERLIN.replace("Our model, Merlin-3B,", "Our model")}, {"a.txt": MERLIN})
    assert told(difference)["models"] == ["changed unnamed model of a.txt -> Merlin-3B"]
    assert told(difference)["facts"] == [
        "added Merlin-3B  name: Merlin-3B",
        "added Merlin-3B  parameterCount: 3000000000",
    ]


@pytest.mark.parametrize(
    "after",
    [
        {"a.txt": KESTREL, "deep/b.txt": OSPREY.replace("Osprey", "Sparrow"), "c.md": OSPREY},
        {"a.txt": KESTREL, "deep/b.txt": MERLIN.replace("Merlin-3B", "Sparrow-3B"), "e.txt": MERLIN, "c.md": OSPREY},
        {"a.txt": KESTREL, "e.txt": MERLIN.replace("Merlin-3B", "Sparrow-3B"), "c.md": OSPREY},
    ],
    ids=["it says something else", "the old name lives on", "it stands elsewhere"],
)
def test_what_may_be_another_model_is_one(builds: Builds, after: dict[str, str]) -> None:
    difference = builds.difference(THREE, after)
    assert "changed" not in {change.kind for change in difference.models}


def test_findings_come_go_and_stay(builds: Builds) -> None:
    wrong = changed(THREE, "deep/b.txt", "64 NVIDIA A100 80GB", "<gpu_count>0</gpu_count>")
    there = builds.difference(THREE, wrong)
    added = [change.after for change in there.findings if change.kind == "added"]
    assert "KG106" in {finding.code for finding in added if finding}
    back = builds.difference(wrong, THREE)
    assert {change.before for change in back.findings} == {change.after for change in there.findings}
    assert not builds.difference(wrong, changed(wrong, "a.txt", "We introduce", "This page was edited.\n\nWe introduce")).findings
    assert "+ KG106 error: " in written(there)
    assert "- KG106 error: " in written(back)


def test_derived_facts_change_with_their_formulas(builds: Builds) -> None:
    difference = builds.difference(THREE, changed(THREE, "deep/b.txt", "64 NVIDIA", "128 NVIDIA"))
    (hours,) = [change for change in difference.derived if change.item.row["relation"] == "impliedAcceleratorHours"]
    assert hours.kind == "changed"
    assert [value.row["value"] for _, value in hours.sides()] == ["7680", "15360"]
    text = written(difference)
    assert "~ Merlin-3B: impliedAcceleratorHours 7,680 accelerator-hours → 15,360 accelerator-hours\n" in text
    assert "    before: 64 accelerators × 120 hours" in text
    assert "    after: 128 accelerators × 120 hours" in text


def test_derived_facts_come_and_go(builds: Builds) -> None:
    difference = builds.difference(THREE, changed(THREE, "deep/b.txt", " for 5 days", ""))
    gone = {change.item.row["relation"] for change in difference.derived if change.kind == "removed"}
    assert "impliedAcceleratorHours" in gone
    assert not [change for change in difference.derived if change.kind == "added"]


def test_another_base_is_no_difference_of_models(builds: Builds) -> None:
    before = builds.side("old", THREE)
    after = builds.side("new", THREE, base_iri="https://example.org/kg/")
    difference = compare(before, after, load_schema())
    assert not difference.models
    assert not difference.facts
    assert difference.unchanged["facts"] > 10
    assert "D <https://w3id.org/kg/model/kestrel-7b> " in written(difference, "rdf-patch")


def test_the_document_tells_both_sides(builds: Builds) -> None:
    found: dict[str, Any] = json.loads(
        written(builds.difference(THREE, changed(THREE, "deep/b.txt", "64 NVIDIA", "128 NVIDIA")), "json")
    )
    assert found["before"] == {"name": "old", "base": "https://w3id.org/kg/"}
    assert found["counts"]["facts"] == {"added": 0, "removed": 0, "changed": 1}
    assert found["edited"] == ["deep/b.txt"]
    (fact,) = found["facts"]
    assert (fact["change"], fact["model"], fact["stage"], fact["relation"]) == ("changed", "Merlin-3B", None, "acceleratorCount")
    before, after = fact["before"], fact["after"]
    assert (before["value"], after["value"]) == ("64", "128")
    (quote,) = before["quotes"]
    assert quote["path"].endswith("deep/b.txt")
    assert {name: quote[name] for name in ("line", "column", "endLine", "endColumn", "start", "end", "mention")} == {
        "line": 1,
        "column": 38,
        "endLine": 1,
        "endColumn": 40,
        "start": 37,
        "end": 39,
        "mention": "64",
    }
