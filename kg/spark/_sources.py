"""Paths and addresses -> the files to read, and how each is read: line by line, row by row, or as a whole.

What lies on this machine is found as by a local build. Everything else is a file or folder of a Hadoop file system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from kg.errors import InputError, UsageError
from kg.ingest import PARTS, STDIN, Input, described, suffix_of, walk
from kg.model import Skipped

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Way = Literal["lines", "rows", "whole", "sent"]
"""How a file is read: in parts, by one task, or by this process, which sends it: Spark sees no file that begins with `_` or `.`."""

LARGEST = (1 << 31) - 1
"""Bytes of the largest file that is read as a whole; one of JSON lines or an Apache Parquet file may have any size."""

_HIDDEN = ("_", ".")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_WAYS: dict[str, Way] = {".jsonl": "lines", ".ndjson": "lines", ".parquet": "rows"}


@dataclass(frozen=True, slots=True)
class Source:
    """A file: its id, how messages call it, where Spark finds it, the same as Spark's columns of file names write it, its size."""

    id: str
    display: str
    path: str
    uri: str
    way: Way
    size: int

    @property
    def input(self) -> Input:
        """Return the file as `kg.ingest` knows it."""
        return Input(self.id, Path(self.path.removeprefix("file:")), self.display)


def is_address(path: str) -> bool:
    """Decide whether a path is an address on a Hadoop file system.

    >>> is_address("hdfs://node/reports"), is_address("reports/a.jsonl")
    (True, False)
    """
    return bool(_ADDRESS.match(path))


def sources(spark: SparkSession, paths: Sequence[str], exclude: Sequence[str]) -> tuple[list[Source], list[Skipped]]:
    """Return what there is to read, in order of id, and what is not read.

    Raises UsageError for a path that does not exist, InputError when there is nothing to read.
    """
    jvm: Any = spark.sparkContext._jvm
    local = [path for path in paths if not is_address(path)]
    inputs, skipped = walk(local, exclude) if local else ([], [])
    found = [_local(jvm, input) for input in inputs]
    for path in paths:
        if is_address(path):
            own, other = _listed(spark, path)
            found += own
            skipped += other
    if len({source.id for source in found}) < len(found):
        raise UsageError("two files of the paths given have one name below them", hint="give the folder above both instead")
    large = [source for source in found if source.way in {"whole", "sent"} and source.size > LARGEST]
    skipped += [Skipped(source.id, _too_large(source.size), True, _SPLIT) for source in large]
    found = [source for source in found if source not in large] if large else found
    if not found:
        first = skipped[0] if skipped else Skipped(", ".join(paths), "there is no report here")
        raise InputError(first.reason, where=first.path, hint=first.hint)
    return sorted(found, key=lambda source: source.id), skipped


_SPLIT = "unpack it, if it is compressed, or split it"


def _too_large(size: int) -> str:
    return f"the file has {size:,} bytes, and a file that cannot be read in parts is read by one task"


def _way(path: str) -> Way:
    name = PurePosixPath(path)
    return "sent" if name.name.startswith(_HIDDEN) else _WAYS.get(name.suffix.lower(), "whole")


def _local(jvm: Any, input: Input) -> Source:
    if input.path == STDIN:
        raise UsageError("standard input cannot be read by several machines", hint="write it to a file, and give that")
    absolute = input.path.absolute().as_posix()
    # Of three parts the path is taken as it is, whatever signs stand in it.
    uri = _plain(jvm.org.apache.hadoop.fs.Path("file", None, absolute).toUri().toString())
    size = input.path.stat().st_size if input.path.exists() else 0
    return Source(input.id, input.display, f"file:{absolute}", uri, _way(absolute), size)


def _plain(path: str) -> str:
    return path.replace(":///", ":/")


def _listed(spark: SparkSession, address: str) -> tuple[list[Source], list[Skipped]]:
    """Return the files below an address, and what is not read there: what Spark does not see is hidden."""
    found: list[Source] = []
    skipped: list[Skipped] = []
    suffixes = {suffix for _, own, _, _ in described() for suffix in own}
    files = list(_files(spark, address))
    parts = {PurePosixPath(below).parent for _, _, _, below in files if PurePosixPath(below).name == PARTS}
    for path, uri, size, below in files:
        if parts.intersection(PurePosixPath(below).parents):
            skipped.append(Skipped(path, "parts of a build, not an input"))
        elif any(part.startswith(_HIDDEN) for part in PurePosixPath(below).parts):
            named = PurePosixPath(address).name == below
            skipped.append(Skipped(path, "hidden", named, "Spark sees no file with _ or . in front: give it another name"))
        elif suffix_of(below) in suffixes:
            found.append(Source(below, path, path, uri, _way(path), size))
        else:
            skipped.append(Skipped(path, "files of this kind are not read"))
    return found, skipped


def _files(spark: SparkSession, address: str) -> Iterator[tuple[str, str, int, str]]:
    """Yield the path of each file below an address as Hadoop writes it, as a URI, its bytes, and the path below the address."""
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it ships no types

    jvm: Any = spark.sparkContext._jvm
    root = jvm.org.apache.hadoop.fs.Path(address)
    try:
        system = root.getFileSystem(hadoop(spark))
        status = system.getFileStatus(root)
        folder = status.getPath().toString() if status.isDirectory() else status.getPath().getParent().toString()
        listed = system.listFiles(root, True)
        while listed.hasNext():
            file = listed.next()
            path = file.getPath()
            below = path.toString().removeprefix(folder).lstrip("/")
            yield _plain(path.toString()), _plain(path.toUri().toString()), int(file.getLen()), below
    except Py4JJavaError as error:
        reason = str(error.java_exception.getMessage() or error.java_exception.getClass().getName()).splitlines()[0]
        raise UsageError(
            f"'{address}' cannot be listed: {reason}", hint="correct it, or give Spark what it needs for it"
        ) from error


def pattern(path: str) -> str:
    """Return what finds a path where Spark wants a pattern.

    >>> pattern("file:/reports/a [1].jsonl")
    'file:/reports/a \\\\[1\\\\].jsonl'
    """
    return "".join(f"\\{sign}" if sign in "\\*?[]{}" else sign for sign in path)


def hadoop(spark: SparkSession) -> Any:
    """Return the settings of the file systems that a session knows."""
    context: Any = spark.sparkContext
    return context._jsc.hadoopConfiguration()
