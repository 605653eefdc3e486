"""What a store remembers of what it was given, in a graph of its own, BASE/graph/push.

<graph>         push:holds     "688 9f86d0…"       so many lines of this SHA-256; of a large graph perhaps its first ones
                               "688 9f86d0… 2c62…" on the way from these to the lines with the other SHA-256

A graph stands there by the name that it has in the store, so that it is known which one holds the default graph of the build; the
store's own default graph, which has none, as <graph/push/default>.

<graph/push>    push:build     "1ad868659f70"      the build that it holds
                push:pushing   "1ad868659f70"      the build that is being pushed
                push:by        "5f0c4d1e…"         the push that does it
                push:told      "{…}"               versions and counts of the build, JSON
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable

PUSH = "https://w3id.org/kg/push#"
BEGUN = f"0 {sha256().hexdigest()}"
"""What is remembered of a graph that is taken: none of its lines are known to be there."""

_PAGE = 5000  # graphs that are listed at once: some servers give no more than 10,000 rows


@dataclass(frozen=True, slots=True)
class State:
    """What a store says of itself: the build that it holds, the one that is being pushed, what is told of it, by which push."""

    build: str | None = None
    pushing: str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None


def records(base: str) -> str:
    """Return the graph of the records."""
    return f"{base}graph/push"


def subject(base: str, graph: str) -> str:
    """Return what stands in the records for a graph of the store; its own default graph has no name."""
    return graph or f"{records(base)}/default"


def read_state(rows: Callable[[str], Sequence[Mapping[str, str]]], base: str) -> State:
    """Return what a store says of itself; `rows` asks it."""
    node = records(base)
    text = f"SELECT ?name ?value {{ GRAPH <{node}> {{ <{node}> ?name ?value }} }}"
    found = {row["name"].removeprefix(PUSH): row["value"] for row in rows(text)}
    try:
        told = json.loads(found.get("told", "{}"))
    except ValueError:
        told = {}
    return State(found.get("build"), found.get("pushing"), told if isinstance(told, dict) else {}, found.get("by"))


def write_state(base: str, state: State, by: str | None = None) -> str:
    """Return the update after which a store says this of itself, where a push is named only if it still is that one's turn."""
    node = records(base)
    told = json.dumps(state.told, ensure_ascii=False, sort_keys=True) if state.told else None
    values = {"build": state.build, "pushing": state.pushing, "told": told, "by": state.by}
    said = "".join(f"<{node}> <{PUSH}{name}> {ox.Literal(value)} . " for name, value in values.items() if value is not None)
    if by is not None:
        turn = f'<{node}> <{PUSH}by> "{by}" . <{node}> ?name ?value'
        patterns = [f"{{ GRAPH <{node}> {{ {pattern} }} }}" for pattern in (f"<{node}> ?name ?value", said, turn)]
        return "DELETE {} INSERT {} WHERE {}".format(*patterns)
    forgotten = f"DELETE WHERE {{ GRAPH <{node}> {{ <{node}> ?name ?value }} }}"
    return f"{forgotten} ;\nINSERT DATA {{ GRAPH <{node}> {{ {said}}} }}"


def drop(base: str, name: str) -> str:
    """Return the update that empties a graph of the store, which is told by what stands for it in the records.

    >>> drop("https://a.org/", "https://a.org/x"), drop("https://a.org/", subject("https://a.org/", ""))
    ('DROP SILENT GRAPH <https://a.org/x>', 'DROP SILENT DEFAULT')
    """
    return f"DROP SILENT GRAPH <{name}>" if name != subject(base, "") else "DROP SILENT DEFAULT"


def asking(base: str, graphs: Iterable[str]) -> str:
    """Return the query for what is remembered of some graphs: ?g and ?holds."""
    values = " ".join(f"<{graph}>" for graph in graphs)
    return f"SELECT ?g ?holds {{ VALUES ?g {{ {values} }} GRAPH <{records(base)}> {{ ?g <{PUSH}holds> ?holds }} }}"


def counting(base: str) -> str:
    """Return the query for how many graphs are remembered: ?n."""
    return f"SELECT (COUNT(?g) AS ?n) {{ GRAPH <{records(base)}> {{ ?g <{PUSH}holds> ?holds }} }}"


def known(base: str) -> str:
    """Return the query for how many graphs some lines are remembered of: ?n."""
    pattern = f'GRAPH <{records(base)}> {{ ?g <{PUSH}holds> ?holds }} FILTER (STR(?holds) != "{BEGUN}")'
    return f"SELECT (COUNT(?g) AS ?n) {{ {pattern} }}"


def listing(base: str, after: str) -> str:
    """Return the query for the graphs that are remembered, in their order behind one of them, not all at once: ?g."""
    pattern = f"GRAPH <{records(base)}> {{ ?g <{PUSH}holds> ?holds }} FILTER (STR(?g) > {ox.Literal(after)})"
    return f"SELECT ?g {{ {pattern} }} ORDER BY STR(?g) LIMIT {_PAGE}"


def forget(base: str, graphs: Sequence[str]) -> str:
    """Return the update after which nothing is remembered of some graphs."""
    values = " ".join(f"<{graph}>" for graph in graphs)
    pattern = f"GRAPH <{records(base)}> {{ ?g <{PUSH}holds> ?holds }}"
    return f"DELETE {{ {pattern} }} WHERE {{ VALUES ?g {{ {values} }} {pattern} }}"


def remember(base: str, holds: Mapping[str, str], by: str | None = None) -> str:
    """Return the update that notes what some graphs hold, where a push is named only as long as it is that one's turn."""
    node = records(base)
    said = "".join(f'<{graph}> <{PUSH}holds> "{text}" .\n' for graph, text in holds.items())
    if by is None:
        return f"INSERT DATA {{ GRAPH <{node}> {{ {said}}} }}"
    return f'INSERT {{ GRAPH <{node}> {{ {said}}} }} WHERE {{ GRAPH <{node}> {{ <{node}> <{PUSH}by> "{by}" }} }}'
