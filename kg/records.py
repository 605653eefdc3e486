"""What was read in one report, and nothing that other reports have a say in; packed as bytes for disk, pipe and cluster.

Packed records are for the same version of kg and of Python that wrote them (`marshal`): they are what a build keeps for itself.
"""

from __future__ import annotations

import marshal
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from kg.model import Claim, Document, Field, Finding, Label, Origin
from kg.names import OWN, Spelling

_LEVEL = 1  # of compression: texts and claims shrink to a fourth at 100 MB/s
_CLAIM = attrgetter(*(field.name for field in fields(Claim)))
_FINDING = attrgetter(*(field.name for field in fields(Finding) if field.name != "labels"))
_LABEL = attrgetter(*(field.name for field in fields(Label)))
_ORIGIN = attrgetter(*(field.name for field in fields(Origin)))
_FIELD = attrgetter(*(field.name for field in fields(Field)))
_DOCUMENT = attrgetter("id", "path", "format", "source", "sha256", "paged")


@dataclass(frozen=True, slots=True)
class Record:
    """A report as it was read: its document without text and segments, claims in order, suggestions, findings about its writing."""

    document: Document
    claims: tuple[Claim, ...] = ()
    suggestions: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        """Return the report's id."""
        return self.document.id


def pack(record: Record) -> bytes:
    """Return a record as bytes; equal records give equal bytes."""
    document = record.document
    parts: Any = (
        _DOCUMENT(document),
        document.origin and _ORIGIN(document.origin),
        tuple(map(_FIELD, document.fields)),
        tuple(map(_CLAIM, record.claims)),
        tuple(map(_CLAIM, record.suggestions)),
        _plain(record.findings),
    )
    return zlib.compress(marshal.dumps(parts, 2), _LEVEL)  # from version 3 on bytes depend on which objects are shared


def unpack(data: bytes, moved: Origin | None = None) -> Record:
    """Return a record from what `pack` made of it; `moved` is where it stands now, if that is elsewhere in its file of many."""
    (id, path, format, source, sha256, paged), origin, told, claims, suggestions, findings = _loaded(zlib.decompress(data))
    known = tuple(Field(*field) for field in told)
    place = moved or (Origin(*origin) if origin else None)
    document = Document(id, path, format, source, "", sha256, fields=known, origin=place, paged=paged)
    return Record(
        document,
        tuple(Claim(*claim) for claim in claims),
        tuple(Claim(*claim) for claim in suggestions),
        _findings(findings),
    )


def findings_packed(findings: Iterable[Finding]) -> bytes:
    """Return findings as bytes."""
    return marshal.dumps(_plain(findings), 2)


def findings_unpacked(data: bytes) -> tuple[Finding, ...]:
    """Return findings from what `findings_packed` made of them."""
    return _findings(_loaded(data))


def spellings(claims: Iterable[Claim], ranges: Mapping[str, str]) -> Counter[Spelling]:
    """Return how often each name stands in claims; `ranges` are those of the relations whose values are things.

    Claims about a model without a name count for the name "".
    """
    counts: Counter[Spelling] = Counter()
    for claim in claims:
        if claim.relation in ranges:
            counts[ranges[claim.relation], claim.value] += 1
        counts[OWN, claim.model or ""] += 1
    return counts


def place(document: Document) -> dict[str, Any]:
    """Return where a report stands in a file of many, and whether it has pages."""
    origin = document.origin
    where: dict[str, Any] = {"file": origin.file} if origin else {}
    if origin and origin.line is not None:
        where |= {"line": origin.line, "offset": origin.offset}
    return {**where, "paged": True} if document.paged else where


def _loaded(data: bytes) -> Any:
    return marshal.loads(data)  # noqa: S302  # kg itself wrote it


_Plain = tuple[tuple[Any, ...], tuple[tuple[Any, ...], ...]]


def _plain(findings: Iterable[Finding]) -> tuple[_Plain, ...]:
    return tuple((_FINDING(finding), tuple(map(_LABEL, finding.labels))) for finding in findings)


def _findings(plain: Iterable[_Plain]) -> tuple[Finding, ...]:
    return tuple(
        Finding(code, severity, message, tuple(Label(*label) for label in labels), *others)
        for (code, severity, message, *others), labels in plain
    )
