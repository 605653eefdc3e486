"""Queries that have no end in this life, or need more memory than there is."""

from __future__ import annotations

from collections.abc import Mapping

FOREVER = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
"""A query that says nothing until it is stopped."""

ROWS = "SELECT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
"""A query that begins to answer at once and goes on for ever."""

TRIPLES = "CONSTRUCT { ?a ?d ?g } WHERE { ?a ?d ?c . ?e ?b ?g . ?x ?y ?z }"
"""The same as a graph."""

GROWTH = (
    "SELECT (STRLEN(?s32) AS ?n) { BIND('0123456789' AS ?s0) "
    + " ".join(f"BIND(CONCAT(?s{i}, ?s{i}) AS ?s{i + 1})" for i in range(32))
    + " }"
)
"""A text that doubles until the memory ends, which takes no time at all."""


def seconds(number: int, mark: str = "") -> str:
    """Return a query without end that is no other query's twin, so that none of them is answered from a cache."""
    return f"{FOREVER} # {number} {mark}"


def _nested(depth: int) -> str:
    inner = "?a ?b ?c"
    for level in range(depth):
        inner = f"{{ SELECT * {{ {inner} . ?x{level} ?y{level} ?z{level} }} }}"
    return f"SELECT (COUNT(*) AS ?n) {{ {inner} }}"


def _values(count: int) -> str:
    numbers = " ".join(map(str, range(400)))
    tables = " ".join(f"VALUES ?v{index} {{ {numbers} }}" for index in range(count))
    return f"SELECT (COUNT(*) AS ?n) {{ {tables} BIND(?v0 + ?v1 * ?v2 - ?v3 AS ?sum) }}"


_LABELS = "?a rdfs:label ?c . ?d rdfs:label ?f"
_REGEX = "'(a|b|[c-z ])*([a-z ]+[0-9]+)+x$', 'i'"

BAD: Mapping[str, str] = {
    "cross product": FOREVER,
    "closure of a path": "SELECT (COUNT(*) AS ?n) { ?a (kg:extends|^kg:extends|!kg:extends)* ?b }",
    "order by": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY DESC(CONCAT(STR(?c), STR(?f))) ?a LIMIT 10",
    "regex on everything": f"SELECT (COUNT(*) AS ?n) {{ {_LABELS} FILTER(REGEX(CONCAT(?c, ?f), {_REGEX})) }}",
    "group_concat": f"SELECT (GROUP_CONCAT(CONCAT(?c, ?f)) AS ?all) {{ {_LABELS} }}",
    "deep nesting": _nested(60),
    "values and bind": _values(6),
    "distinct": "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?c ?d ?f { ?a ?b ?c . ?d ?e ?f } }",
    "growth": GROWTH,
}
"""The attacks by what they do."""
