"""A derived fact -> how it was computed: formula, interval, assumptions, figures of the catalogue, its inputs down to the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from kg.chain import Computed, Known
from kg.pages._amounts import Amount, amount, clipped
from kg.pages._quotes import Reports, Words, words_of
from kg.why import Graph, computed

REPORTED, DERIVED, CATALOGUE = "reported", "derived", "catalogue"

DEPTH = 2
"""Derived facts below one that are told with it."""

_CLAIMS, _INPUTS, _TEXTS = 8, 12, 6
_WIDTH = 100  # units of the drawing of an interval
_OPEN = Decimal("1.5")  # how far an interval without an end is drawn, as a multiple of its value


@dataclass(frozen=True, slots=True)
class Source:
    """On whose word something stands: an address, or words."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval as it is drawn: offsets from zero, 100 is the end; `open` when it has no upper bound."""

    low: str
    value: str
    high: str
    open: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the catalogue that went into a derived fact; of one without a thing only its words are known."""

    text: str
    thing: str | None = None
    label: str = ""
    name: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """A derived fact with what it rests on; `told` is false for one that is told elsewhere, on this page at its `anchor`.

    `reports` are the IRIs of those whose claims it was computed from.
    """

    derived: str
    model: str
    relation: str
    label: str
    stage: str | None
    amount: Amount
    low: Amount | None
    high: Amount | None
    bar: Bar | None
    rule: str = ""
    formula: str = ""
    assumptions: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    claims: tuple[Words, ...] = ()
    more: int = 0
    inputs: tuple[Chain, ...] = ()
    told: bool = True
    anchor: str | None = None
    reports: tuple[str, ...] = ()


class Chains:
    """Reads chains; of derived facts with an anchor on the page only the heads are told inside others."""

    def __init__(self, graph: Graph, reports: Reports, anchors: Mapping[str, str], depth: int = DEPTH) -> None:
        self.graph, self.reports, self.anchors, self.depth = graph, reports, anchors, depth

    def chain(self, iri: str, depth: int | None = None) -> Chain | None:
        """Return the chain of a derived fact, None when there is none; `depth` derived facts below it are told with it."""
        item = self.graph.statements.statement(iri)
        if item is None:
            return None
        seen = set(self.anchors) - {iri}
        found = self._shown(computed(self.graph, item, {}, seen, self.depth if depth is None else depth))
        return replace(found, reports=item.more.get("source", ())[:_TEXTS])

    def _shown(self, item: Computed) -> Chain:
        bounds = [amount(item.relation, bound, item.unit) if bound is not None else None for bound in (item.low, item.high)]
        return Chain(
            derived=item.derived,
            model=item.label,
            relation=item.relation,
            label=label_of(self.graph, item.relation),
            stage=item.stage,
            amount=amount(item.relation, item.value, item.unit),
            low=bounds[0],
            high=bounds[1],
            bar=bar(item.low, item.value, item.high),
            rule=item.rule,
            formula=clipped(item.formula, 600),
            assumptions=tuple(clipped(text) for text in item.assumptions[:_TEXTS]),
            figures=tuple(self._figures(item)),
            claims=tuple(self._inputs(item)),
            more=max(len(item.claims) - _CLAIMS, 0) + max(len(item.inputs) - _INPUTS, 0),
            inputs=tuple(self._shown(other) for other in item.inputs[:_INPUTS]),
            told=not item.repeated,
            anchor=self.anchors.get(item.derived),
        )

    def _inputs(self, item: Computed) -> Iterator[Words]:
        for claim in item.claims[:_CLAIMS]:
            yield words_of(claim, label_of(self.graph, claim.relation), self.reports)

    def _figures(self, item: Computed) -> list[Figure]:
        """Return the figures of the catalogue; those that no fact of it tells are shown as the rule wrote them."""
        known = [_figure(fact, label_of(self.graph, fact.relation)) for fact in item.catalog[:_TEXTS]]
        heads = tuple(f"{figure.label} of {figure.name}:" for figure in known)
        others = [text for text in item.figures[:_TEXTS] if not (heads and text.startswith(heads))]
        return known + [Figure(clipped(text)) for text in others]


def label_of(graph: Graph, relation: str) -> str:
    """Return how people call a relation."""
    known = graph.schema.relations.get(relation)
    return known.label if known else relation


def _figure(fact: Known, label: str) -> Figure:
    text = amount(fact.relation, fact.name or fact.value).text
    return Figure(text, fact.thing, label, fact.label, tuple(map(source, (*fact.sources, *fact.credits)[:_TEXTS])))


def source(text: str) -> Source:
    """Return a source; only what is an address of the web is one that can be followed.

    >>> source("https://example.org/a").href, source("javascript:alert(1)").href
    ('https://example.org/a', None)
    """
    shown = clipped(text, 120)
    return Source(shown, text if text.startswith(("https://", "http://")) and len(text) < 1000 else None)


def bar(low: str | None, value: str, high: str | None) -> Bar | None:
    """Return an interval as it is drawn, from zero on; None when it has no width, or is none of positive numbers.

    >>> bar("50", "75", "100"), bar("64", "64", "64")
    (Bar(low='50', value='75', high='100', open=False), None)
    """
    try:
        middle = Decimal(value)
        first, last = Decimal(low or value), Decimal(high) if high is not None else middle * _OPEN
    except InvalidOperation:
        return None
    if not (0 <= first <= middle <= last and first < last and last.is_finite()):
        return None
    return Bar(_offset(first / last), _offset(middle / last), _offset(last / last), open=high is None)


def _offset(part: Decimal) -> str:
    return f"{float(part) * _WIDTH:.1f}".removesuffix(".0")
