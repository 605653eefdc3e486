"""A question -> an answer in bytes: SPARQL, a file, standard input, or the name of a query that comes with kg.

It is asked of a build's store, or of an endpoint somewhere else, which answers with the same bytes when it holds the same graph.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from kg.chain import Sources
from kg.errors import OutOfTime, RemoteError, UnknownName, UsageError
from kg.schema import DEFAULT_BASE, load_schema
from kg.sparql.cited import write_cited
from kg.sparql.evidence import Cited, Citing
from kg.sparql.formats import FORMATS, Layout, write
from kg.sparql.named import GRAPHS, PAGE, NamedQuery, Remark, check_graphs, needed, on_page, parse, remarks, shipped
from kg.sparql.pattern import read_pattern
from kg.sparql.statements import Statements
from kg.sparql.text import Answer, Term, answer, prefixes
from kg.sparql.things import find_thing, iri_of
from kg.sparql.thread import LONGEST, in_thread
from kg.sparql.words import typed_words, word_iri

if TYPE_CHECKING:
    from kg.remote import Endpoint

Find = Callable[[str, str, str], str]
"""Returns the IRI of the thing of a class that a word means, below a base."""

_FEW = 1000  # bytes: an answer without rows is smaller in every format
_FORMS = "prefix|base|select|ask|construct|describe|insert|delete|load|clear|drop"
_SPARQL = re.compile(rf"[{{}}\n]|^\s*(?:#|(?:{_FORMS})(?=[\s<*?$(]|$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query for the values of its parameters, variables that are still to be bound, and what may be to be told of its page."""

    text: str
    bindings: dict[str, Term]
    remarks: tuple[Remark, ...] = ()


def run(
    store: ox.Store,
    text: str,
    *,
    params: Mapping[str, str] | None = None,
    format: str | None = None,
    base: str = DEFAULT_BASE,
    width: int | None = None,
    timeout: float | None = None,
    evidence: Sources | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> bytes:
    """Return the answer to a question in a format (None: a table, or Turtle for a graph), cut to `width` columns if a table.

    With `evidence`, which gives the reports that are quoted, a further column holds the words of the facts in each row. Raise
    UsageError for a wrong name, file, parameter or format, QueryError for a query that kg refuses or cannot read, OutOfTime when it
    takes longer than `timeout` seconds. `say` is told when the answer is a page and there are more, or no such page.
    """
    _check(format, timeout)
    asked, ask = _asking(store, text, params or {}, base)
    known = prefixes(base)

    def work() -> tuple[bytes, list[str]]:
        found = ask()
        if evidence is None:
            content = write(found, format, Layout(known, width))
        else:
            pattern = read_pattern(asked.text, known, base)
            content = write_cited(found, format, Layout(known, width), pattern, Statements(store, base), evidence, say)
        return content, _told(asked.remarks, lambda question: bool(answer(store, question, known=known)))

    content, told = in_thread(work, timeout)
    for line in told:
        say(line)
    return content


def run_at(
    endpoint: Endpoint,
    text: str,
    *,
    params: Mapping[str, str] | None = None,
    format: str | None = None,
    base: str = DEFAULT_BASE,
    width: int | None = None,
    timeout: float | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> IO[bytes]:
    """Return a file with the answer of an endpoint to a question, at its beginning; what is given is as for `run`.

    An endpoint of kg is asked for the base of its things when the question speaks of any; `base` is that of others. Raise
    UsageError for a wrong name, file, parameter or format, RemoteError when the endpoint does not answer, or not in time.
    """
    from kg import remote  # it loads an HTTP client, which nobody needs who asks a build

    _check(format, timeout)
    query, where = read_query(text)
    remote.check_asks(query.text, where)

    def work() -> tuple[IO[bytes], list[str]]:
        kept = remote.base_of(endpoint) if query.parameters or remote.depends_on_base(query.text) else None
        there, find = kept or base, partial(remote.find_thing, endpoint)
        known = prefixes(there)
        asked = _asked(query, params or {}, lambda name, value: _term(find, query, name, value, there))
        sent = remote.bound(asked.text, where, base=there, known=known, bindings=asked.bindings)
        file = remote.answered(endpoint, sent, format, Layout(known, width))
        try:
            if file.seek(0, os.SEEK_END) < _FEW:
                _check_graphs_at(endpoint, query, asked.text, there, kept is not None)
            file.seek(0)
            return file, _told(asked.remarks, lambda question: _truth(endpoint, question, there))
        except BaseException:
            file.close()
            raise

    try:
        file, told = in_thread(work, timeout)
    except OutOfTime as error:
        raise RemoteError(f"has not answered within {timeout:g} seconds", where=endpoint.url, hint=error.hint) from error
    for line in told:
        say(line)
    return file


def _told(remarks: Iterable[Remark], truth: Callable[[str], bool]) -> list[str]:
    """Return the first remark that holds, if any."""
    return next(([remark.text] for remark in remarks if truth(remark.ask) == remark.when), [])


def _truth(endpoint: Endpoint, question: str, base: str) -> bool:
    from kg import remote

    sent = remote.bound(question, "the query for a graph or a page", base=base, known=prefixes(base), bindings={})
    with remote.answered(endpoint, sent, "json", Layout({})) as file:
        return bool(json.load(file)["boolean"])


def _check_graphs_at(endpoint: Endpoint, query: NamedQuery, asked: str, base: str, of_kg: bool) -> None:
    """Raise RemoteError when an endpoint lacks a graph without which a query, as it is asked, has no answer."""
    for name, pattern in needed(query, asked, base):
        if not _truth(endpoint, f"ASK {{ GRAPH <{base}graph/{name}> {{ {pattern} }} }}", base):
            what = f"the build there was made by an earlier kg, without the {GRAPHS[name]} that {query.name} reads"
            hint = "tell who runs it to build again"
            if not of_kg:
                what = f"the endpoint has no graph {base}graph/{name}, with the {GRAPHS[name]} that {query.name} reads"
                hint = "ask one that holds a build of this kg; base_iri in kg.toml says what its IRIs begin with"
            raise RemoteError(what, where=endpoint.url, hint=hint)


def _check(format: str | None, timeout: float | None) -> None:
    if format is not None and format not in FORMATS:
        raise UnknownName("format", format, FORMATS)
    if timeout is not None and not timeout > 0:
        raise UsageError(f"{timeout:g} is no number of seconds to wait", hint="give --timeout a number above 0")


def cited_in_row(store: ox.Store, text: str, number: int, *, params: Mapping[str, str] | None = None, base: str) -> list[Cited]:
    """Return what a row of a query's answer states, counted from 1; raise UsageError when there is no such row, or none at all."""
    asked, ask = _asking(store, text, params or {}, base)
    found = ask()
    if not isinstance(found, ox.QuerySolutions):
        raise UsageError("the query has no rows", hint="only a SELECT has")
    columns = [variable.value for variable in found.variables]
    rows = [{name: row[name] for name in columns} for row in found]
    if not 1 <= number <= len(rows):
        raise UsageError(f"there is no row {number:,}", hint=f"the query has {len(rows):,} rows, from 1 on")
    return Citing(Statements(store, base), read_pattern(asked.text, prefixes(base), base), columns).cite(rows[number - 1])


def _asking(store: ox.Store, text: str, params: Mapping[str, str], base: str) -> tuple[_Asked, Callable[[], Answer]]:
    """Return the query that a word of the command line means, and what asks the store."""
    query, where = read_query(text)
    if len(query.text) > LONGEST:
        raise UsageError(f"the query is longer than {LONGEST:,} characters", where=where, hint="ask in several queries")
    known = prefixes(base)
    asked = _asked(query, params, lambda name, value: bind(store, query, name, value, base))
    check_graphs(store, query, asked.text, base)
    return asked, lambda: answer(store, asked.text, base=base, known=known, where=where, bindings=asked.bindings)


def with_values(query: NamedQuery, params: Mapping[str, str], term: Callable[[str, str], Term]) -> tuple[str, dict[str, Term]]:
    """Return the text of a query for the values of its parameters, and the variables that are still to be bound in it.

    `term` gives the term that the value of a parameter means.
    """
    asked = _asked(query, params, term)
    return asked.text, asked.bindings


def _asked(query: NamedQuery, params: Mapping[str, str], term: Callable[[str, str], Term]) -> _Asked:
    if not query.paged:
        return _Asked(query.text, {name: term(name, value) for name, value in params.items()})
    page = params.get(PAGE) if any(parameter.kind == PAGE for parameter in query.parameters) else None
    given = {name: str(term(name, value)) for name, value in params.items() if page is None or name != PAGE}
    return _Asked(on_page(query, given, page), {}, remarks(query, given, page))


def read_query(text: str) -> tuple[NamedQuery, str]:
    """Return the query that a word of the command line means, and where it stands: `-` is standard input."""
    if text == "-":
        return parse("standard input", _decode(sys.stdin.buffer.read(), "standard input")), "standard input"
    if text in shipped():
        return shipped()[text], text
    if _SPARQL.search(text):
        return parse("query", text), "query"
    path = Path(text)
    if path.is_file():
        return parse(path.stem, _decode(path.read_bytes(), text)), text
    if path.suffix == ".rq" or "/" in text or os.sep in text:
        raise UsageError("there is no such file", where=text, hint="give a file, a query, or one of the names of kg query --list")
    raise UnknownName("query", text, shipped())


def bind(store: ox.Store, query: NamedQuery, name: str, value: str, base: str = DEFAULT_BASE) -> Term:
    """Return the term that a parameter's value means, by the kind that the query declares: a thing, a relation, or text."""
    return _term(partial(find_thing, store), query, name, value, base)


def _term(find: Find, query: NamedQuery, name: str, value: str, base: str) -> Term:
    kinds = {parameter.name: parameter.kind for parameter in query.parameters}
    if kinds and name not in kinds:
        raise UnknownName(f"parameter of {query.name}", name, kinds)
    kind = kinds.get(name, "iri")
    if kind == "relation":
        return ox.NamedNode(load_schema(base).relation(value.removeprefix("kg:")).iri)
    if kind == "iri":
        iri = iri_of(value, base)
        return ox.NamedNode(iri) if iri else ox.Literal(value)
    if kind == "word":
        words = typed_words(value)
        if len(words) != 1:
            hint = "give one word of a name, or its beginning" + (f": {max(words, key=len)}" if words else "")
            raise UsageError(f"'{value}' is not one word", where=query.name, hint=hint)
        return ox.NamedNode(word_iri(base, words[0]))
    return ox.Literal(value) if kind == "text" else ox.NamedNode(find(kind, value, base))


def listing() -> str:
    """Return the queries that come with kg, a line each, their parameters below."""
    size = max(map(len, shipped()))
    lines = []
    for query in shipped().values():
        lines.append(f"{query.name:<{size}}  {query.title}")
        lines += [f"{'':<{size}}    --param {item.name}=…  {item.definition}" for item in query.parameters]
    return "\n".join(lines) + "\n"


def _decode(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"is not UTF-8 text: byte {error.start + 1}", where=where, hint="save the query as UTF-8") from error
