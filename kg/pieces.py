"""Findings, report by report in any order -> findings.json, findings.index and findings.sarif, with a bounded amount of memory.

The files list findings by owner (the report that a finding is about; numbers in ids by their size), so that what was written out
for an owner waits in files without names, and is copied from there in its turn.
"""

from __future__ import annotations

import json
import os
import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

from kg.findings import IndexWriter, Keys
from kg.model import Finding, Severity
from kg.places import ReportSource, place
from kg.render import json as as_json
from kg.render import sarif as as_sarif
from kg.sorting import Sorter

_PLACES = struct.Struct("<6Q")  # where items, results and keys of an owner stand, and how long they are
_RULE = re.compile(rb'(\n          "ruleId": ("(?:[^"\\]|\\.)*"),\n          "ruleIndex": )\d+')


@dataclass(frozen=True, slots=True)
class Piece:
    """All findings of an owner, written out in their order.

    `items` are those of findings.json, `results` those of findings.sarif, with what stands between them; `keys` is JSON: for each
    finding the size of its item and its keys in the index.
    """

    owner: str
    items: bytes
    results: bytes
    keys: bytes
    codes: tuple[tuple[str, Severity], ...]


def owner_of(finding: Finding) -> str:
    """Return the report that a finding is listed under, empty when it is about none."""
    return finding.sort_key()[0]


def piece_of(owner: str, findings: Iterable[Finding], sources: Mapping[str, ReportSource], keys: Keys) -> Piece:
    """Write out all findings of an owner; of those at one place with one text the first stays first.

    `sources` is asked for the reports that the findings point into, and for no other.
    """
    rules = as_sarif.rules()
    items, results, listed = [], [], []
    found = sorted(findings, key=Finding.sort_key)
    for finding in found:
        places = [place(label, sources) for label in finding.labels]
        items.append(as_json.item(finding, places, sources).encode())
        results.append(as_sarif.item(finding, places, sources, rules.get(finding.code, 0)).encode())
        listed.append([len(items[-1]), *(key.decode("latin-1") for key in keys.of(finding))])
    codes = tuple((finding.code, finding.severity) for finding in found)
    between = as_json.BETWEEN.encode(), as_sarif.BETWEEN.encode()
    return Piece(owner, between[0].join(items), between[1].join(results), json.dumps(listed).encode(), codes)


class FindingsFiles:
    """Takes the pieces of a build, one for each owner that has findings; then gives its three files, `json` first.

    What waits is in files without names in `folder`. `codes` and `severities` count the findings.
    """

    def __init__(self, folder: Path | None = None, most: int = 32 << 20) -> None:
        self.codes: Counter[str] = Counter()
        self.severities: Counter[Severity] = Counter()
        self._others: dict[str, tuple[bytes, Severity]] = {}  # codes without a page: the first owner with one, and how severe
        self._owners = Sorter(folder, most)
        self._files = [cast(IO[bytes], TemporaryFile(dir=folder)) for _ in range(3)]
        self._index = IndexWriter(Keys("", ()), folder, most)

    def __enter__(self) -> FindingsFiles:
        return self

    def __exit__(self, *error: object) -> None:
        self._owners.close()
        self._index.close()
        for file in self._files:
            file.close()

    def add(self, piece: Piece) -> None:
        """Take the findings of an owner; none when there are no findings."""
        if not piece.codes:
            return
        owner = natural(piece.owner)
        places: list[int] = []
        for file, content in zip(self._files, (piece.items, piece.results, piece.keys), strict=True):
            places += (file.tell(), file.write(content))
        self._owners.add(owner, _PLACES.pack(*places))
        for code, severity in piece.codes:
            self.codes[code] += 1
            self.severities[severity] += 1
            if code not in as_sarif.own_rules():
                known = self._others.get(code)
                self._others[code] = known if known and known[0] <= owner else (owner, severity)

    def json(self) -> Iterator[bytes]:
        """Yield findings.json, once; raise ValueError when an owner has two pieces."""
        written, between, last = 0, as_json.BEGIN, b""
        for owner, (items, _, keys) in self._waiting():
            if owner == last:
                raise ValueError(f"two pieces are of {owner!r}")
            yield between.encode() + items
            written += len(between)
            for size, *names in json.loads(keys):
                self._index.add((name.encode("latin-1") for name in names), written)
                written += size + len(as_json.BETWEEN)
            written -= len(as_json.BETWEEN)
            between, last = as_json.BETWEEN, owner
        end = as_json.END if last else as_json.EMPTY
        self._index.end(written + len(end))
        yield end.encode()

    def index(self) -> Iterator[bytes]:
        """Yield findings.index, once; raise ValueError before `json` has ended."""
        return self._index.chunks()

    def sarif(self) -> Iterator[bytes]:
        """Yield findings.sarif."""
        others = {code: severity for code, (_, severity) in self._others.items()}
        rules = {json.dumps(code, ensure_ascii=False).encode(): b"%d" % at for code, at in as_sarif.rules(others).items()}
        begin, end = as_sarif.around(others, empty=not self.codes)
        between = begin
        for _, (_, results, _) in self._waiting():
            yield between.encode()
            yield _RULE.sub(lambda match: match[1] + rules[match[2]], results) if others else results
            between = as_sarif.BETWEEN
        yield (end if self.codes else begin + end).encode()

    def _waiting(self) -> Iterator[tuple[bytes, tuple[bytes, bytes, bytes]]]:
        """Yield the owners in order, each with its items, results and keys."""
        for file in self._files:
            file.flush()
        numbers = [file.fileno() for file in self._files]
        for owner, places in self._owners:
            at = _PLACES.unpack(places)
            items, results, keys = (os.pread(numbers[n], at[2 * n + 1], at[2 * n]) for n in range(3))
            yield owner, (items, results, keys)


def natural(report: str) -> bytes:
    """Return bytes that sort as a report's id does when the numbers in it go by their size.

    >>> sorted(["a:10", "a:9", "a", "a:9b", "a:09"], key=natural)
    ['a', 'a:09', 'a:9', 'a:9b', 'a:10']
    """
    words, *others = re.split("([0-9]+)", report)
    parts = [_word(words)]
    for digits, word in zip(others[::2], others[1::2], strict=True):
        number = digits.lstrip("0").encode()
        parts += (b"\x01", len(number).to_bytes(4, "big"), number, _word(word))
    return b"".join((*parts, b"\x00", report.encode("utf-8", "surrogatepass")))


def _word(text: str) -> bytes:
    """Return text with an end that sorts before all that could follow."""
    return text.encode("utf-8", "surrogatepass").replace(b"\x00", b"\x00\xff") + b"\x00\x01"
