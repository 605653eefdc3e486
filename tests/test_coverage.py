from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.coverage import Covered, as_table, coverage, relation_names, rows_of, summary, text_of
from kg.errors import BuildError
from kg.model import Claim, Finding
from kg.schema import Schema
from kg.wire import line
from tests.samples import claim


def table(
    schema: Schema,
    *claims: Claim,
    failed: list[str] | None = None,
    findings: list[Finding] | None = None,
    suggestions: list[Claim] | None = None,
    column: str = "status",
) -> dict[object, object]:
    rows = list(coverage(["a.txt"], failed or [], claims, findings or [], schema, suggestions or []))
    assert [(row["report"], row["model"] or "", row["relation"]) for row in rows] == sorted(
        (str(row["report"]), row["model"] or "", str(row["relation"])) for row in rows
    )
    return {(row["report"], row["model"], row["relation"]): row[column] for row in rows}


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


def test_what_may_be_said_is_counted(schema: Schema) -> None:
    unsure = [claim("steps", "11"), claim("epochs", "1"), claim("epochs", "2"), claim("epochs", "3", model=None)]
    found = table(schema, claim("steps", "10"), suggestions=unsure, column="suggestions")
    assert found["a.txt", "Kestrel-7B", "steps"] == 1
    assert found["a.txt", "Kestrel-7B", "epochs"] == 2
    assert found["a.txt", "Kestrel-7B", "duration"] == 0
    assert found["a.txt", None, "epochs"] == 1
    status = table(schema, claim("steps", "10"), suggestions=unsure)
    assert status.keys() == found.keys()
    assert {status["a.txt", "Kestrel-7B", "epochs"], status["a.txt", None, "epochs"]} == {"not-stated"}


def written(folder: Path, *lines: str) -> Path:
    (folder / "coverage.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return folder


def test_a_build_is_summed_up_by_relation(schema: Schema, tmp_path: Path) -> None:
    said = [claim("steps", "10"), claim("epochs", "1", derived=True), claim("steps", "10", model="Merlin")]
    unsure = [claim("steps", "11"), claim("duration", "P1D"), claim("duration", "P2D"), claim("optimizer", "SGD", report="b.pdf")]
    rows = coverage(["a.txt"], ["b.pdf"], said, [], schema, unsure)
    found = summary(written(tmp_path, *map(json.dumps, rows)))
    assert list(found) == sorted(found)
    assert found["steps"] == {"stated": 2, "derived": 0, "not-stated": 0, "unreadable": 1, "possibly-stated": 0}
    assert found["epochs"] == {"stated": 0, "derived": 1, "not-stated": 1, "unreadable": 1, "possibly-stated": 0}
    assert found["duration"] == {"stated": 0, "derived": 0, "not-stated": 2, "unreadable": 1, "possibly-stated": 1}
    assert found["optimizer"]["possibly-stated"] == 0  # nothing can be said of what cannot be read


def test_numbers_stand_below_their_names() -> None:
    counts = {"stated": 1, "derived": 0, "not-stated": 1_000_000, "unreadable": 0, "possibly-stated": 20}
    assert as_table({"steps": counts, "country": counts}).splitlines() == [
        "            stated    derived  not-stated  unreadable  possibly-stated",
        "steps            1          0   1,000,000           0               20",
        "country          1          0   1,000,000           0               20",
    ]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"relation": "steps", "status": "not-stated"}', '{"relation": "steps", "status": "x", "suggestions": 0}'],
)
def test_a_damaged_build(line: str, tmp_path: Path) -> None:
    with pytest.raises(
        BuildError, match=r"coverage\.jsonl: the build cannot be read, or is of another version of kg\n  hint: build"
    ):
        summary(written(tmp_path, '{"relation": "steps", "status": "not-stated", "suggestions": 0}', line))


def test_a_build_without_the_file(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="the build cannot be read"):
        summary(tmp_path)


def test_lines_are_written_as_any_row_is(schema: Schema) -> None:
    report = 'é "\ud800"'
    covered = Covered(
        report,
        [claim("steps", "10", report=report), claim("epochs", "1", report=report, model=None, derived=True)],
        [claim("steps", "11", report=report), claim("duration", "P1D", report=report, model="Mer\\lin")],
        {"license", "duration", "steps"},
        [("Kestrel-7B", "trainingCompute"), ("Kestrel-7B", "steps"), ("🦜", "epochs")],
    )
    for one in (covered, Covered("nothing.txt"), Covered("lost.txt", lost=True)):
        rows = list(rows_of(one, relation_names(schema)))
        assert text_of(one, relation_names(schema)) == b"".join(map(line, rows))
    found = {
        (row["model"], row["relation"]): (row["status"], row["suggestions"]) for row in rows_of(covered, relation_names(schema))
    }
    assert found["Kestrel-7B", "steps"] == ("stated", 1)
    assert found["Mer\\lin", "duration"] == ("unreadable", 1)
    assert found["🦜", "epochs"] == found[None, "epochs"] == ("derived", 0)
