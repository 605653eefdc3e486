"""The path of an address below the root -> which page stands there, with its arguments.

A thing's page stands at its IRI's path. What a path says beyond that is a part of the thing: `dataset/cc3m/page/2`,
`model/kestrel-7b/stage/pretraining`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from kg.terms import path as path_of

LISTS = ("models", "datasets", "backbones", "organizations", "countries", "accelerators", "reports")
SINGLE = ("search", "compare", "graph", "query", "ontology")

_LISTED = re.compile(r"(?:by-(?P<order>[a-z]{1,20}))?(?:(?:^|/)(?P<number>[1-9][0-9]{0,6}))?")
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PART = re.compile(r"(?P<thing>.+)/(?P<name>page|stage)/(?P<value>[^/]+)")


@dataclass(frozen=True, slots=True)
class Address:
    """A page by the name of its module, and what of it is wanted; `thing` for the page of the thing with the IRI `base + path`."""

    page: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def addressed(path: str) -> Iterator[Address]:
    """Yield what may stand at a path as an IRI has it, the likeliest first; nothing when no page can.

    >>> list(addressed("models/2"))
    [Address(page='lists', arguments={'list': 'models', 'number': 2})]
    >>> [address.arguments for address in addressed("models/by-year/3")]
    [{'list': 'models', 'number': 3, 'order': 'year'}]
    >>> [address.arguments for address in addressed("dataset/cc3m/page/2")]
    [{'path': 'dataset/cc3m/page/2'}, {'path': 'dataset/cc3m', 'page': '2'}]
    """
    first, _, rest = path.partition("/")
    if not path:
        yield Address("overview")
    elif path in SINGLE:
        yield Address(path)
    elif first in LISTS and not path.endswith("/") and (listed := _LISTED.fullmatch(rest)):
        ordered = {"order": listed["order"]} if listed["order"] else {}
        yield Address("lists", {"list": first, "number": int(listed["number"] or 1), **ordered})
    elif first == "findings":
        yield Address("findings", {"filter": rest})
    elif rest:
        yield Address("thing", {"path": path})
        if part := _PART.fullmatch(path):
            yield Address("thing", {"path": part["thing"], part["name"]: part["value"]})


def iri_path(raw: str) -> str:
    """Return the path of an address as IRIs write it: what a browser escapes and an IRI holds is not escaped.

    >>> iri_path("model/caf%C3%A9%2Fx%7e")
    'model/café%2Fx~'
    """
    return _ESCAPED.sub(lambda match: _plain(match[0]), raw)


def _plain(escaped: str) -> str:
    try:
        text = unquote_to_bytes(escaped).decode()
    except UnicodeDecodeError:
        return escaped.upper()
    return path_of(text).replace("/", "%2F")
