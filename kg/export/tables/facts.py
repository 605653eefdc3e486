"""What reports state and rules derive, sorted by model -> the rows of `facts`, `models` and `runs`: a model is held at a time."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from kg.export.tables.claims import COUNTS, Row, Stated, fact_key, measured
from kg.export.tables.columns import list_kind, listed
from kg.export.tables.graph import Graph
from kg.iris import hardware_iri, run_iri, subject_iri
from kg.schema import Relation, Schema

_CONTROL = re.compile("[\x00-\x1f\\\\]")
_LARGEST = 2**63
_DIGITS = 21  # more have no room in an int64

Told = tuple[str, Sequence[Row]]
"""A table's name and rows for it."""


def stated_line(fact: Stated) -> bytes:
    """Return the line of what a report states; in order, the lines of a model, and in it of a fact, follow each other."""
    said = (fact.model, fact.stage, fact.relation, fact.value, fact.thing, fact.report, fact.claims)
    return _line(fact.model, fact.stage, fact.relation, fact.value, fact.thing or fact.report, said)


def derived_line(fact: Mapping[str, Any], schema: Schema) -> bytes:
    """Return the line of a derived fact; raise KeyError or TypeError for what is none."""
    figures = [_figure(figure, schema) for figure in fact["figures"]]
    kept = {name: fact[name] for name in _DERIVED} | {"figures": figures, "inputs": [item["claim"] for item in fact["inputs"]]}
    return _line(fact["model"], fact["stage"], fact["relation"], fact["value"], fact["id"], kept)


_DERIVED = "id model subject relation stage rule formula unit low value high assumptions report derived".split()


def _figure(figure: Mapping[str, Any], schema: Schema) -> str:
    source = f" ({figure['source']})" if figure["source"] else ""
    return f"{schema.relation(figure['relation']).label} of {figure['name']}: {figure['value']} {figure['unit']}{source}"


def _line(model: str, stage: str | None, relation: str, value: str, last: str, said: object) -> bytes:
    parts = (_CONTROL.sub(lambda match: f"\\{ord(match[0]):02x}", part) for part in (model, stage or "", relation, value, last))
    return "\t".join((*parts, json.dumps(said))).encode("utf-8", "surrogatepass")


@dataclass(slots=True)
class _Model:
    """What is gathered of a model: values by run and relation, claims by run, under None those of the model itself."""

    reports: int = 0
    claims: int = 0
    values: dict[tuple[str | None, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    of_run: dict[str | None, int] = field(default_factory=dict)
    hardware: set[str | None] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class FactRows:
    """Makes rows of sorted lines; with `only`, of one model's."""

    schema: Schema
    graph: Graph
    only: str | None = None

    def of(self, lines: Iterable[bytes]) -> Iterator[Told]:
        """Yield the rows of each model for the tables facts, runs and models."""
        for _, some in groupby(lines, key=lambda line: line.partition(b"\t")[0]):
            parsed = (json.loads(line.rpartition(b"\t")[2]) for line in some)
            yield from self._model(parsed)

    def _model(self, said: Iterator[Any]) -> Iterator[Told]:
        model, facts, iri = _Model(), [], ""
        for key, some in groupby(said, key=lambda one: tuple(one[:5]) if isinstance(one, list) else one["id"]):
            if isinstance(key, str):
                facts += [self._derived(fact, model) for fact in some]
                continue
            iri, found = key[0], [Stated(*one) for one in some]
            claims = sum(one.claims for one in found)
            if key[2]:
                facts.append(self._stated(found[0], len(found), claims, model))
            else:
                model.reports, model.claims = len(found), claims
        if not iri or self.only not in {None, iri}:
            return
        runs = sorted(model.of_run | {None: model.of_run.get(None, 0)}, key=lambda stage: stage or "") if model.of_run else []
        yield "facts", facts
        yield "runs", [self._run(iri, stage, model) for stage in runs]
        yield "models", [self._described(iri, model, len(runs))]

    def _stated(self, fact: Stated, reports: int, claims: int, model: _Model) -> Row:
        relation = self.schema.relation(fact.relation)
        subject = subject_iri(self.schema.base, fact.model, fact.stage, relation.domain)
        of_run = relation.domain != "Model"
        model.values[fact.stage if of_run else "", fact.relation].append(fact.value)
        if of_run:
            model.of_run[fact.stage] = model.of_run.get(fact.stage, 0) + claims
        if relation.domain == "HardwareConfig":
            model.hardware.add(fact.stage)
        return (
            fact_key(subject, fact.relation, fact.value, fact.thing),
            fact.model,
            run_iri(self.schema.base, fact.model, fact.stage) if of_run else None,
            fact.stage,
            subject,
            fact.relation,
            "stated",
            fact.value,
            fact.thing,
            measured(fact.value) if relation.range in COUNTS else None,
            *(None,) * 5,
            *((),) * 4,
            None,
            reports,
            claims,
        )

    def _derived(self, fact: Mapping[str, Any], model: _Model) -> Row:
        domain = self.schema.relation(fact["relation"]).domain
        if domain == "HardwareConfig":
            model.hardware.add(fact["stage"])
        run = None if domain == "Model" else run_iri(self.schema.base, fact["model"], fact["stage"])
        numbers = (None if fact[name] is None else float(fact[name]) for name in ("value", "low", "high"))
        value, low, high = numbers
        return (
            fact["id"],
            fact["model"],
            run,
            fact["stage"],
            fact["subject"],
            fact["relation"],
            "derived",
            fact["value"],
            None,
            value,
            fact["unit"] or None,
            low,
            high,
            fact["rule"],
            fact["formula"],
            fact["assumptions"],
            fact["inputs"],
            fact["derived"],
            fact["figures"],
            fact["report"],
            0,
            0,
        )

    def _run(self, iri: str, stage: str | None, model: _Model) -> Row:
        base = self.schema.base
        run, whole = run_iri(base, iri, stage), run_iri(base, iri, None)
        cells = (self._cell(relation, model, stage) for relation in listed(self.schema, "TrainingRun", "HardwareConfig"))
        hardware = hardware_iri(base, iri, stage) if stage in model.hardware else None
        return (run, iri, stage, whole if stage else None, hardware, model.of_run.get(stage, 0), *cells)

    def _described(self, iri: str, model: _Model, runs: int) -> Row:
        cells = (self._cell(relation, model, "") for relation in listed(self.schema, "Model"))
        return (iri, self.graph.label(iri), model.reports, model.claims, runs, *cells)

    def _cell(self, relation: Relation, model: _Model, stage: str | None) -> list[Any]:
        """Return the values of a relation, sorted, each once; what is no number of the column's type stands in facts alone."""
        values, kind = model.values.get((stage, relation.name), ()), list_kind(relation)
        if kind == "strings":
            return sorted(set(values))
        numbers = {number for value in values if (number := measured(value)) is not None}
        if kind == "numbers":
            return sorted(numbers)
        whole = (int(value) for value in values if len(value) < _DIGITS and value.removeprefix("-").isdecimal())
        return sorted({value for value in whole if -_LARGEST <= value < _LARGEST})
