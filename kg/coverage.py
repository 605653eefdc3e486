"""What each model's report says of each relation: stated, derived, not-stated or unreadable; what was not found is said to be so.

`unreadable` is a relation that a finding about the input (KG4xx) is about and no claim speaks of, and every relation of a report
that could not be read; such a report has no model. `suggestions` counts what a report may say of a relation and nobody asserts:
one that is not stated and has some is possibly stated.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from kg.errors import BuildError
from kg.model import Claim, Finding

if TYPE_CHECKING:
    from kg.schema import Schema

Status = Literal["stated", "derived", "not-stated", "unreadable"]
Row = Mapping[str, Any]
_Item = TypeVar("_Item")

_POSSIBLY = "possibly-stated"
_COLUMNS: tuple[str, ...] = (*get_args(Status), _POSSIBLY)
_NUMBER = 9  # cells of a number


@dataclass(frozen=True, slots=True)
class Covered:
    """What there is of one report: claims, suggestions, relations that are there and unreadable, (model, relation) computed.

    Of a report that is `lost` nothing could be read.
    """

    report: str
    claims: Iterable[Claim] = ()
    suggestions: Iterable[Claim] = ()
    unreadable: Collection[str | None] = ()
    computed: Iterable[tuple[str | None, str]] = ()
    lost: bool = False


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
    said, unsure = (_by_report((claim.report, claim) for claim in some) for some in (claims, suggestions))
    worked_out = _by_report((report, (model, relation)) for report, model, relation in computed)
    unreadable = _by_report((finding.report or "", finding.relation) for finding in findings if is_about_reading(finding))
    names = relation_names(schema)
    lost = frozenset(failed)
    for id in sorted({*reports, *lost}):
        covered = Covered(id, said[id], unsure[id], frozenset(unreadable[id]), worked_out[id], id in lost)
        yield from rows_of(covered, names)


def is_about_reading(finding: Finding) -> bool:
    """Decide whether a finding says that its relation could not be read."""
    return finding.code.startswith("KG4")


def relation_names(schema: Schema) -> tuple[str, ...]:
    """Return the relations that reports state, sorted."""
    return tuple(sorted(relation.name for relation in schema.relations.values() if relation.origin == "report"))


def rows_of(covered: Covered, names: Iterable[str]) -> Iterator[Row]:
    """Yield the rows of a report, sorted by model and relation."""
    listed = tuple(names)
    for model, said, unsure in _models(covered):
        for name in listed:
            status = said.get(name, _unsaid(covered, name))
            yield {"report": covered.report, "model": model, "relation": name, "status": status, "suggestions": unsure[name]}


def text_of(covered: Covered, names: Iterable[str]) -> bytes:
    """Return the rows of a report as lines of coverage.jsonl."""
    ends = [(name, f'{quoted(name)}, "status": "{_unsaid(covered, name)}", "suggestions": 0}}\n') for name in names]
    lines = []
    for model, said, unsure in _models(covered):
        begin = f'{{"report": {quoted(covered.report)}, "model": {"null" if model is None else quoted(model)}, "relation": '
        for name, end in ends:
            if name in said or name in unsure:
                status = said.get(name, _unsaid(covered, name))
                end = f'{quoted(name)}, "status": "{status}", "suggestions": {unsure[name]}}}\n'
            lines.append(begin + end)
    # Half a surrogate pair, as JSON input can hold it, becomes JSON's own escape.
    return "".join(lines).encode("utf-8", "backslashreplace")


def _models(covered: Covered) -> Iterator[tuple[str | None, Mapping[str, Status], Counter[str]]]:
    """Yield the models of a report with the status of what is said and how many suggestions there are, by relation."""
    said: dict[str | None, dict[str, Status]] = defaultdict(dict)
    unsure: dict[str | None, Counter[str]] = defaultdict(Counter)
    for claim in covered.claims:
        relations = said[claim.model]
        if relations.get(claim.relation) != "stated":
            relations[claim.relation] = "derived" if claim.derived else "stated"
    for model, relation in covered.computed:
        said[model].setdefault(relation, "derived")
    for claim in covered.suggestions:
        unsure[claim.model][claim.relation] += 1
    for model in sorted(said.keys() | unsure.keys() or {None}, key=lambda name: name or ""):
        yield model, said.get(model, {}), unsure[model]


def _unsaid(covered: Covered, name: str) -> Status:
    return "unreadable" if covered.lost or name in covered.unreadable else "not-stated"


def _by_report(pairs: Iterable[tuple[str, _Item]]) -> Mapping[str, list[_Item]]:
    found: dict[str, list[_Item]] = defaultdict(list)
    for report, item in pairs:
        found[report].append(item)
    return found


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
