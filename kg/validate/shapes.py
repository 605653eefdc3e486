"""Shapes files -> one shapes graph: kg's own, and those that a user adds. SHACL Core and SHACL-SPARQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from kg.config import Engine
from kg.errors import ConfigError, UsageError
from kg.schema import shapes_dir
from kg.terms import KG, SH
from kg.validate.rdf import lexical, quads_of, stably_named, triples
from kg.validate.refused import refuse
from kg.validate.screen import installed, usable
from kg.validate.subset import beyond_both


@dataclass(frozen=True, slots=True)
class ShapesGraph:
    """Shapes as canonical N-Triples (equal files give equal blank node labels); `own` when no file of the user's is among them.

    The `engine` pyrudof looks first, and pyshacl at what it finds.
    """

    triples: str = field(repr=False)
    own: bool
    engine: Literal["pyshacl", "pyrudof"] = "pyshacl"


def load_shapes(files: Iterable[str | Path] = (), *, alone: bool = False, engine: Engine = "pyshacl") -> ShapesGraph:
    """Return kg's own shapes together with those of `files`, or those of `files` `alone`, to be checked by an engine.

    With `auto` that is pyrudof where it is installed and sees all that the shapes say. Raises ConfigError when a file cannot be
    read, is no RDF, holds no shape, or a shape breaks the rules of SHACL, is beyond what the engine checks, or has a code
    of another stage's; UsageError when the engine is not installed or there is no shape at all.
    """
    users = [Path(file) for file in files]
    if alone and not users:
        raise UsageError("there are no shapes but kg's own", hint="name a file with --shapes FILE, or leave out --only-shapes")
    if engine == "pyrudof":
        installed()
    for file in users:
        refuse(file, _graph_text([file]), engine)
    own = [] if alone else sorted(shapes_dir().glob("*.ttl"))
    shapes = ShapesGraph(_graph_text([*own, *users]), not users, "pyrudof" if engine == "pyrudof" else "pyshacl")
    return _by_both(shapes, users) if engine == "auto" else shapes


def _by_both(shapes: ShapesGraph, users: Iterable[Path]) -> ShapesGraph:
    """Return shapes to be checked by pyrudof first, when both engines agree on all that is in the user's files."""
    faster = replace(shapes, engine="pyrudof")
    agreed = not any(True for file in users for _ in beyond_both(_graph_text([file])))
    return faster if agreed and usable(faster) else shapes


def codes_of(files: Iterable[str | Path]) -> frozenset[str]:
    """Return the codes that the shapes of some files name; raise ConfigError when one cannot be read."""
    quads = (quad for file in files for quad in quads_of(Path(file), ConfigError))
    return frozenset(str(quad.object.value) for quad in quads if quad.predicate.value == f"{KG}code")


def _graph_text(files: Iterable[Path]) -> str:
    import pyoxigraph as ox

    quads = (quad for file in files for quad in quads_of(file, ConfigError))
    named = stably_named(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    return "".join(sorted({f"{_own_label(quad.subject)} {quad.predicate} {_own_label(quad.object)} .\n" for quad in named}))


def _own_label(term: object) -> str:
    """Return a term in N-Triples; blank nodes are none of those that data may have."""
    return str(term).replace("_:c14n", "_:shape", 1) if str(term).startswith("_:") else str(term)


@dataclass(frozen=True, slots=True)
class About:
    """What findings need to know of a shape: its code (None when it has none) and the predicate it compares its values with."""

    code: str | None
    compared: str | None


@lru_cache(maxsize=2)
def shapes_by_term(shapes: ShapesGraph) -> Mapping[str, About]:
    """Return what is known of each shape, by its term in N-Triples."""
    codes: dict[str, str] = {}
    compared: dict[str, str] = {}
    for subject, predicate, value in triples(shapes.triples):
        if predicate == f"<{KG}code>":
            codes[subject] = lexical(value)
        elif predicate in {f"<{SH}lessThan>", f"<{SH}lessThanOrEquals>", f"<{SH}equals>", f"<{SH}disjoint>"}:
            compared[subject] = value
    return {shape: About(codes.get(shape), compared.get(shape)) for shape in {*codes, *compared}}
