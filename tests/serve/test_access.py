from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from kg.errors import UsageError
from kg.serve._access import PREFLIGHT, READING, SECURITY, Access
from tests.serve.scopes import request_of, scope_of

WORD = "secret"
PREFLIGHTS = {"origin": "https://example.org", "access-control-request-method": "POST"}


async def pieces() -> AsyncIterator[bytes]:
    for number in range(3):
        yield b"%d" % number


async def say(request: Request) -> Response:
    return PlainTextResponse("said")


async def stream(request: Request) -> Response:
    return StreamingResponse(pieces())


def send(method: str, address: str, headers: Any = (), *, token: str | None = None) -> list[Message]:
    """Return the messages with which the layer and the routes behind it answer."""
    routes = [
        Route("/sparql", say, methods=["GET", "POST"]),
        Route("/stream", stream),
        Route("/health", say),
        Route("/ready", say),
        Route("/queries", say),
        Route("/queries/{id}", say, methods=["DELETE"]),
    ]
    sent: list[Message] = []

    async def take(message: Message) -> None:
        sent.append(message)

    app = Access(Starlette(routes=routes), routes=routes, token=token)
    asyncio.run(app(scope_of(method, address, headers), request_of(method, address).receive, take))
    return sent


def answer(*arguments: Any, **settings: Any) -> tuple[int, Mapping[str, str]]:
    start = send(*arguments, **settings)[0]
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


# the token ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sparql", "/queries", "/nothing", "/stream", "/health/", "/ready/x"])
def test_without_the_token_nothing_is_told(path: str) -> None:
    messages = send("GET", path, token=WORD)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    assert (messages[0]["status"], headers["www-authenticate"]) == (401, "Bearer")
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["content-length"]) == len(messages[1]["body"])
    problem = json.loads(messages[1]["body"])
    assert problem["status"] == 401 and "Authorization: Bearer" in problem["hint"]


@pytest.mark.parametrize(
    "sent",
    [
        *[["Bearer wrong"], ["Bearer secretx"], ["Bearer"], ["Bearer "], ["secret"], ["Basic secret"], ["Bearer s\xe9cret"], [""]],
        ["Bearer secret", "Bearer secret"],
    ],
)
def test_a_wrong_token(sent: list[str]) -> None:
    status, headers = answer("GET", "/sparql", [("authorization", value) for value in sent], token=WORD)
    assert (status, headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize("token", ["", " ", "two words", "pass:word", "schlüssel", "a\nb", "=a"])
def test_a_token_that_no_client_can_send(token: str) -> None:
    with pytest.raises(UsageError, match="the token is none that a client can send"):
        Access(Starlette(), routes=[], token=token)


def test_a_browser_asks_its_user_for_the_token() -> None:
    challenges = [value for name, value in send("GET", "/", token=WORD)[0]["headers"] if name.lower() == b"www-authenticate"]
    assert [challenge.partition(b" ")[0] for challenge in challenges] == [b"Basic", b"Bearer"]


@pytest.mark.parametrize("pair", ["anybody:secret", ":secret"])
def test_the_token_as_a_password(pair: str) -> None:
    assert answer("GET", "/sparql", {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}, token=WORD)[0] == 200


@pytest.mark.parametrize("pair", ["secret:", "secret", "a:b:secret", "a:Secret", "a:secret "])
def test_a_wrong_password(pair: str) -> None:
    assert answer("GET", "/sparql", {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}, token=WORD)[0] == 401


@pytest.mark.parametrize("sent", ["Bearer secret", "bearer secret", "BEARER  secret "])
def test_the_right_token(sent: str) -> None:
    assert answer("GET", "/sparql", {"authorization": sent}, token=WORD)[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/health", 200), ("HEAD", "/ready", 200), ("OPTIONS", "/sparql", 204)]
)
def test_what_needs_no_token(method: str, path: str, status: int) -> None:
    assert answer(method, path, PREFLIGHTS if method == "OPTIONS" else {}, token=WORD)[0] == status


def test_without_a_token_all_is_open() -> None:
    assert answer("GET", "/sparql")[0] == 200


# headers ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sparql", 200),
        ("POST", "/sparql", 200),
        ("PUT", "/sparql", 405),
        ("GET", "/nothing", 404),
        ("HEAD", "/stream", 200),
    ],
)
def test_readers_from_everywhere(method: str, path: str, status: int) -> None:
    found, headers = answer(method, path)
    assert found == status
    assert headers.items() >= lower(SECURITY | READING).items()
    assert "access-control-allow-credentials" not in headers


def test_nobody_from_elsewhere_stops_a_query() -> None:
    status, headers = answer("DELETE", "/queries/1", {"origin": "https://example.org"})
    assert status == 200
    assert headers.items() >= lower(SECURITY).items()
    assert not any(name.startswith("access-control") for name in headers)


def test_nobody_from_elsewhere_sees_what_is_asked() -> None:
    """A page in the browser of the one who runs the service asks from this machine, and would be told texts and ids."""
    assert not any(name.startswith("access-control") for name in answer("GET", "/queries", {"origin": "https://example.org"})[1])
    assert not any(name.startswith("access-control") for name in answer("OPTIONS", "/queries", PREFLIGHTS)[1])


def test_the_refusal_of_a_token_can_be_read_from_everywhere() -> None:
    assert answer("GET", "/sparql", token=WORD)[1].items() >= lower(SECURITY | READING).items()


def test_a_preflight_is_answered_without_the_routes() -> None:
    status, headers = answer("OPTIONS", "/sparql", PREFLIGHTS)
    assert (status, headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert headers.items() >= lower(SECURITY | PREFLIGHT).items()
    assert "DELETE" not in headers["access-control-allow-methods"]
    assert "access-control-allow-private-network" not in headers


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/sparql", "GET, HEAD, POST, OPTIONS"),
        ("/stream", "GET, HEAD, OPTIONS"),
        ("/queries", "GET, HEAD, OPTIONS"),
        ("/queries/7", "DELETE, OPTIONS"),
    ],
)
def test_options_names_the_methods_of_the_path(path: str, allow: str) -> None:
    status, headers = answer("OPTIONS", path)
    assert (status, headers["allow"]) == (204, allow)
    assert "access-control-allow-methods" not in headers
    assert headers.get("access-control-allow-origin") == (None if path.startswith("/queries") else "*")


def test_options_of_no_path() -> None:
    assert answer("OPTIONS", "/nothing", PREFLIGHTS)[0] == 404


def test_nothing_is_held_back() -> None:
    assert [message.get("body") for message in send("GET", "/stream")] == [None, b"0", b"1", b"2", b""]


def test_what_is_no_http_passes() -> None:
    seen = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["type"], send))

    async def nothing(message: Message) -> None:
        raise AssertionError(message)

    asyncio.run(Access(inner, routes=[], token=WORD)({"type": "lifespan"}, request_of("GET", "/").receive, nothing))
    assert seen == [("lifespan", nothing)]
