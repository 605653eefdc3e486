"""Scores -> one JSON document: all figures, by relation and by document, and on demand every error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kg.eval._gold import Fact
from kg.eval._judge import Judgement
from kg.eval._score import MODES, Counts, Mode, Scores, mean
from kg.model import Claim


def to_json(scores: Scores, *, errors: bool) -> dict[str, Any]:
    """Return the figures in a form fit for JSON."""
    spans, (right, of) = scores.spans(), scores.main_models()
    found: dict[str, Any] = {
        "documents": len(scores.documents),
        **{mode: _mode(scores, mode) for mode in MODES},
        "spans": {
            "checked": spans.checked,
            "onEvidence": spans.on_evidence,
            "quoted": spans.quoted,
            "both": spans.both,
            "accuracy": round(spans.both / spans.checked, 4) if spans.checked else None,
        },
        "mainModel": {"right": right, "of": of, "share": round(right / of, 4) if of else None, "reports": _models(scores)},
        "negatives": [
            {"report": document.report, "relation": item.relation, "value": item.values[0], "why": item.why}
            for document in scores.documents
            for item in document.negatives
        ],
        "withoutGold": {"documents": list(scores.without_gold), "reports": list(scores.strangers)},
    }
    return found | ({"errors": {mode: _errors(scores, mode) for mode in MODES}} if errors else {})


def _mode(scores: Scores, mode: Mode) -> Mapping[str, Any]:
    relations, reports = scores.relations(mode), scores.reports(mode)
    return {
        "micro": _counts(scores.total(mode)),
        "macroByRelation": asdict(mean(relations.values())),
        "macroByDocument": asdict(mean(reports.values())),
        "relations": {name: _counts(counts) for name, counts in relations.items()},
        "reports": {name: _counts(counts) for name, counts in reports.items()},
    }


def _counts(counts: Counts) -> Mapping[str, float]:
    names = ("precision", "recall", "f1", "right", "wrong", "missed")
    return {name: getattr(counts, name) for name in names}


def _models(scores: Scores) -> Mapping[str, Any]:
    return {
        document.report: {"gold": list(document.main.gold), "claims": document.main.claims, "right": document.main.right}
        for document in scores.documents
        if document.main
    }


def _errors(scores: Scores, mode: Mode) -> list[Mapping[str, Any]]:
    pairs = zip(scores.documents, scores.judgements(mode), strict=True)
    return [row for document, judgement in pairs for row in _of_document(document.report, judgement)]


def _of_document(report: str, judgement: Judgement) -> list[Mapping[str, Any]]:
    return [*(_wrong(report, claim) for claim in judgement.wrong), *(_missed(report, fact) for fact in judgement.missed)]


def _wrong(report: str, claim: Claim) -> Mapping[str, Any]:
    fields = {name: getattr(claim, name) for name in ("relation", "value", "model", "stage", "mention", "start", "end")}
    return {"error": "wrong", "report": report, **fields}


def _missed(report: str, fact: Fact) -> Mapping[str, Any]:
    own = {"relation": fact.relation, "value": fact.values[0], "model": fact.models[0], "stage": fact.stage}
    return {"error": "missed", "report": report, **own, "evidence": fact.evidence}
