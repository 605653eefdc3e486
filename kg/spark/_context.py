"""What every task of a build needs, sent to the workers once: the settings, and the user's own files that they name.

A worker may have another disk than the machine that `kg build` runs on, so the files travel as bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.config import Config
from kg.errors import ConfigError, UsageError
from kg.schema import Schema, load_schema
from kg.validate import ShapesGraph, load_shapes


@dataclass(frozen=True, slots=True)
class Context:
    """Settings, names and contents of the user's catalogue files in the order of the settings, and the shapes."""

    config: Config
    catalog: tuple[tuple[str, bytes], ...]
    shapes: ShapesGraph

    @property
    def schema(self) -> Schema:
        """Return the ontology and the catalogue; in each process they are read once."""
        return _schema(self.config.base_iri, self.catalog)


def context(config: Config) -> Context:
    """Return what the tasks of a build with these settings need; raise UsageError when they cannot do what is asked."""
    if config.extractor != "rules":
        hint = "leave out --extractor, or build with a language model on one machine"
        raise UsageError(f"Spark reads with the rules alone, not with '{config.extractor}'", hint=hint)
    load_schema(config.base_iri, catalog=config.catalog)  # what is wrong with a table is told here, under the user's own path
    return Context(config, _contents(config.catalog), load_shapes(config.shapes, engine=config.engine))


def _contents(paths: tuple[Path, ...]) -> tuple[tuple[str, bytes], ...]:
    try:
        return tuple((path.name, path.read_bytes()) for path in paths)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(error.filename), hint="correct the path") from error


@lru_cache(maxsize=2)
def _schema(base: str, catalog: tuple[tuple[str, bytes], ...]) -> Schema:
    with TemporaryDirectory(prefix="kg-") as folder:
        return load_schema(base, catalog=_written(Path(folder), catalog))


def _written(folder: Path, files: tuple[tuple[str, bytes], ...]) -> tuple[Path, ...]:
    """Write files below a folder, each into one of its own: names may be equal."""
    paths = tuple(folder / str(at) / name for at, (name, _) in enumerate(files))
    for path, (_, content) in zip(paths, files, strict=True):
        path.parent.mkdir()
        path.write_bytes(content)
    return paths
