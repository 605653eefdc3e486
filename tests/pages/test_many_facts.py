"""The page of a model of which many facts are known: pages of them, each bounded, and reports that lead to the right one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.pages import report
from kg.pages._facts import PAGE
from kg.pages._quotes import AROUND
from kg.pages.model import view
from kg.pages.render import html
from kg.pages.site import Site
from kg.places import ReportSource
from kg.terms import KG, OA, RDF
from kg.why import Graph
from tests.pages.parsed import parsed
from tests.pages.planted import FIRST_ID
from tests.pages.test_model import BASE, KESTREL, LARGEST, page

MANY = 400
LONG_WORDS = "The <gulls> & the others went 'about' their business as they \"always\" had " * 8


def _quads(number: int) -> Iterator[ox.Quad]:
    """Yield a claim on a long sentence of a report about the pretraining of Kestrel, and the fact that it states."""
    run, relation = ox.NamedNode(f"{BASE}run/kestrel-7b/pretraining"), ox.NamedNode(f"{KG}optimizer")
    value, graph = ox.Literal(f"{number:05} {LONG_WORDS}"), ox.NamedNode(f"{BASE}graph/report/{FIRST_ID}")
    yield ox.Quad(run, relation, value)
    start = 1 + number % 50
    for copy in range(4):
        claim = ox.NamedNode(f"{BASE}claim/{FIRST_ID}/{start}-{start + 3}-optimizer-{number:06x}{copy:02x}")
        terms: dict[str, ox.NamedNode | ox.Literal] = {
            f"{RDF}type": ox.NamedNode(f"{KG}Claim"),
            f"{RDF}subject": run,
            f"{RDF}predicate": relation,
            f"{RDF}object": value,
        }
        for name, at in (("start", start), ("end", start + 3)):
            terms[OA + name] = ox.Literal(at)
        for predicate, term in terms.items():
            yield ox.Quad(claim, ox.NamedNode(predicate), term, graph)


@pytest.fixture(scope="module")
def many(planted_build: Path) -> ox.Store:
    """Return a store with many more facts of a model, each stated four times."""
    store = ox.Store()
    store.bulk_load(path=str(planted_build / "graph.nq"), format=ox.RdfFormat.N_QUADS)
    store.extend([quad for number in range(MANY) for quad in _quads(number)])
    return store


@pytest.fixture
def large(planted: Graph, many: ox.Store) -> Graph:
    """Return a build of a model with many facts that a long report of one long line states."""
    text = LONG_WORDS * 300
    return replace(planted, store=many, sources=lambda ids: {id: ReportSource(id, text) for id in ids})


def test_many_facts_stand_on_many_pages(large: Graph) -> None:
    whole = view(large, {"iri": KESTREL})["pages"]
    assert whole.total > MANY and whole.last == -(-whole.total // PAGE)
    seen: list[str] = []
    for number in (1, 2, whole.last):
        path = "model/kestrel-7b" + (f"/page/{number}" if number > 1 else "")
        text = html(large, Site(BASE, path))
        assert len(text.encode()) < LARGEST
        shown = parsed(text)
        seen += [fact.attributes["id"] for fact in shown.every("div", "fact")]
        links = shown.one("nav", "pager").links()
        assert len(links) == (1 if number in {1, whole.last} else 2)
    assert len(seen) == len(set(seen)) == 2 * PAGE + (whole.total - (whole.last - 1) * PAGE)
    assert f"{PAGE - 19} of 411 facts" in page(large, "model/kestrel-7b").at("pretraining").words


def test_all_facts_stand_on_some_page(large: Graph) -> None:
    last = view(large, {"iri": KESTREL})["pages"].last
    anchors = [
        row.fact.anchor
        for number in range(1, last + 1)
        for group in view(large, {"iri": KESTREL, "page": str(number)})["groups"]
        for row in group.rows
    ]
    assert len(anchors) == len(set(anchors)) == view(large, {"iri": KESTREL})["pages"].total


def test_what_is_long_is_trimmed(large: Graph) -> None:
    fact = view(large, {"iri": KESTREL, "page": "3"})["groups"][0].rows[5].fact
    assert len(fact.amount.text) <= 301 and fact.amount.text.endswith("…")
    assert (len(fact.words), fact.more) == (3, 1)
    quote = fact.words[0].quote
    assert len(quote.before) <= AROUND and len(quote.after) <= AROUND and quote.cut[1]
    assert fact.disputed


def test_a_report_leads_to_the_page_that_has_the_fact(large: Graph) -> None:
    arguments = {"iri": f"{BASE}report/{FIRST_ID}", "kind": "report", "query": {}}
    entries = [entry.claim for group in report.view(large, arguments)["groups"] for entry in group.entries]
    further = {claim.page: claim for claim in entries if claim.page > 1}
    assert len(further) > 2
    written = html(large, Site(BASE, f"report/{FIRST_ID}"))
    for number, claim in further.items():
        there = f"model/kestrel-7b/page/{number}"
        assert f'href="../{there}#{claim.fact}"' in written
        assert f'id="{claim.fact}"' in html(large, Site(BASE, there))
