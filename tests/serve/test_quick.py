"""What is given again without being looked up: to the same address only."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from kg.guard import Asked
from kg.serve._quick import Quick
from tests.serve.scopes import scope_of

KEPT = scope_of("GET", "/sparql?query=ASK{}", [("accept", "text/csv")])


def answer_to(scope: Scope) -> bytes:
    """Return what is answered when the reply to another request is kept."""
    quick = Quick()
    quick.keep(KEPT, Asked("query", {}), Response(b"kept"))
    sent: list[Message] = []

    async def anew(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(b"anew")(scope, receive, send)

    async def receive() -> Message:
        raise AssertionError("nothing of a request is read")

    async def send(message: Message) -> None:
        sent.append(message)

    async def answer() -> None:
        await quick.before(anew)(scope, receive, send)

    asyncio.run(answer())
    return b"".join(message.get("body", b"") for message in sent)


def test_the_same_words_are_given_the_same_reply() -> None:
    assert answer_to({**KEPT, "headers": [*KEPT["headers"], (b"user-agent", b"another")]}) == b"kept"


@pytest.mark.parametrize(
    "scope",
    [
        scope_of("HEAD", "/sparql?query=ASK{}", [("accept", "text/csv")]),
        scope_of("GET", "/sparql?query=ASK{}"),
        scope_of("GET", "/sparql?query=ASK{}", [("accept", "text/csv"), ("if-none-match", '"a"')]),
        scope_of("GET", "/sparql?query=ASK{}&format=csv", [("accept", "text/csv")]),
        scope_of("GET", "/%73parql?query=ASK{}", [("accept", "text/csv")]),  # relative IRIs are below another address
        scope_of("GET", "/sparql?query=ASK{}", [("accept", "text/csv"), ("host", "other")]),
        {**KEPT, "headers": [(b"host", b"other"), *KEPT["headers"]]},
        scope_of("GET", "/sparql?query=ASK{}", [("accept", "text/csv"), ("accept-encoding", "gzip")]),
        {**KEPT, "scheme": "https"},
    ],
    ids=["method", "accept", "condition", "query", "path", "another host behind", "another host before", "coding", "scheme"],
)
def test_what_differs_is_answered_anew(scope: Scope) -> None:
    assert answer_to(scope) == b"anew"
