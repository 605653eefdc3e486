"""Steps of the rule extractor by themselves, on a text: for tests that look at one of them."""

from __future__ import annotations

from kg.extract.rules import Scanned, lexicon_of, read
from kg.extract.rules import scan as scan_document
from kg.extract.rules.gather import gather
from kg.extract.rules.lexicon import Hits, Lexicon
from kg.extract.rules.mention import Mention
from kg.extract.rules.numbers import Number, scan
from kg.extract.rules.reading import Reading
from kg.extract.rules.sentences import Sentence, sentences
from kg.extract.rules.weights import fitted
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
    found = document(text)
    return list(sentences(found, lexicon(), hits(found.text), numbers(found.text)))


def shown(text: str, number: Number) -> str:
    """Write a number as the case files do: mention, value (`~` approximate, `a..b` a range) and form."""
    value = ("~" if number.approximate else "") + number.value + (f"..{number.value_max}" if number.value_max else "")
    return f"{text[number.start : number.end]} = {value} {number.form}"


def scanned(text: str) -> Scanned:
    """Scan a text as the rule extractor does."""
    return scan_document(document(text), load_schema())


def reading_of(text: str) -> Reading:
    """Read a text up to where mentions are decided, with the fitted weights."""
    return read(scanned(text), load_schema(), fitted())


def mentions_of(text: str) -> list[Mention]:
    """Return every mention of a text, in order."""
    return list(gather(reading_of(text)))


def mention_at(text: str, written: str, kind: str = "number") -> Mention:
    """Return the mention of a kind that is written so; raise ValueError unless there is exactly one."""
    source = document(text).source
    (found,) = [m for m in mentions_of(text) if m.kind == kind and source[m.start : m.end] == written]
    return found
