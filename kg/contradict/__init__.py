"""What reports say -> contradictions: values that cannot both be right, or hardly so, each shown with the words of every side.

A file here whose name begins with no underscore is a check: its `findings(Known) -> Iterator[Finding]`. Its finding has a code, a
label for every side with the primary one first, notes with the arithmetic, and a last note: all values stay in the graph. What
rounding, a hedge or another unit explains is no contradiction; where a report is unclear, a check says nothing.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module

from kg.contradict._known import Known
from kg.model import Derivation, Finding
from kg.runs import ModelReport
from kg.schema import Schema

__all__ = ["checks", "contradictions", "told_once"]

_AGAINST_PROSE, _SEVERAL_VALUES = "KG303", "KG103"


def checks() -> tuple[str, ...]:
    """Return the names of the checks, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def contradictions(
    models: Sequence[ModelReport], derivation: Derivation, schema: Schema, texts: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield the contradictions inside and between reports, check by check; `texts` are the sources of the reports by id."""
    known = Known.of(models, derivation, schema, texts)
    for name in checks():
        yield from import_module(f"kg.contradict.{name}").findings(known)


def told_once(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what the shapes say of several values (KG103) where a tag against prose (KG303) says it better."""
    found = list(findings)
    said = {(finding.report, finding.subject, finding.relation) for finding in found if finding.code == _AGAINST_PROSE}
    return [
        finding
        for finding in found
        if finding.code != _SEVERAL_VALUES or (finding.report, finding.subject, finding.relation) not in said
    ]
