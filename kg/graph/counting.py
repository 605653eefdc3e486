"""The default graph's triples in order -> how many there are of each class and property, for a description in VoID.

What is counted by object (distinct ones, and of which class they are) is sorted anew by object, on disk where it is much: how many
things and values there are has no part in the memory that this takes.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from kg.sorting import Sorter
from kg.terms import RDF, TYPE, XSD

_DATATYPE = re.compile(r'"(?:\^\^<(?P<type>[^>]*)>|@(?P<language>[A-Za-z0-9-]+))?$')
_HELD = 200_000  # rows that are added up before they are sorted: most values stand in many triples
_IS = b"!"  # stands before the numbers of properties: of which classes a thing is comes before where it is named

Of = tuple[str, str]
"""A class, empty for things of all classes, and a property."""


@dataclass(slots=True)
class Part:
    """What is counted of triples: those with one property, or all, of the things of one class or of all.

    `kinds` counts them by what their values are: classes, and datatypes behind a quotation mark.
    """

    triples: int = 0
    subjects: int = 0
    objects: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Counts:
    """Parts by class and property, and by class all its triples together; the empty class stands for things of all classes."""

    properties: dict[Of, Part] = field(default_factory=lambda: defaultdict(Part))
    classes: dict[str, Part] = field(default_factory=lambda: defaultdict(Part))


def counted(lines: Iterable[str], folder: Path | None = None) -> Counts:
    """Count triples that come in order, each once; what does not fit into memory waits in `folder`."""
    counts = Counts()
    with Sorter(folder) as values:
        rows = _Rows(values)
        for subject, triples in groupby(map(_split, lines), key=lambda triple: triple[0]):
            _of_subject(subject, [(predicate, value) for _, predicate, value in triples], counts, rows)
        rows.sort()
        for value, group in groupby(values, key=lambda row: row[0].split(b"\t", 1)[0]):
            _of_value(value.decode(), [(key.split(b"\t"), int(number)) for key, number in group], counts, rows)
    return counts


def _split(line: str) -> Sequence[str]:
    return line.split(" ", 2)


class _Rows:
    """What is to be known by value: the classes of things, and how often things of some classes have it of a property."""

    __slots__ = ("_held", "_numbers", "_sorter", "names")

    def __init__(self, sorter: Sorter) -> None:
        self._sorter = sorter
        self._held: Counter[tuple[str, int, int]] = Counter()
        self._numbers: dict[str | tuple[str, ...], int] = {}
        self.names: list[str | tuple[str, ...]] = []

    def number(self, name: str | tuple[str, ...]) -> int:
        """Return the number of a property, or of some classes together: there are few of both."""
        if name not in self._numbers:
            self._numbers[name] = len(self.names)
            self.names.append(name)
        return self._numbers[name]

    def is_of(self, subject: str, classes: int) -> None:
        self._sorter.add(f"{subject}\t".encode() + _IS + b"\t%d" % classes, b"0")

    def add(self, value: str, predicate: str, classes: int) -> None:
        self._held[value, self.number(predicate), classes] += 1
        if len(self._held) >= _HELD:
            self.sort()

    def sort(self) -> None:
        """Hand over what was added up."""
        for (value, predicate, classes), number in self._held.items():
            self._sorter.add(b"%s\t%d\t%d" % (value.encode(), predicate, classes), b"%d" % number)
        self._held.clear()


def _of_subject(subject: str, said: Sequence[tuple[str, str]], counts: Counts, rows: _Rows) -> None:
    classes = tuple(value for predicate, value in said if predicate == TYPE)
    number = rows.number(classes)
    if classes:
        rows.is_of(subject, number)
    for kind in ("", *classes):
        counts.classes[kind].subjects += 1
        counts.classes[kind].triples += len(said)
        for predicate, times in Counter(predicate for predicate, _ in said).items():
            part = counts.properties[kind, predicate]
            part.triples += times
            part.subjects += 1
    for predicate, value in said:
        rows.add(value, predicate, number)


def _of_value(value: str, group: Iterable[tuple[list[bytes], int]], counts: Counts, rows: _Rows) -> None:
    """Count a value for each property and class whose things have it."""
    kinds: tuple[str, ...] = () if value.startswith("<") else (_datatype(value),)
    having: set[Of] = set()
    for (_, predicate, classes), number in group:
        of = rows.names[int(classes)]
        if predicate == _IS:
            kinds = tuple(of)
            continue
        name = str(rows.names[int(predicate)])
        having.add(("", name))
        for kind in of:
            having.add((kind, name))
            for own in kinds:
                counts.properties[kind, name].kinds[own] += number
    for part in having:
        counts.properties[part].objects += 1
    for kind in {kind for kind, _ in having}:
        counts.classes[kind].objects += 1


def _datatype(literal: str) -> str:
    found = _DATATYPE.search(literal)
    if found and found["language"]:
        return f'"{RDF}langString'
    return f'"{(found and found["type"]) or XSD + "string"}'


def properties_of(counts: Counts) -> dict[str, dict[str, Part]]:
    """Return the parts of each class by property."""
    found: dict[str, dict[str, Part]] = defaultdict(dict)
    for (kind, predicate), part in counts.properties.items():
        found[kind][predicate] = part
    return found


def in_order(default: Iterable[str]) -> Iterator[str]:
    """Return triples in order; an iterator is taken to have them so, for it may have more than memory holds."""
    return iter(sorted(default)) if isinstance(default, Sequence | set | frozenset) else iter(default)
