"""The rows of an answer -> the claims and derived facts that they state: only what the store holds of the row's own subject.

Which cells may be facts is told by `cells`; a cell counts when a statement about the subject in its row has its value. Where that
is the value of several relations and nothing tells which, all are given, and none is called certain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from kg.schema import load_schema
from kg.sparql.cells import Ask, Scope, asks, asks_by_name
from kg.sparql.pattern import Pattern
from kg.sparql.statements import DOMAINS, Statement, Statements

Row = Mapping[str, object]
"""Terms by column, None where a cell is empty."""

_SEPARATORS = ("; ", " | ", ", ", ";", "|", ",", "\n", " ")


@dataclass(frozen=True, slots=True)
class Cited:
    """A statement that a row states in a column; it is not `certain` when the cell could state others as well."""

    column: str
    statement: Statement
    certain: bool = True


@dataclass(slots=True, eq=False)
class Citing:
    """What is cited by rows with these columns; `pattern` is None when the query is unknown."""

    statements: Statements
    pattern: Pattern | None
    columns: Collection[str]
    relations: Mapping[str, str] = field(init=False)
    _asks: list[Ask] = field(init=False)
    _domains: Mapping[str, str] = field(init=False)
    _models: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stated = [item for item in load_schema(self.statements.base).relations.values() if item.origin in {"report", "derived"}]
        self.relations = {item.name: item.iri for item in stated}
        self._domains = {item.iri: item.domain for item in stated}
        self._asks = asks(self.pattern, self.columns, self.relations) if self.pattern else []

    def cite(self, row: Row) -> list[Cited]:
        """Return what a row states, in order of its columns, each statement once."""
        found: dict[str, Cited] = {}
        wanted = self._asks if self.pattern else self._asks_of(row)
        reports = self._reports(row)
        for column in self.columns:
            cited = list(self._itself(column, row[column]))
            cited += self._chosen(column, [item for ask in wanted if ask.column == column for item in self._stated(ask, row)], row)
            own = [item for item in cited if item.statement.report in reports]
            for item in own or cited:
                found.setdefault(item.statement.iri, item)
        return list(found.values())

    def _asks_of(self, row: Row) -> list[Ask]:
        known = set(self.relations.values())
        naming = tuple(name for name in self.columns if isinstance(term := row[name], ox.NamedNode) and term.value in known)
        return asks_by_name(self.columns, naming, self.relations)

    def _reports(self, row: Row) -> set[str | None]:
        """Return the ids of reports that a row names, by themselves or by their graphs."""
        base = self.statements.base
        folders = (f"{base}graph/report/", f"{base}report/")
        iris = [term.value for term in row.values() if isinstance(term, ox.NamedNode)]
        names = {iri.removeprefix(folder) for iri in iris for folder in folders if iri.startswith(folder)}
        return {self.statements.label(f"{base}report/{name}") for name in names}

    def _itself(self, column: str, term: object) -> Iterator[Cited]:
        """Yield the statement that a cell is the IRI of."""
        statement = self.statements.statement(term.value) if isinstance(term, ox.NamedNode) else None
        if statement:
            yield Cited(column, statement)

    def _stated(self, ask: Ask, row: Row) -> list[Statement]:
        """Return the statements that a row makes in a column."""
        term = row[ask.column]
        if term is None:
            return []
        relations = ask.relations or self._named(ask, row)
        about = {
            item.iri: item
            for scope in ask.scopes
            for subject in self._subjects(scope, ask, row, relations)
            for item in self.statements.about(subject, relations)
        }
        whole = [item for item in about.values() if self._same(item, term)]
        if whole or not ask.joined or not isinstance(term, ox.Literal):
            return whole
        for separator in _SEPARATORS:
            if separator in term.value:
                parts = [ox.Literal(part) for part in term.value.split(separator)]
                found = [item for item in about.values() if any(self._same(item, part) for part in parts)]
                if found:
                    return found
        return []

    def _named(self, ask: Ask, row: Row) -> frozenset[str] | None:
        named = {term.value for name in ask.relation_columns if isinstance(term := row[name], ox.NamedNode)}
        return frozenset(named) if named else None

    def _chosen(self, column: str, found: list[Statement], row: Row) -> Iterator[Cited]:
        """Yield statements of a cell: of the relation that the column is called after, else all, certain when of one relation."""
        own = [item for item in found if item.name == column]
        chosen = own or found
        told = (
            self.pattern is not None
            or own
            or any(isinstance(t, ox.NamedNode) and t.value in self.relations.values() for t in row.values())
        )
        certain = len({item.name for item in chosen}) == 1 and bool(told)
        return (Cited(column, item, certain) for item in chosen)

    def _subjects(self, scope: Scope, ask: Ask, row: Row, relations: frozenset[str] | None) -> Iterator[str]:
        """Yield what the facts of a scope's cell hang on: a model, its runs of the stage in the row, their hardware."""
        term = row[scope.column] if scope.column else ox.NamedNode(scope.iri or "")
        roots = [term.value] if isinstance(term, ox.NamedNode) else []
        if scope.names:
            roots = self._called(term.value) if isinstance(term, ox.Literal) else []
        stages = {self._stage(row[column]) for column in ask.stages}
        domains = frozenset(self._domains.get(iri, "") for iri in relations) if relations else DOMAINS
        for root in roots:
            for iri, run in self.statements.hanging(root, domains):
                if run is None or not stages or self.statements.stage_of(run) in stages:
                    yield iri

    def _called(self, text: str) -> list[str]:
        """Return the models that a text names, or that it lists."""
        if not self._models:
            self._models = _models(self.statements)
        parts = (text.split(separator) for separator in _SEPARATORS[:3])
        lists = ([text], *parts)
        return next((iris for names in lists if (iris := [iri for name in names for iri in self._models.get(name, ())])), [])

    def _stage(self, term: object) -> str | None:
        if isinstance(term, ox.NamedNode):
            return self.statements.notation(term.value)
        return term.value or None if isinstance(term, ox.Literal) else None

    def _same(self, item: Statement, term: object) -> bool:
        """Say whether a statement's value is what a cell holds: the term, its text, or the name of the thing."""
        if item.value == term:
            return True
        if not isinstance(term, ox.Literal):
            return False
        if isinstance(item.value, ox.NamedNode):
            return term.value in {item.value.value, self.statements.label(item.value.value)}
        text = item.value.value if isinstance(item.value, ox.Literal) else ""
        return text == term.value or _equal(text, term.value)


def _models(statements: Statements) -> dict[str, list[str]]:
    """Return the models that reports describe by their names."""
    found: dict[str, list[str]] = {}
    for model in statements.described():
        for name in statements.names(model):
            found.setdefault(name, []).append(model)
    return found


def _equal(one: str, other: str) -> bool:
    """Say whether two texts are the same number."""
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def claims_below(statements: Statements, statement: Statement) -> list[Statement]:
    """Return the claims that a statement rests on: itself, or what went into a derived fact, directly or through others."""
    found: dict[str, Statement] = {}
    waiting, seen = [statement], {statement.iri}
    while waiting:
        item = waiting.pop(0)
        if not item.derived:
            found[item.iri] = item
        below: Iterable[str] = (*item.more.get("input", ()), *item.more.get("derivedFrom", ()))
        new = [iri for iri in below if iri not in seen]
        seen.update(new)
        waiting += [known for iri in new if (known := statements.statement(iri))]
    return sorted(found.values(), key=Statement.sort_key)
