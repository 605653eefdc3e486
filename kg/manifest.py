"""What a build is made from and with: inputs and their hashes, the versions of all that decides about facts.

Equal manifests mean equal builds; no clock, no path of the machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kg
from kg.codes import UNASKED
from kg.errors import ConfigError
from kg.model import Skipped
from kg.schema import ontology_dir, shapes_dir

if TYPE_CHECKING:
    from kg.config import Config

Manifest = Mapping[str, Any]

DECIDED = "decisions"
"""The version of what people decided: it says nothing about what is read in reports."""

# How an entry of the inputs begins, and what stands behind the last one (`kg.contents` writes the manifest with indentation).
_INPUT = b'\n  {\n   "id": '
_LAST_INPUT = b'\n ],\n "files": ['
_COUNTS = b'\n "counts": {\n'

_IGNORED = frozenset({"__pycache__", "_data"})


@dataclass(frozen=True, slots=True)
class Sources:
    """What a build will be made from: versions, the hash of each input by id (None: unknown), what is skipped and why."""

    versions: Mapping[str, str]
    hashes: Mapping[str, str | None]
    skipped: Sequence[Mapping[str, Any]]

    def match(self, manifest: Manifest) -> bool:
        """Decide whether a build with this manifest holds what building again would give."""
        if unasked(manifest):
            return False
        inputs = (*manifest.get("inputs", ()), *manifest.get("failed", ()))
        # What stands in a file of many is as it was when that file is.
        files = (*(entry for entry in inputs if "file" not in entry), *manifest.get("files", ()))
        before = {entry["id"]: entry["sha256"] for entry in files}
        return manifest.get("versions") == self.versions and before == self.hashes and manifest.get("skipped") == self.skipped


def sources(inputs: Mapping[str, Path], skipped: Iterable[Skipped], paths: Iterable[Path | str], config: Config) -> Sources:
    """Return what a build of these inputs (files by id) will be made from; nothing of it depends on where the files lie."""
    roots = [Path(path) for path in paths]
    rows = {(_below(item.path, roots), item.reason, item.failed) for item in skipped}
    listed = [{"path": path, "reason": reason, "failed": failed} for path, reason, failed in sorted(rows)]
    return Sources(versions(config), {id: _file_hash(path) for id, path in inputs.items()}, listed)


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


def inputs_named(path: Path, reports: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return what a build's manifest file says of some inputs, which it lists in order of id; the others are not read.

    A large build has a hundred thousand. Raises OSError and ValueError when the file is damaged.
    """
    found: dict[str, Mapping[str, Any]] = {}
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        last = text.rfind(_LAST_INPUT)
        for report in reports:
            start = _input_at(text, report, last if last >= 0 else len(text))
            if start >= 0:
                found[report] = json.loads(text[start : text.find(b"\n  }", start) + 4])
    return found


def counts_in(path: Path) -> Mapping[str, Any]:
    """Return what a build's manifest file counts, without reading all that stands before it.

    Raises OSError and ValueError when the file is damaged.
    """
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        start = text.rfind(_COUNTS)
        end = text.find(b"\n }", start)
        if start < 0 or end < 0:  # written by something else: it may stand in the file in any form
            return _counts_of(json.loads(text[:]))
        return _counts_of(json.loads(b"{" + text[start : end + 3] + b"}"))


def _counts_of(found: object) -> Mapping[str, Any]:
    match found:
        case {"counts": {"reports": int(), "models": int(), "codes": {}} as counts}:
            return dict(counts)
    raise ValueError("it counts nothing")


def _input_at(text: mmap, report: str, last: int) -> int:
    """Return where the entry of an input begins, -1 when there is none: by halves, and where that fails, one by one."""
    low, high = 0, last
    while low < high:
        start = text.rfind(_INPUT, low, (low + high) // 2 + len(_INPUT))
        if start < 0:  # the lower half begins no entry: go on where the next one does
            start = text.find(_INPUT, (low + high) // 2, high)
        if start < 0:
            break
        end = text.find(b"\n", start + len(_INPUT))
        id = json.loads(text[start + len(_INPUT) : end].rstrip(b","))
        if id == report:
            return start
        low, high = (end, high) if id < report else (low, start)
    return text.find(_INPUT + json.dumps(report, ensure_ascii=False).encode("utf-8", "replace") + b",\n")


def failures(manifest: Manifest) -> list[Skipped]:
    """Return the inputs that could not be read when the build was made."""
    return [Skipped(entry["id"], entry["reason"], failed=True) for entry in manifest["failed"]]


def build_id(manifest: Manifest) -> str:
    """Return the id of a build with this manifest."""
    return hashlib.sha256(json.dumps(manifest).encode()).hexdigest()[:12]


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
