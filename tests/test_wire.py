from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kg.errors import UnknownName
from kg.model import Claim
from kg.wire import FORMATS, write
from tests.samples import claim

CLAIMS = [
    claim("steps", "10", "alignment", mention="zehn “10”", unit="updates"),
    claim("name", "Über", model=None, mention="\ud800"),
]


def test_json_lines_come_back() -> None:
    assert [Claim.from_json(json.loads(line)) for line in write(CLAIMS, "jsonl").splitlines()] == CLAIMS


def test_an_array_comes_back() -> None:
    assert [Claim.from_json(row) for row in json.loads(write(CLAIMS, "json"))] == CLAIMS


def test_text_has_columns() -> None:
    assert write(CLAIMS, "text").decode().splitlines() == [
        'a.txt:0-5  Kestrel-7B  alignment/steps  10 updates  "zehn “10”"',
        'a.txt:0-5  (no name)   name             Über        "<U+D800>"',
    ]


@pytest.mark.parametrize("char", ["\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\n", "\r"])
def test_text_commands_no_terminal(char: str) -> None:
    bad = f"a{char}b"
    written = write([claim("name", bad, model=bad, mention=bad, unit=bad, report=bad)], "text").decode()
    assert char not in written.removesuffix("\n")
    assert len(written.split()) == 5 + 1  # place, model, relation, value with its unit, words


@pytest.mark.parametrize(("format", "text"), [("text", b""), ("jsonl", b""), ("json", b"[]\n")])
def test_no_claims_are_no_error(format: str, text: bytes) -> None:
    assert write([], format) == text


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="no format of claims is named 'yaml'\n  hint: choose one of: json, jsonl, text"):
        write(CLAIMS, "yaml")
    assert set(FORMATS) == {"json", "jsonl", "text"}


SUGGESTIONS = [claim("steps", "10", score=0.40149), claim("epochs", "1", score=1.0)]


@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_suggestions_have_scores_and_come_back(format: str) -> None:
    written = write(SUGGESTIONS, format, scores=True)
    rows = json.loads(written) if format == "json" else list(map(json.loads, written.splitlines()))
    assert [row["score"] for row in rows] == [0.401, 1.0]
    assert [list(row)[-1] for row in rows] == ["score", "score"]
    again = [Claim.from_json(row) for row in rows]
    assert again == [replace(SUGGESTIONS[0], score=0.401), SUGGESTIONS[1]]
    assert write(again, format, scores=True) == written


@pytest.mark.parametrize("format", FORMATS)
def test_claims_have_no_scores(format: str) -> None:
    assert write(SUGGESTIONS, format) == write([replace(item, score=0.5) for item in SUGGESTIONS], format)


def test_scores_are_the_first_column() -> None:
    assert [line[:17] for line in write(SUGGESTIONS, "text", scores=True).decode().splitlines()] == [
        "0.401  a.txt:0-5 ",
        "1.000  a.txt:0-5 ",
    ]
    assert write([], "text", scores=True) == b""
