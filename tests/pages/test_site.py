from __future__ import annotations

import pytest

from kg.pages.site import Site
from kg.terms import KG

BASE = "https://example.org/graph/"


@pytest.mark.parametrize(
    ("path", "static", "root"),
    [
        ("", False, "./"),
        ("", True, "./"),
        ("models", False, "./"),
        ("models", True, "../"),
        ("model/kestrel-7b", False, "../"),
        ("model/kestrel-7b", True, "../../"),
        ("report/a/b/c.txt", False, "../../../"),
    ],
)
def test_the_way_to_the_root(path: str, static: bool, root: str) -> None:
    assert Site(BASE, path, static).root == root


@pytest.mark.parametrize(
    ("iri", "live", "static"),
    [
        (f"{BASE}dataset/cc3m", "../dataset/cc3m", "../../dataset/cc3m/"),
        (f"{BASE}report/a%20b/café.txt", "../report/a%20b/café.txt", "../../report/a%20b/café.txt/"),
        (f"{KG}Model", "../ontology#Model", "../../ontology/#Model"),
        ("https://elsewhere.org/x", "https://elsewhere.org/x", "https://elsewhere.org/x"),
        ("javascript:alert(1)", "../search?q=javascript%3Aalert%281%29", "../../search/?q=javascript%3Aalert%281%29"),
    ],
)
def test_links_to_things(iri: str, live: str, static: str) -> None:
    assert Site(BASE, "model/a").thing(iri) == live
    assert Site(BASE, "model/a", static=True).thing(iri) == static


def test_links_to_words_of_a_report() -> None:
    assert Site(BASE, "model/a").place("x/a b.txt", 3, 9) == "../report/x/a%20b.txt#at-3-9"
    assert Site(BASE, "model/a").place("a.txt", 3, 9, 2) == "../report/a.txt/page/2#at-3-9"


def test_a_query_is_escaped_and_may_name_several() -> None:
    link = Site(BASE).page("compare", model=["a&b", '"<c>"'], stage=None, word="")
    assert link == "./compare?model=a%26b&model=%22%3Cc%3E%22"


def test_what_is_linked_is_known() -> None:
    site = Site(BASE, "model/a", static=True)
    site.page("models")
    site.thing(f"{BASE}dataset/cc3m")
    site.thing("https://elsewhere.org/x")
    assert site.data("model/a", "csv") == "../../model/a/data.csv"
    assert site.data("model/a", "links") == "../../model/a/links.json"
    assert site.data("", "ttl") == "../../data.ttl"
    assert (site.linked, site.files) == (
        {"models", "dataset/cc3m"},
        {("model/a", "csv"), ("model/a", "links"), ("", "ttl")},
    )


def test_live_the_data_stands_at_the_page() -> None:
    assert Site(BASE, "model/a").data("model/a", "links") == "../model/a?format=links"


def test_an_asset_has_another_address_when_it_changes() -> None:
    link = Site(BASE, "model/a").asset("site.css")
    assert link.startswith("../assets/site.css?v=") and len(link.rpartition("=")[2]) == 8


def test_an_asset_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        Site(BASE).asset("nothing.css")
