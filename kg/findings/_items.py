"""The items of findings.json: where each begins, and the findings that they tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from kg.model import Finding, Label

FINDINGS = "findings.json"
INDEX = "findings.index"

# An item of the array is indented by two spaces, and no text in it holds a line feed (`kg.render.json`).
_BEFORE, _AFTER = b"\n  {\n", b"\n  }"
_BEGIN = re.compile(rb"\n  (?=\{\n)")


def findings_of(folder: Path) -> list[Finding]:
    """Return the findings of a build, in their order; raise OSError, ValueError, KeyError or TypeError when they are damaged."""
    return [finding_of(data) for data in json.loads((folder / FINDINGS).read_bytes())]


def findings_naming(folder: Path, words: Iterable[str]) -> list[Finding]:
    """Return the findings of a build whose JSON holds one of these texts, in their order; the others are not parsed.

    It is for large builds of an earlier kg, which have no index. Raises OSError, ValueError, KeyError or TypeError when they are
    damaged.
    """
    with (folder / FINDINGS).open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        items = sorted({_item_at(text, place) for word in words for place in _places(text, word.encode())})
        return [finding_of(json.loads(text[start:end])) for start, end in items]


def _places(text: mmap, word: bytes) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + 1)


def _item_at(text: mmap, place: int) -> tuple[int, int]:
    """Return where the item of the array around a place begins and ends."""
    start, end = text.rfind(_BEFORE, 0, place), text.find(_AFTER, place)
    if start < 0 or end < 0:
        raise ValueError("this is not written as kg does")
    return start, end + len(_AFTER)


def starts_in(text: bytes | mmap) -> Iterator[int]:
    """Yield where each item of findings.json begins."""
    return (match.end() for match in _BEGIN.finditer(text))


def items(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Yield what findings.json holds of each finding, in its order; one is held at a time.

    Raises OSError or ValueError when it is damaged.
    """
    item: list[bytes] | None = None
    with (folder / FINDINGS).open("rb") as file:
        for line in file:
            if item is None and line == b"  {\n":
                item = [line]
            elif item is None and line not in {b"[\n", b"]\n", b"[]\n"}:
                raise ValueError("this is not written as kg does")
            elif item is not None:
                item.append(line)
                if line.startswith(_AFTER[1:]):
                    yield json.loads(b"".join(item).rstrip(b",\n"))
                    item = None
    if item is not None:
        raise ValueError("it is cut short")


def finding_of(data: Mapping[str, Any]) -> Finding:
    """Return the finding that an item tells; raise KeyError or TypeError for what is none."""
    labels = (Label(label["report"], label["start"], label["end"], label["text"]) for label in data["labels"])
    names = ("code", "severity", "message", "report", "subject", "relation")
    return Finding(**{name: data[name] for name in names}, labels=tuple(labels), notes=tuple(data["notes"]))
