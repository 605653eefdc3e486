"""What a person types -> the things that it may name, grouped by kind, and near names where none fits; also as they type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from kg.pages._rows import label_of
from kg.pages._summed import models_of
from kg.sparql.search import Hit
from kg.sparql.search import search as find_names
from kg.sparql.words import SHORTEST, typed_words, words_in
from kg.terms import path as path_of
from kg.values import name_key
from kg.why import Graph, kind_of

LONGEST = 200
"""Characters of a text that are looked at."""

KINDS: Mapping[str, tuple[str, str]] = {
    "model": ("Models", "model"),
    "named": ("Models that no report describes", "model, named only"),
    "dataset": ("Datasets", "dataset"),
    "organization": ("Organizations", "organization"),
    "country": ("Countries", "country"),
    "accelerator": ("Accelerators", "accelerator"),
    "software": ("Software", "software"),
    "report": ("Reports", "report"),
}
"""Kinds of what is found, as groups and as single things."""

_FOUND, _SUGGESTED = 60, 8
_NEAREST, _COMPARED, _TYPED = 5, 500, 3


@dataclass(frozen=True, slots=True)
class Result:
    """A thing that may be meant: its kind, what it is called, and the other name that fits when that one does not."""

    iri: str
    kind: str
    label: str
    other: str | None = None
    users: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Results of one kind, the best first."""

    title: str
    results: tuple[Result, ...]


def view(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a text may name, the best first; without one, nothing is looked for."""
    text = _asked(arguments)
    found = results(graph, text, _FOUND) if text else []
    groups: dict[str, list[Result]] = {}
    for result in found:
        groups.setdefault(result.kind, []).append(result)
    return {
        "text": text,
        "groups": [Group(KINDS[kind][0], _with_users(graph, groups[kind])) for kind in KINDS if kind in groups],
        "total": len(found),
        "full": len(found) >= _FOUND,
        "near": near_names(graph, text) if text and not found else (),
        "short": bool(text) and not any(len(word) >= SHORTEST for word in typed_words(text)),
        "indexed": graph.indexed,
    }


def _with_users(graph: Graph, results: Iterable[Result]) -> tuple[Result, ...]:
    """Return results with the number of models that use each."""
    return tuple(replace(result, users=models_of(graph, result.iri)) for result in results)


def suggest(graph: Graph, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the first things that a text may name, with the paths of their pages, for search as somebody types."""
    text = _asked(arguments)
    found = results(graph, text, _SUGGESTED) if text else []
    return {"q": text, "results": [_suggested(graph, result) for result in found]}


def results(graph: Graph, text: str, limit: int) -> list[Result]:
    """Return the things that a text may name: one whose IRI or id it is, then by name, the best first."""
    exact = list(_exactly(graph, text))
    hits = find_names(graph.store, text, graph.base, limit) if graph.indexed else []
    known = {result.iri for result in exact}
    named = [_result(graph, hit, text) for hit in hits if hit.iri not in known and hit.kind.lower() in KINDS]
    return [*exact, *named][:limit]


def near_names(graph: Graph, text: str) -> tuple[str, ...]:
    """Return names that somebody may have meant who has written another one."""
    if not graph.indexed:
        return ()
    asked = text[:LONGEST]
    known = graph.near(asked)[:_COMPARED] or sorted(_begun(graph, asked))
    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.casefold(), name)
    return tuple(folded[near] for near in get_close_matches(asked.casefold(), folded, n=_NEAREST, cutoff=0.5))


def _begun(graph: Graph, text: str) -> set[str]:
    """Return names in which a word begins with the first letters of one of a text: of those, one may be wrong too."""
    starts = dict.fromkeys(word[:SHORTEST] for word in typed_words(text)[:_TYPED])
    return {hit.name for start in starts for hit in find_names(graph.store, start, graph.base, _COMPARED // 10)}


def kind_shown(kind: str, described: bool) -> str:
    """Return the kind of a thing here, where models that no report describes are of a kind of their own."""
    return "named" if kind == "model" and not described else kind


def _asked(arguments: Mapping[str, Any]) -> str:
    given = arguments.get("query", {}).get("q", [""])
    return " ".join("".join(char if char.isprintable() else " " for char in given[-1]).split())[:LONGEST].strip()


def _exactly(graph: Graph, text: str) -> Iterator[Result]:
    """Yield the thing whose IRI, path or report's id a text is."""
    written = text.strip("<>")
    for iri in (written, f"{graph.base}{written}", f"{graph.base}report/{path_of(text)}"):
        if iri.startswith(graph.base) and graph.knows(iri):
            kind = kind_of(graph, iri)
            shown = kind_shown(kind, bool(kind == "model" and graph.statements.reports_of(iri)))
            if shown in KINDS:
                yield Result(iri, shown, label_of(graph, iri))
                return


def _result(graph: Graph, hit: Hit, text: str) -> Result:
    return Result(hit.iri, kind_shown(hit.kind.lower(), hit.described), hit.name, _other(graph, hit, text))


def _other(graph: Graph, hit: Hit, text: str) -> str | None:
    """Return the name of a thing by which a text fits it, None when it is the one that is shown."""
    if _fits(hit.name, text):
        return None
    return next((name for name in graph.statements.names(hit.iri) if name != hit.name and _fits(name, text)), None)


def _fits(name: str, text: str) -> bool:
    key = name_key(text)
    return bool(key and key in name_key(name)) or _begins(words_in(name), typed_words(text))


def _begins(words: Iterable[str], starts: Iterable[str]) -> bool:
    known = tuple(words)
    return all(any(word.startswith(start) for word in known) for start in starts if len(start) >= SHORTEST)


def _suggested(graph: Graph, result: Result) -> Mapping[str, str]:
    kind = KINDS.get(result.kind, ("", result.kind))[1]
    found = {"path": result.iri.removeprefix(graph.base), "kind": kind, "label": result.label}
    return found | ({"other": result.other} if result.other else {})
