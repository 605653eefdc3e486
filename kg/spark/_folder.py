"""The folder of parts, on any file system that Spark knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import BuildError
from kg.ingest import PARTS
from kg.spark._load import DONE
from kg.spark._sources import hadoop, is_address

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def refuse_foreign(out: str) -> None:
    """Raise BuildError when a folder of this machine holds something else than parts; others are looked at by a session."""
    path = Path(out)
    if not is_address(out) and path.exists():
        _refuse_foreign({item.name for item in path.iterdir()} if path.is_dir() else {path.name}, out)


def _refuse_foreign(names: set[str], where: str) -> None:
    if names and not names & {DONE, PARTS}:
        hint = "choose another folder, or an empty one"
        raise BuildError("files stand here that are no parts of kg", where=where, hint=hint)


class Folder:
    """A folder by its path or address; it has to be missing, empty, or one of parts."""

    def __init__(self, spark: SparkSession, out: str) -> None:
        self._jvm: Any = spark.sparkContext._jvm
        self._root = out.rstrip("/") if is_address(out) else f"file:{Path(out).absolute().as_posix()}"
        self._system = self._path("").getFileSystem(hadoop(spark))

    def path(self, name: str) -> str:
        """Return the path of a file or folder in it."""
        return f"{self._root}/{name}"

    def begin(self) -> None:
        """Take away the mark that the parts are complete; raise BuildError when the folder holds something else than parts."""
        root = self._path("")
        if self._system.exists(root):
            _refuse_foreign({status.getPath().getName() for status in self._system.listStatus(root)}, self._root)
        self.write(PARTS, b"the parts are complete when parts.json is here\n")
        self._system.delete(self._path(DONE), False)

    def write(self, name: str, content: bytes) -> None:
        """Write a small file."""
        stream = self._system.create(self._path(name), True)
        try:
            stream.write(bytearray(content))
        finally:
            stream.close()

    def remove(self, name: str) -> None:
        """Remove what is called so."""
        self._system.delete(self._path(name), True)

    def _path(self, name: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(f"{self._root}/{name}" if name else self._root)
