"""`kg export --profile` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import kg
from tests.served import Served


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--profile", "croisant"], "no profile of exchange is named 'croisant'\n  hint: did you mean croissant"),
        (["csv", "--profile", "croissant"], "a format (csv) and a profile (croissant) are asked for"),
        (["csv", "-p", "license=x"], "--param says something of a profile, and none is asked for"),
        (["--profile", "croissant"], "the profile croissant writes more files than one\n  hint: name a folder with -o"),
        (["--profile", "rocrate", "-p", "license"], "'license' is no parameter"),
    ],
)
def test_wrong_use(arguments: list[str], message: str, served: Served, tmp_path: Path) -> None:
    ran = kg("export", *arguments, "-b", served.folder, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_card_on_standard_output(served: Served, tmp_path: Path) -> None:
    ran = kg("export", "--profile", "hf-card", "--model", "InstructBLIP-13B", "-b", served.folder, cwd=tmp_path)
    assert ran.returncode == 0
    assert ran.stdout.startswith('---\ntags:\n- "kg"\nmodel_name: "InstructBLIP-13B"\n---\n\n# InstructBLIP-13B\n')
    assert ran.stderr.startswith("left out: base_model of the model: the Hub wants its own identifiers")


def test_a_folder_and_a_file(served: Served, tmp_path: Path) -> None:
    ran = kg("export", "--profile", "rocrate", "-p", "published=2026-11-21", "-b", served.folder, "-o", "crate", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.splitlines() == [
        "8 files written to crate",
        "left out: schema:license of the export: give it with -p license=…",
    ]
    listed = json.loads((tmp_path / "crate/ro-crate-metadata.json").read_bytes())["@graph"][1]["hasPart"]
    assert {part["@id"] for part in listed} | {"ro-crate-metadata.json"} == {path.name for path in (tmp_path / "crate").iterdir()}
    ran = kg("export", "--profile", "fair4ml", "-b", served.folder, "-o", "models.jsonld", cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert len(json.loads((tmp_path / "models.jsonld").read_bytes())["@graph"]) == 7
