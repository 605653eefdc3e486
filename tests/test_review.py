"""Which suggestions of a build are shown, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import BuildError, UnknownName
from kg.model import Claim
from kg.review import UNNAMED, Wanted, suggestions
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


def found(folder: Path, **wanted: str) -> list[str]:
    return [claim.value for claim in suggestions(folder, MANIFEST, Wanted(**wanted))]


def test_the_best_come_first_and_equals_by_place(folder: Path) -> None:
    assert found(folder) == ["3", "2", "4", "1"]


@pytest.mark.parametrize(
    ("wanted", "values"),
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
def test_only_some(wanted: dict[str, str], values: list[str], folder: Path) -> None:
    assert found(folder, **wanted) == values


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
        found(folder, **wanted)


@pytest.mark.parametrize("line", ["{", "[]", '{"report": 1}'])
def test_a_damaged_build(line: str, folder: Path) -> None:
    (folder / "suggestions.jsonl").write_text(line)
    with pytest.raises(BuildError, match=r"suggestions\.jsonl: the build cannot be read: .*\n  hint: build again"):
        found(folder)


def test_a_build_of_before_has_claims_without_scores(folder: Path) -> None:
    (folder / "suggestions.jsonl").write_bytes(write(SUGGESTIONS, "jsonl"))
    assert {claim.score for claim in suggestions(folder, MANIFEST, Wanted())} == {Claim("", None, "", "", 0, 0, "").score}
