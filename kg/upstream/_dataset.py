"""The graphs that a query reads where the default graph of a build stands in a named graph of a store.

Such a store shows all graphs to a query without GRAPH, so that it has to be told which one is meant (SPARQL 1.1 Protocol,
`default-graph-uri`). By the protocol no named graph is seen then but those that are named beside it: those that the query writes
are. A query that asks with a variable for all graphs there are cannot be told so; some servers answer it all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from urllib.parse import urljoin

from kg.errors import UsageError
from kg.sparql.text import Token, tokens

_BUT_ONE = "name the graph, as GRAPH <...>, or ask the store itself"


def graphs_of(text: str, default: str, known: Mapping[str, str], base: str | None, *, lax: bool) -> list[tuple[str, str]]:
    """Return the parameters that tell a store what a query reads, none where it tells that itself by FROM.

    `lax` says of the store that it shows its named graphs beside a default graph that is named. Raise UsageError where it does not,
    and the query asks for graphs that nobody can list.
    """
    found = [token for token in tokens(text) if token.kind != "language"]
    if any(token.kind == "word" and token.text.upper() == "FROM" for token in found):
        return []
    given = [("default-graph-uri", default)]
    if lax:
        return given
    asked = [after for before, after in pairwise(found) if before.kind == "word" and before.text.upper() == "GRAPH"]
    if any(token.kind == "variable" for token in asked):
        raise UsageError("the store behind this endpoint cannot be asked for all graphs by GRAPH with a variable", hint=_BUT_ONE)
    declared, own = _declared(found, base)
    prefixes = {**known, **declared}
    names = {name for token in asked if (name := _name(token, prefixes, own))}
    return [*given, *(("named-graph-uri", name) for name in sorted(names))]


def _declared(found: list[Token], base: str | None) -> tuple[dict[str, str], str | None]:
    """Return the prefixes that a query declares, and its base: its own BASE, or else the one that it comes with."""
    prefixes: dict[str, str] = {}
    for before, token, after in zip(found, found[1:], [*found[2:], None], strict=False):
        word = before.text.upper() if before.kind == "word" else ""
        if word == "BASE" and token.kind == "iri":
            base = urljoin(base or "", token.text[1:-1])
        elif word == "PREFIX" and token.kind == "name" and after and after.kind == "iri":
            prefixes[token.text.partition(":")[0]] = urljoin(base or "", after.text[1:-1])
    return prefixes, base


def _name(token: Token, prefixes: Mapping[str, str], base: str | None) -> str | None:
    if token.kind == "iri":
        return urljoin(base or "", token.text[1:-1])
    prefix, _, local = token.text.partition(":")
    return prefixes[prefix] + local.replace("\\", "") if token.kind == "name" and prefix in prefixes else None
