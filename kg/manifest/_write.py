"""What a build was made from -> the bytes of manifest.json, and the build's id; the inputs part by part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, cast

from kg.manifest._read import Inputs, Manifest

_BLOCK = 1 << 20
_FLAT = json.JSONEncoder(ensure_ascii=False, separators=(",\n   ", ": "))


@dataclass(frozen=True, slots=True)
class InputsPart:
    """Inputs in their order: as they stand in the file, and as they go into the build's id."""

    written: bytes
    hashed: bytes


def part_of_inputs(entries: Iterable[Mapping[str, Any]]) -> InputsPart:
    """Write out inputs, whose values are texts, numbers, truth values or None."""
    listed = list(entries)
    written = ",".join(f"\n  {{\n   {_FLAT.encode(entry)[1:-1]}\n  }}" for entry in listed)
    return InputsPart(_text(written), ", ".join(map(json.dumps, listed)).encode())


class ManifestFile:
    """Takes the inputs of a build in order of id; then gives its id and the file.

    `before` is what stands before the inputs in the manifest. What waits is in a file without a name in `folder`.
    """

    def __init__(self, before: Mapping[str, Any], folder: Path | None = None) -> None:
        self._before = before
        self._waiting = cast(IO[bytes], TemporaryFile(dir=folder))
        self._digest = hashlib.sha256(f'{json.dumps(before)[:-1]}, "inputs": ['.encode())
        self._empty = True

    def __enter__(self) -> ManifestFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._waiting.close()

    def add(self, part: InputsPart) -> None:
        """Take the next inputs."""
        if part.written:
            self._waiting.write(part.written if self._empty else b"," + part.written)
            self._digest.update(part.hashed if self._empty else b", " + part.hashed)
            self._empty = False

    def id(self, after: Mapping[str, Any]) -> str:
        """Return the build's id; `after` is what stands behind the inputs."""
        digest = self._digest.copy()
        digest.update(f"], {json.dumps(after)[1:]}".encode())
        return digest.hexdigest()[:12]

    def chunks(self, after: Mapping[str, Any]) -> Iterator[bytes]:
        """Yield the file."""
        yield _text(json.dumps(self._before, indent=1, ensure_ascii=False)[:-2] + ',\n "inputs": [')
        self._waiting.seek(0)
        yield from iter(partial(self._waiting.read, _BLOCK), b"")
        end = "" if self._empty else "\n "
        yield _text(f"{end}],{json.dumps(after, indent=1, ensure_ascii=False)[1:]}\n")


def build_id(manifest: Manifest) -> str:
    """Return the id of a build with this manifest."""
    digest = hashlib.sha256(b"{")
    for number, (name, value) in enumerate(manifest.items()):
        digest.update(f"{', ' if number else ''}{json.dumps(name)}: ".encode())
        for text in _listed(value) if isinstance(value, Inputs) else [json.dumps(value)]:
            digest.update(text.encode())
    digest.update(b"}")
    return digest.hexdigest()[:12]


def _listed(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield "["
    for number, entry in enumerate(entries):
        yield ", " * (number > 0) + json.dumps(entry)
    yield "]"


def _text(text: str) -> bytes:
    # Half a surrogate pair, as JSON input can hold it, becomes JSON's own escape.
    return text.encode("utf-8", "backslashreplace")
