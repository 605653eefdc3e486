from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.config import Config
from kg.errors import BuildError, ConfigError
from kg.manifest import (
    Inputs,
    ManifestFile,
    Sources,
    build_id,
    changes,
    counts_in,
    failures,
    inputs_named,
    part_of_inputs,
    read,
    sources,
    versions,
)
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


def test_a_pipe_may_hold_something_else_each_time(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found = sources({"pipe": tmp_path / "pipe"}, [], [], Config())
    failed = [{"id": "pipe", "sha256": None, "reason": "it is binary"}]
    assert not found.match({"versions": found.versions, "inputs": [], "failed": failed, "skipped": []})


def test_an_empty_manifest_is_no_build(tmp_path: Path) -> None:
    assert not SOURCES.match({})


def test_failures_come_back() -> None:
    assert failures(MANIFEST) == [Skipped("b", "it is binary", failed=True)]
    entry = {"id": "c", "sha256": "3", "reason": "it is empty", "hint": "remove it"}
    assert failures({"failed": [entry]}) == [Skipped("c", "it is empty", failed=True, hint="remove it")]


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


IDS = ["", 'é "quoted" \ud800', *(f"r{number}.txt" for number in range(9)), "z/🦜.md"]
ENTRIES: list[dict[str, Any]] = [
    {
        "id": id,
        "sha256": None if number % 3 else "1f",
        **({"file": "a.jsonl", "line": number, "offset": None} if number % 2 else {}),
    }
    for number, id in enumerate(IDS)
]
BEFORE: dict[str, Any] = {"versions": {"kg": "1", "base": "x:/"}}
AFTER: dict[str, Any] = {
    "files": [{"id": "a.jsonl", "sha256": "2"}],
    "failed": [],
    "skipped": [{"path": "é"}],
    "counts": {"reports": 3, "codes": {}},
}


def whole(entries: list[dict[str, Any]]) -> tuple[dict[str, Any], bytes]:
    """Return a manifest and its file, written at once."""
    manifest = {**BEFORE, "inputs": entries, **AFTER}
    return manifest, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


@pytest.mark.parametrize("count", [0, 1, 2, len(ENTRIES)])
@pytest.mark.parametrize("size", [1, 5, 99])
def test_a_manifest_is_written_part_by_part(tmp_path: Path, count: int, size: int) -> None:
    manifest, text = whole(ENTRIES[:count])
    with ManifestFile(BEFORE, tmp_path) as file:
        file.add(part_of_inputs([]))
        for start in range(0, count, size):
            file.add(part_of_inputs(ENTRIES[start : min(start + size, count)]))
        assert file.id(AFTER) == build_id(manifest) == sha256(json.dumps(manifest).encode()).hexdigest()[:12]
        assert b"".join(file.chunks(AFTER)) == text
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [0, 1, 2, len(ENTRIES)])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_manifest_is_read_without_its_inputs(tmp_path: Path, count: int, indent: int | None) -> None:
    manifest, text = whole(ENTRIES[:count])
    path = tmp_path / "manifest.json"
    path.write_bytes(text if indent else json.dumps(manifest).encode())
    found = read(path)
    assert found == manifest and list(found) == list(manifest)
    assert isinstance(found["inputs"], Inputs) == bool(indent and count)
    assert build_id(found) == build_id(manifest)


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    path = tmp_path / "manifest.json"
    path.write_bytes(whole(ENTRIES)[1])
    found = read(path)["inputs"]
    path.unlink()  # as when another build has been published twice
    assert isinstance(found, Inputs)
    return found


def test_inputs_are_a_sequence(inputs: Inputs) -> None:
    assert len(inputs) == len(ENTRIES)
    assert list(inputs) == list(inputs) == ENTRIES
    assert (inputs[0], inputs[-1], inputs[2:5]) == (ENTRIES[0], ENTRIES[-1], ENTRIES[2:5])
    assert ENTRIES[3] in inputs and {"id": "none"} not in inputs
    assert inputs != ENTRIES[1:] and inputs != 7
    with pytest.raises(IndexError):
        inputs[len(ENTRIES)]


def test_inputs_that_are_files_are_read_alone(inputs: Inputs) -> None:
    assert list(inputs.alone()) == [entry for entry in ENTRIES if "file" not in entry]


@pytest.mark.parametrize(("digest", "same"), [("1f", True), ("2f", False)])
def test_a_build_of_many_reports_in_a_file_is_the_same_when_the_files_are(inputs: Inputs, digest: str, same: bool) -> None:
    files = {entry["id"]: entry["sha256"] for entry in ENTRIES if "file" not in entry}
    made_of = Sources(BEFORE["versions"], files | {"a.jsonl": "2", "": digest}, AFTER["skipped"])
    assert made_of.match({**BEFORE, "inputs": inputs, **AFTER}) is same


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"sha256": "1f"', b'"sha256": 7', "an input has no id or no hash"),
        (b'"id": "r0.txt"', b'"name": "x"', "an input has no id or no hash"),
        (b'"id": "r0.txt"', b'"id": r0', "Expecting value"),
        (b"\n  },\n", b"\n   },\n", "Extra data|delimiter|property name"),
    ],
)
def test_a_damaged_input_is_told_of_when_it_is_read(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(whole(ENTRIES)[1].replace(old, new))
    found = read(path)
    assert found["counts"] == AFTER["counts"]
    with pytest.raises(BuildError, match=rf"(?s)manifest\.json: the build cannot be read: .*({message}).*hint: build again"):
        list(found["inputs"])


def test_inputs_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(b'{\n "inputs": [\n  {\n   "id": "a"\n ],\n "files": []\n}')
    with pytest.raises(BuildError, match="an input has no end"):
        len(read(path)["inputs"])


@pytest.mark.parametrize("text", [b"", b"{", b'{\n "inputs": [\n ],\n "files": [\n'])
def test_a_manifest_that_is_no_json(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(text)
    with pytest.raises(ValueError, match=r"it is empty|Expecting"):
        read(path)


def lazily(folder: Path, entries: list[dict[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return inputs as they are read from a file."""
    path = folder / "manifest.json"
    path.write_bytes(whole(entries)[1])
    found: Sequence[Mapping[str, Any]] = read(path)["inputs"]
    path.unlink()
    return found


ENTRY = st.builds(lambda id, sha256: {"id": id, "sha256": sha256}, st.sampled_from(IDS), st.sampled_from(["1", "2", None]))
SOME = st.lists(ENTRY, unique_by=lambda entry: entry["id"]).map(lambda entries: sorted(entries, key=lambda entry: entry["id"]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=SOME, new=SOME, lazy=st.tuples(st.booleans(), st.booleans()))
def test_inputs_that_differ(tmp_path: Path, old: list[dict[str, Any]], new: list[dict[str, Any]], lazy: tuple[bool, bool]) -> None:
    before, after = ({entry["id"]: entry for entry in entries} for entries in (old, new))
    wanted = [(before.get(id), after.get(id)) for id in sorted({*before, *after}) if before.get(id) != after.get(id)]
    sides = [lazily(tmp_path, entries) if how else entries for entries, how in zip((old, new), lazy, strict=True)]
    assert list(changes(*sides)) == wanted
