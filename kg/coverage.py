"""What each model's report says of each relation: stated, derived, not-stated or unreadable; what was not found is said to be so.

`unreadable` is a relation that a finding about the input (KG4xx) is about and no claim speaks of, and every relation of a report
that could not be read; such a report has no model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from kg.model import Claim, Finding

if TYPE_CHECKING:
    from kg.schema import Schema

Status = Literal["stated", "derived", "not-stated", "unreadable"]
Row = Mapping[str, str | None]


def coverage(
    reports: Iterable[str], failed: Iterable[str], claims: Iterable[Claim], findings: Iterable[Finding], schema: Schema
) -> Iterator[Row]:
    """Yield a row for each report, model and relation, sorted; a report without claims has one model without name."""
    said: dict[str, dict[str | None, dict[str, Status]]] = defaultdict(lambda: defaultdict(dict))
    for claim in claims:
        relations = said[claim.report][claim.model]
        if relations.get(claim.relation) != "stated":
            relations[claim.relation] = "derived" if claim.derived else "stated"
    unreadable = {(finding.report, finding.relation) for finding in findings if finding.code.startswith("KG4")}
    names = sorted(relation.name for relation in schema.relations.values() if relation.origin == "report")
    lost = frozenset(failed)
    for report in sorted({*reports, *lost}):
        models = said.get(report) or {None: {}}
        for model in sorted(models, key=lambda name: name or ""):
            for name in names:
                gap = report in lost or (report, name) in unreadable
                status = models[model].get(name, "unreadable" if gap else "not-stated")
                yield {"report": report, "model": model, "relation": name, "status": status}
