"""Which suggestions of a build are shown, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import BuildError, UnknownName, UsageError
from kg.model import Claim
from kg.review import UNNAMED, Listed, Wanted, claims, found, suggestions
from kg.wire import write
from tests.samples import claim

MANIFEST = {"inputs": [{"id": "a.txt"}, {"id": "b/a.txt"}, {"id": "c.md"}]}
SUGGESTIONS = [
    claim("steps", "1", score=0.3),
    claim("epochs", "2", score=0.9, report="c.md"),
    claim("steps", "3", score=0.9, report="b/a.txt", model=None),
    claim("steps", "4", score=0.5, model="Merlin 3B"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "suggestions.jsonl").write_bytes(write(SUGGESTIONS, "jsonl", scores=True))
    (tmp_path / "claims.jsonl").write_bytes(write([claim("name", "Osprey", model="Osprey")], "jsonl"))
    return tmp_path


def values(folder: Path, **wanted: str) -> list[str]:
    return [item.claim.value for item in suggestions(folder, MANIFEST, Wanted(**wanted))]


def test_the_best_come_first_and_equals_by_place(folder: Path) -> None:
    assert values(folder) == ["3", "2", "4", "1"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"relation": "steps"}, ["3", "4", "1"]),
        ({"relation": "license"}, []),
        ({"report": "c.md"}, ["2"]),
        ({"report": "reports/c.md"}, ["2"]),
        ({"report": "a.txt"}, ["4", "1"]),  # the id itself, though another one ends so
        ({"report": "b/a.txt"}, ["3"]),
        ({"report": "somewhere/b/a.txt"}, ["3", "4", "1"]),  # it ends with two ids
        ({"model": "merlin-3b"}, ["4"]),
        ({"model": UNNAMED}, ["3"]),
        ({"model": "osprey"}, []),
        ({"model": "Kestrel-7B", "relation": "steps", "report": "a.txt"}, ["1"]),
        ({"model": "Merlin 3B", "relation": "epochs"}, []),
    ],
)
def test_only_some(wanted: dict[str, str], expected: list[str], folder: Path) -> None:
    assert values(folder, **wanted) == expected


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"relation": "step"}, "no relation is named 'step'\n  hint: did you mean steps"),
        ({"report": "d.md"}, r"no report is named 'd\.md'\n  hint: did you mean c\.md"),
        ({"report": ""}, "no report is named ''"),
        ({"model": "Merlin 4B"}, "no model is named 'Merlin 4B'\n  hint: did you mean Merlin 3B"),
        ({"model": ""}, r"no model is named ''\n  hint: choose one of: \(no name\), Kestrel-7B, Merlin 3B, Osprey"),
    ],
)
def test_what_the_build_does_not_have(wanted: dict[str, str], message: str, folder: Path) -> None:
    with pytest.raises(UnknownName, match=message):
        values(folder, **wanted)


@pytest.mark.parametrize("line", ["{", "[]", '{"report": 1}'])
def test_a_damaged_build(line: str, folder: Path) -> None:
    (folder / "suggestions.jsonl").write_text(line)
    with pytest.raises(BuildError, match=r"suggestions\.jsonl: the build cannot be read: .*\n  hint: build again"):
        values(folder)


def test_a_build_of_before_has_claims_without_scores(folder: Path) -> None:
    (folder / "suggestions.jsonl").write_bytes(write(SUGGESTIONS, "jsonl"))
    assert {item.claim.score for item in suggestions(folder, MANIFEST, Wanted())} == {Claim("", None, "", "", 0, 0, "").score}


def test_claims_are_shown_by_place(folder: Path) -> None:
    assert [(item.claim.value, item.suggested) for item in claims(folder, MANIFEST, Wanted())] == [("Osprey", False)]
    assert claims(folder, MANIFEST, Wanted(relation="steps")) == []


ITEMS = [Listed(id, claim("steps", "1"), True) for id in ("12ab34cd", "12ab34ce", "ffff0000", "ffff0000-2")]


@pytest.mark.parametrize(
    ("id", "expected"), [("12ab34cd", "12ab34cd"), ("ffff0000", "ffff0000"), ("ffff0000-2", "ffff0000-2"), ("12ab34ce", "12ab34ce")]
)
def test_an_id_is_found(id: str, expected: str) -> None:
    assert found(ITEMS, id).id == expected


def test_the_beginning_of_an_id_is_enough_when_no_other_begins_so() -> None:
    assert found(ITEMS[1:2], "12ab").id == "12ab34ce"


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("12ab34", "'12ab34' begins 2 ids: 12ab34cd, 12ab34ce\n  hint: write more of it"),
        ("12ab34cf", "no claim or suggestion is named '12ab34cf'\n  hint: did you mean 12ab34ce, 12ab34cd"),
        ("12a", "no claim or suggestion is named '12a'\n  hint: did you mean 12ab34c"),
        ("", "no claim or suggestion is named ''"),
        ("00000000", "no claim or suggestion is named '00000000'"),
    ],
)
def test_an_id_that_nothing_has(id: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        found(ITEMS, id)
