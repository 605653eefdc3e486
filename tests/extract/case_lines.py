"""Case files of this folder's `cases/`: one case a line, `written => expected`.

A line that begins with `//` is a remark, `\\uXXXX` and `\\n` stand for a character. A case of which `known_failures.txt` holds
`<file>: <line>` is expected to fail; when it passes, the test says so.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

FOLDER = Path(__file__).parent / "cases"
KNOWN_FAILURES = FOLDER / "known_failures.txt"

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\n")


def lines(path: Path) -> list[tuple[int, str]]:
    """Return (number, text) of the lines of a file that are no remarks."""
    numbered = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return [(number, line) for number, line in numbered if line.strip() and not line.startswith("//")]


def known_failures() -> frozenset[str]:
    """Return `<file>: <line>` of the cases that are expected to fail."""
    return frozenset(line for _, line in lines(KNOWN_FAILURES))


def unescaped(text: str) -> str:
    """Return the text with its escapes replaced.

    >>> unescaped("3\\\\u0020000")
    '3 000'
    """
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else "\n", text)


def keys(name: str) -> list[str]:
    """Return `<file>: <line>` of every case of a file."""
    return [f"{name}: {line}" for _, line in lines(FOLDER / f"{name}.txt")]


def cases(name: str, arrow: str = " => ") -> list[ParameterSet]:
    """Return (written, expected) of every case of a file; raise ValueError with the place of a line without an arrow."""
    known = known_failures()
    found = []
    for number, line in lines(FOLDER / f"{name}.txt"):
        written, sign, expected = line.rpartition(arrow)
        if not sign:
            raise ValueError(f"{name}.txt:{number}: no '{arrow.strip()}' in {line!r}")
        marks = [pytest.mark.xfail(reason=f"in {KNOWN_FAILURES.name}")] if f"{name}: {line}" in known else []
        found.append(pytest.param(unescaped(written), unescaped(expected), id=f"{name}:{number}", marks=marks))
    return found
