"""A size in a model's name and another one in the text: a model named "…-13B" of 130 billion parameters (KG313).

A name tells a round figure, often that of the language model alone, so only what is twice as large or half as large counts. Names
of several sizes (`8x7B`, `30B-A3B`) tell none, nor do sizes of data (`GloVe (6B)`, `… - LAION-2B`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import Number, agreed, all_stay, label
from kg.interval import shown
from kg.model import Claim, Finding
from kg.runs import ModelReport

TIMES = 2
"""How many times larger or smaller a stated size has to be than the one in the name."""

_SIZE = re.compile(r"(?<![\w.(\[])(\d+(?:\.\d+)?)\s?([bBmM])(?![\w])(?!\s(?:words?|tokens?|pairs?|samples?|steps|images?|hours)\b)")
_SIZES = {"b": 10**9, "m": 10**6}
_MANY = re.compile(r"\d[xX]\d|\bMoE\b|A\d+(?:\.\d+)?B|\d[bB]x\d", re.IGNORECASE)


def findings(known: Known) -> Iterator[Finding]:
    """Yield the models whose name tells another size than the text."""
    for model in known.models:
        size = agreed(claim for claim in model.claims.get("parameterCount", ()) if claim.method != "rule:size-in-name")
        for name in model.claims.get("name", ()) if size else ():
            told = size_of(name.value)
            if size and told and _differ(size, told) and known.of_one_model(size.claim) and not _names_data(name.value, known):
                yield _finding(model, name, told, size)
                break


def size_of(name: str) -> Fraction | None:
    """Return the one size that a name tells.

    >>> size_of("Kestrel-13B"), size_of("Mixtral 8x7B"), size_of("BLIP-2 OPT-2.7B")
    (Fraction(13000000000, 1), None, Fraction(2700000000, 1))
    """
    found = _SIZE.findall(name.replace("-", " ").replace("_", " "))
    if len(found) != 1 or _MANY.search(name):
        return None
    return Fraction(found[0][0]) * _SIZES[found[0][1].lower()]


def _names_data(name: str, known: Known) -> bool:
    """Return whether a name ends in that of a data set: `CLIP ViT-H/14 - LAION-2B`."""
    words = name.replace("(", " ").replace(")", " ").split()
    return any(known.schema.find(" ".join(words[-count:]), "dataset") for count in (1, 2) if count < len(words))


def _differ(size: Number, told: Fraction) -> bool:
    return size.interval.low >= told * TIMES or (size.interval.high or size.value) * TIMES <= told


def _finding(model: ModelReport, name: Claim, told: Fraction, size: Number) -> Finding:
    return Finding(
        "KG313",
        "warning",
        f"{model.label}: the name tells {shown(told)} parameters, the text {size.text}",
        (label(size.claim, f"{size.text} parameters"), label(name, f"named after {shown(told)}")),
        (
            f"{size.text} ÷ {shown(told)} = {shown(size.value / told)}; names are rounded, but not by {TIMES} times",
            all_stay(2),
        ),
        model.report,
        model.iri,
        "parameterCount",
    )
