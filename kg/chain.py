"""Why a fact stands in the graph, as plain data: the words of claims, the formulas of derived facts, figures of the catalogue.

`kg.why` makes it of a build, `kg.render` shows it; `to_json` is what programs get.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from kg.model import Label
from kg.places import ReportSource, place

Sources = Callable[[Iterable[str]], Mapping[str, ReportSource]]
"""Returns reports by their ids, as far as they are known, under the paths where they stand."""

_CONTEXT = 100  # characters on both sides of the words, for programs


@dataclass(frozen=True, slots=True)
class Words:
    """Where a claim stands: lines and columns count from 1, in code points, ends exclusive; `start`, `end` are its offsets.

    Of a report whose text is not known, only the offsets are.
    """

    report: str
    start: int
    end: int
    path: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    page: int | None = None
    mention: str | None = None
    before: str | None = None
    after: str | None = None

    @property
    def spot(self) -> str:
        """Return the place as messages write it: `seeds/a.txt:3:17`, or `a.pdf:page 2:3:17`."""
        if self.line is None:
            return f"{self.report} (chars {self.start}..{self.end})"
        return f"{self.path}:{f'page {self.page}:' if self.page else ''}{self.line}:{self.column}"


def words(report: str, start: int, end: int, sources: Mapping[str, ReportSource]) -> Words:
    """Return the words at some offsets of a report with their place."""
    at = place(Label(report, start, end), sources)
    if at is None:
        return Words(report, start, end)
    text = sources[report].text
    around = (text[max(0, at.start - _CONTEXT) : at.start], text[at.end : at.end + _CONTEXT])
    return Words(report, start, end, at.path, at.line, at.column, at.end_line, at.end_column, at.page, at.text, *around)


@dataclass(frozen=True, slots=True)
class Said:
    """A claim: what one report says. `name` is that of the thing which the value is; `method` tells what read it.

    What a report only may say has no IRI, and a `score`.
    """

    claim: str | None
    relation: str
    value: str
    name: str | None
    value_max: str | None
    unit: str | None
    approximate: bool
    method: str
    words: Words
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue says of a thing, and on whose word."""

    thing: str
    label: str
    relation: str
    value: str
    name: str | None = None
    sources: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """A derived fact: at least `low`, at most `high` (None: nobody knows), and what it was computed from.

    `inputs` are other facts with chains of their own: derived ones, and claims (which have no formula). A derived fact that stands
    in the chain already is not told again: `repeated`.
    """

    derived: str
    label: str
    relation: str
    stage: str | None
    value: str
    low: str | None
    high: str | None
    unit: str | None
    rule: str
    formula: str
    assumptions: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    claims: tuple[Said, ...] = ()
    inputs: tuple[Computed, ...] = ()
    catalog: tuple[Known, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about a fact: its code, what is wrong, and notes."""

    code: str
    severity: str
    message: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a model, its run or its hardware, with what it rests on: claims, or derived facts when no report states it.

    `others` are further values of a relation that can have one only; `certain` is false when a row may mean another fact as well.
    """

    model: str
    label: str
    subject: str
    stage: str | None
    relation: str
    origin: str
    value: str
    name: str | None
    claims: tuple[Said, ...] = ()
    derived: tuple[Computed, ...] = ()
    others: tuple[Fact, ...] = ()
    remarks: tuple[Remark, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Absent:
    """A fact that is not there: what was looked for, what a derived fact lacks, and what comes near.

    `instead` are facts that say something like it: of another stage, or derived; `suggestions` what a report may say of it.
    """

    model: str
    label: str
    stage: str | None
    relation: str
    origin: str
    looked_for: str
    example: str
    reports: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()
    instead: tuple[Fact, ...] = ()
    suggestions: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that was asked about: what it is, and what the catalogue knows of it; `reports` describe it, if it is a model."""

    iri: str
    kind: str
    label: str
    names: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    known: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Why: the things that were asked about, facts in order, facts that are not there; `unstated` are relations nobody states.

    `resting` are derived facts that what was asked about went into. `whole` is true when all facts of a thing were asked for, which
    are told in brief.
    """

    asked: str
    things: tuple[Thing, ...] = ()
    facts: tuple[Fact, ...] = ()
    absent: tuple[Absent, ...] = ()
    unstated: tuple[str, ...] = ()
    resting: tuple[Fact, ...] = ()
    whole: bool = False


def reports_in(item: object) -> set[str]:
    """Return the ids of the reports that an object of this module quotes."""
    if isinstance(item, Words):
        return {item.report}
    if isinstance(item, tuple):
        return set().union(*map(reports_in, item))
    return set().union(*(reports_in(getattr(item, part.name)) for part in fields(item))) if is_dataclass(item) else set()


def to_json(item: object) -> Any:
    """Return an object of this module as JSON values: names of fields in camel case, in their order.

    >>> to_json(Remark("KG301", "warning", "two values"))
    {'code': 'KG301', 'severity': 'warning', 'message': 'two values', 'notes': []}
    """
    if is_dataclass(item):
        return {_camel(part.name): to_json(getattr(item, part.name)) for part in fields(item)}
    return [to_json(part) for part in item] if isinstance(item, tuple) else item


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
