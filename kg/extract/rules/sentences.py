"""Segment + mentions -> Sentence: what stands together and is read together."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from kg.extract.rules.lexicon import Cue, Hits, Lexicon, Name
from kg.extract.rules.numbers import Number
from kg.model import Document, Segment

if TYPE_CHECKING:
    from kg.extract.rules.words import Words

_CLAUSE = re.compile(
    r";|:\s|\s[–—]\s|,?\s(?:while|whereas|but|although|though|after which|and then|then|however|where|unlike)\s|"
    r",\s(?:with|and|which|followed)\s|\.\s"
)


LONGEST = 1000  # code points; hardly a sentence is longer, and pairs of numbers and cues grow with the square


@dataclass(slots=True)
class Sentence:
    """A segment with its numbers, names and cues; `key_topics` are those of its key, row and column labels."""

    segment: Segment
    text: str
    numbers: list[Number]
    names: list[Name]
    cues: list[Cue]
    key_topics: frozenset[str] = frozenset()
    heading_topics: frozenset[str] = frozenset()
    lead_topics: frozenset[str] = frozenset()
    cuts: list[int] | None = None
    number_starts: list[int] = field(default_factory=list)
    tokens: Words | None = None

    def with_numbers(self, numbers: list[Number]) -> None:
        """Take these numbers as the sentence's."""
        self.numbers = numbers
        self.number_starts = [n.start for n in numbers]

    @property
    def start(self) -> int:
        """Where the segment starts."""
        return self.segment.start

    @property
    def end(self) -> int:
        """Where the segment ends."""
        return self.segment.end

    @property
    def words(self) -> str:
        """The segment's text."""
        return self.text[self.segment.start : self.segment.end]

    @property
    def is_label(self) -> bool:
        """Whether the segment is the label of a table's row or column."""
        return self.segment.kind == "cell" and not self.is_labelled

    @property
    def is_labelled(self) -> bool:
        """Whether a key or table labels say what the segment holds."""
        return bool(self.segment.row or self.segment.column)

    def slice(self, start: int, end: int) -> str:
        """Return the document's text between two offsets."""
        return self.text[start:end]

    def clause_of(self, place: int) -> tuple[int, int]:
        """Return the bounds of the clause around a place."""
        cuts, segment = self.cuts, self.segment
        if cuts is None:
            cuts = self.cuts = [match.start() for match in _CLAUSE.finditer(self.text, segment.start, segment.end)]
        if not cuts:
            return segment.start, segment.end
        i = bisect_right(cuts, place)
        return (cuts[i - 1] if i else segment.start, cuts[i] if i < len(cuts) else segment.end)

    def topics_in(self, start: int, end: int) -> set[str]:
        """Return the topics of the cues that lie in [start, end)."""
        return {topic for cue in self.cues if start <= cue.start and cue.end <= end for topic in cue.topics}

    def numbers_between(self, cue: Cue, number: Number) -> int:
        """Return how many other numbers stand between a cue and a number."""
        starts = self.number_starts
        if cue.end <= number.start:
            return bisect_left(starts, number.start) - bisect_left(starts, cue.end)
        return max(0, bisect_left(starts, cue.start) - bisect_left(starts, number.end))


def sentences(document: Document, lexicon: Lexicon, hits: Hits, numbers: list[Number]) -> Iterator[Sentence]:
    """Yield the segments that say something, each with the mentions inside it."""
    numbers_in, names_in, cues_in = _Within(numbers), _Within(hits.names), _Within(hits.cues)
    topics_of = lexicon.topics_of
    nothing: frozenset[str] = frozenset()
    for segment in _segments(document):
        start, end = segment.start, segment.end
        names = names_in(start, end)
        cues = cues_in(start, end)
        inside = numbers_in(start, end)
        if names:
            cues = _outside(cues, names)
            inside = [n for n in inside if not any(name.start <= n.start and n.end <= name.end for name in names)]
        key = topics_of(segment.row) | topics_of(segment.column) if segment.row or segment.column else nothing
        heading = topics_of(segment.headings[-1]) if segment.headings else nothing
        lead = topics_of(segment.lead) if segment.lead and len(segment.lead) < 160 else nothing
        if not names and segment.row:
            names = _by_key(document.text, segment, key, lexicon)
        yield Sentence(segment, document.text, inside, names, cues, key, heading, lead, None, [n.start for n in inside])


T = TypeVar("T", Number, Name, Cue)


class _Within(Generic[T]):
    """Look up the mentions that lie in a stretch, among many in order of place."""

    def __init__(self, items: list[T]) -> None:
        self._items: list[T] = items
        self._starts = [item.start for item in items]

    def __call__(self, start: int, end: int) -> list[T]:
        first = bisect_left(self._starts, start)
        last = bisect_left(self._starts, end, first)
        return [item for item in self._items[first:last] if item.end <= end] if first < last else []


def _segments(document: Document) -> Iterator[Segment]:
    """Yield the segments as they are read: half-sentence keys with their value, very long ones in pieces to keep time linear."""
    for segment in document.segments:
        if segment.end - segment.start <= LONGEST:
            yield _with_long_key(document.text, segment)
            continue
        start = segment.start
        while segment.end - start > LONGEST:
            cut = document.text.rfind(" ", start + LONGEST // 2, start + LONGEST) + 1 or start + LONGEST
            yield replace(segment, start=start, end=cut)
            start = cut
        yield replace(segment, start=start)


def _with_long_key(text: str, segment: Segment) -> Segment:
    """Return a pair whose key is half a sentence (`AdamW served as the optimizer: …`) as the sentence it is."""
    if segment.kind != "pair" or segment.row.count(" ") < 3:
        return segment
    start = text.rfind(segment.row, max(0, segment.start - len(segment.row) - 8), segment.start)
    return replace(segment, kind="sentence", start=start, row="") if start >= 0 else segment


def _by_key(text: str, segment: Segment, key: frozenset[str], lexicon: Lexicon) -> list[Name]:
    """Return the licence or country that a value is by its key alone (`license: mit`, `country: CO`)."""
    words = text[segment.start : segment.end].strip(" \"'`*_")
    for topic, kind in (("license", "license"), ("place", "country")):
        things = lexicon.named(words, kind) if topic in key and words else ()
        if things:
            start = text.index(words, segment.start)
            return [Name(start, start + len(words), words, things)]
    return []


def _outside(cues: list[Cue], names: Sequence[Name]) -> list[Cue]:
    """Drop the cues that are part of a name (`Visual` in `Visual Genome`)."""
    spans = [(n.start, n.end) for n in names]
    return [c for c in cues if not any(s <= c.start and c.end <= e and (s, e) != (c.start, c.end) for s, e in spans)]
