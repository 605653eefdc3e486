"""The W3C SHACL test suite, read from its manifests where it lies: https://w3c.github.io/data-shapes/data-shapes-test-suite/."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlparse

import pyoxigraph as ox

from kg.terms import RDF, SH, TYPE

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
FOLDER = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[3] / "shared") / "w3c" / "shacl"

# What the suite compares of a result (section "Validation Report"); messages only where they are expected.
COMPARED = (
    *("focusNode", "resultPath", "resultSeverity", "sourceConstraint", "sourceConstraintComponent", "sourceShape", "value"),
    "resultMessage",
)
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True)
class Case:
    """A test: a name, the two graphs, the file that tells the expected report, and its node there; None when it must fail."""

    name: str
    data: Path
    shapes: Path
    manifest: Path
    report: str | None


class Rows:
    """The triples of a graph by subject and predicate."""

    def __init__(self, quads: Iterable[ox.Quad | ox.Triple]) -> None:
        self.rows: dict[tuple[str, str], list[Term]] = {}
        for quad in quads:
            self.rows.setdefault((str(quad.subject), str(quad.predicate)), []).append(quad.object)

    def all(self, subject: object, predicate: str) -> list[Term]:
        return self.rows.get((str(subject), f"<{predicate}>"), [])

    def one(self, subject: object, predicate: str) -> Term:
        (term,) = self.all(subject, predicate)
        return term

    def items(self, node: Term) -> Iterator[Term]:
        while str(node) != f"<{RDF}nil>":
            yield self.one(node, f"{RDF}first")
            node = self.one(node, f"{RDF}rest")

    def node_of(self, kind: str) -> str:
        (node,) = (subject for (subject, predicate), terms in self.rows.items() if predicate == TYPE and kind in map(str, terms))
        return node


@cache  # read again, a file would have other blank nodes
def read(file: Path) -> Rows:
    return Rows(ox.parse(path=file, format=ox.RdfFormat.TURTLE, base_iri=file.as_uri()))


def cases(manifest: Path) -> Iterator[Case]:
    """Yield the tests of a manifest and of those that it includes, in their order."""
    rows = read(manifest)
    for (_, predicate), terms in rows.rows.items():
        for term in terms:
            if predicate == f"<{MF}include>":
                yield from cases(_file(term))
            elif predicate == f"<{MF}entries>":
                yield from (_case(rows, entry, manifest) for entry in rows.items(term))


def _case(rows: Rows, entry: Term, manifest: Path) -> Case:
    action, result = rows.one(entry, f"{MF}action"), rows.one(entry, f"{MF}result")
    data, shapes = (_file(rows.one(action, f"{SHT}{name}Graph")) for name in ("data", "shapes"))
    name = manifest.relative_to(FOLDER).with_suffix("").as_posix()
    return Case(name, data, shapes, manifest, None if str(result) == f"<{SHT}Failure>" else str(result))


def _file(iri: Term) -> Path:
    return Path(unquote(urlparse(str(iri).strip("<>")).path))


def comparable(rows: Rows, report: object, messages: frozenset[str]) -> set[str]:
    """Return what is compared of a report, its blank nodes named after what is said of them (RDFC-1.0)."""
    head, dataset = ox.BlankNode("report"), ox.Dataset()
    for predicate in ("conforms", "result"):
        for term in rows.all(report, f"{SH}{predicate}"):
            dataset.add(ox.Quad(head, ox.NamedNode(f"{SH}{predicate}"), term))
    for result in rows.all(report, f"{SH}result"):
        for name in COMPARED:
            for term in rows.all(result, f"{SH}{name}"):
                if name != "resultMessage" or str(term) in messages:
                    dataset.add(ox.Quad(_node(result), ox.NamedNode(f"{SH}{name}"), term))
                if name == "resultPath":
                    _add_path(dataset, rows, term)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def messages_of(rows: Rows, report: object) -> frozenset[str]:
    results = rows.all(report, f"{SH}result")
    return frozenset(str(message) for result in results for message in rows.all(result, f"{SH}resultMessage"))


def _node(term: Term) -> ox.NamedNode | ox.BlankNode:
    assert isinstance(term, ox.NamedNode | ox.BlankNode)
    return term


def _add_path(dataset: ox.Dataset, rows: Rows, path: Term) -> None:
    """Add what a path that is a blank node consists of."""
    if isinstance(path, ox.BlankNode):
        for (subject, predicate), terms in rows.rows.items():
            if subject == str(path):
                for term in terms:
                    dataset.add(ox.Quad(path, ox.NamedNode(predicate.strip("<>")), term))
                    _add_path(dataset, rows, term)
