"""Hardware that was released after the model that is said to have been trained on it (KG306)."""

from __future__ import annotations

from collections.abc import Iterator

from kg.contradict._known import Known
from kg.contradict._numbers import all_stay, label, year_of
from kg.model import Claim, Finding
from kg.runs import ModelReport


def findings(known: Known) -> Iterator[Finding]:
    """Yield the models whose release year is before that of their hardware."""
    for model in known.models:
        year = year_of(model.claims.get("releaseYear", ()))
        if year is None:
            continue
        seen: set[str] = set()
        for run in model.runs.values():
            for claim in run.said.get("accelerator", ()):
                first = known.first_release(claim)
                if first and claim.value not in seen and int(first[0][:4]) > year.value:
                    seen.add(claim.value)
                    yield _finding(model, year.claim, claim, *first)


def _finding(model: ModelReport, year: Claim, accelerator: Claim, date: str, product: str) -> Finding:
    return Finding(
        "KG306",
        "warning",
        f"{model.label}: released in {year.value}, before the hardware that it was trained on",
        (label(year, f"released in {year.value}"), label(accelerator, f"not before {date}")),
        (f"{product} was released on {date}, as far as the catalogue knows", all_stay(2)),
        model.report,
        model.iri,
        "releaseYear",
    )
