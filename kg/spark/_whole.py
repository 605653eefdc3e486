"""Facts of all reports, each once and in order -> the graphs that are no report's: default, derived, catalogue, summaries, index.

Sorting and what stands twice are Spark's work; a description or summary of everything is made by one task, over sorted lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from kg.graph import build_triples, catalog_triples, ontology_triples, search_triples, summary_triples, view_of
from kg.spark._batches import Row, Rows, mapped
from kg.spark._context import Context
from kg.spark._folder import Folder
from kg.spark._quads import frames, write_frames
from kg.sparql.named import shipped

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TRIPLE = "triple binary"
_FRAME = "frame binary"


def write_graphs(spark: SparkSession, folder: Folder, facts: DataFrame, derived: DataFrame, context: Context) -> None:
    """Write all graphs but those of reports; `facts` and `derived` are triples, some of them more than once."""
    schema = context.schema
    catalog = _frame(spark, catalog_triples(schema))
    ontology = _frame(spark, ontology_triples())
    every = facts.unionByName(derived).unionByName(catalog).unionByName(ontology).distinct()
    every.write.mode("overwrite").parquet(folder.path("work/default"))
    every = spark.read.parquet(folder.path("work/default"))
    # One partition, sorted on disk as far as memory is not enough: the two that follow read it from its beginning to its end.
    in_order = every.repartition(1).sortWithinPartitions("triple")
    description = mapped(in_order, partial(describe, base=schema.base), _TRIPLE).collect()
    about = _frame(spark, (row["triple"].decode() for row in description))
    following = mapped(in_order, partial(summarise, base=schema.base), f"graph string, {_TRIPLE}")
    following.write.mode("overwrite").parquet(folder.path("work/following"))
    following = spark.read.parquet(folder.path("work/following"))
    graphs = {
        "default": ("", every.unionByName(about).distinct()),
        "build": ("build", about),
        "catalog": ("catalog", catalog),
        "derived": ("derived", derived.distinct()),
        "ontology": ("ontology", ontology),
        **{name: (name, following.where(f"graph = '{name}'").select("triple")) for name in ("summary", "search")},
    }
    for name, (graph, triples) in graphs.items():
        iri = f"{schema.base}graph/{graph}" if graph else ""
        # All but the default graph, and what is derived, were held by one task before.
        small = name not in {"default", "derived"}
        in_order = triples.repartition(1).sortWithinPartitions("triple") if small else triples.orderBy("triple")
        write_frames(spark, mapped(in_order, partial(frames, graph=iri), _FRAME), folder.path(f"quads/{name}"))


def _frame(spark: SparkSession, triples: Iterable[str]) -> DataFrame:
    import pyarrow  # type: ignore[import-untyped]  # it ships no types

    column = pyarrow.array([triple.encode() for triple in triples], pyarrow.binary())
    return spark.createDataFrame(pyarrow.table({"triple": column}))


def describe(rows: Rows, base: str) -> Iterator[Row]:
    """Yield the triples that describe a build, of all its facts in order."""
    texts = {name: query.text for name, query in shipped().items()}
    yield from ((triple.encode(),) for triple in build_triples(_lines(rows), texts, base))


def summarise(rows: Rows, base: str) -> Iterator[Row]:
    """Yield graph and triples of summaries and of the index of names, of all facts in order."""
    view = view_of(_lines(rows))
    for name, make in (("summary", summary_triples), ("search", search_triples)):
        yield from ((name, triple.encode()) for triple in make(view, base))


def _lines(rows: Rows) -> Iterator[str]:
    return (triple.decode() for (triple,) in rows)
