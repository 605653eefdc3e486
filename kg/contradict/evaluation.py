"""A data set that a model was evaluated and also trained on (KG311).

Many data sets have parts for both; where the words around a name tell which part is meant, nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.contradict._known import Known
from kg.contradict._numbers import all_stay, label
from kg.contradict._values import sentence
from kg.model import Claim, Finding
from kg.runs import ModelReport

_A_PART = re.compile(
    r"\b(?:train(?:ing)?|dev(?:elopment)?|val(?:idation)?|test|held[- ]out|zero[- ]shot"
    r"|portions?|subsets?|splits?|parts?|sections?|half|minus|without|except|pipelines?|frameworks?|methods?|techniques?)\b",
    re.IGNORECASE,
)
_AROUND = 40
_LEFT_OUT = re.compile(
    r"\bexclu\w+|\bkept out\b|\bwithh\w+|\bremov\w+|\beliminat\w+|\bdecontaminat\w+|\bleft out\b|\bnever\b|\bdrop\w*|\bdiscard\w*",
    re.IGNORECASE,
)


def findings(known: Known) -> Iterator[Finding]:
    """Yield the data sets on both sides of a model."""
    for model in known.models:
        trained: dict[str, Claim] = {}
        for run in model.runs.values():
            for claim in run.said.get("trainingDataset", ()):
                if claim.thing:
                    trained.setdefault(claim.thing, claim)
        for claim in model.claims.get("evaluationDataset", ()):
            other = trained.get(claim.thing or "")
            if other and other.start != claim.start and known.of_one((claim, other)) and not _tells_part(known, claim, other):
                yield _finding(model, claim, other)


def _tells_part(known: Known, *claims: Claim) -> bool:
    text = known.texts.get(claims[0].report, "")
    return any(
        _A_PART.search(text, max(claim.start - _AROUND, 0), claim.end + _AROUND) or _LEFT_OUT.search(sentence(text, claim))
        for claim in claims
    )


def _finding(model: ModelReport, evaluated: Claim, trained: Claim) -> Finding:
    return Finding(
        "KG311",
        "info",
        f"{model.label}: evaluated on {evaluated.value}, on which it was also trained",
        (label(evaluated, "evaluated on it"), label(trained, "trained on it")),
        (
            "a result on data that was trained on says little; parts of one data set may have served for each",
            all_stay(2),
        ),
        model.report,
        model.iri,
        "evaluationDataset",
    )
