"""`kg --help` answers at once, because nothing heavy is imported to print it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.command import ROOT

HEAVY = (
    "httpx",
    "jinja2",
    "pyarrow",
    "pydantic",
    "pyld",
    "pyoxigraph",
    "pyrudof",
    "pyshacl",
    "rdflib",
    "spacy",
    "starlette",
    "uvicorn",
)
PROGRAM = """
import sys
from kg.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print("IMPORTED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["build", "--help"], ["query", "--help"]], ids=" ".join)
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("IMPORTED ")]
    imported = line.split()[1:]
    assert "typer" in imported
    assert [name for name in HEAVY if name in imported] == []
