"""What the names in the reports of a build mean; made by `resolve`, read by everything after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.terms import path

Spelling = tuple[str, str]
"""A kind of thing ("model", "dataset") and a name as a report writes it."""

OWN = "own model"
"""Kind under which the models that reports are about are kept: in its own report, a model's name is never ambiguous."""


@dataclass(frozen=True, slots=True)
class Names:
    """The IRI of every (kind, spelling) of a build, None when it is ambiguous; the label of each IRI.

    `refused` are the kinds and pairs of keys of names that people said are different things.
    """

    base: str
    iris: Mapping[Spelling, str | None]
    labels: Mapping[str, str]
    refused: frozenset[tuple[str, frozenset[str]]] = frozenset()

    def thing(self, kind: str, name: str) -> str | None:
        """Return the IRI of the individual that a name means, None when it may mean several."""
        return self.iris[kind, name]

    def model(self, report: str, name: str | None) -> str:
        """Return the IRI of a model that a report is about; a report that names none has an unnamed one of its own."""
        iri = self.iris[OWN, name] if name else None
        return iri or f"{self.base}model/unnamed/{path(report)}"

    def own(self) -> frozenset[str]:
        """Return the IRIs of the models with a name that reports are about."""
        return frozenset(iri for (kind, _), iri in self.iris.items() if kind == OWN and iri)

    def label(self, iri: str, otherwise: str) -> str:
        """Return the label of an individual."""
        return self.labels.get(iri, otherwise)
