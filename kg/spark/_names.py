"""The names in all records -> what each means, beside each record: counted on the workers, joined to the records again.

The driver holds each distinct name once; a task holds those of the reports it works on.
"""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.names import OWN, Names, Spelling
from kg.resolve import names_counted
from kg.spark._batches import Row, Rows, grouped, groups, mapped, packed, text
from kg.spark._context import Context

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MEANT = "id binary, data binary, meant binary"
_COLUMNS = "kind string, name binary, iri binary, label binary, own boolean"


def with_names(spark: SparkSession, records: DataFrame, context: Context) -> DataFrame:
    """Return records (id, names, data) as id, data and what the names in each mean."""
    counts = mapped(records.select("names"), count, "kind string, name binary, number long")
    totals = counts.groupBy("kind", "name").agg({"number": "sum"}).collect()
    counter: Counter[Spelling] = Counter({(row[0], text(row[1])): row[2] for row in totals})
    names = names_counted(counter, context.schema)
    table = spark.createDataFrame(list(_rows(names)), _COLUMNS)
    uses = mapped(records.select("id", "names"), used, "id binary, kind string, name binary")
    found = uses.join(table, ["kind", "name"]).select("id", "kind", "name", "iri", "label", "own")
    meant = grouped(found, ("id",), ("kind", "name"), together, "id binary, meant binary")
    return records.select("id", "data").join(meant, "id", "left")


def _rows(names: Names) -> Iterator[Row]:
    own = names.own()
    for (kind, name), iri in sorted(names.iris.items(), key=lambda item: item[0]):
        label = names.labels.get(iri) if iri else None
        yield kind, packed(name), _or_none(iri), _or_none(label), iri in own


def _or_none(value: str | None) -> bytes | None:
    return None if value is None else packed(value)


def count(rows: Rows) -> Iterator[Row]:
    """Yield kind, name and number of the names in the records of a partition, without those of models that have none."""
    counts: Counter[Spelling] = Counter()
    for (data,) in rows:
        for kind, name, number in _counted(data):
            counts[kind, name] += number
    del counts[OWN, ""]
    yield from ((kind, packed(name), number) for (kind, name), number in sorted(counts.items()))


def used(rows: Rows) -> Iterator[Row]:
    """Yield each name that a record uses."""
    for id, data in rows:
        yield from ((id, kind, packed(name)) for kind, name, _ in _counted(data) if name)


def _counted(data: bytes) -> list[tuple[str, str, int]]:
    claimed: list[tuple[str, str, int]] = marshal.loads(data)[0]  # noqa: S302 - written by this build
    return claimed


def together(rows: Rows) -> Iterator[Row]:
    """Yield what all names of a report mean, packed."""
    for (id,), own in groups(rows):
        yield id, marshal.dumps([tuple(row[1:]) for row in own], 2)


def names_in(meant: Iterable[bytes | None], base: str) -> tuple[Names, frozenset[str]]:
    """Return the names of some reports, and the IRIs of those among them that any report of the build is about."""
    iris: dict[Spelling, str | None] = {}
    labels: dict[str, str] = {}
    own: set[str] = set()
    for data in meant:
        known = marshal.loads(data) if data else ()  # noqa: S302 - written by this build
        for kind, name, iri, label, is_own in known:
            found = iris[kind, text(name)] = text(iri) if iri else None
            if found and label:
                labels[found] = text(label)
            if found and is_own:
                own.add(found)
    return Names(base, iris, labels), frozenset(own)
