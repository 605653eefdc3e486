"""A token that every path with data needs, and a log that nobody can write into and no secret gets into."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.serve.attack.builds import look_up, name
from tests.serve.attack.endpoint import Endpoint, request, serving, status, until
from tests.serve.attack.queries import GROWTH, seconds

TOKEN = "-".join(("correct", "horse.battery_staple"))
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def guarded(ring: Path) -> Iterator[Endpoint]:
    with serving(ring, "--workers", "2", "--timeout", "2s", "--memory", "1GB", "--token", TOKEN, "--log") as found:
        yield found


PATHS = (
    *(("GET", path) for path in ("/", "/sparql", "/sparql/", "/sparql?query=ASK%7B%7D", "/sparql?default", "/graphs?default")),
    *(("GET", path) for path in ("/queries", "/metrics", "/openapi.json", "//sparql", "/sparql;x", "/SPARQL", "/health/../sparql")),
    *(("GET", path) for path in ("/%73parql?query=ASK%7B%7D", "/health%2f..%2fsparql", "http://x/sparql?query=ASK%7B%7D")),
    *(("POST", path) for path in ("/sparql", "/graphs")),
    *(("HEAD", path) for path in ("/sparql?query=ASK%7B%7D", "/graphs?default")),
    *(("DELETE", path) for path in ("/queries/1", "/graphs?default", "/sparql")),
)
WRONG: tuple[Mapping[str, str], ...] = (
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": f"Bearer {TOKEN[:-1]}"},
    {"Authorization": f"Bearer {TOKEN}x"},
    {"Authorization": f"Bearer {TOKEN.upper()}"},
    {"Authorization": f"Basic {TOKEN}"},
    {"Authorization": TOKEN},
    {"X-Authorization": f"Bearer {TOKEN}"},
    {"Cookie": f"token={TOKEN}"},
)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_every_path_with_data_needs_the_token(guarded: Endpoint, method: str, path: str) -> None:
    for headers in WRONG:
        lines = "".join(f"{header}: {value}\r\n" for header, value in headers.items())
        reply = guarded.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n".encode())
        assert status(reply) in {400, 401, 404}, reply[:300]
        assert status(reply) != 401 or b"\r\nwww-authenticate: bearer" in reply.lower()
        assert b"boolean" not in reply and TOKEN.encode() not in reply


def test_a_token_in_the_address_is_none(guarded: Endpoint) -> None:
    for parameter in ("token", "access_token", "authorization"):
        reply = guarded.send(
            f"GET /sparql?query=ASK%7B%7D&{parameter}={TOKEN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        assert status(reply) == 401


def test_two_tokens_are_none(guarded: Endpoint) -> None:
    for first, second in ((TOKEN, "other"), ("other", TOKEN)):
        headers = f"Authorization: Bearer {first}\r\nAuthorization: Bearer {second}\r\n"
        reply = guarded.send(f"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n".encode())
        assert status(reply) in {400, 401}


def test_with_the_token_it_answers_and_is_alive_without(guarded: Endpoint) -> None:
    assert name(8) in guarded.ask(look_up(8), BEARER).text
    with guarded.client() as client:
        assert client.get("/health").status_code == client.get("/ready").status_code == 200
        assert client.get("/metrics", headers=BEARER).status_code == 200


def test_without_a_token_a_query_costs_nothing(guarded: Endpoint) -> None:
    before = guarded.busy(0.1)
    for number in range(20):
        assert guarded.ask(seconds(number, "unpaid")).status_code == 401
    assert guarded.busy(0.3) < 0.2 + before


# the log ----------------------------------------------------------------------------------------------------------------------


def entries(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Return the lines of the log; all but the greeting have to be JSON."""
    lines = [line for line in endpoint.talk if "http://127.0.0.1" not in line]
    found = [json.loads(line) for line in lines]
    assert all(isinstance(entry, dict) for entry in found)
    return found


def test_the_log_is_lines_of_json_without_texts_or_tokens(guarded: Endpoint) -> None:
    before = len(entries(guarded))
    secret = "-".join(("very", "secret", "name"))
    guarded.ask(f"SELECT * {{ ?s ?p '{secret}' }}", BEARER)
    guarded.ask(f"SELECT * {{ ?s ?p '{secret}' bad }}", BEARER)
    guarded.ask(f"{GROWTH} # {secret}", BEARER)
    guarded.ask(seconds(1, secret), BEARER)
    guarded.ask(f"ASK {{ ?s ?p '{secret}' }}", {"Authorization": f"Bearer {secret}"})
    with guarded.client(headers=BEARER) as client:
        client.get("/graphs", params={"graph": f"x:{secret}"})
        client.get(f"/queries/{secret}")
    assert until(lambda: len(entries(guarded)) >= before + 7)
    text = "".join(guarded.talk)
    assert secret not in text.replace(f"/queries/{secret}", "")
    assert TOKEN not in text
    statuses = [entry["status"] for entry in entries(guarded)[before:] if "status" in entry]
    assert statuses[:5] == [200, 400, 503, 503, 401]


INJECTED = ("\n", "\r\n", "\u2028", "\u0085", "\x0b", "\x1b[2J", '"}\n{"event": "forged', "%0a", "\\n")


@pytest.mark.parametrize("piece", INJECTED)
def test_nobody_writes_lines_of_the_log(guarded: Endpoint, piece: str) -> None:
    before = len(entries(guarded))
    text = f'a{piece}{{"event": "forged"}}{piece}b'
    requests = (
        request(f"SELECT * {{}} # {text}", f"Authorization: Bearer {TOKEN}"),
        f"GET /{text} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode(),
        f"GET /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: {text}\r\nUser-Agent: {text}\r\n\r\n".encode(),
        f"GET /{text.encode().hex('%')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
        f"GET /%{text.encode().hex('%')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
    )
    for content in requests:
        guarded.send(content)
    assert name(9) in guarded.ask(look_up(9), {**BEARER, "X-Request-Id": "after-the-forger"}).text
    assert until(lambda: any(entry.get("id") == "after-the-forger" for entry in entries(guarded)[before:]))
    assert not [entry for entry in entries(guarded)[before:] if entry.get("event") == "forged"]
    assert "\x1b" not in "".join(guarded.talk)


def test_texts_are_in_the_log_when_they_are_wanted(ring: Path) -> None:
    with serving(ring, "--workers", "2", "--memory", "1GB", "--log-queries") as endpoint:
        query = 'ASK { ?s ?p "a\nb" }'.replace("\n", "\\n") + " # \u2028 \x1b"
        assert endpoint.ask(query).status_code == 200
        assert until(lambda: any(entry.get("query") == query for entry in entries(endpoint)))
        assert "\x1b" not in "".join(endpoint.talk) and "\u2028" not in "".join(endpoint.talk)


@pytest.mark.parametrize("token", ["", " ", "two words", "line\nend", "ü"])
def test_a_token_that_nobody_can_send(ring: Path, token: str) -> None:
    from tests.command import kg

    done = kg("serve", "-b", ring, "--port", "0", "--token", token, timeout=60)
    assert done.returncode == 2
    assert "token" in done.stderr and "Traceback" not in done.stderr


def test_the_token_of_the_environment_is_on_no_command_line(ring: Path) -> None:
    with serving(ring, "--workers", "2", "--memory", "1GB", environ={"KG_TOKEN": TOKEN}) as endpoint:
        assert endpoint.ask(look_up(1)).status_code == 401
        assert endpoint.ask(look_up(1), BEARER).status_code == 200
        for pid in endpoint.tree():
            assert TOKEN.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
        for pid in endpoint.workers():
            assert TOKEN.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
