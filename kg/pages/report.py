"""The page of a report: its text with every claim marked in it, a list of the claims, and what is wrong or missing where it stands.

A long text is shown in parts (`cuts`). What is read is proportional to the report, and of claims to the part that is shown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyoxigraph as ox

from kg.findings import kind_of
from kg.model import Finding
from kg.pages._amounts import clipped
from kg.pages._claims import Place, Told, graph_name, places, told
from kg.pages._cuts import cuts, page_of
from kg.pages._marks import Mark, Part, marked
from kg.pages._sides import Remark, findings_in, on_part, remarks, touches
from kg.pages.data import Table
from kg.pages.errors import Missing
from kg.places import ReportSource
from kg.terms import DCTERMS, KG
from kg.why import Graph

MOST = 400
"""Claims that are listed beside a part of a text, at most; all are marked in it, and all are in its data."""

_FINDINGS = 100
_MODELS = 60
_TITLE = 300
_HEAD = {
    f"{DCTERMS}issued": "Published",
    f"{KG}arxivId": "arXiv",
    f"{KG}path": "File",
    f"{KG}line": "Line",
    f"{KG}sha256": "SHA-256",
}
_ARXIV = re.compile(r"[a-z.-]+/\d{7}(?:v\d+)?|\d{4}\.\d{4,5}(?:v\d+)?", re.IGNORECASE)

_COLUMNS = (
    *("number", "model", "modelName", "stage", "relation", "value", "name", "valueMax", "unit", "approximate"),
    *("mention", "start", "end", "page", "method", "claim"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A claim in the list: whether its words begin on this page (else on `page`), and the findings that point at them."""

    claim: Told
    here: bool
    page: int
    findings: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Claims that follow each other and are about the same stage of the same model."""

    model: str
    label: str
    stage: str | None
    entries: tuple[Entry, ...]


def view(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the page of a report, or of a part of it, shows; raise Missing when it has no such part."""
    iri = arguments["iri"]
    id, source = _source(graph, iri)
    starts = cuts(source.text)
    number = _number(arguments.get("page", "1"), len(starts), id)
    return {
        "iri": iri,
        "id": id,
        "path": iri.removeprefix(graph.base),
        "number": number,
        "numbers": _near(number, len(starts)),
        "parts_count": len(starts),
        **_head(graph, iri, id),
        **_content(graph, iri, id, source, _part(source, starts, number)),
        **({} if number == 1 else {"formats": ()}),  # the data of a part is that of the whole, which its page links
    }


def _content(graph: Graph, iri: str, id: str, source: ReportSource, part: Part) -> Mapping[str, Any]:
    """Return a part of a report's text with its marks, and what is listed beside it."""
    everywhere, findings = places(graph, iri), findings_in(graph, id)
    here = [place for place in everywhere if place.start < part.end and part.start < max(place.end, place.start + 1)]
    found = on_part(findings, id, part)
    listed = remarks(graph, id, source, found[:_FINDINGS])
    claims = list(told(graph, here[:MOST]))
    counts = {
        "characters": len(source.text),
        "pages": source.text.count("\f") + 1 if source.paged else None,
        "claims": len(everywhere),
        "unlisted": len(here) - len(claims),
        "unshown": len(found) - len(listed),
    }
    return {
        "text": marked(source.text, _marks(here, claims, found, id, part), part),
        "groups": list(_groups(claims, listed, source, part, id)),
        "findings": listed,
        "counts": counts,
    }


def table(graph: Graph, arguments: Mapping[str, Any]) -> Table:
    """Return the claims of a report, all of them, as rows."""
    iri = arguments["iri"]
    _, source = _source(graph, iri)
    return Table(_COLUMNS, _rows(graph, source, places(graph, iri)))


def triples(graph: Graph, arguments: Mapping[str, Any]) -> Iterable[ox.Triple]:
    """Return what a report says, where it says it, and its text: its graph."""
    return (quad.triple for quad in graph.store.quads_for_pattern(None, None, None, graph_name(graph, arguments["iri"])))


def text(graph: Graph, arguments: Mapping[str, Any]) -> str:
    """Return the text of a report as it was read."""
    return _source(graph, arguments["iri"])[1].text


def _source(graph: Graph, iri: str) -> tuple[str, ReportSource]:
    """Return a report's id and what it says, by its IRI; nothing for one whose text the build does not hold."""
    id = graph.statements.label(iri) or iri.removeprefix(f"{graph.base}report/")
    return id, graph.sources([id]).get(id) or ReportSource(id, "")


def _number(given: str, parts: int, id: str) -> int:
    if given.isascii() and given.isdecimal() and len(given) < 8 and 1 <= int(given) <= parts:
        return int(given)
    raise Missing(f"{clipped(id)} has no page {clipped(given, 20)}", hint=f"it has {parts:,}")


def _part(source: ReportSource, starts: Sequence[int], page: int) -> Part:
    """Return a part of a report's text, with the numbers of the pages that begin in it."""
    start, end = (*starts, len(source.text))[page - 1 : page + 1]
    if not source.paged:
        return Part(start, end)
    breaks = [at for at in range(start, end) if source.text[at] == "\f"]
    before = source.text.count("\f", 0, start)
    return Part(start, end, {at: number for number, at in enumerate(breaks, before + 2)})


def _near(page: int, parts: int) -> list[int]:
    """Return the numbers of the parts that are linked: the first, the last, those around this one; 0 for those left out."""
    wanted = sorted({1, parts, *range(max(1, page - 2), min(parts, page + 2) + 1)})
    found: list[int] = []
    for number in wanted:
        found += [0] if found and number > found[-1] + 1 else []
        found.append(number)
    return found


def _head(graph: Graph, iri: str, id: str) -> dict[str, Any]:
    """Return what is known of a report itself, and the models that it describes."""
    facts = {predicate: str(getattr(value, "value", value)) for predicate, value in graph.statements.facts(iri)}
    rows = [(name, clipped(facts[predicate], _TITLE)) for predicate, name in _HEAD.items() if predicate in facts]
    models = list(dict.fromkeys(graph.statements.subjects_of(f"{KG}describedIn", iri)))
    arxiv = facts.get(f"{KG}arxivId", "")
    return {
        "title": clipped(facts.get(f"{DCTERMS}title", id), _TITLE),
        "rows": rows,
        "arxiv": f"https://arxiv.org/abs/{arxiv}" if _ARXIV.fullmatch(arxiv) else None,
        "models": [(model, graph.statements.label(model) or model) for model in models[:_MODELS]],
        "more_models": max(0, len(models) - _MODELS),
    }


def _marks(
    touching: Sequence[Place], claims: Sequence[Told], findings: Sequence[tuple[int, Finding]], id: str, part: Part
) -> Iterator[Mark]:
    """Yield what is marked in a part of a report: each span once, for all that is said of it."""
    listed = {claim.iri: claim for claim in claims}
    said: dict[tuple[int, int], list[Told | None]] = defaultdict(list)
    for place in touching:
        said[place.start, place.end].append(listed.get(place.iri))
    wrong: dict[tuple[int, int], list[tuple[int, Finding]]] = defaultdict(list)
    for number, item in findings[:_FINDINGS]:
        for span in sorted({(label.start, label.end) for label in item.labels if label.report == id and touches(label, part)}):
            wrong[span].append((number, item))
    for start, end in sorted({*said, *wrong}):
        yield _mark(start, end, said[start, end], wrong[start, end])


def _mark(start: int, end: int, said: Sequence[Told | None], wrong: Sequence[tuple[int, Finding]]) -> Mark:
    known = [claim for claim in said if claim]
    kinds = {kind_of(item.code) for _, item in wrong}
    return Mark(
        start,
        end,
        (*(["reported"] if said else []), *sorted(kinds)),
        (*(claim.id for claim in known), *(f"finding-{number}" for number, _ in wrong)),
        _codes(wrong),
        "; ".join(f"{claim.relation}: {claim.value.text}" for claim in known[:3]),
    )


def _codes(wrong: Sequence[tuple[int, Finding]]) -> str:
    """Return what stands behind marked words: the codes of what is wrong, and how much is missing."""
    codes = list(dict.fromkeys(item.code for _, item in wrong if kind_of(item.code) != "gap"))
    gaps = sum(kind_of(item.code) == "gap" for _, item in wrong)
    return " ".join([*codes[:3], *([f"{gaps} gap{'s' if gaps > 1 else ''}"] if gaps else [])])


def _groups(claims: Sequence[Told], listed: Sequence[Remark], source: ReportSource, part: Part, id: str) -> Iterator[Group]:
    """Yield claims in the order of the text, under what they are about, each with the contradictions that touch its words."""
    pointing = [(side, remark) for remark in listed if remark.kind != "gap" for side in remark.sides if side.report == id]
    for (model, label, stage), some in groupby(claims, key=lambda claim: (claim.model, claim.label, claim.stage)):
        entries = []
        for claim in some:
            about = {remark.number: remark for side, remark in pointing if side.start < claim.end and claim.start < side.end}
            here = part.start <= claim.start
            entries.append(Entry(claim, here, page_of(source.text, claim.start), tuple(about.values())))
        yield Group(model, label, stage, tuple(entries))


def _rows(graph: Graph, source: ReportSource, all_places: Iterable[Place]) -> Iterator[tuple[str, ...]]:
    for place in all_places:
        if not (statement := graph.statements.statement(place.iri)):
            continue
        (claim,) = told(graph, [place])
        value = str(getattr(statement.value, "value", statement.value))
        yield (
            str(place.number),
            claim.model,
            graph.statements.label(claim.model) or "",
            claim.stage or "",
            statement.name,
            value,
            graph.statements.label(value) or "" if claim.thing else "",
            statement.one("valueMax") or "",
            statement.one("unit") or "",
            "true" if claim.approximate else "",
            source.text[place.start : place.end],
            str(place.start),
            str(place.end),
            statement.one("page") or "",
            claim.method,
            place.iri,
        )
