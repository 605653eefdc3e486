"""N-Quads lines -> compressed files that Spark writes on any of its file systems, and keeps whole when a task runs twice.

Spark writes lines of text, and has no codec for Zstandard without a native library. So each line is a frame of Zstandard, and
its end an empty skippable frame (RFC 8878, section 3.1.2), whose eight bytes are all ASCII: together they are one `.zst` file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kg.spark._batches import Row, Rows
from kg.spark._sources import hadoop

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_BETWEEN = "P*M\x18\0\0\0\0"  # 0x184D2A50, little-endian, and a size of zero
_BYTES = 4 << 20  # of lines in a frame
_LEVEL = 3


def frame_of(lines: bytes) -> bytes:
    """Return a frame of Zstandard with some lines."""
    import zstandard

    return zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(lines)


def frames(rows: Rows, graph: str) -> Iterator[Row]:
    """Yield frames with the lines of triples; the graph named "" is the default graph."""
    end = f" <{graph}> .\n".encode() if graph else b" .\n"
    held: list[bytes] = []
    size = 0
    for (triple,) in rows:
        held.append(triple)
        size += len(triple) + len(end)
        if size >= _BYTES:
            yield (frame_of(end.join((*held, b""))),)
            held, size = [], 0
    if held:
        yield (frame_of(end.join((*held, b""))),)


def write_frames(spark: SparkSession, frame: DataFrame, folder: str) -> None:
    """Write a frame's one column of frames into a folder, as `part-00000.nq.zst` and so on; an empty file would be no frame."""
    lines = frame.selectExpr(f"cast(`{frame.columns[0]}` as string) value")
    lines.write.mode("overwrite").option("lineSep", _BETWEEN).text(folder)
    jvm: Any = spark.sparkContext._jvm
    path = jvm.org.apache.hadoop.fs.Path(folder)
    system = path.getFileSystem(hadoop(spark))
    for status in system.listStatus(path):
        name = status.getPath().getName()
        if name.startswith("part-") and not status.getLen():
            system.delete(status.getPath(), False)
        elif name.startswith("part-"):
            system.rename(status.getPath(), jvm.org.apache.hadoop.fs.Path(path, f"{'-'.join(name.split('-')[:2])}.nq.zst"))
