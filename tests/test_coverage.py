from __future__ import annotations

import pytest

from kg.coverage import coverage
from kg.model import Claim, Finding
from kg.schema import Schema
from tests.samples import claim


def table(
    schema: Schema, *claims: Claim, failed: list[str] | None = None, findings: list[Finding] | None = None
) -> dict[object, object]:
    rows = list(coverage(["a.txt"], failed or [], claims, findings or [], schema))
    assert [(row["report"], row["model"] or "", row["relation"]) for row in rows] == sorted(
        (str(row["report"]), row["model"] or "", str(row["relation"])) for row in rows
    )
    return {(row["report"], row["model"], row["relation"]): row["status"] for row in rows}


def test_a_relation_is_stated_when_a_claim_speaks_of_it(schema: Schema) -> None:
    found = table(schema, claim("steps", "10"))
    assert found["a.txt", "Kestrel-7B", "steps"] == "stated"
    assert found["a.txt", "Kestrel-7B", "epochs"] == "not-stated"


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_stated_counts_before_what_is_derived(schema: Schema, order: int) -> None:
    both = [claim("steps", "10", derived=True), claim("steps", "11"), claim("epochs", "1", derived=True)][::order]
    found = table(schema, *both)
    assert (found["a.txt", "Kestrel-7B", "steps"], found["a.txt", "Kestrel-7B", "epochs"]) == ("stated", "derived")


def test_each_model_of_a_report_has_rows_of_its_own(schema: Schema) -> None:
    found = table(schema, claim("steps", "10"), claim("steps", "10", model="Merlin"), claim("epochs", "1", model=None))
    assert {key[1] for key in found if isinstance(key, tuple)} == {None, "Kestrel-7B", "Merlin"}
    assert found["a.txt", None, "steps"] == "not-stated"


@pytest.mark.parametrize(("code", "status"), [("KG420", "unreadable"), ("KG107", "not-stated")])
def test_what_stands_there_but_cannot_be_read_is_unreadable(schema: Schema, code: str, status: str) -> None:
    finding = Finding(code, "warning", "m", report="a.txt", relation="steps")
    assert table(schema, findings=[finding])["a.txt", None, "steps"] == status
    assert table(schema, claim("steps", "10"), findings=[finding])["a.txt", "Kestrel-7B", "steps"] == "stated"


def test_of_a_report_that_failed_everything_is_unreadable(schema: Schema) -> None:
    found = table(schema, failed=["b.pdf"])
    assert {status for key, status in found.items() if isinstance(key, tuple) and key[0] == "b.pdf"} == {"unreadable"}
    assert ("a.txt", None, "steps") in found
