"""A model that is older than what it is said to be built on (KG310).

Half a year is left open: weights are handed on before a paper is published. Where the catalogue has no date, the release years that
reports of the same build state of the backbone count.
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.contradict._known import Known
from kg.contradict._numbers import all_stay, label, year_of
from kg.model import Claim, Finding
from kg.runs import ModelReport

BACKBONES = ("extends", "imageEncoder", "languageModel")


def findings(known: Known) -> Iterator[Finding]:
    """Yield the models whose release year is before that of a backbone."""
    for model in known.models:
        year = year_of(model.claims.get("releaseYear", ()))
        if year is None:
            continue
        seen: set[str] = set()
        for claim in (claim for relation in BACKBONES for claim in model.claims.get(relation, ())):
            if claim.thing and claim.thing != model.iri and claim.thing not in seen:
                date = _released(claim, known)
                if date and date[0] > f"{int(year.value) + 1}-06-30":
                    seen.add(claim.thing)
                    yield _finding(model, year.claim, claim, *date)


def _released(claim: Claim, known: Known) -> tuple[str, str] | None:
    """Return when a backbone was first published, as a date or a year, and who says so."""
    thing = known.schema.thing(claim.thing or "")
    if thing and "releaseDate" in thing.facts:
        return thing.facts["releaseDate"], "the catalogue"
    years = [
        (year.claim.value, other.report)
        for other in known.of_model.get(claim.thing or "", ())
        if (year := year_of(other.claims.get("releaseYear", ())))
    ]
    return min(years, default=None)


def _finding(model: ModelReport, year: Claim, backbone: Claim, date: str, source: str) -> Finding:
    return Finding(
        "KG310",
        "warning",
        f"{model.label}: released in {year.value}, before {backbone.value}, on which it builds",
        (label(year, f"released in {year.value}"), label(backbone, f"published {date}")),
        (f"{backbone.value} was first published {date}, says {source}", all_stay(2)),
        model.report,
        model.iri,
        "releaseYear",
    )
