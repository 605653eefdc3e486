"""What docs/clients.md shows is what happens. `python -m tests.serve.clients.test_page` writes it anew."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import ROOT, environment
from tests.lacking import lacking
from tests.readme import pattern, shown
from tests.serve.clients.test_comunica import INSTALLED
from tests.served import Served, serving

PAGE = ROOT / "docs" / "clients.md"
SERVER = "http://127.0.0.1:7878"
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAM = re.compile(r"^```(python|javascript)\n(.*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Example:
    """What the page tells to run (`console`, `python` or `javascript`), and what it shows as printed."""

    kind: str
    text: str
    output: str


def examples(text: str) -> Iterator[Example]:
    for block in _CONSOLE.findall(text):
        yield from (Example("console", item.command, item.output) for item in shown(block))
    for kind, program, output in _PROGRAM.findall(text):
        yield Example(kind, program, output)


def printed(example: Example, server: str, folder: Path) -> str:
    """Run an example against a server, in the place of the one that the page tells of."""
    (folder / "kg").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kg "$@"\n', encoding="utf-8")
    (folder / "kg").chmod(0o755)
    env = environment() | {"PATH": f"{folder}:{os.environ['PATH']}", "NODE_PATH": str(INSTALLED)}
    command = {"console": ["sh", "-c"], "python": [sys.executable, "-c"], "javascript": ["node", "-e"]}[example.kind]
    text = example.text.replace(SERVER, server)
    ran = subprocess.run(
        [*command, text], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False
    )
    return ran.stdout.replace("\r\n", "\n").replace(server, SERVER)


@pytest.mark.parametrize("example", list(examples(PAGE.read_text(encoding="utf-8"))), ids=lambda example: example.text[:40])
def test_an_example_prints_what_is_shown(served: Served, tmp_path: Path, example: Example) -> None:
    wanted = "node" if example.kind == "javascript" else example.text.split()[0]
    if wanted in {"node", "curl", "roqet"} and not shutil.which(wanted):
        lacking(f"{wanted} is not installed")
    if wanted == "node" and not INSTALLED.is_dir():
        lacking("Comunica is not installed: make clients")
    found = printed(example, served.server, tmp_path)
    assert pattern(example.output).fullmatch(found), found


def test_every_client_is_shown() -> None:
    kinds = {example.text.split()[0] for example in examples(PAGE.read_text(encoding="utf-8")) if example.kind == "console"}
    assert kinds == {"kg", "curl", "roqet"}
    assert all(example.output.strip() for example in examples(PAGE.read_text(encoding="utf-8")))


def _rewritten(text: str, server: str, folder: Path) -> str:
    def console(block: re.Match[str]) -> str:
        items = (Example("console", item.command, item.output) for item in shown(block[1]))
        return "```console\n" + "".join(f"$ {item.text}\n{printed(item, server, folder)}" for item in items) + "```"

    def program(block: re.Match[str]) -> str:
        example = Example(block[1], block[2], block[3])
        return f"```{block[1]}\n{block[2]}```\n\n```text\n{printed(example, server, folder)}```"

    return re.sub(r"[ ]+$", "", _PROGRAM.sub(program, _CONSOLE.sub(console, text)), flags=re.MULTILINE)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary, serving(Path(temporary)) as now:
        PAGE.write_text(_rewritten(PAGE.read_text(encoding="utf-8"), now.server, Path(temporary)), encoding="utf-8")
