"""Answers on disk under the hash of what was asked, so that nothing is asked twice and a build can be made again without a service.

What was asked holds the model, the prompt, the form of the answer and the text; when any of them changes, so does the name. A file
is written beside its place and renamed: there is a whole answer or none.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import OutputError
from kg.extract.llm.form import Answer, answer_of


def key_of(request: Mapping[str, Any]) -> str:
    """Return the name of a request's answer."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of answers."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Cache:
        """Return the cache at a folder, which is made; raise OutputError when it cannot be."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_written(folder, error) from error
        return cls(folder)

    def get(self, key: str) -> Answer | None:
        """Return an answer; None when there is none, or a damaged one."""
        try:
            return answer_of(self._path(key).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; raise OutputError when it cannot be written."""
        path = self._path(key)
        try:
            path.parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as file:
                json.dump(answer, file)
            os.replace(file.name, path)
        except OSError as error:
            raise _not_written(self.folder, error) from error

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def _not_written(folder: Path, error: OSError) -> OutputError:
    return OutputError(
        f"answers cannot be kept: {error.strerror}", where=str(folder), hint="make it writable, or set llm-cache (KG_LLM_CACHE)"
    )
