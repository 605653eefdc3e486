"""The shrink guard: a build that loses models, or more than a tenth of the facts, leaves the published one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.errors import BuildError
from kg.store import FILES, open_build
from tests.command import kg
from tests.diff.small import KESTREL, MERLIN, OSPREY, Builds, build, write_reports

FIVE = {
    "a.txt": KESTREL,
    "b.txt": MERLIN,
    "c.md": OSPREY,
    "d.txt": "Owl-2B was pretrained on CC3M, CC12M, COCO and Visual Genome for 3 epochs with Adam.\n",
    "e.txt": "Heron-9B was pretrained on The Pile and C4 for 90,000 steps with AdamW in bfloat16.\n",
}


@pytest.fixture
def out(builds: Builds, tmp_path: Path) -> Path:
    return builds.copy(FIVE, tmp_path)


@pytest.fixture
def reports(out: Path) -> Path:
    return out.parent / "reports"


def content(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in (*FILES, "run.json")}


def refused(reports: Path, out: Path, match: str) -> None:
    """Assert that a build is stopped, that the published one stays, and that nothing of the new one does."""
    before, folders = content(out), sorted(os.listdir(out / ".builds"))
    with pytest.raises(BuildError, match=match) as caught:
        build(reports, out)
    assert caught.value.exit_code == 3
    assert caught.value.where == str(out)
    assert content(out) == before
    assert sorted(os.listdir(out / ".builds")) == folders
    build(reports, out, accept_shrink=True)
    assert content(out) != before


def test_a_report_that_is_gone_takes_its_model_along(reports: Path, out: Path) -> None:
    (reports / "e.txt").unlink()
    refused(
        reports,
        out,
        r"(?s)would lose 1 of 5 models and \d of \d\d facts \(\d\d%\) of the published one, which stays as it is\n"
        r"  models: Heron-9B\n  facts: 2 trainingDataset, 1 .*\n  reports: e\.txt \(no longer there, \d facts lost\)\n"
        r"  hint: kg diff .*--accept-shrink",
    )


def test_a_report_that_cannot_be_read_any_more(reports: Path, out: Path) -> None:
    (reports / "e.txt").write_bytes(b"\0\0")
    refused(reports, out, r"models: Heron-9B\n(?s:.*)e\.txt \(cannot be read, \d facts lost\)")


def test_a_report_that_no_longer_says_it(reports: Path, out: Path) -> None:
    (reports / "d.txt").write_text("Owl-2B was pretrained on CC3M with Adam.\n")
    refused(
        reports,
        out,
        r"would lose 4 of \d\d facts \(1\d%\)(?s:.*)\n  facts: 3 trainingDataset, 1 epochs\n  reports: d\.txt \(4 facts lost\)",
    )


def test_the_first_ten_are_named(reports: Path, out: Path) -> None:
    for number in range(12):
        (reports / f"more-{number:02}.txt").write_text(KESTREL.replace("Kestrel-7B", f"Kestrel-{number + 20}B"))
    build(reports, out)
    for number in range(12):
        (reports / f"more-{number:02}.txt").unlink()
    refused(reports, out, r"(?s)12 of 17 models.*models: Kestrel-20B, .*Kestrel-29B and 2 more\n.*reports: .* and 2 more\n")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"d.txt": FIVE["d.txt"].replace(" and Visual Genome", "")},
        {"d.txt": FIVE["d.txt"].replace("CC3M, CC12M, COCO and Visual Genome", "Objects365, SA-1B, LAION-400M and C4")},
        {name: text.replace("AdamW", "Adam").replace("days", "weeks").replace("7 b", "8 b") for name, text in FIVE.items()},
        {"b.txt": MERLIN.replace("Merlin-3B", "Sparrow-3B")},
        {"z.txt": KESTREL.replace("Kestrel", "Ibis")},
        {"e.txt": None, "moved/e.txt": FIVE["e.txt"]},
        {"e.txt": "This page was edited.\n\n" + FIVE["e.txt"]},
    ],
    ids=["nothing", "one fact", "others in their place", "every value", "a new name", "one more", "moved", "edited"],
)
def test_what_is_published(reports: Path, out: Path, changes: dict[str, str | None]) -> None:
    before = open_build(out).path
    for name, text in changes.items():
        if text is None:
            (reports / name).unlink()
        else:
            write_reports(reports, {name: text})
    assert build(reports, out).changed == bool(changes)
    assert (open_build(out).path != before) == bool(changes)


def test_another_base_loses_nothing(reports: Path, out: Path) -> None:
    assert build(reports, out, base_iri="https://example.org/kg/").changed
    (reports / "e.txt").unlink()
    with pytest.raises(BuildError, match="1 of 5 models"):
        build(reports, out)


def test_a_damaged_build_has_nothing_to_lose(reports: Path, out: Path) -> None:
    path = open_build(out).path / "claims.jsonl"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-9])
    (reports / "e.txt").unlink()
    assert build(reports, out).changed


def test_the_command_says_how_to_accept(reports: Path, out: Path) -> None:
    (reports / "e.txt").unlink()
    stopped = kg("build", "reports", "-o", "out", "--json", cwd=reports.parent)
    assert (stopped.returncode, stopped.stdout) == (3, "")
    assert stopped.stderr.startswith("error: out: this build would lose 1 of 5 models and ")
    shown = kg("diff", "out", "reports", cwd=reports.parent)
    assert "- Heron-9B: " in shown.stdout
    accepted = kg("build", "reports", "-o", "out", "--accept-shrink", cwd=reports.parent)
    assert accepted.returncode == 0, accepted.stderr
    assert accepted.stderr.startswith("built out: 4 reports")
    back = kg("diff", "-b", "out", cwd=reports.parent)
    assert back.stdout == shown.stdout
