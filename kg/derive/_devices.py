"""How many of the units that the catalogue's figures are for a run kept busy, and what such a unit does and draws.

A chip of some TPUs has two cores, a package of the MI250X two dies: a report may count either. The catalogue says so (`parts`,
`partNames`); the words beside the count decide, and where there are none the interval holds both readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from kg.derive._known import Gap, Given, Known, Quantity
from kg.interval import Interval, shown
from kg.model import Claim, Figure, Thing

_BEHIND, _BEFORE = 60, 20  # characters around a count in which its unit stands
_SLICE = re.compile(r"\bv\d[a-z]?-\d*$", re.IGNORECASE)
_UNIT = r"(?P<unit>chip|package|module|oam|board)s?\b"
_NOT_COUNTED = r"(?<!per[ -])(?<!cpu )(?<!cuda )"  # "per-core batch size", "96 CPU cores"
_END = re.compile(r"[.;!?](?:\s|$)|\n|\b(?:each|with|host)")


def products(known: Known) -> list[Thing]:
    """Return the catalogue's accelerators that a run is said to use; one that is another's variant stands for both."""
    schema = known.given.schema
    found = {claim.thing: schema.thing(claim.thing) for claim in known.run.claims("accelerator") if claim.thing}
    things = [thing for thing in found.values() if thing]
    wider = {name for thing in things for name in known.given.wider.get(thing.name, ())}
    return [thing for thing in things if thing.name not in wider]


def product(known: Known) -> Thing | Gap:
    """Return the one accelerator that a run is said to use, or why it is not known."""
    claims = known.run.claims("accelerator")
    if not claims:
        return Gap(("accelerator",), "no accelerator is stated")
    schema = known.given.schema
    strange = sorted({claim.value for claim in claims if not claim.thing or schema.thing(claim.thing) is None})
    if strange:
        return Gap((), f"the catalogue does not know the accelerator {', '.join(strange)}")
    things = products(known)
    if len(things) == 1:
        return things[0]
    return Gap((), f"several accelerators are stated: {', '.join(sorted(thing.name for thing in things))}")


def figure(known: Known, relation: str, unit: str) -> Quantity | Gap:
    """Return what the catalogue says of the run's accelerator: of one that comes in variants the range of theirs."""
    thing = product(known)
    if isinstance(thing, Gap):
        return thing
    label = known.given.schema.relation(relation).label
    used = with_figure(thing, relation, known.given)
    if not used:
        return Gap((), f"the catalogue has no {label} of {thing.name}")
    values = sorted(Fraction(item.facts[relation]) for item in used)
    usual = max(used, key=lambda item: (Fraction(item.facts.get("tdp") or 0), item.name))  # clusters have the form that draws most
    low, middle, high = values[0], Fraction(usual.facts[relation]), values[-1]
    figures = tuple(
        Figure(item.iri, item.name, relation, item.facts[relation], unit, item.facts.get("source", "")) for item in used
    )
    said = () if low == high else (f"{thing.name} comes in variants: {label} {shown(low)} to {shown(high)} {unit}",)
    return Quantity(Interval(low, middle, high), f"{shown(middle)} {unit}", known.run.claims("accelerator"), figures, (), said)


def with_figure(thing: Thing, relation: str, given: Given) -> list[Thing]:
    """Return the accelerators whose figure holds for one: itself, else its variants, else those of what it is a variant of."""
    while True:
        own = (
            [thing]
            if thing.facts.get(relation)
            else [item for item in given.variants.get(thing.name, ()) if item.facts.get(relation)]
        )
        general = given.schema.find(thing.facts.get("variantOf") or "", "accelerator")
        if own or len(general) != 1:
            return own
        thing = general[0]


def device_hours(known: Known) -> Quantity | Gap:
    """Return the hours of all units that the catalogue's figures are for (chips, packages), stated or implied."""
    found = known.found("acceleratorHours", "impliedAcceleratorHours", "accelerator-hours")
    thing = product(known)
    if isinstance(found, Gap) or isinstance(thing, Gap) or not thing.facts.get("parts"):
        return found
    parts = Fraction(thing.facts["parts"])
    name = part_name(thing)
    counted = counted_as(known, thing, found.inputs or known.run.claims("acceleratorCount"))
    if counted == "part":
        return replace(found, interval=found.interval / parts, words=f"{found.words} of {name}s ÷ {shown(parts)} {name}s a unit")
    if counted == "unit":
        return found
    low = Interval(found.interval.low / parts, found.interval.value, found.interval.high)
    return replace(found, interval=low, assumptions=(*found.assumptions, *unclear(thing)))


def part_name(thing: Thing) -> str:
    """Return what a part of an accelerator is called that reports may count: core, GCD."""
    return thing.facts["partNames"].split("|")[0]


def unclear(thing: Thing) -> tuple[str, ...]:
    """Return the assumption where a report does not say whether it counts parts or whole units."""
    said = f"what is counted is taken for whole units of {thing.name}"
    return (f"{said}; if it is {part_name(thing)}s, the number is {shown(Fraction(thing.facts['parts']))} times too large",)


def counted_as(known: Known, thing: Thing, claims: Iterable[Claim]) -> str | None:
    """Return whether numbers are of parts or of whole units, by the words beside them; None when they do not tell, or disagree."""
    found = {_counted(known, claim, thing) for claim in claims} - {None}
    return found.pop() if len(found) == 1 else None


def _counted(known: Known, claim: Claim, thing: Thing) -> str | None:
    source = known.given.texts.get(claim.report, "")
    behind = source[claim.end : claim.end + _BEHIND].lower()
    end = _END.search(behind)
    near = f"{claim.unit or ''} {behind[: end.start()] if end else behind}".lower()
    names = "|".join(re.escape(name.lower()) for name in thing.facts["partNames"].split("|"))
    match = re.search(rf"{_NOT_COUNTED}\b(?:(?P<part>{names})s?\b|{_UNIT})", near)
    if match:
        return "part" if match["part"] else "unit"
    is_slice = _SLICE.search(source[max(0, claim.start - _BEFORE) : claim.start])
    return "part" if is_slice and part_name(thing) == "core" else None
