"""A Spark session for one build: what kg needs of Spark, set once, and Spark's errors as errors of kg."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kg.errors import BuildError, ConfigError, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
    # Dates without a time zone mean the same on every machine.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "64",  # a report has up to 4 MB
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.caseSensitive": "true",  # a table may have columns Text and text
    "spark.sql.mapKeyDedupPolicy": "EXCEPTION",
}


@contextmanager
def session(master: str, settings: Mapping[str, str]) -> Iterator[SparkSession]:
    """Start a session at a master, with the user's settings above ours, and end it.

    Raises ConfigError without PySpark or Java, UsageError when the master cannot be reached, BuildError when a job fails.
    """
    with _told(master):
        spark = _started(master, settings)
        try:
            yield spark
        finally:
            spark.stop()


def _started(master: str, settings: Mapping[str, str]) -> SparkSession:
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("kg build")
    for name, value in {**_SETTINGS, **(_LOCAL if master.startswith("local") else {}), **settings}.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    _split_alike(spark)
    return spark


def _split_alike(spark: SparkSession) -> None:
    """Make files be split at the same places whatever cores come and go: lines are counted in one pass and read in another."""
    if all(spark.conf.get(name, None) is None for name in _PARTS):
        spark.conf.set(_PARTS[0], str(max(_LEAST, spark.sparkContext.defaultParallelism)))


_PARTS = ("spark.sql.files.minPartitionNum", "spark.sql.leafNodeDefaultParallelism")
"""Settings of the number of parts that files are split into where it follows from no size; else it is that of the cores."""

_LEAST = 200  # parts: a cluster whose machines are still to come has two cores for Spark

_LOCAL = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}


@contextmanager
def _told(master: str) -> Iterator[None]:
    try:
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]  # it ships no types
        from pyspark.errors import PySparkException, PySparkRuntimeError
    except ModuleNotFoundError as error:
        if error.name not in {"pyspark", "py4j"}:
            raise
        raise ConfigError("--engine spark needs PySpark", hint="pip install 'kg[spark]'") from error
    try:
        yield
    except PySparkRuntimeError as error:
        if error.getCondition() != "JAVA_GATEWAY_EXITED":
            raise _error(str(error), master) from error
        hint = "install Java 17 or 21 (on Debian: openjdk-17-jre-headless), or set JAVA_HOME"
        raise ConfigError("Spark needs Java, and it did not start", hint=hint) from error
    except (PySparkException, Py4JError) as error:
        raise _error(str(error), master) from error


_RAISED = re.compile(r"^[\w.]*?(\w+(?:Error|Exception|Refused|Name)): (.+)$", re.MULTILINE)


def _error(text: str, master: str) -> UsageError | BuildError:
    if "Could not parse Master URL" in text or "All masters are unresponsive" in text:
        hint = "local[2], spark://HOST:7077, yarn or k8s://https://HOST:PORT"
        return UsageError(f"no Spark master answers at '{master}'", hint=hint)
    raised = _RAISED.findall(text.partition("JVM stacktrace")[0])
    what = f"{raised[-1][0]}: {raised[-1][1]}" if raised else next(iter(text.strip().splitlines()), "no reason given")
    hint = "the parts are not complete; the logs of the executors tell more, and the same command begins anew"
    return BuildError(f"Spark stopped: {what[:500]}", where=master, hint=hint)
