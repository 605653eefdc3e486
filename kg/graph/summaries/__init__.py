"""The default graph -> its summaries, so that what is counted over all models is counted once, when the graph is built.

Every node is a kg:Summary of a list (`kg:list`, the name of the query that reads it): the list itself with its size, a page of it
with its number and entries, the first page of its part about a thing, or a count with what it is of. All follow from the triples
alone. Nothing grows faster than the graph: what models share is kept by what they share and never by pairs of models; beside a
count stand its first models.
"""

from __future__ import annotations

from kg.graph.summaries._counts import counts
from kg.graph.summaries._disclosure import disclosure
from kg.graph.summaries._hours import hours
from kg.graph.summaries._lists import lists
from kg.graph.summaries._orders import orders
from kg.graph.summaries._timeline import timeline
from kg.graph.summaries._uses import names_order, uses
from kg.graph.summaries._write import count_of
from kg.graph.summaries._years import years
from kg.graph.view import View

__all__ = ["count_of", "summary_triples"]


def summary_triples(view: View, base: str) -> list[str]:
    """Return the sorted triples that summarise a default graph."""
    order = names_order(view)
    shown = {*uses(view, order, base), *orders(view, order, base)}
    told = {*years(view, base), *timeline(view, base), *disclosure(view, base)}
    return sorted({*lists(view, base), *counts(view, base), *hours(view, base), *shown, *told})
