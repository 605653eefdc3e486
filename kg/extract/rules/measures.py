"""Numbers of a sentence -> claims about quantities: each gets the relation that scores best; lists and pairs are read as such."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from kg.extract.rules import features, quantities
from kg.extract.rules.canonical import YEAR, value_of
from kg.extract.rules.compounds import joined
from kg.extract.rules.devices import add_devices
from kg.extract.rules.words import Features, Words
from kg.extract.rules.mention import Mention
from kg.extract.rules.numbers import Number
from kg.extract.rules.quantities import Surroundings
from kg.extract.rules.reading import TAG_SCORE, Draft, Owners, Reading
from kg.extract.rules.sentences import Sentence

TAGGED = {"params": "parameterCount", "gpu_count": "acceleratorCount", "training": "duration", "year": "releaseYear"}
MODEL_RELATIONS = frozenset({"parameterCount", "releaseYear"})
AGAINST = {"exclude": 0.5, "plan": 1.0, "ablation": 0.9, "infer": 0.8, "compare": 0.2, "evaluating": 0.6}
MOST = 1.25  # no words are so sure that a plan or an ablation could not outweigh them
_EVERY = re.compile(r"\b(?:every|epoch|patience of)\s$", re.I)
_SEPARATES = re.compile(r",\s|,?\s(?:and|or)\s|\s?/\s?|,\sand\s")
_ENDS_LIST = re.compile(r"\s*(?:[,.;:)/]|and\b|or\b|respectively|$)")
_ALIKE = {"words": "integer", "decimal": "science"}
_DOWN = re.compile(
    r"\s*(?:\([^)]*\)\s*)?(?:,?\s?(?:and\s)?(?:then\s)?"
    r"(?:down |falling |decaying |annealed |decayed |linearly |decreasing |decays )?"
    r"(?:to|until|→|->|–>)\s*(?:a\s|the\s)?(?:final\s|minimum\s)?(?:value\sof\s|of\s)?)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number decided: its relation, canonical value and score."""

    relation: str
    value: str
    score: float
    number: Number


@dataclass(frozen=True, slots=True)
class Weighed:
    """A number with its surroundings: what the hand-written weights make of it, what speaks against a fact, the relation a tag gives it."""

    number: Number
    around: Surroundings
    ranked: list[tuple[float, str]]
    against: float
    tagged: str | None


def mentions(reading: Reading, i: int, shared: Features, words: Words) -> Iterator[Mention]:
    """Yield the numbers of sentence `i` with their features; those in tags have one relation."""
    sentence = reading.sentences[i]
    weighed = [_weigh(reading, i, number) for number in joined(sentence)]
    ruled = {m.number.start: m for m in _paired(sentence, _decide(sentence, weighed))}
    for k, w in enumerate(weighed):
        number = w.number
        best = ruled.get(number.start)
        value = partial(_value, sentence, number)
        if best and best.score >= TAG_SCORE:
            yield Mention(
                i,
                "number",
                number.start,
                number.end,
                (best.relation,),
                {},
                value,
                number,
                forced="tag" if w.tagged else "rule:quantity",
            )
            continue
        ranked = [(best.score + w.against, best.relation), *(r for r in w.ranked if r[1] != best.relation)] if best else w.ranked
        found = features.of_number(reading, i, shared, words, number, w.around, ranked, w.against, quantities.THRESHOLD)
        for step in (-1, 1):
            if 0 <= k + step < len(weighed):
                beside = weighed[k + step].number
                features.add_neighbour(found, sentence, number, beside, _relation(ruled.get(beside.start)), step)
        yield Mention(
            i,
            "number",
            number.start,
            number.end,
            quantities.possible(number, years=_may_be_year(sentence, number)),
            found,
            value,
            number,
        )


def _relation(measured: Measured | None) -> str:
    return measured.relation if measured and measured.score >= quantities.THRESHOLD else "none"


def _value(sentence: Sentence, number: Number, relation: str) -> str | None:
    return value_of(sentence, _as_year(number) if relation == "releaseYear" else number, relation)


def draft(reading: Reading, mention: Mention, relation: str, value: str, score: float) -> Draft:
    """Return a decided number as a draft, with its unit and the upper end of its range."""
    sentence, number = reading.sentences[mention.sentence], mention.number
    made = Draft(relation, value, mention.start, mention.end, mention.forced or "rule:quantity", score)
    if number:
        made.unit, made.approximate = _unit(sentence, number, relation), number.approximate
        made.value_max = value_of(sentence, replace(number, value=number.value_max), relation) if number.value_max else None
    return made


def in_order(reading: Reading, i: int, owners: Owners, place: int, same: Sequence[Mention]) -> Owners:
    """Give each of several models its own number where as many numbers as models stand in one list (`96 and 24 GPUs`).

    `same` are the numbers of sentence `i` of one relation, in order; `place` is which of them is meant.
    """
    if len(same) < 2:
        return owners
    first = same[0].start
    named = tuple(dict.fromkeys(own for start, _, own in reading.mentioned(i) if own and start < first))
    models: Owners = named if len(named) > 1 else owners
    if len(same) != len(models) or (same[-1].end - first > 24 * len(same) and models != reading.models.own):
        return owners
    return (models[place],)


def _decide(sentence: Sentence, weighed: Sequence[Weighed]) -> list[Measured]:
    numbers = [w.number for w in weighed]
    decided = [_best(sentence, w) for w in weighed]
    for k in (*range(1, len(numbers)), *range(len(numbers) - 2, -1, -1)):
        for j in (k - 1, k + 1):
            if 0 <= j < len(numbers) and _is_weak(decided[k]):
                decided[k] = _listed(sentence, numbers, decided[j], k, j) or decided[k]
    return [measured for measured in decided if measured]


def _is_weak(measured: Measured | None) -> bool:
    return measured is None or measured.score < quantities.THRESHOLD


def _weigh(reading: Reading, i: int, number: Number) -> Weighed:
    sentence = reading.sentences[i]
    tag = reading.tag_at(number.start, number.end)
    tagged = TAGGED.get(tag.name) if tag else None
    forced = tagged or ("parameterCount" if number.start in reading.models.sizes else None)
    around = quantities.surroundings(sentence, number)
    add_devices(sentence, number, around)
    _add_own(reading, i, number, around)
    if tagged and value_of(sentence, number, tagged) is None:
        tagged = forced = None  # `<training>25,000 GPU hours</training>`: the words say what it is
    if forced:
        return Weighed(number, around, [(TAG_SCORE, forced)], 0.0, tagged)
    if _EVERY.search(sentence.slice(max(sentence.start, number.start - 12), number.start)):
        return Weighed(number, around, [], 0.0, None)
    against = sum(around.near.get(topic, 0.0) * weight for topic, weight in AGAINST.items())
    return Weighed(number, around, _ranked(sentence, number, around), against, None)


def _best(sentence: Sentence, w: Weighed) -> Measured | None:
    for score, relation in w.ranked[:2]:
        if value := value_of(sentence, w.number, relation):
            return Measured(relation, value, score if score >= TAG_SCORE else min(score, MOST) - w.against, w.number)
    return None


def _ranked(sentence: Sentence, number: Number, around: Surroundings) -> list[tuple[float, str]]:
    """Return the scores of a number, and of the year it may be, best first."""
    ranked = quantities.scores(number, around)
    if _may_be_year(sentence, number):
        ranked = sorted((*ranked, *quantities.scores(_as_year(number), around)), key=quantities.best_first)
    return ranked


def _may_be_year(sentence: Sentence, number: Number) -> bool:
    return number.form == "integer" and bool(YEAR.fullmatch(sentence.slice(number.start, number.end)))


def _as_year(number: Number) -> Number:
    return replace(number, form="year") if number.form == "integer" else number


def _listed(sentence: Sentence, numbers: list[Number], neighbour: Measured | None, k: int, j: int) -> Measured | None:
    """Let a number without a role take that of its neighbour in a list (`batches of 512 and 128`)."""
    if (
        neighbour is None
        or neighbour.score < quantities.THRESHOLD
        or neighbour.score >= TAG_SCORE
        or neighbour.relation == "releaseYear"
    ):
        return None
    a, b = (numbers[k], numbers[j]) if k < j else (numbers[j], numbers[k])
    goes_on = _SEPARATES if k < j else _ENDS_LIST
    if not goes_on.match(sentence.text, numbers[k].end, sentence.end) or _ALIKE.get(a.form, a.form) != _ALIKE.get(b.form, b.form):
        return None
    value = value_of(sentence, numbers[k], neighbour.relation) if _SEPARATES.fullmatch(sentence.slice(a.end, b.start)) else None
    return replace(neighbour, value=value, number=numbers[k], score=neighbour.score - 0.05) if value else None


def _add_own(reading: Reading, i: int, number: Number, around: Surroundings) -> None:
    """Add how near a name of the report's own models stands before the number."""
    gaps = [number.start - end for _, end, own in reading.mentioned(i) if own and end <= number.start]
    if gaps:
        around.near["own"] = 1 / (1 + min(gaps) / quantities.REACH)


def _unit(sentence: Sentence, number: Number, relation: str) -> str | None:
    """Return what is counted (`image-text pairs`)."""
    if relation not in {"trainingExamples", "globalBatchSize"}:
        return None
    for cue in sentence.cues:
        if cue.start >= number.end and "example_unit" in cue.topics and cue.start - number.end < 48:
            return " ".join(sentence.slice(number.end, cue.end).split()).strip("-, ").casefold() or None
    return None


RATES = frozenset({"peakLearningRate", "minLearningRate"})


def _paired(sentence: Sentence, found: list[Measured]) -> list[Measured]:
    """Read `from 5e-6 to 1e-6` as a peak and a minimum, `0 to 3e-4` as a peak alone, `from 1k to 4k` as the last batch."""
    out = list(found)
    for k in range(len(found) - 1):
        a, b = found[k], found[k + 1]
        rates = {a.relation, b.relation} <= RATES
        if not (rates or a.relation == "globalBatchSize") or not _DOWN.fullmatch(sentence.slice(a.number.end, b.number.start)):
            continue
        score = max(a.score, b.score)
        if rates and b.number.size < a.number.size:
            out[k], out[k + 1] = replace(a, relation="peakLearningRate"), replace(b, relation="minLearningRate", score=score)
        else:
            relation = "peakLearningRate" if rates else a.relation
            value = b.value if rates else value_of(sentence, b.number, relation)
            if value is None:
                continue
            out[k], out[k + 1] = replace(a, score=0.0), replace(b, relation=relation, value=value, score=score)
    return out
