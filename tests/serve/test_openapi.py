from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from kg.serve._openapi import openapi
from kg.sparql.formats import FORMATS


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in ("get", "head", "post", "delete", "options"):
            if method in item:
                yield path, method, item[method]


@pytest.mark.parametrize("token", [False, True])
def test_the_document_is_one_of_openapi(token: bool) -> None:
    document = openapi(token=token)
    validate(document)
    assert json.loads(json.dumps(document)) == document


def test_a_token_is_asked_for_where_one_is_needed() -> None:
    document = openapi(token=True)
    is_open = {path for path, _, operation in operations(document) if operation.get("security") == []}
    assert document["security"] == [{"token": []}, {"password": []}]
    assert is_open == {"/health", "/ready", "/sparql", "/graphs"}  # the latter two for OPTIONS only
    assert "security" not in openapi() and "securitySchemes" not in openapi()["components"]
    assert "401" in document["paths"]["/sparql"]["get"]["responses"]


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations(openapi())]
    assert len(names) == len(set(names))


def test_every_format_of_the_web_is_in_it() -> None:
    media = {str(format.media_type) for format in FORMATS.values() if format.media_type}
    assert media < set(openapi()["paths"]["/sparql"]["get"]["responses"]["200"]["content"])


def test_the_head_of_a_reply_is_that_of_the_reply() -> None:
    paths = openapi()["paths"]
    for path in ("/sparql", "/graphs"):
        assert paths[path]["head"]["parameters"] == paths[path]["get"]["parameters"]
        assert paths[path]["head"]["responses"].keys() == paths[path]["get"]["responses"].keys()
        assert not any("content" in answer for answer in paths[path]["head"]["responses"].values())
