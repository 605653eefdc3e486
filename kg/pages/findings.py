"""The page of findings: what the reports do not say, where they contradict themselves or each other, and what else is remarked.

They are filtered by what `filters` tells; live also by a model (`?model=`, its name below `model/` or its IRI) and a report
(`?report=`, its id). Only the findings of the page are read, and the reports that they point into.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from kg.codes import Code, codes
from kg.findings import FINDINGS, KINDS, Findings, Keys, key, kind_of, made_of
from kg.model import Finding
from kg.pages._amounts import clipped
from kg.pages._filters import SEVERITIES, Filter, asked
from kg.pages._prose import Block, blocks
from kg.pages._quotes import Reports
from kg.pages._remarks import Remark, remark
from kg.pages._results import COLUMNS, result, rows
from kg.pages._summed import OLD, Pager
from kg.pages.data import Table
from kg.pages.errors import Missing
from kg.terms import path as path_of
from kg.why import Graph

PAGE = 25
"""Findings on a page."""

NONE = "This build holds its graph alone: no file of findings was written with it."

_SMALL = 4 << 20  # bytes of findings that are all read where there is no index
_FEW = 2000  # findings of one model or report that are counted by each filter
_HELD = 12  # reports that are held at a time
_Left = tuple[int, list[Finding], Mapping[bytes, int] | None]
_SEVERITIES = {"violation": "Violation", "warning": "Warning", "info": "Info"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter that may be chosen: its path, what it is called, how many findings it leaves, whether it is chosen."""

    path: str
    label: str
    count: int | None
    chosen: bool
    title: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """What the findings of a live page are narrowed by: a parameter of the address, its value, the IRI and name of the thing."""

    parameter: str
    value: str
    iri: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding as the page shows it: `path` is that of its code's findings, `subject` what it is about."""

    number: int
    remark: Remark
    path: str
    title: str
    subject: tuple[str, str] | None
    report: tuple[str, str] | None
    relation: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for, and the numbers of the findings that it leaves: a page of `total`."""

    filter: Filter
    named: tuple[Named, ...]
    found: Findings | None
    told: str
    number: int
    total: int
    findings: Sequence[Finding]
    counts: Mapping[bytes, int] | None

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def view(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a page of findings with its filters; raise Missing for an unknown filter, thing or page."""
    wanted = _wanted(graph, arguments)
    relations = graph.schema.relations
    path = wanted.filter.path(relations)
    first = (wanted.number - 1) * PAGE
    return {
        "filter": wanted.filter,
        "title": _title(graph, wanted.filter),
        "rule": _rule(wanted.filter.code) if wanted.number == 1 else None,
        "named": wanted.named,
        "query": {item.parameter: item.value for item in wanted.named},
        "told": wanted.told,
        "groups": _groups(graph, wanted) if wanted.found is not None else (),
        "total": wanted.total,
        "first": first,
        "entries": tuple(_entries(graph, wanted.findings, first)),
        "pager": Pager(path, wanted.number, wanted.pages),
    }


def table(graph: Graph, arguments: Mapping[str, Any]) -> Table:
    """Return a row for each place of each finding on the page, one for a finding without a place."""
    wanted = _wanted(graph, arguments)
    return Table(COLUMNS, rows(graph, wanted.findings))


def triples(graph: Graph, arguments: Mapping[str, Any]) -> Iterator[ox.Triple]:
    """Yield the findings of the page as results of a validation (SHACL, section 3.6), with their places."""
    for finding in _wanted(graph, arguments).findings:
        yield from result(graph, finding)


# What is wanted -----------------------------------------------------------------------------------------------------------------


def _wanted(graph: Graph, arguments: Mapping[str, Any]) -> _Wanted:
    found, told = _found(graph)
    listed = set(found.counts(key("code", ""))) if found is not None else set()
    filter, number = asked(arguments.get("filter", ""), graph.schema.relations, _titles().keys() | listed)
    named = tuple(_named(graph, arguments.get("query", {})))
    left = _narrowed(graph, found, filter, named, number) if named and found is not None else _all(found, filter, number)
    wanted = _Wanted(filter, named, found, told, number, *left)
    if not 1 <= number <= wanted.pages:
        raise Missing(f"there is no page {number:,} of these findings: the last one is {wanted.pages:,}")
    return wanted


def _all(found: Findings | None, filter: Filter, number: int) -> _Left:
    """Return how many findings there are of a filter, and those of the page; how many others leave is asked of the index."""
    if found is None:
        return 0, [], None
    total = len(found) if filter.key is None else found.count(filter.key)
    return total, found.page(filter.key, (number - 1) * PAGE, PAGE), None


def _found(graph: Graph) -> tuple[Findings | None, str]:
    """Return the findings of the build, or why there are none to be shown."""
    if graph.findings_index is not None:
        return graph.findings_index, ""
    if graph.graph_alone:
        return None, NONE
    path = graph.folder / FINDINGS
    if path.exists() and path.stat().st_size > _SMALL:
        return None, OLD
    return made_of(graph.folder, Keys(graph.base, graph.schema.stages)), ""


def _narrowed(graph: Graph, found: Findings, filter: Filter, named: Sequence[Named], number: int) -> _Left:
    """Return how many findings are left, those of the page, and how many each filter would leave where they are few."""
    keys = [key(item.parameter, item.iri if item.parameter == "model" else item.value) for item in named]
    numbers = found.numbers(keys)
    if len(numbers) > _FEW:
        left = numbers if filter.key is None else found.numbers([*keys, filter.key])
        return len(left), found.read(left[(number - 1) * PAGE : number * PAGE]), None
    names = Keys(graph.base, graph.schema.stages)
    every = [(finding, set(names.of(finding))) for finding in found.read(numbers)]
    kept = [finding for finding, own in every if filter.key is None or filter.key in own]
    counts = Counter(name for _, own in every for name in own)
    return len(kept), kept[(number - 1) * PAGE : number * PAGE], counts


def _named(graph: Graph, query: Mapping[str, Sequence[str]]) -> Iterator[Named]:
    """Yield the model and the report that the address names; raise Missing for one that is not known."""
    for parameter, folder in (("model", "model/"), ("report", "report/")):
        value = query.get(parameter, [""])[-1].strip()
        if not value:
            continue
        iri = value if value.startswith(graph.base) else f"{graph.base}{folder}{path_of(value)}"
        if not graph.knows(iri):
            near = graph.near(value)[:3] if graph.indexed and parameter == "model" else []
            raise Missing(f"no {parameter} is called '{clipped(value, 80)}'", hint=f"near it: {', '.join(near)}" if near else None)
        label = graph.statements.label(iri) or value
        yield Named(parameter, label if parameter == "report" else value, iri, label)


# What is shown ------------------------------------------------------------------------------------------------------------------


def _title(graph: Graph, filter: Filter) -> str:
    if filter.code:
        return f"{filter.code}: {_titles().get(filter.code, 'findings of shapes of your own')}"
    plural = {"gap": "Gaps", "contradiction": "Contradictions", "remark": "Remarks"}
    if filter.field == "severity":
        return {"violation": "Violations", "warning": "Warnings", "info": "Infos"}[filter.values[0]]
    if filter.field in {"relation", "kind/relation"}:
        return f"{plural.get(filter.kind or '', 'Findings')} about {_label(graph, filter.values[-1])}"
    return plural.get(filter.kind or "", "Findings")


def _label(graph: Graph, relation: str) -> str:
    known = graph.schema.relations.get(relation)
    return known.label if known else relation


@lru_cache(maxsize=1)
def _pages() -> Mapping[str, Code]:
    return {known.code: known for known in codes()}


def _titles() -> Mapping[str, str]:
    return {name: known.title for name, known in _pages().items()}


def _rule(code: str | None) -> tuple[str, tuple[Block, ...]] | None:
    """Return what a code means: its usual severity, and the text of its page."""
    known = _pages().get(code or "")
    return (_SEVERITIES[known.severity], tuple(blocks(known.text))) if known else None


def _groups(graph: Graph, wanted: _Wanted) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Return the filters by what they filter by."""
    kind = wanted.filter.kind
    by_relation = "kind/relation" if kind else "relation"
    titles = _titles()
    found = [
        ("Kind", _choices(graph, wanted, "kind", KINDS, lambda name: name.capitalize())),
        ("Severity", _choices(graph, wanted, "severity", SEVERITIES, lambda name: _SEVERITIES[name])),
        ("Code", _choices(graph, wanted, "code", _values(wanted, "code"), lambda name: name, titles)),
        (
            f"{kind.capitalize()}s about" if kind else "Relation",
            _choices(graph, wanted, by_relation, _relations(graph, wanted, by_relation, kind), lambda name: _label(graph, name)),
        ),
    ]
    return tuple((name, choices) for name, choices in found if choices)


def _choices(
    graph: Graph,
    wanted: _Wanted,
    field: str,
    names: Sequence[str],
    label: Any,
    titles: Mapping[str, str] | None = None,
) -> tuple[Choice, ...]:
    found = []
    for name in names:
        values = (wanted.filter.kind or "", name) if field == "kind/relation" else (name,)
        item = Filter(field, values)
        count = _count(wanted, item)
        chosen = item == wanted.filter or (field == "kind" and name == wanted.filter.kind)
        if count or chosen or count is None:
            found.append(Choice(item.path(graph.schema.relations), label(name), count, chosen, (titles or {}).get(name, "")))
    return tuple(found)


def _count(wanted: _Wanted, item: Filter) -> int | None:
    """Return how many findings a filter leaves, None where that is not known."""
    if wanted.counts is not None:
        return wanted.counts.get(item.key or b"", 0)
    return None if wanted.named or wanted.found is None else wanted.found.count(item.key or b"")


def _values(wanted: _Wanted, field: str) -> Sequence[str]:
    return sorted(wanted.found.counts(key(field, ""))) if wanted.found is not None else ()


def _relations(graph: Graph, wanted: _Wanted, field: str, kind: str | None) -> Sequence[str]:
    """Return the relations that findings are about; of a kind only those of the ontology, which have a path."""
    if kind is None:
        return sorted(_values(wanted, "relation"), key=lambda name: _label(graph, name).casefold())
    begin = key(field, kind, "")
    known = wanted.found.counts(begin) if wanted.found is not None else {}
    return sorted(known.keys() & graph.schema.relations.keys(), key=lambda name: _label(graph, name).casefold())


def _entries(graph: Graph, findings: Sequence[Finding], first: int) -> Iterator[Entry]:
    reports, relations = Reports(graph.sources), graph.schema.relations
    for number, finding in enumerate(findings, first + 1):
        if len(reports) > _HELD:
            reports = Reports(graph.sources)
        yield Entry(
            number=number,
            remark=remark(finding, reports),
            path=Filter("code", (finding.code,)).path(relations),
            title=_titles().get(finding.code, ""),
            subject=_subject(graph, finding.subject),
            report=_report(graph, finding),
            relation=_relation(graph, finding),
        )


def _subject(graph: Graph, iri: str | None) -> tuple[str, str] | None:
    """Return what a finding is about: the model of a run or of hardware, or the thing itself, with its name."""
    if iri is None or not graph.knows(iri):
        return None
    of_model = iri.startswith((f"{graph.base}run/", f"{graph.base}hardware/"))
    thing = (graph.statements.model_of(iri) if of_model else None) or iri
    return thing, clipped(graph.statements.label(thing) or thing.removeprefix(graph.base))


def _report(graph: Graph, finding: Finding) -> tuple[str, str] | None:
    """Return the report of a finding that points at no words."""
    if finding.report is None or finding.labels:
        return None
    iri = f"{graph.base}report/{path_of(finding.report)}"
    return (iri if graph.knows(iri) else "", clipped(finding.report))


def _relation(graph: Graph, finding: Finding) -> tuple[str, str] | None:
    if finding.relation is None:
        return None
    filter = Filter("kind/relation", (kind_of(finding.code), finding.relation))
    if finding.relation not in graph.schema.relations:
        filter = Filter("relation", (finding.relation,))
    return filter.path(graph.schema.relations), _label(graph, finding.relation)
