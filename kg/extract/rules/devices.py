"""Numbers beside accelerators: what counts devices, whose count it is, what is device time."""

from __future__ import annotations

import re

from kg.extract.rules import quantities
from kg.extract.rules.lexicon import Name
from kg.extract.rules.numbers import Number
from kg.extract.rules.quantities import Surroundings
from kg.extract.rules.sentences import Sentence

_TO_NAME = re.compile(
    r"\s?(?:x|×|\*)?\s*(?:of the|of|units of)?\s*"
    r"(?:(?:NVIDIA|AMD|Google|Intel|Huawei|Cloud|Tesla|dedicated|single|identical|rented|interconnected|new|old)\s)*",
    re.I,
)
_FROM_NAME = re.compile(r"(?:\sGPUs?|\scards?)?\s?[(\[]?\s?(?:x|×|\*|,)\s?[(\[]?", re.I)
_DEVICE_TIME = re.compile(r"[\s-]*(?:GPUs?|TPUs?|chips?|core|device|card)?[\s-]*(?:hours?|hrs?|h|days?)\b", re.I)
_EACH_AFTER = re.compile(r"[^.;,()]{0,45}\b(?:each|apiece|per (?:node|machine|server|instance))\b", re.I)
_EACH_BEFORE = re.compile(
    r"(?:\b(?:each|every|per)\b[\w\s]{0,24}"
    r"|\b(?:nodes?|servers?|machines?|instances?|boxes|hosts)\s(?:with|of|,?\s?each\s(?:with|carrying|holding|having))\s)$",
    re.I,
)
_ON_ONE = re.compile(r"\b(?:on|with|using|of|to)\s(?:only\s|just\s|a\s)*$", re.I)
_OF_THEM = re.compile(r"\s(?:only\s)?of\s(?:the|these|those|our|them)\b(?:\ssame)?", re.I)
PER_NODE = 1.5


def counts_devices(sentence: Sentence, number: Number) -> bool:
    """Return whether a noun for devices or the name of an accelerator follows a number."""
    if "device" in quantities.unit_of(sentence, number):
        return True
    names = (n for n in _accelerators(sentence) if n.start >= number.end)
    return any(_TO_NAME.fullmatch(sentence.slice(number.end, n.start)) for n in names)


def add_devices(sentence: Sentence, number: Number, around: Surroundings) -> None:
    """Add to the surroundings what accelerators beside the number say of it."""
    _add_accelerators(sentence, number, around)
    if number.bare != "product":
        _add_share(sentence, number, around)


def _accelerators(sentence: Sentence) -> list[Name]:
    return [name for name in sentence.names if name.thing("accelerator")]


def _add_accelerators(sentence: Sentence, number: Number, around: Surroundings) -> None:
    """Count the name of an accelerator right after (`8 x A100`) or before (`A100 x 8`) as the unit."""
    for name in _accelerators(sentence):
        after = name.start >= number.end and _TO_NAME.fullmatch(sentence.slice(number.end, name.start))
        before = name.end <= number.start and _FROM_NAME.fullmatch(sentence.slice(name.end, number.start))
        if after or before:
            hours = after and _DEVICE_TIME.match(sentence.text, name.end, sentence.end)
            around.unit = {"device_time": 1.0} if hours else {"accelerator": 1.0}
            return


def _add_share(sentence: Sentence, number: Number, around: Surroundings) -> None:
    """Mark a count that is one machine's (`48 nodes with 8 H100 each`) or is taken of devices named before (`16 of the GPUs`)."""
    before = sentence.slice(max(sentence.start, number.start - 40), number.start)
    if number.value == "1" and "accelerator" not in around.unit and not _ON_ONE.search(before):
        around.unit.pop("device", None)
        around.near["per_node"] = PER_NODE
    elif not {"accelerator", "device"}.isdisjoint(around.unit):
        if _EACH_BEFORE.search(before) or _EACH_AFTER.match(sentence.text, number.end, sentence.end):
            around.near["per_node"] = PER_NODE
    elif _of_devices(sentence, number):
        around.unit = {"device": 1.0}


def _of_devices(sentence: Sentence, number: Number) -> bool:
    match = _OF_THEM.match(sentence.text, number.end, sentence.end) if number.form in {"integer", "words"} else None
    if not match:
        return False
    after = sentence.topics_in(match.end(), min(sentence.end, match.end() + 24))
    named = any(0 <= n.start - match.end() < 12 for n in _accelerators(sentence))
    return "device" in after or named or match[0].casefold().endswith("them")
