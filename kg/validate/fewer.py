"""kg's own shapes -> fewer and cheaper ones in which at least the same nodes break something: what pyrudof looks with.

Property shapes with the same path become one. What only values can break is asked of the subjects of a relation instead of all
members of a class: a run with five relations is then asked about five and not about eighty (1/4 of the time).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.terms import KG, SH, TYPE
from kg.validate.rdf import triples

Said = tuple[str, str]  # predicate and object


def _sh(*names: str) -> frozenset[str]:
    return frozenset(f"<{SH}{name}>" for name in names)


_OF_VALUES = _sh(
    *("class", "datatype", "nodeKind", "in", "maxCount", "minInclusive", "maxInclusive", "minExclusive", "maxExclusive"),
    *("minLength", "maxLength", "pattern", "languageIn", "uniqueLang", "lessThan", "lessThanOrEquals", "disjoint"),
)
"""What a node without values cannot break."""

_OF_NODES = _sh("minCount", "hasValue", "equals")
_SAYING_NOTHING = _sh("message", "severity", "name", "description") | {TYPE, f"<{KG}code>"}
_CLASS, _PROPERTY, _PATH, _SUBJECTS = (f"<{SH}{name}>" for name in ("targetClass", "property", "path", "targetSubjectsOf"))


@dataclass(frozen=True, slots=True)
class _Merged:
    """Property shapes with one path that stand for others: `said` never holds two values of one predicate."""

    path: str
    said: dict[str, str] = field(default_factory=dict)


def fewer(shapes: str) -> str:
    """Return shapes in N-Triples of which the nodes that break one are those of the shapes given, or more."""
    rows: dict[str, list[Said]] = defaultdict(list)
    for subject, predicate, value in triples(shapes):
        rows[subject].append((predicate, value))
    nodes = [node for node, said in rows.items() if any(predicate == _CLASS for predicate, _ in said) and _plain(said, rows)]
    members = {node: [value for predicate, value in rows[node] if predicate == _PROPERTY] for node in nodes}
    replaced = {*nodes, *(member for listed in members.values() for member in listed)}
    paths = Counter(path for listed in members.values() for path in {_path(rows[member]) for member in listed})
    lines = [_line(node, *said) for node, listed in rows.items() if node not in replaced for said in listed]
    for number, node in enumerate(nodes):
        classes = [value for predicate, value in rows[node] if predicate == _CLASS]
        lines += _written(f"urn:kg:{number}", classes, [rows[member] for member in members[node]], paths)
    return "".join(lines)


def _plain(node: Iterable[Said], rows: Mapping[str, Sequence[Said]]) -> bool:
    """Return whether a node shape holds nothing but classes and property shapes that can be merged."""
    said = [entry for entry in node if entry[0] not in _SAYING_NOTHING]
    members = [value for predicate, value in said if predicate == _PROPERTY]
    known = {_PATH, *_OF_VALUES, *_OF_NODES, *_SAYING_NOTHING}
    return {predicate for predicate, _ in said} <= {_CLASS, _PROPERTY} and all(
        {predicate for predicate, _ in rows[member]} <= known for member in members
    )


def _path(said: Iterable[Said]) -> str:
    return next(value for predicate, value in said if predicate == _PATH)


def _written(name: str, classes: Iterable[str], members: Iterable[Sequence[Said]], paths: Mapping[str, int]) -> Iterator[str]:
    """Yield the triples of a node shape: a relation of this class alone is asked of its subjects."""
    of_class: dict[str, list[_Merged]] = defaultdict(list)
    of_subjects: dict[str, list[_Merged]] = defaultdict(list)
    for said in members:
        path = _path(said)
        constraints = [entry for entry in said if entry[0] not in _SAYING_NOTHING and entry[0] != _PATH]
        by_values = all(predicate in _OF_VALUES for predicate, _ in constraints) and paths[path] == 1 and path.startswith("<")
        _merge((of_subjects if by_values else of_class)[path], path, constraints)
    node = f"<{name}>"
    yield _line(node, TYPE, f"<{SH}NodeShape>")
    yield from (_line(node, _CLASS, value) for value in classes)
    for number, merged in enumerate(shape for shapes in of_class.values() for shape in shapes):
        yield _line(node, _PROPERTY, f"<{name}/{number}>")
        yield from _property(f"<{name}/{number}>", merged)
    for number, merged in enumerate(shape for shapes in of_subjects.values() for shape in shapes):
        yield _line(f"<{name}/of/{number}>", _SUBJECTS, merged.path)
        yield from _property(f"<{name}/of/{number}>", merged)


def _merge(shapes: list[_Merged], path: str, constraints: Sequence[Said]) -> None:
    """Add constraints to the first of the shapes that says nothing of their kind; a shape that says one thing twice stays whole."""
    names = [predicate for predicate, _ in constraints]
    if len(set(names)) < len(names):
        for said in constraints:
            shapes.append(_Merged(path, dict([said])))
        return
    for shape in shapes:
        if not shape.said.keys() & set(names):
            shape.said.update(constraints)
            return
    shapes.append(_Merged(path, dict(constraints)))


def _property(shape: str, merged: _Merged) -> Iterator[str]:
    yield _line(shape, TYPE, f"<{SH}PropertyShape>")
    yield _line(shape, _PATH, merged.path)
    yield from (_line(shape, predicate, value) for predicate, value in merged.said.items())


def _line(subject: str, predicate: str, value: str) -> str:
    return f"{subject} {predicate} {value} .\n"
