"""What is sent: declared is what the query uses, values bind what they would bind locally, places stay findable."""

from __future__ import annotations

from collections.abc import Mapping

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import UsageError
from kg.query import with_values
from kg.remote._text import Sent, bound, check_asks
from kg.sparql.named import shipped
from kg.sparql.text import Term, answer, prefixes
from kg.terms import KG

BASE = "https://w3id.org/kg/"
KNOWN = {"kg": KG, "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "e": "http://e/"}
A = ox.NamedNode("http://e/a")


def sent(text: str, known: Mapping[str, str] = KNOWN, **bindings: Term) -> Sent:
    return bound(text, "query", base=BASE, known=known, bindings=bindings)


@pytest.mark.parametrize(
    "text", ["INSERT DATA { <a> <b> <c> }", "PREFIX e: <x> delete where { ?s ?p ?o }", "BASE <http://x/> DROP ALL"]
)
def test_an_update_is_not_sent(text: str) -> None:
    with pytest.raises(UsageError, match=r"^query: [A-Z]+ is an update, and kg query only asks\n  hint: send updates"):
        check_asks(text, "query")


@pytest.mark.parametrize("text", ["", "#", "PREFIX", "PREFIX e:", "BASE", "SELECT ?drop { ?drop ?insert 'DELETE' }", "nonsense {"])
def test_what_is_no_update_passes(text: str) -> None:
    check_asks(text, "query")
    assert sent(text).asked == text


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("ASK {}", ""),
        ("ASK { ?s kg:extends ?o }", f"PREFIX kg: <{KG}> "),
        ("ASK { e:x rdf:type kg:Model }", f"PREFIX e: <http://e/> PREFIX kg: <{KG}> PREFIX rdf: <{KNOWN['rdf']}> "),
        ("PREFIX kg: <http://other/> ASK { ?s kg:x ?o }", ""),
        ("prefix e: <http://other/>\nASK { e:x kg:x ?o }", f"PREFIX kg: <{KG}> "),
        ("ASK { wd:Q42 wdt:P31 ?o }", ""),
        ("ASK { ?s ?p 'kg:x' } # rdf:type", ""),
        ("ASK { _:kg ?p ?o }", ""),
        ("ASK { <model/x> ?p ?o }", f"BASE <{BASE}> "),
        ("ASK { <> ?p ?o }", f"BASE <{BASE}> "),
        ("BASE <http://x/> ASK { <model/x> ?p kg:x }", f"PREFIX kg: <{KG}> "),
        ("ASK { <urn:x> ?p <http://e/> }", ""),
        ("ASK { <model/x> ?p kg:x }", f"BASE <{BASE}> PREFIX kg: <{KG}> "),
        ("ASK { wd:a\\/b ?p <urn:x> }", ""),
        ("PREFIX kg: <urn:> ASK { kg:a\\/b ?p <urn:x> }", ""),
    ],
)
def test_what_is_used_is_declared_and_nothing_else(text: str, head: str) -> None:
    assert sent(text).text == head + text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ASK { e:a\\/b ?p e:a\\-c\\' }", "ASK { <http://e/a/b> ?p <http://e/a-c'> }"),
        ("ASK { e:a\\/b e:c <urn:x> }", "PREFIX e: <http://e/> ASK { <http://e/a/b> e:c <urn:x> }"),
    ],
)
def test_a_name_with_a_backslash_is_spelled_out(text: str, found: str) -> None:
    assert sent(text).text == found


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "rows"),
        ("PREFIX a: <b> ask {}", "rows"),
        ("construct where {}", "graph"),
        ("BASE <x> DESCRIBE <y>", "graph"),
        ("", "any"),
        ("WITH-EXTENSION", "any"),
    ],
)
def test_the_form_tells_what_to_expect(text: str, form: str) -> None:
    assert sent(text).form == form


# values -------------------------------------------------------------------------------------------------------------------------

GRAPH = """
<http://e/a> <http://e/p> <http://e/x>, <http://e/y> ; <http://e/n> 1 . <http://e/b> <http://e/p> <http://e/x> ; <http://e/n> 2 .
<http://e/c> <http://e/q> <http://e/x>, "a \\"quoted\\" \\\\ } text" .
"""
QUERIES = [
    "SELECT ?s ?o { ?s e:p ?o }",
    "SELECT ?o ?s WHERE { ?s e:p ?o } ORDER BY ?o LIMIT 1",
    "SELECT * { ?s e:p ?o } # the end }",
    "SELECT DISTINCT ?s FROM <http://e/none> { ?s e:p ?o }",
    "SELECT ?s (COUNT(?o) AS ?n) { ?s e:p ?o } GROUP BY ?s ORDER BY ?n",
    "SELECT ?s (COUNT(?o) AS ?n) { ?s e:p ?o } GROUP BY ?s HAVING (COUNT(?o) > 1)",
    "SELECT ?s (GROUP_CONCAT(STR(?o); separator=' } ') AS ?n) { { SELECT ?s ?o { ?s e:p ?o } ORDER BY ?o } } GROUP BY ?s",
    "SELECT ?s ?n { ?s e:p ?z { SELECT ?s (COUNT(?o) AS ?n) { ?s e:p ?o } GROUP BY ?s } }",
    "SELECT ?s { SELECT ?s { ?s e:p ?o } }",
    "SELECT ?s (COUNT(*) AS ?n) { SELECT ?s ?o { ?s e:p ?o } } GROUP BY ?s",
    "SELECT ?t ?s { ?t e:p ?o OPTIONAL { ?t e:p ?s } }",
    "SELECT ?s { { ?s e:p e:x } UNION { ?t e:q e:x } }",
    "SELECT ?s { ?s ?p ?o MINUS { ?s e:q ?z } }",
    "SELECT ?s { FILTER NOT EXISTS { ?s e:q ?z } ?s ?p ?o }",
    "SELECT (EXISTS { ?s e:p e:y } AS ?e) ?s { ?s ?p ?o }",
    "SELECT ?s { ?o e:p ?x BIND (?o AS ?s) }",
    "SELECT ?s { ?o e:p ?x { ?o e:n ?n BIND (?o AS ?s) } }",
    "SELECT ?s { VALUES ?s { e:a e:b } }",
    "SELECT ?s ?o { ?s e:p ?o } VALUES ?o { e:y }",
    "SELECT $s { ?s e:p ?o FILTER(?s<e:x||?o>e:y) }",
    "SELECT ?s {}",
    "SELECT ?s { { } }",
]


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.load(GRAPH.encode(), ox.RdfFormat.TURTLE)
    return store


def rows(found: object) -> list[str]:
    assert isinstance(found, ox.QuerySolutions)
    return sorted(str(row) for row in found)


@pytest.mark.parametrize("thing", ["http://e/a", "http://e/b", "http://e/c", "http://e/nothing"])
@pytest.mark.parametrize("text", QUERIES)
def test_values_bind_as_replaced_variables_do(store: ox.Store, text: str, thing: str) -> None:
    term = ox.NamedNode(thing)
    local = answer(store, text, base=BASE, known=KNOWN, bindings={"s": term})
    assert rows(store.query(sent(text, s=term).text)) == rows(local)


@pytest.mark.parametrize("text", ["ASK { ?s e:p e:y }", "ASK WHERE { ?s e:p e:y }"])
@pytest.mark.parametrize("thing", ["http://e/a", "http://e/b"])
def test_values_bind_in_an_ask(store: ox.Store, text: str, thing: str) -> None:
    term = ox.NamedNode(thing)
    local = answer(store, text, base=BASE, known=KNOWN, bindings={"s": term})
    assert bool(store.query(sent(text, s=term).text)) is bool(local)


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT WHERE { ?s e:p ?o }",
        "CONSTRUCT { ?s e:z ?o } { ?s e:p ?o }",
        "CONSTRUCT { ?s e:z [ e:y 'a } b' ] } WHERE { ?s e:p ?o }",
        "DESCRIBE ?s",
        "DESCRIBE ?s { ?s e:p ?o }",
    ],
)
def test_values_bind_in_a_graph(store: ox.Store, text: str) -> None:
    def graph(found: object) -> list[tuple[str, str]]:
        assert isinstance(found, ox.QueryTriples)
        return sorted(
            (str(triple.subject), str(triple.predicate)) for triple in found if not isinstance(triple.subject, ox.BlankNode)
        )

    local = answer(store, text, base=BASE, known=KNOWN, bindings={"s": A})
    assert graph(store.query(sent(text, s=A).text)) == graph(local) != []


def test_several_values(store: ox.Store) -> None:
    found = sent("SELECT ?s ?o { ?s e:p ?o }", s=A, o=ox.NamedNode("http://e/y"))
    assert rows(store.query(found.text)) == ["<QuerySolution s=<NamedNode value=http://e/a> o=<NamedNode value=http://e/y>>"]


@pytest.mark.parametrize("name", sorted(shipped()))
def test_values_stand_in_every_shipped_query(name: str) -> None:
    query = shipped()[name]
    values = {parameter.name: "1" for parameter in query.parameters}
    asked, bindings = with_values(query, {"page": "1"} if "page" in values else values, lambda *_: A)
    text = bound(asked, name, base=BASE, known=prefixes(), bindings=bindings).text
    assert text.count(" VALUES (") == bool(bindings)
    assert isinstance(ox.Store().query(text), ox.QuerySolutions)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?o { ?s e:p ?o }", r"^query: the query does not select \?s\n  hint: a parameter is a variable after SELECT"),
        ("SELECT * { ?t e:p ?o }", r"does not select \?s"),
        ("ASK { ?t e:p ?o }", r"does not select \?s"),
        ("SELECT (COUNT(?s) AS ?n) { ?s e:p ?o }", r"does not select \?s"),
        (
            "SELECT (?o AS ?s) { ?x e:p ?o }",
            r"^query: \?s is computed, and an endpoint cannot be given its value\n  hint: .*HAVING",
        ),
        ("SELECT ?x (COUNT(?o) AS ?s) { ?x e:p ?o } GROUP BY ?x", r"\?s is computed"),
    ],
)
def test_what_cannot_be_given_a_value(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        sent(text, s=A)


@pytest.mark.parametrize(
    "text", ["SELECT ?s", "SELECT ?s {", "SELECT ?s { SELECT", "CONSTRUCT { ?s ?p", "SELECT ?s { ?x ?y BIND(?s AS"]
)
def test_what_does_not_parse_is_for_the_endpoint_to_tell(text: str) -> None:
    assert "VALUES (?s)" in sent(text, s=A).text


@given(value=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_value_is_a_term_and_never_text(value: str) -> None:
    text = sent("SELECT ?s { ?x ?y ?s } ORDER BY ?s", s=ox.Literal(value)).text
    found = ox.Store().query(text.replace("?x ?y ?s", ""))
    assert isinstance(found, ox.QuerySolutions)
    assert [row["s"] for row in found] == [ox.Literal(value)]


# places -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s { ?s kg:extends ?o BAD }",
        "# kg:title\nSELECT ?s\n{ ?s kg:extends <x> ; BAD ?o }",
        "SELECT ?s WHERE {\n BAD e:x ?s }",
        "SELECT ?s { e:a\\/b e:c\\/d ?s ; BAD }",
        "SELECT ?s {\n e:a\\/b kg:d ?s ; BAD e:c\\/d }",
    ],
)
def test_a_place_in_what_is_sent_is_found_in_what_was_asked(text: str) -> None:
    found = sent(text, s=A)
    offset = found.text.index("BAD")
    line, column = found.text.count("\n", 0, offset) + 1, offset - found.text.rfind("\n", 0, offset)
    assert found.place(line, column) == text.index("BAD")


@pytest.mark.parametrize(("line", "column"), [(1, 1), (1, 10), (1, 40), (1, 99_999), (2, 1), (99_999, 99_999)])
def test_a_place_is_always_inside(line: int, column: int) -> None:
    found = sent("SELECT ?s { ?s kg:extends ?o }", s=A)
    assert 0 <= found.place(line, column) <= len(found.asked)
