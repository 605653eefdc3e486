"""Tar archives: a report a file in it, read as that file would be.

An archive is read as it comes, in any size; it is never unpacked. Links and devices are not followed. What is passed over is
counted in a finding; a file whose path is not one below the archive is refused.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from kg.errors import InputError
from kg.ingest._archive import Stored, members
from kg.ingest._entry import Member, Refused
from kg.ingest._file import Input, head_in, most_of, too_large
from kg.ingest._formats import HEAD, OUTPUT, choosy, container, unread
from kg.model import Finding

SUFFIXES = (".tar", ".tgz", ".tbz2", ".txz", ".tzst")

_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:[/\\]")
_KINDS = {
    "link": "links are not followed",
    "device": "devices are not read",
    "FIFO": "FIFOs are not read",
    "sparse file": "sparse files are not read",
    "unknown": "members of an unknown kind are not read",
}
_SHOWN, _EXAMPLES, _REASONS = 80, 3, 20


@dataclass(slots=True)
class _Passed:
    """What is not read: how many for each reason, and the first of them."""

    files: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, path: str) -> None:
        if reason not in self.counts and len(self.counts) >= _REASONS:
            reason = "not read for other reasons"
        self.counts[reason] += 1
        examples = self.examples.setdefault(reason, [])
        if len(examples) < _EXAMPLES:
            examples.append(_shown(path))

    def told(self) -> Iterator[Finding]:
        """Yield one finding if there is anything to tell."""
        if self.counts:
            message = f"{self.counts.total():,} of {self.files:,} files of the archive are not read"
            yield Finding("KG408", "info", message, notes=tuple(map(self._note, sorted(self.counts))))

    def _note(self, reason: str) -> str:
        examples, more = self.examples[reason], self.counts[reason] - len(self.examples[reason])
        return f"{reason}: {', '.join(examples)}" + (f" and {more:,} more" if more else "")


def documents(file: BinaryIO, where: str) -> Iterator[Member | Refused | Finding]:
    """Yield the reports of an archive, and what was passed over; raise InputError behind what can be read of a damaged one."""
    passed, broken = _Passed(), None
    try:
        for number, stored in enumerate(members(file, where), 1):
            if stored.kind == "folder":
                continue
            passed.files += 1
            path = _below(stored.path)
            found = _reason(stored, path) or _member(stored, path, number, where)
            if isinstance(found, str):
                passed.add(found, path)
            else:
                yield found
    except InputError as error:
        broken = error
    yield from passed.told()
    if broken is not None:
        raise broken


def _below(path: str) -> str:
    """Return a path without what means nothing in it, as the id of a file is written."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "/".join(parts).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _reason(stored: Stored, path: str) -> str | None:
    """Return why a member is passed over, as far as its header tells."""
    folders, _, name = path.rpartition("/")
    if stored.kind != "file":
        return _KINDS[stored.kind]
    if any(part.startswith(".") and part != ".." for part in path.split("/")):
        return "hidden"
    if OUTPUT in folders.split("/"):
        return "a build of kg, not an input"
    if reason := unread(name):
        return _shown(reason)
    return "files of many reports are not read inside of an archive" if container(name) else None


def _member(stored: Stored, path: str, number: int, where: str) -> Member | Refused | str:
    """Return a report, why it cannot be one, or why it is passed over."""
    if _ABSOLUTE.match(stored.path) or ".." in path.split("/"):
        hint = "pack it by its path below a folder: tar -C FOLDER -cf reports.tar ."
        return Refused(number, f"its path leads out of the archive: {_shown(stored.path)}", hint)
    head = stored.content.read(min(HEAD, stored.size))
    most = most_of(head, path)
    if stored.size > most:
        error = too_large(where, f"has {stored.size:,} bytes", most)
        return Refused(number, error.what, error.hint, path)
    data = head + stored.content.read(stored.size - len(head))
    module = choosy(path)
    begin = head_in(io.BytesIO(data), Input(path, Path(path), where)) if module else None
    reason = module.reason_to_skip(begin) if module and begin is not None else None
    return reason or Member(path, number, data)


def _shown(path: str) -> str:
    """Return a path as it can be printed, and no longer than a line."""
    text = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in path[: _SHOWN + 1])
    return text if len(path) <= _SHOWN else f"{text[:_SHOWN]}…"
