"""The tools: what each is for, what it takes and gives, and which task of a worker does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kg.mcp._instructions import queries_in_brief, relations_by_class
from kg.mcp._schemas import ANSWERED, COUNT, DESCRIBED, EXPLAINED, FLAG, FOUND, Schema, fields
from kg.mcp._text import answered, described, explained, found
from kg.schema import load_schema
from kg.sparql.formats import FORMATS
from kg.sparql.named import shipped
from kg.sparql.rows import COMPACT
from kg.sparql.thread import LONGEST

Values = Mapping[str, Any]

_FACTS = 100  # that `describe` gives unless it is asked for another number
_ROWS = 100
_RESULTS = 10
_STAGE = "Only this stage of training."


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: `takes` and `gives` are JSON Schemas, `task` is what a worker does, `told` makes a text of what it gives."""

    name: str
    title: str
    description: str
    takes: Schema
    gives: Schema
    task: str
    told: Callable[[Values], str]

    def structured(self, given: Values) -> dict[str, Any]:
        """Return what is given as values: without the text, unless it is all there is."""
        return {name: value for name, value in given.items() if name in self.gives["properties"] and not _is_twice(name, given)}


def _is_twice(name: str, given: Values) -> bool:
    return name == "text" and given.get("form") in {"rows", "truth"}


def tools(most: int) -> dict[str, Tool]:
    """Return the tools by name; a query gives at most `most` rows."""
    return {tool.name: tool for tool in (_search(), _describe(), _query(most), _why())}


def _text(description: str, longest: int = 500) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": description}


def _number(description: str, least: int, most: int, default: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most, "default": default, "description": description}


def _one_of(description: str, values: tuple[str, ...]) -> Schema:
    return {"enum": list(values), "description": description}


def _search() -> Tool:
    kinds = ("model", "dataset", "organization", "accelerator", "software", "country")
    return Tool(
        "search",
        "Find things by name",
        "Find models, datasets, organizations, accelerators, software and countries by a name, words of one or their beginnings, "
        "other spellings included. Gives for each its IRI (to pass on to describe, query and why), its kind, label and other "
        "names, which name matched, and how many reports describe it. Use it first whenever you have a name and need the thing; "
        "names that merely look alike are different things (LLaMA-2 is not LLaMA-3).",
        fields(
            {
                "text": _text("A name or a part of one, as LLaVA or A100."),
                "kind": _one_of("Only things of this kind.", kinds),
                "limit": _number("Results at most.", 1, 100, _RESULTS),
            },
            ("text",),
        ),
        FOUND,
        "search",
        found,
    )


def _describe() -> Tool:
    stages = tuple(load_schema().stages)
    return Tool(
        "describe",
        "Everything about one thing",
        "Tell everything the graph says about one thing: a model, dataset, organization, accelerator, software, country, report, "
        "training run, or a class or relation of the ontology (kg:duration). Facts are grouped by the model and the stage of "
        "training that they are told of; each is marked reported (with the report's id, offsets and words), derived (with formula "
        "and bounds) or catalogue (with source). Also gaps and contradictions that were found, and for a model what no report "
        "states. Long answers are cut, and leftOut says what is missing and how to get it.",
        fields(
            {
                "thing": _text(
                    "An IRI, a prefixed name (data:model/blip-2), a name, a report's id, or a term (kg:duration).", 2000
                ),
                "stage": _one_of(_STAGE, stages),
                "relation": _text("Only facts of this relation, by its local name: trainingDataset."),
                "origin": _one_of("Only facts of this origin.", ("reported", "derived", "catalogue")),
                "limit": _number("Facts at most.", 1, 500, _FACTS),
                "offset": {**COUNT, "default": 0, "description": "Facts to skip, as an earlier answer's leftOut says."},
            },
            ("thing",),
        ),
        DESCRIBED,
        "describe",
        described,
    )


def _query(most: int) -> Tool:
    formats = (COMPACT, *(name for name in FORMATS if name != "xml"))
    description = (
        "Ask the graph with SPARQL 1.1 (SELECT, ASK, CONSTRUCT, DESCRIBE; no update, no SERVICE), or with a named query. Give "
        "either sparql or name. Gives rows as JSON values (null: nothing there) and as text (compact: a line of column names, "
        "then a line for each row, cells separated by tabs); truncated is true when there are more, and note says how to get them. "
        "Named queries with a parameter page give page 1 unless asked for another or all. A wrong query is "
        "answered with line, column and a hint. Prefer a named query where one fits, "
        "COUNT and GROUP BY over fetching rows, and kg:describedIn in the pattern to keep to models of reports. "
        "With evidence, each row comes with the words that state its facts.\n\n"
        f"Named queries [parameters: a name or an IRI]:\n{queries_in_brief()}\n\n"
        f"Relations (prefix kg:) by the class they are told of:\n{relations_by_class(load_schema())}"
    )
    return Tool(
        "query",
        "Ask with SPARQL or a named query",
        description,
        fields(
            {
                "sparql": _text("A SPARQL 1.1 query; the prefixes of the instructions need no declaration.", LONGEST),
                "name": _one_of("The name of a query that comes with kg.", tuple(shipped())),
                "parameters": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "number", "boolean"], "maxLength": 2000},
                    "maxProperties": 20,
                    "description": 'Parameters by name: {"model": "InstructBLIP-13B"} or {"page": 2}; for SPARQL, its variables.',
                },
                "limit": _number("Rows (or triples) at most.", 1, most, min(_ROWS, most)),
                "format": {**_one_of("How the text is written; compact unless given.", formats), "default": COMPACT},
                "evidence": {**FLAG, "default": False, "description": "Add the words of the reports to each row of a SELECT."},
            }
        ),
        ANSWERED,
        "rows",
        answered,
    )


def _why() -> Tool:
    return Tool(
        "why",
        "What one fact rests on",
        "Show why a fact is in the graph: the words of the reports that state it, with their place; or, for a derived number, its "
        "formula, rule, assumptions and inputs, down to the words and the sources of the catalogue; findings about it; other "
        "values that contradict it. For a fact that is not there: what was looked for, where, and what comes near. Name the fact "
        "as THING.relation or THING.stage.relation (InstructBLIP-13B.pretraining.duration, <IRI>.parameterCount), or give the IRI "
        "of a claim or derived fact.",
        fields(
            {
                "fact": _text("THING.relation, THING.stage.relation, or the IRI of a claim or a derived fact.", 2000),
                "stage": _one_of(_STAGE, tuple(load_schema().stages)),
            },
            ("fact",),
        ),
        EXPLAINED,
        "why",
        explained,
    )
