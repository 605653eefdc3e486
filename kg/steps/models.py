"""All that reports say of some models -> what follows from it: derived facts, gaps, contradictions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.config import Config
from kg.contradict import contradictions
from kg.derive import derive_build, derive_models, linking
from kg.gaps import gap_findings
from kg.graph import derived_triples
from kg.model import Claim, Derived, Finding
from kg.names import Names
from kg.pieces import owner_of
from kg.records import Record, findings_packed
from kg.resolve import resolve
from kg.runs import ModelReport, said
from kg.wire import derived_row, line, undetermined_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.schema import Schema

_NEAR = 64  # models whose reports a process keeps at hand

Row = tuple[bytes, bytes]
"""A key, by which rows are sorted, and a line of a file."""


@dataclass(frozen=True, slots=True)
class OfModels:
    """What one batch of models gives.

    `derived` are the lines of derived.jsonl with their keys, `triples` those of the same facts, `undetermined` lines in order of
    model, `told` packed findings by the report that they stand under, `computed` (report, model, relation) that a derived fact
    stands for. `linking` and `links` are what is needed to see all models together.
    """

    derived: tuple[Row, ...]
    triples: tuple[str, ...]
    undetermined: bytes
    told: Mapping[str, bytes]
    computed: tuple[tuple[str, str | None, str], ...]
    linking: tuple[Derived, ...]
    links: tuple[ModelReport, ...]

    def without_triples(self) -> OfModels:
        """Return all but the triples, which have been kept elsewhere."""
        return replace(self, triples=())


def of_models(
    models: Iterable[str],
    records: Mapping[str, Record],
    others: Mapping[str, Sequence[ModelReport]],
    names: Names,
    schema: Schema,
    config: Config,
) -> OfModels:
    """Return what follows for models (by IRI) from the records of all reports about them; `others` are the reports about any."""
    asked = frozenset(models)
    claims = {id: resolve(records[id].claims, schema, names) for id in sorted(records)}
    every = said(claims, claims, names, schema)
    own, beside = [model for model in every if model.iri in asked], [model for model in every if model.iri not in asked]
    texts = {id: record.document.source for id, record in records.items()}
    derivation = derive_models(own, schema, texts, config)
    suggestions = (claim for id in claims for claim in records[id].suggestions)
    about_input = (finding for id in claims for finding in records[id].findings)
    gaps = gap_findings(own, derivation, schema, texts, suggestions, about_input)
    told: dict[str, list[Finding]] = defaultdict(list)
    for finding in (*gaps, *contradictions(own, derivation, schema, texts, beside, others)):
        told[owner_of(finding)].append(finding)
    needed = linking()
    return OfModels(
        derived_rows(derivation.facts, schema),
        tuple(derived_triples(derivation.facts, schema)),
        b"".join(line(undetermined_row(gap)) for gap in derivation.undetermined),
        {owner: findings_packed(found) for owner, found in told.items()},
        tuple(_computed(derivation.facts, schema)),
        tuple(fact for fact in derivation.facts if fact.relation in needed),
        tuple(_links(own, derivation.facts, needed, schema)),
    )


def derived_rows(facts: Iterable[Derived], schema: Schema) -> tuple[Row, ...]:
    """Return the lines of derived.jsonl, with keys in whose order they stand."""
    return tuple(("\0".join(fact.sort_key()).encode(), line(derived_row(fact, schema.base))) for fact in facts)


def of_all(facts: Sequence[Derived], links: Sequence[ModelReport], schema: Schema, config: Config) -> Iterator[Derived]:
    """Yield what follows from all models together."""
    by_model = sorted(links, key=lambda model: (model.iri, model.report))
    return derive_build(sorted(facts, key=Derived.sort_key), by_model, schema, config)


def _computed(facts: Iterable[Derived], schema: Schema) -> Iterator[tuple[str, str | None, str]]:
    """Yield what a report does not state and a derived fact from its claims stands for."""
    for fact in facts:
        relation = schema.relation(fact.relation).in_place_of
        if relation and fact.report is not None:
            yield from ((fact.report, model, relation) for model in {claim.model for claim in fact.inputs})


def _links(
    models: Iterable[ModelReport], facts: Iterable[Derived], needed: frozenset[str], schema: Schema
) -> Iterator[ModelReport]:
    """Yield what reports say of models as far as it leads to other models."""
    computed = {fact.model for fact in facts if fact.relation in needed}
    of_models = {name for name, relation in schema.relations.items() if relation.range == "Model"}
    for model in models:
        claims = {name: said for name, said in model.claims.items() if name in of_models}
        if claims or model.iri in computed:
            yield replace(model, claims=claims, runs={})


class Others(dict[str, list[ModelReport]]):
    """The reports about any model, by its IRI, looked up when they are asked for."""

    def __init__(
        self, reports: Callable[[str], Sequence[str]], record: Callable[[str], Record], names: Names, schema: Schema
    ) -> None:
        super().__init__()
        self._reports, self._record, self._names, self._schema = reports, record, names, schema

    def get(self, iri: str, otherwise: object = ()) -> list[ModelReport]:
        """Return the reports about a model, none where it is not described."""
        if iri not in self:
            if len(self) >= _NEAR:
                self.clear()
            self[iri] = [model for report in self._reports(iri) for model in self._of(report) if model.iri == iri]
        return self[iri]

    def _of(self, report: str) -> Sequence[ModelReport]:
        claims: dict[str, list[Claim]] = {report: resolve(self._record(report).claims, self._schema, self._names)}
        return said(claims, claims, self._names, self._schema)
