"""What trainings took, by year: the rows are those of the plain queries, the quartiles and the largest those of all amounts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import quantiles

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import UsageError
from kg.graph import summary_triples, view_of
from kg.graph.summaries._amounts import Amount, Whole, amounts
from kg.graph.summaries._timeline import DRAWN, LARGEST
from kg.query import run
from kg.schema import DEFAULT_BASE
from kg.terms import KG, RDF, XSD
from tests.graph.made import made_triples, store_of

PLAIN = Path(__file__).with_name("plain")
MODEL, RUN, STAGED = (f"<{DEFAULT_BASE}{path}>" for path in ("model/m", "run/m", "run/m/pretraining"))
Row = dict[str, str]


def rows(store: ox.Store, text: str, **params: str) -> list[Row]:
    return [dict(row) for row in csv.DictReader(io.StringIO(run(store, text, params=params, format="csv").decode()))]


def plainly(store: ox.Store, name: str) -> list[Row]:
    return rows(store, (PLAIN / f"{name}.rq").read_text(encoding="utf-8"))


def rounded(found: Iterable[Row], numbers: Sequence[str]) -> list[Row]:
    return [{key: f"{float(value):.6g}" if key in numbers else value for key, value in row.items()} for row in found]


def check(store: ox.Store) -> None:
    every = plainly(store, "largest")
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(every, key=lambda row: (row["year"], row["relation"], float(row["value"]))):
        groups.setdefault((row["year"], row["relation"]), []).append(row)
    numbers = ("least", "lowerQuartile", "median", "upperQuartile", "greatest")
    expected = plainly(store, "timeline")
    for row, group in zip(expected, groups.values(), strict=True):
        values = [float(member["value"]) for member in group]
        inner = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
        row |= dict(zip(numbers, map(str, (values[0], *inner, values[-1])), strict=True))
    found = rows(store, "timeline", page="all")
    for kept_row, row in zip(found, expected, strict=True):
        assert {name: kept_row[name] for name in kept_row if name not in numbers} == {
            name: row[name] for name in row if name not in numbers
        }
        assert [float(kept_row[name]) for name in numbers] == pytest.approx([float(row[name]) for name in numbers], rel=1e-9)

    ends, kept = ("low", "value", "high"), rows(store, "largest", page="all")
    assert {(row["year"], row["relation"]) for row in kept} == set(groups)
    for (year, relation), group in groups.items():
        own = [row for row in kept if (row["year"], row["relation"]) == (year, relation)]
        assert len(own) == min(len(group), LARGEST)
        told = {row["model"]: row for row in rounded(group, ends)}
        assert all(told[row["model"]] == row for row in rounded(own, ends))
        assert [float(row["value"]) for row in own] == pytest.approx([float(row["value"]) for row in group[::-1][:LARGEST]])


@given(st.randoms(use_true_random=False), st.integers(1, 12))
@settings(max_examples=12, deadline=None)
def test_any_graph(chance: Random, models: int) -> None:
    check(store_of(made_triples(chance, models)))


def test_more_models_than_are_named() -> None:
    check(store_of(made_triples(Random(3), 90, 5)))


def test_disclosure_adds_up_and_agrees_with_what_is_undisclosed() -> None:
    store = store_of(made_triples(Random(5), 40))
    models = len(rows(store, "models", page="all"))
    missing: dict[str, int] = {}
    for row in rows(store, "undisclosed", page="all"):
        for name in row["relations"].split(" | "):
            missing[name] = missing.get(name, 0) + 1
    found: dict[str, dict[str, int]] = {}
    for row in rows(store, "disclosure"):
        found[row["relation"].removeprefix(KG)] = {name: int(number) for name, number in row.items() if name != "relation"}
    assert set(missing) <= set(found)
    for name, numbers in found.items():
        assert numbers["models"] == models == numbers["statedModels"] + numbers["impliedModels"] + numbers["undisclosedModels"]
        if name in missing:
            assert numbers["models"] - numbers["statedModels"] == missing[name]
    assert found["acceleratorHours"]["impliedModels"] and found["trainingCompute"]["impliedModels"]


def stated(subject: str, value: str, datatype: str = "decimal") -> str:
    return f'{subject} <{KG}acceleratorHours> "{value}"^^<{XSD}{datatype}>'


def implied(number: int, subject: str, low: str, value: str, high: str | None) -> list[str]:
    fact = f"<{DEFAULT_BASE}derived/{number}>"
    ends = {f"{KG}lowerBound": low, f"{RDF}object": value, f"{KG}upperBound": high}
    return [
        f"{fact} <{RDF}subject> {subject}",
        f"{fact} <{RDF}predicate> <{KG}impliedAcceleratorHours>",
        *(f'{fact} <{name}> "{end}"^^<{XSD}double>' for name, end in ends.items() if end is not None),
    ]


TUNED = STAGED.replace("pretraining", "fineTuning")
RUNS = [f"{MODEL} <{KG}hasRun> {RUN}", f"{MODEL} <{KG}hasRun> {STAGED}", f"{STAGED} <{KG}stage> <{KG}pretraining>"]
TWO = [f"{MODEL} <{KG}hasRun> {TUNED}", f"{TUNED} <{KG}stage> <{KG}fineTuning>"]
Expected = tuple[int | str, int | str, int | str, str]
AMOUNTS: list[tuple[list[str], Expected | None]] = [
    ([], None),
    ([stated(RUN, "10")], (10, 10, 10, "stated")),
    ([stated(RUN, "10"), stated(RUN, "30")], (10, 20, 30, "stated")),
    ([stated(STAGED, "7")], (7, 7, 7, "stated")),
    ([stated(STAGED, "7"), stated(RUN, "10")], (10, 10, 10, "stated")),
    ([stated(STAGED, "7"), *implied(1, RUN, "1", "2", "3")], (7, 7, 7, "stated")),
    (implied(1, RUN, "1", "2", "3"), (1, 2, 3, "implied")),
    ([*implied(1, RUN, "1", "2", "3"), *implied(2, RUN, "4", "5", "9")], (1, "3.5", 9, "implied")),
    (implied(1, MODEL, "1", "2", "3"), (1, 2, 3, "implied")),
    (implied(1, RUN, "1", "2", None), None),
    (implied(1, RUN, "1", "INF", "INF"), None),
    ([stated(RUN, "many", "string")], None),
    ([stated(RUN, "many")], None),
    ([stated(RUN, "NaN")], None),
    # Two stages: what is stated of one does not hide what is implied of the other, and a part is not the whole.
    ([*TWO, stated(STAGED, "7"), stated(TUNED, "5")], (12, 12, 12, "stated")),
    ([*TWO, stated(STAGED, "7"), *implied(1, TUNED, "1", "2", "3")], (8, 9, 10, "implied")),
    ([*TWO, stated(STAGED, "7"), *implied(1, STAGED, "1", "2", "3")], (7, 7, 7, "stated partial")),
    ([*TWO, stated(STAGED, "7")], (7, 7, 7, "stated partial")),
    ([*TWO, *implied(1, TUNED, "1", "2", "3")], (1, 2, 3, "implied partial")),
    ([*TWO, *implied(1, TUNED, "1", "2", "3"), *implied(2, STAGED, "4", "5", None)], (1, 2, 3, "implied partial")),
    ([*TWO, stated(STAGED, "7"), *implied(1, RUN, "11", "12", "13")], (11, 12, 13, "implied")),
    ([*TWO, stated(STAGED, "7"), stated(TUNED, "5"), *implied(1, RUN, "11", "12", "13")], (12, 12, 12, "stated")),
    ([*TWO, stated(RUN, "10"), stated(TUNED, "5")], (10, 10, 10, "stated")),
]


@pytest.mark.parametrize(("said", "expected"), AMOUNTS)
def test_amounts(said: list[str], expected: Expected | None) -> None:
    found = amounts(view_of([*RUNS, *said]), "acceleratorHours", "impliedAcceleratorHours").of(MODEL)
    if expected is None:
        assert found is None
    else:
        origin, _, partial = expected[3].partition(" ")
        assert found == Whole(Amount(*map(Decimal, expected[:3])), origin == "stated", bool(partial))


def described(*said: str) -> list[str]:
    return [f"{MODEL} <{KG}describedIn> <{DEFAULT_BASE}report/r>", *RUNS, *TWO, *said]


def test_a_part_stands_nowhere_as_the_whole() -> None:
    store = store_of(described(stated(STAGED, "7")))
    assert rows(store, "timeline") == rows(store, "largest") == []
    whole = store_of(described(stated(STAGED, "7"), *implied(1, TUNED, "1", "2", "3")))
    (row,) = rows(whole, "largest")
    assert (row["stated"], row["low"], row["value"], row["high"]) == ("false", "8", "9", "10")


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([1, 2, 3], [1, 1.5, 2, 2.5, 3]),
        ([10, 20], [10, 12.5, 15, 17.5, 20]),
        ([5], [5, 5, 5, 5, 5]),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
        ([1, 2, 3, 4], [1, 1.75, 2.5, 3.25, 4]),
    ],
)
def test_quartiles_are_neither_rounded_up_nor_down(hours: list[int], expected: list[float]) -> None:
    default = []
    for number, value in enumerate(hours):
        model, run_ = f"<{DEFAULT_BASE}model/m-{number}>", f"<{DEFAULT_BASE}run/m-{number}>"
        default += [f"{model} <{KG}describedIn> <{DEFAULT_BASE}report/r>", f"{model} <{KG}hasRun> {run_}", stated(run_, str(value))]
    (row,) = rows(store_of(default), "timeline")
    assert [float(row[name]) for name in ("least", "lowerQuartile", "median", "upperQuartile", "greatest")] == expected


def test_nothing_stated_gives_rows_of_no_size() -> None:
    store = store_of([])
    for name in ("timeline", "largest", "years"):
        assert rows(store, name) == []
    assert {row["undisclosedModels"] for row in rows(store, "disclosure")} == {"0"}


def test_the_first_of_every_year_are_drawn_before_the_second_of_any() -> None:
    default = []
    for number in range(200):
        model, run_ = f"<{DEFAULT_BASE}model/m-{number:03}>", f"<{DEFAULT_BASE}run/m-{number:03}>"
        default += [
            f"{model} <{KG}describedIn> <{DEFAULT_BASE}report/r>",
            f"{model} <{KG}hasRun> {run_}",
            stated(run_, str(number + 1)),
        ]
        default.append(f'{model} <{KG}releaseYear> "{2000 + number % 25}"^^<{XSD}gYear>')
    triples = summary_triples(view_of(default), DEFAULT_BASE)
    page = f"<{DEFAULT_BASE}summary/largest-by-relation/acceleratorHours> <{KG}entry> "
    drawn = [triple.removeprefix(page) for triple in triples if triple.startswith(page)]
    assert len(drawn) == DRAWN
    years = [node.split("/largest/")[1].partition(";")[0] for node in drawn]
    assert {year: years.count(year) for year in set(years)} == {str(year): 3 if year >= 2015 else 2 for year in range(2000, 2025)}


def test_what_is_written_does_not_grow_with_the_models() -> None:
    """A year of a thousand models has as many rows as one of a hundred."""

    def size(models: int) -> int:
        triples = summary_triples(view_of(made_triples(Random(1), models)), DEFAULT_BASE)
        return sum(1 for triple in triples if any(f"/summary/{name}/" in triple for name in ("timeline", "years", "disclosure")))

    assert size(600) <= size(200) * 1.1


def test_a_relation_that_is_none() -> None:
    with pytest.raises(UsageError, match="no relation is named 'hours'"):
        run(store_of([]), "timeline", params={"relation": "hours"})
