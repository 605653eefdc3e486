"""What each model's report says of each relation: stated, derived, not-stated or unreadable; what was not found is said to be so.

`unreadable` is a relation that a finding about the input (KG4xx) is about and no claim speaks of, and every relation of a report
that could not be read; such a report has no model. `suggestions` counts what a report may say of a relation and nobody asserts:
one that is not stated and has some is possibly stated.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from kg.errors import BuildError
from kg.model import Claim, Finding

if TYPE_CHECKING:
    from kg.schema import Schema

Status = Literal["stated", "derived", "not-stated", "unreadable"]
Row = Mapping[str, Any]

_POSSIBLY = "possibly-stated"
_COLUMNS: tuple[str, ...] = (*get_args(Status), _POSSIBLY)
_NUMBER = 9  # cells of a number


def coverage(
    reports: Iterable[str],
    failed: Iterable[str],
    claims: Iterable[Claim],
    findings: Iterable[Finding],
    schema: Schema,
    suggestions: Iterable[Claim] = (),
    computed: Iterable[tuple[str, str | None, str]] = (),
) -> Iterator[Row]:
    """Yield a row for each report, model and relation, sorted; a report without claims and suggestions has a model without name.

    `computed` are (report, model, relation) for which a derived fact stands.
    """
    said: dict[str, dict[str | None, dict[str, Status]]] = defaultdict(lambda: defaultdict(dict))
    for claim in claims:
        relations = said[claim.report][claim.model]
        if relations.get(claim.relation) != "stated":
            relations[claim.relation] = "derived" if claim.derived else "stated"
    for report, model, relation in computed:
        said[report][model].setdefault(relation, "derived")
    unsure = Counter((claim.report, claim.model, claim.relation) for claim in suggestions)
    for report, model, _ in unsure:
        said[report].setdefault(model, {})  # what is only suggested has rows as well
    unreadable = {(finding.report, finding.relation) for finding in findings if finding.code.startswith("KG4")}
    names = sorted(relation.name for relation in schema.relations.values() if relation.origin == "report")
    lost = frozenset(failed)
    for report in sorted({*reports, *lost}):
        models = said.get(report) or {None: {}}
        for model in sorted(models, key=lambda name: name or ""):
            for name in names:
                gap = report in lost or (report, name) in unreadable
                status = models[model].get(name, "unreadable" if gap else "not-stated")
                number = unsure[report, model, name]
                yield {"report": report, "model": model, "relation": name, "status": status, "suggestions": number}


def summary(folder: Path) -> dict[str, dict[str, int]]:
    """Return how often each relation has each status in a build, and is possibly stated: not stated, but suggested.

    Raises BuildError when the build is damaged.
    """
    path = folder / "coverage.jsonl"
    found: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8") as file:
            for row in map(json.loads, file):
                counts = found.setdefault(row["relation"], dict.fromkeys(_COLUMNS, 0))
                counts[row["status"]] += 1
                counts[_POSSIBLY] += row["status"] == "not-stated" and row["suggestions"] > 0
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BuildError("the build cannot be read, or is of another version of kg", where=str(path), hint="build again") from error
    return dict(sorted(found.items()))


def as_table(numbers: Mapping[str, Mapping[str, int]]) -> str:
    """Return a line for each relation: of how many models of a report it is stated, derived and so on."""
    size = max(map(len, numbers), default=0)
    widths = {column: max(len(column), _NUMBER) for column in _COLUMNS}
    lines = [" " * size + "".join(f"  {column:>{width}}" for column, width in widths.items())]
    for name, counts in numbers.items():
        lines.append(f"{name:<{size}}" + "".join(f"  {counts[column]:>{width},}" for column, width in widths.items()))
    return "".join(f"{line}\n" for line in lines)
