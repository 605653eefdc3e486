"""The page of a report: its text as it is, each claim's words in a mark of their own, lists that lead there and back."""

from __future__ import annotations

import csv
import io
from html import unescape
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.errors import BuildError
from kg.model import Claim
from kg.pages import Missing, report
from kg.pages._cuts import page_of
from kg.pages.data import data
from kg.pages.render import html
from kg.pages.site import Site
from kg.places import ReportSource
from kg.schema import DEFAULT_BASE
from kg.terms import path
from kg.why import Graph
from kg.wire import claims_of
from tests.pages.planted import EVIL, EVIL_ID, EVIL_NAME, FIRST, FIRST_ID, LONG, LONG_ID, PLANTED, SECOND_ID
from tests.pages.test_marks import Shown, kept
from tests.sample_graph import REPORTS, sample_store


def arguments(id: str, **more: str) -> dict[str, Any]:
    return {"iri": f"{DEFAULT_BASE}report/{path(id)}", "kind": "report", "query": {}, **more}


def page(graph: Graph, id: str, part: str = "", *, static: bool = False) -> str:
    return html(graph, Site(DEFAULT_BASE, f"report/{path(id)}{part}", static=static))


def claims(graph: Graph, id: str) -> list[Claim]:
    return [claim for claim in claims_of(graph.folder) if claim.report == id]


@pytest.mark.parametrize("id", [id for id in PLANTED if id != LONG_ID])
def test_the_text_is_shown_as_it_is_and_each_claim_has_its_words(planted: Graph, id: str) -> None:
    found = report.view(planted, arguments(id))
    shown = Shown(found["text"])
    assert shown.text == kept(PLANTED[id])
    assert claims(planted, id)
    for claim in claims(planted, id):
        assert shown.words[f"at-{claim.start}-{claim.end}"] == claim.mention


def test_every_claim_is_listed_once_and_every_link_of_the_text_leads_to_an_entry(planted: Graph) -> None:
    found = report.view(planted, arguments(FIRST_ID))
    entries = [entry.claim for group in found["groups"] for entry in group.entries]
    assert len(entries) == found["counts"]["claims"] == len({claim.iri for claim in entries}) == len(claims(planted, FIRST_ID))
    ids = {f"#{claim.id}" for claim in entries} | {f"#{item.id}" for item in found["findings"]}
    assert set(Shown(found["text"]).links) <= ids
    written = page(planted, FIRST_ID)
    assert all(f'id="{link[1:]}"' in written for link in ids)
    assert all(f'href="#at-{claim.start}-{claim.end}"' in written for claim in entries)


def test_an_entry_leads_to_the_fact_on_the_page_of_its_model(planted: Graph) -> None:
    model = html(planted, Site(DEFAULT_BASE, "model/kestrel-7b"))
    for group in report.view(planted, arguments(FIRST_ID))["groups"]:
        assert (group.model, group.label) == (f"{DEFAULT_BASE}model/kestrel-7b", "Kestrel-7B")
        for entry in group.entries:
            assert f'id="{entry.claim.fact}"' in model
            assert f'href="../model/kestrel-7b#{entry.claim.fact}"' in page(planted, FIRST_ID)


def test_a_contradiction_is_marked_and_leads_to_its_other_side(planted: Graph) -> None:
    written = page(planted, FIRST_ID)
    start = FIRST.index("7 billion")
    assert f'<mark id="at-{start}-{start + 9}" class="reported contradiction"' in written
    assert 'data-code="KG301' in written
    (item,) = [
        item
        for item in report.view(planted, arguments(FIRST_ID))["findings"]
        if item.code == "KG301" and item.sides[0].start == start
    ]
    assert [(side.report, side.mention, side.here) for side in item.sides] == [
        (FIRST_ID, "7 billion", True),
        (SECOND_ID, "9 billion", False),
    ]
    other = item.sides[1]
    assert f'href="../report/{SECOND_ID}#at-{other.start}-{other.end}"' in written
    assert 'href="../findings/KG301"' in written
    assert f'id="at-{other.start}-{other.end}"' in page(planted, SECOND_ID)


def test_gaps_stand_where_they_point_with_a_style_of_their_own(planted: Graph) -> None:
    found = report.view(planted, arguments(FIRST_ID))
    gaps = [item for item in found["findings"] if item.kind == "gap"]
    assert gaps
    assert " gap" in found["text"].split('id="at-2-12" class="')[1].split('"')[0]
    assert 'data-code="1 gap"' in found["text"]


def test_hostile_words_are_text_everywhere(planted: Graph) -> None:
    for static in (False, True):
        written = page(planted, EVIL_ID, static=static)
        for element in ('<script>alert("x")', "<script>document", "<img", 'alert("x")</script>'):
            assert element not in written
        assert EVIL_NAME in unescape(written)
        assert 'data-code="U+202E"' in written
        assert 'data-code="U+001B"' in written


def test_a_long_report_is_shown_in_parts(planted: Graph) -> None:
    first = report.view(planted, arguments(LONG_ID))
    assert first["parts_count"] == 2
    second = report.view(planted, arguments(LONG_ID, page="2"))
    assert Shown(first["text"]).text + Shown(second["text"]).text == LONG
    for claim in claims(planted, LONG_ID):
        of = {1: first, 2: second}[page_of(LONG, claim.start)]
        assert Shown(of["text"]).words[f"at-{claim.start}-{claim.end}"] == claim.mention
        assert claim.start in {entry.claim.start for group in of["groups"] for entry in group.entries}


def test_the_parts_of_a_report_link_each_other_and_its_data_once(planted: Graph) -> None:
    first, second = page(planted, LONG_ID), page(planted, LONG_ID, "/page/2")
    assert 'rel="next" href="../report/long.md/page/2"' in first
    assert 'rel="prev" href="../../../report/long.md"' in second
    assert 'href="../../../report/long.md?format=csv"' in second
    assert "long.md/page/2?format" not in second
    assert max(len(first.encode()), len(second.encode())) < 200_000


@pytest.mark.parametrize("number", ["0", "3", "two", "1" * 30, "٢"])
def test_a_part_that_is_not_there_is_told(planted: Graph, number: str) -> None:
    with pytest.raises(Missing, match="has no page"):
        report.view(planted, arguments(LONG_ID, page=number))


def test_its_data_is_its_claims_its_graph_and_its_text(planted: Graph) -> None:
    at = f"report/{path(EVIL_ID)}"
    media, content = data(planted, at, "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert media == "text/csv; charset=utf-8"
    assert [(row["mention"], row["relation"], int(row["start"])) for row in rows] == [
        (claim.mention, claim.relation, claim.start)
        for claim in sorted(claims(planted, EVIL_ID), key=lambda claim: (claim.start, claim.end, claim.relation))
    ]
    assert {row["modelName"] for row in rows} == {EVIL_NAME}
    assert data(planted, at, "txt") == ("text/plain; charset=utf-8", EVIL.encode())
    graph = ox.NamedNode(f"{DEFAULT_BASE}graph/{at}")
    own = {quad.triple for quad in planted.store.quads_for_pattern(None, None, None, graph)}
    for format, syntax in (("ttl", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)):
        assert {quad.triple for quad in ox.parse(data(planted, at, format)[1], format=syntax)} == own


def test_only_the_claims_of_the_part_that_is_shown_are_read(planted: Graph) -> None:
    read: list[str] = []
    known = planted.statements.statement
    statements = planted.statements

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(statements, name)

        def statement(self, iri: str) -> Any:
            read.append(iri)
            return known(iri)

    vars(planted)["statements"] = Counting()
    shown = report.view(planted, arguments(LONG_ID, page="2"))
    listed = {entry.claim.iri for group in shown["groups"] for entry in group.entries}
    assert set(read) == listed
    assert len(listed) < shown["counts"]["claims"]


@pytest.fixture
def bare(tmp_path: Path) -> Graph:
    """Return the sample graph without the files that a build has beside its store."""
    store = sample_store(tmp_path)
    reports = {document.id: ReportSource(document.id, document.source) for document, _ in REPORTS}
    return Graph(tmp_path, store, DEFAULT_BASE, lambda ids: {id: reports[id] for id in ids if id in reports})


@pytest.mark.parametrize(("document", "rows"), REPORTS, ids=[document.id for document, _ in REPORTS])
def test_a_build_without_findings_opens(bare: Graph, document: Any, rows: list[Any]) -> None:
    found = report.view(bare, arguments(document.id))
    assert Shown(found["text"]).text == document.source
    assert found["findings"] == []
    assert found["counts"]["claims"] == len(rows)


def test_findings_that_cannot_be_read_are_told(bare: Graph) -> None:
    (bare.folder / "findings.json").write_text("[", encoding="utf-8")
    with pytest.raises(BuildError, match="cannot be read"):
        report.view(bare, arguments("a.txt"))


def test_a_report_without_text_says_so(bare: Graph) -> None:
    bare.store.add(
        ox.Quad(
            ox.NamedNode(f"{DEFAULT_BASE}report/empty.txt"),
            ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label"),
            ox.Literal("empty.txt"),
        )
    )
    found = report.view(bare, arguments("empty.txt"))
    assert (found["text"], found["groups"], found["title"]) == ("", [], "empty.txt")


def test_pages_of_a_paged_report_are_numbered_through_its_parts(bare: Graph) -> None:
    text = "\f".join(f"page {number}\n" + "x y " * 8_000 for number in range(1, 5))
    graph = Graph(bare.folder, bare.store, DEFAULT_BASE, lambda ids: {"a.txt": ReportSource("a.txt", text, paged=True)})
    numbers = [
        int(part) for page in range(1, 5) for part in _breaks(report.view(graph, arguments("a.txt", page=str(page)))["text"])
    ]
    assert numbers == [2, 3, 4]
    assert report.view(graph, arguments("a.txt"))["counts"]["pages"] == 4


def _breaks(text: str) -> list[str]:
    return [part.split('"')[0] for part in str.split(text, 'data-page="')[1:]]


def test_claims_beyond_those_that_are_listed_are_marked_all_the_same(bare: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST", 3)
    found = report.view(bare, arguments("a.txt"))
    assert found["counts"]["unlisted"] == found["counts"]["claims"] - 3 > 0
    assert len(Shown(found["text"]).words) > 10
    assert set(Shown(found["text"]).links) == {"#claim-1", "#claim-2", "#claim-3"}


def test_numbers_of_parts_around_the_one_that_is_shown() -> None:
    assert report._near(1, 1) == [1]
    assert report._near(1, 9) == [1, 2, 3, 0, 9]
    assert report._near(5, 9) == [1, 0, 3, 4, 5, 6, 7, 0, 9]
