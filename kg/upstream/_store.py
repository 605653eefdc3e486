"""What a store of this machine can be asked (`pyoxigraph.Store`), as far as kg asks it, over SPARQL 1.1.

A query is checked by the grammar of the local store before it goes out, so that what is wrong is told in the same words and at the
same place, and no update goes out. Answers are read while they come; one that is not wanted any more ends with its connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Any, cast
from urllib.parse import urlencode

import pyoxigraph as ox

from kg.errors import CutShort, RemoteError
from kg.remote import GRAPHS, ROWS, Received, Sent, Session, as_truth, bound, check_end, no_endpoint, refusal
from kg.sparql.text import Answer, Term
from kg.upstream._dataset import graphs_of
from kg.upstream._place import Place

_ROWS = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
_GRAPH = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.6"
_ACCEPT = {"rows": _ROWS, "graph": _GRAPH, "any": f"{_ROWS}, {_GRAPH}"}
_FORM = "application/x-www-form-urlencoded"
_COMPLAINT = 65536  # bytes of a refusal that are read
_AT_ONCE = 2000  # facts of a subject that are fetched together, for all that is asked of it afterwards
_SUBJECTS = 5000  # subjects whose facts are kept
_DEFAULT = ox.DefaultGraph()

Node = ox.NamedNode | ox.BlankNode
Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


class UpstreamStore:
    """A store elsewhere."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._session = Session(place.url, place.login, place.timeout)
        self._grammar = ox.Store()
        self._subjects: dict[tuple[str, str], tuple[ox.Quad, ...] | None] = {}
        self._open = ExitStack()  # the connection whose rows are still read

    def forget(self) -> None:
        """Drop what was fetched, so that what changes there is seen."""
        self._subjects.clear()

    def query(
        self,
        text: str,
        *,
        base_iri: str | None = None,
        prefixes: Mapping[str, str] | None = None,
        default_graph: Sequence[Any] | None = None,
        named_graphs: Sequence[Any] | None = None,
        substitutions: Mapping[ox.Variable, Term] | None = None,
    ) -> Answer:
        """Return the answer to a query; raise SyntaxError as a local store does, RemoteError when there is no answer."""
        known = dict(prefixes or {})
        self._check(text, base_iri, known)
        bindings = {variable.value: term for variable, term in (substitutions or {}).items()}
        if bindings and (missing := self._not_selected(text, base_iri, known, bindings)):
            raise RuntimeError(missing)
        sent = bound(text, "query", base=base_iri or "", known=known, bindings=bindings)
        if default_graph is not None or named_graphs is not None:
            graphs = [("default-graph-uri", name.value) for name in default_graph or ()]
            graphs += [("named-graph-uri", name.value) for name in named_graphs or ()]
        elif self._place.default:
            graphs = graphs_of(text, self._place.default, known, base_iri, lax=self._place.lax)
        else:
            graphs = []
        return self._answer(sent, graphs)

    def quads_for_pattern(
        self, subject: Node | None, predicate: ox.NamedNode | None, value: Any, graph: Graph | None = None
    ) -> Iterator[ox.Quad]:
        """Yield the quads of a pattern; None stands for any term, and for any graph."""
        if isinstance(subject, ox.NamedNode):
            facts = self._facts(subject, graph)
            if facts is not None:
                return (
                    quad
                    for quad in facts
                    if (predicate is None or quad.predicate == predicate) and (value is None or quad.object == value)
                )
        return self._quads(subject, predicate, value, graph)

    def __contains__(self, quad: ox.Quad) -> bool:
        found = self.quads_for_pattern(cast("Node", quad.subject), quad.predicate, quad.object, quad.graph_name)
        return next(found, None) is not None

    def named_graphs(self) -> Iterator[ox.NamedNode]:
        """Yield the names of the graphs of the build, and of none beside them in the store."""
        own, others = f"{self._place.base}graph/", {self._place.default, self._place.records}
        for row in self.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"):
            name = row["g"]
            if isinstance(name, ox.NamedNode) and name.value.startswith(own) and name.value not in others:
                yield name

    def contains_named_graph(self, graph: ox.NamedNode) -> bool:
        """Say whether there is a graph."""
        return next(self.rows(f"SELECT ?s {{ GRAPH {graph} {{ ?s ?p ?o }} }} LIMIT 1"), None) is not None

    def _check(self, text: str, base: str | None, known: Mapping[str, str]) -> None:
        """Raise SyntaxError for what is no query, evaluating nothing."""
        not_selected = ox.Variable("v" * (len(text) + 1))  # found to be none between parsing and evaluation
        try:
            self._grammar.query(text, base_iri=base, prefixes=dict(known), substitutions={not_selected: ox.Literal("")})
        except RuntimeError:
            return

    def _not_selected(self, text: str, base: str | None, known: Mapping[str, str], bindings: Mapping[str, Term]) -> str | None:
        substitutions = {ox.Variable(name): term for name, term in bindings.items()}
        try:
            self._grammar.query(text, base_iri=base, prefixes=dict(known), substitutions=substitutions)
        except RuntimeError as error:
            return str(error)
        return None

    def _facts(self, subject: ox.NamedNode, graph: Graph | None) -> tuple[ox.Quad, ...] | None:
        """Return all that a graph says of a subject, fetched once; None of one that has too many facts for that."""
        key = subject.value, str(graph)
        if key not in self._subjects:
            if len(self._subjects) >= _SUBJECTS:
                self._subjects.clear()
            found = tuple(self._quads(subject, None, None, graph, limit=_AT_ONCE))
            self._subjects[key] = None if len(found) == _AT_ONCE else found
        return self._subjects[key]

    def _quads(
        self, subject: Node | None, predicate: ox.NamedNode | None, value: Any, graph: Graph | None, limit: int | None = None
    ) -> Iterator[ox.Quad]:
        terms = {"s": subject, "p": predicate, "o": value}
        if any(isinstance(term, ox.BlankNode) for term in terms.values()):
            return  # no graph of kg has one, and it could not be asked for
        pattern = " ".join(f"?{name}" if term is None else str(term) for name, term in terms.items())
        wanted = " ".join(f"?{name}" for name, term in terms.items() if term is None)
        default = f"GRAPH <{self._place.default}> {{ {pattern} }}" if self._place.default else pattern
        if graph is None:
            where = (
                f"{{ {pattern} }} UNION {{ GRAPH ?g {{ {pattern} }} }}" if not self._place.default else f"GRAPH ?g {{ {pattern} }}"
            )
            wanted += " ?g"
        else:
            where = default if isinstance(graph, ox.DefaultGraph) else f"GRAPH {graph} {{ {pattern} }}"
        bounds = f" LIMIT {limit}" if limit else ""
        for row in self.rows(f"SELECT {wanted or '*'} {{ {where} }}{bounds}"):
            found = [row[name] if term is None else term for name, term in terms.items()]
            yield ox.Quad(found[0], found[1], found[2], self._graph(row["g"]) if graph is None else graph)

    def _graph(self, name: Any) -> Graph:
        """Return the graph of the build that a graph of the store is."""
        is_default = name is None or (self._place.default and name.value == self._place.default)
        return _DEFAULT if is_default else cast("ox.NamedNode", name)

    def rows(self, text: str, graphs: Sequence[tuple[str, str]] = ()) -> Iterator[Any]:
        """Yield the rows of an answer as they come; `graphs` are parameters that name what is read."""
        with ExitStack() as stack:
            found, received = self._solutions(Sent(text, "query", "rows", text), graphs, stack)
            if not isinstance(found, ox.QuerySolutions):
                return
            yield from self._read(found)
            received.body.drain()

    def texts(self, text: str) -> list[dict[str, str]]:
        """Return the rows of a small answer, terms as their values."""
        found = self.query(text)
        if not isinstance(found, ox.QuerySolutions):
            return []
        names = [variable.value for variable in found.variables]
        rows = self._read(found)
        return [{name: str(getattr(row[name], "value", "")) for name in names if row[name] is not None} for row in rows]

    def _read(self, found: ox.QuerySolutions) -> Iterator[ox.QuerySolution]:
        """Yield rows as they come; raise RemoteError behind the last one that can be read."""
        try:
            yield from found
        except SyntaxError as error:
            raise self._unreadable(error) from error

    def _answer(self, sent: Sent, graphs: list[tuple[str, str]]) -> Answer:
        with ExitStack() as stack:
            found, _ = self._solutions(sent, graphs, stack)
            if isinstance(found, ox.QuerySolutions):
                return self._kept(found, stack.pop_all())
            return found

    def _kept(self, found: ox.QuerySolutions, stack: ExitStack) -> ox.QuerySolutions:
        """Return rows that still come; the connection is closed when the next question is asked."""
        self._open.close()
        self._open = stack
        return found

    def _solutions(self, sent: Sent, graphs: Sequence[tuple[str, str]], stack: ExitStack) -> tuple[Answer, Received]:
        body = urlencode([("query", sent.text), *graphs]).encode()
        headers = {"Content-Type": _FORM, "Accept": _ACCEPT[sent.form]}
        received = stack.enter_context(self._session.reply("POST", "", body, headers))
        self._check_reply(received, sent)
        media = received.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        file = cast("IO[bytes]", received.body)
        try:
            if media in ROWS and sent.form != "graph":
                return as_truth(ox.parse_query_results(file, ROWS[media])), received
            if media in GRAPHS:
                check_end(media, received.body.framed, self._place.url)
                return self._triples(file, media), received
        except SyntaxError as error:
            raise self._unreadable(error) from error
        raise no_endpoint(media, self._place.url, "check the address: it is that of queries")

    def _triples(self, file: IO[bytes], media: str) -> ox.QueryTriples:
        """Return a graph as a local store answers with it, so that all that reads answers can read it."""
        held = ox.Store()
        held.bulk_extend(quad for quad in ox.parse(file, format=GRAPHS[media], base_iri=self._place.url))
        found = held.query("CONSTRUCT { ?s ?p ?o } WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }")
        return cast("ox.QueryTriples", found)

    def _check_reply(self, received: Received, sent: Sent) -> None:
        """Raise what a refusal is, and CutShort for a part of an answer."""
        if received.status != 200:
            said = received.body.read(_COMPLAINT)
            given = self._place.login.given or "a login"
            raise refusal(received.status, received.headers, said, sent, self._place.url, self._session.secret, given)
        if received.headers.get("X-SQL-State"):  # Virtuoso, out of time, with what it has found so far
            raise CutShort("the store gives a part of the answer: it ran out of time", where=self._place.url, hint="ask for less")

    def _unreadable(self, error: SyntaxError) -> RemoteError:
        return RemoteError(f"the reply of the store cannot be read: {error}", where=self._place.url, hint="tell who runs it")
