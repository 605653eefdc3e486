"""A build that is stopped, kept waiting or found damaged, as a user meets it: the last one stays, and a line says why."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.store import FILES, MANIFEST, open_build
from tests.command import ROOT, SEEDS, environment, kg

REPORT = "We introduce Kestrel-7B, a language model with 7 billion parameters.\n"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.txt").write_text(REPORT)
    return folder


@pytest.fixture
def out(reports: Path, tmp_path: Path) -> Path:
    """A build of the reports, to which another report was added since."""
    ran = kg("build", reports, "-o", tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    (reports / "b.txt").write_text("Merlin-3B was trained with AdamW.\n")
    return tmp_path / "out"


def content(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in FILES} | {"": os.fsencode(os.readlink(out / ".current"))}


HOLDER = """
import sys
from pathlib import Path
from kg.store import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(out: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the right to build."""
    command = [sys.executable, "-c", HOLDER, str(out)]
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.fixture
def waiting(reports: Path, out: Path, holder: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A build that waits for another process."""
    command = [sys.executable, "-m", "kg", "build", str(reports), "-o", str(out)]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert process.stderr.readline() == f"waiting for process {holder.pid}, which is building in {out}\n"
        yield process
        process.kill()


def test_two_builds_at_once_come_one_after_the_other(
    out: Path, waiting: subprocess.Popen[str], holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    assert waiting.wait(timeout=60) == 0
    assert open_build(out).manifest["counts"]["reports"] == 2


def test_a_build_does_not_wait_for_ever(out: Path, waiting: subprocess.Popen[str], holder: subprocess.Popen[str]) -> None:
    before = content(out)
    assert waiting.wait(timeout=60) == 3
    assert waiting.stderr
    said = waiting.stderr.read()
    assert f"{out}: process {holder.pid} is building here" in said
    assert "hint: wait until it ends, or choose another folder with -o" in said
    assert content(out) == before


def test_ctrl_c_leaves_the_last_build(out: Path, waiting: subprocess.Popen[str]) -> None:
    before = content(out)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(timeout=60) == 130
    assert waiting.stderr
    assert waiting.stderr.read() == "interrupted\n"
    assert content(out) == before


KILLED = """
import os, re, signal, sys
from kg.cli import main

pattern = re.compile(sys.argv.pop(1))

def watch(event, arguments):
    if pattern.search(f"{event} {arguments}"):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
main()
"""


@pytest.mark.parametrize(
    "when",
    [
        r"^open .*/reports/b\.txt",
        r"^import .*kg\.validate\.check",
        r"^os\.mkdir .*\.partial",
        r"^open .*\.partial/graph\.nq",
        r"^open .*\.partial/graph\.jsonld",
        r"^open .*\.partial/run\.json",
        r"^os\.chmod .*\.partial/store",
        r"^os\.rename .*\.partial",
        r"^os\.symlink .*\.new-previous",
        r"^os\.rename .*\.new-current",
    ],
)
def test_a_build_that_is_killed_leaves_the_last_one(when: str, reports: Path, out: Path) -> None:
    if "previous" in when:  # there is none before the second build
        assert kg("build", reports, "-o", out).returncode == 0
        (reports / "c.txt").write_text("Owl-2B was trained with Adam.\n")
    before = content(out)
    command = [sys.executable, "-c", KILLED, when, "build", str(reports), "-o", str(out)]
    ran = subprocess.run(command, env=environment(), capture_output=True, timeout=120)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert content(out) == before
    assert kg("build", reports, "-o", out).returncode == 0
    assert open_build(out).manifest["counts"]["reports"] == len(list(reports.iterdir()))
    assert len(list((out / ".builds").iterdir())) == 2
    assert not list((out / ".builds").glob("*.partial"))


@pytest.mark.parametrize("command", [["query", "models"], ["stats"], ["validate"], ["export", "nt"]], ids=" ".join)
def test_where_there_is_no_build_a_command_says_how_to_make_one(command: list[str], tmp_path: Path) -> None:
    ran = kg(*command, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "error: no build at kg-out\n  hint: run `kg build PATH -o kg-out`\n"


def damage(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_damaged_manifest_is_named_and_building_again_mends_it(reports: Path, out: Path) -> None:
    damage(open_build(out).path / MANIFEST, b"{")
    ran = kg("stats", "-b", out)
    assert ran.returncode == 3
    assert re.search(r"manifest\.json: the build cannot be read: .*\n  hint: build again\n", ran.stderr)
    assert kg("build", reports, "-o", out).returncode == 0
    assert kg("stats", "-b", out).returncode == 0


def test_a_damaged_store_is_named(out: Path) -> None:
    damage(open_build(out).path / "store" / "CURRENT", b"")
    ran = kg("query", "models", "-b", out)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert re.search(r"the store cannot be read: .*\n  hint: build again\n", ran.stderr)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "it is cut short"), (b"no index" * 9, "it is not written by kg, or by an earlier one")]
)
def test_a_damaged_index_of_findings_is_named_and_building_again_mends_it(
    content: bytes, reason: str, reports: Path, out: Path
) -> None:
    damage(open_build(out).path / "findings.index", content)
    ran = kg("why", "Kestrel-7B.license", "-b", out)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert re.search(rf"findings\.index: the build cannot be read: {reason}\n  hint: build again\n", ran.stderr)
    assert kg("build", reports, "-o", out).returncode == 0
    assert kg("why", "Kestrel-7B.license", "-b", out).stdout.startswith("Kestrel-7B: license")


def test_what_nobody_foresaw_is_a_bug_of_kg(out: Path) -> None:
    damage(open_build(out).path / "claims.jsonl", b"{}\n")
    ran = kg("stats", "-b", out)
    assert ran.returncode == 70
    assert re.match(r"error: a bug in kg: KeyError: .*\n  hint: please report it", ran.stderr)
    assert "Traceback" not in ran.stderr
    assert "Traceback" in kg("stats", "-b", out, "-vv").stderr


def test_nobody_needs_to_read_to_the_end() -> None:
    command = f"{sys.executable} -m kg extract {SEEDS} | head -n 1; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", command], env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.stdout.startswith('{"report": ')
    assert ran.stdout.endswith("\n0\n")
    assert ran.stderr == ""


def test_a_report_comes_from_standard_input(tmp_path: Path) -> None:
    for text, expected in ((REPORT, "7000000000"), (REPORT.replace("7", "8"), "8000000000")):
        command = [sys.executable, "-m", "kg", "build", "-", "-o", str(tmp_path / "out"), "--accept-shrink"]
        ran = subprocess.run(command, env=environment(), input=text, capture_output=True, text=True, timeout=120)
        assert ran.returncode == 0, ran.stderr
        assert expected in (tmp_path / "out" / "claims.jsonl").read_text("utf-8")
