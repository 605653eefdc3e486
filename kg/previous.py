"""The build before, as far as it still holds: what an unchanged report need not be asked again.

A report's claims hold while its bytes and every version are the same; what the shapes say of it, while its facts are the same too.
Decisions of people are applied anew to what was read.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from kg.codes import OF_DECISIONS, UNASKED, of_shapes
from kg.findings import findings_of
from kg.manifest import reading_versions
from kg.model import Claim, Document, Finding
from kg.terms import DCTERMS, SH, XSD, path
from kg.turtle import turtle

Item = TypeVar("Item", Claim, Finding)
Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Previous:
    """What can be taken over, by report id: claims, suggestions, findings, the hashes of the reports' bytes and of their facts.

    `shacl` is the whole sh:ValidationReport, as rows of terms.
    """

    hashes: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    suggestions: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    shacl: Sequence[Row] = ()

    def holds(self, document: Document, facts: str) -> bool:
        """Decide whether a document, and the hash of its facts, are what the build before had."""
        return self.hashes.get(document.id) == document.sha256 and self.facts[document.id] == facts

    def of_reading(self, report: str) -> tuple[Finding, ...]:
        """Return the findings about how a report is written (KG4xx)."""
        found = self.findings.get(report, ())
        return tuple(finding for finding in found if finding.code.startswith("KG4") and finding.code not in OF_DECISIONS)

    def of_shapes(self, report: str) -> tuple[Finding, ...]:
        """Return the findings about what a report says."""
        return tuple(finding for finding in self.findings.get(report, ()) if of_shapes(finding.code))


def previous(folder: Path, manifest: Mapping[str, Any], versions: Mapping[str, str], hashes: Mapping[str, str | None]) -> Previous:
    """Return what a build with this manifest still knows of inputs with these hashes; nothing when a version differs.

    Raises OSError, ValueError, KeyError or SyntaxError when the build's files are damaged.
    """
    is_read_so = reading_versions(manifest.get("versions", {})) == reading_versions(versions)
    entries = {entry["id"]: entry for entry in manifest.get("inputs", ())} if is_read_so else {}
    # What stands in a file of many may be as it was though the file is another: reading it tells.
    same = {id for id, entry in entries.items() if hashes.get(id) == entry["sha256"] or entry.get("file", "") in hashes}
    findings = findings_of(folder) if same else []
    same -= {finding.report for finding in findings if finding.code == UNASKED and finding.report}
    if not same:
        return Previous()
    undecided = {row["report"]: row for row in _rows(folder / "undecided.jsonl")}
    return Previous(
        {id: entries[id]["sha256"] for id in same},
        _said(folder, "claims", same, undecided),
        _said(folder, "suggestions", same, undecided),
        _by_report(findings, same),
        {id: entries[id]["facts"] for id in same},
        _parsed((folder / "findings.ttl").read_bytes()),
    )


def _said(folder: Path, kind: str, same: set[str], undecided: Mapping[str, Any]) -> dict[str, tuple[Claim, ...]]:
    """Return claims or suggestions by report as they were read, before people decided about them."""
    found = _by_report(map(Claim.from_json, _rows(folder / f"{kind}.jsonl")), same)
    return found | {id: tuple(map(Claim.from_json, row[kind])) for id, row in undecided.items() if id in same}


def claims_of(folder: Path) -> Iterator[Claim]:
    """Yield the claims of a build, in their order."""
    return map(Claim.from_json, _rows(folder / "claims.jsonl"))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _by_report(items: Iterable[Item], same: set[str]) -> dict[str, tuple[Item, ...]]:
    found: dict[str, list[Item]] = {id: [] for id in sorted(same)}
    for item in items:
        if item.report in found:
            found[item.report].append(item)
    return {id: tuple(group) for id, group in found.items()}


def joined_report(new: bytes, old: Sequence[Row], reports: Iterable[str], base: str) -> bytes:
    """Return the sh:ValidationReport `new` together with what the rows of an old one say of some reports, as Turtle."""
    head, result, conforms = f"<{base}validation>", f"<{SH}result>", f"<{SH}conforms>"
    rows = {row for row in _parsed(new) if row[1] != conforms}
    sources = {f"<{base}report/{path(report)}>" for report in reports}
    kept = {subject for subject, predicate, value in old if predicate == f"<{DCTERMS}source>" and value in sources}
    rows.update((head, result, node) for node in kept)
    rows.update(_reachable(old, kept))
    verdict = "false" if any(predicate == result for _, predicate, _ in rows) else "true"
    rows.add((head, conforms, f'"{verdict}"^^<{XSD}boolean>'))
    return turtle(map(" ".join, sorted(rows)), base)


def _parsed(document: bytes) -> list[Row]:
    import pyoxigraph as ox

    triples = (quad.triple for quad in ox.parse(document, format=ox.RdfFormat.TURTLE))
    return [(str(triple.subject), str(triple.predicate), str(triple.object)) for triple in triples]


def _reachable(rows: Iterable[Row], nodes: Iterable[str]) -> Iterator[Row]:
    by_subject: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_subject[row[0]].append(row)
    waiting, seen = list(nodes), set(nodes)
    while waiting:
        for row in by_subject[waiting.pop()]:
            yield row
            if row[2] in by_subject and row[2] not in seen:
                seen.add(row[2])
                waiting.append(row[2])
