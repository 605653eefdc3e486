"""Records in order of id, with what is found about them -> their parts of every file of a build, and their facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from kg.contradict import told_once
from kg.coverage import Covered, is_about_reading, relation_names, text_of
from kg.findings import Keys
from kg.graph import report_graph, report_quads
from kg.manifest import InputsPart, part_of_inputs
from kg.model import Claim, Document, Finding
from kg.names import Names
from kg.pieces import Piece, piece_of
from kg.places import ReportSource
from kg.records import Record, findings_unpacked, place
from kg.resolve import ambiguous, resolve
from kg.similar import similar
from kg.wire import line, scored

if TYPE_CHECKING:
    from kg.schema import Schema
    from kg.validate import Checked, ShapesGraph
    from kg.validate.check import Result
    from kg.validate.parts import ReportPart


@dataclass(frozen=True, slots=True)
class Asked:
    """A report to be written: packed findings of others about it, what derived facts stand for in it, lost reports before it."""

    id: str
    told: tuple[bytes, ...] = ()
    decided: tuple[Finding, ...] = ()
    computed: tuple[tuple[str | None, str], ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfReports:
    """What one batch of reports gives: its part of each file, its facts, each once and sorted, what SHACL said of each report.

    `missed` are reports in which only one of two SHACL engines finds fault.
    """

    graph: bytes
    claims: bytes
    suggestions: bytes
    coverage: bytes
    inputs: InputsPart
    pieces: tuple[Piece, ...]
    facts: tuple[str, ...]
    checked: tuple[tuple[str, str, Said], ...]
    results: ReportPart
    numbers: Mapping[str, int]
    missed: tuple[str, ...]

    def without_facts(self) -> OfReports:
        """Return all but the facts, which have been kept elsewhere."""
        return replace(self, facts=())


Said = tuple[tuple["Result", ...], tuple[Finding, ...]]
"""What SHACL says of a report: results, and the findings that they make."""


@dataclass(frozen=True, slots=True)
class Given:
    """What all batches of reports are given; `own` are the IRIs of the models that any report is about."""

    names: Names
    own: Collection[str]
    schema: Schema
    shapes: ShapesGraph
    keys: Keys


def of_reports(
    batch: Sequence[Asked],
    records: Mapping[str, Record],
    sources: Mapping[str, ReportSource],
    known: Callable[[str, str], Said | None],
    given: Given,
) -> OfReports:
    """Return the parts of reports, in order of id; `known` tells what SHACL said of a report when its facts had a hash."""
    from kg.validate import check_batch, entry
    from kg.validate.parts import part_of_report

    schema, names = given.schema, given.names
    claims = {asked.id: resolve(records[asked.id].claims, schema, names) for asked in batch}
    graphs = {id: report_graph(records[id].document, said, names, schema) for id, said in claims.items()}
    hashes = {id: hash_of(graph.facts, graph.evidence) for id, graph in graphs.items()}
    before_now = {id: said for id, hash in hashes.items() if (said := known(id, hash)) is not None}
    fresh = [id for id in graphs if id not in before_now]
    checked = check_batch([entry(id, graphs[id]) for id in fresh], given.shapes)
    shacl = before_now | _by_report(checked, fresh)
    unread: dict[str, list[Finding]] = {}
    pieces = []
    for asked in batch:
        unread[asked.id] = [*records[asked.id].findings, *asked.decided]
        before = [*unread[asked.id], *ambiguous(claims[asked.id], schema), *similar(claims[asked.id], schema, names, given.own)]
        told = [finding for data in asked.told for finding in findings_unpacked(data)]
        found = told_once([*before, *shacl[asked.id][1], *told], partial(claims.__getitem__, asked.id))
        if found:
            pieces.append(piece_of(asked.id, found, sources, given.keys))
    return OfReports(
        b"".join("".join(report_quads(graph)).encode() for graph in graphs.values()),
        b"".join(line(claim.to_json()) for said in claims.values() for claim in said),
        b"".join(line(scored(claim)) for id in claims for claim in records[id].suggestions),
        b"".join(_coverage(batch, records, claims, unread, schema)),
        part_of_inputs(_entry(records[id].document, claims[id], hashes[id]) for id in claims),
        tuple(pieces),
        tuple(sorted(frozenset().union(*(graph.facts for graph in graphs.values())))),
        tuple((id, hashes[id], shacl[id]) for id in fresh),
        part_of_report([result for results, _ in shacl.values() for result in results], given.shapes, schema.base),
        {
            "reports": len(batch),
            "claims": sum(map(len, claims.values())),
            "suggestions": sum(len(records[id].suggestions) for id in claims),
        },
        checked.missed,
    )


def hash_of(facts: Iterable[str], evidence: Sequence[str]) -> str:
    """Return the hash of what a report says and where; its text, which comes first, has a hash of its own."""
    return sha256("\n".join((*sorted(facts), *evidence[1:])).encode()).hexdigest()


def _by_report(checked: Checked, reports: Iterable[str]) -> dict[str, Said]:
    results: dict[str, list[Result]] = defaultdict(list)
    findings: dict[str, list[Finding]] = defaultdict(list)
    for result in checked.results:
        results[result.unit].append(result)
    for finding in checked.findings:
        findings[finding.report or ""].append(finding)
    return {id: (tuple(results[id]), tuple(findings[id])) for id in reports}


def _coverage(
    batch: Iterable[Asked],
    records: Mapping[str, Record],
    claims: Mapping[str, Iterable[Claim]],
    unread: Mapping[str, Iterable[Finding]],
    schema: Schema,
) -> Iterator[bytes]:
    names = relation_names(schema)
    for asked in batch:
        yield from (text_of(Covered(id, lost=True), names) for id in asked.lost)
        unreadable = {finding.relation for finding in unread[asked.id] if is_about_reading(finding)}
        said = Covered(asked.id, claims[asked.id], records[asked.id].suggestions, unreadable, asked.computed)
        yield text_of(said, names)


def _entry(document: Document, claims: Sequence[Claim], facts: str) -> dict[str, Any]:
    """Return what the manifest says of a report."""
    return {
        "id": document.id,
        "sha256": document.sha256,
        "format": document.format,
        "claims": len(claims),
        "facts": facts,
        **place(document),
    }


def source_of(document: Document) -> ReportSource:
    """Return a report as findings show it in the files of a build."""
    origin = document.origin if document.origin and document.origin.line is not None else None
    return ReportSource(origin.file if origin else document.id, document.source, origin, document.paged)
