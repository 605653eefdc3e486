"""A file of claims, from kg or another program -> claims: a JSON object a line, or an array of them.

Report, relation and value must be there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kg.errors import InputError, UsageError
from kg.model import Claim

_HINT = "write one object a line, as `kg extract` does: report, model, relation, value, stage, mention, start, end"


def read_claims(path: Path) -> list[Claim]:
    """Return the claims of a file, `-` for standard input; what places they lack is empty.

    Raises UsageError when there is no such file, InputError with the place of what is no claim.
    """
    name = "standard input" if str(path) == "-" else str(path)
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        text = data.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"there is no '{path}'", hint="kg extract FOLDER > claims.jsonl makes one") from error
    except UnicodeDecodeError as error:
        raise InputError("the claims are not UTF-8", where=name, hint=_HINT) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=name, hint=_HINT) from error
    return [_claim(row, where) for row, where in (_items if text.lstrip().startswith("[") else _lines)(text, name)]


def _lines(text: str, name: str) -> Iterator[tuple[object, str]]:
    # Not splitlines: JSON may hold the line separators of Unicode as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _json(line, where := f"{name}:{number}"), where


def _items(text: str, name: str) -> Iterator[tuple[object, str]]:
    yield from ((row, f"{name}: [{i}]") for i, row in enumerate(_json(text, name)))


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("this is not JSON", where=where, hint=_HINT) from error


def _claim(row: object, where: str) -> Claim:
    if not isinstance(row, dict):
        raise InputError("this is no claim but a list or a value", where=where, hint=_HINT)
    lacking = [key for key in ("report", "relation", "value") if not isinstance(row.get(key), str)]
    wrong = [key for key in ("model", "stage", "mention") if not isinstance(row.get(key), str | None)]
    if lacking or wrong:
        raise InputError(f"the claim has no {lacking[0]}" if lacking else f"{wrong[0]} is no text", where=where, hint=_HINT)
    start, end = (row[key] if type(row.get(key)) is int else 0 for key in ("start", "end"))
    who, words, derived = row.get("model"), row.get("mention") or "", row.get("derived") is True
    return Claim(row["report"], who, row["relation"], row["value"], start, end, words, row.get("stage"), derived=derived)
