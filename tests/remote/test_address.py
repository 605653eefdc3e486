from __future__ import annotations

import re

import pytest

from kg.errors import UsageError
from kg.remote._address import address, same_place, with_parameter


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("localhost:7878/sparql", "localhost:7878/sparql: this is no address of an endpoint\n  hint: write it as https://"),
        ("query.wikidata.org/sparql", "this is no address of an endpoint"),
        ("", "this is no address of an endpoint"),
        ("ftp://example.org/sparql", "this is no address of an endpoint"),
        ("file:///etc/passwd", "this is no address of an endpoint"),
        ("http://", "this is no address of an endpoint"),
        ("http://:80/sparql", "this is no address of an endpoint"),
        ("http://example.org:0/sparql", "this is no address of an endpoint"),
        ("http://example.org:99999/", "this is no address: Port out of range"),
        ("http://[::1/sparql", "this is no address: Invalid IPv6 URL"),
        (
            "http://me:secret@example.org/sparql",
            "example.org: a name or password in the address would be shown\n  hint: give --token",
        ),
        ("http://example.org/a b", "only ASCII characters\n  hint: write it as http://example.org/a%20b$"),
        ("http://bücher.example/süß?x=ö", r"hint: write it as http://xn--bcher-kva.example/s%C3%BC%C3%9F\?x=%C3%B6$"),
        (f"http://{'ü' * 80}.example:81/", r"hint: write it as http://(?:%C3%BC)+\.example:81/$"),
    ],
)
def test_what_is_no_address(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        address(text)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:7878/sparql", "https://[::1]/", "HTTPS://example.org/x?default-graph-uri=urn:a"]
)
def test_an_address_stays_as_it_is(text: str) -> None:
    assert address(text + "#part").casefold() == text.casefold()


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://e.org/sparql", "http://e.org/sparql?query=ASK"),
        ("http://e.org/sparql?default-graph-uri=x", "http://e.org/sparql?default-graph-uri=x&query=ASK"),
    ],
)
def test_a_parameter_is_added(url: str, found: str) -> None:
    assert with_parameter(url, "query=ASK") == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.org/x", "http://a.org/y?z", True),
        ("http://A.org/x", "http://a.org:80/y", True),
        ("http://a.org/", "https://a.org/", True),
        ("https://a.org/", "http://a.org/", False),
        ("http://a.org/", "https://a.org:444/", False),
        ("http://a.org:8080/", "https://a.org:8080/", False),
        ("http://a.org/", "http://a.org:8080/", False),
        ("http://a.org/", "http://b.a.org/", False),
        ("http://a.org/", "http://a.org.evil.org/", False),
    ],
)
def test_one_place(one: str, other: str, same: bool) -> None:
    assert same_place(one, other) is same


def test_no_hint_holds_a_password() -> None:
    with pytest.raises(UsageError) as error:
        address("https://me:pa%20ss@example.org/a b")
    assert not re.search("me|pa%20ss", str(error.value).replace("name", "").replace("example", ""))
