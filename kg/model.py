"""What passes between the stages: frozen data, no behaviour beyond reading itself.

Offsets count code points of the source file as it is (tags included), end exclusive. `Document.text` has the length of
`Document.source`: markup is blanked, never deleted, so one offset serves both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["violation", "warning", "info"]
SegmentKind = Literal["heading", "sentence", "item", "cell", "pair"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code points in a document's source."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tag:
    """An inline tag, `name` in lower case; `start`/`end` bound its content without markup, trimmed of white space."""

    name: str
    start: int
    end: int
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that is read on its own.

    A `cell` carries the texts of its row and column labels, a `pair` its key (in `row`); `headings` is the path of headings above
    it, outermost first; `lead` the sentence that introduces a list. `group` numbers the paragraph, table or list it stands in.
    """

    kind: SegmentKind
    start: int
    end: int
    row: str = ""
    column: str = ""
    headings: tuple[str, ...] = ()
    lead: str = ""
    group: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A fact about the report itself (`title`, `published`, `arxivId`), with the words it stands in."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell of a table, or one of several values in it, says: a relation's canonical value, and where it stands."""

    relation: str
    value: str
    start: int
    end: int
    stage: str | None = None
    unit: str | None = None
    approximate: bool = False
    value_max: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """What a report says that is a row of a table with known columns: the table's name, the row's model, its cells."""

    name: str
    model: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a report stands that shares its file with others: the file's id, and the line it begins in, from 1.

    `offset` counts the code points of the file before it; None when the file holds the text in another writing, or has no lines:
    then `line` counts its rows. A file in an archive has no `line`: it is read as by itself, and its id is its path.
    """

    file: str
    line: int | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A report that was read. `id` is its path below the argument it came from, with `/` between the parts.

    `moved` lists words whose characters stand at other offsets in `text` than in `source` (`R&amp;D`, a zero-width space
    in `A100`): a mention that touches one covers the whole of it. A row of a known table has a `table`, and its text is not read
    otherwise; a report among others in one file, whose id continues the file's, has an `origin`. Form feeds part the pages of a
    source that is `paged`.
    """

    id: str
    path: str
    format: str
    source: str
    text: str
    sha256: str
    segments: tuple[Segment, ...] = ()
    tags: tuple[Tag, ...] = ()
    fields: tuple[Field, ...] = ()
    findings: tuple[Finding, ...] = ()
    moved: tuple[Span, ...] = ()
    table: Table | None = None
    origin: Origin | None = None
    paged: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What one report says of one model, with the words that say it.

    `value` is canonical text (see `values`); `model` is the name as the report writes it, None when it names none; `thing` the IRI
    of the individual the value names. `score` is the confidence in [0, 1]; below the threshold a claim is a suggestion. In a report
    of pages, `page` is the one that it stands on, from 1, and `page_start` its start in that page's text.
    """

    report: str
    model: str | None
    relation: str
    value: str
    start: int
    end: int
    mention: str
    stage: str | None = None
    unit: str | None = None
    thing: str | None = None
    approximate: bool = False
    value_max: str | None = None
    method: str = "rule"
    derived: bool = False
    score: float = 1.0
    page: int | None = None
    page_start: int | None = None

    def sort_key(self) -> tuple[str, int, int, str, str, str, str]:
        """Order of claims in every output."""
        return (self.report, self.start, self.end, self.relation, self.value, self.model or "", self.stage or "")

    def to_json(self) -> dict[str, Any]:
        """Return the claim as it goes over the wire, keys in the documented order."""
        return {
            "report": self.report,
            "model": self.model,
            "relation": self.relation,
            "value": self.value,
            "unit": self.unit,
            "stage": self.stage,
            "mention": self.mention,
            "start": self.start,
            "end": self.end,
            "thing": self.thing,
            "approximate": self.approximate,
            "valueMax": self.value_max,
            "method": self.method,
            "derived": self.derived,
            **({} if self.page is None else {"page": self.page, "pageStart": self.page_start}),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Claim:
        """Read back what `to_json` wrote."""
        fields = {key: value for key, value in data.items() if key not in {"valueMax", "pageStart"}}
        return cls(**fields, value_max=data.get("valueMax"), page_start=data.get("pageStart"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that the catalogue knows of a thing, as it went into a derived fact; `thing` is an IRI."""

    thing: str
    name: str
    relation: str
    value: str
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A number that no report states and a rule computes: at least `low`, most likely `value`, at most `high` (None: no bound).

    `id`, `model` and `subject` (the model, its run or its hardware) are IRIs, `label` is the model's name. `formula` says with the
    numbers how it was computed from `inputs` (claims), `figures` (of the catalogue) and `derived` (other derived facts, by id);
    `report` is None when several reports had to be put together.
    """

    id: str
    model: str
    label: str
    subject: str
    relation: str
    stage: str | None
    rule: str
    formula: str
    unit: str
    low: str
    value: str
    high: str | None
    inputs: tuple[Claim, ...] = ()
    figures: tuple[Figure, ...] = ()
    derived: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    report: str | None = None

    def sort_key(self) -> tuple[str, str, str, str, str]:
        """Order of derived facts in every output."""
        return (self.model, self.report or "", self.stage or "", self.relation, self.id)


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A number that a rule cannot compute: which relations nobody states, and why in words; `inputs` are claims that are there."""

    model: str
    label: str
    subject: str
    relation: str
    stage: str | None
    rule: str
    missing: tuple[str, ...]
    reason: str
    inputs: tuple[Claim, ...] = ()
    report: str | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """What the rules computed for the models of a build, and what they could not compute, in order of every output."""

    facts: tuple[Derived, ...] = ()
    undetermined: tuple[Undetermined, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one document gave: claims that are asserted, suggestions that are not, findings about its text."""

    claims: tuple[Claim, ...] = ()
    suggestions: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A span of a report with a remark; the first label of a finding is the primary one (carets), others are underlined."""

    report: str
    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation, gap or contradiction: a code (`KG102`), its severity, what is wrong, where, and notes that explain it."""

    code: str
    severity: Severity
    message: str
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    report: str | None = None
    subject: str | None = None
    relation: str | None = None

    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """Order of findings in every output: by place, then code."""
        first = self.labels[0] if self.labels else Label("", -1, -1)
        return (self.report or first.report, first.start, first.end, self.code, self.subject or "", self.message)


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that was not read, and why; `failed` when it should have been readable."""

    path: str
    reason: str
    failed: bool = False
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """A known individual of the catalogue: canonical name, other names, facts by relation.

    `added` are the names that the user's own tables give it: none, further ones of a thing that was known, or all of a new one.
    """

    iri: str
    kind: str
    name: str
    aliases: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    ambiguous: tuple[str, ...] = ()
    in_context: bool = False
    added: tuple[str, ...] = ()
