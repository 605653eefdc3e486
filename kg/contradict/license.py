"""A licence that allows more than that of a backbone (KG312).

Licences are compared by class only (`licenses.toml`). A backbone's licence is what reports of the same build state of it, else what
that table lists; one that nobody states is not guessed. Only what is built on (`extends`) and the language model count: an image
encoder is often trained anew. Who takes over an architecture, or trains it from scratch, takes over no weights.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.contradict._known import Known
from kg.contradict._numbers import all_stay, label
from kg.contradict._values import sentence
from kg.model import Claim, Finding, Label
from kg.runs import ModelReport

_BUILT_ON = ("extends", "languageModel")
_NO_WEIGHTS = re.compile(
    r"\breproduc|\breplicat|\bre-?implement|\barchitectures?\b|\bfrom scratch\b|\brecipes?\b|\bcompatible\b|\binspired\b|\bcompar"
    r"|\bsame (?:design|structure|layout|configuration)\b|\brandom(?:ly)? initial",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Terms:
    """The licence of a backbone, who says so, and the words if a report does."""

    license: str
    source: str
    labels: tuple[Label, ...] = ()


def findings(known: Known) -> Iterator[Finding]:
    """Yield the models whose licence is laxer than that of a backbone."""
    for model in known.models:
        licenses = model.claims.get("license", ())
        if len({claim.value for claim in licenses}) != 1 or licenses[0].value not in ranks():
            continue
        seen: set[str] = set()
        text = known.texts.get(model.report, "")
        for claim in (claim for relation in _BUILT_ON for claim in model.claims.get(relation, ())):
            terms = _terms(claim, known) if claim.thing and claim.thing != model.iri and claim.thing not in seen else None
            if not claim.thing or not terms or not _is_laxer(licenses[0].value, terms.license):
                continue
            if known.of_one_model(claim) and not _NO_WEIGHTS.search(sentence(text, claim)):
                seen.add(claim.thing)
                yield _finding(model, licenses[0], claim, terms)


def _is_laxer(own: str, backbone: str) -> bool:
    return backbone in ranks() and ranks()[own][0] > ranks()[backbone][0]


def _terms(backbone: Claim, known: Known) -> _Terms | None:
    for other in known.of_model.get(backbone.thing or "", ()):
        said = other.claims.get("license", ())
        if len({claim.value for claim in said}) == 1:
            return _Terms(said[0].value, other.report, (label(said[0], f"licence of {backbone.value}"),))
    thing = known.schema.thing(backbone.thing or "")
    return listed().get(thing.name) if thing else None


@lru_cache(maxsize=1)
def ranks() -> Mapping[str, tuple[int, str]]:
    """Return the rank and the name of a licence's class; the higher the rank, the more is allowed."""
    return {name: (entry["rank"], entry["name"]) for entry in _table()["class"] for name in entry["licenses"]}


@lru_cache(maxsize=1)
def listed() -> Mapping[str, _Terms]:
    """Return the licences of models that many build on, by name."""
    return {name: _Terms(entry["license"], entry["source"]) for entry in _table()["model"] for name in entry["names"]}


def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("licenses.toml").read_text("utf-8"))


def _finding(model: ModelReport, own: Claim, backbone: Claim, terms: _Terms) -> Finding:
    return Finding(
        "KG312",
        "warning",
        f"{model.label}: {own.value} allows more than {terms.license}, the licence of {backbone.value}",
        (label(own, own.value), label(backbone, f"under {terms.license}"), *terms.labels),
        (
            f"{own.value} is {ranks()[own.value][1]}; {terms.license} is {ranks()[terms.license][1]} ({terms.source})",
            "classes of licences are compared, nothing else; this is no legal advice",
            all_stay(2 + len(terms.labels)),
        ),
        model.report,
        model.iri,
        "license",
    )
