"""What the tables of an export hold: every table with its columns. Files, documentation and tests follow from this alone.

Types are those of Arrow by name; `strings`, `integers` and `numbers` are lists, `labels` a list of records with fields as in LABEL.
What a report can say of a model or a run is a column of the ontology's, so that a new relation is a new column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kg.schema import Relation, Schema

Kind = Literal["string", "int64", "double", "bool", "strings", "integers", "numbers", "labels"]

SHOWN: Mapping[Kind, str] = {
    "string": "string",
    "int64": "int64",
    "double": "double",
    "bool": "bool",
    "strings": "list of string",
    "integers": "list of int64",
    "numbers": "list of double",
    "labels": "list of records",
}
"""The types as people read them."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type, the unit of its numbers, whether a cell may be null, what it holds, and the key it refers to."""

    name: str
    kind: Kind
    definition: str
    nullable: bool = False
    unit: str = ""
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what a row is, the order of the rows, its columns, of which the first is the key."""

    name: str
    definition: str
    order: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> str:
        """Return the name of the column whose value no two rows share."""
        return self.columns[0].name

    def names(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(column.name for column in self.columns)


LABEL = (
    Column("report", "string", "id of the report"),
    Column("path", "string", "the report's file, as findings.json names it", True),
    Column("start", "int64", "first character", unit="characters"),
    Column("end", "int64", "character after the last", unit="characters"),
    Column("page", "int64", "page, in a report of pages", True),
    Column("line", "int64", "line in the file, from 1", True),
    Column("column", "int64", "column in the line, from 1", True),
    Column("mention", "string", "the words", True),
    Column("text", "string", "what is said of the words"),
)
"""The fields of a record of `findings.labels`."""

_OWN = frozenset({"name"})  # the label of a model is its column `name`; what reports call it is in facts
_LISTS: Mapping[str, Kind] = {"xsd:integer": "integers", "xsd:gYear": "integers", "xsd:decimal": "numbers", "xsd:double": "numbers"}

_MODEL = Column("model", "string", "IRI of the model", refers="models.model")
_RUN = Column("run", "string", "IRI of the run; null for what is said of the model itself", True, refers="runs.run")
_STAGE = Column("stage", "string", "stage of training; null for the whole training and for the model itself", True)
_RELATION = Column("relation", "string", "the relation, as `kg extract` writes it")
_THING = Column("thing", "string", "IRI of what the value names; null for numbers and text", True)
_START = Column("start", "int64", "first character of the words in the report's source", unit="characters")
_END = Column("end", "int64", "character after the last", unit="characters")

_FACTS = (
    Column("fact", "string", "key: of a derived fact its IRI in the graph, of a stated one 16 hexadecimal digits"),
    _MODEL,
    _RUN,
    _STAGE,
    Column("subject", "string", "IRI of what the fact is about: the model, its run, or the run's hardware"),
    _RELATION,
    Column("origin", "string", "`stated` by reports, or `derived` by a rule"),
    Column("value", "string", "the value as the graph holds it; of a thing its name"),
    _THING,
    Column(
        "number",
        "double",
        "the value as a number, of a range its lower end; of a duration its hours; null for text and things",
        True,
        "hours of a duration",
    ),
    Column("unit", "string", "unit of a derived number", True),
    Column("low", "double", "of a derived number: it is at least this", True, "that in `unit`"),
    Column("high", "double", "of a derived number: it is at most this; null when nothing bounds it above", True, "that in `unit`"),
    Column("rule", "string", "rule that derives it", True),
    Column("formula", "string", "how it was computed, with the numbers", True),
    Column("assumptions", "strings", "what the rule takes for granted; empty for a stated fact"),
    Column("inputs", "strings", "the claims that it was derived from; empty for a stated fact", refers="claims.claim"),
    Column("derivedFrom", "strings", "the derived facts that it was derived from", refers="facts.fact"),
    Column("figures", "strings", "the numbers of the catalogue that went into it, each with its source"),
    Column("report", "string", "the report from which alone it is derived; null for others", True, refers="claims.report"),
    Column("reports", "int64", "how many reports state it; 0 for a derived fact"),
    Column("claims", "int64", "how many claims state it; 0 for a derived fact"),
)

_CLAIMS = (
    Column("claim", "string", "IRI of the claim"),
    Column("fact", "string", "the fact that it states; null when what it names may be several things", True, refers="facts.fact"),
    Column("report", "string", "id of the report"),
    Column(
        "model", "string", "IRI of the model; null when no claim of the report states a fact of it", True, refers="models.model"
    ),
    Column("modelName", "string", "the model's name as the report writes it; null when it names none", True),
    _RUN,
    _STAGE,
    _RELATION,
    Column("value", "string", "the value, as `kg extract` writes it"),
    _THING,
    Column("number", "double", "the value as a number; of a duration its hours", True, "hours of a duration"),
    Column("valueMax", "string", "of a range, its upper end", True),
    Column("numberMax", "double", "of a range, its upper end as a number", True, "hours of a duration"),
    Column("unit", "string", "what is counted, as tokens", True),
    Column("approximate", "bool", "whether the report hedges the number"),
    Column("method", "string", "what read it: a tag, a rule, a table, a language model, a person"),
    Column("mention", "string", "the words of the report that state it"),
    _START,
    _END,
    Column("page", "int64", "page, from 1, in a report of pages", True),
    Column("pageStart", "int64", "first character in the text of the page", True, "characters"),
    Column("context", "string", "the words with up to 80 characters before and after them, white space as single spaces"),
)

_FINDINGS = (
    Column("finding", "int64", "place in findings.json, from 1"),
    Column("code", "string", "code, as KG302"),
    Column("kind", "string", "`gap`, `contradiction` or `remark`"),
    Column("severity", "string", "`violation`, `warning` or `info`"),
    Column("message", "string", "what is wrong"),
    Column("report", "string", "id of the report that it is about", True),
    Column("model", "string", "IRI of the model that it is about", True, refers="models.model"),
    Column("subject", "string", "IRI of what it is about", True),
    Column("relation", "string", "relation that it is about", True),
    Column("path", "string", "file of the first place that it points to", True),
    Column("start", "int64", "first character of that place in the report's source", True, "characters"),
    Column("end", "int64", "character after the last", True, "characters"),
    Column("page", "int64", "page of it, in a report of pages", True),
    Column("line", "int64", "line of it in the file, from 1", True),
    Column("column", "int64", "column of it in the line, from 1", True),
    Column("mention", "string", "the words there", True),
    Column("notes", "strings", "what explains it"),
    Column("labels", "labels", "every place that it points to, the first one too"),
)


def list_kind(relation: Relation) -> Kind:
    """Return the type of the column of a relation: all its values in a list, because reports may disagree."""
    return "numbers" if relation.range == "xsd:duration" else _LISTS.get(relation.range, "strings")


def listed(schema: Schema, *domains: str) -> Iterator[Relation]:
    """Yield what a report can state of things of some classes, in the order of the ontology, where it is a column."""
    for relation in schema.relations.values():
        if relation.domain in domains and relation.origin == "report" and relation.name not in _OWN:
            yield relation


def tables_of(schema: Schema) -> dict[str, Table]:
    """Return the tables by name."""
    models = (
        Column("model", "string", "IRI of the model"),
        Column("name", "string", "its name in the graph"),
        Column("reports", "int64", "how many reports describe it"),
        Column("claims", "int64", "how many claims state facts about it"),
        Column("runs", "int64", "how many rows of `runs` it has"),
        *map(_of_relation, listed(schema, "Model")),
    )
    runs = (
        Column("run", "string", "IRI of the run"),
        _MODEL,
        Column("stage", "string", "stage of training; null for the whole training", True),
        Column("partOf", "string", "IRI of the whole training; null for that itself", True, refers="runs.run"),
        Column("hardware", "string", "IRI of its hardware", True, refers="facts.subject"),
        Column("claims", "int64", "how many claims state facts about it and its hardware"),
        *map(_of_relation, listed(schema, "TrainingRun", "HardwareConfig")),
    )
    found = (
        Table("models", "the models that reports describe", "model", models),
        Table("runs", "their trainings: the whole of each, and each stage that reports tell apart", "model, the whole first", runs),
        Table("facts", "what is stated or derived of them, each once", "model, stage, relation, value", _FACTS),
        Table("claims", "what each report says, with the words that say it", "report, start, end, relation", _CLAIMS),
        Table("findings", "what is wrong, missing or contradicts itself", "as in findings.json", _FINDINGS),
    )
    return {table.name: table for table in found}


def _of_relation(relation: Relation) -> Column:
    text = relation.definition[:1].lower() + relation.definition[1:].rstrip(".")
    unit = "hours" if relation.range == "xsd:duration" else ""
    return Column(relation.name, list_kind(relation), f"what reports state: {text}", unit=unit)
