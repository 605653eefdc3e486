"""A server on a free port of this machine that answers with the bytes it is given: what no proper server would send."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""A key and a certificate of its own for 127.0.0.1, which nobody trusts unless told to."""

ROWS = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}'
TRIPLE = b"<http://e/a> <http://e/b> <http://e/c> .\n"


@dataclass(slots=True)
class Canned:
    """What the server was sent, and where it is; each request gets the next reply, the last one for ever."""

    url: str
    requests: list[bytes] = field(default_factory=list)


def reply(body: bytes = ROWS, status: str = "200 OK", media: str = "application/sparql-results+json", *more: str) -> bytes:
    """Return a proper reply, with more header lines."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(*chunks: bytes, media: str = "application/sparql-results+json", last: bytes = b"0\r\n\r\n") -> bytes:
    """Return a reply in chunks; without `last` it breaks off."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks) + last


def moved(where: str, status: int = 307) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()


@contextmanager
def canned(*replies: bytes | None, tls: bool = False, path: str = "/sparql") -> Iterator[Canned]:
    """Answer requests while the block runs; None keeps the connection open and says nothing until then."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = Canned(f"{'https' if tls else 'http'}://127.0.0.1:{port}{path}")
        thread = threading.Thread(target=_answer, args=(listening, server, replies, tls, ended))
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            with socket.socket() as last:
                last.settimeout(1)
                last.connect_ex(("127.0.0.1", port))
            thread.join()


def _answer(listening: socket.socket, server: Canned, replies: tuple[bytes | None, ...], tls: bool, ended: threading.Event) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    while True:
        connection, _ = listening.accept()
        with connection:
            if ended.is_set():
                return
            connection.settimeout(10)
            try:
                with context.wrap_socket(connection, server_side=True) if tls else connection as talking:
                    request = _request(talking)
                    content = replies[min(len(server.requests), len(replies) - 1)]
                    server.requests.append(request)
                    if content is None:
                        ended.wait(20)
                    else:
                        talking.sendall(content)
            except OSError:  # the client does not trust the certificate, or reads no further
                continue


def _request(talking: socket.socket) -> bytes:
    content = b""
    while b"\r\n\r\n" not in content:
        part = talking.recv(65536)
        if not part or part.startswith(b"\x16"):  # the client hangs up, or begins to talk TLS
            return content
        content += part
    length = re.search(rb"(?im)^content-length: (\d+)", content)
    end = content.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
    while len(content) < end:
        content += talking.recv(65536)
    return content
