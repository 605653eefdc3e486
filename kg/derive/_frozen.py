"""Which part of a model's parameters its report says to be frozen, with the sizes that the catalogue knows."""

from __future__ import annotations

import re
from fractions import Fraction

from kg.derive._known import Known, Quantity
from kg.interval import Interval, shown
from kg.model import Claim, Figure

_FROZEN = re.compile(
    r"\b(?:frozen|freez(?:e|es|ing)|(?:kept|held|remains?) (?:fixed|unchanged)|not (?:updated|trained))\b", re.IGNORECASE
)
_END = re.compile(r"[.!?;]\s|\n")
_NOT = re.compile(
    r"\b(?:no longer|isn't|unlike|unfrozen|unfreez\w+|then (?:trained|updated|tuned)|(?:not|never)(?! (?:updated|trained)))\b",
    re.IGNORECASE,
)
_LONGEST = 1000  # characters of a sentence to either side of a name
_ALL = 10**30  # more parameters than any model has
_BACKBONES = ("imageEncoder", "languageModel")


def frozen(known: Known) -> Quantity | None:
    """Return the parameters of the frozen backbones, more than any where the catalogue has no size of one; None without any."""
    claims = tuple(claim for name in _BACKBONES for claim in known.model.claims.get(name, ()) if _is_frozen(known, claim))
    schema = known.given.schema
    things = {claim.thing or "": schema.thing(claim.thing or "") for claim in claims}
    if not things:
        return None
    sizes = [thing for thing in things.values() if thing and thing.facts.get("parameterCount")]
    names = ", ".join(dict.fromkeys(claim.value for claim in claims))
    said = f"frozen: {names}; 2 operations a parameter and token at least, as many as for trained ones at most"
    if len(sizes) < len(things):
        return Quantity(Interval.exactly(_ALL), "an unknown part that is frozen", claims, (), (), (said,))
    figures = tuple(
        Figure(thing.iri, thing.name, "parameterCount", thing.facts["parameterCount"], "parameters", thing.facts.get("source", ""))
        for thing in sizes
    )
    total = sum((Fraction(thing.facts["parameterCount"]) for thing in sizes), Fraction(0))
    return Quantity(Interval.exactly(total), f"{shown(total)} frozen", claims, figures, (), (said,))


def _is_frozen(known: Known, claim: Claim) -> bool:
    """Return whether the sentence that names a backbone says that it is frozen."""
    source = known.given.texts.get(claim.report, "")[: claim.end + _LONGEST]
    first = max(0, claim.start - _LONGEST)
    before = [match.end() for match in _END.finditer(source, first, claim.start)]
    behind = _END.search(source, claim.end)
    sentence = source[before[-1] if before else first : behind.start() if behind else len(source)]
    match = _FROZEN.search(sentence)
    return bool(match and not _NOT.search(sentence))
