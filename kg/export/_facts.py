"""A row for each claim: what it says, and the words that say it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

import pyoxigraph as ox

from kg.export._selection import Selection
from kg.terms import KG, OA, RDF, RDFS, SKOS

_LABEL = f"{RDFS}label"
_SUBJECT = f"{RDF}subject"


@dataclass(frozen=True, slots=True)
class Fact:
    """A claim of one report; `stage` is None for the whole training, `thing` the IRI of what the value names.

    `start` and `end` bound the words (`mention`) in the report's text (`source`), in code points.
    """

    model: str
    stage: str | None
    relation: str
    value: str
    unit: str | None
    report: str
    start: int
    end: int
    mention: str
    thing: str | None
    approximate: bool
    value_max: str | None
    source: str = field(repr=False)

    def cells(self) -> tuple[object, ...]:
        """Return the values of COLUMNS: everything but the report's text."""
        return tuple(getattr(self, item.name) for item in fields(self)[: len(COLUMNS)])


COLUMNS = ("model", "stage", "relation", "value", "unit", "report", "start", "end", "mention", "thing", "approximate", "valueMax")
"""The fields of a Fact under the names that claims have on the wire."""


_Graph = Mapping[str, Mapping[str, Sequence[ox.NamedNode | ox.Literal]]]
"""Objects by subject and predicate."""


def facts(selection: Selection) -> Iterator[Fact]:
    """Yield the facts of a selection in order of report, start, end, relation, value."""
    stages = _stages(selection.store)
    for name in selection.report_graphs():
        graph: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = defaultdict(lambda: defaultdict(list))
        for quad in selection.store.quads_for_pattern(None, None, None, name):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
                graph[quad.subject.value][quad.predicate.value].append(quad.object)
        found = [fact for model, fact in _of_report(graph, stages) if selection.model in {None, model}]
        yield from sorted(found, key=lambda fact: (fact.start, fact.end, fact.relation, fact.value, fact.model, fact.stage or ""))


def _of_report(graph: _Graph, stages: Mapping[str, str]) -> Iterator[tuple[str, Fact]]:
    """Yield the model's IRI with each fact of a report."""
    report = next(node for node in graph.values() if f"{KG}text" in node)
    text = report[f"{KG}text"][0].value
    owners = dict(_owners(graph, stages))
    for node in graph.values():
        if _SUBJECT not in node:
            continue
        model, stage = owners.get(node[_SUBJECT][0].value, (node[_SUBJECT][0].value, None))
        value = node[f"{RDF}object"][0]
        start, end = int(node[f"{OA}start"][0].value), int(node[f"{OA}end"][0].value)
        thing = value.value if isinstance(value, ox.NamedNode) else None
        yield (
            model,
            Fact(
                model=_first(graph[model], _LABEL) or model,
                stage=stage,
                relation=node[f"{RDF}predicate"][0].value.removeprefix(KG),
                value=(_first(graph.get(thing, {}), _LABEL) if thing else None) or value.value,
                unit=_first(node, f"{KG}unit"),
                report=_first(report, _LABEL) or "",
                start=start,
                end=end,
                mention=text[start:end],
                thing=thing,
                approximate=_first(node, f"{KG}approximate") == "true",
                value_max=_first(node, f"{KG}valueMax"),
                source=text,
            ),
        )


def _owners(graph: _Graph, stages: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """Yield each model, run and hardware with its model and stage."""
    for model, node in graph.items():
        if f"{KG}describedIn" not in node:
            continue
        yield model, (model, None)
        for run in node.get(f"{KG}hasRun", ()):
            stage = stages.get(_first(graph[run.value], f"{KG}stage") or "")
            yield run.value, (model, stage)
            for hardware in graph[run.value].get(f"{KG}hardware", ()):
                yield hardware.value, (model, stage)


def _first(node: Mapping[str, Sequence[ox.NamedNode | ox.Literal]], predicate: str) -> str | None:
    return node[predicate][0].value if predicate in node else None


def _stages(store: ox.Store) -> dict[str, str]:
    """Return the notation of each stage, as `pretraining`, by IRI."""
    found = store.quads_for_pattern(None, ox.NamedNode(f"{SKOS}notation"), None, ox.DefaultGraph())
    return {
        quad.subject.value: quad.object.value
        for quad in found
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal)
    }
