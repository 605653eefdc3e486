"""What the text of a query tells of its variables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.schema import DEFAULT_BASE
from kg.sparql.named import shipped
from kg.sparql.pattern import Pattern, read_pattern
from kg.sparql.text import prefixes
from kg.terms import KG, RDFS


def pattern(text: str) -> Pattern:
    return read_pattern(text, prefixes(), DEFAULT_BASE)


def told(text: str) -> list[str]:
    """Return the triples of a query, steps of a path by their local names."""
    found = []
    for link in pattern(text).links:
        steps = "/".join("|".join(sorted(iri.rpartition("#")[2] for iri in step)) for step in link.steps)
        found.append(f"{link.subject} {'?' + link.variable if link.variable else steps} {link.value}")
    return found


@pytest.mark.parametrize(
    "text", ["", "SELECT", "?a", "SELECT ?x {", "?a kg:x", "SELECT ?x { ?a kg:x [ }", "(((", "[ [ [", "} ] )", "AS ?x"]
)
def test_what_is_no_query_tells_nothing_and_ends(text: str) -> None:
    assert pattern(text).links_to("x") == []


@given(
    st.lists(st.sampled_from([*"{}()[];,./|^?*+", "?x", "kg:a", "<y>", "SELECT", "FILTER", "VALUES", "AS", "BIND", '"s"', "GRAPH"]))
)
def test_any_tokens_are_read_to_their_end(tokens: list[str]) -> None:
    found = pattern(" ".join(tokens))
    assert {name for name, _ in found.origins("x")} <= {"x"}


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("SELECT * { ?a kg:x ?b }", ["a x ?b".replace("?", "")]),
        ("SELECT * { ?a kg:x ?b ; kg:y ?c , ?d . ?e kg:z ?f }", ["a x b", "a y c", "a y d", "e z f"]),
        ("SELECT * { ?a kg:x ?b ;; . }", ["a x b"]),
        ("SELECT * { ?a kg:x/kg:y ?b }", ["a x/y b"]),
        ("SELECT * { ?a (kg:x|kg:y)+ ?b }", ["a x|y b"]),
        ("SELECT * { ?a (kg:x/kg:y?)? ?b }", ["a x/y b"]),
        ("SELECT * { ?a ^kg:x ?b }", ["a x b"]),
        ("SELECT * { ?a a kg:Model ; kg:x ?b }", [f"a type <{KG}Model>", "a x b"]),
        ("SELECT * { ?a ?p ?o }", ["a ?p o"]),
        ('SELECT * { ?a kg:x "1"^^xsd:int ; kg:y -3, "b"@en, true ; kg:z ?b }', ["a x ", "a y ", "a y ", "a y ", "a z b"]),
        ("SELECT * { ?a kg:x [ kg:y ?b ; kg:z ?c ] . [] kg:w ?d }", ["[1 y b", "[1 z c", "a x [1", "[2 w d"]),
        ("SELECT * { ?a kg:x (1 ?b) ; kg:y ?c }", ["a x ", "a y c"]),
        ("SELECT * { <model/a> kg:x ?b . <http://y/z> kg:x ?c }", [f"<{DEFAULT_BASE}model/a> x b", "<http://y/z> x c"]),
        ("PREFIX o: <http://o#> SELECT * { ?a o:x ?b }", ["a x b"]),
        ("BASE <http://b/> SELECT * { ?a kg:x ?b }", ["a x b"]),
        ("SELECT ?a ?b (MIN(?c) AS ?d) WHERE { ?a kg:x ?b } GROUP BY ?a ?b HAVING (?a > 1) ORDER BY DESC(?a) ?b", ["a x b"]),
        ("SELECT * { FILTER regex(?a, 'x') FILTER (?b > 1) FILTER NOT EXISTS { ?a kg:x ?b } ?c kg:y ?d }", ["a x b", "c y d"]),
        ("SELECT * { VALUES (?a ?b) { (kg:x 1) } VALUES ?c { kg:y } BIND (?a + 1 AS ?e) ?a kg:z ?d }", ["a z d"]),
        ("SELECT * { GRAPH ?g { ?a kg:x ?b } GRAPH <g> { ?c kg:y ?d } }", ["a x b", "c y d"]),
        ("SELECT * FROM <g> WHERE { { ?a kg:x ?b } UNION { ?c kg:y ?d } MINUS { ?a kg:z 1 } OPTIONAL { ?e kg:w ?f } }",
         ["a x b", "c y d", "a z ", "e w f"]),
        ("SELECT * { ?a kg:x ?b . { SELECT ?c ?d WHERE { ?c kg:y ?d } } }", ["a x b", "c y d"]),
        ("# kg:q ?z\nSELECT * { ?a kg:x ?b # ?c kg:y ?d\n }", ["a x b"]),
    ],
)  # fmt: skip
def test_the_triples_of_a_query(text: str, links: list[str]) -> None:
    assert told(text) == links


@pytest.mark.parametrize(
    ("expression", "sources"),
    [
        ("?v", {"v"}),
        ("MIN(?v)", {"v"}),
        ("GROUP_CONCAT(DISTINCT STR(?v); separator = ' / ')", {"v"}),
        ("COALESCE(?v, ?w)", {"v", "w"}),
        ("SAMPLE(?v)", {"v"}),
        ("COUNT(?v)", set()),
        ("COUNT(DISTINCT ?v)", set()),
        ("SUM(?v)", set()),
        ("?v + 1", set()),
        ("MAX(?v) * 2", set()),
        ("STRLEN(?v)", set()),
        ("kg:f(?v)", set()),
        ("EXISTS { ?v kg:x 1 }", set()),
        ("3", set()),
    ],
)
def test_what_a_column_is_made_of(expression: str, sources: set[str]) -> None:
    found = pattern(f"SELECT ?a ({expression} AS ?made) {{ ?a kg:x ?v ; kg:y ?w }}")
    assert {name for name, _ in found.origins("made")} == sources
    assert {link.value for link in found.links_to("made")} == sources


def test_a_name_that_is_used_in_several_groups_is_told_apart() -> None:
    found = pattern(shipped()["training"].text)
    paths = {name: [link.steps for link in found.links_to(name)] for name in ("duration", "accelerator", "acceleratorCount")}
    hardware = frozenset({f"{KG}hardware"})
    assert paths == {
        "duration": [(frozenset({f"{KG}duration"}),)],
        "accelerator": [(hardware, frozenset({f"{KG}accelerator"}), frozenset({f"{RDFS}label"}))],
        "acceleratorCount": [(hardware, frozenset({f"{KG}acceleratorCount"}))],
    }


def test_bind_hands_on_what_stands_around_it() -> None:
    found = pattern("SELECT ?c { ?a kg:x ?b BIND (STR(?b) AS ?c) }")
    assert [link.value for link in found.links_to("c")] == ["b"]


def test_what_is_made_of_itself_ends() -> None:
    assert pattern("SELECT (MIN(?a) AS ?a) { ?x kg:y ?a }").origins("a") == set()
