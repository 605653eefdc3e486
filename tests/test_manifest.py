from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from kg.config import Config
from kg.errors import ConfigError
from kg.manifest import Sources, build_id, counts_in, failures, inputs_named, sources, versions
from kg.model import Skipped


def test_what_is_skipped_is_listed_below_the_argument_it_came_from(tmp_path: Path) -> None:
    skipped = [
        Skipped(str(tmp_path / "in/deep/x.png"), "not read"),
        Skipped(str(tmp_path / "y.png"), "not read"),
        Skipped(str(tmp_path / "y.png"), "not read"),
        Skipped("gone.txt", "a link to nothing", failed=True),
    ]
    listed = sources({}, skipped, [tmp_path / "in", tmp_path / "y.png"], Config()).skipped
    assert [(row["path"], row["failed"]) for row in listed] == [("deep/x.png", False), ("gone.txt", True), ("y.png", False)]


def test_inputs_are_known_by_the_hash_of_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    os.mkfifo(tmp_path / "pipe")
    found = sources({"a.txt": tmp_path / "a.txt", "gone": tmp_path / "gone", "pipe": tmp_path / "pipe"}, [], [], Config()).hashes
    assert found == {"a.txt": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "gone": None, "pipe": None}


def test_a_file_that_cannot_be_opened_has_no_hash(tmp_path: Path) -> None:
    (tmp_path / ("x" * 255)).mkdir()
    assert sources({"a": tmp_path / ("x" * 300)}, [], [], Config()).hashes == {"a": None}


SOURCES = Sources({"kg": "1"}, {"a": "1", "b": "2"}, [{"path": "x.png"}])
MANIFEST = {
    "versions": {"kg": "1"},
    "inputs": [{"id": "a", "sha256": "1"}],
    "failed": [{"id": "b", "sha256": "2", "reason": "it is binary"}],
    "skipped": [{"path": "x.png"}],
}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"versions": {"kg": "2"}}, False),
        ({"inputs": [{"id": "a", "sha256": "9"}]}, False),
        ({"inputs": []}, False),
        ({"failed": []}, False),
        ({"skipped": []}, False),
    ],
)
def test_a_build_is_the_same_when_everything_it_was_made_of_is(change: dict[str, object], same: bool) -> None:
    assert SOURCES.match(MANIFEST | change) is same


def test_an_empty_manifest_is_no_build(tmp_path: Path) -> None:
    assert not SOURCES.match({})


def test_failures_come_back() -> None:
    assert failures(MANIFEST) == [Skipped("b", "it is binary", failed=True)]


def test_the_id_follows_the_content() -> None:
    assert build_id(MANIFEST) == build_id(dict(MANIFEST))
    assert build_id(MANIFEST) != build_id(MANIFEST | {"skipped": []})


def test_versions_follow_the_settings(tmp_path: Path) -> None:
    shapes = tmp_path / "house.ttl"
    shapes.write_text("# none\n")
    plain = versions(Config())
    assert versions(Config()) == plain
    assert {name for name, value in versions(Config(shapes=(shapes,))).items() if value != plain[name]} == {"shapes"}
    assert {name for name, value in versions(Config(base_iri="x:/")).items() if value != plain[name]} == {"base"}


def test_shapes_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.ttl: cannot be read: No such file.*\n  hint: correct the path"):
        versions(Config(shapes=(tmp_path / "none.ttl",)))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 100])
def test_single_inputs_are_read_without_the_others(tmp_path: Path, count: int) -> None:
    ids = sorted({f"r{number}.txt" for number in range(count)} | ({'é "quoted" \ud800', "z/🦜.md"} if count > 2 else set()))
    inputs = [{"id": id, "sha256": "1", "place": {"id": "r1.txt"}} for id in ids]
    manifest = {"versions": {}, "inputs": inputs, "files": [{"id": "a.jsonl", "sha256": "2"}], "failed": [], "skipped": []}
    path = tmp_path / "manifest.json"
    path.write_bytes(json.dumps(manifest, indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace"))
    assert inputs_named(path, ids) == {entry["id"]: entry for entry in inputs}
    assert inputs_named(path, ["", "r", "r1.txt.", "zz", "~"]) == {}


COUNTS = {"reports": 5, "models": 7, "severities": {"violation": 0, "info": 2}, "codes": {"KG302": 2}}


@pytest.mark.parametrize("indent", [None, 1, 2])
@pytest.mark.parametrize("after", [{}, {"more": {"counts": {"reports": 1}}}])
def test_counts_are_read_without_the_inputs(tmp_path: Path, indent: int | None, after: dict[str, object]) -> None:
    inputs = [{"id": '\n "counts": {\n', "counts": {"reports": number}} for number in range(50)]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"inputs": inputs, "counts": COUNTS, **after}, indent=indent), encoding="utf-8")
    assert counts_in(path) == COUNTS


@pytest.mark.parametrize(
    "text", ['{"inputs": []}', '{"counts": 7}', '{\n "counts": {\n  "reports": "5"\n }\n}', "[]", "{", '{\n "counts": {\n  {\n }']
)
def test_a_manifest_that_counts_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"it counts nothing|Expecting|property name"):
        counts_in(path)


def test_inputs_in_another_order_are_found_too(tmp_path: Path) -> None:
    ids = [f"r{number}.txt" for number in random.Random(3).sample(range(50), 50)]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"inputs": [{"id": id, "sha256": None} for id in ids], "files": []}, indent=1), encoding="utf-8")
    assert set(inputs_named(path, ids)) == set(ids)
