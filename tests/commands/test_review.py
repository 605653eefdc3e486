"""`kg review` and `kg stats --coverage` as a user meets them."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.command import SEEDS, kg


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the seeds' build, as `kg-out`."""
    folder = tmp_path_factory.mktemp("review")
    (folder / "seeds").symlink_to(SEEDS)
    assert kg("build", "seeds", cwd=folder).returncode in {0, 1}
    return folder


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "kg-out/suggestions.jsonl").read_text("utf-8").splitlines()]


def test_the_best_are_shown_with_their_words(built: Path) -> None:
    ran = kg("review", "--limit", "2", cwd=built)
    assert ran.returncode == 0
    blocks = ran.stdout.split("\n\n")
    assert len(blocks) == 2
    best = max(lines(built), key=lambda row: float(str(row["score"])))
    assert re.match(rf"[0-9a-f]{{8}} {best['score']:.3f}: ", ran.stdout)
    assert all("--> seeds/" in block and "^" in block for block in blocks)
    assert ran.stderr == f"and {len(lines(built)) - 2} more: --limit 0 shows all\n"


def test_all_of_them(built: Path) -> None:
    ran = kg("review", "--limit", "0", cwd=built)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.count(" --> ") == len(lines(built)) > 3


def test_one_json_document(built: Path) -> None:
    rows = json.loads(kg("review", "--json", cwd=built).stdout)
    keys = ("report", "start", "end", "relation", "value", "model", "score")

    def told(row: dict[str, object]) -> str:
        return str([row[key] for key in keys])

    assert sorted(map(told, rows)) == sorted(map(told, lines(built)))
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    for row in rows:
        text = (SEEDS / row["report"]).read_text("utf-8")
        assert row["before"] + row["mention"] + row["after"] in text
        assert text.split("\n")[row["line"] - 1][row["column"] - 1 :].startswith(row["mention"].split("\n")[0])
    assert len(json.loads(kg("review", "--json", "--limit", "3", cwd=built).stdout)) == 3


def test_what_extract_suggests_is_what_a_build_holds(built: Path) -> None:
    printed = kg("extract", "seeds", "--suggestions", cwd=built).stdout
    assert printed == (built / "kg-out/suggestions.jsonl").read_text("utf-8") != ""


def test_nothing_to_show(built: Path) -> None:
    ran = kg("review", "--relation", "license", cwd=built)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "no suggestions\n")
    assert json.loads(kg("review", "--relation", "license", "--json", cwd=built).stdout) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--relation", "licence"], "did you mean license"),
        (["--report", "000_instructblp.txt"], "did you mean 000_instructblip.txt"),
        (["--model", "InstructBLP-13B"], "did you mean InstructBLIP-13B"),
        (["--limit", "-1"], "--limit -1 is below 0\n  hint: 0 shows all"),
        (["--limit", "few"], "--limit"),
        (["-b", "nowhere"], "no build at nowhere"),
        (["seeds"], "seeds"),
    ],
)
def test_wrong_use(arguments: list[str], message: str, built: Path) -> None:
    ran = kg("review", *arguments, cwd=built)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_what_is_stated_and_what_is_not(built: Path) -> None:
    ran = kg("stats", "--coverage", cwd=built)
    assert (ran.returncode, ran.stderr) == (0, "")
    head, *rows = ran.stdout.splitlines()
    assert head.split() == ["stated", "derived", "not-stated", "unreadable", "possibly-stated"]
    found = json.loads(kg("stats", "--coverage", "--json", cwd=built).stdout)
    assert [row.split() for row in rows] == [[name, *map(str, counts.values())] for name, counts in found.items()]
    total = {sum(count for status, count in counts.items() if status != "possibly-stated") for counts in found.values()}
    assert total == {7}  # models of reports
    possibly = {name: counts["possibly-stated"] for name, counts in found.items() if counts["possibly-stated"]}
    assert possibly == possibly_stated(built / "kg-out") != {}


def possibly_stated(build: Path) -> Counter[str]:
    """Count by relation the models of reports of which it is suggested, but not claimed."""

    def of(name: str) -> set[tuple[str, str | None, str]]:
        rows = map(json.loads, (build / name).read_text("utf-8").splitlines())
        return {(row["report"], row["model"], row["relation"]) for row in rows}

    return Counter(relation for _, _, relation in of("suggestions.jsonl") - of("claims.jsonl"))
