"""What is exported: all of a store, or one model with its runs and hardware.

Of what is said of it little is held in memory; what is sorted waits on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import pyoxigraph as ox

from kg.errors import UsageError
from kg.schema import load_schema
from kg.sorting import Sorter
from kg.sparql.things import find_thing
from kg.terms import KG, RDF, RDFS

_TYPE = ox.NamedNode(f"{RDF}type")
_LABEL = ox.NamedNode(f"{RDFS}label")
_CLAIM = ox.NamedNode(f"{KG}Claim")
_SUBJECT = ox.NamedNode(f"{RDF}subject")
_PARTS = (ox.NamedNode(f"{KG}hasRun"), ox.NamedNode(f"{KG}hardware"))
_DESCRIBED = ox.NamedNode(f"{KG}describedIn")
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True, slots=True)
class Selection:
    """A store, the base of its things, and the IRI of the only model that is wanted, None for all."""

    store: ox.Store
    base: str
    model: str | None = None

    def triples(self, *, derived: bool = True) -> Iterator[str]:
        """Yield the facts without their sources, in order: what the reports speak of in full, what that names by type and label.

        A triple is one in N-Triples without full stop. With `derived` false, those that only a rule gives are left out.
        """
        with Sorter() as found:
            for triple in self._facts(derived):
                found.add(triple.encode())
            yield from _each_once(found)

    def quads(self) -> Iterator[str]:
        """Yield facts and claims with their graphs, in order, the default graph first; of a model, its reports without their texts.

        A quad is one in N-Quads without full stop. With a model's derived facts comes what they are derived from, by which rule
        and in which interval.
        """
        with Sorter() as found:
            for quad in self.store if self.model is None else self._quads_of_model():
                graph = "" if quad.graph_name == _DEFAULT else f" {quad.graph_name}"
                found.add(f"{graph}\t{quad.triple}{graph}".encode())
            yield from (row.partition("\t")[2] for row in _each_once(found))

    def _facts(self, derived: bool) -> Iterator[str]:
        """Yield the facts in any order, some more than once."""
        full = frozenset(self._of_model() if self.model else self._of_reports())
        left_out, named = frozenset() if derived else _derived(), set[ox.NamedNode]()
        for node in full:
            for quad in self._about(node):
                if quad.predicate not in left_out:
                    yield str(quad.triple)
                    if isinstance(quad.object, ox.NamedNode) and self._is_thing(quad.object):
                        named.add(quad.object)
        for node in named - full:
            yield from (str(quad.triple) for quad in self._about(node) if quad.predicate in {_TYPE, _LABEL})

    def _quads_of_model(self) -> Iterator[ox.Quad]:
        """Yield the quads about the model in any order, some more than once."""
        wanted, parts = set(self._facts(derived=True)), set(self._of_model())
        yield from ox.parse("".join(f"{triple} .\n" for triple in wanted), format=ox.RdfFormat.N_QUADS)
        for graph in self.report_graphs():
            inside = list(self.store.quads_for_pattern(None, None, None, graph))
            claims = {quad.subject for quad in inside if quad.predicate == _SUBJECT and quad.object in parts}
            yield from (quad for quad in inside if quad.subject in claims or str(quad.triple) in wanted)
        derived = ox.NamedNode(f"{self.base}graph/derived")
        about = [quad for part in parts for quad in self.store.quads_for_pattern(None, _SUBJECT, part, derived)]
        for node in {*parts, *(quad.subject for quad in about)}:
            yield from self.store.quads_for_pattern(node, None, None, derived)

    def report_graphs(self) -> list[ox.NamedNode]:
        """Return the graphs of the reports that say something of what is wanted, sorted."""
        if self.model is None:
            found: Iterable[str] = (graph.value for graph in self.store.named_graphs() if isinstance(graph, ox.NamedNode))
        else:
            said = self.store.quads_for_pattern(ox.NamedNode(self.model), _DESCRIBED, None, _DEFAULT)
            reports = (quad.object.value for quad in said if isinstance(quad.object, ox.NamedNode))
            found = (f"{self.base}graph/{report.removeprefix(self.base)}" for report in reports)
        return [ox.NamedNode(graph) for graph in sorted(found) if graph.startswith(f"{self.base}graph/report/")]

    def _is_thing(self, node: ox.NamedNode) -> bool:
        return node.value.startswith(self.base) and not node.value.startswith(KG)

    def _about(self, node: ox.NamedNode) -> Iterator[ox.Quad]:
        return self.store.quads_for_pattern(node, None, None, _DEFAULT)

    def _of_reports(self) -> set[ox.NamedNode]:
        """Return what the reports speak of: every subject of their graphs that is no claim."""
        found: set[ox.NamedNode] = set()
        for graph in self.report_graphs():
            types = self.store.quads_for_pattern(None, _TYPE, None, graph)
            found |= {quad.subject for quad in types if isinstance(quad.subject, ox.NamedNode) and quad.object != _CLAIM}
        return found

    def _of_model(self) -> Iterator[ox.NamedNode]:
        """Yield the model, its runs, their hardware, and the reports that describe it."""
        waiting = [ox.NamedNode(self.model or "")]
        for node in waiting:
            yield node
            for quad in self._about(node):
                wanted = quad.predicate in _PARTS or quad.predicate == _DESCRIBED
                if wanted and isinstance(quad.object, ox.NamedNode) and quad.object not in waiting:
                    waiting.append(quad.object)


@cache
def _derived() -> frozenset[ox.NamedNode]:
    """Return the relations that no report states."""
    return frozenset(ox.NamedNode(relation.iri) for relation in load_schema().relations.values() if relation.origin == "derived")


def selected(store: ox.Store, model: str | None, base: str, say: Callable[[str], None]) -> Selection:
    """Return the selection of a model (IRI or name), None for everything; `say` is told when no report describes the model.

    Raise UnknownName for a model, UsageError for one without a name.
    """
    if model is not None and not model.strip():
        raise UsageError("the model's name is empty", hint="kg query models lists the models of the build")
    selection = Selection(store, base, None if model is None else find_thing(store, "Model", model, base))
    if model is not None and not selection.report_graphs():
        say(f"no report of this build has facts about {model}")
    return selection


def _each_once(rows: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    """Yield sorted keys as text, each once."""
    return (key.decode() for key, _ in groupby(row for row, _ in rows))
