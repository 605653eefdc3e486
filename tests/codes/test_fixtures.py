"""Every code has a fixture: the code fires there, and nothing else does (README.md tells how they are written)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kg import pipeline
from kg.checks import check_file
from kg.codes import codes
from kg.config import Config, load_config
from kg.model import Finding
from kg.render import formats, render
from kg.store import open_build
from tests.extract.llm.served import KEY, Reply, Request, claims, error, serving, text_of

FOLDER = Path(__file__).parent
FOLDERS = (FOLDER, FOLDER.parent / "gaps" / "reports", FOLDER.parent / "contradict" / "reports")
ALONG = {"KG450": {"KG451"}, "KG452": {"KG451"}}  # every table says what is read of it
RDF = frozenset({".ttl", ".nt", ".nq", ".trig", ".jsonld", ".rdf"})
GAPS = "KG2"


def fixtures() -> dict[str, Path]:
    """Return the fixture of each code."""
    entries = sorted(entry for folder in FOLDERS for entry in folder.iterdir() if entry.name.startswith("KG"))
    found = {entry.name.partition(".")[0]: entry for entry in entries}
    assert len(found) == len(entries), "two fixtures of one code"
    return found


@contextmanager
def answering(folder: Path, config: Config) -> Iterator[Config]:
    """Let a language model answer what a fixture has it say, if it does."""
    answers = folder / "answers.json"
    if not answers.is_file():
        yield config
        return
    told = json.loads(answers.read_text(encoding="utf-8"))

    def answer(request: Request, before: int) -> Reply:
        said = next((said for words, said in told.items() if words in text_of(request)), None)
        return error(400, "too long") if said is None else claims(*said)

    with serving(answer) as served:
        yield replace(config, llm_url=served.url, llm_key=KEY, llm_model="m", llm_cache=Path("answers"))


def findings_of(fixture: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """Return what kg finds in a fixture; `place` is an empty folder."""
    if fixture.suffix in RDF:
        return list(check_file(fixture, Config()).findings)
    (place / "reports").mkdir()
    if (fixture / "reports").is_dir():
        shutil.copytree(fixture, place, dirs_exist_ok=True)
    elif fixture.is_dir():
        shutil.copytree(fixture, place / "reports", dirs_exist_ok=True)
    else:
        shutil.copy(fixture, place / "reports")
    monkeypatch.chdir(place)
    config = replace(load_config(place, {}), jobs=1)
    with answering(place, config) as settings:
        built = pipeline.build(["reports"], Path("out"), config=settings, progress=lambda *_: None, say=lambda _: None)
        found = list(built.findings)
    for name in formats():  # and every form shows it, with its code
        if text := render(found, built.sources, name):
            assert all(finding.code in text for finding in found[:10])
    return found


def test_every_page_has_a_fixture_and_every_fixture_a_page() -> None:
    assert set(fixtures()) == {known.code for known in codes()}


@pytest.mark.parametrize(("code", "fixture"), fixtures().items(), ids=fixtures())
def test_a_code_fires_in_its_fixture_and_no_other_does(
    code: str, fixture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = findings_of(fixture, tmp_path, monkeypatch)
    pages = {known.code: known for known in codes()}
    wanted = [finding for finding in found if finding.code == code]
    allowed = {code, *ALONG.get(code, ())}
    others = [f"{item.code}: {item.message}" for item in found if item.code not in allowed and not item.code.startswith(GAPS)]
    assert wanted and others == []
    assert {finding.severity for finding in wanted} == {pages[code].severity}


def test_a_clean_report_gives_gaps_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings_of(FOLDER / "clean.txt", tmp_path, monkeypatch)
    assert [f"{finding.code}: {finding.message}" for finding in found if not finding.code.startswith(GAPS)] == []
    assert open_build(tmp_path / "out").manifest["counts"]["claims"] > 15
