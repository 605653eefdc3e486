"""What a store says that its facts rest on, read back: the claims of reports, derived facts, and where things hang together.

A claim stands in its report's graph, a derived fact in the graph of derived facts; both name subject, predicate and object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.terms import DCTERMS, KG, OA, RDF, RDFS, SKOS, path

Value = ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple

DERIVED = "DerivedFact"
STRUCTURE = frozenset({f"{KG}hasRun", f"{KG}hardware", f"{KG}partOf"})
"""Properties that lead from a model to its runs and from a run to its hardware."""

SHORTCUTS: Mapping[str, frozenset[str]] = {
    f"{KG}hasBackbone": frozenset({f"{KG}extends", f"{KG}imageEncoder", f"{KG}languageModel"}),
    f"{KG}trainedOn": frozenset({f"{KG}trainingDataset"}),
}
"""Properties that repeat the facts of others, which claims state."""

NAMES = (f"{RDFS}label", f"{KG}name", f"{SKOS}altLabel")

_SUBJECT, _PREDICATE, _OBJECT = (ox.NamedNode(RDF + name) for name in ("subject", "predicate", "object"))
_TYPE, _LABEL, _STAGE, _NOTATION = map(ox.NamedNode, (f"{RDF}type", f"{RDFS}label", f"{KG}stage", f"{SKOS}notation"))
_HAS_RUN, _HARDWARE, _DESCRIBED = (ox.NamedNode(KG + name) for name in ("hasRun", "hardware", "describedIn"))
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim or a derived fact: `subject` and `relation` are IRIs, `report` is the id of the one report that it stands in.

    `more` holds its other properties by local name, each with all its values, sorted.
    """

    iri: str
    subject: str
    relation: str
    value: Value
    report: str | None
    more: Mapping[str, tuple[str, ...]]

    @property
    def derived(self) -> bool:
        """Return whether a rule computed it."""
        return self.report is None

    @property
    def name(self) -> str:
        """Return the local name of its relation."""
        return self.relation.rpartition("#")[2] or self.relation

    def one(self, name: str) -> str | None:
        """Return a property's value, None when it has none."""
        return next(iter(self.more.get(name, ())), None)

    def number(self, name: str) -> int:
        """Return a property that is a whole number."""
        return int(self.one(name) or 0)

    def sort_key(self) -> tuple[bool, str, int, int, str]:
        """Order of statements in every output: claims by place, then derived facts."""
        return (self.derived, self.report or "", self.number("start"), self.number("end"), self.iri)


@dataclass(frozen=True, slots=True, eq=False)
class Statements:
    """The statements of a store, each read once; `base` is what the IRIs of things begin with."""

    store: ox.Store
    base: str
    _about: dict[str, tuple[Statement, ...]] = field(default_factory=dict, repr=False)
    _reports: dict[str, str] = field(default_factory=dict, repr=False)

    def about(self, subject: str) -> tuple[Statement, ...]:
        """Return the statements about exactly this model, run or hardware, in the order of every output."""
        if subject not in self._about:
            self._about[subject] = self._sorted({_text(quad.subject) for quad in self._quads(None, _SUBJECT, subject)})
        return self._about[subject]

    def naming(self, thing: str) -> tuple[Statement, ...]:
        """Return the statements whose value is a thing."""
        return self._sorted({_text(quad.subject) for quad in self._quads(None, _OBJECT, thing)})

    def resting_on(self, statement: str) -> tuple[Statement, ...]:
        """Return the derived facts that a claim or a derived fact went into."""
        return self._sorted({subject for name in ("input", "derivedFrom") for subject in self.subjects_of(KG + name, statement)})

    def using(self, thing: str) -> tuple[Statement, ...]:
        """Return the derived facts that a figure of the catalogue about a thing went into."""
        return self._sorted(set(self.subjects_of(f"{KG}catalogInput", thing)))

    def statement(self, iri: str) -> Statement | None:
        """Return the claim or derived fact with this IRI."""
        terms: dict[ox.NamedNode, list[Value]] = {}
        graphs = set()
        for quad in self.store.quads_for_pattern(ox.NamedNode(iri), None, None, None):
            terms.setdefault(quad.predicate, []).append(quad.object)
            if isinstance(quad.graph_name, ox.NamedNode):
                graphs.add(quad.graph_name.value)
        if not all(name in terms for name in (_SUBJECT, _PREDICATE, _OBJECT)):
            return None
        derived = ox.NamedNode(KG + DERIVED) in terms.get(_TYPE, ())
        more = {
            _local(name.value): tuple(sorted({_text(value) for value in values}))
            for name, values in terms.items()
            if name not in {_SUBJECT, _PREDICATE, _OBJECT, _TYPE}
        }
        subject, relation = _text(terms[_SUBJECT][0]), _text(terms[_PREDICATE][0])
        report = None if derived else self._report_of(min(graphs, default=""))
        return Statement(iri, subject, relation, terms[_OBJECT][0], report, more)

    def label(self, iri: str) -> str | None:
        """Return the label of a thing."""
        return min(
            (quad.object.value for quad in self._quads(iri, _LABEL, None) if isinstance(quad.object, ox.Literal)), default=None
        )

    def classes(self, iri: str) -> set[str]:
        """Return the local names of a thing's classes."""
        return {_local(_text(quad.object)) for quad in self._quads(iri, _TYPE, None)}

    def below(self, iri: str) -> list[str]:
        """Return what the facts of a model or a run hang on: itself, its runs, their hardware, in order."""
        runs = self.values(iri, _HAS_RUN)
        hardware = (item for run in (iri, *runs) for item in self.values(run, _HARDWARE))
        return list(dict.fromkeys((iri, *runs, *hardware)))

    def model_of(self, iri: str) -> str | None:
        """Return the model that a run, its hardware, or the model itself is of."""
        if "Model" in self.classes(iri):
            return iri
        runs = [iri, *self.subjects_of(_HARDWARE.value, iri)]
        return min((model for run in runs for model in self.subjects_of(_HAS_RUN.value, run)), default=None)

    def stage_of(self, iri: str) -> str | None:
        """Return the stage of a run or its hardware, None for the whole training and for a model."""
        runs = (iri, *self.subjects_of(_HARDWARE.value, iri))
        return next((self.notation(stage) for run in runs for stage in self.values(run, _STAGE)), None)

    def notation(self, stage: str) -> str:
        """Return the name of a stage by its IRI."""
        return next(iter(self.texts(stage, _NOTATION)), _local(stage))

    def described(self) -> list[str]:
        """Return the models that reports describe, sorted."""
        return sorted({_text(quad.subject) for quad in self.store.quads_for_pattern(None, _DESCRIBED, None, _DEFAULT)})

    def reports_of(self, model: str) -> list[str]:
        """Return the ids of the reports that describe a model, sorted."""
        return sorted(self.label(report) or report for report in self.values(model, _DESCRIBED))

    def values(self, iri: str, predicate: ox.NamedNode) -> list[str]:
        """Return the IRIs that a property of a thing leads to, sorted."""
        found = (quad.object for quad in self._quads(iri, predicate, None))
        return sorted({term.value for term in found if isinstance(term, ox.NamedNode)})

    def texts(self, iri: str, predicate: ox.NamedNode) -> list[str]:
        """Return the literals of a thing's property as text, sorted."""
        found = (quad.object for quad in self._quads(iri, predicate, None))
        return sorted({term.value for term in found if isinstance(term, ox.Literal)})

    def names(self, iri: str) -> list[str]:
        """Return the label and all other names of a thing, sorted."""
        return sorted({text for predicate in NAMES for text in self.texts(iri, ox.NamedNode(predicate))})

    def subjects_of(self, predicate: str, iri: str) -> list[str]:
        """Return the IRIs whose property leads to a thing, sorted."""
        return sorted({_text(quad.subject) for quad in self._quads(None, ox.NamedNode(predicate), iri)})

    def facts(self, iri: str) -> list[tuple[str, Value]]:
        """Return the properties of a thing in the default graph and their values, sorted."""
        return sorted(((quad.predicate.value, quad.object) for quad in self._quads(iri, None, None, _DEFAULT)), key=str)

    def _sorted(self, iris: set[str]) -> tuple[Statement, ...]:
        found = (self.statement(iri) for iri in iris)
        return tuple(sorted((item for item in found if item), key=Statement.sort_key))

    def _report_of(self, graph: str) -> str:
        if graph not in self._reports:
            name = graph.removeprefix(f"{self.base}graph/report/")
            self._reports[graph] = self.label(f"{self.base}report/{name}") or name
        return self._reports[graph]

    def _quads(
        self, subject: str | None, predicate: ox.NamedNode | None, value: str | None, graph: ox.DefaultGraph | None = None
    ) -> Iterator[ox.Quad]:
        nodes = (ox.NamedNode(iri) if iri is not None else None for iri in (subject, value))
        start, end = nodes
        return iter(self.store.quads_for_pattern(start, predicate, end, graph))


def report_graph(base: str, report: str) -> str:
    """Return the IRI of a report's graph."""
    return f"{base}graph/report/{path(report)}"


def _local(iri: str) -> str:
    for namespace in (KG, OA, DCTERMS):
        if iri.startswith(namespace):
            return iri.removeprefix(namespace)
    return iri


def _text(term: object) -> str:
    return str(getattr(term, "value", term))
