"""What the README shows and promises is true: its commands run and print what stands there, its tables and links are current."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer

from kg import errors
from kg.cli import app
from kg.generate import main as generate
from kg.ingest._file import LARGEST, LARGEST_BINARY
from kg.ingest._lines import LONGEST as LONGEST_LINE
from kg.ingest._record import TEXT as TEXT_FIELDS
from kg.ingest._rows import LONGEST as LONGEST_ROW
from kg.store import FILES, STORE
from tests.command import ROOT, kg
from tests.readme import README, Shown, blocks, outputs, pattern, shown

TEXT = README.read_text(encoding="utf-8")
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = frozenset(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group, which typer does not say
SHOWN = [item for block in blocks(TEXT, "console") for item in shown(block)]


def commands() -> list[str]:
    """Return every command line of the README: in blocks, and in code within a sentence."""
    lines = [item.command for item in SHOWN]
    lines += [line for block in blocks(TEXT, "sh") for line in block.splitlines()]
    lines += re.findall(r"`((?:kg|make) [^`\n]+)`", re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL))
    return sorted({re.split(r"\s+#\s|\s*[|>]", line)[0].strip() for line in lines} - {""})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


@pytest.fixture(scope="module")
def now(folder: Path) -> dict[str, str]:
    """What the README's commands print."""
    return outputs([item.command for item in SHOWN], folder)


@pytest.mark.parametrize("item", SHOWN, ids=[item.command for item in SHOWN])
def test_a_command_prints_what_is_shown(item: Shown, now: dict[str, str]) -> None:
    """When this is as it should be, `make generate` writes the new output into the README."""
    assert pattern(item.output).fullmatch(now[item.command]), now[item.command]


def test_the_readme_shows_output() -> None:
    assert {"build", "query"} <= {item.command.split()[1] for item in SHOWN}
    assert all(item.output.strip() for item in SHOWN)


@pytest.mark.parametrize(
    ("output", "printed", "same"),
    [
        ("one\n", "one\n", True),
        ("one\n", "one  \n", True),
        ("one\n", "one\ntwo\n", False),
        ("one\n…\nthree\n", "one\ntwo\nthree\n", True),
        ("built in … s\n", "built in 0.3 s\n", True),
        ("built in … s\n", "built in 0.3 s\nand more\n", False),
    ],
)
def test_output_is_compared(output: str, printed: str, same: bool) -> None:
    assert bool(pattern(output).fullmatch(printed)) is same


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("kg ")])
def test_a_command_exists_with_its_flags(line: str) -> None:
    words = shlex.split(line)[1:]
    named = [word for word in words if not word.startswith("-")][:1]
    assert set(named) <= COMMANDS
    described = kg(*named, "--help").stdout
    flags = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    assert [flag for flag in flags if not re.search(rf"(?<![\w-]){flag}(?![\w-])", described)] == []


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("make ")])
def test_a_target_exists(line: str) -> None:
    tried = subprocess.run(["make", "-n", *shlex.split(line)[1:]], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert tried.returncode == 0, tried.stderr


def test_every_command_is_described() -> None:
    assert sorted(name for name in COMMANDS if f"`kg {name}" not in TEXT) == []


def test_generated_files_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate(["--check"]) == 0, capsys.readouterr().err
    assert {"relations", "queries", "codes"} <= set(re.findall(r"<!-- generated: (\w+) -->", TEXT))


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        (r"text of a report is at most (\d+) MB", LARGEST),
        (r"a PDF (\d+) MB", LARGEST_BINARY),
        (r"a line of JSON (\d+) MB", LONGEST_LINE),
        (r"a row of a table (\d+) MB", LONGEST_ROW),
    ],
)
def test_limits_are_those_of_the_code(words: str, limit: int) -> None:
    assert [int(found) * 1_000_000 for found in re.findall(words, TEXT)] == [limit]


def test_names_of_fields_are_those_that_are_read() -> None:
    section = TEXT.partition("## What is read")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", section)) >= {name for name in TEXT_FIELDS if name != "fulltext"}


def test_links_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_pages_in_docs_are_linked() -> None:
    assert [page.name for page in PAGES if page.parent.name == "docs" and f"docs/{page.name}" not in TEXT] == []


def test_exit_codes_are_those_of_the_errors() -> None:
    described = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}
    raised = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.KgError)}
    assert raised <= described == {0, 1, 2, 3, 4, 70, 130}


@pytest.mark.parametrize("name", [*FILES, STORE])
def test_every_file_of_a_build_is_described(name: str, now: dict[str, str], folder: Path) -> None:
    assert (folder / "kg-out" / name).exists()
    assert f"`{name}`" in TEXT or f"`{name}/`" in TEXT
