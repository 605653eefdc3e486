"""The index of findings: what is found by it is what reading all of them finds, and a damaged one is told."""

from __future__ import annotations

import json
import random
import shutil
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import pipeline
from kg.config import Config
from kg.errors import BuildError
from kg.findings import FIELDS, FINDINGS, INDEX, Findings, IndexWriter, Keys, findings_of, key, kind_of, made_of, opened
from kg.findings import _layout as layout
from kg.model import Finding, Label
from kg.render.json import parts
from tests.command import SEEDS

BASE = "https://w3id.org/kg/"
KEYS = Keys(BASE, ("pretraining", "fine-tuning"))
MODEL = f"{BASE}model/kestrel-7b"


def finding(code: str = "KG201", report: str | None = "a.txt", subject: str | None = MODEL, *labels: str, **more: str) -> Finding:
    places = tuple(Label(place, 3, 9, "here") for place in labels)
    return Finding(code, "info", f"{code}: a “text”", places, ("a note",), report, subject, more.get("relation"))


FOUND = [
    finding("KG201", relation="license"),
    finding("KG302", "b.txt", f"{BASE}run/kestrel-7b/pretraining", "b.txt", "c.txt", relation="globalBatchSize"),
    finding("KG302", None, f"{BASE}hardware/kestrel-7b", "a.txt", relation="acceleratorCount"),
    finding("KG406", "é\ud800/x.txt", None),
    finding("LAB7/x", "a.txt", f"{BASE}dataset/cc3m", relation="license"),
    finding("KG205", "d.txt", f"{BASE}run/owl/pretraining/fine-tuning", relation="license"),
]


def write(folder: Path, found: list[Finding], keys: Keys = KEYS) -> Path:
    """Write findings and their index as a build does."""
    writer, at = IndexWriter(keys), 0
    pieces = [part.encode() for part in parts(found, {})]
    for item, piece in zip([None, *found], pieces, strict=True):
        if item:
            writer.note(item, at)
        at += len(piece)
    writer.end(at)
    (folder / FINDINGS).write_bytes(b"".join(pieces))
    (folder / INDEX).write_bytes(b"".join(writer.chunks()))
    return folder


def read(folder: Path) -> Findings:
    found = opened(folder)
    assert found is not None
    return found


@pytest.fixture
def some(tmp_path: Path) -> Findings:
    return read(write(tmp_path, FOUND))


def test_findings_are_counted_by_each_field(some: Findings) -> None:
    assert len(some) == len(FOUND)
    counts = {name: some.counts(key(name, "")) for name in FIELDS}
    assert counts["kind"] == {"contradiction": 2, "gap": 2, "remark": 2}
    assert counts["severity"] == {"info": 6}
    assert counts["code"] == {"KG201": 1, "KG205": 1, "KG302": 2, "KG406": 1, "LAB7/x": 1}
    assert counts["relation"] == {"acceleratorCount": 1, "globalBatchSize": 1, "license": 3}
    assert counts["kind/relation"]["gap/license"] == 2
    assert counts["report"] == {"a.txt": 3, "b.txt": 1, "c.txt": 1, "d.txt": 1, "é\\ud800/x.txt": 1}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (key("model", MODEL), [0, 1, 2]),
        (key("model", f"{BASE}dataset/cc3m"), [4]),
        # The run may be the whole training of one model, or a stage of another.
        (key("model", f"{BASE}model/owl/pretraining"), [5]),
        (key("model", f"{BASE}model/owl/pretraining/fine-tuning"), [5]),
        (key("report", "c.txt"), [1]),
        (key("report", "é\ud800/x.txt"), [3]),
        (key("kind/relation", "gap", "license"), [0, 5]),
        (key("code", "KG30"), []),
        (key("code", ""), []),
        (key("zzz", "x"), []),
    ],
)
def test_a_key_has_its_findings(some: Findings, asked: bytes, expected: list[int]) -> None:
    assert some.count(asked) == len(expected)
    assert some.page(asked, 0, 100) == [FOUND[number] for number in expected]
    assert list(some.numbers([asked])) == expected


def test_pages_follow_each_other(some: Findings) -> None:
    assert some.page(None, 0, 100) == FOUND == [item for start in range(0, 6, 2) for item in some.page(None, start, 2)]
    assert some.page(key("report", "a.txt"), 1, 1) == [FOUND[2]]
    assert some.page(key("report", "a.txt"), 7, 5) == some.page(None, 7, 5) == []


def test_several_keys_keep_what_has_them_all(some: Findings) -> None:
    assert list(some.numbers([])) == list(range(6))
    assert list(some.numbers([key("report", "a.txt"), key("model", MODEL)])) == [0, 2]
    assert list(some.numbers([key("report", "a.txt"), key("code", "KG999")])) == []
    assert some.with_any([key("report", "c.txt"), key("report", "a.txt")]) == [FOUND[number] for number in (0, 1, 2, 4)]
    with pytest.raises(BuildError, match="a finding is told of that is not there"):
        some.read([6])


def test_one_of_very_many_is_looked_for(tmp_path: Path) -> None:
    found = [finding("KG201" if number % 400 else "KG302", "a.txt", relation="license") for number in range(1200)]
    index = read(write(tmp_path, found))
    assert list(index.numbers([key("code", "KG302"), key("report", "a.txt")])) == [0, 400, 800]
    assert list(index.numbers([key("code", "KG302"), key("kind", "gap")])) == []


def test_no_findings_have_an_index_too(tmp_path: Path) -> None:
    index = read(write(tmp_path, []))
    assert (len(index), index.counts(key("code", "")), index.page(None, 0, 5), list(index.numbers([]))) == (0, {}, [], [])
    assert made_of(tmp_path, KEYS).page(None, 0, 5) == []


_WORDS = st.sampled_from(["a.txt", "b/c d.txt", "é", 'q"\\\n  {\n', "\u2028", "🦜"])
_FINDINGS = st.builds(
    Finding,
    st.sampled_from(["KG201", "KG301", "KG400", "X 1"]),
    st.sampled_from(["violation", "warning", "info"]),
    _WORDS,
    st.lists(st.builds(Label, _WORDS, st.integers(0, 9), st.integers(0, 9), _WORDS), max_size=3).map(tuple),
    st.lists(_WORDS, max_size=2).map(tuple),
    st.none() | _WORDS,
    st.none() | _WORDS.map(lambda text: BASE + "run/" + text),
    st.none() | st.sampled_from(["license", "duration"]),
)


@given(st.lists(_FINDINGS, max_size=12))
def test_what_the_index_finds_is_what_reading_all_finds(found: list[Finding]) -> None:
    writer, at = IndexWriter(KEYS), 0
    pieces = [part.encode() for part in parts(found, {})]
    for item, piece in zip([None, *found], pieces, strict=True):
        if item:
            writer.note(item, at)
        at += len(piece)
    writer.end(at)
    index = Findings(b"".join(writer.chunks()), b"".join(pieces), "x")
    assert index.page(None, 0, 99) == found
    expected = Counter(name for item in found for name in KEYS.of(item))
    assert {name: index.count(name) for name in expected} == expected
    for name in expected:
        assert index.page(name, 0, 99) == [item for item in found if name in set(KEYS.of(item))]
    assert json.loads(b"".join(pieces)) == [*map(json.loads, map(json.dumps, json.loads(b"".join(pieces))))]


# Of a build -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The own folder of a build of the seeds."""
    out = tmp_path_factory.mktemp("built") / "out"
    done = pipeline.build([SEEDS], out, config=Config(jobs=1), progress=lambda *_: None, say=lambda _: None)
    return done.build.path


def test_a_build_writes_the_index_of_its_findings(built: Path) -> None:
    found, index = findings_of(built), read(built)
    assert len(found) > 20
    assert index.page(None, 0, 10_000) == found
    assert index.counts(key("code", "")) == Counter(item.code for item in found)
    assert index.counts(key("kind", "")) == Counter(kind_of(item.code) for item in found)
    model = f"{BASE}model/instructblip-13b"
    assert index.page(key("model", model), 0, 100) == [item for item in found if item.subject == model]


def test_reading_all_gives_the_same_index(built: Path) -> None:
    keys = Keys(BASE, pipeline_stages())
    assert made_of(built, keys).page(None, 0, 999) == findings_of(built)
    assert made_of(built, keys).counts(b"") == read(built).counts(b"")


def pipeline_stages() -> tuple[str, ...]:
    from kg.schema import load_schema

    return tuple(load_schema(BASE).stages)


def test_the_text_of_findings_is_what_it_was(built: Path) -> None:
    text = (built / FINDINGS).read_text("utf-8")
    assert json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n" == text


def test_without_an_index_nothing_is_opened(tmp_path: Path) -> None:
    (tmp_path / FINDINGS).write_text("[]\n")
    assert opened(tmp_path) is None


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Iterator[Path]:
    for name in (FINDINGS, INDEX):
        shutil.copyfile(built / name, tmp_path / name)
    yield tmp_path


def test_every_beginning_of_an_index_is_told(copied: Path) -> None:
    whole = (copied / INDEX).read_bytes()
    cuts = {0, 1, layout.HEAD.size - 1, layout.HEAD.size, len(whole) - 1, *random.Random(7).sample(range(len(whole)), 40)}
    for size in sorted(cuts):
        (copied / INDEX).write_bytes(whole[:size])
        with pytest.raises(BuildError, match=r"findings\.index: the build cannot be read: it is cut short\n  hint: build again"):
            opened(copied)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not an index of findings, but a text that is long enough", "it is not written by kg, or by an earlier one"),
        (struct.pack("<8s4Q", layout.MAGIC, 1, 2**60, 2**60, 2**60), "it is cut short"),
        (struct.pack("<8s4Q", b"kgfind0\n", 1, 0, 0, 0), "it is not written by kg, or by an earlier one"),
    ],
)
def test_what_is_no_index_is_told(copied: Path, content: bytes, message: str) -> None:
    (copied / INDEX).write_bytes(content)
    with pytest.raises(BuildError, match=f"findings.index: the build cannot be read: {message}"):
        opened(copied)


def test_more_than_an_index_is_told(copied: Path) -> None:
    (copied / INDEX).write_bytes((copied / INDEX).read_bytes() + b"x")
    with pytest.raises(BuildError, match="it is cut short"):
        opened(copied)


def test_the_index_of_other_findings_is_told(copied: Path) -> None:
    (copied / FINDINGS).write_bytes((copied / FINDINGS).read_bytes() + b"\n")
    with pytest.raises(BuildError, match=r"it is of another findings\.json"):
        opened(copied)
    (copied / FINDINGS).unlink()
    with pytest.raises(BuildError, match=r"findings\.json: the build cannot be read: .*No such file"):
        opened(copied)


def test_findings_that_are_damaged_inside_are_told(copied: Path) -> None:
    text = (copied / FINDINGS).read_bytes()
    (copied / FINDINGS).write_bytes(text.replace(b'"code"', b'"cede"'))
    with pytest.raises(BuildError, match=r"findings\.json: the build cannot be read: 'code'"):
        read(copied).page(None, 0, 1)
    (copied / FINDINGS).write_bytes(b"x" * len(text))
    with pytest.raises(BuildError, match=r"findings\.json: the build cannot be read"):
        read(copied).page(None, 0, 1)
    with pytest.raises(BuildError, match=r"findings\.json: the build cannot be read"):
        made_of(copied, KEYS)
    (copied / FINDINGS).write_bytes(b"{}")
    with pytest.raises(BuildError, match="this is not written as kg does"):
        made_of(copied, KEYS)


def test_any_damage_is_an_error_or_an_answer(copied: Path) -> None:
    """Whatever byte is another one: no answer names a finding that is not there, and nothing else is raised."""
    whole, chance = (copied / INDEX).read_bytes(), random.Random(11)
    total = len(read(copied))
    for _ in range(300):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        (copied / INDEX).write_bytes(content)
        try:
            index = read(copied)
            found = index.counts(key("code", ""))
            for name in (*found, "KG201"):
                assert len(index.page(key("code", name), 0, 10)) <= 10
            assert len(index.numbers([key("kind", "gap"), key("severity", "info")])) <= max(total, index.count(key("kind", "gap")))
        except BuildError as error:
            assert "build again" in str(error)


def test_the_index_needs_all_findings() -> None:
    with pytest.raises(ValueError, match=r"findings\.json is not written yet"):
        list(IndexWriter(KEYS).chunks())


def test_other_machines_write_the_same_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from array import array

    numbers = array("I", [1, 258])
    monkeypatch.setattr(layout, "_SWAPPED", True)
    turned = layout.to_bytes(numbers)
    assert turned == numbers.tobytes()[3::-1] + numbers.tobytes()[:3:-1]
    assert layout.from_bytes("I", turned) == numbers == array("I", [1, 258])
