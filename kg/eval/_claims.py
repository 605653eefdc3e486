"""A file of claims, one JSON object a line, from kg or another program -> claims. Report, relation and value must be there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.errors import InputError, UsageError
from kg.model import Claim

_HINT = "write one object a line, as `kg extract` does: report, model, relation, value, stage, mention, start, end"


def read_claims(path: Path) -> list[Claim]:
    """Return the claims of a file, `-` for standard input; what places they lack is empty.

    Raises UsageError when there is no such file, InputError with the line that is no claim.
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
    return [_claim(row, where) for row, where in _rows(text, name)]


def _rows(text: str, name: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    # Not splitlines: JSON may hold the line separators of Unicode as they are.
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{name}:{number}"
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError("the line is not JSON", where=where, hint=_HINT) from error
            if not isinstance(row, dict):
                raise InputError("the line is no claim but a list or a value", where=where, hint=_HINT)
            yield row, where


def _claim(row: Mapping[str, Any], where: str) -> Claim:
    lacking = [key for key in ("report", "relation", "value") if not isinstance(row.get(key), str)]
    wrong = [key for key in ("model", "stage", "mention") if not isinstance(row.get(key), str | None)]
    if lacking or wrong:
        raise InputError(f"the claim has no {lacking[0]}" if lacking else f"{wrong[0]} is no text", where=where, hint=_HINT)
    start, end = (row[key] if type(row.get(key)) is int else 0 for key in ("start", "end"))
    who, words, derived = row.get("model"), row.get("mention") or "", row.get("derived") is True
    return Claim(row["report"], who, row["relation"], row["value"], start, end, words, row.get("stage"), derived=derived)
