"""Builds that are killed at moments of chance: `bench.crash` with a build that takes half a second, and what it would tell."""

from __future__ import annotations

import json

import pytest

from bench import crash
from bench.build.measures import Bench
from bench.crash import Kills, Reference
from kg.store import MANIFEST, open_build

KILLS = 8


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Kills:
    folder = tmp_path_factory.mktemp("kills")
    reports = [folder / name for name in ("one", "two", "three")]
    for path in reports:
        path.write_text(path.name)
    return crash.prepared(Bench(folder / "work", 1, lambda text: None), reports, 1, 1, "tests.crash.tiny")


@pytest.fixture
def kills(prepared: Kills) -> Kills:
    """A folder with a whole build, and no fault so far."""
    prepared.finish(0, prepared.references[0])
    prepared.faults.clear()
    return prepared


def test_the_last_build_stays_whole_whenever_the_next_is_killed(kills: Kills) -> None:
    assert kills.changes > 60 and kills.names >= {".builds", ".current", "store"}
    crash.run(kills, KILLS, finish=4)
    assert kills.faults == []
    assert kills.killed == KILLS and len(kills.phases) > 1


def damaged(kills: Kills) -> None:
    """Damage a file of the published build."""
    path = open_build(kills.out).path / "claims.jsonl"
    path.chmod(0o644)
    path.write_text("half")


def emptied(kills: Kills) -> None:
    """Let the graph of the published build hold another quad than its store."""
    path = open_build(kills.out).path / "graph.nq"
    path.chmod(0o644)
    with path.open("a") as file:
        file.write("<x:more> <x:p> <x:o> .\n")


def spoiled(kills: Kills) -> None:
    """Take the manifest away from the published build."""
    path = open_build(kills.out).path / MANIFEST
    path.chmod(0o644)
    path.write_text(json.dumps([]))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (damaged, "the published build is neither, see claims.jsonl"),
        (emptied, "the store holds 2,000 of 2,001 quads"),
        (spoiled, "no build: "),
    ],
)
def test_what_is_not_whole_is_told(harm: object, told: str, kills: Kills) -> None:
    assert callable(harm)
    harm(kills)
    kills.look("kill 7", [kills.references[0].digests])
    assert any(fault.startswith("kill 7: ") and told in fault for fault in kills.faults), kills.faults


def test_what_is_left_behind_is_told(kills: Kills) -> None:
    (kills.out / "forgotten").mkdir()
    kills.finish(3, kills.references[1])
    (kills.out / "forgotten").rmdir()
    assert any("left behind" in fault and "forgotten" in fault for fault in kills.faults), kills.faults


def test_a_build_that_gives_something_else_is_told(kills: Kills) -> None:
    kills.finish(1, Reference(kills.references[1].reports, kills.references[2].digests))
    assert any("the published build is neither" in fault for fault in kills.faults)
