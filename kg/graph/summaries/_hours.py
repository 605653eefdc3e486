"""Accelerator-hours by organization: those that reports state, and beside them those that are implied where none are stated.

A model's hours are those of its whole training, else the sum of its stages. Where reports disagree, both ends stay. A model of two
organizations counts for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from kg.graph.summaries._counts import ROWS
from kg.graph.summaries._write import Known, count, pages
from kg.graph.view import View, iri_of, text_of
from kg.terms import KG, RDF, XSD, integer, typed
from kg.values import literal

_IMPLIED = f"<{KG}impliedAcceleratorHours>"


@dataclass(frozen=True, slots=True)
class Hours:
    """At least `low`, most likely `value`, at most `high` hours."""

    low: Decimal
    value: Decimal
    high: Decimal


def hours(view: View, base: str) -> Iterator[str]:
    """Yield the hours of each organization, in order of what is stated."""
    name, rows = "hours", _rows(view)
    ordered = []
    for organization, stated, implied in sorted(rows, key=_order):
        measures = {**_stated(stated), **_implied(implied)}
        own, triples = count(base, name, {"ofOrganization": organization}, measures)
        ordered.append(own)
        yield from triples
    yield from pages(base, name, ordered, ROWS)


Row = tuple[str, list[Hours], list[Hours]]


def _rows(view: View) -> list[Row]:
    described = {model for model, _ in view.pairs("describedIn")}
    staged, runs = {run for run, _ in view.pairs("stage")}, view.values("hasRun")
    stated, implied = _said(view), _derived(view)
    found: dict[str, Row] = {}
    for model, organization in view.pairs("organization"):
        if model in described:
            own = runs.get(model, ())
            told, computed = _of_model(own, staged, stated), _of_model(own, staged, implied)
            row = found.setdefault(organization, (organization, [], []))
            if told:
                row[1].append(told)
            elif computed:
                row[2].append(computed)
    return [row for row in found.values() if row[1] or row[2]]


def _order(row: Row) -> tuple[Decimal, Decimal, str]:
    organization, stated, implied = row
    return -_sum(stated).high, -_sum(implied).high, iri_of(organization)


def _of_model(runs: Iterable[str], staged: set[str], known: Mapping[str, Hours]) -> Hours | None:
    whole = [known[run] for run in runs if run not in staged and run in known]
    parts = whole or [known[run] for run in runs if run in known]
    return _sum(parts) if parts else None


def _sum(parts: list[Hours]) -> Hours:
    zero = Decimal(0)
    return Hours(*(sum((getattr(part, name) for part in parts), zero) for name in ("low", "value", "high")))


def _said(view: View) -> dict[str, Hours]:
    """Return the hours that reports state of runs."""
    found: dict[str, list[Decimal]] = {}
    for run, value in view.pairs("acceleratorHours"):
        if value.endswith(f"<{XSD}decimal>"):
            found.setdefault(run, []).append(Decimal(text_of(value)))
    return {run: Hours(min(values), min(values), max(values)) for run, values in found.items()}


def _derived(view: View) -> dict[str, Hours]:
    """Return the hours that are implied of runs; a number without an upper bound is none."""
    facts = {fact for fact, relation in view.pairs(f"<{RDF}predicate>") if relation == _IMPLIED}
    kept = {name: {fact: value for fact, value in view.pairs(name) if fact in facts} for name in ("lowerBound", "upperBound")}
    values = {fact: value for fact, value in view.pairs(f"<{RDF}object>") if fact in facts}
    found: dict[str, list[Hours]] = {}
    for fact, run in view.pairs(f"<{RDF}subject>"):
        numbers = [_number(source.get(fact)) for source in (kept["lowerBound"], values, kept["upperBound"])]
        if fact in facts and None not in numbers:
            found.setdefault(run, []).append(Hours(*(number for number in numbers if number is not None)))
    return {run: _widest(every) for run, every in found.items()}


def _widest(every: list[Hours]) -> Hours:
    """Return what several reports imply of a run: the mean of the values, both ends."""
    value = sum((item.value for item in every), Decimal(0)) / len(every)
    return Hours(min(item.low for item in every), value, max(item.high for item in every))


def _number(term: str | None) -> Decimal | None:
    try:
        return Decimal(text_of(term)) if term else None
    except InvalidOperation:
        return None


def _stated(every: list[Hours]) -> Known:
    if not every:
        return {}
    total = _sum(every)
    return {"statedModels": integer(len(every)), "statedHoursLow": _decimal(total.low), "statedHoursHigh": _decimal(total.high)}


def _implied(every: list[Hours]) -> Known:
    if not every:
        return {}
    total = _sum(every)
    bounds = {"impliedHoursLow": total.low, "impliedHoursTotal": total.value, "impliedHoursHigh": total.high}
    return {"impliedModels": integer(len(every)), **{name: _double(value) for name, value in bounds.items()}}


def _decimal(value: Decimal) -> str:
    return typed(*literal("xsd:decimal", f"{value:f}"))


def _double(value: Decimal) -> str:
    return typed(*literal("xsd:double", f"{value:.12g}"))
