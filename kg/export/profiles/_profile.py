"""What a profile is given and gives: the selection, what the user says of the export, files, and what could not be said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from kg.errors import UsageError
from kg.export._selection import Selection

_LONGEST = 200  # bytes of a part of a path, so that an ending fits
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(_DAY.pattern + r"T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


@dataclass(frozen=True, slots=True)
class File:
    """A file of an export: its path below the export's folder with `/` between the parts, and its content in pieces."""

    name: str
    content: Iterable[bytes]


@dataclass(slots=True)
class Missing:
    """What a profile wants and the build does not know, counted while files are written."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)

    def about(self, kind: str) -> None:
        """Count a thing of a kind (`model`), whatever is missing of it."""
        self.totals[kind] += 1

    def lacks(self, kind: str, wanted: str, why: str = "no report states it") -> None:
        """Count that what is wanted of a thing of a kind is left out."""
        self.counts[kind, wanted, why] += 1

    def lines(self) -> Iterator[str]:
        """Yield a line for each thing that was left out, in order of kind and of what is wanted."""
        for (kind, wanted, why), count in sorted(self.counts.items()):
            total = self.totals[kind]
            of = f" of {count:,} of {total:,} {kind}s" if total > 1 else f" of the {kind}"
            yield f"left out: {wanted}{of}: {why}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is exported, what the user says of the export by name (`license`), where to tell what is left out.

    What is said of the export is not empty. `build` is the folder of the build's files, None where only its store is known.
    """

    selection: Selection
    given: Mapping[str, str]
    missing: Missing
    build: Path | None = None

    def own(self, name: str, wanted: str) -> str | None:
        """Return what the user says of the export itself; what is not said is left out and told."""
        if name not in self.given:
            self.missing.lacks("export", wanted, f"give it with -p {name}=…")
        return self.given.get(name)

    def address(self, name: str) -> str | None:
        """Return an address that the user gives, None when there is none; raise UsageError for what is no absolute IRI."""
        text = self.given.get(name)
        if text is not None and not _ADDRESS.fullmatch(text):
            raise UsageError(f"'{text}' is no address", hint=f"write it whole: -p {name}=https://example.org/…")
        return text


def is_day(text: str) -> bool:
    """Decide whether a text is a day that there is, as xsd:date has it.

    >>> is_day("2024-02-29"), is_day("2025-02-29"), is_day("20240229")
    (True, False, False)
    """
    return bool(_DAY.fullmatch(text)) and _is_there(text)


def is_time(text: str) -> bool:
    """Decide whether a text is a moment that there is, as xsd:dateTime has it, with a time zone or without.

    >>> is_time("2026-11-21T10:00:00Z"), is_time("2026-11-21T10:60:00Z"), is_time("2026-11-21")
    (True, False, False)
    """
    return bool(_TIME.fullmatch(text)) and _is_there(text)


def _is_there(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def path_of(iri: str, base: str) -> str:
    """Return a thing's place below the base as the path of a file: no part is empty, leads upwards or is too long for a file.

    >>> path_of("https://w3id.org/kg/dataset/cc3m", "https://w3id.org/kg/"), path_of("x:/../a", "x:/")
    ('dataset/cc3m', '_../a')
    """
    return "/".join(_part(part) for part in iri.removeprefix(base).split("/"))


def _part(part: str) -> str:
    if part in {"", ".", ".."}:
        return f"_{part}"
    encoded = part.encode("utf-8", "replace")
    return part if len(encoded) <= _LONGEST else f"{encoded[:100].decode('utf-8', 'ignore')}-{sha256(encoded).hexdigest()[:16]}"


Write = Callable[[Asked], Iterator[File]]
"""A profile's `write`: yields its files, whose content is read before the next file is asked for."""
