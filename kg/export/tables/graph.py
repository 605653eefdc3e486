"""What the tables ask a build's store: names of things, texts of reports, whose run a run is; few answers are held."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pyoxigraph as ox

from kg.iris import claim_iri
from kg.model import Claim
from kg.terms import KG, RDF, RDFS, path

_SUBJECT = ox.NamedNode(f"{RDF}subject")
_LABEL = ox.NamedNode(f"{RDFS}label")
_TEXT = ox.NamedNode(f"{KG}text")
_RUN = ox.NamedNode(f"{KG}hasRun")
_HARDWARE = ox.NamedNode(f"{KG}hardware")
_DESCRIBED = ox.NamedNode(f"{KG}describedIn")
_DEFAULT = ox.DefaultGraph()
_MOST = 1 << 16


class Graph:
    """The graph of a build; `label` gives the name of a thing, `model_of` the described model that a subject belongs to."""

    __slots__ = ("_models", "_store", "base", "label", "model_of")

    def __init__(self, store: ox.Store, base: str) -> None:
        self._store, self.base = store, base
        self._models: Callable[[str], dict[str, str]] = lru_cache(_MOST)(lambda name: {})
        self.label = lru_cache(_MOST)(self._label)
        self.model_of = lru_cache(_MOST)(self._model_of)

    def text(self, report: str) -> str:
        """Return the text of a report, empty when it is not there."""
        node = ox.NamedNode(f"{self.base}report/{path(report)}")
        graph = ox.NamedNode(f"{self.base}graph/report/{path(report)}")
        found = self._store.quads_for_pattern(node, _TEXT, None, graph)
        return next((quad.object.value for quad in found if isinstance(quad.object, ox.Literal)), "")

    def model(self, claim: Claim) -> str | None:
        """Return the IRI of the model that a claim of the graph is about; None for a claim that the graph does not hold."""
        if not claim.model:
            return f"{self.base}model/unnamed/{path(claim.report)}"
        known = self._models(claim.model)  # a name means the same model in all reports of a build
        if not known and (found := self._subject(claim)):
            known["iri"] = found
        return known.get("iri")

    def _subject(self, claim: Claim) -> str | None:
        node = ox.NamedNode(claim_iri(self.base, claim))
        for quad in self._store.quads_for_pattern(node, _SUBJECT, None):
            if isinstance(quad.object, ox.NamedNode):
                part = quad.object.value.removeprefix(self.base).partition("/")[2]
                return f"{self.base}model/{part.removesuffix(f'/{claim.stage}') if claim.stage else part}"
        return None

    def _label(self, iri: str) -> str:
        found = self._store.quads_for_pattern(ox.NamedNode(iri), _LABEL, None, _DEFAULT)
        return min((quad.object.value for quad in found if isinstance(quad.object, ox.Literal)), default=iri)

    def _model_of(self, subject: str) -> str | None:
        """Return the IRI of the model that a subject is, or is a run or the hardware of; None unless a report describes it."""
        node = ox.NamedNode(subject)
        for predicate in (_HARDWARE, _RUN):
            above = (quad.subject for quad in self._store.quads_for_pattern(None, predicate, node, _DEFAULT))
            node = min((found for found in above if isinstance(found, ox.NamedNode)), key=str, default=node)
        described = next(self._store.quads_for_pattern(node, _DESCRIBED, None, _DEFAULT), None)
        return node.value if described else None
