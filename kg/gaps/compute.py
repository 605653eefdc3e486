"""How much compute training a model took, as an interval, and on which side of a threshold it is: an estimate, nothing more.

A model's own training is what reports state (`trainingCompute`), else what was derived (`runCompute`). The whole is the training of
what it is built on as well (`cumulativeCompute`): what nobody knows of a backbone leaves it without an upper bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from kg.gaps.told import Told
from kg.interval import Interval, of_claim, shown
from kg.model import Claim, Derived

Verdict = Literal["below", "above", "straddles", "cannot tell"]

STATED, RUN, WHOLE = "trainingCompute", "runCompute", "cumulativeCompute"
_COMPUTE = frozenset({RUN, WHOLE, "computeByHardware", "computeByOperations"})
_BACKBONES = ("extends", "languageModel", "imageEncoder")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of compute in FLOP, in words how it is known, the claims or derived facts that tell it, what these come from."""

    interval: Interval
    how: str
    claims: tuple[Claim, ...] = ()
    derived: tuple[Derived, ...] = ()
    chain: tuple[Derived, ...] = ()


@dataclass(frozen=True, slots=True)
class Compute:
    """The compute of a model's `own` training and of the `whole` (with what it is built on), None where nothing is known.

    `left_out` says what the whole does not count, `missing` what could not be computed and why.
    """

    own: Amount | None
    whole: Amount | None
    left_out: tuple[str, ...]
    missing: tuple[str, ...]


def compute_of(model: Told) -> Compute:
    """Return what reports and derived facts tell of the compute of a model's training."""
    own = _stated(model) or _derived(model, RUN)
    backbones = _names(claim for relation in _BACKBONES for claim in model.claims.get(relation, ()))
    whole = _derived(model, WHOLE) or own
    left_out: list[str] = []
    if whole is own and own and backbones:
        whole = replace(own, interval=_from_below(own.interval))
    if whole is None or whole.interval.high is None:
        left_out = [f"training of {name}" for name in backbones]
    missing = dict.fromkeys(item.reason for item in model.undetermined if item.relation in _COMPUTE)
    return Compute(own, whole, tuple(left_out), tuple(missing))


def verdict(flop: Fraction, amount: Amount | None) -> Verdict:
    """Return on which side of a threshold an amount is; at the threshold itself it is below.

    >>> verdict(Fraction(10), Amount(Interval(Fraction(2), Fraction(4), Fraction(20)), ""))
    'straddles'
    """
    if amount is None:
        return "cannot tell"
    if amount.interval.low > flop:
        return "above"
    if amount.interval.high is None:
        return "cannot tell"
    return "below" if amount.interval.high <= flop else "straddles"


def bounds(interval: Interval) -> str:
    """Return an interval for people.

    >>> bounds(Interval(Fraction(10**22), Fraction(2 * 10**22), None)), bounds(Interval.exactly(10**24))
    ('at least 1e22 FLOP', '1e24 FLOP')
    """
    if interval.high is None:
        return f"at least {shown(interval.low)} FLOP"
    if interval.exact:
        return f"{shown(interval.value)} FLOP"
    return f"{shown(interval.low)} to {shown(interval.high)} FLOP"


def _stated(model: Told) -> Amount | None:
    """Return the compute that reports state: of the whole training, else of its stages, from below when one is not told."""
    found: dict[str | None, Interval] = {}
    used: dict[str | None, list[Claim]] = defaultdict(list)
    for claim in model.claims.get(STATED, ()):
        said = of_claim(claim)
        if said is not None:
            found[claim.stage] = found[claim.stage].hull(said) if claim.stage in found else said
            used[claim.stage].append(claim)
    if None in found:
        return Amount(found[None], "stated", tuple(used[None]))
    if not found:
        return None
    total = sum(found.values(), Interval.exactly(0))
    unknown = sorted(set(model.stages).difference(stage for stage in found if stage))
    words = f"stated for {' and '.join(sorted(stage for stage in found if stage))}"
    claims = tuple(claim for claims in used.values() for claim in claims)
    if not unknown:
        return Amount(total, words, claims)
    return Amount(_from_below(total), f"{words}, not for {' and '.join(unknown)}", claims)


def _derived(model: Told, relation: str) -> Amount | None:
    """Return what was derived for the model or the whole of its training, else for its stages together, from below."""
    facts = model.derived.get(relation, ())
    whole = [fact for fact in facts if fact.stage is None]
    if not facts:
        return None
    chosen = whole or list(facts)
    parts = [_interval(fact) for fact in chosen]
    if whole:
        total = parts[0]
        for part in parts[1:]:  # several reports tell the same training
            total = total.hull(part)
    else:
        total = _from_below(sum(parts, Interval.exactly(0)))
    return Amount(total, "; ".join(fact.formula for fact in chosen), (), tuple(chosen), tuple(_chain(model, chosen)))


def _chain(model: Told, facts: Iterable[Derived]) -> Iterator[Derived]:
    """Yield the derived facts of the same model that facts come from, each before what it comes from itself."""
    known = {fact.id: fact for facts in model.derived.values() for fact in facts}
    waiting = [id for fact in facts for id in fact.derived]
    seen: set[str] = set()
    while waiting:
        id = waiting.pop(0)
        if id in known and id not in seen:
            seen.add(id)
            yield known[id]
            waiting += known[id].derived


def _interval(fact: Derived) -> Interval:
    return Interval(Fraction(fact.low), Fraction(fact.value), Fraction(fact.high) if fact.high is not None else None)


def _from_below(interval: Interval) -> Interval:
    return Interval(interval.low, interval.value, None)


def _names(claims: Iterable[Claim]) -> list[str]:
    return list(dict.fromkeys(claim.value for claim in claims))
