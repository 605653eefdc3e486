"""claims.jsonl -> the rows of `claims`, and what each report states, to be sorted into facts: a report is held at a time."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from kg.errors import BuildError
from kg.export.tables.graph import Graph
from kg.interval import number
from kg.iris import claim_iri, run_iri, subject_iri
from kg.model import Claim
from kg.schema import Schema
from kg.values import literal

_AROUND = 80
_SPACE = re.compile("[ \t\n\r]+")

COUNTS = frozenset({"xsd:integer", "xsd:decimal", "xsd:double", "xsd:duration", "xsd:gYear"})
"""Ranges of relations whose values are numbers."""

Row = tuple[Any, ...]
"""The cells of a row, in order of the table's columns."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a report states `claims` times: a fact of a model, or (`relation` empty) that it describes the model."""

    model: str
    stage: str | None
    relation: str
    value: str
    thing: str | None
    report: str
    claims: int


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of a build; raise BuildError when it is damaged."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise damaged(path)
                yield row
    except (OSError, ValueError) as error:
        raise damaged(path) from error


def damaged(path: Path) -> BuildError:
    """Return the error for a file of a build that cannot be read."""
    return BuildError("the build cannot be read, or is of another version of kg", where=str(path), hint="build again")


def reports_of(folder: Path) -> Iterator[tuple[str, list[Claim]]]:
    """Yield each report that has claims with all of them, in order of the file."""
    path = folder / "claims.jsonl"
    try:
        for report, rows in groupby(rows_of(path), key=lambda row: str(row["report"])):
            yield report, [Claim.from_json(row) for row in rows]
    except (KeyError, TypeError) as error:
        raise damaged(path) from error


@dataclass(frozen=True, slots=True)
class ClaimRows:
    """Makes rows of the claims of a build; with `only`, of those about one model."""

    schema: Schema
    graph: Graph
    only: str | None = None

    def of(self, report: str, claims: Sequence[Claim]) -> tuple[list[Row], list[Stated]]:
        """Return the rows of a report's claims, and what it states."""
        models = self._models(claims)
        wanted = [claim for claim in claims if self.only in {None, models.get(claim.model)}]
        text = self.graph.text(report) if wanted else ""
        rows, facts = [], Counter[tuple[str, str | None, str, str, str | None]]()
        for claim in wanted:
            model, value = models.get(claim.model), self._value(claim)
            if model is not None and value is not None:
                facts[model, claim.stage if self._of_run(claim) else None, claim.relation, value, claim.thing] += 1
            rows.append(self._row(claim, model, value, text))
        described = Counter(model for model, *_ in facts.elements())
        states = [Stated(model, None, "", "", None, report, count) for model, count in described.items()]
        return rows, [*states, *(Stated(*fact, report, count) for fact, count in facts.items())]

    def _models(self, claims: Iterable[Claim]) -> Mapping[str | None, str]:
        """Return the models that a report describes: those of which it has a claim that the graph holds."""
        found: dict[str | None, str] = {}
        for claim in claims:
            if claim.model not in found and self._value(claim) is not None and (iri := self.graph.model(claim)):
                found[claim.model] = iri
        return found

    def _of_run(self, claim: Claim) -> bool:
        return self.schema.relation(claim.relation).domain != "Model"

    def _value(self, claim: Claim) -> str | None:
        """Return a claim's value as the graph holds it, None when its name may mean several things."""
        range_ = self.schema.relation(claim.relation).range
        if not range_.startswith("xsd:"):
            return self.graph.label(claim.thing) if claim.thing else None
        try:
            return literal(range_, claim.value)[0]
        except ValueError:  # the graph keeps it as it is, and a finding says that it is wrong
            return claim.value

    def _row(self, claim: Claim, model: str | None, value: str | None, text: str) -> Row:
        base = self.schema.base
        relation = self.schema.relation(claim.relation)
        counts, states = relation.range in COUNTS, model is not None and value is not None
        subject = subject_iri(base, model or "", claim.stage, relation.domain)
        return (
            claim_iri(base, claim),
            fact_key(subject, claim.relation, value or "", claim.thing) if states else None,
            claim.report,
            model,
            claim.model,
            run_iri(base, model or "", claim.stage) if states and relation.domain != "Model" else None,
            claim.stage,
            claim.relation,
            claim.value,
            claim.thing,
            measured(claim.value) if counts else None,
            claim.value_max,
            measured(claim.value_max) if counts and claim.value_max else None,
            claim.unit,
            claim.approximate,
            claim.method,
            claim.mention,
            claim.start,
            claim.end,
            claim.page,
            claim.page_start,
            _SPACE.sub(" ", text[max(claim.start - _AROUND, 0) : claim.end + _AROUND]),
        )


def fact_key(subject: str, relation: str, value: str, thing: str | None) -> str:
    """Return the key of a stated fact."""
    return sha256("\n".join((subject, relation, thing or value)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def measured(value: str) -> float | None:
    """Return a value as a number, hours of a duration; None for what is none, or none that a double can hold.

    >>> measured("P21D"), measured("1e-4"), measured("cosine")
    (504.0, 0.0001, None)
    """
    found = number(value)
    return None if found is None else float(found)
