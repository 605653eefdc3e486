"""The page of a model, of one of its runs, or of hardware: its facts by run and stage, each with its words; gaps, contradictions.

A page shows so many facts; the others stand on further pages, and those of a run on a page of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.findings import kind_of as kind_of_finding
from kg.model import Finding
from kg.pages._amounts import clipped
from kg.pages._facts import PAGE, Fact, Key, Part, Reader, disputed, keys
from kg.pages._parts import ITSELF, TRAINING, parts_of
from kg.pages._provenance import rows, statement_triples
from kg.pages._remarks import Placed, Remark, gap_codes, placed, remark
from kg.pages._shared import Named, all_named, backbones, datasets, named_of
from kg.pages.data import Table
from kg.pages.errors import Missing
from kg.pages.search import near_names
from kg.sparql.statements import DOMAINS
from kg.terms import KG
from kg.why import Graph, kind_of

_NAMES, _REPORTS = 20, 10


@dataclass(frozen=True, slots=True)
class Unstated:
    """A relation that no report states of a model, and the code of the gap that it belongs to."""

    relation: str
    label: str
    definition: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A fact, and the findings that stand after it."""

    fact: Fact
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A part of a model as it is shown: `total` facts, of which some may stand on other pages; what it lacks."""

    part: Part
    total: int
    rows: tuple[Row, ...]
    remarks: tuple[Remark, ...]
    unstated: tuple[Unstated, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """An entry of the contents: a part, how many facts it has, and whether it stands on this page."""

    part: Part
    total: int
    here: bool
    gaps: int
    contradictions: int


@dataclass(frozen=True, slots=True)
class Page:
    """Which of all facts a page shows."""

    number: int
    last: int
    start: int
    end: int
    total: int


def view(graph: Graph, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page of a model, a run or hardware shows; raise Missing when there is no such thing, stage or page."""
    iri, kind = _asked(graph, arguments)
    parts = _wanted(parts_of(graph, iri, kind), arguments.get("stage"))
    stated = [keys(graph, part) for part in parts]
    page = _page(arguments.get("page"), sum(map(len, stated)))
    model = iri if kind == "model" else graph.statements.model_of(iri)
    findings = graph.findings_about(model) if model else []
    groups, stops, left = _groups(graph, _Shown(kind, parts, stated, page), findings)
    head = _head(graph, iri, kind, model)
    first = kind == "model" and page.number == 1 and not arguments.get("stage")
    sharing = {"backbones": backbones(graph, iri), "datasets": datasets(graph, iri)} if first else {}
    return {**head, "groups": groups, "stops": stops, "pages": page, "more_findings": left, "sharing": sharing}


def table(graph: Graph, arguments: Mapping[str, Any]) -> Table:
    """Return a row for each claim and each derived fact of a model, a run or hardware."""
    iri, kind = _asked(graph, arguments)
    return rows(
        graph, (subject for part in _wanted(parts_of(graph, iri, kind), arguments.get("stage")) for subject in part.subjects)
    )


def triples(graph: Graph, arguments: Mapping[str, Any]) -> Iterator[ox.Triple]:
    """Yield the facts of a model, a run or hardware, and the claims and derived facts that state them."""
    iri, kind = _asked(graph, arguments)
    subjects = [subject for part in _wanted(parts_of(graph, iri, kind), arguments.get("stage")) for subject in part.subjects]
    yield from statement_triples(graph, iri, subjects)


def _asked(graph: Graph, arguments: Mapping[str, Any]) -> tuple[str, str]:
    iri = arguments["iri"]
    if not graph.knows(iri):
        raise missing(graph, iri)
    return iri, arguments.get("kind") or kind_of(graph, iri)


def missing(graph: Graph, iri: str) -> Missing:
    """Return the error for a thing that is not there, with the names of what is near."""
    name = iri.removeprefix(graph.base).partition("/")[2]
    near = near_names(graph, name)
    return Missing(f"nothing is known of {name or iri}", hint=f"near it: {', '.join(near)}" if near else "search for its name")


def _wanted(parts: list[Part], stage: str | None) -> list[Part]:
    found = [part for part in parts if stage in {None, part.name}]
    if not found:
        names = ", ".join(part.name for part in parts)
        raise Missing(f"there is no stage '{stage}' of this model", hint=f"there is {names}")
    return found


def _page(asked: str | None, total: int) -> Page:
    last = max(1, -(-total // PAGE))
    number = int(asked) if asked and asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1 if asked is None else 0
    if not 1 <= number <= last:
        raise Missing(f"there is no page {asked} of these facts", hint=f"they stand on {last:,} pages")
    return Page(number, last, (number - 1) * PAGE, min(number * PAGE, total), total)


# What is shown of each part -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shown:
    """What there is to show: of a kind of thing its parts, the facts of each, and which of them all are wanted."""

    kind: str
    parts: Sequence[Part]
    stated: Sequence[Sequence[Key]]
    page: Page


def _groups(graph: Graph, shown: _Shown, findings: Sequence[Finding]) -> tuple[list[Group], list[Stop], int]:
    every = [key for some in shown.stated for key in some]
    here = every[shown.page.start : shown.page.end]
    reader = Reader(graph, here, disputed(graph, every), total=len(every))
    told = placed(graph, findings, shown.parts, every)
    lacking = _unstated(graph, every, findings) if shown.kind == "model" else {}
    groups, stops, before = [], [], 0
    for part, stated in zip(shown.parts, shown.stated, strict=True):
        first, last = max(shown.page.start - before, 0), min(shown.page.end - before, len(stated))
        is_here = last > first or (not stated and shown.page.start <= before <= shown.page.end)
        if is_here:
            groups.append(_group(reader, part, (stated, first, last), told, lacking.get(part.name, ())))
        if stated or part.name in told.within:
            stops.append(_stop(part, len(stated), is_here, told))
        before += len(stated)
    return [group for group in groups if group.total or group.remarks or group.unstated], stops, told.left


def _group(reader: Reader, part: Part, facts: tuple[Sequence[Key], int, int], told: Placed, lacking: tuple[Unstated, ...]) -> Group:
    """Return a part with some of its facts: findings stand after the last fact of their relation, or where the part ends."""
    stated, first, last = facts
    some = list(stated[first:last])
    found = []
    for at, (key, fact) in enumerate(zip(some, reader.facts(some), strict=True), first):
        ends = at + 1 == len(stated) or stated[at + 1].relation != key.relation
        beside = told.beside.get((part.name, key.relation), ()) if ends else ()
        found.append(Row(fact, tuple(remark(item, reader.reports) for item in beside)))
    whole = last == len(stated)
    within = told.within.get(part.name, ()) if whole else ()
    remarks = tuple(remark(item, reader.reports) for item in within)
    return Group(part, len(stated), tuple(found), remarks, lacking if whole else ())


def _stop(part: Part, total: int, here: bool, told: Placed) -> Stop:
    about = [item for (name, _), some in told.beside.items() if name == part.name for item in some]
    kinds = [kind_of_finding(item.code) for item in (*about, *told.within.get(part.name, ()))]
    return Stop(part, total, here, kinds.count("gap"), kinds.count("contradiction"))


def _unstated(graph: Graph, every: Sequence[Key], findings: Sequence[Finding]) -> dict[str, tuple[Unstated, ...]]:
    """Return what no report states of a model and of its training."""
    stated, gaps = {key.relation for key in every}, gap_codes(findings)
    found: dict[str, list[Unstated]] = {ITSELF: [], TRAINING: []}
    for relation in graph.schema.relations.values():
        if relation.origin == "report" and relation.domain in DOMAINS and relation.name not in stated:
            lacking = Unstated(relation.name, relation.label, relation.definition, gaps.get(relation.name))
            found[ITSELF if relation.domain == "Model" else TRAINING].append(lacking)
    return {name: tuple(some) for name, some in found.items()}


# What stands at its head --------------------------------------------------------------------------------------------------------


def _head(graph: Graph, iri: str, kind: str, model: str | None) -> dict[str, Any]:
    label = clipped(graph.statements.label(iri) or iri.removeprefix(graph.base))
    names = [clipped(name) for name in graph.statements.names(iri) if name != label] if kind == "model" else []
    told = graph.statements.values(model or iri, ox.NamedNode(f"{KG}describedIn"))
    return {
        "iri": iri,
        "kind": kind,
        "label": label,
        "names": names[:_NAMES],
        "more_names": max(len(names) - _NAMES, 0),
        "model": named_of(graph, model) if model else Named(iri, label),
        "roles": _roles(graph, model or iri) if kind == "model" else [],
        "reports": all_named(graph, told[:_REPORTS]),
        "more_reports": max(len(told) - _REPORTS, 0),
    }


def _roles(graph: Graph, model: str) -> list[tuple[str, tuple[Named, ...], int]]:
    """Return what a model is built on by role, as its head tells it: some of each, and how many more there are."""
    found = []
    for name in ("extends", "imageEncoder", "languageModel", "component"):
        iris = graph.statements.values(model, ox.NamedNode(KG + name))
        if iris:
            label = graph.schema.relations[name].label
            found.append((label, all_named(graph, iris[:_REPORTS]), max(len(iris) - _REPORTS, 0)))
    return found
