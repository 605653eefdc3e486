"""Models side by side: every value with its words, what differs and what is shared; a published site makes the same rows."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyoxigraph as ox
import pytest

from kg.pages import Missing, _valued
from kg.pages import _columns as columns
from kg.pages._chains import CATALOGUE, DERIVED, REPORTED
from kg.pages._columns import Column, Entry, Value, column_of, rows_of, shared_of, written
from kg.pages._facts import Key, Part
from kg.pages._shared import Named
from kg.pages._valued import VALUED
from kg.pages.compare import MOST, table, view
from kg.pages.data import as_csv, data
from kg.pages.folders import folder_of
from kg.pages.render import html
from kg.pages.site import Site
from kg.schema import DEFAULT_BASE
from kg.sparql.statements import Statement
from kg.terms import KG
from kg.why import Graph
from tests.lacking import lacking
from tests.pages.parsed import Element, parsed
from tests.pages.planted import EVIL_NAME, PLANTED

BASE = DEFAULT_BASE
MODEL = f"{BASE}model/"
EVIL_SLUG = "script-alert-x-script-שלום-7b"
SCRIPT = Path(__file__).with_name("compared.mjs")
LARGEST = 200_000
"""Bytes of a page."""


def page(graph: Graph, *models: str, static: bool = False, **query: str) -> Element:
    asked = {"model": list(models), **{name: [value] for name, value in query.items()}}
    return parsed(html(graph, Site(BASE, "compare", static), asked))


def told(graph: Graph, *models: str) -> Mapping[str, Any]:
    return view(graph, {"query": {"model": list(models)}})


def cells(shown: Element, relation: str) -> list[str]:
    [row] = [row for row in shown.one("table").every("tr") if any(name_of(head) == relation for head in row.every("th"))]
    return [cell.words for cell in row.every("td")]


def name_of(head: Element) -> str:
    return head.words.removeprefix("≠differs: ")


def test_a_row_a_relation_a_column_a_model(planted: Graph) -> None:
    shown = page(planted, "kestrel-7b", "gannet-3b")
    heads = [head.every("a") for head in shown.one("thead").every("th") if "corner" not in head.classes]
    assert [next(iter(links)).words for links in heads] == ["Kestrel-7B", "Gannet-3B"]
    kestrel, gannet = cells(shown, "parameter count")
    assert "7 B parameters" in kestrel and "9 B parameters" in kestrel and kestrel.count("reported disputed") == 2
    assert gannet == "3 B parameters 3,000,000,000 parameters reported"
    assert cells(shown, "extends")[1] == "not stated"
    assert [part.words for part in shown.every("tr", "part")][:1] == ["The model itself"]
    assert [item.words for item in shown.every("th") if name_of(item) == "name"] == []


def test_what_differs_is_told_in_words_and_can_stand_alone(planted: Graph) -> None:
    shown = page(planted, "kestrel-7b", "gannet-3b")
    for row in shown.one("table").every("tr"):
        if "part" not in row.classes and not list(row.every("th", "corner")):
            assert ("differs:" in row.text) == ("differ" in row.classes)
            assert row.classes & {"differ", "same", "partly"}
            assert ("not stated" in row.text) <= ("same" not in row.classes)
    found = told(planted, "kestrel-7b", "gannet-3b")
    assert f"of {found['total']} rows {found['counts']['differ']} differ (≠)" in shown.one("p", "only").words
    assert found["counts"]["differ"] > 1 and found["counts"]["partly"] > 1
    assert "checked" not in shown.at("only").attributes
    assert "checked" in page(planted, "kestrel-7b", "gannet-3b", only="differences").at("only").attributes


def test_a_model_is_as_itself(planted: Graph) -> None:
    one = column_of(planted, f"{MODEL}kestrel-7b")
    assert {row.state for row in rows_of([one, one])} == {"same"}
    assert all(item.columns == (0, 1) for kind in ("backbones", "datasets") for item in shared_of([one, one], kind))
    assert [item.thing.name for item in shared_of([one, one], "datasets")] == ["CC3M", "LAION-2B"]


def test_every_value_leads_to_its_words_or_its_formula(planted: Graph) -> None:
    count = 0
    for slug in ("kestrel-7b", "gannet-3b", EVIL_SLUG):
        for entry in column_of(planted, f"{MODEL}{slug}").entries:
            for value in entry.values:
                assert value.place or value.derived
                if value.place:
                    text = PLANTED[value.place.report]
                    assert 0 <= value.place.start < value.place.end <= len(text)
                count += 1
    links = page(planted, "kestrel-7b", "gannet-3b", EVIL_SLUG).one("table").links()
    assert sum("#at-" in link or "/derived/" in link for link in links) == count > 25
    # The words on the second page of a long report are linked there.
    assert any("report/long.md/page/2#at-" in link for link in links)


def test_a_derived_value_tells_its_bounds(planted: Graph) -> None:
    values = [value for entry in column_of(planted, f"{MODEL}kestrel-7b").entries for value in entry.values if value.derived]
    assert values and all(value.origin == "derived" and value.text for value in values)
    assert "derived" in page(planted, "kestrel-7b").one("table").text


def test_what_models_share_stands_on_top(planted: Graph) -> None:
    shown = page(planted, "kestrel-7b", EVIL_SLUG).one("section", "sharing")
    listed = [item.words for item in shown.every("li")]
    assert "LAION-2B both" in listed and "Llama 2 both" in listed
    three = page(planted, "kestrel-7b", EVIL_SLUG, "gannet-3b").one("section", "sharing")
    assert "LAION-2B Kestrel-7B, " + EVIL_NAME in [item.words for item in three.every("li")]
    assert page(planted, "kestrel-7b", "gannet-3b").one("section", "sharing").words.count("none that reports name") == 2


@pytest.mark.parametrize("text", ["kestrel-7b", f"{MODEL}kestrel-7b", "Kestrel-7B", "kestrel 7b", " KESTREL 7B "])
def test_a_model_is_named_in_many_ways(planted: Graph, text: str) -> None:
    assert [item.iri for item in told(planted, text)["columns"]] == [f"{MODEL}kestrel-7b"]


def test_a_model_that_no_report_describes(planted: Graph) -> None:
    shown = page(planted, "LLaMA-2", "kestrel-7b")
    assert "no report describes it" in shown.one("thead").words
    assert shown.one("table").words


def test_an_unknown_name_is_told_with_near_ones(planted: Graph) -> None:
    shown = page(planted, "gannet-3b", "Kestrel")
    notice = next(iter(shown.every("p", "notice")))
    assert notice.words.startswith("No model is called Kestrel. Did you mean Kestrel-7B")
    assert "./compare?model=gannet-3b&model=kestrel-7b" in notice.links()
    misspelt = page(planted, "Kestrl-7B")
    assert "Kestrel-7B" in next(iter(misspelt.every("p", "notice"))).words
    nothing = page(planted, "zzzzqq")
    assert next(iter(nothing.every("p", "notice"))).links() == ["./search?q=zzzzqq"]


def test_models_can_be_added_and_removed(planted: Graph) -> None:
    shown = page(planted, "kestrel-7b", "gannet-3b")
    form = shown.one("form", "chooser")
    kept = [item.attributes["value"] for item in form.every("input") if item.attributes.get("type") == "hidden"]
    assert kept == ["kestrel-7b", "gannet-3b"]
    assert [link.attributes["href"] for link in shown.every("a", "remove")] == [
        "./compare?model=gannet-3b",
        "./compare?model=kestrel-7b",
    ]
    offered = {item.attributes["value"] for item in shown.one("datalist").every("option")}
    assert EVIL_SLUG in offered and not offered & set(kept)
    empty = page(planted)
    assert not list(empty.every("table")) and "Choose two or more models" in empty.words
    chosen = [item for item in empty.one("form", "some").every("input") if item.attributes["name"] == "model"]
    assert len(chosen) == len(offered | set(kept)) == 3
    assert "Add another model" in page(planted, "kestrel-7b").words


def test_so_many_models_at_once(planted: Graph) -> None:
    names = [item.iri.removeprefix(MODEL) for item in told(planted)["offered"]]
    more = ["LLaMA-2", "CLIP", "BLIP-2", "Flan-T5-XL", "Vicuna-13B", "OPT-6.7B", "GPT-4", "PaLM", "Chinchilla", "Gopher"]
    found = told(planted, *names, *names, *more)
    assert len(found["columns"]) == MOST and found["left"] > 0
    assert len({item.iri for item in found["columns"]}) == MOST
    assert f"{MOST} models are compared at once" in page(planted, *names, *more).words
    assert len(told(planted, *(f"none {number}" for number in range(100)))["unknown"]) == 2 * MOST


def test_much_is_cut_and_counted(planted: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = column_of(planted, f"{MODEL}kestrel-7b")
    monkeypatch.setattr(columns, "MOST", 6)
    monkeypatch.setattr(columns, "_VALUES", 1)
    cut = column_of(planted, f"{MODEL}kestrel-7b")
    assert sum(len(entry.values) + entry.more for entry in cut.entries) == 6
    assert cut.more == sum(len(entry.values) for entry in whole.entries) - 6
    shown = page(planted, "kestrel-7b", "gannet-3b")
    assert f"{cut.more} more facts of Kestrel-7B" in shown.words and "and 1 more" in shown.words


@pytest.mark.parametrize("static", [False, True])
def test_hostile_text_is_text(planted: Graph, static: bool) -> None:
    asked = {"model": [EVIL_SLUG, "kestrel-7b", '"><script>alert(1)</script>', "../..", "http://evil.org/#"]}
    text = html(planted, Site(BASE, "compare", static), asked)
    shown = parsed(text)
    assert "<script>alert" not in text and len(text.encode("utf-8", "replace")) < LARGEST
    assert not [name for item in shown.every() for name in item.attributes if name.startswith("on") or name == "style"]
    if not static:
        assert EVIL_NAME in shown.one("thead").text


def test_a_comparison_as_a_table(planted: Graph) -> None:
    [link] = [item for item in page(planted, "kestrel-7b", "gannet-3b").one("p", "downloads").links()]
    query = parse_qs(urlsplit(link).query)
    assert query.pop("format") == ["csv"]
    rows = list(csv.DictReader(io.StringIO(data(planted, "compare", "csv", query)[1].decode(), newline="")))
    head, exact = ("model", "name", "part", "relation"), ("value", "unit", "low", "high", "origin")
    sizes = [tuple(row[name] for name in (*head, *exact)) for row in rows if row["relation"] == "parameterCount"]
    kestrel, gannet = (f"{MODEL}kestrel-7b", "Kestrel-7B"), (f"{MODEL}gannet-3b", "Gannet-3B")
    assert sizes == [
        (*kestrel, "itself", "parameterCount", "7000000000", "parameters", "", "", "reported"),
        (*kestrel, "itself", "parameterCount", "9000000000", "parameters", "", "", "reported"),
        (*gannet, "itself", "parameterCount", "3000000000", "parameters", "", "", "reported"),
    ]
    assert as_csv(table(planted, {})).decode() == ",".join(VALUED) + "\r\n"


def test_the_table_holds_every_value_exactly_with_its_place(planted: Graph) -> None:
    slugs = ("kestrel-7b", EVIL_SLUG, "gannet-3b")
    found = table(planted, {"query": {"model": list(slugs)}})
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    for slug in slugs:
        own = [row for row in rows if row["model"] == f"{MODEL}{slug}"]
        shown = [(entry, value) for entry in column_of(planted, f"{MODEL}{slug}").entries for value in entry.values]
        places = sorted((v.place.report, str(v.place.start), str(v.place.end)) for _, v in shown if v.place)
        assert sorted((row["report"], row["start"], row["end"]) for row in own if row["report"]) == places
        assert sorted((e.part, e.relation, v.origin) for e, v in shown) == sorted(
            (r["part"], r["relation"], r["origin"]) for r in own
        )
    for row in rows:
        node = ox.NamedNode(KG + row["relation"])
        if row["origin"] == "reported":
            kept = planted.store.quads_for_pattern(None, node, None, ox.DefaultGraph())
            assert row["value"] in {getattr(quad.object, "value", "") for quad in kept}
            assert row["report"] and 0 <= int(row["start"]) < int(row["end"]) <= len(PLANTED[row["report"]])
        else:
            assert float(row["low"]) <= float(row["value"]) <= float(row["high"] or "inf") and not row["report"]
    assert {row["origin"] for row in rows} == {"reported", "derived"}
    assert any(row["value"].startswith(f"{BASE}dataset/") for row in rows)


SAID: dict[str, tuple[str, ...]] = {"unit": ("tokens",), "start": ("3",), "end": ("9",)}
TOLD: list[tuple[str, str | None, dict[str, tuple[str, ...]], list[str]]] = [
    (REPORTED, "a.txt", SAID, ["1571000000000", "tokens", "", "", "", REPORTED, "a.txt", "3", "9"]),
    (
        REPORTED,
        "a.txt",
        {**SAID, "valueMax": ("1600000000000",), "approximate": ("true",)},
        ["1571000000000", "tokens", "1571000000000", "1600000000000", "true", REPORTED, "a.txt", "3", "9"],
    ),
    (DERIVED, None, {"lowerBound": ("5",), "measuredIn": ("hours",)}, ["1571000000000", "hours", "5", "", "", DERIVED, "", "", ""]),
]


@pytest.mark.parametrize(("origin", "report", "more", "expected"), TOLD)
def test_a_value_is_written_as_it_is_kept(
    origin: str, report: str | None, more: dict[str, tuple[str, ...]], expected: list[str]
) -> None:
    size = ox.Literal(1571000000000)
    key = Key(Part("itself", "", MODEL, (MODEL,)), MODEL, "trainingExamples", origin, size, None if report else "x:derived/1")
    assert list(_valued._told(key, Statement("x:1", MODEL, f"{KG}trainingExamples", size, report, more))) == expected
    bare = _valued._told(Key(key.part, MODEL, "memory", CATALOGUE, size), None)
    assert list(bare) == ["1571000000000", "B", "", "", "", CATALOGUE, "", "", ""]
    assert _valued._told(Key(key.part, MODEL, "memory", DERIVED, None, "x:derived/2"), None)[0] == ""


# Published ------------------------------------------------------------------------------------------------------------------------


def test_published_the_page_says_what_it_needs(planted: Graph) -> None:
    shown = page(planted, static=True)
    assert "Without scripts this page cannot put models side by side" in shown.one("noscript").words
    assert shown.at("compared").attributes["data-most"] == str(MOST)
    assert [item for item in shown.every("script") if "compare.js" in item.attributes.get("src", "")]
    assert not list(shown.every("table"))


def test_a_model_has_its_column_as_a_file(planted: Graph) -> None:
    site = Site(BASE, "model/kestrel-7b", static=True)
    html(planted, site)
    assert ("model/kestrel-7b", "column") in site.files
    media, content = data(planted, "model/kestrel-7b", "column")
    found = json.loads(content)
    assert media == "application/json" and found["name"] == "Kestrel-7B" and found["href"] == "model/kestrel-7b/"
    hrefs = [value["href"] for entry in found["entries"] for value in entry["values"]]
    assert hrefs and all(href.startswith(("report/", "derived/")) for href in hrefs)
    for path in ("dataset/cc3m", "findings", "run/kestrel-7b"):
        with pytest.raises(Missing, match="only models are compared"):
            data(planted, path, "column")


def value(text: str, **fields: Any) -> Value:
    return Value("reported", text, **fields)


def made(number: int, *entries: Entry, things: tuple[str, ...] = ()) -> Column:
    named = tuple(Named(f"{BASE}dataset/{name}", name) for name in things)
    return Column(f"{MODEL}m{number}", f"M{number}", True, entries, (), named)


MADE = [
    made(1, Entry((0, 3), "itself", "It", "a", "a", (value("1"), value("2"))), things=("\U00010400", "\uffe0", "b")),
    made(2, Entry((0, 3), "itself", "It", "a", "a", (value("2"), value("1", hedge="about"))), things=("b", "\uffe0", "\U00010400")),
    made(
        3,
        Entry((0, 3), "itself", "It", "a", "a", (value("x", exact="1"), value("2", thing=""))),
        Entry((0, 10), "itself", "It", "b", "b", (value("1", thing="x:1"),), 3),
        Entry((9, 10), "\uffe0", "Z", "b", "b", (value("1"),)),
        Entry((9, 10), "\U00010400", "Z", "b", "b", (value("1"),)),
        Entry((2, 10), "pretraining", "P", "b", "b", (value("1"),)),
        things=("c", "b"),
    ),
]
ODD = [".x", "_.x", "index.html", "a/INDEX.HTM", "data.ttl", "column.json_", "a//b", "x/..", "%3Cb%3E", "é"]
SLUGS = ["kestrel-7b", "unnamed/a.txt", *ODD]


def test_the_script_makes_the_same_rows(planted: Graph) -> None:
    node = shutil.which("node") or lacking("node is not installed")
    real = [column_of(planted, f"{MODEL}{slug}") for slug in ("kestrel-7b", EVIL_SLUG, "gannet-3b")]
    for some in (real, real[:1], MADE, []):
        told = json.dumps({"columns": [written(column, BASE) for column in some], "slugs": SLUGS})
        ran = subprocess.run([node, SCRIPT], input=told.encode(), capture_output=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stderr.decode()
        found = json.loads(ran.stdout)
        assert list(map(row_told, found["rows"])) == [row_told(asdict(row)) for row in rows_of(some)]
        for kind in ("backbones", "datasets"):
            expected = [(item.thing.iri, list(item.columns)) for item in shared_of(some, kind)]
            assert [(item["thing"]["iri"], item["columns"]) for item in found["shared"][kind]] == expected
        assert found["folders"] == [folder_of(f"model/{slug}") for slug in SLUGS]
    assert [row.state for row in rows_of(MADE)] == ["same", "partly", "partly", "partly", "partly"]
    assert [row.state for row in rows_of([*MADE, made(4, Entry((0, 10), "itself", "It", "b", "b", (value("1"),)))])][1] == "differ"
    assert unquote(folder_of("model/%3Cb%3E")) == "model/<b>"


def row_told(row: Mapping[str, Any]) -> tuple[Any, ...]:
    cells = [cell and [value["text"] for value in cell["values"]] for cell in row["cells"]]
    return (row["part"], row["title"], row["relation"], row["label"], cells, row["state"])
