"""When a claim says what an annotated fact says: values by their kind, names by their key, models, stages.

Names are one when they are equal without case, punctuation, the owner of a repository, the ending of a checkpoint, and words that
say only what kind of thing they name; ViT-G (gigantic) stays apart from ViT-g (giant). Numbers may differ by a millionth, durations
by 2 %.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from math import isclose

from kg.eval._gold import Fact, Negative
from kg.model import Claim

BACKBONES = frozenset({"extends", "imageEncoder", "languageModel"})
"""Relations that are one when the models and stages do not count: which of them a part is, is often a matter of words."""

NUMBERS = frozenset(
    "parameterCount trainingExamples acceleratorCount acceleratorHours trainingCompute peakLearningRate minLearningRate "
    "warmupSteps warmupFraction globalBatchSize perDeviceBatchSize gradientAccumulationSteps weightDecay steps epochs "
    "releaseYear".split()
)

_OWNER = re.compile(r"[A-Za-z][\w.-]*/(?=[A-Za-z])")
_CHECKPOINT = re.compile(r"\.(?:safetensors|ckpt|gguf|pth|bin|pt)$")
_GIGANTIC = re.compile(r"\bViT[- ]?G\b")
_KIND_OF_THING = re.compile(r"\b(?:the|corpus|(?:dataset|model|gpu|tpu|accelerator|chip)s?)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"[^\w+]|_")
_MAKER = re.compile(r"nvidia|google|amd|intel|huawei|aws")
_AMOUNT = r"(?:(\d+(?:\.\d+)?){})?"
_DURATION = re.compile("P" + "".join(map(_AMOUNT.format, "YMWD")) + "(?:T" + "".join(map(_AMOUNT.format, "HMS")) + ")?")
_DAYS = (365, 30, 7, 1, 1 / 24, 1 / 1440, 1 / 86400)
_SAME_STAGE = {"instruction-tuning": "fine-tuning"}  # reports use both words for one thing


@lru_cache(maxsize=65536)
def spelling(name: str) -> str:
    """Return the key under which two spellings are one name.

    >>> spelling("The Stack dataset") == spelling("bigcode/stack")
    True
    >>> spelling("ViT-G/14") == spelling("ViT-g/14")
    False
    """
    text = unicodedata.normalize("NFKC", name)
    if owner := _OWNER.match(text):
        text = text[owner.end() :]
    text = _GIGANTIC.sub("ViT-gigantic", _CHECKPOINT.sub("", text))
    return _BETWEEN.sub("", _KIND_OF_THING.sub(" ", text).casefold())


def says(claim: Claim, fact: Fact, *, strict: bool) -> bool:
    """Decide whether a claim says what a fact says; `strict`: of the same model, and in the same stage where one is annotated."""
    if strict:
        return claim.relation == fact.relation and has_value(claim, fact) and _same_model(claim, fact) and _same_stage(claim, fact)
    return (claim.relation == fact.relation or BACKBONES >= {claim.relation, fact.relation}) and has_value(claim, fact)


def has_value(claim: Claim, wanted: Fact | Negative) -> bool:
    """Decide whether a claim's value, or the name it stands for, is one that is wanted."""
    relation = wanted.relation
    if relation in NUMBERS:
        return any(_same_number(value, claim.value) for value in wanted.values)
    if relation == "duration":
        return any(_same_duration(value, claim.value) for value in wanted.values)
    return same_name(relation, wanted.values, (claim.value, claim.mention) if claim.mention else (claim.value,))


def same_value(relation: str, wanted: tuple[str, ...], value: str) -> bool:
    """Decide whether a value alone is one that is wanted."""
    return has_value(Claim("", None, relation, value, 0, 0, ""), Negative(relation, wanted))


def same_name(relation: str, wanted: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """Decide whether one of the names given is one that is wanted; an accelerator's maker need not be named."""
    found = set(map(spelling, given))
    if relation == "accelerator":
        return not {_without_maker(key) for key in found}.isdisjoint(_without_maker(spelling(name)) for name in wanted)
    return not (found - {""}).isdisjoint(map(spelling, wanted))


def _without_maker(key: str) -> str:
    maker = _MAKER.match(key)
    return key[maker.end() :] if maker else key


def _same_number(one: str, other: str) -> bool:
    first, second = _number(one), _number(other)
    return first is not None and second is not None and isclose(first, second, rel_tol=1e-6)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def _same_duration(one: str, other: str) -> bool:
    first, second = _days(one), _days(other)
    return first is not None and second is not None and isclose(first, second, rel_tol=0.02)


def _days(duration: str) -> float | None:
    match = _DURATION.fullmatch(duration.strip())
    if not match or not any(match.groups()):
        return None
    return sum(float(amount) * days for amount, days in zip(match.groups(), _DAYS, strict=True) if amount)


def is_model(name: str | None, models: tuple[str | None, ...]) -> bool:
    """Decide whether a name is one of a model's; a model without name is None, or called unnamed."""
    if models[0] is None:
        return name is None or "unnamed" in name.casefold()
    return name is not None and spelling(name) in {spelling(model) for model in models if model is not None}


def _same_model(claim: Claim, fact: Fact) -> bool:
    return is_model(claim.model, fact.models)


def _same_stage(claim: Claim, fact: Fact) -> bool:
    wanted, given = (_SAME_STAGE.get(stage or "", stage) for stage in (fact.stage, claim.stage))
    return not wanted or given == wanted or not (given or fact.stage_stated)
