"""A store on a free port of this machine that does what it is told, or what a test says instead: fails, or is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qs

import pyoxigraph as ox

JSON = "application/sparql-results+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered instead of what the store would."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Stub:
    """A store, where it is, the texts that it was sent, and what comes before it: None lets a request through."""

    url: str = ""
    store: ox.Store = field(default_factory=ox.Store)
    texts: list[str] = field(default_factory=list)
    instead: Callable[[str], Answer | None] = lambda text: None

    def answer(self, path: str, text: str) -> Answer:
        self.texts.append(text)
        if answer := self.instead(text):
            return answer
        try:
            if path == "/update":
                self.store.update(text)
                return Answer(204)
            found = cast("ox.QuerySolutions", self.store.query(text)).serialize(format=ox.QueryResultsFormat.JSON)
            return Answer(200, (found or b"").decode(), {"Content-Type": JSON})
        except SyntaxError as error:
            return Answer(400, str(error))


@contextmanager
def stub() -> Iterator[Stub]:
    """Run a store in memory while the block runs."""
    there = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # head and body in one packet: the second would wait for the first one to be acknowledged

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = there.answer(self.path, body if self.path == "/update" else parse_qs(body)["query"][0])
            content = answer.text.encode()
            self.send_response_only(answer.status)
            for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True  # connections are kept open, and their threads with them

    with Server(("127.0.0.1", 0), Handler) as server:
        there.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield there
        finally:
            server.shutdown()
            thread.join()
