"""An RDF file of anybody's -> what is to be checked together."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote

from kg.errors import InputError
from kg.terms import KG, TYPE
from kg.validate.rdf import quads_of, stably_named

_REPORTS = "graph/report/"


def units(file: Path) -> dict[str, tuple[str, ...]]:
    """Return the sorted triples of a file by what they are: a report's id, or "" for all that is no report's graph.

    In a build every report's facts stand in the default graph again, where two reports may disagree; there it is left out. Raises
    InputError when the file cannot be read.
    """
    graphs: dict[str, set[str]] = defaultdict(set)
    for quad in stably_named(quads_of(file, InputError)):
        name = str(quad.graph_name)
        graphs[name].add(str(quad.triple))
    reports = {
        name: triples for name, triples in graphs.items() if any(_is_claim(triple) for triple in triples) and name != "DEFAULT"
    }
    rest = {name: triples for name, triples in graphs.items() if name not in reports}
    if reports and all(_facts(triples) <= graphs["DEFAULT"] for triples in reports.values()):
        rest.pop("DEFAULT", None)  # absent when the reports state no fact
    named = {unquote(name.rstrip(">").rpartition(_REPORTS)[2]): triples for name, triples in reports.items()}
    named[""] = set().union(*rest.values())
    return {name: tuple(sorted(triples)) for name, triples in sorted(named.items()) if triples}


def _is_claim(triple: str) -> bool:
    return triple.endswith(f" {TYPE} <{KG}Claim>")


def _facts(triples: set[str]) -> set[str]:
    """Return the triples that are neither about a claim nor a report's text."""
    claims = {triple.split(" ", 1)[0] for triple in triples if _is_claim(triple)}
    return {triple for triple in triples if triple.split(" ", 1)[0] not in claims and triple.split(" ", 2)[1] != f"<{KG}text>"}
