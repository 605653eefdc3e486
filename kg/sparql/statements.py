"""What a store says that its facts rest on, read back: the claims of reports, derived facts, and where things hang together.

A claim stands in its report's graph, a derived fact in the graph of derived facts; both name subject, predicate and object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import pyoxigraph as ox

from kg.terms import DCTERMS, KG, OA, RDF, RDFS, SKOS

Value = ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple

DERIVED = "DerivedFact"
DOMAINS = frozenset({"Model", "TrainingRun", "HardwareConfig"})
"""Classes that facts with evidence are about."""

Hanging = tuple[str, str | None]
"""What facts hang on, and the run that it is or belongs to; a model belongs to none."""

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
    _about: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    _known: dict[str, Statement | None] = field(default_factory=dict, repr=False)
    _hanging: dict[tuple[str, frozenset[str]], tuple[Hanging, ...]] = field(default_factory=dict, repr=False)
    _stages: dict[str, str | None] = field(default_factory=dict, repr=False)
    _labels: dict[str, str | None] = field(default_factory=dict, repr=False)

    def about(self, subject: str, relations: frozenset[str] | None = None) -> tuple[Statement, ...]:
        """Return the statements about exactly this model, run or hardware, of all or some relations, in order of every output."""
        found = self.listed(subject)
        return self._sorted({iri for iri, relation in found.items() if relations is None or relation in relations})

    def listed(self, subject: str) -> Mapping[str, str]:
        """Return the IRIs of the statements about exactly this model, run or hardware, with their relations; none is read."""
        if subject not in self._about:
            self._about[subject] = {_text(quad.subject): self._relation(quad) for quad in self._quads(None, _SUBJECT, subject)}
        return self._about[subject]

    def derived(self, subject: str) -> Mapping[str, str]:
        """Return the IRIs of the derived facts about exactly this model, run or hardware, with their relations; none is read."""
        if subject in self._about:
            return {iri: name for iri, name in self._about[subject].items() if iri.startswith(f"{self.base}derived/")}
        try:
            node = ox.NamedNode(subject)
        except ValueError:  # a text that is no IRI is about nothing
            return {}
        inside = ox.NamedNode(f"{self.base}graph/derived")
        return {_text(quad.subject): self._relation(quad) for quad in self.store.quads_for_pattern(None, _SUBJECT, node, inside)}

    def stating(self, subject: str, relation: str, value: Value, most: int) -> list[str] | None:
        """Return the IRIs of the claims of one fact, sorted, read without the others about its subject.

        None when `most` statements or more have the value, of whatever they are.
        """
        same = list(islice(self.store.quads_for_pattern(None, _OBJECT, value, None), most))
        if len(same) == most:
            return None
        head, node = f"{self.base}claim/", ox.NamedNode(subject)
        claims = [quad for quad in same if _text(quad.subject).startswith(head) and self._relation(quad) == relation]
        about = (quad for quad in claims if ox.Quad(quad.subject, _SUBJECT, node, quad.graph_name) in self.store)
        return sorted({_text(quad.subject) for quad in about})

    def values_of(self, subject: str, relation: str) -> dict[Value, list[str]]:
        """Return the values that statements give a subject's relation, each with their IRIs, sorted; only the values are read."""
        found: dict[Value, list[str]] = {}
        for iri in sorted(iri for iri, name in self.listed(subject).items() if name == relation):
            for value in {quad.object for quad in self._quads(iri, _OBJECT, None)}:
                found.setdefault(value, []).append(iri)
        return found

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
        """Return the claim or derived fact with this IRI, None when there is none."""
        if iri not in self._known:
            self._known[iri] = self._read(iri) if iri.startswith((f"{self.base}claim/", f"{self.base}derived/")) else None
        return self._known[iri]

    def _read(self, iri: str) -> Statement | None:
        terms: dict[ox.NamedNode, list[Value]] = {}
        graphs = set()
        for quad in self._quads(iri, None, None):
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
        if iri not in self._labels:
            self._labels[iri] = next(iter(self.texts(iri, _LABEL)), None)
        return self._labels[iri]

    def classes(self, iri: str) -> set[str]:
        """Return the local names of a thing's classes."""
        found = list(self._quads(iri, _TYPE, None, _DEFAULT)) or list(self._quads(iri, _TYPE, None))
        return {_local(_text(quad.object)) for quad in found}

    def hanging(self, iri: str, domains: frozenset[str] = DOMAINS) -> tuple[Hanging, ...]:
        """Return what facts of a model, a run or hardware hang on, of relations of some domains, each with its run."""
        if (iri, domains) not in self._hanging:
            kind = iri.removeprefix(self.base).partition("/")[0]
            runs = {"model": lambda: self.values(iri, _HAS_RUN), "run": lambda: [iri]}.get(kind, list)()
            found: list[Hanging] = [(iri, None)] if kind == "model" and "Model" in domains else []
            found += [(run, run) for run in runs] if "TrainingRun" in domains else []
            if "HardwareConfig" in domains:
                found += [(hardware, run) for run in runs for hardware in self.values(run, _HARDWARE)]
                found += [(iri, run) for run in self.subjects_of(_HARDWARE.value, iri)] if kind == "hardware" else []
            self._hanging[iri, domains] = tuple(found)
        return self._hanging[iri, domains]

    def below(self, iri: str) -> list[str]:
        """Return what the facts of a model or a run hang on: itself, its runs, their hardware, in order."""
        return list(dict.fromkeys((iri, *(other for other, _ in self.hanging(iri)))))

    def model_of(self, iri: str) -> str | None:
        """Return the model that a run, its hardware, or the model itself is of."""
        if "Model" in self.classes(iri):
            return iri
        runs = [iri, *self.subjects_of(_HARDWARE.value, iri)]
        return min((model for run in runs for model in self.subjects_of(_HAS_RUN.value, run)), default=None)

    def stage_of(self, iri: str) -> str | None:
        """Return the stage of a run or its hardware, None for the whole training and for a model."""
        if iri not in self._stages:
            runs = (iri, *self.subjects_of(_HARDWARE.value, iri))
            self._stages[iri] = next((self.notation(stage) for run in runs for stage in self.values(run, _STAGE)), None)
        return self._stages[iri]

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
        found = (quad.object for quad in self._quads(iri, predicate, None, _DEFAULT))
        return sorted({term.value for term in found if isinstance(term, ox.NamedNode)})

    def texts(self, iri: str, predicate: ox.NamedNode) -> list[str]:
        """Return the literals of a thing's property as text, sorted."""
        found = (quad.object for quad in self._quads(iri, predicate, None, _DEFAULT))
        return sorted({term.value for term in found if isinstance(term, ox.Literal)})

    def names(self, iri: str) -> list[str]:
        """Return the label and all other names of a thing, sorted."""
        return sorted({text for predicate in NAMES for text in self.texts(iri, ox.NamedNode(predicate))})

    def subjects_of(self, predicate: str, iri: str) -> list[str]:
        """Return the IRIs whose property leads to a thing, sorted."""
        graph = _DEFAULT if predicate in STRUCTURE else None
        return sorted({_text(quad.subject) for quad in self._quads(None, ox.NamedNode(predicate), iri, graph)})

    def facts(self, iri: str) -> list[tuple[str, Value]]:
        """Return the properties of a thing in the default graph and their values, sorted."""
        return sorted(((quad.predicate.value, quad.object) for quad in self._quads(iri, None, None, _DEFAULT)), key=str)

    def _sorted(self, iris: set[str]) -> tuple[Statement, ...]:
        found = (self.statement(iri) for iri in iris)
        return tuple(sorted((item for item in found if item), key=Statement.sort_key))

    def _relation(self, quad: ox.Quad) -> str:
        """Return the relation of the statement that a quad is part of; the IRI of a claim tells it (`kg.iris`)."""
        iri = _text(quad.subject)
        if iri.startswith(f"{self.base}claim/"):
            return KG + iri.rsplit("-", 2)[-2]
        found = self.store.quads_for_pattern(quad.subject, _PREDICATE, None, quad.graph_name)
        return next((_text(quad.object) for quad in found), "")

    def _report_of(self, graph: str) -> str:
        name = graph.removeprefix(f"{self.base}graph/report/")
        return self.label(f"{self.base}report/{name}") or name

    def _quads(
        self, subject: str | None, predicate: ox.NamedNode | None, value: str | None, graph: ox.DefaultGraph | None = None
    ) -> Iterator[ox.Quad]:
        try:
            start, end = (ox.NamedNode(iri) if iri is not None else None for iri in (subject, value))
        except ValueError:  # a text that is no IRI is about nothing
            return iter(())
        return iter(self.store.quads_for_pattern(start, predicate, end, graph))


def wide(relation: str) -> frozenset[str]:
    """Return the relations whose facts a relation repeats, itself if it repeats none."""
    return SHORTCUTS.get(relation, frozenset({relation}))


def _local(iri: str) -> str:
    for namespace in (KG, OA, DCTERMS):
        if iri.startswith(namespace):
            return iri.removeprefix(namespace)
    return iri


def _text(term: object) -> str:
    return str(getattr(term, "value", term))
