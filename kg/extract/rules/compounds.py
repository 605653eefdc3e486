"""Numbers that are read together: `2 days 4 h`, `16 nodes with 8 A100s`, `224 by 224`, `half a day`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.extract.rules import quantities
from kg.extract.rules.devices import counts_devices
from kg.extract.rules.numbers import Number
from kg.extract.rules.sentences import Sentence
from kg.values import canonical_duration, duration_of

_TIME = re.compile(
    r"[\s-]?(?:(?P<month>months?)|(?P<week>weeks?|wks?)|(?P<day>days?|d)|(?P<hour>hours?|hrs?\.?|hr|h)"
    r"|(?P<minute>minutes?|mins?|min)|(?P<year>years?))(?![\w/])",
    re.I,
)
_NO_TIME = re.compile(
    r"[\s-]*(?:of\b(?!\s+(?:[\w-]+\s){0,2}(?:training|pre-?training|fine-?tuning|tuning|learning|compute|computation|computing|optimi[sz]ation"
    r"|calculation|running|self-supervision|wall)\b)|per\b)|[\s-]+(?:old|ago)\b"
)
_RESOLUTION = re.compile(r"\s?(?:x|×|\*|-?by-?)\s?", re.I)
_TIMES = re.compile(
    r"\s?(?:x|×|\*)\s?|\s(?:[\w.]+\s){0,2}?(?:nodes?|servers?|machines?|instances?|hosts?|boxes)\s?"
    r"(?:\s(?:with|of|,?\s?each\s(?:with|containing|having|carrying|equipped\swith))\s"
    r"|,\seach\s(?:with|having|carrying|containing)\s|×\s?|x\s|\()",
    re.I,
)
IN_ONE = 16  # accelerators of one machine, at most
_A_TIME = re.compile(
    r"\b(?P<half>half\s)?an?\s(?:single\s|whole\s|full\s)?(?P<unit>fortnight|hour|day|week|month|year)\b"
    r"(?!\s(?:of\s(?!training|compute)|ago|later|per))",
    re.I,
)
_AND_A_HALF = re.compile(r"\sand\s(?:(?P<half>a\shalf)|an?\s(?P<unit>day|hour|week|month|minute))\b", re.I)
_INSIDE = {("week", "day"): 7, ("day", "hour"): 24, ("hour", "minute"): 60, ("month", "day"): 30}
_TIME_LABEL = re.compile(
    r"\b(?:(?P<day>days?)|(?P<hour>hours?|hrs?)|(?P<week>weeks?)|(?P<month>months?)|(?P<minute>minutes?))\b", re.I
)
_NO_TIME_TOPICS = frozenset({"device_time", "media", "example_unit", "step_word", "epoch_word", "infer"})
_ALONE = re.compile(r"[\s*_`~≈≤<>†‡]*0[\s*_`†‡]*")
_SMALLER = {"year": ("month",), "month": ("day",), "day": ("hour", "minute"), "hour": ("minute",)}
_PER = re.compile(r"\b(?:once|twice|times|hours|tokens|dollars|every|per)\s$", re.I)


def joined(sentence: Sentence) -> list[Number]:
    """Return the numbers of a sentence, those that belong together as one mention of a form of its own."""
    found: list[Number] = []
    numbers = sentence.numbers
    if not numbers:
        return list(_plain_durations(sentence))
    skip = -1
    for k, number in enumerate(numbers):
        if number.start < skip:
            continue
        one = _pair(sentence, numbers, k) or _duration(sentence, numbers, k)
        if one:
            skip = one.end
        found.append(one or number)
    alone = (n for n in _plain_durations(sentence) if not any(low.start < n.end and n.start < low.end for low in found))
    return sorted((*found, *alone), key=lambda n: n.start)


def _pair(sentence: Sentence, numbers: list[Number], k: int) -> Number | None:
    if k + 1 == len(numbers):
        return None
    return _resolution(sentence, numbers[k], numbers[k + 1]) or _product(sentence, numbers[k], numbers[k + 1])


def _product(sentence: Sentence, machines: Number, devices: Number) -> Number | None:
    """Multiply `16 nodes with 8 A100s each` and `4 x 8 H100`."""
    if not (machines.is_count and devices.is_count) or devices.size > 128 or machines.size > 20000:
        return None
    between = sentence.slice(machines.end, devices.start)
    if not _TIMES.fullmatch(between) or not counts_devices(sentence, devices):
        return None
    if between.endswith("(") and devices.size > IN_ONE:
        return None  # `four nodes (32 A100)`: the number in brackets is the total
    return Number(machines.start, devices.end, str(int(machines.size * devices.size)), "integer", bare="product")


def _resolution(sentence: Sentence, width: Number, height: Number) -> Number | None:
    if width.form != "integer" or height.form != "integer" or not 16 <= width.size <= 20000 or height.size < 16:
        return None
    if not _RESOLUTION.fullmatch(sentence.slice(width.end, height.start)):
        return None
    return Number(width.start, height.end, f"{width.value}x{height.value}", "resolution")


def _plain_durations(sentence: Sentence) -> Iterator[Number]:
    """Yield `a week`, `half a day`, `a fortnight`."""
    for cue in sentence.cues:
        if "took" in cue.topics:
            break
    else:
        return
    for match in _A_TIME.finditer(sentence.text, sentence.start, sentence.end):
        unit = match["unit"].casefold()
        value = "P14D" if unit == "fortnight" else duration_of("0.5" if match["half"] else "1", unit)
        if value and not _PER.search(sentence.slice(max(sentence.start, match.start() - 14), match.start())):
            yield Number(match.start(), match.end(), value, "duration", approximate=True, bare="a")


def _duration(sentence: Sentence, numbers: list[Number], k: int) -> Number | None:
    number = numbers[k]
    if number.form == "clock":
        hours, minutes, _ = number.value.split(":")
        return Number(number.start, number.end, f"PT{int(hours)}H{int(minutes)}M", "duration")
    unit = _TIME.match(sentence.text, number.end, sentence.end)
    if not unit and sentence.is_labelled:
        return _by_label(sentence, number)
    if not unit or number.form in {"percent", "science", "resolution"} or number.scaled or quantities.is_media(sentence, number):
        return None
    if _NO_TIME.match(sentence.text, unit.end(), unit.end() + 48):
        return None
    name = unit.lastgroup or ""
    value = duration_of(number.value, name)
    if (more := _AND_A_HALF.match(sentence.text, unit.end(), sentence.end)) and (longer := _added(number, name, more)):
        return Number(number.start, more.end(), longer, "duration", approximate=number.approximate)
    top = duration_of(number.value_max, name) if number.value_max else None
    end = unit.end()
    if value and (rest := _rest(sentence, numbers, k, name, end)):
        value, end = canonical_duration(value + rest[0].removeprefix("PT" if "T" in value else "P")), rest[1]
    return Number(number.start, end, value, "duration", approximate=number.approximate, value_max=top) if value else None


def _added(number: Number, unit: str, more: re.Match[str]) -> str | None:
    """Return a duration with the half or the one smaller unit that words add to it (`two weeks and a day`)."""
    if more["half"]:
        return duration_of(str(float(number.value) + 0.5), unit)
    inside = _INSIDE.get((unit, more["unit"].casefold()))
    return duration_of(str(float(number.value) * inside + 1), more["unit"].casefold()) if inside else None


def _by_label(sentence: Sentence, number: Number) -> Number | None:
    """Return the duration that a bare number is by the unit in its key or label (`| Days | 30 |`)."""
    segment = sentence.segment
    if not number.is_count and number.form != "decimal":
        return None
    if sentence.key_topics & _NO_TIME_TOPICS or not _ALONE.fullmatch(
        sentence.slice(segment.start, number.start) + "0" + sentence.slice(number.end, segment.end)
    ):
        return None
    unit = next((m for label in (segment.row, segment.column) if (m := _TIME_LABEL.search(label))), None)
    value = duration_of(number.value, unit.lastgroup or "") if unit else None
    return Number(number.start, number.end, value, "duration", approximate=number.approximate) if value else None


def _rest(sentence: Sentence, numbers: list[Number], k: int, unit: str, end: int) -> tuple[str, int] | None:
    """Return the smaller part of `2 days 4 h` or `1 month and 10 days`, and where it ends."""
    if k + 1 == len(numbers) or not re.fullmatch(r",?\s(?:and\s)?", sentence.slice(end, numbers[k + 1].start)):
        return None
    after, smaller = _TIME.match(sentence.text, numbers[k + 1].end, sentence.end), _SMALLER.get(unit, ())
    if not after or after.lastgroup not in smaller or numbers[k + 1].form == "resolution":
        return None
    value = duration_of(numbers[k + 1].value, after.lastgroup or "")
    return (value, after.end()) if value else None
