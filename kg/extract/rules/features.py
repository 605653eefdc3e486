"""Mentions -> features: what a decider weighs when it gives a number, a name or a word its relation.

A feature is a name with a strength, mostly 1. Kinds of names: `u:` topic of the unit, `n:` topic near, `L:` `R:` topic to the left
or right (with the distance in steps), `K:` key and labels, `H:` heading, `D:` what introduces a list, `b1=` `a1=` words before and
after, `w=` words of the clause, `form=` `kind=` `shape=` the mention itself, `pm=` the model named before it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import floor, inf, log10

from kg.extract.rules.lexicon import Cue, Name
from kg.extract.rules.names import is_organization, is_shaped, shape_of
from kg.extract.rules.numbers import Number
from kg.extract.rules.quantities import Surroundings
from kg.extract.rules.reading import Reading
from kg.extract.rules.sentences import Sentence
from kg.extract.rules.words import Features, Layer, Strengths, Words, folded

_SPACES = re.compile(r"\s+")
_STEPS = (3, 12, 35, 90)  # code points between a topic and a mention
_REACH = 30.0
_OTHER_CLAUSE = 0.4
_NO_SIZE = frozenset({"resolution", "clock", "duration", "year"})
_POWERS = frozenset(float(2**n) for n in range(3, 13))


@lru_cache(maxsize=8192)
def _words_of(label: str) -> tuple[str, ...]:
    return tuple(sorted(set(folded(label))))


@lru_cache(maxsize=8192)
def _labelled(prefix: str, label: str) -> Layer:
    """Return the features that the words of a label give; not to be changed."""
    found = Layer()
    if prefix == "roww=":
        found["row"] = 1.0
        found["row=" + " ".join(_words_of(label))[:40]] = 1.0
    found.update((prefix + word, 1.0) for word in _words_of(label))
    return found


@lru_cache(maxsize=8192)
def _topics(prefix: str, topics: frozenset[str]) -> Layer:
    """Return the features that topics give; not to be changed."""
    return Layer((prefix + topic, 1.0) for topic in topics)


@lru_cache(maxsize=1024)
def _placed(kind: str, own: int, marks: tuple[str, ...]) -> Layer:
    """Return the features of a sentence's kind, of how many own models there are, and of what marks it; not to be changed."""
    return Layer(dict.fromkeys(("bias", "seg=" + kind, f"nown={min(own, 4)}", *marks), 1.0))


def place(reading: Reading, i: int) -> tuple[Layer, ...]:
    """Return the features that all mentions of sentence `i` share: its kind, its labels, headings and lead, the models it names."""
    sentence = reading.sentences[i]
    segment = sentence.segment
    marks = ("first",) if i == 0 else ()
    if reading.code and reading.in_code(segment.start):
        marks = (*marks, "code")
    if models := reading.mentioned(i):
        marks = (*marks, *("hasown" if own else "hasother" for _, _, own in models))
    shared = [Layer({"pos": i / max(1, len(reading.sentences))}), _placed(segment.kind, len(reading.models.own), marks)]
    given = (("K:", sentence.key_topics), ("H:", sentence.heading_topics), ("D:", sentence.lead_topics))
    shared += [_topics(prefix, topics) for prefix, topics in given if topics]
    if segment.row:
        shared.append(_labelled("roww=", segment.row))
    if segment.column:
        shared.append(_labelled("colw=", segment.column))
    if segment.headings:
        shared.append(_labelled("hw=", segment.headings[-1]))
    return tuple(shared)


def _clause(words: Words, sentence: Sentence, place: int) -> Layer:
    """Return the words of the clause around a place."""
    return words.clause(*sentence.clause_of(place))


@lru_cache(maxsize=1 << 14)
def _around(prefix: str, before: tuple[str, str], after: tuple[str, str]) -> Layer:
    """Return the features of the two words on either side of a mention, the nearest first; not to be changed."""
    (b1, b2), (a1, a2) = before, after
    names = (f"b1={b1}", f"b2={b2}", f"b12={b2}_{b1}", f"a1={a1}", f"a2={a2}", f"a12={a1}_{a2}", f"ba={b1}_{a1}")
    return Layer([(prefix + name, 1.0) for name in names])


def _context(words: Words, start: int, end: int, prefix: str = "") -> Layer:
    """Return the features of the words around a mention: the same few words stand around most."""
    return _around(prefix, words.before(start), words.after(end))


def _sides(found: Strengths, sentence: Sentence, start: int, end: int) -> None:
    low, high = sentence.clause_of(start)
    left = [(cue.topics, start - cue.end, cue.end > low) for cue in sentence.cues if cue.end <= start]
    left.reverse()
    _side(found, "L", left)
    _side(found, "R", [(cue.topics, cue.start - end, cue.start < high) for cue in sentence.cues if cue.start >= end])


@lru_cache(maxsize=4096)
def _sided(side: str, topics: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """Return the features of topics on a side: of each its own, the beginning of that with a step, that of the nearest."""
    plain = ("stage" if topic.startswith("stage:") else topic for topic in topics if not topic.startswith("value:"))
    return tuple((f"{side}:{topic}", f"{side}:{topic}:", f"{side}1:{topic}") for topic in plain)


_WITH_STEP = {(step, same): f"{step}{'' if same else 'x'}" for step in range(len(_STEPS) + 1) for same in (False, True)}


def _side(found: Strengths, side: str, cues: Iterable[tuple[tuple[str, ...], int, bool]]) -> None:
    """Add the topics on one side, the nearest cue of each; `cues` come nearest first: topics, distance, whether in the clause."""
    nearest = True
    for topics, gap, same in cues:
        for name, stepped, first in _sided(side, topics):
            if name in found:
                continue
            found[stepped + _WITH_STEP[bisect_left(_STEPS, gap), same]] = 1.0
            found[name] = (1.0 if same else _OTHER_CLAUSE) / (1.0 + gap / _REACH)
            if nearest:
                found[first] = 1.0
        nearest = False


def _models(found: Strengths, reading: Reading, i: int, start: int, against: float) -> None:
    models = reading.mentioned(i)
    if models and (before := [model for model in models if model[0] < start]):
        low, _ = reading.sentences[i].clause_of(start)
        last = before[-1]
        found[f"pm={'own' if last[2] else 'other'}{'' if last[0] >= low else 'x'}"] = 1.0
    if against:
        found["rival"] = 1.0


def _magnitude(number: Number) -> tuple[str, ...]:
    """Return the features of a number's size."""
    if number.form in _NO_SIZE or not 0 < (size := number.size) < inf:
        return ()
    magnitude = f"mag={max(-9, min(15, floor(log10(size))))}"
    return (magnitude, "pow2") if size in _POWERS else (magnitude,)


@lru_cache(maxsize=4096)
def _written(form: str, bare: str, magnitude: tuple[str, ...], approximate: bool, is_range: bool) -> Layer:
    """Return the features of a number as it is written; not to be changed."""
    marks = [name for name, holds in (("approx", approximate), ("range", is_range)) if holds]
    return Layer(dict.fromkeys(("form=" + form, "bare=" + bare, *magnitude, *marks), 1.0))


def of_number(reading: Reading, i: int, shared: Iterable[Layer], words: Words, number: Number, around: Surroundings) -> Features:
    """Return the features of a number."""
    sentence = reading.sentences[i]
    features = Features(
        *shared,
        _clause(words, sentence, number.start),
        _context(words, number.start, number.end),
        _written(number.form, number.bare, _magnitude(number), number.approximate, bool(number.value_max)),
        _topics("kk:", around.key),
    )
    found = features.own
    for topic, strength in around.unit.items():
        found["u:" + topic] = strength
    for topic, strength in around.near.items():
        found["n:" + topic] = strength
    _sides(found, sentence, number.start, number.end)
    _models(found, reading, i, number.start, reading.owner(i, number.start).against)
    return features


def add_neighbour(found: Features, sentence: Sentence, number: Number, beside: Number, step: int) -> None:
    """Add the form of the number before (step -1) or after (1), and the signs between the two."""
    found[f"nb{step}={beside.form}"] = 1.0
    low, high = (beside.end, number.start) if step < 0 else (number.end, beside.start)
    if high - low < 12:
        found[f"nbg{step}={_SPACES.sub(' ', sentence.slice(low, high)).strip().casefold()}"] = 1.0


def of_group(
    reading: Reading, i: int, shared: Iterable[Layer], words: Words, group: Sequence[Name], near: Mapping[str, float]
) -> tuple[Layer, ...]:
    """Return the features that the names of one enumeration share."""
    found = Layer()
    start, end = group[0].start, group[-1].end
    _sides(found, reading.sentences[i], start, end)
    for topic, strength in near.items():
        found["n:" + topic] = strength
    for name in group:
        if not name.things:
            found["lk:"] = 1.0
        for thing in name.things:
            found["lk:" + thing.kind] = 1.0
            if thing.kind == "dataset":
                found[f"lu:{thing.facts.get('use')}"] = 1.0
    found[f"ln={min(5, len(group))}"] = 1.0
    return (*shared, _clause(words, reading.sentences[i], start), _context(words, start, end, "g"), found)


def of_name(reading: Reading, i: int, shared: Iterable[Layer], words: Words, name: Name, in_place: Mapping[str, float]) -> Features:
    """Return the features of a name; `shared` are those of its enumeration, `in_place` topics of the words right beside it."""
    features = Features(*shared, _context(words, name.start, name.end), _itself(name) if name.things else _of_unknown(name.text))
    found = features.own
    for topic, strength in in_place.items():
        found["ip:" + topic] = strength
    _models(found, reading, i, name.start, reading.owner(i, name.start).against)
    return features


def _itself(name: Name) -> Layer:
    """Return the features of a name that the catalogue knows."""
    things = tuple([(thing.kind, thing.facts.get("use"), thing.facts.get("role"), thing.in_context) for thing in name.things])
    return _of_known(things, _letters(name.text))


@lru_cache(maxsize=4096)
def _of_known(things: tuple[tuple[str, str | None, str | None, bool], ...], letters: tuple[str, ...]) -> Layer:
    """Return the features of the kind, use and role of things, and of how their name is written; not to be changed."""
    found = Layer(dict.fromkeys(letters, 1.0))
    for kind, use, role, _ in things:
        found["kind=" + kind] = 1.0
        found.update((f"{kind}.{fact}={value}", 1.0) for fact, value in (("use", use), ("role", role)) if value)
    if all(in_context for *_, in_context in things):
        found["inctx"] = 1.0
    return found


@lru_cache(maxsize=8192)
def _letters(text: str) -> tuple[str, ...]:
    found = ("upper",) if text.isupper() else ()
    return (*found, "dig") if any(c.isdigit() for c in text) else found


@lru_cache(maxsize=8192)
def _of_unknown(text: str) -> Layer:
    """Return the features of a name that the catalogue does not know; not to be changed."""
    last = re.split(r"[\s-]", text)[-1].casefold()
    pattern = re.sub(r"(.)\1+", r"\1", re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", re.sub(r"\d", "0", text))))
    found = [
        "unk",
        "shape=" + shape_of(text),
        f"nw={min(4, len(text.split()))}",
        "last=" + re.sub(r"\d+", "0", last),
        "suf=" + last[-3:],
    ]
    found.append("pat=" + pattern[:12])
    if is_organization(text):
        found.append("isorg")
    if is_shaped(text):
        found.append("shaped")
    return Layer(dict.fromkeys((*found, *_letters(text)), 1.0))


def of_value(reading: Reading, i: int, shared: Iterable[Layer], words: Words, cue: Cue, relation: str, value: str) -> Features:
    """Return the features of a word that may be the value of a relation (`cosine`)."""
    features = Features(*shared, _clause(words, reading.sentences[i], cue.start), _context(words, cue.start, cue.end))
    found = features.own
    found["v=" + value] = found["rel=" + relation] = 1.0
    _sides(found, reading.sentences[i], cue.start, cue.end)
    _models(found, reading, i, cue.start, reading.owner(i, cue.start).against)
    return features


def counts(reading: Reading) -> Counter[str]:
    """Return how often each name stands in the document, case folded."""
    named = (name for i, sentence in enumerate(reading.sentences) for name in (*sentence.names, *reading.shaped.get(i, ())))
    return Counter([name.text.casefold() for name in named])
