"""Pages over HTTP: who is given which format at which address; what they show is tested in tests/pages."""

from __future__ import annotations

import gzip
import json

import httpx
import pyoxigraph as ox
import pytest
from markupsafe import escape

from kg.schema import DEFAULT_BASE
from kg.terms import KG, RDF, RDFS
from tests.serve.server import problem, running

MODEL = "/model/instructblip-13b"
TYPE, LABEL = (ox.NamedNode(iri) for iri in (f"{RDF}type", f"{RDFS}label"))
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (BROWSER, "text/html"),
        ("*/*", "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json, text/turtle;q=0.5", "application/ld+json"),
        ("text/csv", "text/csv"),
        ("application/rdf+xml, text/turtle;q=0.1", "application/rdf+xml"),
        ("application/n-triples", "application/n-triples"),
    ],
)
def test_a_thing_as_what_is_wanted(client: httpx.Client, accept: str, media: str) -> None:
    response = client.get(MODEL, headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (200, media)
    assert response.headers["vary"] == "Accept, Accept-Encoding"


def test_nothing_fits(client: httpx.Client) -> None:
    assert problem(client.get(MODEL, headers={"Accept": "image/png"}), 406)["formats"][0] == "text/html"
    assert "ttl" in problem(client.get(MODEL, params={"format": "png"}), 406)["formats"]


@pytest.mark.parametrize(("path", "format"), [("/search?q=a", "ttl"), ("/graph", "csv"), ("/model/owl-1b", "txt")])
def test_a_page_without_such_data(client: httpx.Client, path: str, format: str) -> None:
    assert "no data as" in problem(client.get(path, params={"format": format}), 406)["detail"]


@pytest.mark.parametrize(
    ("format", "syntax"),
    [
        ("ttl", ox.RdfFormat.TURTLE),
        ("jsonld", ox.RdfFormat.JSON_LD),
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("rdfxml", ox.RdfFormat.RDF_XML),
    ],
)
def test_a_thing_as_rdf(client: httpx.Client, format: str, syntax: ox.RdfFormat) -> None:
    found = list(ox.parse(client.get(MODEL, params={"format": format}).content, format=syntax))
    assert any(quad.subject == ox.NamedNode(f"https://w3id.org/kg{MODEL}") for quad in found)


@pytest.mark.parametrize("path", ["/model/nothing", "/nothing", "/dataset/", "/models/0", "/findings/nonsense"])
def test_no_such_page(client: httpx.Client, path: str) -> None:
    response = client.get(path, headers={"Accept": BROWSER}, follow_redirects=True)
    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Not Found</h1>" in response.text and response.headers["cache-control"] == "no-store"
    problem(client.get(path, headers={"Accept": "*/*"}, follow_redirects=True), 404)


def test_what_a_reader_typed_is_shown_as_text(client: httpx.Client) -> None:
    response = client.get("/model/<script>alert(1)</script>", headers={"Accept": BROWSER})
    assert response.status_code == 404 and "<script>alert" not in response.text


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/models/", "../models"),
        ("/sparql/", "../sparql"),
        ("/model/a/", "../a"),
        ("/models/?x=1", "../models?x=1"),
        ("//evil.org/", "../evil.org"),
    ],
)
def test_a_slash_at_the_end_leads_to_the_page_on_this_host(client: httpx.Client, path: str, target: str) -> None:
    response = client.get(str(client.base_url).rstrip("/") + path, headers={"Accept": BROWSER})
    assert (response.status_code, response.headers["location"]) == (308, target)


@pytest.mark.parametrize("coding", ["gzip", "br, gzip;q=0.5", "identity", "gzip;q=0", "br"])
def test_packed_for_those_who_take_it(client: httpx.Client, coding: str) -> None:
    with client.stream("GET", MODEL, headers={"Accept-Encoding": coding, "Accept": BROWSER}) as response:
        content = b"".join(response.iter_raw())
    packed = coding in {"gzip", "br, gzip;q=0.5"}
    assert response.headers.get("content-encoding") == ("gzip" if packed else None)
    assert b"<h1" in (gzip.decompress(content) if packed else content)


def test_a_page_that_has_not_changed_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get(MODEL, headers={"Accept": BROWSER})
    again = client.get(MODEL, headers={"Accept": BROWSER, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(MODEL, headers={"Accept": "text/turtle"}).headers["etag"] != first.headers["etag"]


def test_the_files_that_pages_load_are_kept_by_browsers(client: httpx.Client) -> None:
    response = client.get("/assets/site.css")
    assert response.headers["content-type"] == "text/css; charset=utf-8" and "immutable" in response.headers["cache-control"]
    problem(client.get("/assets/../pyproject.toml"), 404)
    problem(client.get("/assets/%2e%2e/app.py"), 404)


def test_things_whose_iris_are_sent_in_escapes() -> None:
    """A browser escapes what is beyond ASCII, and leaves escapes as they are."""
    paths = [f"dataset/{name}" for name in ("données", "a%2Fb", "100%25", "'x'(1)", "%F0%9F%A6%9C")]
    store = ox.Store()
    for path in paths:
        thing = ox.NamedNode(f"{DEFAULT_BASE}{path}")
        store.extend([ox.Quad(thing, TYPE, ox.NamedNode(f"{KG}Dataset")), ox.Quad(thing, LABEL, ox.Literal(f"It is {path}"))])
    with running(store) as client:
        for path in paths:
            response = client.get(f"/{path}", headers={"Accept": BROWSER})
            assert response.status_code == 200 and escape(f"It is {path}") in response.text


def test_no_page_lets_in_code_from_elsewhere(client: httpx.Client) -> None:
    policy = client.get("/", headers={"Accept": BROWSER}).headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy


def test_data_by_name(client: httpx.Client) -> None:
    response = client.get(MODEL, params={"format": "links"})
    assert response.headers["content-type"] == "application/json" and json.loads(response.content)
