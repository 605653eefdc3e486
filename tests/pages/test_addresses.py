from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.pages.addresses import addressed, iri_path
from kg.terms import path as path_of


@pytest.mark.parametrize(
    ("path", "page", "arguments"),
    [
        ("", "overview", {}),
        ("models", "lists", {"list": "models", "number": 1}),
        ("datasets/12", "lists", {"list": "datasets", "number": 12}),
        ("search", "search", {}),
        ("findings", "findings", {"filter": ""}),
        ("findings/KG302/2", "findings", {"filter": "KG302/2"}),
        ("model/a", "thing", {"path": "model/a"}),
    ],
)
def test_what_stands_where(path: str, page: str, arguments: dict[str, object]) -> None:
    first = next(addressed(path))
    assert (first.page, first.arguments) == (page, arguments)


@pytest.mark.parametrize("path", ["nothing", "Models", "model", "models/x", "graphs"])
def test_where_nothing_but_a_thing_could_stand(path: str) -> None:
    assert {address.page for address in addressed(path)} <= {"thing"}


def test_a_thing_is_looked_for_before_a_part_of_one() -> None:
    """A report may be called as a part of another would be."""
    assert [address.arguments for address in addressed("report/a/page/2")] == [
        {"path": "report/a/page/2"},
        {"path": "report/a", "page": "2"},
    ]


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ("model/caf%C3%A9", "model/café"),
        ("model/a%2fb", "model/a%2Fb"),
        ("model/a%20b%22", "model/a%20b%22"),
        ("model/a%7Eb%27", "model/a~b'"),
        ("model/%FF", "model/%FF"),
        ("model/%", "model/%"),
        ("report/100%25.txt", "report/100%25.txt"),
    ],
)
def test_the_path_of_an_iri(sent: str, path: str) -> None:
    assert iri_path(sent) == path


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_whatever_a_browser_escapes_leads_to_the_thing(name: str) -> None:
    """A browser sends what is beyond ASCII in escapes, and leaves what is escaped."""
    iri = path_of(name)
    sent = "".join(char if char.isascii() else "".join(f"%{byte:02x}" for byte in char.encode()) for char in iri)
    assert iri_path(sent) == iri
