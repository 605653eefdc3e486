"""A stated size that is far from the sum of the named parts (KG309).

The sizes of parts are the catalogue's, else those that reports of the same build state. A model may have parts that nobody names,
so it has to be more than twice as large as image encoder and language model together, both of known size. A model smaller than its
parts is not told: many reports count the trained parameters alone. A report of several backbones of a kind is about several models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import Number, agreed, all_stay, label
from kg.interval import shown
from kg.model import Claim, Finding
from kg.runs import ModelReport

WHOLE_MOST = Fraction(2)
"""How many times the sum of its parts a model may be."""

_MAIN = ("imageEncoder", "languageModel")


@dataclass(frozen=True, slots=True)
class _Part:
    claim: Claim
    size: Fraction
    source: str


def findings(known: Known) -> Iterator[Finding]:
    """Yield the models whose stated size does not go with their parts."""
    for model in known.models:
        size = agreed(claim for claim in model.claims.get("parameterCount", ()) if claim.method != "rule:size-in-name")
        if size is None or any(len({claim.value for claim in model.claims.get(kind, ())}) > 1 for kind in _MAIN):
            continue
        parts = _parts(model, known)
        if parts and known.of_one((size.claim, *(part.claim for part in parts))) and _is_far(size, parts):
            yield _finding(model, size, parts)


def _parts(model: ModelReport, known: Known) -> list[_Part]:
    """Return the named parts of known size, each once."""
    parts: dict[str, _Part] = {}
    for relation in (*_MAIN, "component"):
        for claim in model.claims.get(relation, ()):
            found = _size(claim, known) if claim.thing and claim.thing != model.iri else None
            if found and claim.thing:
                parts.setdefault(claim.thing, _Part(claim, *found))
    return list(parts.values())


def _size(claim: Claim, known: Known) -> tuple[Fraction, str] | None:
    """Return how large a part is, and who says so."""
    thing = known.schema.thing(claim.thing or "")
    if thing and "parameterCount" in thing.facts:
        return Fraction(thing.facts["parameterCount"]), f"the catalogue, from {thing.facts.get('source', 'kg')}"
    for other in known.of_model.get(claim.thing or "", ()):
        size = agreed(other.claims.get("parameterCount", ()))
        if size:
            return size.value, other.report
    return None


def _is_far(size: Number, parts: list[_Part]) -> bool:
    total = sum((part.size for part in parts), Fraction(0))
    complete = set(_MAIN) <= {part.claim.relation for part in parts}
    return complete and size.interval.low > total * WHOLE_MOST


def _finding(model: ModelReport, size: Number, parts: list[_Part]) -> Finding:
    total = sum((part.size for part in parts), Fraction(0))
    numbers = " + ".join(shown(part.size) for part in parts)
    return Finding(
        "KG309",
        "info",
        f"{model.label}: {size.text} parameters are far from the sum of the named parts, {shown(total)}",
        (
            label(size.claim, f"{size.text} parameters"),
            *(label(part.claim, f"{part.claim.value}: {shown(part.size)}") for part in parts),
        ),
        (
            f"{numbers} = {shown(total)} parameters, not {size.text}; parts that are not named would have to be the rest",
            *(f"{part.claim.value}: {shown(part.size)} parameters ({part.source})" for part in parts),
            all_stay(1 + len(parts)),
        ),
        model.report,
        model.iri,
        "parameterCount",
    )
