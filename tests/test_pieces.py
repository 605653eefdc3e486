"""Findings written out piece by piece, in any order, give the files that all of them together give."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.findings import IndexWriter, Keys
from kg.model import Finding, Label, Origin
from kg.pieces import FindingsFiles, Piece, natural, owner_of, piece_of
from kg.places import ReportSource
from kg.render import ordered, render
from kg.render.json import parts
from kg.schema import DEFAULT_BASE

KEYS = Keys(DEFAULT_BASE, ("pretraining",))
SOURCES = {
    "a:9": ReportSource("a", "It was trained\non 64 GPUs", Origin("a", 9, 70)),
    "a:10": ReportSource("a", "for 3 weeks", Origin("a", 10)),
    "a:2/b.pdf": ReportSource("a:2/b.pdf", "one\ftwo\nthree", paged=True),
    "é\ud800": ReportSource("/ü/é\udc80", "🦜 of 7"),
}
REPORTS = st.sampled_from([*SOURCES, "gone.txt"])
TEXTS = st.sampled_from(["", "a", "100 %s", 'say "x"\\\n', "half \ud800", "🦜"])
FINDINGS = st.lists(
    st.builds(
        Finding,
        st.sampled_from(["KG103", "KG201", "KG302", "LAB7", "LAB é", 'A"7']),
        st.sampled_from(["violation", "warning", "info"]),
        TEXTS,
        st.lists(st.builds(Label, REPORTS, st.integers(0, 14), st.integers(0, 14), TEXTS), max_size=3).map(tuple),
        st.lists(TEXTS, max_size=2).map(tuple),
        st.none() | REPORTS,
        st.none() | st.sampled_from([f"{DEFAULT_BASE}run/owl/pretraining", f"{DEFAULT_BASE}model/owl"]),
        st.none() | st.sampled_from(["license", "epochs"]),
    ),
    max_size=14,
)


def pieces(findings: Sequence[Finding]) -> list[Piece]:
    """Return the pieces of findings, in order of their ids as text."""
    owners = defaultdict(list)
    for finding in findings:
        owners[owner_of(finding)].append(finding)
    return [piece_of(owner, owners[owner], SOURCES, KEYS) for owner in sorted(owners)]


def at_once(findings: Sequence[Finding]) -> list[bytes]:
    """Return findings.json, findings.index and findings.sarif, written with all findings in memory."""
    listed = ordered(findings)
    texts = [part.encode() for part in parts(listed, SOURCES)]
    index = IndexWriter(KEYS)
    for number, finding in enumerate(listed, 1):
        index.note(finding, sum(map(len, texts[:number])))
    index.end(sum(map(len, texts)))
    return [b"".join(texts), b"".join(index.chunks()), render(findings, SOURCES, "sarif").encode()]


def in_pieces(written: Sequence[Piece], most: int, folder: Path | None = None) -> list[bytes]:
    with FindingsFiles(folder, most) as files:
        for piece in written:
            files.add(piece)
        return [b"".join(chunks) for chunks in (files.json(), files.index(), files.sarif())]


@settings(max_examples=40)
@given(findings=FINDINGS, chance=st.randoms(use_true_random=False), most=st.sampled_from([1, 600, 1 << 20]))
def test_pieces_in_any_order_give_the_same_files(findings: list[Finding], chance: Random, most: int) -> None:
    written = pieces(findings)
    chance.shuffle(written)
    assert in_pieces(written, most) == at_once(findings)


@settings(max_examples=20)
@given(findings=FINDINGS)
def test_findings_are_counted(findings: list[Finding]) -> None:
    with FindingsFiles() as files:
        for piece in pieces(findings):
            files.add(piece)
        assert files.codes == Counter(finding.code for finding in findings)
        assert files.severities == Counter(finding.severity for finding in findings)


def test_no_findings_are_files_too(tmp_path: Path) -> None:
    nothing = piece_of("a", [], SOURCES, KEYS)
    assert in_pieces([], 1, tmp_path) == in_pieces([nothing], 1, tmp_path) == at_once([])


def test_a_severity_of_a_code_without_a_page_is_that_of_its_first_finding() -> None:
    found = [Finding("LAB7", "info", "", report="a:10"), Finding("LAB7", "violation", "", report="a:9")]
    assert in_pieces(pieces(found), 1) == at_once(found)
    assert re.search(rb'"id": "LAB7",[^}]*},\s*"defaultConfiguration": {\s*"level": "error"', in_pieces(pieces(found), 1)[2])


def test_what_waits_has_no_name(tmp_path: Path) -> None:
    with FindingsFiles(tmp_path, 1) as files:
        for number in range(40):
            files.add(piece_of(f"{number}", [Finding("KG201", "info", "x", report=f"{number}")], {}, KEYS))
        assert next(files.json()).startswith(b"[\n")
        assert list(tmp_path.iterdir()) == []


def test_an_owner_has_one_piece(tmp_path: Path) -> None:
    piece = piece_of("a", [Finding("KG201", "info", "x", report="a")], {}, KEYS)
    with FindingsFiles(tmp_path) as files:
        files.add(piece)
        files.add(piece)
        with pytest.raises(ValueError, match="two pieces are of b'a"):
            list(files.json())


def test_the_index_waits_for_the_findings() -> None:
    with FindingsFiles() as files, pytest.raises(ValueError, match="is not written yet"):
        list(files.index())


IDS = st.lists(st.sampled_from("a b 0 1 07 7 70 . \x00 \ud800 é 🦜".split(" ")), max_size=7).map("".join)


@given(ids=st.lists(IDS, max_size=8))
def test_ids_sort_as_findings_do(ids: list[str]) -> None:
    findings = [Finding("KG201", "info", "x", report=id) for id in ids if id]
    assert [finding.report for finding in ordered(findings)] == sorted(filter(None, ids), key=natural)


class OneByOne(Mapping[str, ReportSource]):
    """Reports that are looked up one by one, as from a file on the disk."""

    def __getitem__(self, report: str) -> ReportSource:
        return SOURCES[report]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("all reports are asked for")

    def __len__(self) -> int:
        raise AssertionError("all reports are counted")


def test_reports_are_looked_up_one_by_one() -> None:
    found = Finding("KG302", "info", "x", (Label("a:9", 3, 6), Label("gone.txt", 3, 6)), report="a:9")
    assert piece_of("a:9", [found], OneByOne(), KEYS) == piece_of("a:9", [found], SOURCES, KEYS)
