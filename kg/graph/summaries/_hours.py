"""Accelerator-hours by organization: those that reports state, and beside them those that are implied where none are stated.

A model of two organizations counts for both. Hours of stages of which none are known are in no sum. Beside them the hours of each
model's whole training, for lists of models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from kg.graph.summaries._amounts import Amount, amounts, total
from kg.graph.summaries._counts import ROWS
from kg.graph.summaries._write import Known, count, pages
from kg.graph.view import View, iri_of
from kg.terms import integer, typed
from kg.values import literal

_UPPER = frozenset({"statedHoursHigh", "impliedHoursTotal", "impliedHoursHigh"})

Row = tuple[str, list[Amount], list[Amount]]


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


def known_hours(view: View, models: Iterable[str]) -> Iterator[tuple[str, Decimal, Known]]:
    """Yield those of some models of which hours are known, what pages show of them, and what is written.

    That is the value of implied hours, and the middle of stated ones; of hours that are not known of all stages only the lower
    bound is written.
    """
    known = amounts(view, "acceleratorHours", "impliedAcceleratorHours")
    for model in models:
        if whole := known.of(model):
            written = _stated([whole.amount]) if whole.stated else _implied([whole.amount])
            low, value, high = whole.amount.low, whole.amount.value, whole.amount.high
            shown = low if whole.partial else (low + high) / 2 if whole.stated else value
            yield model, shown, {name: one for name, one in written.items() if name not in _UPPER or not whole.partial}


def _rows(view: View) -> list[Row]:
    described = {model for model, _ in view.pairs("describedIn")}
    known = amounts(view, "acceleratorHours", "impliedAcceleratorHours")
    found: dict[str, Row] = {}
    for model, organization in view.pairs("organization"):
        if model in described and (amount := known.known(model)):
            hours, stated = amount
            row = found.setdefault(organization, (organization, [], []))
            (row[1] if stated else row[2]).append(hours)
    return list(found.values())


def _order(row: Row) -> tuple[Decimal, Decimal, str]:
    organization, stated, implied = row
    return -total(stated).high, -total(implied).high, iri_of(organization)


def _stated(every: list[Amount]) -> Known:
    if not every:
        return {}
    whole = total(every)
    return {"statedModels": integer(len(every)), "statedHoursLow": _decimal(whole.low), "statedHoursHigh": _decimal(whole.high)}


def _implied(every: list[Amount]) -> Known:
    if not every:
        return {}
    whole = total(every)
    bounds = {"impliedHoursLow": whole.low, "impliedHoursTotal": whole.value, "impliedHoursHigh": whole.high}
    return {"impliedModels": integer(len(every)), **{name: _double(value) for name, value in bounds.items()}}


def _decimal(value: Decimal) -> str:
    return typed(*literal("xsd:decimal", f"{value:f}"))


def _double(value: Decimal) -> str:
    return typed(*literal("xsd:double", f"{value:.12g}"))
