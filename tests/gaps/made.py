"""Reports -> what a build of them would say of their models: the real stages, without writing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.config import Config
from kg.derive import derive
from kg.extract import extract
from kg.gaps import Told, gap_findings, told
from kg.ingest import read_text
from kg.model import Claim, Derivation, Finding
from kg.resolve import names_of, resolve
from kg.runs import ModelReport, said
from kg.schema import Schema, load_schema


def models_of(
    texts: Mapping[str, str], schema: Schema | None = None
) -> tuple[tuple[ModelReport, ...], Derivation, list[Claim], list[Finding]]:
    """Return what reports say of models, what follows from it, suggestions, and findings about how they are written."""
    schema = schema or load_schema()
    documents = {report: read_text(text, report) for report, text in sorted(texts.items())}
    extracted = {report: extract(document, schema) for report, document in documents.items()}
    names = names_of([claim for extraction in extracted.values() for claim in extraction.claims], schema)
    claims = {report: resolve(extraction.claims, schema, names) for report, extraction in extracted.items()}
    models = said(documents, claims, names, schema)
    suggestions = [claim for extraction in extracted.values() for claim in extraction.suggestions]
    about_input = [finding for report in documents for finding in (*documents[report].findings, *extracted[report].findings)]
    return models, derive(models, schema, texts, Config()), suggestions, about_input


def told_in(texts: Mapping[str, str]) -> dict[str, Told]:
    """Return what reports tell of each model, by its name."""
    models, derivation, suggestions, about_input = models_of(texts)
    unreadable = {
        (finding.report, finding.relation): finding.message
        for finding in about_input
        if finding.code.startswith("KG4") and finding.report and finding.relation
    }
    return {model.label: model for model in told(models, derivation, suggestions, unreadable)}


def found_in(texts: Mapping[str, str]) -> Sequence[Finding]:
    """Return the gaps of reports as findings, in order of every output."""
    models, derivation, suggestions, about_input = models_of(texts)
    return sorted(gap_findings(models, derivation, load_schema(), texts, suggestions, about_input), key=Finding.sort_key)
