"""Every number of every seed, changed so that arithmetic or plausibility breaks: a finding appears there, and nowhere else.

*There*: a label of the finding covers the changed number. It is a violation or a warning; a note only of KG308 and KG309, which are
notes by nature. *Nowhere else*: every finding that does not cover the number was there before the change, with the same words and
the same places. Disclosure gaps (KG2xx) are left out: they count what is stated, not what is wrong.

Of each number, changes are tried from mild to gross until one is found. What no change can break is listed in `UNDETERMINED`, and
what is read as no fact in `NO_FACT`, both with the reason.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.extract import extract
from kg.ingest import read_text
from kg.schema import load_schema
from tests.command import SEEDS
from tests.contradict.mutations import Mention, judged, mentions, outcomes, seeds, shipped_shapes
from tests.lacking import lacking

NOTES = {"KG308", "KG309"}
UNDETERMINED = {
    ("seeds/001_blip2-flant5-xl.txt", "10,000"): (
        "of the steps, the data and the global batch none is stated, so that the time alone bounds the warm-up: the most that is"
        " read as a number of steps, 10,000,000, makes 3 steps a second in six weeks, which is possible"
    )
}
NO_FACT = {
    "26": "a number of data sets is no relation",
    "64,000": "a vocabulary is no relation",
    "80": "memory in a sentence about the cards; it is the product that says it",
    "2": "of HBM2e, a kind of memory",
    "16": "of bfloat16",
    "4": "of `Section 4`",
    "18": "the day of publication, a field of the report",
    "2023": "the year of publication, a field of the report",
    "2309.09958": "the arXiv identifier, a field of the report",
    "143": "version and citations, told by KG406",
    "98": "a citation index",
    "1": "of `Code Implementations1 repo`",
    "13": "the size of models that others studied",
    "65": "a range `65B/70B`, said again",
    "70": "a range `65B/70B`, said again",
}


def folders() -> dict[str, Path]:
    """Return the two sets of seeds; the second is not part of the repository."""
    shared = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[3] / "shared")
    return {"seeds": SEEDS, "eval": shared / "eval/seeds"}


def numbers() -> list[tuple[str, Mention]]:
    """Return every number that is read as a fact, with its report."""
    return [
        (f"{name}/{path.name}", mention)
        for name, folder in folders().items()
        for path in seeds(folder)
        for mention in mentions(path.read_text("utf-8"))
        if mention.claim
    ]


def text_of(report: str) -> str:
    """Return a report by the name that the tests give it."""
    name, _, file = report.partition("/")
    return (folders()[name] / file).read_text("utf-8")


def test_both_sets_are_there() -> None:
    for folder in folders().values():
        if not seeds(folder):
            lacking(f"the seeds are not at {folder}")
    assert len(numbers()) >= 80


@pytest.mark.parametrize(("report", "mention"), numbers(), ids=lambda value: value if isinstance(value, str) else value.text)
def test_a_changed_number_is_found_there_and_nowhere_else(report: str, mention: Mention) -> None:
    text, shapes = text_of(report), shipped_shapes()
    before = judged(text, shapes)
    tried, told = [], []
    for outcome in outcomes(text, mention, before, shapes):
        assert outcome.elsewhere == ()
        told = [finding for finding in outcome.here if finding.severity != "info" or finding.code in NOTES]
        tried.append((outcome.written, [finding.code for finding in outcome.here]))
        if told:
            break
    assert bool(told) is ((report, mention.text) not in UNDETERMINED), tried


@pytest.mark.parametrize("name", ["seeds", "eval"])
def test_numbers_that_are_no_facts_are_known(name: str) -> None:
    for path in seeds(folders()[name]):
        text = path.read_text("utf-8")
        names = [claim for claim in extract(read_text(text, "r.txt"), load_schema()).claims if not claim.value[:1].isdigit()]
        for mention in mentions(text):
            inside = any(claim.start <= mention.start and mention.end <= claim.end for claim in names)
            attached = text[mention.start - 1].isalpha() or text[mention.start - 1] in "-/"
            assert mention.claim or inside or attached or mention.text in NO_FACT, (path.name, mention)
