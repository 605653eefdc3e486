"""Claims -> what one report says of one model, run by run: what derived facts, contradictions and gaps are found from.

Claims keep their order; a claim whose name is ambiguous is here too (its `thing` is None).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kg.iris import run_iri
from kg.model import Claim
from kg.names import Names
from kg.schema import Schema

THROUGHOUT = frozenset(
    "accelerator acceleratorCount globalBatchSize perDeviceBatchSize gradientAccumulationSteps precision software optimizer "
    "imageResolution weightDecay".split()
)
"""Relations that hold for every stage when a report states them of the whole training; the others are totals, or of a stage."""

Said = Mapping[str, tuple[Claim, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A model's training in one stage, or as a whole (`stage` None), as one report tells it: claims by relation."""

    report: str
    model: str
    label: str
    stage: str | None
    iri: str
    said: Said
    whole: Run | None = field(default=None, repr=False)

    def claims(self, relation: str) -> tuple[Claim, ...]:
        """Return what is said of this run, else what is said of the whole training and holds for every stage."""
        own = self.said.get(relation, ())
        return own if own or self.whole is None or relation not in THROUGHOUT else self.whole.said.get(relation, ())


@dataclass(frozen=True, slots=True, eq=False)
class ModelReport:
    """What one report says of one model: claims about the model itself by relation, and its runs by stage, the whole one first.

    `table` is true of a report that is a row of a table.
    """

    report: str
    iri: str
    label: str
    table: bool
    claims: Said
    runs: Mapping[str | None, Run]

    def every(self) -> Iterator[Claim]:
        """Yield every claim."""
        for said in (self.claims, *(run.said for run in self.runs.values())):
            for claims in said.values():
                yield from claims


def said(documents: Iterable[str], claims: Mapping[str, Iterable[Claim]], names: Names, schema: Schema) -> tuple[ModelReport, ...]:
    """Return what each report says of each model that it is about, sorted by model and report."""
    found = []
    domains = {name: relation.domain for name, relation in schema.relations.items()}
    for report in documents:
        of_model: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims[report]:
            of_model[names.model(report, claim.model)].append(claim)
        for iri, own in of_model.items():
            found.append(_model_report(report, iri, own, names, domains, schema.base))
    return tuple(sorted(found, key=lambda item: (item.iri, item.report)))


def _model_report(report: str, iri: str, claims: list[Claim], names: Names, domains: Mapping[str, str], base: str) -> ModelReport:
    label = names.label(iri, f"unnamed model of {report}")
    of_model: dict[str, list[Claim]] = defaultdict(list)
    of_stage: dict[str | None, dict[str, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for claim in claims:
        if domains[claim.relation] == "Model":
            of_model[claim.relation].append(claim)
        else:
            of_stage[claim.stage][claim.relation].append(claim)
    whole = Run(report, iri, label, None, run_iri(base, iri, None), _frozen(of_stage.pop(None, {})))
    runs: dict[str | None, Run] = {None: whole}
    runs |= {
        stage: Run(report, iri, label, stage, run_iri(base, iri, stage), _frozen(of_stage[stage]), whole)
        for stage in sorted(stage for stage in of_stage if stage)
    }
    table = all(claim.method.startswith("table") for claim in claims)
    return ModelReport(report, iri, label, table, _frozen(of_model), runs)


def _frozen(said: Mapping[str, list[Claim]]) -> Said:
    return {relation: tuple(claims) for relation, claims in said.items()}
