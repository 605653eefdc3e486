"""New names that look like slips of known ones -> findings (KG502). Nothing is merged: a new name stays a thing of its own.

A slip is one letter too many, missing, replaced, or changed with its neighbour, in a name of at least six letters and digits. Most
names that are as close are no slips, so these are left out: another number (`LLaMA-2`, `LLaMA-3`), another size (`Flan-T5-XL`,
`Flan-T5-XXL`), another part of one or two letters (`ViT-L`, `ViT-B`), another first letter (`KMMLU`, `JMMLU`), and names that
are one word in capitals (`WNLI`, `WNUT`).

Known names are looked up by what is left when one letter is taken out: two names one slip apart share such a rest. So a name costs
as many look-ups as it has letters, whatever the number of known ones; a measure of likeness would have to look at each of them,
and takes `LLaMA-2` for `LLaMA-3`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.model import Claim, Finding, Label, Thing
from kg.values import name_key

if TYPE_CHECKING:
    from kg.names import Names
    from kg.schema import Schema

SHORTEST = 6
MOST = 3  # known names that a finding lists
_SIZES = frozenset(
    "xxs xs xl xxl xxxl base small large medium tiny mini micro nano huge giant big lite light pro plus max ultra turbo "
    "chat instruct it pt sft dpo rl hf en zh de fr es ja ko".split()
)
_PART = re.compile(r"[^\W\d_]+|\d+")


class Similar:
    """The names of one kind of things, to be asked for those that are one slip away."""

    def __init__(self, things: Iterable[Thing]) -> None:
        self._rests: dict[str, list[tuple[str, str, Thing]]] = defaultdict(list)
        for thing in things:
            names = {name_key(name): name for name in (*thing.aliases, thing.name)}
            for key, name in names.items():
                if len(key) >= SHORTEST - 1:
                    for rest in _rests(key):
                        self._rests[rest].append((key, name, thing))

    def to(self, name: str) -> list[str]:
        """Return the canonical names of the things that a new name may be a slip of, sorted."""
        key = name_key(name)
        if len(key) < SHORTEST or name.isupper():
            return []
        candidates = (known for rest in _rests(key) for known in self._rests.get(rest, ()))
        return sorted({thing.name for other, spelling, thing in candidates if _is_slip(key, name, other, spelling)})


def similar(claims: Iterable[Claim], schema: Schema, names: Names, own: Collection[str] | None = None) -> Iterator[Finding]:
    """Yield a finding for the first claim of each report that has a new name which may be a slip; `claims` are resolved.

    The names of the models that reports are about (`own`, by IRI) are no slips: models are named after others on purpose.
    """
    own = names.own() if own is None else own
    seen: set[tuple[str, str]] = set()
    for claim in claims:
        thing = claim.thing
        if not thing or (claim.report, thing) in seen or thing in own or schema.thing(thing):
            continue
        seen.add((claim.report, thing))
        kind = thing.removeprefix(schema.base).split("/")[0]
        near = _known(schema, kind).to(claim.value)
        if names.refused:
            near = [name for name in near if (kind, frozenset((name_key(claim.value), name_key(name)))) not in names.refused]
        if near:
            yield _finding(claim, kind, near)


@lru_cache(maxsize=16)
def _known(schema: Schema, kind: str) -> Similar:
    folder = f"{schema.base}{kind}/"
    return Similar(thing for thing in schema.things if thing.iri.startswith(folder))


def _finding(claim: Claim, kind: str, near: list[str]) -> Finding:
    listed = ", ".join(near[:MOST])
    return Finding(
        code="KG502",
        severity="info",
        message=f"the {kind} '{claim.value}' is not known; similar: {listed}",
        labels=(Label(claim.report, claim.start, claim.end, "kept as a name of its own"),),
        notes=("nothing is merged; if a known name is meant, mend the report, else kg catalog add makes this one known",),
        report=claim.report,
        relation=claim.relation,
    )


def _rests(key: str) -> set[str]:
    """Return the key itself, and what is left of it without one of its letters."""
    return {key, *(key[:i] + key[i + 1 :] for i in range(1, len(key)))}


def _is_slip(key: str, name: str, other: str, known: str) -> bool:
    """Decide whether a new name (its key first) is one slip away from a known one, at a place where slips happen."""
    start = _common(key, other)
    end = min(_common(key[::-1], other[::-1]), min(len(key), len(other)) - start)
    ours, theirs = key[start : len(key) - end], other[start : len(other) - end]
    swapped = len(ours) == len(theirs) == 2 and ours == theirs[::-1]
    if not start or not (swapped or max(len(ours), len(theirs)) == 1) or not (ours + theirs).isalpha():
        return False
    part = _part_at(name if ours else known, start)
    return len(part) > 2 and part.casefold() not in _SIZES


def _common(one: str, other: str) -> int:
    """Return how many letters two words begin with together."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _part_at(name: str, place: int) -> str:
    """Return the word of a name that holds its n-th letter or digit."""
    passed = 0
    for part in _PART.findall(name):
        passed += len(part)
        if place < passed:
            return str(part)
    return ""
