from __future__ import annotations

import json

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
