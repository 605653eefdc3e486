"""Small graphs as a build writes them: each in one piece, lines sorted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

BASE = "https://w3id.org/kg/"
MANIFEST: Mapping[str, Any] = {"versions": {"base": BASE}, "counts": {"reports": 3, "models": 3, "codes": {}}}
XSD = "http://www.w3.org/2001/XMLSchema#"


def report(number: int, triples: int = 10, word: str = "") -> tuple[str, list[str]]:
    """Return the graph of a report and its triples."""
    node = f"<{BASE}claim/{number}>"
    said = [f'{node} <{BASE}says> "{word}{index} \\"<{BASE}x>\\" \\n é"' for index in range(triples - 1)]
    return f"{BASE}graph/report/{number}", [*said, f'{node} <{BASE}took> "P{number + 1}D"^^<{XSD}dayTimeDuration>']


def whole(name: str, triples: int, first: int = 0) -> tuple[str, list[str]]:
    """Return another graph (nothing: the default one) and its triples."""
    said = [f"<{BASE}thing/{number:04}> <{BASE}in> <{BASE}{name or 'default'}>" for number in range(first, first + triples)]
    return f"{BASE}graph/{name}" if name else "", said


def written(path: Path, *graphs: tuple[str, list[str]]) -> Path:
    """Write graphs as N-Quads."""
    lines = [f"{triple} <{name}> .\n" if name else f"{triple} .\n" for name, own in graphs for triple in sorted(own)]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def small(path: Path, **changed: tuple[str, list[str]]) -> Path:
    """Write a graph of three reports, a default graph and an index, the last two large for batches of 20; some changed."""
    graphs = {f"report{number}": report(number) for number in range(3)}
    graphs |= {"default": whole("", 70), "search": whole("search", 45)} | changed
    return written(path, *(graph for graph in graphs.values() if graph[1]))
