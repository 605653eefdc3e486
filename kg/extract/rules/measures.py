"""Numbers of a sentence -> claims about quantities: durations, resolutions, years, counts, rates, batches, sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kg.extract.rules import quantities
from kg.extract.rules.lexicon import Name
from kg.extract.rules.numbers import Number
from kg.extract.rules.quantities import Surroundings
from kg.extract.rules.reading import Reading
from kg.extract.rules.sentences import Sentence
from kg.model import Claim
from kg.values import duration_of, plain_decimal, scientific

TAGGED = {"params": "parameterCount", "gpu_count": "acceleratorCount", "training": "duration", "year": "releaseYear"}
RATES = frozenset({"peakLearningRate", "minLearningRate", "weightDecay"})
INTEGERS = frozenset(
    "parameterCount acceleratorCount trainingExamples warmupSteps globalBatchSize perDeviceBatchSize gradientAccumulationSteps steps".split()
)
MODEL_RELATIONS = frozenset({"parameterCount", "releaseYear"})
AGAINST = {"exclude": 0.5, "plan": 1.0, "ablation": 0.9, "infer": 0.8, "compare": 0.2, "evaluating": 0.6}
MOST = 1.25
_TIME = re.compile(
    r"[\s-]?(?:(?P<month>months?)|(?P<week>weeks?|wks?)|(?P<day>days?|d)|(?P<hour>hours?|hrs?\.?|hr|h)|(?P<minute>minutes?|mins?|min)|(?P<year>years?))(?![\w/])", re.I
)
_RESOLUTION = re.compile(r"\s?(?:x|×|\*|-?by-?)\s?", re.I)
_FLOP_UNITS = (("peta", "day", 19.936514), ("pf", "day", 19.936514), ("zetta", "", 21), ("exa", "", 18), ("peta", "", 15), ("tera", "", 12), ("yotta", "", 24), ("eflop", "", 18), ("zflop", "", 21))


@dataclass(frozen=True, slots=True)
class Measured:
    """A number decided: its relation, canonical value, score and the runner-up's."""

    relation: str
    value: str
    score: float
    number: Number
    unit: str | None = None
    value_max: str | None = None
    method: str = "rule:quantity"


def claims(reading: Reading, i: int) -> Iterator[Claim]:
    """Yield the claims that the numbers of sentence `i` make; the score says how sure."""
    sentence = reading.sentences[i]
    decided = _paired_rates(sentence, list(_decide(reading, i)))
    for measured in decided:
        number = measured.number
        owner = reading.owner(i, number.start, about_model=measured.relation in MODEL_RELATIONS)
        tagged = measured.method == "tag"
        for model in _in_order(reading, owner.models, measured, decided):
            yield Claim(
                report=reading.document.id,
                model=model,
                relation=measured.relation,
                value=measured.value,
                start=number.start,
                end=number.end,
                mention=reading.document.source[number.start : number.end],
                stage=reading.stage(i, number.start) if reading.schema.relation(measured.relation).domain != "Model" else None,
                unit=measured.unit,
                approximate=number.approximate,
                value_max=measured.value_max,
                method=measured.method,
                score=3.0 if tagged else measured.score - owner.against,
            )


def _in_order(reading: Reading, owners: tuple[str | None, ...], measured: Measured, decided: list[Measured]) -> tuple[str | None, ...]:
    """Give each of several models its own number where as many numbers as models stand in one sentence (`96 and 24 GPUs`)."""
    same = [m for m in decided if m.relation == measured.relation and m.score >= quantities.THRESHOLD]
    if len(owners) < 2 or len(same) != len(owners) or owners != reading.models.own or measured not in same:
        return owners
    return (owners[same.index(measured)],)


def _decide(reading: Reading, i: int) -> Iterator[Measured]:
    sentence = reading.sentences[i]
    numbers = _joined(sentence)
    decided = [_best(reading, i, number) for number in numbers]
    for k in (*range(1, len(numbers)), *range(len(numbers) - 2, -1, -1)):
        for j in (k - 1, k + 1):
            if 0 <= j < len(numbers) and decided[k] is None and (shared := _listed(sentence, numbers, decided, k, j)):
                decided[k] = shared
    yield from (measured for measured in decided if measured)


def _best(reading: Reading, i: int, number: Number) -> Measured | None:
    sentence = reading.sentences[i]
    tag = reading.tag_at(number.start, number.end)
    wanted = TAGGED.get(tag.name) if tag else None
    around = _with_own(reading, i, number, _with_accelerators(sentence, number, quantities.surroundings(sentence, number)))
    around = _per_node(sentence, number, around)
    against = sum(around.near.get(topic, 0.0) * weight for topic, weight in AGAINST.items())
    ranked = [pair for form in _forms(sentence, number) for pair in quantities.scores(form, around)]
    ranked.sort(key=_by_score)
    forced = wanted or ("parameterCount" if number.start in reading.models.sizes else None)
    if forced:
        ranked = [(2.0, forced)]
    if _EVERY.search(sentence.slice(max(sentence.start, number.start - 12), number.start)) and not wanted:
        return None
    for score, relation in ranked[:2]:
        if value := _value(sentence, number, relation):
            unit = _unit(sentence, number) if relation in {"trainingExamples", "globalBatchSize"} else None
            top = _value(sentence, replace(number, value=number.value_max), relation) if number.value_max else None
            score = score if forced else min(score, MOST) - against
            return Measured(relation, value, score, number, unit, top, "tag" if wanted else "rule:quantity")
    return None


_EVERY = re.compile(r"\b(?:every|epoch|patience of)\s$", re.I)
_LISTED = re.compile(r",\s|,?\s(?:and|or)\s|\s?/\s?|,\sand\s")
_ENDS_LIST = re.compile(r"\s*(?:[,.;:)/]|and\b|or\b|respectively|$)")
_ALIKE = {"words": "integer", "decimal": "science"}


def _listed(sentence: Sentence, numbers: list[Number], decided: list[Measured | None], k: int, j: int) -> Measured | None:
    """Let a number without a role take that of its neighbour in a list (`batches of 512 and 128`)."""
    neighbour = decided[j]
    if neighbour is None or neighbour.score < quantities.THRESHOLD or neighbour.method == "tag":
        return None
    a, b = sorted((numbers[k], numbers[j]), key=lambda n: n.start)
    if k < j and not _LISTED.match(sentence.text, numbers[k].end, sentence.end):
        return None
    if k > j and not _ENDS_LIST.match(sentence.text, numbers[k].end, sentence.end):
        return None
    alike = _ALIKE.get(a.form, a.form) == _ALIKE.get(b.form, b.form)
    if not alike or not _LISTED.fullmatch(sentence.slice(a.end, b.start)) or neighbour.relation == "releaseYear":
        return None
    value = _value(sentence, numbers[k], neighbour.relation)
    return replace(neighbour, value=value, number=numbers[k], score=neighbour.score - 0.05, method="rule:listed") if value else None


def _joined(sentence: Sentence) -> list[Number]:
    """Turn numbers with a unit of time, `N x M`, and machines times devices into mentions of their own form."""
    found: list[Number] = []
    numbers = sentence.numbers
    skip = -1
    for k, number in enumerate(numbers):
        if number.start < skip:
            continue
        following = numbers[k + 1] if k + 1 < len(numbers) else None
        joined = (following and (_resolution(sentence, number, following) or _product(sentence, number, following))) or _duration(sentence, numbers, k)
        if joined:
            skip = joined.end
        found.append(joined or number)
    return sorted((*found, *_plain_durations(sentence)), key=lambda n: n.start)


_TIMES = re.compile(
    r"\s?(?:x|×|\*)\s?|\s(?:[\w.]+\s){0,2}?(?:nodes?|servers?|machines?|instances?|hosts?|boxes)\s?"
    r"(?:\s(?:with|of|,?\s?each\s(?:with|containing|having|carrying|equipped\swith))\s|,\seach\s(?:with|having|carrying|containing)\s|×\s?|x\s|\()",
    re.I,
)


def _product(sentence: Sentence, machines: Number, devices: Number) -> Number | None:
    """Multiply `16 nodes with 8 A100s each` and `4 x 8 H100`."""
    if machines.form not in {"integer", "words"} or devices.form not in {"integer", "words"} or machines.scaled or devices.scaled:
        return None
    if not _TIMES.fullmatch(sentence.slice(machines.end, devices.start)) or devices.size > 128 or machines.size > 20000:
        return None
    after = quantities.surroundings(sentence, devices).unit
    named = any(n.start >= devices.end and _TO_NAME.fullmatch(sentence.slice(devices.end, n.start)) for n in accelerator_names(sentence.names))
    if "device" not in after and not named:
        return None
    return Number(machines.start, devices.end, str(int(machines.size * devices.size)), "integer", bare="product")


def _resolution(sentence: Sentence, width: Number, height: Number) -> Number | None:
    if width.form != "integer" or height.form != "integer" or not 16 <= width.size <= 20000 or height.size < 16:
        return None
    if not _RESOLUTION.fullmatch(sentence.slice(width.end, height.start)):
        return None
    return Number(width.start, height.end, f"{width.value}x{height.value}", "resolution")


_A_TIME = re.compile(r"\b(?P<half>half\s)?an?\s(?:single\s|whole\s|full\s)?(?P<unit>fortnight|hour|day|week|month|year)\b(?!\s(?:of\s(?!training|compute)|ago|later|per))", re.I)


def _plain_durations(sentence: Sentence) -> Iterator[Number]:
    """Yield `a week`, `half a day`, `a fortnight`."""
    if not any("took" in cue.topics for cue in sentence.cues):
        return
    for match in _A_TIME.finditer(sentence.text, sentence.start, sentence.end):
        unit = match["unit"].casefold()
        value = "P14D" if unit == "fortnight" else duration_of("0.5" if match["half"] else "1", unit)
        if value and not _PER.search(sentence.slice(max(sentence.start, match.start() - 14), match.start())):
            yield Number(match.start(), match.end(), value, "duration", approximate=True, bare="a")


_PER = re.compile(r"\b(?:once|twice|times|hours|tokens|dollars|every|per|per)\s$", re.I)


def _by_score(item: tuple[float, str]) -> tuple[float, str]:
    return -item[0], item[1]


def _forms(sentence: Sentence, number: Number) -> tuple[Number, ...]:
    """Return the number, and the year it may be."""
    year = _year(sentence, number)
    return (number, year) if year else (number,)


def _duration(sentence: Sentence, numbers: list[Number], k: int) -> Number | None:
    number = numbers[k]
    if number.form == "clock":
        hours, minutes, seconds = number.value.split(":")
        return Number(number.start, number.end, f"PT{int(hours)}H{int(minutes)}M", "duration")
    unit = _TIME.match(sentence.text, number.end, sentence.end)
    if quantities.is_media(sentence, number):
        return None
    if not unit or number.form in {"percent", "science"} or number.scaled:
        return None
    if re.match(r"[\s-]*(?:of|per)\b|[\s-]+(?:old|ago)\b", sentence.text[unit.end() : unit.end() + 8]):
        return None
    value = duration_of(number.value, unit.lastgroup or "")
    end = unit.end()
    top = duration_of(number.value_max, unit.lastgroup or "") if number.value_max else None
    if k + 1 < len(numbers) and re.fullmatch(r",?\s(?:and\s)?", sentence.slice(end, numbers[k + 1].start)) and value and "T" not in value:
        rest = _TIME.match(sentence.text, numbers[k + 1].end, sentence.end)
        if rest and rest.lastgroup in {"hour", "minute"}:
            value, end = value + "T" + (duration_of(numbers[k + 1].value, rest.lastgroup) or "PT")[2:], rest.end()
    return Number(number.start, end, value, "duration", approximate=number.approximate, value_max=top) if value else None


NOT_YEARS = frozenset({"parameterCount", "trainingExamples"})
_NAMED_YEAR = re.compile(r"(?:[A-Z]\w+|\b(?:since|in|until|from|to|and|early|late|of|for|year))\s$")
_YEAR = re.compile(r"(?:19[89]|20[0-4])\d")


def _year(sentence: Sentence, number: Number) -> Number | None:
    text = sentence.slice(number.start, number.end)
    if number.form == "integer" and _YEAR.fullmatch(text):
        return Number(number.start, number.end, text, "year", approximate=number.approximate)
    return None


_TO_NAME = re.compile(r"\s?(?:x|×|\*)?\s*(?:of the|of|units of)?\s*(?:(?:NVIDIA|AMD|Google|Intel|Huawei|Cloud|Tesla|dedicated|single|identical|rented|interconnected|new|old)\s)*", re.I)
_DEVICE_TIME = re.compile(r"[\s-]*(?:GPUs?|TPUs?|chips?|core|device|card)?[\s-]*(?:hours?|hrs?|h|days?)\b", re.I)
_FROM_NAME = re.compile(r"(?:\sGPUs?|\scards?)?\s?[(\[]?\s?(?:x|×|\*|,)\s?[(\[]?", re.I)


def _with_accelerators(sentence: Sentence, number: Number, around: Surroundings) -> Surroundings:
    """Count the name of an accelerator right after (`8 x A100`) or before (`A100 x 8`) as the unit."""
    for name in sentence.names:
        if not name.thing("accelerator"):
            continue
        after = name.start >= number.end and _TO_NAME.fullmatch(sentence.slice(number.end, name.start))
        before = name.end <= number.start and _FROM_NAME.fullmatch(sentence.slice(name.end, number.start))
        if after or before:
            hours = _DEVICE_TIME.match(sentence.text, name.end, sentence.end) if after else None
            unit = {"device_time": 1.0} if hours else {"accelerator": 1.0}
            return replace(around, unit=unit)
    return around


_EACH_AFTER = re.compile(r"[^.;,()]{0,45}\b(?:each|apiece|per (?:node|machine|server|instance))\b", re.I)
_EACH_BEFORE = re.compile(
    r"(?:\b(?:each|every|per)\b[\w\s]{0,24}|\b(?:nodes?|servers?|machines?|instances?|boxes|hosts)\s(?:with|of|,?\s?each\s(?:with|carrying|holding|having))\s)$", re.I
)
_ON_ONE = re.compile(r"\b(?:on|with|using|of|to)\s(?:only\s|just\s|a\s)*$", re.I)
_OF_THEM = re.compile(r"\s(?:only\s)?of\s(?:the|these|those|our|them)\b(?:\ssame)?", re.I)


def _per_node(sentence: Sentence, number: Number, around: Surroundings) -> Surroundings:
    """Mark a count that is one machine's (`48 nodes with 8 H100 each`), and one taken of devices named before (`16 of the GPUs`)."""
    if number.bare == "product":
        return around
    if number.value == "1" and "accelerator" not in around.unit and not _ON_ONE.search(sentence.slice(max(sentence.start, number.start - 16), number.start)):
        return replace(around, unit={topic: v for topic, v in around.unit.items() if topic != "device"}, near={**around.near, "per_node": 1.5})
    if not {"accelerator", "device"}.isdisjoint(around.unit):
        before = sentence.slice(max(sentence.start, number.start - 40), number.start)
        if _EACH_BEFORE.search(before) or _EACH_AFTER.match(sentence.text, number.end, sentence.end):
            return replace(around, near={**around.near, "per_node": 1.5})
    elif number.form in {"integer", "words"} and number.bare != "product" and (match := _OF_THEM.match(sentence.text, number.end, sentence.end)):
        after = sentence.topics_in(match.end(), min(sentence.end, match.end() + 24))
        named = any(n.start - match.end() < 12 for n in accelerator_names(sentence.names) if n.start >= match.end())
        if "device" in after or named or match[0].casefold().endswith("them"):
            return replace(around, unit={"device": 1.0})
    return around


def _with_own(reading: Reading, i: int, number: Number, around: Surroundings) -> Surroundings:
    """Add how near a name of the report's own models stands before the number."""
    gaps = [number.start - end for _, end, own in reading.mentioned(i) if own and end <= number.start]
    return replace(around, near={**around.near, "own": 1 / (1 + min(gaps) / quantities.REACH)}) if gaps else around


def _value(sentence: Sentence, number: Number, relation: str) -> str | None:
    value = number.value
    if relation in {"duration", "releaseYear"}:
        return value if relation == "duration" and number.form == "duration" or relation == "releaseYear" and _YEAR.fullmatch(value) else None
    if relation == "imageResolution":
        return value if number.form == "resolution" else f"{value}x{value}" if number.form == "integer" and not number.scaled else None
    if number.form in {"clock", "duration", "year", "resolution"}:
        return None
    if relation == "warmupFraction":
        share = plain_decimal(str(float(value) / 100)) if number.form == "percent" else value
        return share if 0 < float(share) <= 1 else None
    if relation in RATES:
        return scientific(plain_decimal(str(float(value) / 100)) if number.form == "percent" else value)
    if relation == "trainingCompute":
        return _compute(sentence, number)
    if relation == "acceleratorHours":
        after = sentence.slice(number.end, min(sentence.end, number.end + 30)).casefold()
        return plain_decimal(str(float(value) * 24)) if re.match(r"[\s\w-]*?\bdays?\b", after) else value
    if relation in NOT_YEARS and _YEAR.fullmatch(sentence.slice(number.start, number.end)) and _NAMED_YEAR.search(sentence.slice(max(sentence.start, number.start - 20), number.start)):
        return None
    if relation in INTEGERS:
        return value if "." not in value else None
    return value


def _compute(sentence: Sentence, number: Number) -> str | None:
    after = sentence.slice(number.end, min(sentence.end, number.end + 32)).casefold().lstrip()
    for start, needs, power in _FLOP_UNITS:
        if after.startswith(start) and needs in after[:24]:
            return scientific(plain_decimal(f"{number.size * 10**power:.6e}"))
    return scientific(number.value) if number.size >= 1e9 else None


def _unit(sentence: Sentence, number: Number) -> str | None:
    for cue in sentence.cues:
        if cue.start >= number.end and "example_unit" in cue.topics and cue.start - number.end < 48:
            return " ".join(sentence.slice(number.end, cue.end).split()).strip("-, ").casefold() or None
    return None


_DOWN = re.compile(r"\s*(?:\([^)]*\)\s*)?(?:,?\s?(?:and\s)?(?:then\s)?(?:down |falling |decaying |annealed |decayed |linearly |decreasing |decays )?(?:to|until|→|->|–>)\s*(?:a\s|the\s)?(?:final\s|minimum\s)?(?:value\sof\s|of\s)?)", re.I)


def _paired_rates(sentence: Sentence, found: list[Measured]) -> list[Measured]:
    """Read `from 5e-6 to 1e-6` as a peak and a minimum, `from 0 to 3e-4` as a peak alone."""
    out = list(found)
    for k in range(len(found) - 1):
        a, b = found[k], found[k + 1]
        if a.relation == "globalBatchSize" and _DOWN.fullmatch(sentence.slice(a.number.end, b.number.start)):
            out[k], out[k + 1] = replace(a, score=0.0), replace(b, relation=a.relation, value=b.number.value, score=max(a.score, b.score))
        elif {a.relation, b.relation} <= {"peakLearningRate", "minLearningRate"} and _DOWN.fullmatch(sentence.slice(a.number.end, b.number.start)):
            if b.number.size < a.number.size:
                out[k], out[k + 1] = replace(a, relation="peakLearningRate"), replace(b, relation="minLearningRate", score=max(b.score, a.score))
            else:
                out[k], out[k + 1] = replace(a, score=0.0), replace(b, relation="peakLearningRate", score=max(a.score, b.score))
    return out


def accelerator_names(names: list[Name]) -> list[Name]:
    """Return the names that are accelerators."""
    return [name for name in names if name.thing("accelerator")]
