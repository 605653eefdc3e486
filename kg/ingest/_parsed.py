"""What a format hands back: the text without markup, and what was found in it."""

from __future__ import annotations

from dataclasses import dataclass

from kg.model import Field, Finding, Segment, Span, Table, Tag


@dataclass(frozen=True, slots=True)
class Parsed:
    """A source that was read; `text` has its length. Findings do not name the report yet: `read_text` fills it in.

    Form feeds part the pages of a source that is `paged`.
    """

    text: str
    segments: tuple[Segment, ...] = ()
    tags: tuple[Tag, ...] = ()
    fields: tuple[Field, ...] = ()
    findings: tuple[Finding, ...] = ()
    moved: tuple[Span, ...] = ()
    table: Table | None = None
    paged: bool = False
