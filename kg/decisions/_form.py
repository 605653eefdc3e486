"""Whether a relation can have a value: what is wrong with a statement that a person makes, and what would be right."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kg.decisions._entry import Statement
from kg.tables import folder_of
from kg.values import literal, name_key

if TYPE_CHECKING:
    from kg.schema import Relation, Schema

Problem = tuple[str, str]
"""What is wrong, and what to do."""

_FORMS = {
    "integer": (re.compile(r"-?[0-9]+(?:\.0+)?(?:[eE]\+?[0-9]{1,3})?"), "a whole number in full: 13000000000"),
    "decimal": (re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"), "a number: 0.05 or 1e-4"),
    "double": (re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"), "a number: 1.2e24"),
    "duration": (re.compile(r"P[0-9.YMDTHS]+"), "a duration in days and hours: P21D, PT36H, P2M"),
    "gYear": (re.compile(r"[0-9]{4}"), "a year: 2023"),
}


def relation_problem(schema: Schema, name: str) -> Problem | None:
    """Return what is wrong with the name of a relation that reports state, None when nothing is."""
    known = reported(schema)
    return None if name in known else (f"no relation is named '{name}'", _near(name, known))


def problem(schema: Schema, said: Statement, *, of_value: bool = True) -> Problem | None:
    """Return what is wrong with a statement, None when nothing is; `of_value` tells whether its value is looked at."""
    if wrong := relation_problem(schema, said.relation):
        return wrong
    relation = schema.relation(said.relation)
    if of_value and not said.value.strip():
        return f"the value of {said.relation} is empty", "reject the claim when nothing of it is right"
    for value in filter(None, (said.value, said.value_max) if of_value else ()):
        if wrong := _value_problem(relation, value):
            return wrong
    if said.stage is not None and said.stage not in schema.stages:
        return f"no stage is named '{said.stage}'", _near(said.stage, sorted(schema.stages))
    if said.stage is not None and relation.domain == "Model":
        return f"{said.relation} is of the whole model, it has no stage", "leave the stage out, or write none"
    return None


def reported(schema: Schema) -> list[str]:
    """Return the names of the relations that reports state, sorted."""
    return sorted(relation.name for relation in schema.relations.values() if relation.origin == "report")


def kind_of_names(schema: Schema, kind: str) -> str | None:
    """Return the folder of a kind of things that reports name, None when there is no such kind."""
    folder = folder_of(kind)
    return folder if folder in kinds_of_names(schema) else None


def kinds_of_names(schema: Schema) -> list[str]:
    """Return the kinds of things that reports name, sorted."""
    ranges = {relation.range for relation in schema.relations.values() if relation.origin == "report"}
    return sorted(range_.lower() for range_ in ranges if not range_.startswith("xsd:"))


def _value_problem(relation: Relation, value: str) -> Problem | None:
    if relation.values:
        return None if value in relation.values else (f"'{value}' is no {relation.name}", _near(value, sorted(relation.values)))
    if not relation.range.startswith("xsd:"):
        return None if name_key(value) else (f"'{value}' is no name", "a name needs a letter or a digit")
    form, right = _FORMS.get(relation.range.removeprefix("xsd:"), (None, ""))
    try:
        literal(relation.range, value)
    except ValueError:
        well_formed = False
    else:
        well_formed = form is None or form.fullmatch(value) is not None
    return None if well_formed else (f"'{value}' is no value of {relation.name}", f"write {right}")


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {', '.join(near)}?" if near else f"choose one of: {', '.join(known)}"
