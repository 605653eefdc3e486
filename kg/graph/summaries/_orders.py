"""The models that reports describe in the orders in which people look for them, on pages of 50, and the reports.

By name, by year (the newest first), by size and by accelerator-hours (the largest first); what is not stated stands last. A model's
hours are those of its whole training (`_amounts`), in the order of what the list shows of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from kg.graph.summaries._hours import known_hours
from kg.graph.summaries._uses import SHOWN, Order
from kg.graph.summaries._write import count, pages
from kg.graph.view import View, iri_of, text_of
from kg.terms import KG, TYPE


def orders(view: View, order: Order, base: str) -> Iterator[str]:
    """Yield the models in every order, the hours of each, and the reports."""
    by_name = sorted(order, key=order.__getitem__)
    years, sizes = _largest(view, "releaseYear"), _largest(view, "parameterCount")
    hours: dict[str, Decimal] = {}
    for model, shown, measures in known_hours(view, by_name):
        hours[model] = shown
        yield from count(base, "models-by-hours", {"about": model}, measures)[1]
    yield from pages(base, "models-by-name", by_name, SHOWN)
    for name, known in (("year", years), ("size", sizes), ("hours", hours)):
        yield from pages(base, f"models-by-{name}", sorted(by_name, key=_downwards(known)), SHOWN)
    reports = sorted({report for report, kind in view.pairs(TYPE) if kind == f"<{KG}Report>"}, key=iri_of)
    yield from pages(base, "reports", reports, SHOWN)


def _largest(view: View, name: str) -> dict[str, Decimal]:
    """Return the largest number that is stated of each model."""
    found: dict[str, Decimal] = {}
    for model, value in view.pairs(name):
        text = text_of(value)
        if text.removeprefix("-").isdecimal():
            found[model] = max(found.get(model, Decimal(text)), Decimal(text))
    return found


def _downwards(known: Mapping[str, Decimal]) -> Callable[[str], tuple[bool, Decimal]]:
    return lambda model: (model not in known, -known.get(model, Decimal(0)))
