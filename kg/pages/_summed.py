"""The lists and counts that a build keeps (`kg.graph.summaries`) -> what pages show of them; what was counted is not looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.graph import count_of
from kg.pages.errors import Missing
from kg.terms import KG
from kg.why import Graph

PAGE, USERS = 50, 25
"""Entries on a page of a list, and of those who use a thing, as `kg.graph.summaries` writes them."""

OLD = "This build was made by an earlier kg: build it again to see it."

_SIZE, _ENTRY, _MODELS = (ox.NamedNode(KG + name) for name in ("size", "entry", "models"))

Values = Mapping[str, tuple[str, ...]]
"""Values of a node by the local names of relations, sorted."""


@dataclass(frozen=True, slots=True)
class Pager:
    """Which page of how many is shown; `path` is that of the first."""

    path: str
    number: int
    pages: int
    infix: str = ""

    def at(self, number: int) -> str:
        """Return the path of a page.

        >>> Pager("models", 2, 9).at(1), Pager("dataset/cc3m", 1, 9, "page/").at(3)
        ('models', 'dataset/cc3m/page/3')
        """
        return self.path if number == 1 else f"{self.path}/{self.infix}{number}"

    @property
    def shown(self) -> tuple[int | None, ...]:
        """Return the pages that are linked: first, last, those around this one and on the way to both ends; None for a gap.

        >>> Pager("models", 5, 90).shown
        (1, None, 3, 4, 5, 6, 7, None, 47, None, 90)
        """
        near = {1, self.pages, *range(self.number - 2, self.number + 3)}
        near |= {(1 + self.number) // 2, (self.number + self.pages) // 2} if self.pages > 20 else set()
        found: list[int | None] = []
        for page in sorted(page for page in near if 1 <= page <= self.pages):
            last = found[-1] if found else 0
            if last is not None and page - last > 1:
                found.append(None)
            found.append(page)
        return tuple(found)


def summary(graph: Graph, name: str) -> ox.NamedNode:
    """Return the node of a list, of a page of it, or of a count."""
    return ox.NamedNode(f"{graph.base}summary/{name}")


def size(graph: Graph, name: str) -> int | None:
    """Return how many entries a list has, None where the build keeps no such list."""
    return _number(graph, summary(graph, name), _SIZE)


def entries(graph: Graph, page: ox.NamedNode) -> list[str]:
    """Return the IRIs of what stands on a page, sorted."""
    return sorted(_values(graph, page, _ENTRY))


def paged(graph: Graph, name: str, number: int, path: str) -> tuple[Pager, int, list[str]]:
    """Return a page of a list, the size of the list, and the IRIs on the page; raise Missing when there is no such page."""
    total = size(graph, name) or 0
    pages = max(1, -(-total // PAGE))
    if number > pages:
        raise Missing(f"there is no page {number:,} of this list: the last one is {pages:,}", hint=f"see /{path}")
    return Pager(path, number, pages), total, entries(graph, summary(graph, f"{name}/page/{number}"))


def named_by(graph: Graph, thing: str, relation: str = "about") -> list[str]:
    """Return the nodes that are about a thing, by their paths below `summary/`, sorted; none of them is read."""
    nodes = graph.store.quads_for_pattern(None, ox.NamedNode(KG + relation), ox.NamedNode(thing), _graph(graph))
    start = f"{graph.base}summary/"
    return sorted(quad.subject.value.removeprefix(start) for quad in nodes if isinstance(quad.subject, ox.NamedNode))


def count(graph: Graph, name: str, thing: str, relation: str = "models") -> int:
    """Return a number that a list tells of a thing, 0 where it tells none."""
    node = ox.NamedNode(count_of(graph.base, name, thing))
    return _number(graph, node, ox.NamedNode(KG + relation)) or 0


def values(graph: Graph, path: str) -> Values:
    """Return what is told of the node at a path below `summary/`."""
    found: dict[str, list[str]] = {}
    for quad in graph.store.quads_for_pattern(summary(graph, path), None, None, _graph(graph)):
        found.setdefault(quad.predicate.value.removeprefix(KG), []).append(str(getattr(quad.object, "value", quad.object)))
    return {name: tuple(sorted(some)) for name, some in found.items()}


def told(graph: Graph, name: str, thing: str) -> Values:
    """Return all that a list tells of a thing."""
    return values(graph, count_of(graph.base, name, thing).removeprefix(f"{graph.base}summary/"))


def number(known: Values, name: str) -> int:
    """Return a count, 0 where there is none."""
    return int(known[name][0]) if name in known else 0


def models_counted(graph: Graph, node: str) -> int:
    """Return how many models the count with an IRI tells of."""
    return _number(graph, ox.NamedNode(node), _MODELS) or 0


def models_of(graph: Graph, thing: str) -> int:
    """Return how many models use a thing by any relation of a list, 0 when none does."""
    lists = dict.fromkeys(path.partition("/")[0] for path in named_by(graph, thing) if path.startswith("used-"))
    return max((count(graph, name, thing) for name in lists), default=0)


def _number(graph: Graph, node: ox.NamedNode, relation: ox.NamedNode) -> int | None:
    return next((int(value) for value in _values(graph, node, relation)), None)


def _values(graph: Graph, node: ox.NamedNode, relation: ox.NamedNode) -> Iterator[str]:
    quads = graph.store.quads_for_pattern(node, relation, None, _graph(graph))
    return (quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode | ox.Literal))


def _graph(graph: Graph) -> ox.NamedNode:
    return ox.NamedNode(f"{graph.base}graph/summary")
