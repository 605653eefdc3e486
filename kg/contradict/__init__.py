"""What reports say -> contradictions: values that cannot both be right, or hardly so, each shown with the words of every side.

A file here whose name begins with no underscore is a check: its `findings(Known) -> Iterator[Finding]`. Its finding has a code, a
label for every side with the primary one first, notes with the arithmetic, and a last note: all values stay in the graph. What
rounding, a hedge or another unit explains is no contradiction; where a report is unclear, a check says nothing.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module

from kg.contradict._known import Known
from kg.contradict._numbers import number_of
from kg.contradict._values import may_be_same
from kg.model import Claim, Derivation, Finding
from kg.runs import ModelReport
from kg.schema import Schema

__all__ = ["checks", "contradictions", "told_once"]

_AGAINST_PROSE, _SEVERAL_VALUES = "KG303", "KG103"


def checks() -> tuple[str, ...]:
    """Return the names of the checks, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def contradictions(
    models: Sequence[ModelReport],
    derivation: Derivation,
    schema: Schema,
    texts: Mapping[str, str],
    beside: Sequence[ModelReport] = (),
    others: Mapping[str, Sequence[ModelReport]] | None = None,
) -> Iterator[Finding]:
    """Yield the contradictions of models inside and between reports, check by check; `texts` are the sources of reports by id.

    `models` holds every report about each of them, `beside` the other models of these reports; `others` are the reports about any
    model, by IRI (None: there are no others).
    """
    known = Known.of(models, derivation, schema, texts, beside, others)
    for name in checks():
        yield from import_module(f"kg.contradict.{name}").findings(known)


def told_once(findings: Iterable[Finding], claims: Callable[[], Iterable[Claim]] = tuple) -> list[Finding]:
    """Leave out what the shapes say of several values (KG103) where it is no contradiction, or told already.

    They count values, so they take 13 billion and 12.9 billion for two; and a tag against prose (KG303) says the same better. The
    claims are asked for only when there is such a finding.
    """
    found = list(findings)
    counted = [finding for finding in found if finding.code == _SEVERAL_VALUES]
    if not counted:
        return found
    told = {(finding.report, finding.subject, finding.relation) for finding in found if finding.code == _AGAINST_PROSE}
    places = {(label.report, label.start, label.end) for finding in counted for label in finding.labels}
    said: dict[tuple[str, int, int, str | None], Claim] = {}
    for claim in claims():
        if (claim.report, claim.start, claim.end) in places:
            said[claim.report, claim.start, claim.end, claim.relation] = claim
    left_out = {
        id(finding)
        for finding in counted
        if (finding.report, finding.subject, finding.relation) in told or _is_rounding(finding, said)
    }
    return [finding for finding in found if id(finding) not in left_out]


def _is_rounding(finding: Finding, said: Mapping[tuple[str, int, int, str | None], Claim]) -> bool:
    """Return whether all values of a finding are one number, written more and less precisely."""
    values = [said.get((label.report, label.start, label.end, finding.relation)) for label in finding.labels]
    numbers = [claim for claim in values if claim]
    return (
        len(numbers) == len(values) > 1
        and all(number_of(claim) for claim in numbers)
        and all(may_be_same(one, other) for one in numbers for other in numbers)
    )
