"""Decisions as an input of a build: what it holds then, what is done again, and that nothing else changes."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kg import pipeline
from kg.config import Config, decisions_file, load_config
from kg.decided import decide as decided
from kg.decisions import Decision, Decisions, OfClaim, OfNames, Quote, Statement, fold, with_added
from kg.errors import ConfigError
from kg.model import Claim, Extraction, Finding, Span
from kg.outcome import BuildResult
from kg.review import quote_at
from kg.schema import Schema
from kg.steps.read import head_of, things
from kg.steps.shelf import opened_shelf
from kg.store import FILES, open_build
from tests.memory import misremember
from tests.samples import document

REPORTS = {
    "a.txt": "We introduce Kestrel-7B. Kestrel-7B was trained on 64 NVIDIA A100 GPUs for 5 days.\n\nIt was trained on CC3M.\n",
    "deep/b.txt": "Our model, Merlin-3B, was trained with AdamW on 128 GPUs for 3 days.\n\nMerlin-3B was pretrained on CC3M.\n",
    "c.md": "# Osprey-1B\n\nOsprey-1B extends Kestrel-7B. It was developed in France. We use <gpu_count>0</gpu_count> GPUs.\n",
}


def write(folder: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def build(folder: Path, out: Path, decisions: Path | None = None, **more: Any) -> BuildResult:
    config = Config(decisions=decisions, **more)
    talk: dict[str, Any] = {"progress": lambda what, done, total: None, "say": lambda text: None}
    return pipeline.build([folder], out, config=config, accept_shrink=True, **talk)


def content(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in FILES if name != "run.json"}


def rows(out: Path, name: str = "claims.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text("utf-8").splitlines()]


def decide(file: Path, *decisions: Decision) -> Path:
    file.write_text(with_added("", decisions), encoding="utf-8")
    return file


def about(do: Any, row: Mapping[str, Any], text: str, to: Statement | None = None) -> OfClaim:
    claim = Claim.from_json({key: value for key, value in row.items() if key != "score"})
    return OfClaim(do, claim.report, Statement.of(claim), quote_at(text, fold(text), Span(claim.start, claim.end)), to)


def of(out: Path, relation: str, report: str = "a.txt") -> dict[str, Any]:
    (row,) = [row for row in rows(out) if (row["relation"], row["report"]) == (relation, report)]
    return row


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return write(tmp_path / "reports", REPORTS)


@pytest.fixture
def plain(reports: Path, tmp_path: Path) -> Path:
    """A build without decisions."""
    build(reports, tmp_path / "plain")
    return tmp_path / "plain"


def codes(result: BuildResult) -> list[str]:
    return sorted(finding.code for finding in result.findings if finding.code.startswith("KG46"))


def test_decisions_are_part_of_what_a_build_is_made_of(reports: Path, plain: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "kg-decisions.toml"
    build(reports, out)
    decide(file, about("reject", of(plain, "duration"), REPORTS["a.txt"]))
    result = build(reports, out, file)
    assert result.changed
    assert not [row for row in rows(out) if row["relation"] == "duration" and row["report"] == "a.txt"]
    assert result.build.manifest["counts"]["decisions"] == {"applied": 1, "idle": 0, "stale": 0, "elsewhere": 0}
    assert not build(reports, out, file).changed
    assert build(reports, out).changed
    assert content(out) == content(plain)
    assert "decisions" not in open_build(out).manifest["versions"]


def test_a_decided_claim_is_in_the_graph_and_says_so(reports: Path, plain: Path, tmp_path: Path) -> None:
    to = Statement("Kestrel-7B", "duration", "P6D")
    file = decide(tmp_path / "k.toml", about("correct", of(plain, "duration"), REPORTS["a.txt"], to))
    build(reports, tmp_path / "out", file)
    row = of(tmp_path / "out", "duration")
    assert (row["value"], row["mention"], row["method"]) == ("P6D", of(plain, "duration")["mention"], "review")
    graph = (tmp_path / "out" / "graph.nq").read_text("utf-8")
    assert '"P6D"^^<http://www.w3.org/2001/XMLSchema#duration>' in graph
    assert '<https://w3id.org/kg/ontology#method> "review"' in graph
    assert '"P5D"' not in graph


def test_an_added_fact_counts_as_stated(reports: Path, tmp_path: Path) -> None:
    said = Statement("Osprey-1B", "software", "PyTorch")
    file = decide(tmp_path / "k.toml", OfClaim("add", "c.md", said, Quote("It was developed in France.", "developed")))
    build(reports, tmp_path / "out", file)
    found = {(row["model"], row["relation"]): row["status"] for row in rows(tmp_path / "out", "coverage.jsonl")}
    assert found["Osprey-1B", "software"] == "stated"
    assert of(tmp_path / "out", "software", "c.md")["thing"] == "https://w3id.org/kg/software/pytorch"


def test_names_are_decided_in_the_graph(reports: Path, tmp_path: Path) -> None:
    file = decide(tmp_path / "k.toml", OfNames("same", "model", ("Kestrel-7B", "Osprey-1B")))
    result = build(reports, tmp_path / "out", file)
    assert result.build.manifest["counts"]["models"] == 2
    with pytest.raises(ConfigError, match="two known things"):
        build(reports, tmp_path / "out", decide(file, OfNames("same", "dataset", ("The Pile", "CC3M"))))


def test_what_no_longer_applies_is_told_until_it_is_taken_back(reports: Path, plain: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "k.toml"
    decide(file, about("reject", of(plain, "duration"), REPORTS["a.txt"]))
    assert codes(build(reports, out, file)) == []
    (reports / "a.txt").write_text(REPORTS["a.txt"].replace("for 5 days", "for 6 days"), encoding="utf-8")
    result = build(reports, out, file)
    assert (codes(result), result.exit_code("violation"), result.exit_code("warning")) == (["KG460"], 1, 1)
    assert result.build.manifest["counts"]["decisions"]["stale"] == 1
    assert of(out, "duration")["value"] == "P6D"
    write(reports, {"d.txt": "Owl-2B was trained for 3 epochs with Adam.\n"})
    assert codes(build(reports, out, file)) == ["KG460"]
    decide(file)
    assert codes(build(reports, out, file)) == []
    build(reports, tmp_path / "fresh", file)
    assert content(out) == content(tmp_path / "fresh")


def test_a_build_of_other_reports_says_so_once(reports: Path, plain: Path, tmp_path: Path) -> None:
    file = decide(
        tmp_path / "k.toml", *(about("reject", of(plain, name), REPORTS["a.txt"]) for name in ("duration", "accelerator"))
    )
    (reports / "a.txt").unlink()
    result = build(reports, tmp_path / "out", file)
    (finding,) = [finding for finding in result.findings if finding.code == "KG461"]
    assert (finding.message, len(finding.notes)) == ("2 decisions are about what this build does not hold", 2)


def test_a_finding_follows_the_claim_that_it_is_about(reports: Path, tmp_path: Path) -> None:
    """The fact stays, only the words that state it are others: what is said of an unchanged report must not stay as it was."""
    text = REPORTS["c.md"] + "\nThe zero is a slip: 0 GPUs.\n"
    write(reports, {"c.md": text})
    out, file = tmp_path / "out", tmp_path / "k.toml"
    build(reports, out)
    row = of(out, "acceleratorCount", "c.md")
    second = Statement.of(Claim.from_json(row))
    decide(file, OfClaim("add", "c.md", second, Quote("a slip: 0 GPUs.", "0")))
    build(reports, out, file)
    build(reports, tmp_path / "fresh", file)
    assert content(out) == content(tmp_path / "fresh")


def test_what_is_read_is_not_read_again_for_a_decision(reports: Path, plain: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "k.toml"
    build(reports, out)
    misremember(out, "P3D", "P4D")
    decide(file, about("reject", of(plain, "duration"), REPORTS["a.txt"]))
    build(reports, out, file)
    assert of(out, "duration", "deep/b.txt")["value"] == "P4D"
    decide(file, about("reject", {**of(plain, "duration", "deep/b.txt"), "value": "P4D"}, REPORTS["deep/b.txt"]))
    build(reports, out, file)
    assert not [row for row in rows(out) if row["relation"] == "duration" and row["report"] == "deep/b.txt"]
    build(reports, out)
    assert of(out, "duration", "deep/b.txt")["value"] == "P4D"


def test_a_damaged_file_of_what_was_read_is_made_anew(reports: Path, plain: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "k.toml"
    build(reports, out, decide(file, about("reject", of(plain, "duration"), REPORTS["a.txt"])))
    path = open_build(out).path / "undecided.jsonl"
    assert path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(b'{"report"')
    build(reports, out)
    assert content(out) == content(plain)


# A build after any decisions and edits is a build from nothing -------------------------------------------------------------------

CHOICES = [
    ("accept", None),
    ("reject", None),
    ("correct", Statement(None, "steps", "7")),
    ("correct", Statement(None, "acceleratorCount", "9")),
]
NAMES = [OfNames("same", "model", ("Kestrel-7B", "Merlin-3B")), OfNames("different", "model", ("Merlin-3B", "Kestrel-7B"))]
EDITS = ["", "Another paragraph stands here.\n\n", "It was trained with Lion.\n\n"]


JUDGED = st.tuples(st.integers(0, 30), st.sampled_from(CHOICES))
STEPS = st.tuples(
    st.lists(JUDGED, max_size=5, unique_by=lambda pair: pair[0]),
    st.sampled_from([None, *NAMES]),
    st.sampled_from(EDITS),
    st.sampled_from(sorted(REPORTS)),
)


@settings(
    max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)  # a build takes its time, shrinking hundreds of them
@given(st.lists(STEPS, min_size=1, max_size=3))
def test_a_build_after_another_is_a_build_from_nothing(steps: Sequence[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        reports, file = write(root / "reports", REPORTS), root / "k.toml"
        build(reports, root / "plain")
        read = rows(root / "plain") + rows(root / "plain", "suggestions.jsonl")
        for chosen, names, edit, edited in steps:
            found = {number % len(read): choice for number, choice in chosen}
            made = [about(do, read[number], REPORTS[read[number]["report"]], to) for number, (do, to) in found.items()]
            decide(file, *_agreeing(made), *([names] if names else []))
            write(reports, {edited: edit + REPORTS[edited]})
            build(reports, root / "fresh" / str(len(list(root.glob("fresh/*")))), file)
            build(reports, root / "out", file)
            assert content(root / "out") == content(sorted(root.glob("fresh/*"))[-1])
            assert not codes_of(root / "out") & {"KG460", "KG461"}


def _agreeing(decisions: Sequence[OfClaim]) -> list[OfClaim]:
    """Leave out what would make one claim of two."""
    taken: dict[object, OfClaim] = {}
    for item in decisions:
        for said in filter(None, (item.asserts, item.removes)):
            taken.setdefault((item.report, said.fact, item.quote.words), item)
    return [item for item in decisions if all(taken[item.report, said.fact, item.quote.words] is item for said in _said(item))]


def _said(item: OfClaim) -> list[Statement]:
    return [said for said in (item.asserts, item.removes) if said]


def codes_of(out: Path) -> set[str]:
    return {row["code"] for row in json.loads((out / "findings.json").read_bytes())}


# Reports in other places ---------------------------------------------------------------------------------------------------------


def test_reports_in_a_file_of_many(tmp_path: Path) -> None:
    lines = [json.dumps({"id": name, "text": text}) for name, text in REPORTS.items()]
    out, file = tmp_path / "out", tmp_path / "k.toml"
    write(tmp_path / "r", {"all.jsonl": "\n".join(lines) + "\n"})
    build(tmp_path / "r", out)
    row = of(out, "duration", "all.jsonl/a.txt")
    decide(file, about("reject", row, REPORTS["a.txt"]))
    result = build(tmp_path / "r", out, file)
    assert result.build.manifest["counts"]["decisions"]["applied"] == 1
    write(tmp_path / "r", {"all.jsonl": "\n".join(lines[::-1]) + "\n"})
    assert build(tmp_path / "r", out, file).build.manifest["counts"]["decisions"]["applied"] == 1
    build(tmp_path / "r", tmp_path / "fresh", file)
    assert content(out) == content(tmp_path / "fresh")


def test_entries_without_id_are_followed_when_lines_are_put_in(tmp_path: Path) -> None:
    lines = [json.dumps({"text": text}) for text in REPORTS.values()]
    out = tmp_path / "out"
    write(tmp_path / "r", {"all.jsonl": "\n".join(lines) + "\n"})
    build(tmp_path / "r", out)
    file = decide(tmp_path / "k.toml", about("reject", of(out, "duration", "all.jsonl/1"), REPORTS["a.txt"]))
    write(tmp_path / "r", {"all.jsonl": json.dumps({"text": "Owl-2B was trained with Adam."}) + "\n" + "\n".join(lines) + "\n"})
    result = build(tmp_path / "r", out, file)
    assert result.build.manifest["counts"]["decisions"]["applied"] == 1
    assert [row["report"] for row in rows(out) if row["relation"] == "duration"] == ["all.jsonl/3"]


TABLE = (
    'Model,Parameters,Training compute (FLOP),Organization\nKestrel,7000000000,1e22,"Aerie, Inc."\nMerlin,3000000000,2e21,Aerie\n'
)


def test_cells_of_a_table(tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "k.toml"
    write(tmp_path / "r", {"models.csv": TABLE})
    build(tmp_path / "r", out)
    row = of(out, "trainingCompute", "models.csv/Kestrel")
    text = TABLE.splitlines()[1]
    decide(file, about("correct", row, text, Statement("Kestrel", "trainingCompute", "3e22")))
    build(tmp_path / "r", out, file)
    found = of(out, "trainingCompute", "models.csv/Kestrel")
    assert (found["value"], found["mention"], found["method"]) == ("3e22", "1e22", "review")
    write(tmp_path / "r", {"models.csv": TABLE.replace("Merlin", "Other,1,1,X\nMerlin")})
    assert build(tmp_path / "r", out, file).build.manifest["counts"]["decisions"]["applied"] == 1
    write(tmp_path / "r", {"models.csv": TABLE.replace("1e22", "1e23")})
    assert build(tmp_path / "r", out, file).build.manifest["counts"]["decisions"]["stale"] == 1


def test_a_report_of_pages_tells_the_page_of_what_is_added(schema: Schema, tmp_path: Path) -> None:
    text = "We introduce Kestrel-7B.\n\fKestrel-7B was trained with kindness.\n"
    paged = document("a.pdf", text, paged=True)
    said = Statement("Kestrel-7B", "organization", "Kindness")
    added = Decisions(None, (OfClaim("add", "a.pdf", said, Quote("trained with kindness", "kindness")),))
    with opened_shelf(tmp_path / "shelf", b"") as shelf:
        shelf.put([head_of(paged, Extraction(), things(schema))])
        decided(shelf, added, schema)
        (claim,) = shelf.record("a.pdf").claims
    assert (claim.page, claim.page_start) == (2, 28)


# Settings ------------------------------------------------------------------------------------------------------------------------


def test_where_decisions_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    assert load_config(environ={}).decisions is None
    assert decisions_file() == Path("kg-decisions.toml")
    (inner / "kg-decisions.toml").write_text("")
    assert load_config(environ={}).decisions == Path("kg-decisions.toml")
    (tmp_path / "kg.toml").write_text("jobs = 1\n")
    assert load_config(environ={}).decisions == Path("kg-decisions.toml")
    (tmp_path / "kg-decisions.toml").write_text("")
    assert load_config(environ={}).decisions == Path("../kg-decisions.toml")
    (inner / "kg-decisions.toml").unlink()
    (tmp_path / "kg-decisions.toml").unlink()
    assert decisions_file() == Path("../kg-decisions.toml")
    (tmp_path / "kg.toml").write_text('decisions = "ours.toml"\n')
    assert load_config(environ={}).decisions == Path("../ours.toml")
    assert load_config(environ={"KG_DECISIONS": "theirs.toml"}).decisions == Path("theirs.toml")


def test_a_file_that_the_settings_name_must_be_there(reports: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: .*cannot be read: No such file"):
        build(reports, tmp_path / "out", tmp_path / "none.toml")


def test_a_wrong_file_stops_the_build_and_the_last_one_stays(reports: Path, plain: Path, tmp_path: Path) -> None:
    before = content(plain)
    (tmp_path / "k.toml").write_text('[[decision]]\ndo = "maybe"\n')
    with pytest.raises(ConfigError, match=r"k\.toml:1: 'maybe' is no decision"):
        build(reports, plain, tmp_path / "k.toml")
    assert content(plain) == before


def test_extraction_alone_says_what_a_build_would(reports: Path, plain: Path, tmp_path: Path) -> None:
    file = decide(tmp_path / "k.toml", about("reject", of(plain, "duration"), REPORTS["a.txt"]))
    found = pipeline.extract_only([reports], config=Config(decisions=file), progress=lambda what, done, total: None)
    build(reports, tmp_path / "out", file)
    assert [claim.to_json() for claim in found.claims] == rows(tmp_path / "out")


def test_a_message_names_no_line_of_the_file(reports: Path, plain: Path, tmp_path: Path) -> None:
    """What code hosts know a finding by stays when a remark is put in above."""
    file = decide(tmp_path / "k.toml", about("reject", of(plain, "duration"), REPORTS["a.txt"]))
    (reports / "a.txt").write_text("Kestrel-7B is new.\n")

    def told() -> list[Finding]:
        return [finding for finding in build(reports, tmp_path / "out", file).findings if finding.code == "KG460"]

    first = told()
    file.write_text("# a remark\n\n" + file.read_text())
    assert told() == first
    assert re.search(r"kg review undo [0-9a-f]{8} ", " ".join(first[0].notes))
