"""Numbers of a sentence -> mentions of quantities, and decided ones -> drafts with their units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from kg.extract.rules import features, quantities
from kg.extract.rules.canonical import YEAR, value_of
from kg.extract.rules.devices import add_devices
from kg.extract.rules.mention import Mention
from kg.extract.rules.numbers import Number
from kg.extract.rules.possible import of_number
from kg.extract.rules.quantities import Surroundings
from kg.extract.rules.reading import Draft, Owners, Reading
from kg.extract.rules.sentences import Sentence
from kg.extract.rules.words import Layer, Words

TAGGED = {"params": "parameterCount", "gpu_count": "acceleratorCount", "training": "duration", "year": "releaseYear"}
MODEL_RELATIONS = frozenset({"parameterCount", "releaseYear"})

_SPREAD = frozenset("acceleratorCount gradientAccumulationSteps warmupSteps steps epochs".split())
_HEDGING = frozenset("of to on with for using use uses used in than and by at well just slightly little totaling totalling".split())
_BEFORE = 40  # characters before a number in which the two words before it stand


def mentions(reading: Reading, i: int, shared: Sequence[Layer], words: Words, numbers: Sequence[Number]) -> Iterator[Mention]:
    """Yield `numbers` of sentence `i` with their features; those in tags have one relation."""
    sentence = reading.sentences[i]
    for k, number in enumerate(numbers):
        value = partial(_value, sentence, number)
        if forced := _forced(reading, sentence, number):
            relation, method = forced
            yield Mention(i, "number", number.start, number.end, (relation,), {}, value, number, forced=method)
            continue
        around = quantities.surroundings(sentence, number)
        add_devices(sentence, number, around)
        _add_own(reading, i, number, around)
        found = features.of_number(reading, i, shared, words, number, around)
        for step in (-1, 1):
            if 0 <= k + step < len(numbers):
                features.add_neighbour(found, sentence, number, numbers[k + step], step)
        possible = of_number(number, year=_may_be_year(sentence, number))
        yield Mention(i, "number", number.start, number.end, possible, found, value, number)


def _forced(reading: Reading, sentence: Sentence, number: Number) -> tuple[str, str] | None:
    """Return the relation and method that a tag, or a list of sizes behind a family's name, gives a number."""
    tag = reading.tag_at(number.start, number.end)
    relation = TAGGED.get(tag.name) if tag else None
    if relation and value_of(sentence, number, relation):  # not `<training>25,000 GPU hours</training>`: the words say what it is
        return relation, "tag"
    return ("parameterCount", "rule:number") if number.start in reading.models.sizes else None


def _value(sentence: Sentence, number: Number, relation: str) -> str | None:
    return value_of(sentence, _as_year(number) if relation == "releaseYear" else number, relation)


def draft(reading: Reading, mention: Mention, relation: str, value: str, score: float) -> Draft:
    """Return a decided number as a draft, with its unit and the upper end of its range."""
    sentence, number = reading.sentences[mention.sentence], mention.number
    made = Draft(relation, value, mention.start, mention.end, mention.forced or "rule:number", score)
    if number:
        made.unit = _unit(sentence, number, relation)
        made.approximate = number.approximate and not _spread(sentence, number, relation)
        made.value_max = value_of(sentence, replace(number, value=number.value_max), relation) if number.value_max else None
    return made


def _spread(sentence: Sentence, number: Number, relation: str) -> bool:
    """Return whether `over` says among how many something is spread (`accumulated over 4 steps`), and hedges nothing."""
    before = sentence.slice(max(sentence.start, number.start - _BEFORE), number.start).casefold().split()
    return relation in _SPREAD and len(before) > 1 and before[-1] == "over" and before[-2] not in _HEDGING


def in_order(reading: Reading, i: int, owners: Owners, place: int, same: Sequence[Mention]) -> Owners:
    """Give each of several models its own number where as many numbers as models stand in one list (`96 and 24 GPUs`).

    `same` are the numbers of sentence `i` of one relation, in order; `place` is which of them is meant.
    """
    if len(same) < 2:
        return owners
    first = same[0].start
    named = tuple(dict.fromkeys(own for start, _, own in reading.mentioned(i) if own and start < first))
    models: Owners = named if len(named) > 1 else owners
    if any(own and first < start < same[-1].start for start, _, own in reading.mentioned(i)):
        return owners  # `Tern-Small (125M) and Tern-Large (1.3B)`: each stands beside its model
    if len(same) != len(models) or (same[-1].end - first > 24 * len(same) and models != reading.models.own):
        return owners
    return (models[place],)


def _may_be_year(sentence: Sentence, number: Number) -> bool:
    return number.form == "integer" and bool(YEAR.fullmatch(sentence.slice(number.start, number.end)))


def _as_year(number: Number) -> Number:
    return replace(number, form="year") if number.form == "integer" else number


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
