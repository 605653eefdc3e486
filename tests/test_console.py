"""What kg says on a terminal and beside one; the terminal is a real one, at the other end of a pseudo-terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kg import console
from kg.errors import UsageError
from kg.model import Finding, Label
from kg.render import ReportSource
from tests.command import environment, kg

BAD = "We introduce Kestrel-7B with <params>-5 billion parameters</params>, trained on <gpu_count>64 GPUs.\n"


def on_terminal(*command: str, **environ: str) -> tuple[int, str]:
    """Run a command whose standard error is a terminal; return its exit code and what it wrote there."""
    ours, theirs = os.openpty()
    env = {name: value for name, value in (environment() | {"TERM": "xterm"} | environ).items() if value}
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        written = b""
        while chunk := _read(ours):
            written += chunk
    os.close(ours)
    return process.returncode, written.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.txt").write_text(BAD)
    (folder / "photo.png").touch()
    return folder


PROGRESS = """
from kg import console
console._SILENT_SECONDS = {silent}
show = console.progress()
show("reading", 1, {total})
show("reading", 2, {total})
{after}
"""
STEP = "\r\x1b[Kreading 1 of "
WIPED = "\r\x1b[K"


@pytest.mark.parametrize(
    ("silent", "total", "after", "seen"),
    [
        ("99", 2, "", ""),
        ("99", 3, "console.say('done')", f"{WIPED}done\r\n"),
        ("0.0", 3, "console.say('done')", f"{STEP}3{WIPED}done\r\n"),
        ("0.0", 2, "", f"{STEP}2{WIPED}"),
    ],
    ids=["soon", "soon and a line", "wiped by a line", "wiped at the end"],
)
def test_progress_is_shown_after_a_while_and_wiped(silent: str, total: int, after: str, seen: str) -> None:
    assert on_terminal(sys.executable, "-c", PROGRESS.format(silent=silent, total=total, after=after)) == (0, seen)


NASTY = "a\x1b[2J\x9b2J\u202eb"
SEEN = "a␛[2J<U+009B>2J<U+202E>b"


def test_names_of_files_command_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Kestrel-7B has 7B parameters.\n")
    (tmp_path / f"{NASTY}.png").touch()
    (tmp_path / f"{NASTY}.txt").write_bytes(b"\x00\x01")
    shown = kg("build", tmp_path, "-v", "-o", tmp_path / f"{NASTY}-out").stderr
    assert f"skipped: {tmp_path}/{SEEN}.png" in shown
    assert f"built {tmp_path}/{SEEN}-out" in shown
    assert "\x1b" not in shown and "\x9b" not in shown and "\u202e" not in shown


def test_errors_command_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_error(UsageError(f"no {NASTY}\n  1 | x", where=NASTY, hint=f"not {NASTY}"))
    assert capsys.readouterr().err == f"error: {SEEN}: no {SEEN}\n  1 | x\n  hint: not {SEEN}\n"
    console.show_bug(ValueError(NASTY))
    assert capsys.readouterr().err.startswith(f"error: a bug in kg: ValueError: {SEEN}\n  hint: ")


def test_findings_are_blocks_in_colour_on_a_terminal(reports: Path, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "kg", "build", str(reports), "-o", str(tmp_path / "out"))
    _, text = on_terminal(*command, NO_COLOR="")
    assert "\x1b[" in text.replace("\r\x1b[K", "")
    assert "^^^" in text
    _, plain = on_terminal(*command[:-1], str(tmp_path / "other"), NO_COLOR="1")
    assert "\x1b[" not in plain.replace("\r\x1b[K", "")
    assert "^^^" in plain


def test_findings_are_lines_without_colour_beside_a_terminal(reports: Path, tmp_path: Path) -> None:
    ran = kg("build", reports, "-o", tmp_path / "out", environ={"NO_COLOR": ""})
    assert "\x1b[" not in ran.stderr
    assert f"{reports}/a.txt:1:" in ran.stderr
    assert "^^^" not in ran.stderr


def test_the_last_line_counts_and_names_the_folder(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    last = kg("build", reports, "-o", out).stderr.splitlines()[-1]
    assert last.startswith(f"built {out}: 1 report, 1 model, ")
    assert ", 1 file skipped (" in last
    assert kg("build", reports, "-o", out).stderr.splitlines()[-1].startswith(f"unchanged: {out}: 1 report, ")


def test_findings_that_are_not_wanted_are_counted_and_do_not_fail_a_build(reports: Path, tmp_path: Path) -> None:
    (reports / "a.md").write_text(
        "We introduce Owl-2B. It was trained with AdamW on <gpu_count>0</gpu_count> GPUs.\n", encoding="utf-8"
    )
    out = tmp_path / "out"
    failed = kg("build", reports, "-o", out)
    assert failed.returncode == 1 and "KG106" in failed.stderr
    for arguments in (["--ignore", "KG1"], ["--select", "kg2xx"], ["--select", "KG", "--ignore", "KG106"]):
        ran = kg("build", reports, "-o", out, *arguments)
        assert ran.returncode == 0 and "KG106" not in ran.stderr
        assert re.search(r", (1 finding|\d+ findings) left out", ran.stderr.splitlines()[-1])
    assert kg("build", reports, "-o", out, "--ignore", "KG1", "--select", "KG106").returncode == 1  # the longer one decides


def test_on_demand_everything_is_shown(reports: Path, tmp_path: Path) -> None:
    shown = kg("build", reports, "-o", tmp_path / "out", "-v").stderr
    assert f"skipped: {reports}/photo.png: .png files are not read" in shown


def test_a_document_that_failed_is_told_again_when_nothing_changed(reports: Path, tmp_path: Path) -> None:
    (reports / "b.txt").write_bytes(b"\x00\x01")
    for _ in range(2):
        ran = kg("build", reports, "-o", tmp_path / "out")
        assert ran.returncode == 3
        assert "b.txt" in ran.stderr
        assert ", 1 document could not be read, " in ran.stderr


def test_too_many_findings_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    findings = [Finding("KG107", "warning", f"number {n}", (Label("a", n, n + 1),), report="a") for n in range(console.MOST + 3)]
    notes = [Finding("KG501", "info", "a note", report="a")]
    console.show_findings([*findings, *notes], {"a": ReportSource("a", "x" * 99)}, everything=False)
    shown = capsys.readouterr().err
    assert shown.count("KG107") == console.MOST
    assert "and 3 more: kg validate shows them all\n" in shown
    assert "a note" not in shown
    console.show_findings([*findings, *notes], {"a": ReportSource("a", "x" * 99)}, everything=True)
    assert capsys.readouterr().err.count("KG") == console.MOST + 4


@pytest.mark.parametrize(("term", "no_color", "colored"), [("xterm", "", True), ("dumb", "", False), ("xterm", "1", False)])
def test_colour_is_for_terminals_that_want_it(term: str, no_color: str, colored: bool) -> None:
    command = (sys.executable, "-m", "kg", "build", "no-such-folder")
    code, text = on_terminal(*command, TERM=term, NO_COLOR=no_color)
    assert code == 2
    assert ("\x1b[1;31merror\x1b[0m: " in text) is colored
    assert ("error: there is no 'no-such-folder'" in text.replace("\r\x1b[K", "")) is not colored
