"""What a person types -> the addresses of a store: its queries, its updates, and its Graph Store Protocol where that is used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from kg.remote import address

_REPOSITORY = re.compile(r"/repositories/[^/]+/?")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a store takes queries and updates, and whole graphs (Graph Store Protocol; None: they go as updates)."""

    query: str
    update: str
    graphs: str | None = None


def addresses(target: str, update: str | None = None, graphs: str | None = None) -> Addresses:
    """Return the addresses of a store whose address for queries is `target`; raise UsageError for what is no address.

    Where updates go follows from it as the known servers have it: beside `/query` of Oxigraph, Fuseki and Stardog, below a
    repository of GraphDB and RDF4J, and to the same address of Virtuoso, Neptune and others. A server alone is Oxigraph.

    >>> addresses("http://127.0.0.1:7878").update, addresses("http://a.org/repositories/x").update
    ('http://127.0.0.1:7878/update', 'http://a.org/repositories/x/statements')
    >>> addresses("http://a.org/sparql").update
    'http://a.org/sparql'
    """
    parts = urlsplit(address(target))
    path = parts.path.rstrip("/")
    if not path:
        parts, path = parts._replace(path="/query"), "/query"
    if path.endswith("/query"):
        path = f"{path.removesuffix('/query')}/update"
    elif _REPOSITORY.fullmatch(path[path.find("/repositories") :]):
        path = f"{path}/statements"
    found = parts._replace(path=path).geturl() if path != parts.path else parts.geturl()
    return Addresses(parts.geturl(), address(update) if update else found, address(graphs) if graphs else None)
