"""What is looked up in a build beside plain SPARQL: arguments -> JSON values, each bounded in size.

A worker does these for whoever asks (`kg mcp`, the endpoint, pages); LOOKUPS names them. Arguments are JSON values that the asking
side has checked; what only the store can tell to be wrong (a name, a query) raises UsageError.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.chain import Answer, reports_in, to_json
from kg.errors import KgError, UnknownName, UsageError
from kg.guard import Answered, Refused, Writable
from kg.manifest import inputs_named
from kg.model import Origin
from kg.places import ReportSource
from kg.query import bind, with_values
from kg.render import answer_text
from kg.sparql.cited import cited_in
from kg.sparql.formats import Layout
from kg.sparql.named import PAGE, NamedQuery, check_graphs, parse, shipped
from kg.sparql.pages import beyond
from kg.sparql.pattern import read_pattern
from kg.sparql.rows import Bounds, bounded
from kg.sparql.search import search as find_names
from kg.sparql.text import QueryError, Term, answer, prefixes, tokens
from kg.sparql.words import typed_words, word_iri
from kg.store import MANIFEST, open_build
from kg.stored import texts
from kg.terms import KG, RDF, VOID, XSD
from kg.values import name_key
from kg.why import Graph, Wanted, kind_of, read_fact
from kg.why import describe as describe_thing
from kg.why import why as why_fact

Values = Mapping[str, Any]

CHARACTERS = 40_000
"""Characters of an answer as JSON, about: what a language model can take in at once."""

FEW = 3
"""Facts of a thing that are explained together."""

_NAMED = 12  # facts that are named when there are more
_WIDTH = 120  # columns of the source lines that are shown
_ROWS = 100
_RESULTS = 10
_NEAREST = 5
_NAMES = 20
_WORDS, _JOINED = 8, 200  # words that are looked for, and things that have them, at most


def graph_of(folder: Path, store: ox.Store, base: str) -> Graph:
    """Return an opened build as `kg.why` reads it; reports stand under their ids, wherever they were read."""
    return Graph(folder, store, base, partial(_sources, store, base, folder / MANIFEST))


def _sources(store: ox.Store, base: str, manifest: Path, reports: Iterable[str]) -> dict[str, ReportSource]:
    said = texts(store, sorted(set(reports)), base)
    entries = inputs_named(manifest, said) if said else {}
    return {id: _source(entries.get(id, {"id": id}), text) for id, text in said.items()}


def _source(entry: Values, text: str) -> ReportSource:
    file = entry.get("file") if "line" in entry else None
    origin = Origin(file, entry["line"], entry["offset"]) if file else None
    return ReportSource(file or entry["id"], text, origin, entry.get("paged", False))


def search(graph: Graph, arguments: Values) -> dict[str, Any]:
    """Return the things that a `text` may name, if wanted of one `kind`, the best first, at most `limit`.

    Raise UsageError for a build that has no index of names.
    """
    text, limit = arguments["text"], arguments.get("limit", _RESULTS)
    if not graph.indexed:
        raise UsageError("this build has no index of names: it was made by an earlier kg", hint="ask a person to build it again")
    iris = _named(graph, text, arguments.get("kind"), limit + 1)
    found: dict[str, Any] = {"text": text, "results": [_found(graph, iri, text) for iri in iris[:limit]]}
    if len(iris) > limit:
        return {**found, "truncated": True, "note": "there are more: raise limit, or give more of the name"}
    near = [] if iris else get_close_matches(text, graph.near(text), n=_NEAREST, cutoff=0.4)
    return {**found, "truncated": False, **({"note": f"near it: {', '.join(near)}"} if near else {})}


def _named(graph: Graph, text: str, kind: str | None, limit: int) -> list[str]:
    """Return the things that a text may name, the best first; of a word that stands in many names all of the kind are looked at."""
    name = kind.capitalize() if kind else None
    found = [hit.iri for hit in find_names(graph.store, text, graph.base, limit, name)]
    words = typed_words(text)
    if name and words and len(found) < limit:
        either = "{{ {0} kg:wordOf ?thing }} UNION {{ {0} kg:startOf/kg:wordOf ?thing }}"
        patterns = " ".join(f"{{ {either.format(f'<{word_iri(graph.base, word)}>')} }}" for word in words[:_WORDS])
        query = f"SELECT DISTINCT ?thing {{ GRAPH <{graph.base}graph/search> {{ {patterns} }} ?thing a kg:{name} }} LIMIT {_JOINED}"
        rows: Any = answer(graph.store, query, known=prefixes(graph.base))
        others = {row["thing"].value for row in rows} - set(found)
        found += sorted(others, key=lambda iri: (len(graph.statements.label(iri) or iri), iri))
    return found[:limit]


def _found(graph: Graph, iri: str, text: str) -> dict[str, Any]:
    label = graph.statements.label(iri) or iri
    names = [name for name in graph.statements.names(iri) if name != label]
    fitting = (name for name in (label, *names) if name_key(text) in name_key(name))
    reports = len(graph.statements.reports_of(iri))
    head = {"iri": iri, "kind": kind_of(graph, iri), "label": label, "names": names[:_NAMES], "matched": next(fitting, label)}
    return head | ({"reports": reports} if reports else {})


def describe(graph: Graph, arguments: Values) -> dict[str, Any]:
    """Return what is said of a `thing`, if wanted of one `stage`, `relation`, `origin`; from `offset` on, at most `limit` facts."""
    wanted = {name: arguments[name] for name in ("stage", "relation", "origin", "offset", "limit") if name in arguments}
    return describe_thing(graph, arguments["thing"], Wanted(**wanted, characters=CHARACTERS))


def why(graph: Graph, arguments: Values) -> dict[str, Any]:
    """Return the chain of a `fact` (of a `stage`) down to the words, as JSON and as text."""
    fact, stage = arguments["fact"], arguments.get("stage")
    if read_fact(graph, fact, stage).relation is None:
        _refuse_many(graph, fact, stage)
    kept, left = _fitting(why_fact(graph, fact, stage))
    text = answer_text(kept, graph.sources(reports_in(kept)), color=False, width=_WIDTH, full=True)
    more = {"leftOut": f"{left:,} more facts: ask for one of them by its relation and stage"} if left else {}
    return {"answer": to_json(kept), **more, "text": text}


def _refuse_many(graph: Graph, fact: str, stage: str | None) -> None:
    """Raise UsageError, naming some, when a text means a thing with many facts and not one of them."""
    found = describe_thing(graph, fact, Wanted(stage=stage, limit=_NAMED))
    if found["facts"] <= FEW:
        return
    names = [
        ".".join(filter(None, (group["label"], group.get("stage"), row["relation"])))
        for group in found["groups"]
        for row in group["facts"]
    ]
    what = f"{found['thing']['label']} is no single fact: {found['facts']:,} facts are told of it"
    raise UsageError(what, hint=f"name one, as {', '.join(dict.fromkeys(names))}; describe it to see all")


def _fitting(found: Answer) -> tuple[Answer, int]:
    """Return an answer with as many facts as fit, and how many are left out; one that was asked for is always there."""
    size = 0
    for name in ("facts", "resting"):
        facts = getattr(found, name)
        for number, fact in enumerate(facts):
            size += len(json.dumps(to_json(fact), ensure_ascii=False))
            if size > CHARACTERS and (name, number) != ("facts", 0):
                rest = {"resting": ()} if name == "facts" else {}
                left = len(facts) - number + (len(found.resting) if rest else 0)
                return replace(found, **{name: facts[:number], **rest}), left
    return found, 0


def rows(graph: Graph, arguments: Values) -> dict[str, Any]:
    """Return the bounded answer to a `query`, or to the one of a `name` with `parameters`, with a text in a `format`.

    With `evidence`, each row comes with the words of the facts that it states. Raise QueryError, UnknownName or UsageError.
    """
    query = _query(arguments)
    given = arguments.get("parameters", {})
    terms: dict[str, str] = {}

    def term(name: str, value: str) -> Term:
        found = _typed(query, name, given[name]) or bind(graph.store, query, name, value, graph.base)
        terms[name] = str(found)
        return found

    text, bindings = with_values(query, {name: _written_as(value) for name, value in given.items()}, term)
    check_graphs(graph.store, query, text, graph.base)
    known = prefixes(graph.base)
    found = answer(graph.store, text, base=graph.base, known=known, where=query.name, bindings=bindings)
    cite = None
    if arguments.get("evidence"):
        if not isinstance(found, ox.QuerySolutions):
            raise UsageError("only the rows of a SELECT have evidence", hint="leave out evidence, or select what the query finds")
        cite = cited_in(found, read_pattern(text, known, graph.base), graph.statements, graph.sources)
    bounds = Bounds(rows=arguments.get("limit", _ROWS), characters=CHARACTERS)
    told = bounded(found, arguments.get("format"), Layout(known), bounds, cite)
    if query.paged and (rest := beyond(graph.store, query, terms, _page(query, given), graph.base)):
        notes = filter(None, [told.get("note"), rest.note])
        told |= {"truncated": told["truncated"] or rest.more, "note": "; ".join(notes)}
    strange = list(_strange(graph, query.text))
    return told | ({"unknown": strange} if strange else {})


def _page(query: NamedQuery, given: Values) -> str | None:
    return _written_as(given[PAGE]) if PAGE in given and any(item.kind == PAGE for item in query.parameters) else None


def _written_as(value: str | float | bool) -> str:
    """Return a parameter's value as a person writes it on the command line."""
    if isinstance(value, str):
        return value
    return str(int(value)) if isinstance(value, float) and value.is_integer() else json.dumps(value)


def _typed(query: NamedQuery, name: str, value: str | float | bool) -> Term | None:
    """Return a number or a boolean as a term where a query does not say of what kind a value is."""
    if isinstance(value, str) or query.parameters or not isfinite(value):
        return None
    text = _written_as(value)
    if isinstance(value, float) and not value.is_integer():
        return ox.Literal(f"{Decimal(text):f}", datatype=ox.NamedNode(f"{XSD}decimal"))
    return ox.Literal(text, datatype=ox.NamedNode(XSD + ("boolean" if isinstance(value, bool) else "integer")))


def _strange(graph: Graph, text: str) -> Iterator[str]:
    """Yield what the ontology does not know of the terms that a query names: they match nothing, and no error tells it."""
    schema = graph.schema
    known = {*schema.relations, *schema.classes, *(iri.removeprefix(KG) for iri in schema.stages.values())}
    names = (token.text.removeprefix("kg:") for token in tokens(text) if token.kind == "name" and token.text.startswith("kg:"))
    for name in dict.fromkeys(name for name in names if name and name not in known):
        near = get_close_matches(name, sorted(known), n=3)
        yield f"kg:{name}" + (f": did you mean {', '.join(f'kg:{other}' for other in near)}?" if near else "")


def _query(arguments: Values) -> NamedQuery:
    if "query" in arguments:
        return parse("query", arguments["query"])
    if arguments["name"] not in shipped():
        raise UnknownName("query", arguments["name"], shipped())
    return shipped()[arguments["name"]]


def report(graph: Graph, arguments: Values) -> dict[str, Any]:
    """Return the text of the report of an `id`, from character `start` on, at most `length` characters."""
    id, start = arguments["id"], arguments.get("start", 0)
    found = texts(graph.store, [id], graph.base)
    if id not in found:
        raise UnknownName("report", id, _reports(graph))
    text = found[id]
    end = min(start + arguments.get("length", CHARACTERS), len(text))
    return {"report": id, "start": min(start, len(text)), "end": end, "characters": len(text), "text": text[start:end]}


def _reports(graph: Graph) -> list[str]:
    nodes = graph.statements.subjects_of(f"{RDF}type", f"{KG}Report")
    return sorted({graph.statements.label(node) or node.removeprefix(f"{graph.base}report/") for node in nodes})


def build(graph: Graph, arguments: Values) -> dict[str, Any]:
    """Return what the build is: versions, counts of its manifest, individuals by class, facts by relation."""
    manifest = open_build(graph.folder).manifest
    counts = manifest["counts"]
    numbers = {name: counts[name] for name in ("reports", "models", "claims", "facts", "derived", "severities")}
    return {
        "base": graph.base,
        **numbers,
        "classes": dict(_parts(graph, "classPartition", "class", "entities")),
        "relations": dict(_parts(graph, "propertyPartition", "property", "triples")),
    }


def _parts(graph: Graph, link: str, term: str, count: str) -> Iterator[tuple[str, int]]:
    """Yield the partitions that the build's own description lists: a term of the ontology, and how many there are."""
    found = graph.store.query(
        f"SELECT ?term ?count {{ GRAPH <{graph.base}graph/build> {{ <{graph.base}graph/build/data> <{VOID}{link}> ?part ."
        f" ?part <{VOID}{term}> ?term ; <{VOID}{count}> ?count }} }} ORDER BY DESC(?count) ?term"
    )
    if isinstance(found, ox.QuerySolutions):
        for row in found:
            if row["term"].value.startswith(KG):
                yield row["term"].value.removeprefix(KG), int(row["count"].value)


LOOKUPS: Mapping[str, Callable[[Graph, Values], dict[str, Any]]] = {
    "search": search,
    "describe": describe,
    "why": why,
    "rows": rows,
    "report": report,
    "build": build,
}


def lookup_tasks(graph: Callable[[Any], Graph]) -> dict[str, Callable[[Any, Values], Answered]]:
    """Return the look-ups as tasks of a worker; `graph` gives that of what the worker has opened."""
    return {name: partial(_task, lookup, graph) for name, lookup in LOOKUPS.items()}


def _task(lookup: Callable[[Graph, Values], Values], graph: Callable[[Any], Graph], opened: Any, arguments: Values) -> Answered:
    asked = graph(opened)
    try:
        found = lookup(asked, arguments)
    except QueryError as error:
        place = {"line": error.line, "column": error.column, "excerpt": error.what.partition("\n")[2]}
        raise Refused("request", error.reason, hint=error.hint, **place) from error
    except UsageError as error:
        raise Refused("request", error.what, hint=error.hint) from error
    except KgError as error:
        raise Refused("crash", str(error)) from error
    finally:
        asked.forget()
    content = json.dumps(found, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Answered("application/json", lambda output: _written(output, content))


def _written(output: Writable, content: bytes) -> None:
    output.write(content)
