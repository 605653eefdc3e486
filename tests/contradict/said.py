"""What kg finds in reports of a folder, or in texts: the same steps as a build, without the store."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from kg.contradict import contradictions
from kg.extract import extract
from kg.ingest import read_text
from kg.model import Claim, Derivation, Document, Finding
from kg.render import ReportSource
from kg.resolve import names_of, resolve
from kg.runs import ModelReport, said
from kg.schema import Schema, load_schema

Texts = Mapping[str, str]


def found(folder: Path) -> tuple[list[Finding], dict[str, ReportSource]]:
    """Return the sorted contradictions of the reports in a folder, and the reports."""
    texts = {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}
    return found_in(texts), {id: ReportSource(id, text) for id, text in texts.items()}


def found_in(texts: Texts, schema: Schema | None = None) -> list[Finding]:
    """Return the sorted contradictions of texts by report id."""
    schema = schema or load_schema()
    documents = {id: read_text(text, id) for id, text in texts.items()}
    claims = {id: extract(document, schema).claims for id, document in documents.items()}
    return found_of(documents, claims, schema)


def found_of(documents: Mapping[str, Document], claims: Mapping[str, tuple[Claim, ...]], schema: Schema) -> list[Finding]:
    """Return the sorted contradictions of claims that were made of documents."""
    texts = {id: document.source for id, document in documents.items()}
    findings = contradictions(models_of(documents, claims, schema), Derivation(), schema, texts)
    return sorted(findings, key=Finding.sort_key)


def models_of(
    documents: Mapping[str, Document], claims: Mapping[str, tuple[Claim, ...]], schema: Schema
) -> tuple[ModelReport, ...]:
    """Return what the reports say of each model."""
    names = names_of((claim for made in claims.values() for claim in made), schema)
    return said(documents, {id: resolve(made, schema, names) for id, made in claims.items()}, names, schema)


@lru_cache(maxsize=64)
def codes_in(text: str) -> tuple[str, ...]:
    """Return the codes of the contradictions in one text, sorted."""
    return tuple(sorted(finding.code for finding in found_in({"case.txt": text})))
