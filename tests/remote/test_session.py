"""Logins and kept connections, with nginx as the server that wants them."""

from __future__ import annotations

import getpass
import gzip
import hashlib
import re
import shutil
import ssl
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from kg.errors import CutShort, Refused, RemoteError, UsageError
from kg.remote import Login, Session
from kg.remote._proxy import way
from tests.lacking import lacking
from tests.remote.canned import Canned, canned, reply
from tests.stores import answers, free_port, running

_CONFIGURATION = """\
daemon off; user {user}; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{
        listen 127.0.0.1:{port};
        location = /open {{ return 200 "open"; }}
        location = /closing {{ keepalive_timeout 0; return 200 "closing"; }}
        location = /moved {{ return 302 http://127.0.0.1:{port}/open; }}
        location = /basic {{ auth_basic "kg"; auth_basic_user_file {folder}/users; try_files /page =404; root {folder}; }}
        location = /bearer {{ if ($http_authorization != "Bearer abc") {{ return 401; }} return 200 "let in"; }}
    }}
}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or lacking("nginx is not installed")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    configuration = _CONFIGURATION.format(folder=folder, port=port, user=getpass.getuser())  # root's would run as another one
    for name, text in {"users": "me:{PLAIN}secret\n", "page": "let in", "nginx.conf": configuration}.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    with running(command, folder / "output", lambda: answers(f"http://127.0.0.1:{port}/open"), kindly=True):
        yield f"http://127.0.0.1:{port}"


def status(url: str, login: Login | None = None, times: int = 1) -> list[int]:
    session, found = Session(url, login or Login()), []
    for _ in range(times):
        with session.reply("GET") as received:
            received.body.drain()
            found.append(received.status)
    session.close()
    return found


@pytest.mark.parametrize(
    ("path", "login", "wanted"),
    [
        ("basic", Login(), 401),
        ("basic", Login(user="me", password="secret"), 200),  # noqa: S106
        ("basic", Login(user="me", password="other"), 401),  # noqa: S106
        ("bearer", Login(token="abc"), 200),  # noqa: S106
        ("bearer", Login(token="abcd"), 401),  # noqa: S106
        ("bearer", Login(user="me", password="secret"), 401),  # noqa: S106
        ("moved", Login(), 302),
        ("closing", Login(), 200),
    ],
)
def test_a_login_opens_what_it_should(server: str, path: str, login: Login, wanted: int) -> None:
    assert status(f"{server}/{path}", login, times=3) == [wanted] * 3


def test_a_reply_that_is_not_read_takes_its_connection_with_it(server: str) -> None:
    session = Session(f"{server}/open")
    for drained in (False, True, True):
        with session.reply("GET", "a=1") as received:
            assert (received.status, received.headers["Server"].partition("/")[0]) == (200, "nginx")
            if drained:
                received.body.drain()
        assert len(session._idle) == int(drained)
    session.close()


def test_nobody_is_told() -> None:
    with pytest.raises(RemoteError, match="nobody answers there"), Session(f"http://127.0.0.1:{free_port()}/").reply("GET"):
        pass


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"token": "a\nb"}, "no header can hold"),
        ({"token": " "}, "no header can hold"),
        ({"token": "a", "user": "b", "password": "c"}, "two ways to log in"),
        ({"user": "a"}, "and a password"),
        ({"user": "a:b", "password": "c"}, "without a colon"),
    ],
)
def test_what_is_no_login_is_told(given: dict[str, str], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        Login(**given)


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(Login(user="me", password="secret"))  # noqa: S106
    assert "secret" not in repr(Login(token="secret"))  # noqa: S106


def challenge(*values: str) -> bytes:
    return reply(b"", "401 Unauthorized", "text/plain", *(f"WWW-Authenticate: {value}" for value in values))


def authorizations(login: Login, *values: str) -> list[str]:
    """Return what a login sends to a server that answers with these challenges, and then lets everybody in."""
    with canned(challenge(*values), reply()) as server:
        assert status(f"{server.url}?a=1", login) == [200]
    found = [re.search(rb"(?im)^authorization: (.*?)\r$", request) for request in server.requests]
    return [match[1].decode() if match else "" for match in found]


def proved(header: str, method: str, password: str) -> bool:
    """Say whether a Digest is that of a password, computed as RFC 7616 writes it."""
    found = re.findall(r'([\w*]+)=(?:"([^"]*)"|([^", ]*))', header.removeprefix("Digest "))
    said: dict[str, str] = {name: quoted or bare for name, quoted, bare in found}
    algorithm = said.get("algorithm", "MD5").upper()

    def hashed(text: str) -> str:
        name = "sha256" if algorithm.startswith("SHA-256") else "md5"
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    user = unquote(said["username*"].removeprefix("UTF-8''")) if "username*" in said else said["username"]
    secret = hashed(f"{user}:{said['realm']}:{password}")
    if algorithm.endswith("-SESS"):
        secret = hashed(f"{secret}:{said['nonce']}:{said['cnonce']}")
    middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}" if "qop" in said else said["nonce"]
    return said["response"] == hashed(f"{secret}:{middle}:{hashed(method + ':' + said['uri'])}")


@pytest.mark.parametrize("user", ["me", "müller"])
@pytest.mark.parametrize("password", ["secret", "Schlüssel ✓"])
@pytest.mark.parametrize(
    "offered",
    [
        'Digest realm="a, b", nonce="n1"',
        'Digest realm="kg", nonce="n1", qop="auth", opaque="o"',
        'Digest realm="kg", nonce="n1", qop="auth-int,auth", algorithm=MD5-sess',
        'Digest realm="kg", nonce="n1", qop="auth", algorithm=SHA-256, charset=UTF-8',
        'Digest realm="kg", nonce="n1", qop="auth", algorithm="sha-256-sess"',
    ],
)
def test_a_digest_proves_the_password(user: str, password: str, offered: str) -> None:
    first, second = authorizations(Login(user=user, password=password), offered)
    assert first == "" and second.startswith("Digest ")
    assert proved(second, "GET", password) and not proved(second, "GET", "other")
    assert 'uri="/sparql?a=1"' in second and ('opaque="o"' in second) is ("opaque" in offered)


@pytest.mark.parametrize(
    ("offered", "wanted"),
    [
        (['Digest realm="kg", nonce="n", algorithm=MD5', 'Digest realm="kg", nonce="n", algorithm=SHA-256'], "Digest .*SHA-256"),
        (['Digest realm="kg", nonce="n", algorithm=SHA-256, Basic realm="kg"'], "Digest .*SHA-256"),
        (['Basic realm="kg"', 'Digest realm="kg", nonce="n"'], "Digest "),
        (['Digest realm="kg", nonce="n", algorithm=SHA-512-256', 'Basic realm="kg"'], "Basic "),
        (['Digest realm="kg", nonce="n", qop="auth-int", Basic realm="kg"'], "Basic "),
        (["Digest realm", "Negotiate", "Basic"], "Basic "),
    ],
)
def test_of_what_is_offered_the_best_that_is_known_is_taken(offered: list[str], wanted: str) -> None:
    assert re.match(wanted, authorizations(Login(user="me", password="secret"), *offered)[1])  # noqa: S106


@pytest.mark.parametrize(
    "offered",
    [
        'Digest realm="kg", nonce="n", algorithm=SHA-512-256',
        'Digest realm="kg", nonce="n", qop="auth-int"',
        'Digest realm="kg"',
        "Digest realm",
        "Digest",
        'Digest realm="kg, nonce=',
    ],
)
def test_a_digest_that_nobody_here_can_compute_is_told(offered: str) -> None:
    with canned(challenge(offered)) as server, pytest.raises(Refused, match="a login of a kind that is not known here: Digest"):
        status(server.url, Login(user="me", password="secret"))  # noqa: S106


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canned]:
    """Return a server that the environment names as the proxy of everything but one host."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with canned(reply(b"by a proxy")) as server:
        address = server.url.replace("http://", "http://me:%C3%BC@").removesuffix("/sparql")
        for name, value in {"http_proxy": address, "https_proxy": address, "no_proxy": "127.0.0.1"}.items():
            monkeypatch.setenv(name, value)
        yield server


def test_requests_go_through_the_proxy_of_the_environment(proxy: Canned) -> None:
    assert status("http://store.example:7878/query?a=1", Login(token="abc"), times=2) == [200, 200]  # noqa: S106
    for request in proxy.requests:
        assert request.startswith(b"GET http://store.example:7878/query?a=1 HTTP/1.1\r\nHost: store.example:7878\r\n")
        assert b"Authorization: Bearer abc\r\n" in request
        assert b"Proxy-Authorization: Basic bWU6w7w=\r\n" in request


def test_a_secure_connection_is_wanted_of_the_proxy(proxy: Canned) -> None:
    with pytest.raises(RemoteError):  # it answers, but nobody speaks TLS behind it
        status("https://store.example/query", Login(token="abc"))  # noqa: S106
    (request,) = proxy.requests
    assert request.startswith(b"CONNECT store.example:443 HTTP/1.")
    assert b"Proxy-Authorization: Basic bWU6w7w=\r\n" in request
    assert b"Bearer" not in request


@pytest.mark.parametrize(("address", "wanted"), [("https://[::1]/query", 443), ("https://[::1]:8443/query", 8443)])
def test_a_secure_connection_to_an_address_of_ipv6_is_wanted_of_the_proxy(proxy: Canned, address: str, wanted: int) -> None:
    with pytest.raises(RemoteError):
        status(address)
    assert re.match(rb"CONNECT \[?::1\]?:%d HTTP/1." % wanted, proxy.requests[0])  # brackets: from Python 3.11.9 on


@pytest.mark.parametrize(
    ("address", "wanted"), [("http://[::1]/query", 80), ("https://[::1]/query", 443), ("http://[::1]:81/", 81)]
)
def test_an_address_of_ipv6_has_the_usual_port(monkeypatch: pytest.MonkeyPatch, address: str, wanted: int) -> None:
    monkeypatch.setenv("no_proxy", "*")
    connection = way(address).connection(1, ssl.create_default_context() if address.startswith("https") else None)
    assert (connection.host, connection.port) == ("::1", wanted)


@pytest.mark.parametrize("more", [b"Content-Length: 0", b"Transfer-Encoding: chunked"])
def test_an_empty_reply_that_says_it_is_packed_is_whole(more: bytes) -> None:
    end = b"0\r\n\r\n" if b"chunked" in more else b""
    with canned(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + more + b"\r\n\r\n" + end) as server:
        assert status(server.url) == [200]


@pytest.mark.parametrize(
    ("more", "content"),
    [
        (b"Content-Length: 9", b""),
        (b"Transfer-Encoding: chunked", b""),
        (b"Connection: close", b""),
        (b"Content-Length: 10", gzip.compress(b"whole")[:10]),
        (b"Transfer-Encoding: chunked", b"a\r\n" + gzip.compress(b"whole")[:10] + b"\r\n0\r\n\r\n"),
    ],
)
def test_a_packed_reply_that_breaks_off_is_none(more: bytes, content: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + more + b"\r\n\r\n"
    with canned(head + content) as server, pytest.raises(CutShort, match="broke off"):
        status(server.url)


def test_a_proxy_is_not_asked_for_what_it_is_not_for(proxy: Canned) -> None:
    with canned(reply()) as server:
        assert status(server.url) == [200]
    assert (len(server.requests), proxy.requests) == (1, [])


@pytest.mark.parametrize("address", ["ftp://127.0.0.1:1", "http://", "http://127.0.0.1:port", "https://127.0.0.1:1", "[::"])
def test_a_proxy_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("http_proxy", address)
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(UsageError, match="names no proxy of HTTP in HTTP_PROXY"):
        Session("http://store.example/query")


def test_a_nonce_is_used_until_it_is_stale() -> None:
    fresh, stale = 'Digest realm="kg", nonce="n1", qop="auth"', 'Digest realm="kg", nonce="n2", qop="auth", stale=true'
    replies = (challenge(fresh), reply(), reply(), challenge(stale), reply(), challenge(fresh))
    with canned(*replies) as server:
        assert status(server.url, Login(user="me", password="secret"), times=4) == [200, 200, 200, 401]  # noqa: S106
    sent = [re.search(rb'nonce="(n\d)".*nc=(\d+)', request) for request in server.requests]
    assert [match and match.groups() for match in sent] == [
        None,
        (b"n1", b"00000001"),
        (b"n1", b"00000002"),
        (b"n1", b"00000003"),
        (b"n2", b"00000001"),
        (b"n2", b"00000002"),
    ]
