"""File or string -> Document."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from kg.ingest._formats import choose
from kg.model import Document, Finding, Label


def read_text(source: str, id: str, path: str | None = None, format: str | None = None) -> Document:
    """Return the document of a string; `format` is a module's name, found by content and suffix of the id when None."""
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    return document(source, id, path or id, digest, format)


def document(source: str, id: str, path: str, sha256: str, format: str | None = None) -> Document:
    """Parse a decoded source and put the report's id into its findings."""
    name, module = choose(source, id, format)
    parsed = module.parse(source)
    findings = tuple(_named(finding, id) for finding in parsed.findings)
    return Document(
        id, path, name, source, parsed.text, sha256, parsed.segments, parsed.tags, parsed.fields, findings, moved=parsed.moved
    )


def _named(finding: Finding, report: str) -> Finding:
    labels = tuple(Label(report, label.start, label.end, label.text) for label in finding.labels)
    return replace(finding, labels=labels, report=report)
