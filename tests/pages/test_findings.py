"""The page of findings: filters that count what they leave, every place with exactly its words, both sides of a contradiction."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.findings import INDEX, Keys, findings_of, kind_of
from kg.model import Finding, Label
from kg.pages import Missing
from kg.pages import findings as page_of
from kg.pages._filters import ALL, Filter, asked
from kg.pages._prose import blocks
from kg.pages._summed import OLD
from kg.pages.data import data
from kg.pages.findings import NONE, PAGE, view
from kg.pages.render import html
from kg.pages.site import Site
from kg.places import ReportSource
from kg.schema import DEFAULT_BASE
from kg.terms import KG, RDF, SH
from kg.why import Graph
from tests.findings.test_index import write
from tests.pages.parsed import Element, parsed
from tests.pages.planted import EVIL_ID, FIRST_ID, PLANTED, SECOND_ID

BASE = DEFAULT_BASE
KESTREL = f"{BASE}model/kestrel-7b"
LARGEST = 150_000
"""Bytes of a page."""

Query = Mapping[str, list[str]]


def page(graph: Graph, path: str = "findings", query: Query | None = None, *, static: bool = False) -> Element:
    return parsed(html(graph, Site(BASE, path, static), query or {}))


def told(graph: Graph, filter: str = "", query: Query | None = None) -> Mapping[str, Any]:
    return view(graph, {"filter": filter, "query": query or {}})


def with_findings(graph: Graph, folder: Path, found: list[Finding], *, index: bool = True) -> Graph:
    """Return a build of the same graph that has other findings."""
    write(folder, found, Keys(BASE, graph.schema.stages))
    if not index:
        (folder / INDEX).unlink()
    return Graph(folder, graph.store, graph.base, graph.sources)


def finding(code: str = "KG201", number: int = 0, **fields: Any) -> Finding:
    labels = (Label(FIRST_ID, 2, 12, f"place {number}"),)
    given = {"labels": labels, "notes": ("a note",), "report": FIRST_ID, "subject": KESTREL, "relation": "license", **fields}
    return Finding(code, "info", f"finding {number}", **given)


# Filters --------------------------------------------------------------------------------------------------------------------------

RELATIONS, CODES = ("license", "duration", "parameterCount"), ("KG201", "KG302", "lab/7", "7", "gap", "LAB7")


@pytest.mark.parametrize(
    ("path", "filter", "number"),
    [
        ("", ALL, 1),
        ("3", ALL, 3),
        ("gap", Filter("kind", ("gap",)), 1),
        ("contradiction/12", Filter("kind", ("contradiction",)), 12),
        ("warning", Filter("severity", ("warning",)), 1),
        ("license", Filter("relation", ("license",)), 1),
        ("gap/license", Filter("kind/relation", ("gap", "license")), 1),
        ("gap/license/2", Filter("kind/relation", ("gap", "license")), 2),
        ("KG302", Filter("code", ("KG302",)), 1),
        ("LAB7/5", Filter("code", ("LAB7",)), 5),
        ("code/7", Filter("code", ("7",)), 1),
        ("code/7/2", Filter("code", ("7",)), 2),
        ("code/lab%2F7", Filter("code", ("lab/7",)), 1),
        ("code/gap", Filter("code", ("gap",)), 1),
        ("relation/some%20label/2", Filter("relation", ("some label",)), 2),
    ],
)
def test_a_path_means_one_filter_and_page(path: str, filter: Filter, number: int) -> None:
    assert asked(path, RELATIONS, CODES) == (filter, number)
    first = filter.path(RELATIONS).removeprefix("findings").removeprefix("/")
    assert asked(first, RELATIONS, CODES) == (filter, 1)
    assert asked(f"{first}/7".strip("/"), RELATIONS, CODES) == (filter, 7)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("gaps", "/findings/gap"),
        ("kg302", "/findings/KG302"),
        ("KG303", "/findings/KG302"),
        ("licence", "/findings/license"),
        ("gap/licens", "/findings/gap/license"),
        ("code/nothing-like-it", "a filter is a kind"),
        ("gap/license/0", "a filter is|near it"),
        ("gap/license/2/3", "a filter is|near it"),
        ("/", "a filter is"),
        ("x" * 500, "a filter is"),
    ],
)
def test_an_unknown_filter_is_told_with_near_ones(path: str, hint: str) -> None:
    with pytest.raises(Missing, match="findings cannot be filtered by") as raised:
        asked(path, RELATIONS, CODES)
    assert raised.value.hint is not None
    assert any(part in raised.value.hint for part in hint.split("|"))
    assert len(raised.value.what) < 150


@pytest.mark.parametrize("path", ["findings/nonsense", "findings/2", "findings/KG302/2", "findings/KG999"])
def test_there_is_no_such_page(planted: Graph, path: str, tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"findings cannot be filtered by|there is no page 2 of these findings: the last one is 1"):
        page(with_findings(planted, tmp_path, [finding()]), path)


def test_every_filter_leaves_as_many_as_it_tells(planted: Graph) -> None:
    shown = page(planted)
    chosen = {link.attributes["href"]: int(count.words) for link, count in counted(shown)}
    assert {"findings/gap", "findings/contradiction", "findings/info"} <= {href.removeprefix("./") for href in chosen}
    assert len(chosen) > 15
    for href, count in chosen.items():
        found = told(planted, href.removeprefix("./findings/"))
        assert found["total"] == count > 0, href
    gaps = page(planted, "findings/gap")
    relations = [link.attributes["href"] for link, _ in counted(gaps) if "gap/" in link.attributes["href"]]
    assert relations
    assert all(told(planted, href.partition("findings/")[2])["total"] for href in relations)


def counted(shown: Element) -> Iterable[tuple[Element, Element]]:
    for item in shown.one("nav", "filters").every("li"):
        counts = [span for span in item.every("span", "small") if "about" not in span.classes]
        if counts:
            yield item.one("a"), counts[0]


def test_the_chosen_filter_is_clear_and_can_be_left(planted: Graph) -> None:
    shown = page(planted, "findings/gap/license")
    (left,) = shown.one("p", "shown").every("a", "chosen")
    assert (left.attributes["href"], left.words) == ("../../findings", "No longer only gap · license ×")
    current = [link for link in shown.one("nav", "filters").every("a") if link.attributes.get("aria-current")]
    assert {link.words.partition(" (")[0] for link in current} == {"Gap", "license"}
    assert {link.attributes["href"] for link in current} == {"../../findings"}


# What is shown --------------------------------------------------------------------------------------------------------------------


def test_all_pages_together_are_all_findings(planted: Graph, tmp_path: Path) -> None:
    found = [finding(number=number) for number in range(2 * PAGE + 3)]
    graph = with_findings(planted, tmp_path, found)
    pages = [page(graph, path) for path in ("findings", "findings/2", "findings/3")]
    messages = [item.words for shown in pages for item in shown.every("h2", "message")]
    assert messages == [item.message for item in found]
    assert pages[1].one("p", "shown").words == f"{len(found)} findings, page 2 of 3"
    assert [link.attributes["href"] for link in pages[1].one("nav", "pager").every("a", "button")] == [
        "../findings",
        "../findings/3",
    ]
    assert all(item.attributes["id"] for shown in pages for item in shown.every("article"))


def test_every_place_shows_exactly_its_words(planted: Graph) -> None:
    every = findings_of(planted.folder)
    shown = [
        item for number in range(1, -(-len(every) // PAGE) + 1) for item in page(planted, f"findings/{number}").every("article")
    ]
    assert len(shown) == len(every) >= 10
    for item, article in zip(every, shown, strict=True):
        marks = [mark.text for mark in article.every("mark")]
        assert marks == [PLANTED[label.report][label.start : label.end] for label in item.labels]
        places = [link.attributes["href"].partition("#")[2] for link in article.every("a", "place")]
        assert places == [f"at-{label.start}-{label.end}" for label in item.labels] or not item.labels
        assert article.one("h2", "message").words == " ".join(item.message.split())
        assert article.one("span", "severity").words == item.severity
        assert article.one("b", "kind-word").words == kind_of(item.code).capitalize()
        assert [note.words for note in article.every("li") if "notes" in classes_above(article, note)] == list(item.notes)


def classes_above(article: Element, item: Element) -> set[str]:
    return {name for above in article.every("ul") if item in above.inside for name in above.classes}


def test_a_contradiction_leads_to_both_sides(planted: Graph) -> None:
    articles = [item for item in page(planted, "findings/KG301").every("article") if "parameter" in item.text]
    [article] = articles
    hrefs = [link.attributes["href"] for link in article.every("a", "place")]
    assert [href.partition("#")[0] for href in hrefs] == [f"../report/{FIRST_ID}", f"../report/{SECOND_ID}"]
    assert [item.words[:7] for item in article.every("b") if "kind-word" not in item.classes] == ["Side 1:", "Side 2:"]
    assert article.one("span", "subject").one("a").attributes["href"] == "../model/kestrel-7b"
    assert "contradiction" in article.classes


def test_a_code_is_explained(planted: Graph) -> None:
    shown = page(planted, "findings/KG302")
    assert shown.one("h1").words == "KG302: the batch arithmetic does not reconcile"
    rule = shown.one("section", "rule")
    assert "error[KG302]" in rule.one("pre").text and "What to do:" in rule.text
    assert shown.one("p", "shown").words.startswith("0 findings")
    assert "There is none of these" in shown.text


def test_the_text_of_every_rule_is_in_blocks() -> None:
    from kg.codes import codes

    for code in codes():
        found = list(blocks(code.text))
        plain = "".join(text for block in found for pieces in block.texts for text, _ in pieces)
        assert "`" not in "".join(
            text for block in found if block.kind != "example" for pieces in block.texts for text, _ in pieces
        )
        assert len("".join(plain.split())) > 0.9 * len("".join(code.text.replace("`", "").split()))
    assert [pieces for block in blocks("see [KG103](KG103.md)\n\n- a\n- `b`") for pieces in block.texts] == [
        (("see ", False), ("KG103", True)),
        (("a", False),),
        (("b", True),),
    ]
    assert [block.kind for block in blocks("    x\n\nb")] == ["example", "paragraph"]


def test_findings_of_somebodys_shapes(planted: Graph, tmp_path: Path) -> None:
    subject = f"{BASE}dataset/none"
    some = [
        finding("<b>/1", 1, relation="a b"),
        finding("LAB7", 2, labels=(), subject=subject),
        finding("LAB7", 3, labels=(), report=None),
    ]
    graph = with_findings(planted, tmp_path, some)
    shown = page(graph)
    hrefs = [link.attributes["href"] for link in shown.every("a")]
    assert {"./findings/code/%3Cb%3E%2F1", "./findings/relation/a%20b", "./findings/LAB7"} <= set(hrefs)
    assert page(graph, "findings/code/%3Cb%3E%2F1").one("h1").text == "<b>/1: findings of shapes of your own"
    assert told(graph, "LAB7")["total"] == 2
    assert [entry.report for entry in told(graph, "LAB7")["entries"]] == [(f"{BASE}report/{FIRST_ID}", FIRST_ID), None]
    assert [entry.subject for entry in told(graph, "LAB7")["entries"]] == [None, (KESTREL, "Kestrel-7B")]


def test_a_report_that_could_not_be_read_has_no_link(planted: Graph, tmp_path: Path) -> None:
    graph = with_findings(planted, tmp_path, [finding("KG400", labels=(), report="gone.pdf", subject=None, relation=None)])
    assert [item.words for item in page(graph).every("span", "place")] == ["gone.pdf"]


@pytest.mark.parametrize("static", [False, True])
def test_hostile_text_is_text(planted: Graph, tmp_path: Path, static: bool) -> None:
    evil = "</h2><script>alert(1)</script>\"' onclick=x שלום 🦜\u202e"
    labels = (Label(EVIL_ID, 0, 40, evil), Label(EVIL_ID, 10**9, 10**9 + 5, evil), Label("no such report", 1, 2, evil))
    some = [Finding("KG301", "warning", evil * 40, labels, (evil,) * 20, EVIL_ID, f"{BASE}model/{evil}", "license")]
    text = html(with_findings(planted, tmp_path, some), Site(BASE, "findings", static))
    shown = parsed(text)
    assert len(text.encode()) < LARGEST
    assert "<script>alert" not in text and not list(shown.one("main").every("script"))
    assert not [name for item in shown.every() for name in item.attributes if name.startswith("on") or name == "style"]
    assert "The text of this report is not in the build." in shown.text


def test_of_a_large_build_only_what_is_shown_is_read(planted: Graph, tmp_path: Path) -> None:
    found = [finding(number=number, report=f"r{number}.txt", labels=(Label(f"r{number}.txt", 0, 4),)) for number in range(3000)]
    read: list[str] = []

    def sources(reports: Iterable[str]) -> dict[str, ReportSource]:
        some = list(reports)
        read.extend(some)
        return {id: ReportSource(id, "text of it. " * 500) for id in some}

    made = with_findings(planted, tmp_path, found)
    graph = Graph(made.folder, made.store, made.base, sources)
    text = html(graph, Site(BASE, "findings/60"))
    assert len(text.encode()) < LARGEST
    assert sorted(set(read)) == sorted(f"r{number}.txt" for number in range(59 * PAGE, 60 * PAGE))
    assert "findings" not in vars(graph)


# Of one model or report -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["kestrel-7b", KESTREL])
def test_findings_of_one_model(planted: Graph, model: str) -> None:
    every = [
        item for item in findings_of(planted.folder) if item.subject and item.subject.startswith((KESTREL, f"{BASE}run/kestrel-7b"))
    ]
    shown = page(planted, "findings", {"model": [model]})
    assert shown.one("p", "shown").words.startswith(f"{len(every)} findings") and len(every) > 1
    counts = {link.words: int(count.words) for link, count in counted(shown)}
    assert counts["Gap"] == sum(kind_of(item.code) == "gap" for item in every)
    assert all("?model=" in link.attributes["href"] for link, _ in counted(shown))
    gaps = told(planted, "gap", {"model": [model]})
    assert gaps["total"] == counts["Gap"] == len(gaps["entries"])


def test_findings_of_one_report_and_of_both(planted: Graph) -> None:
    both = {"model": ["kestrel-7b"], "report": [SECOND_ID]}
    every = findings_of(planted.folder)
    about = [item for item in every if SECOND_ID in {item.report, *(label.report for label in item.labels)}]
    assert told(planted, "", {"report": [SECOND_ID]})["total"] == len(about) > 0
    assert told(planted, "", both)["total"] <= len(about)
    left = [link.attributes["href"] for link in page(planted, "findings", both).one("p", "shown").every("a", "chosen")]
    assert left == [f"./findings?report={SECOND_ID}", "./findings?model=kestrel-7b"]


def test_findings_of_a_report_that_has_very_many(planted: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = with_findings(planted, tmp_path, [finding("KG201" if number % 2 else "KG302", number) for number in range(90)])
    few = told(graph, "gap/2", {"report": [FIRST_ID]})
    monkeypatch.setattr(page_of, "_FEW", 10)
    many = told(graph, "gap/2", {"report": [FIRST_ID]})
    assert many["entries"] == few["entries"] and many["total"] == few["total"] == 45
    assert {choice.count for _, choices in many["groups"] for choice in choices} == {None}
    assert told(graph, "", {"report": [FIRST_ID]})["total"] == 90
    assert page(graph, "findings/gap", {"report": [FIRST_ID]}).one("p", "shown").words.startswith("45 findings")


@pytest.mark.parametrize(
    ("query", "message", "hint"),
    [
        ({"model": ["kestrel-7"]}, "no model is called 'kestrel-7'", "Kestrel-7B"),
        ({"model": ["<script>"]}, "no model is called '<script>'", None),
        ({"model": ["x" * 900]}, "no model is called", None),
        ({"report": ["nothing.txt"]}, r"no report is called 'nothing\.txt'", None),
    ],
)
def test_what_is_not_known_is_told(planted: Graph, query: Query, message: str, hint: str | None) -> None:
    with pytest.raises(Missing, match=message) as raised:
        told(planted, "", query)
    assert hint is None or hint in (raised.value.hint or "")
    assert len(raised.value.what) < 150


def test_an_empty_parameter_is_none(planted: Graph) -> None:
    assert told(planted, "", {"model": [" "], "report": [""]})["total"] == len(findings_of(planted.folder))


# Builds that have no index, or no findings ----------------------------------------------------------------------------------------


def test_a_graph_alone_has_no_findings(planted: Graph, tmp_path: Path) -> None:
    graph = Graph(tmp_path, planted.store, planted.base, planted.sources)
    assert page(graph).one("p", "notice").words == NONE
    assert "What to do" in page(graph, "findings/KG302").text
    assert data(graph, "findings", "csv")[1].count(b"\r\n") == 1
    assert told(graph, "gap", {"model": ["kestrel-7b"]})["total"] == 0


def test_an_earlier_build_is_read_when_it_is_small(planted: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = with_findings(planted, tmp_path, findings_of(planted.folder), index=False)
    (old, new) = (told(build, "gap")["entries"] for build in (graph, planted))
    assert old == new and old
    monkeypatch.setattr(page_of, "_SMALL", 10)
    assert page(graph).one("p", "notice").words == OLD


# As data --------------------------------------------------------------------------------------------------------------------------


def test_a_page_as_a_table(planted: Graph) -> None:
    media, content = data(planted, "findings/contradiction", "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert media.startswith("text/csv") and rows
    every = [item for item in findings_of(planted.folder) if kind_of(item.code) == "contradiction"]
    assert len(rows) == sum(max(len(item.labels), 1) for item in every)
    assert all(row["words"] == PLANTED[row["report"]][int(row["start"]) : int(row["end"])] for row in rows)


@pytest.mark.parametrize(("format", "syntax"), [("ttl", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)])
def test_a_page_as_results_of_a_validation(planted: Graph, format: str, syntax: ox.RdfFormat) -> None:
    every = [item for item in findings_of(planted.folder) if item.code == "KG301"]
    content = data(planted, "findings/KG301", format)[1]
    triples = [quad.triple for quad in ox.parse(content, format=syntax)]
    results = {str(t.subject) for t in triples if t.predicate.value == f"{RDF}type" and str(t.object) == f"<{SH}ValidationResult>"}
    assert len(results) == len(every) > 0
    messages = {t.object.value for t in triples if t.predicate.value == f"{SH}resultMessage" and isinstance(t.object, ox.Literal)}
    assert messages == {item.message for item in every}
    assert {str(t.object) for t in triples if t.predicate.value == f"{KG}code"} == {'"KG301"'}


def test_hostile_findings_as_data(planted: Graph, tmp_path: Path) -> None:
    some = [
        finding("a\ud800b", 1, relation="x y<>", labels=(Label("no such\ud800", 1, 2, "\ud800"),)),
        finding("B1", 2, labels=(), report=None),
    ]
    graph = with_findings(planted, tmp_path, some)
    for format in ("csv", "ttl", "jsonld"):
        assert data(graph, "findings", format)[1]
    assert "./findings/code/a%3Fb" in page(graph).one("main").links()
