"""The form of an answer follows from the ontology; an answer of another form is none."""

from __future__ import annotations

from typing import Any

import pytest

from kg.extract.llm.form import Written, answer_of, answer_schema, asked, written
from kg.schema import Schema

GOOD = {"model": "M", "relation": "name", "value": "M", "stage": None, "mention": "M", "quote": "M is"}


@pytest.fixture(scope="module")
def forms(schema: Schema) -> list[dict[str, Any]]:
    """What each kind of claim must be."""
    return answer_schema(schema, asked(schema))["properties"]["claims"]["items"]["anyOf"]  # type: ignore[no-any-return]


def test_every_relation_of_reports_is_asked_for_once(schema: Schema, forms: list[dict[str, Any]]) -> None:
    names = [name for form in forms for name in form["properties"]["relation"]["enum"]]
    assert sorted(names) == [name for name, relation in sorted(schema.relations.items()) if relation.origin == "report"]
    assert {"name", "precision", "acceleratorCount"} <= set(names)


def test_a_closed_list_of_values_is_closed(schema: Schema, forms: list[dict[str, Any]]) -> None:
    lists = {tuple(form["properties"]["relation"]["enum"]): form["properties"]["value"].get("enum") for form in forms}
    assert lists[("precision",)] == list(schema.relation("precision").values)
    assert lists[("learningRateSchedule",)] == list(schema.relation("learningRateSchedule").values)
    assert [names for names, values in lists.items() if values] == [("learningRateSchedule",), ("precision",)]


def test_only_what_belongs_to_a_run_has_a_stage(schema: Schema, forms: list[dict[str, Any]]) -> None:
    for form in forms:
        domains = {schema.relation(name).domain == "Model" for name in form["properties"]["relation"]["enum"]}
        stage = form["properties"]["stage"]
        assert stage == ({"type": "null"} if domains == {True} else {"type": ["string", "null"], "enum": [*schema.stages, None]})


def test_the_form_is_strict(schema: Schema, forms: list[dict[str, Any]]) -> None:
    for part in (answer_schema(schema, asked(schema)), *forms):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ('{"claims": []}', {"claims": []}),
        ('```json\n{"claims": [1]}\n```', {"claims": [1]}),
        ('{"claims": [], "more": 1}', {"claims": []}),
        ('{"claims": [', None),
        ('{"claims": {}}', None),
        ("[]", None),
        ("null", None),
        ("", None),
        ("No facts.", None),
        ("[" * 100_000, None),
    ],
)
def test_answers(content: str, answer: object) -> None:
    assert answer_of(content) == answer


def test_a_claim_as_written() -> None:
    assert written(GOOD) == Written("M", "name", "M", None, "M", "M is")
    assert written({**GOOD, "model": "", "stage": "", "confidence": 1}) == Written(None, "name", "M", None, "M", "M is")


@pytest.mark.parametrize(
    "item",
    [
        None,
        [],
        "name",
        {},
        *({**GOOD, name: None} for name in ("relation", "value", "mention", "quote")),
        *({**GOOD, name: ""} for name in ("value", "mention", "quote")),
        *({**GOOD, name: 7} for name in GOOD),
        {**GOOD, "quote": "x" * 100_000},
    ],
)
def test_a_claim_that_is_none(item: object) -> None:
    assert written(item) is None
