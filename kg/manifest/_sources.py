"""What a build is made from and with: inputs and their hashes, the versions of all that decides about facts."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kg
from kg.codes import UNASKED
from kg.errors import ConfigError
from kg.manifest._read import Inputs, Manifest
from kg.model import Skipped
from kg.schema import ontology_dir, shapes_dir

if TYPE_CHECKING:
    from kg.config import Config

DECIDED = "decisions"
"""The version of what people decided: it says nothing about what is read in reports."""

_LIBRARIES = "ahocorasick-rs pyarrow pyoxigraph pypdfium2 pyrudof pyshacl rdflib".split()

_IGNORED = frozenset({"__pycache__", "_data"})


@dataclass(frozen=True, slots=True)
class Sources:
    """What a build will be made from: versions, the hash of each input by id (None: unknown), what is skipped and why.

    What is `piped` can be read once only, so that nobody knows before whether it is the same.
    """

    versions: Mapping[str, str]
    hashes: Mapping[str, str | None]
    skipped: Sequence[Mapping[str, Any]]
    piped: bool = False

    def match(self, manifest: Manifest) -> bool:
        """Decide whether a build with this manifest holds what building again would give."""
        if self.piped or unasked(manifest):
            return False
        inputs = manifest.get("inputs", ())
        # What stands in a file of many is as it was when that file is.
        alone = inputs.alone() if isinstance(inputs, Inputs) else (entry for entry in inputs if "file" not in entry)
        failed = (entry for entry in manifest.get("failed", ()) if "file" not in entry)
        before = {entry["id"]: entry["sha256"] for entry in chain(alone, failed, manifest.get("files", ()))}
        return manifest.get("versions") == self.versions and before == self.hashes and manifest.get("skipped") == self.skipped


def sources(inputs: Mapping[str, Path], skipped: Iterable[Skipped], paths: Iterable[Path | str], config: Config) -> Sources:
    """Return what a build of these inputs (files by id) will be made from; nothing of it depends on where the files lie."""
    roots = [Path(path) for path in paths]
    rows = {(_below(item.path, roots), item.reason, item.failed) for item in skipped}
    listed = [{"path": path, "reason": reason, "failed": failed} for path, reason, failed in sorted(rows)]
    piped = any(os.path.exists(path) and not os.path.isfile(path) for path in inputs.values())
    return Sources(versions(config), {id: _file_hash(path) for id, path in inputs.items()}, listed, piped)


def versions(config: Config) -> dict[str, str]:
    """Return what a build's content depends on besides its inputs: versions, hashes of files, the base IRI."""
    package = Path(kg.__file__).parent
    return {
        "kg": kg.__version__,
        "code": _hash(package, package.rglob("*.*")),
        "rules": _hash(package, (package / "extract").rglob("*.*")),
        "ontology": _hash(ontology_dir(), ontology_dir().rglob("*.*"), config.catalog),
        "shapes": _hash(shapes_dir(), shapes_dir().glob("*.ttl"), config.shapes),
        "base": config.base_iri,
        "extractor": _extractor(config),
        **({DECIDED: decided} if (decided := decided_version(config)) else {}),
        "assumptions": _assumptions(config),
    }


def libraries() -> dict[str, str | None]:
    """Return the versions of Python and of what reads reports and checks facts besides kg, None for what is not installed."""
    return {"Python": platform.python_version(), **{name: _version_of(name) for name in _LIBRARIES}}


def _version_of(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def decided_version(config: Config) -> str | None:
    """Return the hash of what people decided, None without a file; raise ConfigError when it cannot be read."""
    return _hash(config.decisions.parent, (), [config.decisions]) if config.decisions else None


def reading_versions(versions: Mapping[str, str]) -> dict[str, str]:
    """Return the versions that decide about what is read in a report."""
    return {name: version for name, version in versions.items() if name != DECIDED}


def unasked(manifest: Manifest) -> bool:
    """Decide whether a report of a build was not read as the settings wanted it."""
    return UNASKED in manifest.get("counts", {}).get("codes", {})


def _extractor(config: Config) -> str:
    """Return the extractor and all settings that decide about its claims."""
    asked = (config.llm_model, config.llm_mode, str(config.llm_chunk)) if config.extractor != "rules" else ()
    return " ".join((config.extractor, *asked))


def _assumptions(config: Config) -> str:
    """Return the numbers that derived facts assume."""
    assumed = {"utilisation": config.utilisation, "energy-overhead": config.energy_overhead}
    return " ".join(f"{name} {'/'.join(str(float(part)) for part in numbers)}" for name, numbers in assumed.items())


def failures(manifest: Manifest) -> list[Skipped]:
    """Return the inputs that could not be read when the build was made."""
    return [Skipped(entry["id"], entry["reason"], failed=True, hint=entry.get("hint")) for entry in manifest["failed"]]


def _below(path: str, roots: Iterable[Path]) -> str:
    for root in roots:
        if Path(path).is_relative_to(root) and Path(path) != root:
            return Path(path).relative_to(root).as_posix()
    return Path(path).name


def _file_hash(path: Path) -> str | None:
    """Return a file's SHA-256; None for what cannot be read, and for a pipe, which can be read once only."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _hash(folder: Path, files: Iterable[Path], others: Iterable[Path] = ()) -> str:
    digest = hashlib.sha256()
    own = sorted(path for path in files if path.is_file() and not _IGNORED.intersection(path.relative_to(folder).parts))
    for path in (*own, *others):
        name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", where=str(path), hint="correct the path") from error
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
