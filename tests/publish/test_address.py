"""The address that a site will have, as people type it."""

from __future__ import annotations

import pytest

from kg.errors import UsageError
from kg.publish import read_address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "/graph/",
        "ftp://example.org/",
        "file:///tmp/site/",
        "https://",
        "https:///graph/",
        "https://example.org:port/",
        "https://example.org:99999999/",
        "https://user@example.org/",
        "https://example.org/a b/",
        "https://example.org/a//b/",
        "https://example.org/../",
        "https://example.org/a/..",
        "https://example.org/%zz/",
        'https://example.org/"><script>/',
        "https://exämple.org/",
        "javascript:alert(1)",
        "https://example.org/\n",
    ],
)
def test_no_address(text: str) -> None:
    with pytest.raises(UsageError, match=r"no (absolute )?address"):
        read_address(text)


@pytest.mark.parametrize("text", ["https://example.org/?a=b", "https://example.org/graph/#top"])
def test_an_address_that_pages_cannot_stand_below(text: str) -> None:
    with pytest.raises(UsageError, match="query or a fragment"):
        read_address(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://example.org/", "https://example.org/"),
        ("https://example.github.io/graph", "https://example.github.io/graph/"),
        ("http://127.0.0.1:8000/a/b/", "http://127.0.0.1:8000/a/b/"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("https://xn--exmple-cua.org/caf%C3%A9/", "https://xn--exmple-cua.org/caf%C3%A9/"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert read_address(text) == address
