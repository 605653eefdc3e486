"""A reply -> an answer in one of the formats of kg, in a file that is complete or not there at all.

The reply is parsed while it comes in and written while it is parsed (a table is measured first, a graph is sorted). What is written
is kept, in memory and then on disk, until the end has been seen: what breaks off leaves nothing that could be taken for an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from traceback import clear_frames
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import CutShort, RemoteError
from kg.remote._http import Endpoint, Reply
from kg.remote._refusal import no_endpoint
from kg.remote._text import Sent
from kg.sparql.formats import Layout, check_format, value_of, write, write_triples
from kg.sparql.text import Answer

IN_MEMORY = 8_000_000
"""Bytes of a written answer that are kept in memory before they go to disk."""

ROWS: Mapping[str, ox.QueryResultsFormat] = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
}
GRAPHS: Mapping[str, ox.RdfFormat] = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/plain": ox.RdfFormat.N_TRIPLES,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/x-turtle": ox.RdfFormat.TURTLE,
    "text/n3": ox.RdfFormat.N3,
    "text/rdf+n3": ox.RdfFormat.N3,
    "application/trig": ox.RdfFormat.TRIG,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}
_WITHOUT_END = frozenset(GRAPHS) - {"application/rdf+xml", "application/ld+json"}  # the beginning of such a file may be a file
_ASKED = ["__ASK_RETVAL"]
_STREAMED = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}


def answered(endpoint: Endpoint, sent: Sent, name: str | None, layout: Layout) -> IO[bytes]:
    """Return a file with the endpoint's answer to a query in a format (None: a table, or Turtle for a graph), at its beginning.

    Raise RemoteError when there is no answer, UsageError when it cannot be had in the format.
    """
    file = SpooledTemporaryFile(max_size=IN_MEMORY)
    try:
        with endpoint.ask(sent) as reply:
            media = _media_type(reply)
            try:
                if media in ROWS and sent.form != "graph":
                    _write_rows(ox.parse_query_results(_file(reply), ROWS[media]), name, layout, file)
                else:
                    _write_graph(reply, media, name, layout, file)
            except SyntaxError as error:
                hint = "ask again; if that does not help, tell who runs it"
                raise RemoteError(f"the reply is no {media} that can be read: {error}", where=endpoint.url, hint=hint) from error
            reply.body.drain()
    except BaseException as error:
        file.close()
        let_go(error)
        raise
    file.seek(0)
    return file


def check_end(media: str, is_framed: bool, where: str) -> None:
    """Raise RemoteError for a reply of which a part could not be told from all of it."""
    if media in _WITHOUT_END and not is_framed:
        what = f"the reply does not say where it ends, and {media} does not either: a part of it could not be told from all"
        raise RemoteError(what, where=where, hint="tell who runs it: HTTP/1.1 has Content-Length and chunks")


def let_go(error: BaseException | None) -> None:
    """Forget what the functions that an error came through were working on: the parsers' rows may end in their own thread only."""
    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def rows(endpoint: Endpoint, sent: Sent) -> list[tuple[object, ...]]:
    """Return the rows of a small answer as terms."""
    with answered(endpoint, sent, "json", Layout({})) as file:
        found = ox.parse_query_results(file, ox.QueryResultsFormat.JSON)
        if not isinstance(found, ox.QuerySolutions):
            raise RemoteError("rows were asked for, and the reply has none", where=endpoint.url, hint="tell who runs it")
        return [tuple(row) for row in found]


def _file(reply: Reply) -> IO[bytes]:
    return cast("IO[bytes]", reply.body)  # the parsers are typed as if they did more than read


def _media_type(reply: Reply) -> str:
    """Return the media type of a reply in a form that can be read; raise RemoteError for any other reply."""
    media = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media not in ROWS and media not in GRAPHS:
        raise no_endpoint(media, reply.url.partition("?")[0])
    check_end(media, reply.body.framed, reply.url.partition("?")[0])
    if reply.headers.get("X-SQL-State"):  # how Virtuoso says that it ran out of time and gives what it has found so far
        said = reply.headers.get("X-SQL-Message", "it ran out of time")
        raise CutShort(f"the endpoint gives a part of the answer: {said}", where=reply.url.partition("?")[0], hint="ask for less")
    return media


def _write_rows(answer: Answer, name: str | None, layout: Layout, file: IO[bytes]) -> None:
    answer = as_truth(answer)
    check_format(answer, name)
    if isinstance(answer, ox.QuerySolutions) and name in _STREAMED:
        answer.serialize(output=file, format=_STREAMED[name])
        file.seek(-1, 2)
        if file.read() != b"\n":
            file.write(b"\n")
    elif isinstance(answer, ox.QuerySolutions) and name == "jsonl":
        names = [variable.value for variable in answer.variables]
        for row in answer:
            line = json.dumps({column: value_of(row[column]) for column in names}, ensure_ascii=False)
            file.write(f"{line}\n".encode())
    else:
        file.write(write(answer, name, layout))


def as_truth(answer: Answer) -> Answer:
    """Return a truth for the one row in which Virtuoso answers an ASK, any other answer as it is."""
    if not isinstance(answer, ox.QuerySolutions) or [variable.value for variable in answer.variables] != _ASKED:
        return answer
    truth = any(isinstance(row[0], ox.Literal) and row[0].value == "1" for row in answer)
    return ox.parse_query_results(json.dumps({"head": {}, "boolean": truth}), ox.QueryResultsFormat.JSON)


def _write_graph(reply: Reply, media: str, name: str | None, layout: Layout, file: IO[bytes]) -> None:
    syntax = GRAPHS.get(media)
    if syntax is None:
        what = f"a graph was asked for, and the reply is {media}"
        raise RemoteError(what, where=reply.url.partition("?")[0], hint="tell who runs it")
    quads = ox.parse(_file(reply), format=syntax, base_iri=reply.url)
    file.write(write_triples({quad.triple for quad in quads}, name, layout))
