"""The steps of a build as Spark runs them, each written where the next ones read it.

What a step gives lies in the folder of the parts, so that a machine that is lost costs its running tasks and nothing before them.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kg import manifest
from kg.config import Config
from kg.errors import BuildError, InputError
from kg.graph import derived_triples
from kg.ingest import is_container
from kg.model import Severity, Skipped
from kg.spark._batches import mapped, text
from kg.spark._context import Context, context
from kg.spark._folder import Folder
from kg.spark._load import DONE
from kg.spark._models import OF_MODELS, of_all, of_models
from kg.spark._names import with_names
from kg.spark._quads import write_frames
from kg.spark._reading import RECORDS, records
from kg.spark._reports import CLAIMS, FINDINGS, OF_REPORTS, claim_rows, fact_rows, finding_rows, of_reports, rows_besides
from kg.spark._sources import Source, sources
from kg.spark._whole import write_graphs
from kg.steps.models import derived_rows
from kg.validate import by_reference, disagreement

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def flow(
    spark: SparkSession, paths: Sequence[str], out: str, config: Config, say: Callable[[str], None]
) -> tuple[dict[str, int], dict[tuple[str, Severity], int], list[Skipped]]:
    """Write the parts, and return how many there are of everything, of findings by code and severity, and what was not read."""
    given = context(config)
    folder = Folder(spark, out)
    folder.begin()
    found, skipped = sources(spark, paths, config.exclude)
    made_of = _made_of(found, skipped, paths, config)  # before anything is read: what changes meanwhile is read again
    say(f"reading {len(found):,} files")
    read = records(spark, found, given)
    _write(read.rows, folder.path("records"))
    failed = [*skipped, *read.failed, *read.lost(_seen(spark, folder))]
    rest = _rest(spark, folder, failed)
    reports = _read(spark, folder.path("records"), RECORDS).where("kind = 'report'")
    _refuse_twins(reports)
    say("resolving names, and putting together what is said of each model")
    named = with_names(spark, reports.select("id", "names", "data"), given)
    named.write.mode("overwrite").parquet(folder.path("work/named"))
    named = spark.read.parquet(folder.path("work/named"))
    _write(of_models(named, given), folder.path("work/models"))
    models = _read(spark, folder.path("work/models"), OF_MODELS)
    say("writing what each report says")
    told = models.where("kind in ('told', 'computed')")
    reported = _reported(spark, folder, named, told, given, say)
    _tables(spark, folder, given, reported, models)
    _write_findings(spark, folder, reported, rest)
    folder.remove("work")
    counts = _counts(spark, folder)
    folder.write(DONE, _description(found, made_of, failed, counts))
    return counts, _findings(spark, folder), rest


def _made_of(found: Sequence[Source], skipped: Sequence[Skipped], paths: Sequence[str], config: Config) -> manifest.Sources:
    """Return what the parts are made from, with the hashes of the files of this machine."""
    own = [source for source in found if source.path.startswith("file:")]
    return manifest.sources({source.id: source.input.path for source in own}, skipped, paths, config)


def _description(found: Sequence[Source], made_of: manifest.Sources, failed: Sequence[Skipped], counts: Mapping[str, int]) -> bytes:
    """Return what the parts are made from and with, as a local build of the same paths would know it."""
    hashes = {source.id: made_of.hashes.get(source.id) for source in found}
    told = {
        "libraries": manifest.libraries(),
        "versions": made_of.versions,
        "hashes": hashes,
        "skipped": made_of.skipped,
        "inputs": [(source.id, source.display) for source in found],
        "containers": [source.id for source in found if is_container(source.input)],
        "failed": [(item.path, item.reason, item.failed, item.hint) for item in failed if item.failed],
        "counts": counts,
    }
    return (json.dumps(told, indent=1) + "\n").encode()


def _write(frame: DataFrame, path: str) -> None:
    frame.write.mode("overwrite").option("partitionOverwriteMode", "static").partitionBy("kind").parquet(path)


def _read(spark: SparkSession, path: str, columns: str) -> DataFrame:
    """Return what `_write` wrote; of a frame without rows there is no file that tells the columns."""
    return spark.read.schema(columns).parquet(path)


def _seen(spark: SparkSession, folder: Folder) -> set[str]:
    """Return the files that were read as a whole."""
    records = _read(spark, folder.path("records"), RECORDS)
    return {text(row["id"]) for row in records.where("kind = 'seen'").select("id").collect()}


def _rest(spark: SparkSession, folder: Folder, known: list[Skipped]) -> list[Skipped]:
    """Return everything that was not read; raise InputError when nothing was."""
    found = _read(spark, folder.path("records"), RECORDS)
    unread = found.where("kind in ('failed', 'broken')").select("data").collect()
    told = (marshal.loads(row["data"]) for row in unread)  # noqa: S302 - written by this build
    failed = sorted([*known, *(Skipped(*failure) for failure in told)], key=lambda item: item.path)
    if not found.where("kind = 'report'").take(1):
        reasons = "\n        ".join(f"{failure.path}: {failure.reason}" for failure in failed[:5])
        raise InputError("no report could be read", hint=reasons)
    return failed


def _refuse_twins(reports: DataFrame) -> None:
    twins = reports.groupBy("id").count().where("count > 1").limit(1).collect()
    if twins:
        raise BuildError(f"two reports are called {text(twins[0]['id'])}", hint="rename one of their files")


def _reported(
    spark: SparkSession, folder: Folder, named: DataFrame, told: DataFrame, given: Context, say: Callable[[str], None]
) -> DataFrame:
    """Return what reports give; where the faster SHACL engine misses a fault, the reference looks at all of them."""
    path = folder.path("work/reports")
    for shapes in (given.shapes, by_reference(given.shapes)):
        _write(of_reports(named, told, replace(given, shapes=shapes)), path)
        reported = _read(spark, path, OF_REPORTS)
        missed = reported.where("kind = 'missed'").select("key").collect()
        if not missed:
            break
        say(disagreement(sorted(text(row["key"]) for row in missed)))
    return reported


def _tables(spark: SparkSession, folder: Folder, given: Context, reports: DataFrame, models: DataFrame) -> None:
    """Write what is published but findings: claims and quads; and what SHACL said."""

    def of(kind: str) -> DataFrame:
        return reports.where(f"kind = '{kind}'").select("data")

    mapped(of("claims"), claim_rows, CLAIMS).write.mode("overwrite").parquet(folder.path("claims"))
    mapped(of("suggestions"), claim_rows, CLAIMS).write.mode("overwrite").parquet(folder.path("suggestions"))
    checked = reports.where("kind = 'checked'").selectExpr("key id", "data")
    checked.write.mode("overwrite").parquet(folder.path("checked"))
    write_frames(spark, of("graph"), folder.path("quads/reports"))
    linking = [row["data"] for row in models.where("kind = 'linking'").select("data").collect()]
    together = of_all(linking, given)
    rows = [*derived_rows(together, given.schema)]
    derived = models.where("kind = 'derived'").select("key", "data")
    if rows:
        derived = derived.unionByName(spark.createDataFrame(rows, "key binary, data binary"))
    lines = derived.orderBy("key").selectExpr("cast(data as string) value")
    lines.write.mode("overwrite").option("lineSep", "\n").text(folder.path("derived"))
    triples = models.where("kind = 'triple'").selectExpr("data triple")
    more = [(triple.encode(),) for triple in derived_triples(together, given.schema)]
    if more:
        triples = triples.unionByName(spark.createDataFrame(more, "triple binary"))
    write_graphs(spark, folder, mapped(of("facts"), fact_rows, "triple binary"), triples, given)


def _write_findings(spark: SparkSession, folder: Folder, reports: DataFrame, unread: Sequence[Skipped]) -> None:
    """Write the findings about reports, about files of many, and about what could not be read."""
    about_reports = mapped(reports.where("kind = 'findings'").select("data"), finding_rows, FINDINGS)
    about_files = _read(spark, folder.path("records"), RECORDS).where("kind = 'finding'").select("data").collect()
    others = spark.createDataFrame([*rows_besides(unread, (row["data"] for row in about_files))], FINDINGS)
    about_reports.unionByName(others).write.mode("overwrite").parquet(folder.path("findings"))


def _counts(spark: SparkSession, folder: Folder) -> dict[str, int]:
    reports = _read(spark, folder.path("records"), RECORDS).where("kind = 'report'").count()
    tables = {name: spark.read.parquet(folder.path(name)).count() for name in ("claims", "suggestions", "findings")}
    return {"reports": reports, **tables}


def _findings(spark: SparkSession, folder: Folder) -> dict[tuple[str, Severity], int]:
    rows = spark.read.parquet(folder.path("findings")).groupBy("code", "severity").count().collect()
    return {(row["code"], row["severity"]): row["count"] for row in rows}
