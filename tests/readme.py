"""The README's commands and what it shows of their output. `python -m tests.readme [PAGE...]` writes it anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.command import ROOT, SEEDS, environment

README = ROOT / "README.md"
WIDTH = "100"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = re.compile(r"\d+\.\d+ s\b")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command of the README and the output that stands below it; a line `…` stands for any lines, `…` in a line for any text."""

    command: str
    output: str


def blocks(text: str, kind: str) -> list[str]:
    """Return the code blocks of a page that are marked with a language."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def shown(block: str) -> list[Shown]:
    """Return the commands of a console block, each with its output."""
    parts = (part.partition("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:])
    return [Shown(command, output) for command, _, output in parts]


def pattern(output: str) -> re.Pattern[str]:
    """Return what the printed text must match; trailing spaces do not count."""
    parts = (
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line).replace("…", ".*?") + r"[ ]*\n" for line in output.splitlines()
    )
    return re.compile("".join(parts))


def outputs(commands: Iterable[str], folder: Path) -> dict[str, str]:
    """Run the README's commands in their order in a folder that holds the seeds; return what each prints."""
    (folder / "seeds").symlink_to(SEEDS)
    (folder / "bin").mkdir()
    (folder / "bin/kg").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kg "$@"\n', encoding="utf-8")
    (folder / "bin/kg").chmod(0o755)
    env = environment() | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "COLUMNS": WIDTH}
    return {command: _printed(command, folder, env) for command in commands}


def _printed(command: str, folder: Path, env: Mapping[str, str]) -> str:
    ran = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    return ran.stdout


def rewritten(text: str) -> str:
    """Return a page with the output of its console blocks as it is now, except where what stands there still matches."""
    with tempfile.TemporaryDirectory() as folder:
        found = outputs([item.command for block in blocks(text, "console") for item in shown(block)], Path(folder))

    def current(block: re.Match[str]) -> str:
        lines = [f"$ {item.command}\n{_current(item, found[item.command])}" for item in shown(block[1])]
        return f"```console\n{''.join(lines)}```"

    return _BLOCK.sub(current, text)


def _current(item: Shown, output: str) -> str:
    if pattern(item.output).fullmatch(output):
        return item.output
    return re.sub(r"[ ]+$", "", _SECONDS.sub("… s", output), flags=re.MULTILINE)


if __name__ == "__main__":
    for page in map(Path, sys.argv[1:] or [str(README)]):
        page.write_text(rewritten(page.read_text(encoding="utf-8")), encoding="utf-8")
