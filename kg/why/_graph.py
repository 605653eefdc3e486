"""What a build holds, as `why` reads it: statements, the reports that are quoted; findings and suggestions when they are wanted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.chain import Sources
from kg.errors import BuildError
from kg.findings import FINDINGS, Findings, findings_naming, findings_of, key, opened
from kg.model import Claim, Finding
from kg.schema import load_schema
from kg.sparql.search import search
from kg.sparql.statements import NAMES, Statements
from kg.sparql.words import SHORTEST, typed_words, word_iri
from kg.terms import KG, RDF
from kg.values import name_key

if TYPE_CHECKING:
    from kg.schema import Schema

_DESCRIBED, _NAME_OF, _REPORT = (ox.NamedNode(KG + name) for name in ("describedIn", "nameOf", "Report"))
_TYPE = ox.NamedNode(f"{RDF}type")
_NEAR = 50  # things that are looked at for one word of a name that is unknown
_TYPED, _LONGEST = 3, 40  # words of it, and characters of a word

SUGGESTIONS = "suggestions.jsonl"
_LARGE = 4 << 20  # bytes of findings that are not all read for those of one model

FIRST = ("model", "part", "accelerator", "dataset", "software", "organization", "country")
"""Kinds of things in the order in which a name is looked for; a `part` is a model that no report describes."""


@dataclass(frozen=True, eq=False)
class Graph:
    """A build that facts are asked of: its folder, its store, and what gives the reports that are quoted."""

    folder: Path
    store: ox.Store
    base: str
    sources: Sources
    _about: dict[tuple[str | None, ...], list[Finding]] = field(default_factory=dict, repr=False)

    @cached_property
    def schema(self) -> Schema:
        return load_schema(self.base)

    @cached_property
    def statements(self) -> Statements:
        return Statements(self.store, self.base)

    @cached_property
    def findings(self) -> list[Finding]:
        """The findings of the build; raises BuildError when it is damaged."""
        try:
            return findings_of(self.folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(FINDINGS, error) from error

    def forget(self) -> None:
        """Drop what was read of single things, so that many questions need no more memory than one."""
        vars(self).pop("statements", None)
        self._about.clear()

    @property
    def graph_alone(self) -> bool:
        """Whether the build was written without what stands beside the graph."""
        return not any((self.folder / name).exists() for name in (FINDINGS, SUGGESTIONS))

    @cached_property
    def findings_index(self) -> Findings | None:
        """The index of the findings, None in a build of an earlier kg; raises BuildError when it is damaged."""
        return opened(self.folder)

    def findings_about(self, model: str | None, reports: Iterable[str] = ()) -> list[Finding]:
        """Return at least the findings that name a model, its runs, its hardware, or one of some reports, in their order.

        A build that holds its graph alone has none.
        """
        named = tuple(sorted(reports))
        asked = (model, *named)
        if asked not in self._about:
            if self.findings_index is not None:
                keys = [key("report", report) for report in named]
                self._about[asked] = self.findings_index.with_any(keys if model is None else [key("model", model), *keys])
            else:
                self._about[asked] = self._findings_naming(model, named)
        return self._about[asked]

    def _findings_naming(self, model: str | None, reports: Iterable[str]) -> list[Finding]:
        """Return findings about a model or reports of a build without an index."""
        words = [json.dumps(report, ensure_ascii=False) for report in reports]
        words += [] if model is None else [f"/{model.removeprefix(f'{self.base}model/')}"]
        path = self.folder / FINDINGS
        if self.graph_alone:
            return []
        try:
            return findings_naming(self.folder, words) if path.stat().st_size > _LARGE else self.findings
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(FINDINGS, error) from error

    def knows(self, iri: str) -> bool:
        """Return whether the store says anything of a thing; a text that is no IRI is none."""
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return False
        return next(iter(self.store.quads_for_pattern(node, None, None, None)), None) is not None

    @cached_property
    def suggestions(self) -> list[Claim]:
        """What reports may say; raises BuildError when the build is damaged."""
        try:
            with (self.folder / SUGGESTIONS).open(encoding="utf-8") as file:
                rows = [json.loads(line) for line in file]
            return [Claim.from_json(row) for row in rows]
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise self._damaged(SUGGESTIONS, error) from error

    @cached_property
    def names(self) -> dict[str, dict[str, set[str]]]:
        """The IRIs of things by the keys of their names, for each kind; `model` is one that reports describe, `part` another."""
        described = set(self.statements.described())
        found: dict[str, dict[str, set[str]]] = {}
        for iri, name in self._named():
            kind = iri.removeprefix(self.base).partition("/")[0]
            kind = "part" if kind == "model" and iri not in described else kind
            found.setdefault(kind, {}).setdefault(name_key(name), set()).add(iri)
        return found

    def called(self, name: str) -> list[str]:
        """Return the things of the first kind that has any with exactly this name, sorted; read without looking at all names."""
        written = ox.Literal(name.encode(errors="replace").decode())  # half a surrogate pair stands in no name
        quads = (
            quad
            for predicate in NAMES
            for quad in self.store.quads_for_pattern(None, ox.NamedNode(predicate), written, ox.DefaultGraph())
        )
        return self._first(quad.subject for quad in quads)

    def called_alike(self, name: str) -> list[str]:
        """Return the things of the first kind that has any with this name in whatever spelling, sorted."""
        key = name_key(name)
        if not self.indexed:
            return next((sorted(found) for kind in FIRST if (found := self.names.get(kind, {}).get(key, ()))), [])
        node = ox.NamedNode(word_iri(self.base, key))
        return self._first(quad.object for quad in self.store.quads_for_pattern(node, _NAME_OF, None, self._index)) if key else []

    def near(self, text: str) -> list[str]:
        """Return names of things that somebody may have meant: those that begin as the words of a text do, a part of it or all."""
        if not self.indexed:
            iris = {iri for kind in FIRST if kind != "part" for found in self.names.get(kind, {}).values() for iri in found}
            return sorted({self.statements.label(iri) or iri for iri in iris})
        found: list[str] = []
        for word in sorted(typed_words(text), key=len, reverse=True)[:_TYPED]:
            begun = (search(self.store, word[:size], self.base, _NEAR) for size in range(min(len(word), _LONGEST), SHORTEST, -1))
            found += (hit.name for hit in next(filter(None, begun), []))
        return sorted(set(found))

    @cached_property
    def indexed(self) -> bool:
        """Whether the build holds the index of names; one that was made before there was one does not."""
        return bool(self.store.contains_named_graph(self._index))

    @cached_property
    def reports(self) -> dict[str, str]:
        """The IRIs of the reports by their ids."""
        nodes = self.store.quads_for_pattern(None, _TYPE, _REPORT, ox.DefaultGraph())
        iris = [quad.subject.value for quad in nodes if isinstance(quad.subject, ox.NamedNode)]
        labels = Statements(self.store, self.base)  # forgotten at once: there may be many
        return {labels.label(iri) or iri: iri for iri in sorted(iris)}

    @property
    def _index(self) -> ox.NamedNode:
        return ox.NamedNode(f"{self.base}graph/search")

    def _first(self, terms: Iterable[object]) -> list[str]:
        """Return those of some things that are of the first kind that any is of."""
        found: dict[str, set[str]] = {}
        for iri in {term.value for term in terms if isinstance(term, ox.NamedNode) and term.value.startswith(self.base)}:
            found.setdefault(self._kind(iri), set()).add(iri)
        return next((sorted(found[kind]) for kind in (*FIRST, "report") if kind in found), [])

    def _kind(self, iri: str) -> str:
        kind = iri.removeprefix(self.base).partition("/")[0]
        return "part" if kind == "model" and not self.statements.values(iri, _DESCRIBED) else kind

    def _named(self) -> Iterator[tuple[str, str]]:
        for predicate in NAMES:
            for quad in self.store.quads_for_pattern(None, ox.NamedNode(predicate), None, ox.DefaultGraph()):
                if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(self.base):
                    yield quad.subject.value, str(getattr(quad.object, "value", ""))

    def _damaged(self, name: str, error: Exception) -> BuildError:
        return BuildError(f"the build cannot be read: {error}", where=str(self.folder / name), hint="build again")
