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
_BACKBONES = ("imageEncoder", "languageModel")


def frozen(known: Known) -> Quantity | None:
    """Return the parameters of the frozen backbones; None when none is said to be frozen or the catalogue knows no size of one."""
    claims = [claim for name in _BACKBONES for claim in known.model.claims.get(name, ()) if _is_frozen(known, claim)]
    schema = known.given.schema
    things = {claim.thing: schema.thing(claim.thing) for claim in claims if claim.thing}
    sizes = [
        (thing, Fraction(thing.facts["parameterCount"])) for thing in things.values() if thing and thing.facts.get("parameterCount")
    ]
    if not sizes or len(sizes) < len(things):
        return None
    figures = tuple(
        Figure(thing.iri, thing.name, "parameterCount", thing.facts["parameterCount"], "parameters", thing.facts.get("source", ""))
        for thing, _ in sizes
    )
    total = sum((size for _, size in sizes), Fraction(0))
    names = " and ".join(thing.name for thing, _ in sizes)
    said = f"{names} are frozen: 2 operations a parameter and token at least, as many as for trained ones at most"
    return Quantity(Interval.exactly(total), f"{shown(total)} frozen", tuple(claims), figures, (), (said,))


def _is_frozen(known: Known, claim: Claim) -> bool:
    """Return whether the sentence that names a backbone says that it is frozen."""
    source = known.given.texts.get(claim.report, "")
    before = [match.end() for match in _END.finditer(source, 0, claim.start)]
    behind = _END.search(source, claim.end)
    sentence = source[before[-1] if before else 0 : behind.start() if behind else len(source)]
    return bool(_FROZEN.search(sentence))
