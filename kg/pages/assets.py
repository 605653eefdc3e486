"""The files that pages load: those of `static/`, those that npm built, the vocabulary; each with what tells its version."""

from __future__ import annotations

import gzip
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

from kg.schema import ontology_dir, shapes_dir

_FOLDER = Path(__file__).parent
STATIC, BUILT = _FOLDER / "static", _FOLDER / "built"
_NAMES = "manifest.json"
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_TYPES |= {".wasm": "application/wasm", ".json": "application/json", ".txt": "text/plain", ".png": "image/png"}
_TYPES |= {".ttl": "text/turtle", ".jsonld": "application/ld+json"}


@dataclass(frozen=True)
class Asset:
    """A file that pages load."""

    media_type: str
    content: bytes

    @cached_property
    def zipped(self) -> bytes | None:
        """Return the file as gzip packs it, None where that saves nothing."""
        packed = gzip.compress(self.content, mtime=0)
        return packed if len(packed) < 0.9 * len(self.content) else None


@cache
def assets() -> Mapping[str, Asset]:
    """Return all files by the path below `assets/` that they are loaded from."""
    return {name: Asset(_media_type(path), path.read_bytes()) for name, path in sorted(_files())}


@cache
def bundle() -> Mapping[str, str]:
    """Return the files of the bundle by the names that pages use (`editor.js`), nothing where it was not built."""
    path = BUILT / _NAMES
    return json.loads(path.read_bytes()) if path.is_file() else {}


@cache
def versioned(name: str) -> str:
    """Return the path below `assets/` of a file, which is another one when its content is; raise KeyError when there is none."""
    if name in bundle():
        return bundle()[name]
    return f"{name}?v={sha256(assets()[name].content).hexdigest()[:8]}"


@cache
def version() -> str:
    """Return what differs when any file does."""
    digest = sha256()
    for name, asset in assets().items():
        digest.update(name.encode() + b"\0" + asset.content + b"\0")
    for path in sorted((_FOLDER / "templates").glob("**/*.html")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _files() -> list[tuple[str, Path]]:
    vocabulary = [*ontology_dir().glob("*.ttl"), *ontology_dir().glob("*.jsonld"), *shapes_dir().glob("*.ttl")]
    found = [(f"vocabulary/{path.name}", path) for path in vocabulary]
    found += [
        (path.relative_to(folder).as_posix(), path) for folder in (STATIC, BUILT) for path in folder.rglob("*") if path.is_file()
    ]
    return [(name, path) for name, path in found if name != _NAMES]


def _media_type(path: Path) -> str:
    return _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
