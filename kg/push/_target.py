"""Requests to a store: queries, updates, graphs (SPARQL 1.1 Query, Update, Graph Store Protocol), sent again when it is busy.

An update that a store refuses as too much for it, or on which it hangs up, is sent in halves; what is sent may be sent twice, which
changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, TypeVar, cast
from urllib.parse import urlencode

import pyoxigraph as ox

from kg.errors import KgError, Refused, RemoteError
from kg.push._addresses import Addresses
from kg.push._parts import DEFAULT, triple
from kg.remote import BUSY, ROWS, Login, Received, Session, no_endpoint, retry_after, said_in

_JSON = "application/sparql-results+json"
_UPDATE = {"Content-Type": "application/sparql-update; charset=utf-8", "Accept": "*/*"}
_TRIPLES = {"Content-Type": "text/turtle; charset=utf-8", "Accept": "*/*"}  # N-Triples is Turtle, which all servers take
_COMPLAINT = 65536  # bytes of a refusal that are read
_TOO_MUCH = frozenset({400, 413, 500})  # how servers refuse an update that is too long for them, among others
_LITTLE = 65536  # bytes of a request on which no server hangs up because they are too many
_LONGEST_WAIT = 30.0  # seconds
_HUNG_UP = (BrokenPipeError, ConnectionResetError, ConnectionAbortedError)

_Found = TypeVar("_Found")
Row = Mapping[str, str]


class TooMuch(RemoteError):
    """Triples are refused, perhaps because they are too many at once."""


class Busy(RemoteError):
    """A store cannot answer now; `after` is in how many seconds it wants to be asked again, if it says so."""

    after: float | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent where; `is_data` for triples, which may be sent in halves."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    parameters: str = ""
    is_data: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """How often what a busy store does not answer is sent again; what waits between two times (seconds), and what is told then."""

    retries: int = 5
    wait: Callable[[float], None] = time.sleep
    say: Callable[[str], None] = lambda text: None


@dataclass(slots=True)
class Target:
    """A store: its addresses, who asks, and how patiently; `default` is the graph that its default graph's triples go to."""

    addresses: Addresses
    login: Login = field(default_factory=Login)
    default: str | None = None
    waiting: Waiting = field(default_factory=Waiting)
    timeout: float | None = None
    requests: int = 0
    _sessions: dict[str, Session] = field(default_factory=dict, repr=False)

    def rows(self, query: str) -> list[Row]:
        """Return the rows of a small answer, terms as their values; raise RemoteError."""
        return self._patiently(partial(self._rows, query))

    def update(self, text: str, *, is_data: bool = False) -> None:
        """Do an update; raise RemoteError: TooMuch where it is one of triples, and the store refuses it."""
        self._patiently(partial(self._sent, _Request(self.addresses.update, text.encode(), _UPDATE, is_data=is_data)))

    def add(self, graph: str, lines: Sequence[bytes]) -> None:
        """Add lines to a graph; raise RemoteError."""
        if self.addresses.graphs is None:
            self._halved(lines, lambda some: self.update(f"INSERT DATA {self.braced(graph, some)}", is_data=True))
            return
        parameters = urlencode({"graph": name}) if (name := self.name(graph)) else "default"
        address = self.addresses.graphs

        def post(some: Sequence[bytes]) -> None:
            content = b"".join(triple(line, graph) for line in some)
            self._patiently(partial(self._sent, _Request(address, content, _TRIPLES, parameters, is_data=True)))

        self._halved(lines, post)

    def remove(self, graph: str, lines: Sequence[bytes]) -> None:
        """Take lines out of a graph; raise RemoteError."""
        self._halved(lines, lambda some: self.update(f"DELETE DATA {self.braced(graph, some)}", is_data=True))

    def name(self, graph: str) -> str:
        """Return the graph of the store that a graph of the build goes to, nothing for its default graph."""
        return graph if graph != DEFAULT else self.default or ""

    def pattern(self, graph: str, inner: str) -> str:
        """Return a pattern inside of a graph."""
        name = self.name(graph)
        return f"GRAPH <{name}> {{ {inner} }}" if name else inner

    def braced(self, graph: str, lines: Sequence[bytes]) -> str:
        """Return lines of a graph as the data of an update."""
        text = b"".join(triple(line, graph) for line in lines).decode()
        return f"{{ {self.pattern(graph, text)} }}"

    def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            session.close()

    def _halved(self, lines: Sequence[bytes], send: Callable[[Sequence[bytes]], None]) -> None:
        """Send lines, and in halves what is refused, down to a single one."""
        if not lines:
            return
        try:
            send(lines)
        except TooMuch:
            if len(lines) == 1:
                raise
            middle = len(lines) // 2
            self._halved(lines[:middle], send)
            self._halved(lines[middle:], send)

    def _patiently(self, act: Callable[[], _Found]) -> _Found:
        """Return what an act returns; while the store is busy or away, wait longer and longer and do it again."""
        for number in range(self.waiting.retries + 1):
            try:
                return act()
            except (Refused, TooMuch):
                raise
            except RemoteError as error:
                if number == self.waiting.retries:
                    raise
                after = error.after if isinstance(error, Busy) else None
                pause = max(min(0.5 * 2**number, _LONGEST_WAIT), after or 0)
                self.waiting.say(f"{error.where}: {error.what}; asking again in {pause:g} s")
                self.waiting.wait(pause)
        raise AssertionError("unreachable")  # pragma: no cover - the loop returns or raises

    def _sent(self, request: _Request) -> None:
        try:
            with self._reply(request) as received:
                received.body.drain()
        except RemoteError as error:
            if request.is_data and len(request.body) > _LITTLE and isinstance(error.__cause__, _HUNG_UP):
                raise TooMuch(error.what, where=error.where, hint=error.hint) from error
            raise

    def _rows(self, query: str) -> list[Row]:
        body = urlencode({"query": query}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": _JSON}
        with self._reply(_Request(self.addresses.query, body, headers)) as received:
            media = received.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if media not in ROWS:
                raise no_endpoint(media, self.addresses.query, "check --target: it is the address of queries")
            try:
                found = ox.parse_query_results(cast("IO[bytes]", received.body), ROWS[media])
                if not isinstance(found, ox.QuerySolutions):
                    raise Refused("rows were asked for, and the reply has none", where=self.addresses.query)
                names = [variable.value for variable in found.variables]
                rows: list[Row] = [{name: _value(row[name]) for name in names if row[name] is not None} for row in found]
            except SyntaxError as error:
                raise RemoteError(f"the reply cannot be read: {error}", where=self.addresses.query) from error
            received.body.drain()
            return rows

    @contextmanager
    def _reply(self, request: _Request) -> Iterator[Received]:
        session = self._session(request.url)
        self.requests += 1
        with session.reply("POST", request.parameters, request.body, request.headers) as received:
            if not 200 <= received.status < 300:
                raise self._refused(received, session, is_data=request.is_data)
            yield received

    def _session(self, url: str) -> Session:
        if url not in self._sessions:
            self._sessions[url] = Session(url, self.login, self.timeout)
        return self._sessions[url]

    def _refused(self, received: Received, session: Session, *, is_data: bool) -> KgError:
        said = said_in(received.headers, received.body.read(_COMPLAINT), session.secret).detail
        status, where = received.status, session.url
        words = f"({status}){f': {said}' if said else ''}"
        if status in _TOO_MUCH and is_data:  # whoever sees this was refused a single triple
            hint = "--graph-store URL sends triples as Turtle, not as updates" if self.addresses.graphs is None else None
            return TooMuch(f"the store refuses the request {words}", where=where, hint=hint)
        if status in BUSY or status == 500:
            hint = "run the same command again when it answers: it goes on where it stopped"
            busy = Busy(f"the store cannot answer now {words}", where=where, hint=hint)
            busy.after = retry_after(received.headers)
            return busy
        if status in _TOO_MUCH:
            hint = "check --target and --update: they are addresses of one store"
            return Refused(f"the store refuses the request {words}", where=where, hint=hint)
        if status in {401, 403}:
            hint = f"give {self.login.given or 'a login'} of somebody who may change the store"
            return Refused(f"the store lets nobody in without a login that may do this {words}", where=where, hint=hint)
        return Refused(
            f"the store takes no such request there {words}", where=where, hint="check --target, --update and --graph-store"
        )


def _value(term: Any) -> str:
    return str(getattr(term, "value", term))
