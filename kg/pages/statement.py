"""The page of a claim or of a derived fact: what it states of what, its words or its formula, and what was computed from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyoxigraph as ox

from kg.iris import report_iri
from kg.model import Finding
from kg.pages._amounts import Amount, amount, clipped
from kg.pages._chains import Chains, label_of
from kg.pages._provenance import row_table, statement_triples
from kg.pages._quotes import Quote, Reports, Words, words_of
from kg.pages._remarks import remark
from kg.pages._shared import Named, named_of
from kg.pages.data import Table
from kg.pages.errors import Missing
from kg.pages.model import missing
from kg.sparql.statements import Statement
from kg.why import Graph, name_of, said, text_of

_RESTING, _OTHERS, _REMARKS = 30, 20, 10
_SAME = 300  # statements of one value that are looked at for those of one fact
_DEPTH = 6  # derived facts below one that its own page tells


@dataclass(frozen=True, slots=True)
class About:
    """What a statement is about: the model, and the run or hardware of it."""

    model: Named
    subject: Named
    stage: str | None


@dataclass(frozen=True, slots=True)
class Brief:
    """Another statement in a line; `same` tells whether it gives the same value."""

    iri: str
    label: str
    about: About
    amount: Amount
    origin: str
    formula: str = ""
    words: Words | None = None
    same: bool = True


def view(graph: Graph, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page of a claim or a derived fact shows; raise Missing when there is none."""
    item = _asked(graph, arguments)
    reports = Reports(graph.sources)
    relation = graph.schema.relations.get(item.name)
    words = None if item.derived else words_of(said(graph, item, {}), label_of(graph, item.name), reports)
    chain = Chains(graph, reports, {}, _DEPTH).chain(item.iri) if item.derived else None
    others, more_others = _others(graph, item, reports)
    resting = graph.statements.resting_on(item.iri)
    remarks = _remarks(graph, item, words.quote if words else None)
    return {
        "iri": item.iri,
        "kind": "derived" if item.derived else "claim",
        "about": _about(graph, item),
        "relation": item.name,
        "label": label_of(graph, item.name),
        "definition": relation.definition if relation else "",
        "amount": chain.amount if chain else words.amount if words else Amount(""),
        "thing": item.value.value if isinstance(item.value, ox.NamedNode) else None,
        "words": words,
        "report": report_iri(graph.base, item.report or "") if words else None,
        "chain": chain,
        "others": others,
        "more_others": more_others,
        "resting": [_brief(graph, other, reports) for other in resting[:_RESTING]],
        "more_resting": max(len(resting) - _RESTING, 0),
        "remarks": [remark(finding, reports) for finding in remarks],
    }


def table(graph: Graph, arguments: Mapping[str, Any]) -> Table:
    """Return the statement as a row, and those that rest on it."""
    item = _asked(graph, arguments)
    return row_table(graph, (item, *graph.statements.resting_on(item.iri)))


def triples(graph: Graph, arguments: Mapping[str, Any]) -> Iterator[ox.Triple]:
    """Yield what the store says of the statement, with the names of what it mentions."""
    yield from statement_triples(graph, _asked(graph, arguments).iri, (), everywhere=True)


def _asked(graph: Graph, arguments: Mapping[str, Any]) -> Statement:
    if "page" in arguments or "stage" in arguments:
        raise Missing("a statement has one page", hint="leave out what stands behind its path")
    item = graph.statements.statement(arguments["iri"])
    if item is None:
        raise missing(graph, arguments["iri"])
    return item


def _about(graph: Graph, item: Statement) -> About:
    model = graph.statements.model_of(item.subject) or item.subject
    return About(named_of(graph, model), named_of(graph, item.subject), graph.statements.stage_of(item.subject))


def _others(graph: Graph, item: Statement, reports: Reports) -> tuple[list[Brief], bool]:
    """Return what else is stated of the subject and the relation, by others the same or otherwise, and whether there is more."""
    if item.derived:
        computed = graph.statements.derived(item.subject).items()
        iris = sorted(iri for iri, relation in computed if relation == item.relation and iri != item.iri)
    else:
        iris = [iri for iri in islice(_claims(graph, item), _OTHERS + 2) if iri != item.iri]
    read = [found for iri in iris[:_OTHERS] if (found := graph.statements.statement(iri))]
    return [_brief(graph, other, reports, same=other.value == item.value) for other in read], len(iris) > _OTHERS


def _claims(graph: Graph, item: Statement) -> Iterator[str]:
    """Yield the claims of the same fact, and of a relation that can have one value those of its rivals."""
    values = [item.value]
    relation = graph.schema.relations.get(item.name)
    if relation is not None and relation.functional:
        subject, predicate = ox.NamedNode(item.subject), ox.NamedNode(item.relation)
        quads = islice(graph.store.quads_for_pattern(subject, predicate, None, ox.DefaultGraph()), _OTHERS + 2)
        values += sorted((quad.object for quad in quads if quad.object != item.value), key=str)
    for value in values:
        same = graph.statements.stating(item.subject, item.relation, value, _SAME)
        yield from graph.statements.values_of(item.subject, item.relation).get(value, ()) if same is None else same


def _brief(graph: Graph, item: Statement, reports: Reports, *, same: bool = True) -> Brief:
    label, about = label_of(graph, item.name), _about(graph, item)
    if item.derived:
        shown = amount(item.name, text_of(item.value), item.one("measuredIn"))
        return Brief(item.iri, label, about, shown, "derived", clipped(item.one("formula") or ""), same=same)
    words = words_of(said(graph, item, {}), label, reports)
    name = name_of(graph, item.value)
    return Brief(item.iri, label, about, amount(item.name, name) if name else words.amount, "reported", words=words, same=same)


def _remarks(graph: Graph, item: Statement, place: Quote | None) -> Sequence[Finding]:
    """Return the findings about what a statement states, and those that point at its words."""
    model = graph.statements.model_of(item.subject) or item.subject
    found = []
    for finding in graph.findings_about(model):
        points = place is not None and any(
            label.report == place.report and label.start < place.end and place.start < label.end for label in finding.labels
        )
        told = finding.relation == item.name and finding.subject in {item.subject, model}
        if told or (points and not finding.code.startswith("KG2")):
            found.append(finding)
    return found[:_REMARKS]
