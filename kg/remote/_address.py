"""What a person types -> the address of an endpoint; whether two addresses are one place, so that both may see the same."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, urlsplit

from kg.errors import UsageError

_HINT = "write it as https://example.org/sparql"
_PORTS = {"http": 80, "https": 443}


def address(text: str) -> str:
    """Return the address of an endpoint; raise UsageError for what is none.

    >>> address("http://127.0.0.1:7878/sparql#top")
    'http://127.0.0.1:7878/sparql'
    """
    try:
        parts = urlsplit(text)
        named = parts.hostname is not None and parts.port != 0
    except ValueError as error:
        raise UsageError(f"this is no address: {error}", where=text, hint=_HINT) from error
    if parts.scheme not in _PORTS or not named:
        raise UsageError("this is no address of an endpoint", where=text, hint=_HINT)
    if "@" in parts.netloc:
        raise UsageError("a name or password in the address would be shown", where=parts.hostname, hint="give --token instead")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError("an address has no spaces and only ASCII characters", where=text, hint=f"write it as {_escaped(parts)}")
    return parts._replace(fragment="").geturl()


def with_parameter(url: str, encoded: str) -> str:
    """Return an address with one more parameter, which is percent-encoded."""
    parts = urlsplit(url)
    return parts._replace(query=f"{parts.query}&{encoded}" if parts.query else encoded).geturl()


def same_place(url: str, other: str) -> bool:
    """Say whether what is meant for one address may be sent to another: the same server, at least as well protected.

    >>> same_place("http://a.org/x", "https://a.org/y"), same_place("https://a.org/", "https://a.org:8443/")
    (True, False)
    """
    one, two = urlsplit(url), urlsplit(other)
    if one.hostname != two.hostname:
        return False
    ports = [part.port or _PORTS.get(part.scheme) for part in (one, two)]
    return (one.scheme == two.scheme and ports[0] == ports[1]) or (
        [one.scheme, two.scheme] == ["http", "https"] and ports == [80, 443]
    )


def _escaped(parts: SplitResult) -> str:
    """Return an address with its path and query percent-encoded, the host as the name service wants it."""
    try:
        host = (parts.hostname or "").encode("idna").decode()
    except UnicodeError:
        host = quote(parts.hostname or "")
    port = f":{parts.port}" if parts.port else ""
    path, query = quote(parts.path, safe="/%:@"), quote(parts.query, safe="=&%/:?")
    return parts._replace(netloc=host + port, path=path, query=query, fragment="").geturl()
