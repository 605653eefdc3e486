"""`kg watch` as a user runs it: files are edited, and the build follows."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg.store import open_build
from tests.command import kg, start

KESTREL = "We introduce Kestrel-7B, a language model with 7 billion parameters."
OWL = "We introduce Owl-1B, a language model with 1 billion parameters."


@contextmanager
def watching(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `kg watch in` in a folder while the block runs, then end it with Ctrl-C."""
    with start("watch", "in", cwd=folder) as process:
        try:
            yield process
            process.send_signal(signal.SIGINT)
            _, talk = process.communicate(timeout=60)
            assert (process.returncode, talk.splitlines()[-1]) == (130, "interrupted")
        finally:
            process.kill()


def line(process: subprocess.Popen[str], begin: str) -> str:
    """Return the next line of a process's talk that begins so."""
    assert process.stderr
    talk = []
    for text in iter(process.stderr.readline, ""):
        if text.startswith(begin):
            return text
        talk.append(text)
    raise AssertionError("".join(talk))


def models(folder: Path) -> int:
    count: int = open_build(folder / "kg-out").manifest["counts"]["models"]
    return count


def test_the_build_follows_reports_and_settings(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with watching(tmp_path) as process:
        assert line(process, "error: ")  # there is no report yet
        assert line(process, "watching: Ctrl-C ends it")
        (tmp_path / "in/a.txt").write_text(KESTREL)
        assert "1 model" in line(process, "built kg-out: 1 report")
        (tmp_path / "in/b.txt").write_text(OWL)
        assert "2 models" in line(process, "built kg-out: 2 reports")
        assert models(tmp_path) == 2
        (tmp_path / "kg.toml").write_text("ouput = 'x'\n")
        assert "kg.toml" in line(process, "error: ")
        (tmp_path / "kg.toml").write_text("exclude = ['b.txt']\n")
        assert "would lose 1 of 2 models" in line(process, "error: ")
    assert models(tmp_path) == 2


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["no-such-folder"], "there is no 'no-such-folder'"),
        (["-"], "standard input cannot be watched"),
        ([".", "--every", "never"], "'never' is no time"),
        ([".", "-j", "-1"], "jobs"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], what: str) -> None:
    ran = kg("watch", *arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert what in ran.stderr
