"""Parts of a build -> the shelf of a build on this machine, as if its own processes had read the reports."""

from __future__ import annotations

import json
import marshal
import pickle
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import BuildError, ConfigError, UsageError
from kg.ingest import Input
from kg.manifest import Sources, libraries, reading_versions, versions
from kg.model import Finding, Skipped
from kg.records import findings_unpacked
from kg.spark._batches import text
from kg.spark._verdicts import unpacked
from kg.steps.read import Met
from kg.steps.shelf import Head

if TYPE_CHECKING:
    from kg.config import Config
    from kg.steps.shelf import Shelf

DONE = "parts.json"
"""The file of the parts that is written last: what they are made from and with."""

_ROWS = 256


@dataclass(frozen=True, slots=True)
class Stored:
    """Folders of parts, with what each says of itself, made by this version of kg with these settings."""

    folders: tuple[Path, ...]
    told: tuple[Mapping[str, Any], ...]
    versions: Mapping[str, str]

    @property
    def inputs(self) -> list[Input]:
        """Return the files that the parts were made from."""
        found = [Input(id, Path(display), display) for told in self.told for id, display in told["inputs"]]
        return sorted(found, key=lambda input: input.id)

    @property
    def sources(self) -> Sources:
        """Return what a build of these files would be made from."""
        hashes = {id: hash for told in self.told for id, hash in told["hashes"].items()}
        skipped = sorted((row for told in self.told for row in told["skipped"]), key=lambda row: (row["path"], row["reason"]))
        return Sources(self.versions, hashes, skipped)

    def onto(self, shelf: Shelf, engine: str) -> Met:
        """Put the records on a shelf, with what SHACL said of them, as if this engine had looked; return what else was met."""
        met = Met()
        for folder, told in zip(self.folders, self.told, strict=True):
            failed = [Skipped(*row) for row in told["failed"]]
            _put(folder, shelf, engine, met, Counter({id: 0 for id in told["containers"]}), failed)
        met.changed += shelf.end()
        met.failures.sort(key=lambda failure: failure.path)
        return met


def stored(folders: Sequence[Path], config: Config) -> Stored:
    """Return the parts in some folders; raise UsageError for a folder without, BuildError for parts of something else.

    What people decided is no part of them: it is applied to what they hold.
    """
    told = tuple(_told(folder) for folder in folders)
    every = versions(config)
    for folder, said in zip(folders, told, strict=True):
        if difference := _difference(said, reading_versions(every)):
            hint = "make the parts again, or load them with the kg, the Python and the settings that made them"
            raise BuildError(f"the parts are of another version: {difference}", where=str(folder), hint=hint)
    _refuse_twins(told)
    return Stored(tuple(folders), told, every)


def _difference(told: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    """Return what is of other versions here, empty when nothing is; a library that only one side has changes nothing."""
    used = told.get("libraries", {})
    for name, version in libraries().items():
        if version and (other := used.get(name)) and other != version:
            return f"{name} {other}, and here it is {version}"
    said = told.get("versions", {})
    names = sorted(name for name in {*said, *versions} if said.get(name) != versions.get(name))
    return f"{' and '.join(names)} differ{'s' if len(names) == 1 else ''}" if names else ""


def _refuse_twins(told: Iterable[Mapping[str, Any]]) -> None:
    ids = Counter(id for said in told for id, _ in said["inputs"])
    if twice := next((id for id, count in ids.items() if count > 1), None):
        hint = "make the parts of both from the folder above them"
        raise BuildError(f"two folders of parts have a file called {twice}", hint=hint)


def _told(folder: Path) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads((folder / DONE).read_bytes())
        return found
    except (FileNotFoundError, NotADirectoryError) as error:
        begun = (folder / "records").is_dir()
        hint = "they were not finished: make them again" if begun else "kg build --engine spark --master URL PATH... DIR makes them"
        raise UsageError(f"there are no parts of a build at '{folder}'", hint=hint) from error
    except (OSError, ValueError) as error:
        raise BuildError(f"the parts cannot be read: {error}", where=str(folder / DONE), hint="make them again") from error


def _put(folder: Path, shelf: Shelf, engine: str, met: Met, files: Counter[str], failed: list[Skipped]) -> None:
    findings: dict[str, list[tuple[int, Finding]]] = {}
    for kind in ("report", "broken", "failed", "finding"):
        for rows in _rows(folder / "records" / f"kind={kind}"):
            if kind == "report":
                heads = [_head(row) for row in rows]
                met.changed += len(heads)
                twice = shelf.put(heads)
                failed += (Skipped(id, "another report has this id", failed=True, hint="rename its file") for id, _ in twice)
            elif kind == "finding":
                for row in rows:
                    own = findings.setdefault(text(row["file"]), [])
                    own += ((row["line"], finding) for finding in findings_unpacked(row["data"]))
            else:
                told = (Skipped(*marshal.loads(row["data"])) for row in rows)  # noqa: S302 - written by a build
                failed += (item for item in told if item.failed)
            if kind in {"report", "broken"}:
                files.update(text(row["file"]) for row in rows if row["file"] is not None)
    for id, count in files.items():
        own = sorted(findings.get(id, ()), key=lambda item: item[0])
        met.add(id, count, (), [finding for _, finding in own])
    met.failures += failed
    for rows in _rows(folder / "checked"):
        shelf.put_checked(_checked(rows), engine)


def _head(row: Mapping[str, Any]) -> Head:
    file = None if row["file"] is None else text(row["file"])
    return Head(text(row["id"]), row["sha256"], file, row["names"], row["data"], row["again"])


def _checked(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, bytes]]:
    for row in rows:
        hash, said = unpacked(row["data"])
        yield text(row["id"]), hash, pickle.dumps(said)


def _rows(folder: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a folder of Parquet files, some at a time; none when there is no such folder."""
    try:
        import pyarrow  # type: ignore[import-untyped]  # it ships no types
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise ConfigError("loading parts needs pyarrow", hint="pip install 'kg[parquet]'") from error
    try:
        for path in sorted(folder.glob("*.parquet")):
            with parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=_ROWS, use_threads=False):
                    yield batch.to_pylist()
    except (OSError, pyarrow.ArrowException) as error:
        raise BuildError(f"the parts are damaged: {error}", where=str(folder), hint="make them again") from error
