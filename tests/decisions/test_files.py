"""Decisions -> text -> decisions; what people wrote into the file stays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.decisions import (
    Decision,
    Decisions,
    OfClaim,
    OfNames,
    Quote,
    Statement,
    add,
    claim_id,
    claims_by_id,
    corrected,
    folded,
    numbered,
    parsed,
    read_decisions,
    remove,
    with_added,
    without,
)
from kg.errors import ConfigError, OutputError
from kg.schema import Schema, load_schema
from tests.command import ROOT
from tests.readme import blocks
from tests.samples import claim

FILE = Path("kg-decisions.toml")
SAID = Statement("Kestrel-7B", "acceleratorCount", "128", "pretraining")
QUOTE = Quote("We used 128 GPUs, 128 in all.", "128", 2, "before it.", "after it", 3)
DECISIONS: list[Decision] = [
    OfClaim("accept", "a.txt", SAID, QUOTE),
    OfClaim(
        "reject", "b/ä.txt", Statement(None, "trainingExamples", "3", None, "tokens", True, "4"), Quote('say "3" \\ to 4', "3")
    ),
    OfClaim("correct", "c.txt", SAID, QUOTE, Statement(None, "acceleratorCount", "64"), "they said so", "me"),
    OfClaim("correct", "d.txt", SAID, QUOTE, Statement("Kestrel-7B", "duration", "P2D", "pretraining", "x", False, "P3D")),
    OfClaim("add", "e.txt", Statement("Merlin", "software", "PyTorch"), Quote("with PyTorch", "PyTorch")),
    OfNames("same", "dataset", ("CC3M", "Conceptual Captions")),
    OfNames("different", "model", ("A-1", "A-2"), "another release", "me"),
]


def read(text: str, schema: Schema) -> Decisions:
    return parsed(text, FILE, schema)


def bare(decision: Decision) -> str:
    """Return a decision without the line that it stands in."""
    return re.sub(r"line=\d+", "", repr(decision))


def test_what_is_written_is_read(schema: Schema) -> None:
    found = read(with_added("", DECISIONS), schema)
    assert list(map(bare, found.every)) == list(map(bare, DECISIONS))
    text = with_added("", DECISIONS).splitlines()
    assert [text[decision.line - 1] for decision in found.every] == ["[[decision]]"] * len(DECISIONS)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).map(folded).filter(bool)


@given(st.data())
def test_any_text_is_read_as_it_was_written(data: st.DataObject) -> None:
    mention = data.draw(TEXTS)
    words = folded(f"{data.draw(TEXTS)} {mention} {data.draw(TEXTS)}")
    if words.find(mention) < 0:
        return  # folding joined it with what stands beside
    made = OfClaim(
        "accept",
        data.draw(TEXTS),
        Statement(data.draw(TEXTS), "software", data.draw(TEXTS), None, data.draw(st.none() | TEXTS)),
        Quote(words, mention, 1, data.draw(TEXTS), data.draw(TEXTS)),
        note=data.draw(TEXTS),
    )
    (found,) = read(with_added("", [made]), load_schema()).every
    assert bare(found) == bare(made)


REMARKS = """\
# ours

# about the first
[[decision]]  # here
do = "same"
kind = "dataset"
names = ["A1", "B1"]

# about the second,
# at length
[[decision]]
do = "same"
kind = "dataset"
names = ["A2", "B2"]
note = '''
[[decision]]
'''

[[decision]]
do = "same"
kind = "dataset"
names = ["A3", "B3"]
"""


def test_what_is_taken_out_takes_its_remarks_with_it(schema: Schema) -> None:
    found = read(REMARKS, schema)
    left = without(REMARKS, found, [found.every[1]])
    assert left == REMARKS[: REMARKS.index("# about the second")] + REMARKS[REMARKS.rindex("[[decision]]") :]
    assert [decision.names[0] for decision in read(left, schema).of_names] == ["A1", "A3"]
    none = without(REMARKS, found, found.every)
    assert none == "# ours\n"
    assert read(none, schema).every == ()


def test_what_people_wrote_stays_when_more_is_added(schema: Schema, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "kg-decisions.toml"
    assert len(add(file, DECISIONS[:1], schema).every) == 1
    assert file.read_text("utf-8").startswith("# What people decided")
    file.write_text(REMARKS.rstrip("\n"), "utf-8")
    file.chmod(0o640)
    found = add(file, DECISIONS[5:6], schema)
    assert file.read_text("utf-8").startswith(REMARKS)
    assert file.stat().st_mode & 0o777 == 0o640
    assert len(found.every) == 4
    remove(file, found, [found.every[3]])
    assert file.read_text("utf-8") == REMARKS
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_link_is_followed(schema: Schema, tmp_path: Path) -> None:
    (tmp_path / "link.toml").symlink_to(tmp_path / "real.toml")
    add(tmp_path / "link.toml", DECISIONS[:1], schema)
    assert (tmp_path / "link.toml").is_symlink()
    assert len(read_decisions(tmp_path / "real.toml", schema).every) == 1


def test_a_file_that_cannot_be_written(schema: Schema, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="the decisions cannot be written: Not a directory\n  hint: make it"):
        add(tmp_path / "file" / "deep" / "kg-decisions.toml", DECISIONS[:1], schema)


def test_what_contradicts_is_not_written(schema: Schema, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    add(file, DECISIONS[:1], schema)
    before = file.read_bytes()
    with pytest.raises(ConfigError, match="say the same"):
        add(file, DECISIONS[:1], schema)
    assert file.read_bytes() == before


def test_decisions_in_a_list_are_taken_out_by_hand(schema: Schema) -> None:
    text = 'decision = [{ do = "same", kind = "dataset", names = ["A", "B"] }]\n'
    found = read(text, schema)
    with pytest.raises(ConfigError, match="where the decisions begin cannot be told\n  hint: write each decision below"):
        without(text, found, found.every)


def test_a_mark_and_other_line_ends_are_read(schema: Schema, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xef\xbb\xbf" + with_added("", DECISIONS).replace("\n", "\r\n").encode())
    assert len(read_decisions(file, schema).every) == len(DECISIONS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"value": "64"}, Statement("Kestrel-7B", "acceleratorCount", "64", "pretraining", "GPUs")),
        ({"stage": None}, Statement("Kestrel-7B", "acceleratorCount", "128", None, "GPUs", True, "256")),
        ({"unit": None, "model": None}, Statement(None, "acceleratorCount", "128", "pretraining", None, True, "256")),
        ({"value": "1", "valueMax": "2"}, Statement("Kestrel-7B", "acceleratorCount", "1", "pretraining", "GPUs", False, "2")),
        ({"valueMax": None}, Statement("Kestrel-7B", "acceleratorCount", "128", "pretraining", "GPUs", True)),
        ({}, None),
        ({"value": "128", "stage": "pretraining"}, None),
    ],
)
def test_what_a_correction_makes(changes: dict[str, str | None], expected: Statement | None) -> None:
    said = Statement("Kestrel-7B", "acceleratorCount", "128", "pretraining", "GPUs", True, "256")
    assert corrected(said, changes) == expected


def test_an_id_depends_on_what_is_said_and_not_on_where(schema: Schema) -> None:
    one = claim("steps", "10", mention="10\n steps", start=5, end=14)
    assert claim_id(one) == claim_id(claim("steps", "10", mention="10 steps", start=99, end=107, score=0.1, method="tag"))
    others: list[dict[str, Any]] = [{"model": None}, {"stage": "pretraining"}, {"report": "b"}, {"mention": "ten steps"}]
    assert len({claim_id(one), *(claim_id(claim("steps", "10", **({"mention": "10 steps"} | other))) for other in others)}) == 5
    assert (
        list(claims_by_id([one, one, one])) == numbered([claim_id(one)] * 3) == [claim_id(one) + tail for tail in ("", "-2", "-3")]
    )
    assert OfClaim("reject", one.report, Statement.of(one), Quote("in 10 steps", "10 steps")).id == claim_id(one)


def test_the_id_of_two_names_has_no_order() -> None:
    assert OfNames("same", "dataset", ("A", "B")).id == OfNames("different", "dataset", ("B", "A")).id
    assert OfNames("same", "dataset", ("A", "B")).id != OfNames("same", "model", ("A", "B")).id


def test_the_page_about_deciding_shows_a_file_that_can_be_used(schema: Schema) -> None:
    (block,) = blocks((ROOT / "docs" / "review.md").read_text("utf-8"), "toml")
    found = read(block, schema)
    assert [decision.do for decision in found.every] == ["correct", "different"]
    assert with_added("x\n", found.every[:1]).removeprefix("x\n\n") in block
