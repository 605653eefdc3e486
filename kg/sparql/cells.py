"""A query's pattern and the columns of its answer -> for each column, which facts its cells may state: relations, subjects, stage.

A column is the value of a fact when the pattern says so; without the query's text (a row that somebody passes on), its name and the
other cells decide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.sparql.pattern import Link, Pattern
from kg.sparql.statements import NAMES, SHORTCUTS, STRUCTURE
from kg.terms import KG, RDF, SKOS

_TELLING = frozenset({*NAMES, f"{SKOS}notation", f"{SKOS}prefLabel"})
_STAGE = f"{KG}stage"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the subjects of a fact stand in a row: a column of IRIs, one of `names`, or one IRI of the query's own."""

    column: str | None
    iri: str | None = None
    names: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """What the cells of a column may be values of. No `relations`: those in the cells of `relation_columns`, else any.

    `stages` are columns that tell the stage; `joined` is true of a column whose cells hold several values as one text.
    """

    column: str
    relations: frozenset[str] | None
    relation_columns: tuple[str, ...]
    scopes: tuple[Scope, ...]
    stages: tuple[str, ...] = ()
    joined: bool = False


def asks(pattern: Pattern, columns: Collection[str], relations: Mapping[str, str]) -> list[Ask]:
    """Return what to look for in each row; `relations` maps the local names of relations that have evidence to their IRIs."""
    return [ask for column in columns for ask in _Reading(pattern, columns, relations).asks(column)]


def asks_by_name(columns: Collection[str], relation_columns: tuple[str, ...], relations: Mapping[str, str]) -> list[Ask]:
    """Return what to look for when the query is unknown: any cell may be the subject, a column's name is that of a relation."""
    scopes = tuple(Scope(column, names=names) for column in columns for names in (False, True))
    stages = ("stage",) if "stage" in columns else ()
    found = []
    for column in columns:
        named = frozenset({relations[column]}) if column in relations else None
        others = tuple(scope for scope in scopes if scope.column != column)
        if column not in relation_columns and column not in stages:
            found.append(Ask(column, named, relation_columns, others, stages, joined=True))
    return found


class _Reading:
    """The columns of one answer, by what the pattern says of them."""

    def __init__(self, pattern: Pattern, columns: Collection[str], relations: Mapping[str, str]) -> None:
        self.pattern, self.relations = pattern, relations
        self.links = (*pattern.links, *_reified(pattern.links))
        self.names = {column: {name for name, _ in pattern.origins(column)} for column in columns}
        self.known = frozenset(relations.values())

    def asks(self, column: str) -> Iterator[Ask]:
        for link in dict.fromkeys(self._links(column)):
            found = self._relations(link)
            if link.variable is None and not found:
                continue
            if column in self.relations and self.relations[column] in found and column in self.pattern.made_of:
                found = frozenset({self.relations[column]})
            chain: set[str] = set()
            scopes = tuple(self._scopes(link.subject, chain))
            if scopes:
                named = tuple(self._showing(link.variable)) if link.variable else ()
                stages = tuple(self._stages(chain))
                yield Ask(column, found or None, named, scopes, stages, column in self.pattern.made_of)

    def _links(self, column: str) -> Iterator[Link]:
        """Yield the triples whose value a column holds, or whose value it names."""
        origins = self.pattern.origins(column)
        for link in self.links:
            if any(link.value == name and start <= link.at < end for name, (start, end) in origins):
                if link.steps and all(step <= _TELLING for step in link.steps) and not self._relations(link):
                    yield from (other for other in self.links if other.value == link.subject)
                else:
                    yield link

    def _relations(self, link: Link) -> frozenset[str]:
        """Return the relations of which the value of a triple is one, if its subject is a model, a run or hardware."""
        steps = list(link.steps)
        while len(steps) > 1 and steps[-1] <= _TELLING:
            steps.pop()
        if not steps or not all(step <= STRUCTURE for step in steps[:-1]):
            return frozenset()
        wide = (SHORTCUTS.get(iri, frozenset({iri})) for iri in steps[-1])
        return frozenset().union(*wide) & self.known

    def _showing(self, name: str) -> Iterator[str]:
        return (column for column, names in self.names.items() if name in names)

    def _scopes(self, node: str, chain: set[str]) -> Iterator[Scope]:
        """Yield where in a row the subject of a triple stands, or what leads to it; `chain` gathers the variables on the way."""
        if node.startswith("<"):
            yield Scope(None, node[1:-1])
        if node in chain or node.startswith("<"):
            return
        chain.add(node)
        found = [Scope(column) for column in self._showing(node)]
        if not found:
            above = (link for link in self.links if link.value == node and link.steps and all(s <= STRUCTURE for s in link.steps))
            found = [scope for link in above for scope in self._scopes(link.subject, chain)]
        if not found:
            named = (
                link.value
                for link in self.links
                if link.subject == node and link.steps and all(s <= set(NAMES) for s in link.steps)
            )
            found = [Scope(column, names=True) for name in named for column in self._showing(name)]
        yield from dict.fromkeys(found)

    def _stages(self, chain: set[str]) -> Iterator[str]:
        for column in self.names:
            links = self._links(column)
            if any(link.subject in chain and link.steps and _STAGE in link.steps[0] for link in links):
                yield column


def _reified(links: Iterable[Link]) -> Iterator[Link]:
    """Yield the triples that the claims of a query tell of: `?claim rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o`."""
    parts: dict[str, dict[str, Link]] = {}
    for link in links:
        for name in ("subject", "predicate", "object"):
            if link.steps == (frozenset({RDF + name}),):
                parts.setdefault(link.subject, {})[name] = link
    for part in parts.values():
        if len(part) == 3:
            predicate, value = part["predicate"].value, part["object"]
            steps = (frozenset({predicate[1:-1]}),) if predicate.startswith("<") else ()
            yield Link(part["subject"].value, steps, value.value, None if steps else predicate, value.at)
