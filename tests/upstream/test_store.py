"""A store elsewhere is asked the same as a local one, and answers the same."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any, cast

import pyoxigraph as ox
import pytest

from kg.errors import QueryRefused, RemoteError, UsageError
from kg.sparql.text import QueryError, answer, prefixes
from kg.upstream import Place, UpstreamStore, found_at
from kg.upstream._dataset import graphs_of
from tests.push.graphs import BASE, small
from tests.remote.canned import ROWS, TRIPLE, canned, reply
from tests.stores import free_port, oxigraph

NAMED = f"{BASE}graph/default"
THING, IN, REPORT = (ox.NamedNode(f"{BASE}{name}") for name in ("thing/0007", "in", "graph/report/1"))
SEARCH = ox.NamedNode(f"{BASE}graph/search")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    """Return a store of this machine."""
    found = ox.Store()
    found.bulk_load(path=str(small(tmp_path_factory.mktemp("graph") / "graph.nq")), format=ox.RdfFormat.N_QUADS)
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, local: ox.Store) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("oxigraph")
    with oxigraph(folder) as url:
        send(url, local)
        yield f"{url}/query"


@pytest.fixture(scope="module")
def union(tmp_path_factory: pytest.TempPathFactory, local: ox.Store) -> Iterator[str]:
    """Return a store that shows all graphs as the default one, with that of the build in a named graph."""
    moved = ox.Store()
    for quad in local:
        graph = ox.NamedNode(NAMED) if quad.graph_name == ox.DefaultGraph() else quad.graph_name
        moved.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    with oxigraph(tmp_path_factory.mktemp("union"), "--union-default-graph") as url:
        send(url, moved)
        yield f"{url}/query"


def send(url: str, store: ox.Store) -> None:
    from kg.remote import Session

    content = ox.serialize(store, format=ox.RdfFormat.N_QUADS) or b""
    with Session(f"{url}/store").reply("POST", "", content, {"Content-Type": "application/n-quads"}) as received:
        assert received.status in {200, 201, 204}
        received.body.drain()


@pytest.fixture(params=["default", "named"])
def there(request: pytest.FixtureRequest) -> UpstreamStore:
    if request.param == "default":
        return UpstreamStore(Place(request.getfixturevalue("server"), base=BASE))
    return UpstreamStore(Place(request.getfixturevalue("union"), default=NAMED, base=BASE))


@pytest.mark.parametrize("subject", [None, THING, ox.NamedNode("urn:none"), ox.BlankNode("b")])
@pytest.mark.parametrize("graph", [None, ox.DefaultGraph(), REPORT, SEARCH])
def test_patterns_find_the_same(there: UpstreamStore, local: ox.Store, subject: Any, graph: Any) -> None:
    values = (None, ox.NamedNode(f"{BASE}default"), ox.Literal('0 "<https://w3id.org/kg/x>" \n é'))
    for predicate, value in itertools.product((None, IN), values):
        found = list(there.quads_for_pattern(subject, predicate, value, graph))
        assert sorted(map(str, found)) == sorted(map(str, local.quads_for_pattern(subject, predicate, value, graph)))


def test_a_thing_with_many_facts_is_asked_for_each(server: str, local: ox.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.upstream._store._AT_ONCE", 3)
    monkeypatch.setattr("kg.upstream._store._SUBJECTS", 1)
    there = UpstreamStore(Place(server, base=BASE))
    for claim in (ox.NamedNode(f"{BASE}claim/{number}") for number in (0, 1, 0)):
        assert len(list(there.quads_for_pattern(claim, None, None))) == 10
        assert len(list(there.quads_for_pattern(claim, ox.NamedNode(f"{BASE}took"), None))) == 1


def test_graphs_are_those_of_the_build(there: UpstreamStore, local: ox.Store) -> None:
    assert set(there.named_graphs()) == set(local.named_graphs())
    assert there.contains_named_graph(SEARCH)
    assert not there.contains_named_graph(ox.NamedNode("urn:none"))


def test_graphs_of_others_are_not_listed() -> None:
    names = [f"{BASE}graph/search", "https://example.org/graph/salaries", f"{BASE}graph/push"]
    rows = [{"g": {"type": "uri", "value": name}} for name in names]
    content = json.dumps({"head": {"vars": ["g"]}, "results": {"bindings": rows}}).encode()
    with canned(reply(content)) as server:
        assert list(UpstreamStore(Place(server.url, base=BASE)).named_graphs()) == [SEARCH]


def test_a_quad_is_there_or_not(there: UpstreamStore) -> None:
    quad = ox.Quad(THING, IN, ox.NamedNode(f"{BASE}default"), ox.DefaultGraph())
    assert quad in there
    assert ox.Quad(THING, IN, THING, ox.DefaultGraph()) not in there
    there.forget()
    assert quad in there


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT * { GRAPH data:graph\\/search { ?s ?p ?o } }",
        "PREFIX g: <https://w3id.org/kg/graph/> SELECT * { ?s ?p <default> GRAPH g:search { ?s ?q ?o } }",
        "SELECT * { <thing/0007> ?p ?o GRAPH <graph/report/1> { ?c ?d ?e } }",
        "BASE <https://w3id.org/kg/graph/> SELECT * { ?s ?p ?o GRAPH <search> { ?s ?q ?r } }",
        "BASE <https://w3id.org/> BASE <kg/> PREFIX g: <graph/> BASE <x/> SELECT * { ?s ?p ?o GRAPH g:search { ?s ?q ?r } }",
        "base <https://w3id.org/kg/graph/x> prefix g: <report/> SELECT * { GRAPH <search> { ?a ?b ?c } GRAPH g:1 { ?d ?e ?f } }",
        "CONSTRUCT { ?s <urn:is> ?o } WHERE { ?s ?p ?o }",
        "DESCRIBE <thing/0007>",
        "ASK { ?s ?p ?o }",
        "ASK { <urn:none> ?p ?o }",
    ],
)
def test_queries_have_the_same_answers(there: UpstreamStore, local: ox.Store, text: str) -> None:
    found, right = (answer(cast("ox.Store", store), text, base=BASE, known=prefixes(BASE)) for store in (there, local))
    assert type(found) is type(right)
    if isinstance(found, ox.QueryBoolean):
        assert bool(found) is bool(right)
    else:
        rows = sorted(map(str, found))
        assert rows == sorted(map(str, cast("ox.QueryTriples", right)))
        assert rows


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("SELECT ?s ?o { ?s ?p ?o }", {"bindings": {"s": THING}}),
        ("SELECT ?s ?o { ?s ?p ?o }", {"default_graphs": [SEARCH.value]}),
        ("SELECT ?s ?o { GRAPH ?g { ?s ?p ?o } }", {"named_graphs": [SEARCH.value]}),
        ("SELECT ?o FROM <https://w3id.org/kg/graph/search> { ?s ?p ?o }", {}),
    ],
)
def test_variables_and_graphs_are_given_with_a_query(server: str, local: ox.Store, text: str, beside: dict[str, Any]) -> None:
    there = UpstreamStore(Place(server, base=BASE))
    found, right = (list(cast(Any, answer(cast("ox.Store", store), text, **beside))) for store in (there, local))
    assert sorted(map(str, found)) == sorted(map(str, right))
    assert found


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("SELECT * { ?s ?p ", "the query ends too early"),
        ("SELECT * { ?s zz:p ?o }", "the prefix zz: is not declared"),
        ("DROP ALL", "DROP is an update"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE is refused"),
    ],
)
def test_what_is_wrong_with_a_query_is_told_before_it_is_sent(text: str, match: str) -> None:
    nobody = UpstreamStore(Place(f"http://127.0.0.1:{free_port()}/query", base=BASE))
    with pytest.raises(QueryError, match=match):
        answer(cast("ox.Store", nobody), text, known=prefixes(BASE))


def test_a_parameter_that_is_not_selected_is_told(there: UpstreamStore) -> None:
    with pytest.raises(UsageError, match=r"does not select \?x"):
        answer(cast("ox.Store", there), "SELECT ?s { ?s ?p ?o }", bindings={"x": THING})


def test_all_graphs_cannot_be_asked_for_where_the_default_one_is_named(union: str) -> None:
    text = "SELECT ?g { GRAPH ?g { ?s ?p ?o } }"
    with pytest.raises(UsageError, match="cannot be asked for all graphs"):
        answer(cast("ox.Store", UpstreamStore(Place(union, default=NAMED, base=BASE))), text)
    assert graphs_of(text, NAMED, {}, None, lax=True) == [("default-graph-uri", NAMED)]


def test_a_store_that_is_away_is_told() -> None:
    nobody = UpstreamStore(Place(f"http://127.0.0.1:{free_port()}/query", base=BASE))
    with pytest.raises(RemoteError, match="nobody answers there"):
        list(nobody.quads_for_pattern(THING, None, None, SEARCH))


def test_a_reply_that_cannot_be_read_to_its_end_is_told() -> None:
    row = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}'
    with canned(reply(row + b"\n\nError: out of time")) as server:
        store = UpstreamStore(Place(server.url, base=BASE))
        for ask in (store.texts, lambda text: list(store.rows(text))):
            with pytest.raises(RemoteError, match="the reply of the store cannot be read"):
                ask("SELECT ?x { ?x ?p ?o }")


@pytest.mark.parametrize("media", ["application/n-triples", "text/turtle"])
def test_a_graph_whose_end_cannot_be_told_is_no_answer(media: str) -> None:
    with canned(without_end(media, TRIPLE)) as server:
        store = UpstreamStore(Place(server.url, base=BASE))
        with pytest.raises(RemoteError, match="does not say where it ends"):
            store.query("CONSTRUCT WHERE { ?s ?p ?o }")


def test_what_tells_its_own_end_needs_no_length() -> None:
    graph = ox.serialize(ox.parse(TRIPLE, format=ox.RdfFormat.N_TRIPLES), format=ox.RdfFormat.RDF_XML) or b""
    with canned(without_end("application/rdf+xml", graph), without_end("application/sparql-results+json", ROWS)) as server:
        store = UpstreamStore(Place(server.url, base=BASE))
        assert len(list(cast(Any, store.query("CONSTRUCT WHERE { ?s ?p ?o }")))) == 1
        assert store.texts("SELECT ?x { ?x ?p ?o }") == [{"x": "1"}]


def without_end(media: str, body: bytes) -> bytes:
    """Return a reply that ends where its connection does."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nConnection: close\r\n\r\n".encode() + body


def test_what_is_no_endpoint_is_told(server: str) -> None:
    page = UpstreamStore(Place(server.removesuffix("query"), base=BASE))
    with pytest.raises(RemoteError):
        list(page.quads_for_pattern(THING, None, None, SEARCH))


def test_what_the_store_refuses_is_told_as_wrong_in_the_query(server: str) -> None:
    strange = UpstreamStore(Place(server, base=BASE))
    with pytest.raises(QueryRefused):
        list(strange.rows("SELECT nothing"))


@pytest.mark.parametrize(("named", "match"), [(None, "holds no build of kg"), (NAMED, "holds no build of kg")])
def test_what_holds_no_build_is_not_served(server: str, named: str | None, match: str) -> None:
    with pytest.raises(UsageError, match=match):
        found_at(Place(server, default=named))


def test_a_place_is_written_and_read(server: str) -> None:
    from kg.remote import Login

    place = Place(server, Login(user="x", password="secret"), NAMED, True, BASE, 3.0)  # noqa: S106
    assert Place.read(place.written()) == place
    assert "secret" not in repr(place)
