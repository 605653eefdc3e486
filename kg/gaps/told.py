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
    unsure = _by_owner(of_model, list(suggestions))
    derived = _by_model(derivation.facts if derivation else ())
    open_ = _by_model(derivation.undetermined if derivation else ())
    lost: dict[str, dict[str, str]] = defaultdict(dict)
    for (report, relation), why in sorted((unreadable or {}).items()):
        lost[report].setdefault(relation, why)
    return [
        _one(iri, reports, unsure.get(iri, ()), derived.get(iri, ()), open_.get(iri, ()), lost)
        for iri, reports in sorted(of_model.items())
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
        _together(reports),
        _by_relation(sorted(unsure, key=lambda claim: (-claim.score, claim.sort_key()))),
        {relation: tuple(found) for relation, found in facts.items()},
        tuple(undetermined),
        why,
    )


def _by_owner(models: Mapping[str, Iterable[ModelReport]], suggestions: Sequence[Claim]) -> Mapping[str, list[Claim]]:
    """Return suggestions by the model that they are about: the one that the same name means in claims of the same report."""
    asked = {claim.report for claim in suggestions}
    of_asked = ((iri, report) for iri, reports in models.items() for report in reports if report.report in asked)
    owners = {(report.report, claim.model): iri for iri, report in of_asked for claim in report.every()}
    found: dict[str, list[Claim]] = defaultdict(list)
    for claim in suggestions:
        if (iri := owners.get((claim.report, claim.model))) is not None:
            found[iri].append(claim)
    return found


def _together(reports: Iterable[ModelReport]) -> Mapping[str, tuple[Claim, ...]]:
    """Return all claims by relation, each relation's in order of place."""
    found: dict[str, tuple[Claim, ...]] = {}
    for report in reports:
        for said in (report.claims, *(run.said for run in report.runs.values())):
            for relation, claims in said.items():
                before = found.get(relation)
                found[relation] = tuple(sorted((*before, *claims), key=Claim.sort_key)) if before else claims
    return found


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
