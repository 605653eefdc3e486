"""A service that speaks chat completions on this machine, played by a real HTTP server: no model, but every way to answer."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEY = "sk-right"
"""The key that the service wants."""

Request = Mapping[str, Any]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes back: a status with a body, or nothing at all (`silent`), or a broken connection (`reset`)."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    reset: bool = False


Answering = Callable[[Request, int], Reply]
"""Of a request and how many came before it: the reply."""


@dataclass(slots=True)
class Served:
    """A running service: its address, how it answers, and what it was asked."""

    url: str
    answer: Answering
    requests: list[Request] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)

    def reply(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """Count a request, and answer it."""
        with self.lock:
            before = len(self.requests)
            self.requests.append(request)
            self.headers.append(headers)
        if headers.get("Authorization") != f"Bearer {KEY}":
            return error(401, f"Incorrect API key provided: {headers.get('Authorization', '').removeprefix('Bearer ')}")
        return self.answer(request, before)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Served

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        reply = error(404, "no such path")
        if self.path == "/v1/chat/completions":
            reply = self.served.reply(json.loads(data), dict(self.headers))
        if reply.silent:
            self.served.ended.wait()
        if reply.silent or reply.reset:
            self._break()
            return
        body = reply.body.encode()
        self.send_response_only(reply.status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _break(self) -> None:
        """End the connection with a reset instead of an answer."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def finish(self) -> None:
        if self.connection.fileno() >= 0:
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is none of the server's business."""

    def shutdown_request(self, request: Any) -> None:
        if request.fileno() >= 0:
            super().shutdown_request(request)


@contextmanager
def serving(answer: Answering) -> Iterator[Served]:
    """Run a service on a free port of this machine."""
    handler = type("Handler", (_Handler,), {})
    with _Server(("127.0.0.1", 0), handler) as server:
        served = Served(f"http://127.0.0.1:{server.server_address[1]}/v1", answer)
        handler.served = served  # type: ignore[attr-defined]  # the handler's class is this server's own
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            served.ended.set()
            server.shutdown()
            thread.join()


def said(content: str, ended: str = "stop", **message: str | None) -> Reply:
    """Return a reply in which the model says something."""
    return Reply(json.dumps({"choices": [{"message": {"content": content, **message}, "finish_reason": ended}]}))


def claims(*items: object) -> Reply:
    """Return a reply that holds an answer."""
    return said(json.dumps({"claims": items}))


def error(status: int, message: str, **headers: str) -> Reply:
    """Return an error as most services write it."""
    return Reply(json.dumps({"error": {"message": message}}), status, {name.replace("_", "-"): v for name, v in headers.items()})


def text_of(request: Request) -> str:
    """Return what the model is told about the report."""
    content: str = request["messages"][1]["content"]
    return content


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a large model answered about documents, by their words."""

    claims: Mapping[str, Sequence[Mapping[str, Any]]]
    words: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, evaluation: Path) -> Recorded:
        """Read the recorded answers of the evaluation material."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for line in (evaluation / "llm" / "claims.jsonl").read_text(encoding="utf-8").splitlines():
            claim = json.loads(line)
            found.setdefault(claim["report"], []).append(claim)
        paths = [evaluation / folder / name for name in found for folder in ("seeds", "style", "real")]
        words = {path.name: _words(path.read_text(encoding="utf-8")) for path in paths if path.is_file()}
        return cls(found, words)

    def __call__(self, request: Request, before: int) -> Reply:
        """Answer with what was recorded of the document whose words the request has."""
        asked = _words(text_of(request).partition("<<<report ")[2])
        report = max(self.words, key=lambda name: (len(asked & self.words[name]) / len(self.words[name] | asked), name))
        names = ("model", "relation", "value", "stage", "mention", "quote")
        return claims(*({name: claim[name] for name in names} for claim in self.claims[report]))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
