import pytest

from kg.errors import UsageError
from kg.push import Addresses, addresses


@pytest.mark.parametrize("target", ["", "127.0.0.1:7878", "ftp://a.org/", "http://u:p@a.org/sparql", "http://a.org/a b"])
def test_what_is_no_address_is_said(target: str) -> None:
    with pytest.raises(UsageError, match="address"):
        addresses(target)


@pytest.mark.parametrize(
    ("target", "query", "update"),
    [
        ("http://a.org:7878", "http://a.org:7878/query", "http://a.org:7878/update"),
        ("http://a.org/", "http://a.org/query", "http://a.org/update"),
        ("http://a.org/kg/query", "http://a.org/kg/query", "http://a.org/kg/update"),
        ("http://a.org/repositories/kg", "http://a.org/repositories/kg", "http://a.org/repositories/kg/statements"),
        ("http://a.org/rdf4j-server/repositories/kg/", None, "http://a.org/rdf4j-server/repositories/kg/statements"),
        ("http://a.org/sparql-auth", "http://a.org/sparql-auth", "http://a.org/sparql-auth"),
        ("http://a.org/sparql?timeout=1", "http://a.org/sparql?timeout=1", "http://a.org/sparql?timeout=1"),
    ],
)
def test_updates_go_where_the_known_servers_take_them(target: str, query: str | None, update: str) -> None:
    assert addresses(target) == Addresses(query or target, update)


def test_what_is_given_is_taken() -> None:
    found = addresses("http://a.org/q", "http://b.org/u", "http://c.org/g")
    assert (found.update, found.graphs) == ("http://b.org/u", "http://c.org/g")
    with pytest.raises(UsageError, match="no address"):
        addresses("http://a.org/q", "u")
