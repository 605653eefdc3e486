"""Names -> candidates for the models a document presents: each is described by how and where the text names it.

A decider weighs the features, as it does those of other mentions (see `features`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log1p
from pathlib import PurePath

from kg.extract.rules.introductions import introduced_as, is_no_model, is_rival
from kg.extract.rules.labels import NAME_KEY, SIZE, STRONG, is_model_name, labels
from kg.extract.rules.lexicon import Name
from kg.extract.rules.names import is_organization, shape_of
from kg.extract.rules.sentences import Sentence
from kg.extract.rules.words import Strengths, Words
from kg.model import Document, Tag, Thing
from kg.values import name_key

_OF_DATA = re.compile(r"-\d+(?:\.\d+)?[MK]$")  # a size in millions that ends a name is mostly one of data


_NOT_MODELS = frozenset({"country", "license", "optimizer", "accelerator", "organization"})
_LETTERS = re.compile(r"[a-z]+")
_PARTS = re.compile(r"[-_ /]")
_NO_NAME = re.compile(
    r"~?\d+(?:\.\d+)?\s?[BMKbmk]?|(?:the|a|an|our|this|my)\s.*|.*\b(?:is|are|was|for|with|from|on|of the|and)\s.*", re.I
)
_OWNER = re.compile(r"[A-Za-z][\w.-]*/(?=[A-Za-z])")
_NEAR = 14
_MOST_COUNTED = 6


@dataclass(slots=True)
class Candidate:
    """A name that may be that of a model of the report's own."""

    name: str
    features: Strengths = field(default_factory=lambda: {"bias": 1.0})
    mentions: list[tuple[int, int]] = field(default_factory=list)
    tagged: bool = False


Shaped = Mapping[int, list[Name]]
Find = Callable[[str], tuple[Thing, ...]]


def pool(document: Document, sentences: Sequence[Sentence], shaped: Shaped, find: Find) -> dict[str, Candidate]:
    """Return the candidates of a document by name key.

    `shaped` are the name-shaped chunks of each sentence, `find` asks the catalogue.
    """
    described = _Pool(document, next((s.start for s in document.segments if s.kind == "heading"), -1))
    for i, sentence in enumerate(sentences):
        names = [*sentence.names, *shaped.get(i, ())]
        for name in (*names, *labels(document.text, sentence, names)):
            if _may_name_model(name):
                described.add(i, sentence, name)
    for tag in document.tags:
        if tag.name == "model" and (span := _tagged_name(document, tag, sentences, shaped)):
            text = " ".join(document.text[slice(*span)].split())
            candidate = described.candidates.setdefault(name_key(text), Candidate(text))
            candidate.tagged = True
            candidate.mentions.insert(0, span)
    _describe(described.candidates, document, find)
    return described.candidates


def _may_name_model(name: Name) -> bool:
    kinds = name.kinds()
    return len(name.text) > 1 and not (kinds and kinds <= _NOT_MODELS) and not is_organization(name.text)


def _bare(name: Name) -> Name:
    """Return the name without the owner that a hub puts before it."""
    owner = _OWNER.match(name.text) if not name.things else None
    return Name(name.start + owner.end(), name.end, name.text[owner.end() :]) if owner else name


@dataclass(slots=True)
class _Pool:
    """The candidates found so far, and where the first heading starts."""

    document: Document
    title: int
    candidates: dict[str, Candidate] = field(default_factory=dict)

    def add(self, i: int, sentence: Sentence, name: Name) -> None:
        """Add a mention and what its surroundings say."""
        name = _bare(name)
        key = name_key(name.text)
        if not key or _NO_NAME.fullmatch(name.text):
            return
        candidate = self.candidates.setdefault(key, Candidate(name.text))
        candidate.mentions.append((name.start, name.end))
        found = candidate.features
        for feature in self._placed(i, sentence, name):
            found[feature] = 1.0
        for feature in _marked(self.document.source, name):
            found[feature] = 1.0
        text = self.document.text
        before = text[max(sentence.start, name.start - 48) : name.start]
        after = text[name.end : min(sentence.end, name.end + 90)]
        for feature in introduced_as(sentence, name, before, after):
            found[feature] = 1.0
        if is_rival(before):
            found["rivalb"] = min(3.0, found.get("rivalb", 0.0) + 1.0)
        for feature in _words_beside(sentence, name):
            found[feature] = min(2.0, found.get(feature, 0.0) + 1.0)

    def _placed(self, i: int, sentence: Sentence, name: Name) -> Iterator[str]:
        """Yield the features of the place of a mention: a title, a key, a label, the top of the document."""
        segment = sentence.segment
        yield "seg=" + segment.kind
        whole = abs(name.start - segment.start) < 4 and abs(name.end - segment.end) < 4
        begins = name.start - segment.start <= 3
        if whole:
            yield f"whole={segment.kind}{' label' if sentence.is_label else ''}"
        if begins:
            yield "begins=" + segment.kind
        if segment.kind == "pair":
            yield "row=" + segment.row.casefold()[:30]
            if NAME_KEY.match(segment.row.strip()):
                yield "namekey"
        if segment.kind == "cell" and segment.column:
            yield "col=" + segment.column.casefold()[:24]
        if segment.start == self.title:
            yield "title"
            if whole:
                yield "whole title"
            if name.text.count(" ") and any(word[0].islower() for word in name.text.split()):
                yield "wordy title"
        if sentence.is_label:
            yield "label"
        if name.start < 160:
            yield "top"
        if i < 4:
            yield "sent0" if i == 0 else "sent3"
        if segment.headings:
            yield from _heading_words(segment.headings[-1])


@lru_cache(maxsize=4096)
def _heading_words(heading: str) -> tuple[str, ...]:
    return tuple("hw=" + word for word in _LETTERS.findall(heading.casefold()))


def _marked(source: str, name: Name) -> Iterator[str]:
    """Yield how the source sets a name off: bold, as code, as a link, as an identifier of a hub."""
    before = source[max(0, name.start - 2) : name.start]
    if before in {"**", "__"}:
        yield "bold"
    if before.endswith("`"):
        yield "tick"
    if before.endswith("/") or "/" in name.text:
        yield "hub"
    if source.startswith("](http", name.end):
        yield "link"


def _words_beside(sentence: Sentence, name: Name) -> list[str]:
    words = Words.of(sentence)
    b1, b2 = words.before(name.start)
    a1, a2 = words.after(name.end)
    found = [f"b1={b1}", f"b12={b2}_{b1}", f"a1={a1}", f"a12={a1}_{a2}", f"ba={b1}_{a1}"]
    left = next((cue for cue in reversed(sentence.cues) if cue.end <= name.start), None)
    if left and name.start - left.end < _NEAR:
        found += [f"L1:{topic}" for topic in left.topics]
    right = next((cue for cue in sentence.cues if cue.start >= name.end), None)
    if right and right.start - name.end < _NEAR:
        found += [f"R1:{topic}" for topic in right.topics]
    return found


def _describe(candidates: Mapping[str, Candidate], document: Document, find: Find) -> None:
    """Add what only all candidates together show: how often each is named, which are of one family, which the title names."""
    keys = sorted(candidates)
    most = max((len(c.mentions) for c in candidates.values()), default=1)
    first = next((s for s in document.segments if s.kind == "heading"), None)
    title = name_key(document.text[first.start : first.end]) if first else ""
    report = name_key(PurePath(document.id).name.split(".")[0])
    stems = Counter(stem(c.name) for c in candidates.values())
    firsts = Counter(first_part(c.name) for c in candidates.values())
    for key, candidate in candidates.items():
        found, name = candidate.features, candidate.name
        found.update((feature, 1.0) for feature in _shape(name))
        bare = name.rpartition("/")[2]
        found.update((feature, 1.0) for feature in _known(find(bare)))
        found[f"cnt={min(_MOST_COUNTED, len(candidate.mentions))}"] = 1.0
        found["logcnt"] = log1p(len(candidate.mentions))
        found["pos"] = candidate.mentions[0][0] / max(1, len(document.text))
        found["ncand"] = log1p(len(keys)) / 3
        titled = tuple(_titled(name_key(bare), title, report))
        found.update((feature, 1.0) for feature in titled)
        known = "known" if "kind=model" in found else "unk"
        found.update((f"{known} {feature}", 1.0) for feature in titled)
        found["share"] = len(candidate.mentions) / most
        if len(candidate.mentions) == most and most > 1:
            found["most"] = found[f"{known} most"] = 1.0
        found[f"stem={min(4, stems[stem(name)])}"] = found[f"firsts={min(4, firsts[first_part(name)])}"] = 1.0
        found.update((feature, 1.0) for feature in _inside(name, candidates))
        place = bisect_left(keys, key)
        longer = sum(1 for k in keys[place + 1 : place + 4] if k.startswith(key))
        shorter = sum(1 for end in range(3, len(key)) if key[:end] in candidates)
        found[f"longer={min(3, longer)}"] = found[f"shorter={min(3, shorter)}"] = 1.0


def _inside(name: str, candidates: Mapping[str, Candidate]) -> Iterator[str]:
    """Yield whether some but not all words of a name are a candidate by themselves (`Model zoo of Heron-7B`)."""
    words = name.split()
    if len(words) < 2:
        return
    keys = [name_key(word) for word in words]
    if any(len(key) > 2 and key in candidates and STRONG.search(word) for key, word in zip(keys, words, strict=True)):
        yield "holds strong"
    elif any(len(key) > 2 and key in candidates for key in keys):
        yield "holds"


@lru_cache(maxsize=4096)
def _shape(name: str) -> tuple[str, ...]:
    last = _PARTS.split(name)[-1].casefold()
    found = ["shape=" + shape_of(name), "last=" + re.sub(r"\d+", "0", last)]
    if " " in name:
        found.append(f"nw={len(name.split())}")
    tests = (
        ("size", SIZE.search(name)),
        ("strong", STRONG.search(name)),
        ("ofdata", _OF_DATA.search(name)),
        ("digit", re.search(r"\d", name)),
        ("lower", name.islower()),
        ("nomodel", is_no_model(name)),
    )
    return (*found, *(feature for feature, holds in tests if holds))


def _known(things: Sequence[Thing]) -> Iterator[str]:
    for thing in things:
        yield "kind=" + thing.kind
        yield from (f"{fact}={thing.facts[fact]}" for fact in ("role", "use") if thing.facts.get(fact))
    if not things:
        yield "unk"


def _titled(key: str, title: str, report: str) -> Iterator[str]:
    """Yield whether the title, or the file's name, names the candidate."""
    if len(key) < 3:
        return
    if key in title:
        yield "istitle" if key == title else "intitle"
    if key in report:
        yield "inid"
    if report and report in key:
        yield "idin"
    if len(report) > 3 and key.startswith(report[:4]):
        yield "idstart"


@lru_cache(maxsize=4096)
def stem(name: str) -> str:
    """Return the key of a name without its size: that of its family."""
    return name_key(SIZE.sub("", name))


@lru_cache(maxsize=4096)
def first_part(name: str) -> str:
    """Return the first part of a name, folded; nothing when it is too short to tell families apart."""
    part = _PARTS.split(name.casefold())[0]
    return part if len(part) >= 3 else ""


def _tagged_name(document: Document, tag: Tag, sentences: Sequence[Sentence], shaped: Shaped) -> tuple[int, int] | None:
    """Return the span of the name a tag holds: its content, or the name it begins with when its end is missing."""
    if is_model_name(document.text[tag.start : tag.end]):
        return tag.start, tag.end
    if tag.closed:
        return None
    for i, sentence in enumerate(sentences):
        if sentence.start <= tag.start < sentence.end:
            return next(((n.start, n.end) for n in (*sentence.names, *shaped.get(i, ())) if n.start == tag.start), None)
    return None
