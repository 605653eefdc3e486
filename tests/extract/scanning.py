"""Steps of the rule extractor by themselves, on a text: for tests that look at one of them."""

from __future__ import annotations

from kg.extract.rules import lexicon_of
from kg.extract.rules.lexicon import Hits, Lexicon
from kg.extract.rules.numbers import Number, scan
from kg.extract.rules.sentences import Sentence, sentences
from kg.ingest import read_text
from kg.model import Document
from kg.schema import load_schema


def lexicon() -> Lexicon:
    """Return the automaton of the repository's ontology."""
    return lexicon_of(load_schema())


def hits(text: str) -> Hits:
    """Return the cues and names of a text."""
    return lexicon().scan(text)


def numbers(text: str) -> list[Number]:
    """Return the numbers of a text, digits and words."""
    return scan(text, hits(text).words)


def document(text: str) -> Document:
    """Read a text as Markdown when it has several lines, else as plain text."""
    return read_text(text, "case.md" if "\n" in text else "case.txt")


def parsed(text: str) -> list[Sentence]:
    """Return the sentences, items and cells of a text with the numbers and names that stand in them."""
    read = document(text)
    return list(sentences(read, lexicon(), hits(read.text), numbers(read.text)))


def shown(text: str, number: Number) -> str:
    """Write a number as the case files do: mention, value (`~` approximate, `a..b` a range) and form."""
    value = ("~" if number.approximate else "") + number.value + (f"..{number.value_max}" if number.value_max else "")
    return f"{text[number.start : number.end]} = {value} {number.form}"
