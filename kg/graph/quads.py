"""Triples -> N-Quads lines of the default graph or a named one."""

from __future__ import annotations

from collections.abc import Iterable


def quads(triples: Iterable[str], graph: str) -> list[str]:
    """Return the lines of a named graph, sorted, each ending in a newline; equal triples become one line."""
    end = f" <{graph}> .\n"
    return [triple + end for triple in sorted(set(triples))]


def default_quads(triples: Iterable[str]) -> list[str]:
    """Return the lines of the default graph, sorted; equal triples become one line."""
    return [triple + " .\n" for triple in sorted(set(triples))]
