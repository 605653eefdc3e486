"""Words of a document that hold a number -> the canonical value of a relation, read again by the scanner of the rules.

Both extractors read numbers with one scanner, so the same words have the same value whoever chose them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kg.extract.rules import lexicon_of, numbers
from kg.extract.rules.canonical import value_of
from kg.extract.rules.compounds import joined
from kg.extract.rules.numbers import Number
from kg.extract.rules.sentences import Sentence, sentences
from kg.model import Document, Segment, Span
from kg.schema import Relation, Schema
from kg.values import literal

NUMERIC = frozenset("integer decimal double duration gYear".split())
RESOLUTION = "imageResolution"
COUNTED = frozenset({"trainingExamples", "globalBatchSize"})
UNIT_REACH = 48  # characters between a number and the noun that it counts


@dataclass(frozen=True, slots=True)
class Amount:
    """A value as the document's words state it, and where they stand."""

    value: str
    span: Span
    approximate: bool = False
    value_max: str | None = None
    unit: str | None = None


def is_amount(relation: Relation) -> bool:
    """Return whether a relation's values are read from a number."""
    return relation.range.removeprefix("xsd:") in NUMERIC or relation.name == RESOLUTION


def same(relation: Relation, one: str, other: str) -> bool:
    """Return whether two values of a relation are one in the graph.

    A value that has no form in the graph is equal to itself only.
    """
    try:
        return literal(relation.range, one) == literal(relation.range, other)
    except ValueError:
        return one == other


@dataclass(frozen=True, slots=True)
class Amounts:
    """The numbers of a document, by sentence."""

    sentences: Sequence[Sentence]
    schema: Schema

    @classmethod
    def of(cls, document: Document, schema: Schema) -> Amounts:
        """Scan a document."""
        lexicon = lexicon_of(schema)
        hits = lexicon.scan(document.text)
        scanned = numbers.scan(document.text, hits.words)
        found = sorted(sentences(document, lexicon, hits, scanned), key=_start)
        for sentence in found:  # a number inside a name is one here: the model says that it counts
            first, last = (bisect_left(scanned, place, key=_number_start) for place in (sentence.start, sentence.end))
            sentence.with_numbers([number for number in scanned[first:last] if number.end <= sentence.end])
        return cls(found, schema)

    def read(self, relation: Relation, mention: Span, wanted: str) -> Amount | None:
        """Return what a mention states of a relation: of several numbers in it the one that is wanted.

        None when no number stands there, or several of which none is wanted.
        """
        found = list(self._stated(relation, mention))
        for amount in found:
            if same(relation, amount.value, wanted) or (amount.value_max and same(relation, amount.value_max, wanted)):
                return amount
        return found[0] if len({amount.value for amount in found}) == 1 else None

    def _stated(self, relation: Relation, mention: Span) -> Iterator[Amount]:
        first = max(0, bisect_right(self.sentences, mention.start, key=_start) - 1)
        for sentence in self.sentences[first : bisect_left(self.sentences, mention.end, key=_start)]:
            for number in joined(sentence):
                if (
                    number.start < mention.end
                    and mention.start < number.end
                    and (value := value_of(sentence, number, relation.name))
                ):
                    top = number.value_max and value_of(sentence, replace(number, value=number.value_max), relation.name)
                    span = Span(min(number.start, mention.start), max(number.end, mention.end))
                    yield Amount(value, span, number.approximate, top, _unit(sentence, number, relation))


def _unit(sentence: Sentence, number: Number, relation: Relation) -> str | None:
    """Return what a number counts, as its words say (`image-text pairs`)."""
    for cue in sentence.cues if relation.name in COUNTED else ():
        if "example_unit" in cue.topics and 0 <= cue.start - number.end < UNIT_REACH:
            return " ".join(sentence.slice(number.end, cue.end).split()).strip("-, ").casefold() or None
    return None


def alone(words: str, relation: Relation, wanted: str, schema: Schema) -> Amount | None:
    """Return what words state of a relation when nothing stands around them, placed in them alone.

    None when they state nothing or several values.
    """
    segment = Segment("sentence", 0, len(words))
    document = Document("", "", "text", words, words, "", (segment,))
    return Amounts.of(document, schema).read(relation, Span(0, len(words)), wanted)


def _number_start(number: Number) -> int:
    return number.start


def _start(sentence: Sentence) -> int:
    return sentence.start
