"""The documents that speed is measured with: the same for everybody, of every kind, of the promised sizes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bench import estimates, evidence
from bench.corpus import KINDS, LONGEST, PAPER, SHORTEST, document, documents, paper
from tests.command import ROOT


def test_a_document_does_not_depend_on_those_before_it() -> None:
    assert list(documents(5, seed=3))[4] == document(4, seed=3)
    assert document(4, seed=3) != document(4, seed=4)


def test_every_kind_occurs_and_keeps_its_size() -> None:
    corpus = list(documents(400))
    kinds = Counter(id.partition("_")[2].partition(".")[0] for id, _ in corpus)
    assert set(kinds) == set(KINDS)
    assert all(SHORTEST <= len(text) <= LONGEST + 100 for _, text in corpus)
    assert not any("{" in text for _, text in corpus)
    assert len({text for _, text in corpus}) == len(corpus)


def test_a_paper_is_long_and_has_few_facts() -> None:
    papers = [paper(number) for number in range(3)]
    assert papers == [paper(number) for number in range(3)]
    assert all(PAPER[0] <= len(text) <= PAPER[1] + LONGEST for _, text in papers)
    assert not any("{" in text for _, text in papers)
    shares = [text.count("trained on") / len(text) for _, text in papers]
    dense = "".join(text for _, text in documents(100))
    assert max(shares) < dense.count("trained on") / len(dense) / 2


def test_only_tagged_prose_has_tags() -> None:
    tagged = {id.partition("_")[2] for id, text in documents(200) if "</" in text}
    assert tagged == {"tagged.txt"}


def corpus(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.corpus", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_folder_and_a_file_hold_the_same(tmp_path: Path) -> None:
    assert corpus("-n", "12", tmp_path / "folder").returncode == 0
    assert corpus("-n", "12", "--jsonl", tmp_path / "corpus.jsonl").returncode == 0
    lines = (tmp_path / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "folder").iterdir()}
    assert {row["id"]: row["text"] for row in map(json.loads, lines)} == files == dict(documents(12))


@pytest.mark.parametrize("arguments", [(), ("folder", "--jsonl", "corpus.jsonl")], ids=["nowhere", "twice"])
def test_one_place_must_be_named(arguments: tuple[str, ...], tmp_path: Path) -> None:
    ran = corpus(*(tmp_path / part if part[0] != "-" else part for part in arguments))
    assert ran.returncode == 2
    assert "name a folder, or a file with --jsonl" in ran.stderr
    assert not list(tmp_path.iterdir())


def test_what_evidence_adds_is_told_for_each_query(capsys: pytest.CaptureFixture[str]) -> None:
    evidence.main(["-n", "3"])
    told = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in told] == list(evidence.QUERIES)
    assert all(" rows " in line and "with evidence" in line for line in told)


def test_estimates_are_compared_with_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = (
        "Model,Organization,Publication date,Training compute (FLOP),Training time (hours),Training hardware,Hardware quantity,"
        "Base model"
    )
    rows = [
        "Kestrel-7B,Aerie Lab,2023-01-01,2.5e22,504,NVIDIA A100 SXM4 80 GB,128,",  # 0.35 of the peak gives 2.54e22
        "Merlin-7B,Aerie Lab,2023-01-01,2.5e23,504,NVIDIA A100 SXM4 80 GB,128,",  # more than its peak
        "Hobby-7B,Aerie Lab,2023-01-01,2.5e23,504,NVIDIA A100 SXM4 80 GB,128,Llama 2-7B",  # its base model's
        "Osprey-7B,Aerie Lab,2023-01-01,2.5e22,,NVIDIA A100 SXM4 80 GB,128,",  # no time
    ]
    (tmp_path / "table.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    estimates.main([str(tmp_path / "table.csv")])
    told = capsys.readouterr().out
    assert "3 rows with hardware, number, time and compute" in told
    assert "within a factor of 2: 1 of 3 (33%)" in told
    assert "Merlin-7B 0.1" in told.split("more than its hardware can do")[1]
    assert "Hobby-7B 0.1" in told.split("tuning alone")[1].split("more than")[0]
