"""What all reports of a build say of each model, put together: a model that is described in several reports is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kg.model import Claim, Derivation, Derived, Undetermined
from kg.runs import ModelReport

_Fact = TypeVar("_Fact", Derived, Undetermined)

Unreadable = Mapping[tuple[str, str], str]
"""Why a relation could not be read in a report: by (report, relation)."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What is known of one model: by relation the claims, the suggestions, the derived facts; why relations are unreadable."""

    iri: str
    label: str
    reports: tuple[ModelReport, ...]
    claims: Mapping[str, tuple[Claim, ...]]
    suggestions: Mapping[str, tuple[Claim, ...]]
    derived: Mapping[str, tuple[Derived, ...]]
    undetermined: tuple[Undetermined, ...]
    unreadable: Mapping[str, str]

    @property
    def stages(self) -> tuple[str, ...]:
        """Return the stages of training that reports tell apart, sorted."""
        return tuple(sorted({stage for report in self.reports for stage in report.runs if stage}))

    def every(self) -> Iterable[Claim]:
        """Yield every claim, report by report."""
        return (claim for report in self.reports for claim in report.every())


def told(
    models: Iterable[ModelReport],
    derivation: Derivation | None = None,
    suggestions: Iterable[Claim] = (),
    unreadable: Unreadable | None = None,
) -> list[Told]:
    """Return what is known of each model, sorted by IRI; what is only suggested of a name that no claim has is left out."""
    of_model: dict[str, list[ModelReport]] = defaultdict(list)
    for model in models:
        of_model[model.iri].append(model)
    iris = {
        (report.report, claim.model): iri for iri, reports in of_model.items() for report in reports for claim in report.every()
    }
    unsure: dict[str, list[Claim]] = defaultdict(list)
    for claim in suggestions:
        if (iri := iris.get((claim.report, claim.model))) is not None:
            unsure[iri].append(claim)
    derived = _by_model(derivation.facts if derivation else ())
    open_ = _by_model(derivation.undetermined if derivation else ())
    lost: dict[str, dict[str, str]] = defaultdict(dict)
    for (report, relation), why in sorted((unreadable or {}).items()):
        lost[report].setdefault(relation, why)
    return [
        _one(iri, reports, unsure[iri], derived.get(iri, ()), open_.get(iri, ()), lost) for iri, reports in sorted(of_model.items())
    ]


def _one(
    iri: str,
    reports: Sequence[ModelReport],
    unsure: Iterable[Claim],
    derived: Sequence[Derived],
    undetermined: Sequence[Undetermined],
    lost: Mapping[str, Mapping[str, str]],
) -> Told:
    reports = sorted(reports, key=lambda report: report.report)
    facts: dict[str, list[Derived]] = defaultdict(list)
    for fact in derived:
        facts[fact.relation].append(fact)
    why = {relation: text for report in reversed(reports) for relation, text in lost.get(report.report, {}).items()}
    return Told(
        iri,
        reports[0].label,
        tuple(reports),
        _by_relation(sorted((claim for report in reports for claim in report.every()), key=Claim.sort_key)),
        _by_relation(sorted(unsure, key=lambda claim: (-claim.score, claim.sort_key()))),
        {relation: tuple(found) for relation, found in facts.items()},
        tuple(undetermined),
        why,
    )


def of_whole(facts: Sequence[Derived]) -> tuple[Derived, ...]:
    """Return the derived facts about the whole of a model's training, all of them when there is none."""
    return tuple(fact for fact in facts if fact.stage is None) or tuple(facts)


def _by_model(facts: Iterable[_Fact]) -> Mapping[str, list[_Fact]]:
    found: dict[str, list[_Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.model].append(fact)
    return found


def _by_relation(claims: Iterable[Claim]) -> Mapping[str, tuple[Claim, ...]]:
    found: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        found[claim.relation].append(claim)
    return {relation: tuple(of) for relation, of in found.items()}
