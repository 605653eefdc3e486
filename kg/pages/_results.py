"""Findings -> rows of a table, and results of a validation in RDF (SHACL, section 3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

import pyoxigraph as ox

from kg.findings import kind_of
from kg.model import Finding
from kg.pages._quotes import Reports
from kg.terms import DCTERMS, KG, OA, RDF, RDFS, SH, XSD
from kg.terms import path as path_of
from kg.why import Graph

COLUMNS = tuple("code kind severity message subject relation report start end words remark notes".split())

_SEVERITIES = {"violation": "Violation", "warning": "Warning", "info": "Info"}


def rows(graph: Graph, findings: Iterable[Finding]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each place of each finding, one for a finding without a place."""
    reports = Reports(graph.sources)
    for finding in findings:
        head = (
            finding.code,
            kind_of(finding.code),
            finding.severity,
            finding.message,
            finding.subject or "",
            finding.relation or "",
        )
        notes = " | ".join(finding.notes)
        if not finding.labels:
            yield (*head, finding.report or "", "", "", "", "", notes)
        for label in finding.labels:
            source = reports.get(label.report)
            words = source.text[max(label.start, 0) : label.end] if source else ""
            yield (*head, label.report, str(label.start), str(label.end), words, label.text, notes)


def result(graph: Graph, finding: Finding) -> Iterator[ox.Triple]:
    """Yield a finding as a result of a validation, with its places; its IRI tells what it says."""
    digest = sha256(repr((finding.sort_key(), finding.labels, finding.notes)).encode("utf-8", "replace")).hexdigest()[:16]
    node = ox.NamedNode(f"{graph.base}validation/finding-{digest}")
    report = f"{graph.base}report/{path_of(finding.report)}" if finding.report is not None else None
    focus = finding.subject or report
    terms: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        (f"{RDF}type", ox.NamedNode(f"{SH}ValidationResult")),
        (f"{SH}resultSeverity", ox.NamedNode(SH + _SEVERITIES[finding.severity])),
        (f"{SH}resultMessage", _text(finding.message)),
        (f"{KG}code", _text(finding.code)),
        *([(f"{SH}focusNode", ox.NamedNode(focus))] if focus else []),
        *([(f"{SH}resultPath", ox.NamedNode(KG + path_of(finding.relation)))] if finding.relation else []),
        *([(f"{DCTERMS}source", ox.NamedNode(report))] if report else []),
        *((f"{RDFS}comment", _text(note)) for note in finding.notes),
    ]
    yield from (ox.Triple(node, ox.NamedNode(predicate), value) for predicate, value in terms)
    for number, label in enumerate(finding.labels, 1):
        place = ox.NamedNode(f"{node.value}/place/{number}")
        yield ox.Triple(node, ox.NamedNode(f"{OA}hasTarget"), place)
        yield ox.Triple(place, ox.NamedNode(f"{OA}hasSource"), ox.NamedNode(f"{graph.base}report/{path_of(label.report)}"))
        for name, offset in (("start", label.start), ("end", label.end)):
            yield ox.Triple(place, ox.NamedNode(OA + name), ox.Literal(str(offset), datatype=ox.NamedNode(f"{XSD}integer")))
        if label.text:
            yield ox.Triple(place, ox.NamedNode(f"{RDFS}label"), _text(label.text))


def _text(text: str) -> ox.Literal:
    return ox.Literal(text.encode("utf-8", "replace").decode())
