"""A scraped page of a paper's listing: subjects and date, title, arXiv id, an analysis, the abstract, furniture of the page.

What a page shows as separate boxes comes out glued (`CVCLSep 18, 2023`, `arXiv:2309.09958v143 citationsh-index: 98`): the date and
the id are certain, where the version ends and the citations begin is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from kg.ingest._html import blank
from kg.ingest._markup import clean
from kg.ingest._parsed import Parsed
from kg.ingest._remarks import Remarks
from kg.ingest._segments import segments_of
from kg.model import Field, Segment, Span

SUFFIXES: tuple[str, ...] = ()

_HEAD = 4000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,7}\.?"
_DATE = rf"(?:{_MONTH}[ ]\d{{1,2}},?[ ]\d{{4}}|\d{{1,2}}[ ]{_MONTH},?[ ]\d{{4}})"
_ID = re.compile(r"^[ \t]*arXiv[:\s][ ]?(?P<id>\d{4}\.\d{4,5})(?P<version>v\d+)?(?P<rest>[^\n]*)$", re.MULTILINE | re.IGNORECASE)
_GLUED = re.compile(r"[ ]?(?:citations?|h-index)", re.IGNORECASE)
_DATE_LINE = re.compile(rf"^[ \t]*[A-Za-z., ·|;()-]{{0,80}}?(?P<date>{_DATE})[ \t]*$", re.MULTILINE)
_SUBMITTED = re.compile(rf"^[ \t]*[\[(]?(?:Submitted|Published)(?: on)?:?[ ](?P<date>{_DATE})[^\n]*$", re.MULTILINE | re.IGNORECASE)
_TITLE = re.compile(r"^[ \t]*Title:[ \t]*(?P<title>\S[^\n]*)$", re.MULTILINE)
_LINES = re.compile(r"[ \t]*(?P<title>\S[^\n]*(?:\n[ \t]*[a-z][^\n]*)*)")
_FURNITURE = re.compile(
    r"^[ \t]*(?:"
    r"Originality(?:[ \t]+\w+){0,3}|AI Analysis|Abstract|Has Code|Foundations?|Your Notes?|(?:View|Download) PDF"
    r"|(?:Related|Similar) Papers?"
    r"|Code Implementations?[ \t]*(?:\d+[ \t]*repos?(?:itories)?)?"
    r"|The foundational work for this paper[^\n]*"
    r")[ \t]*$",
    re.MULTILINE,
)


def recognises(source: str) -> bool:
    """Say whether the head has an arXiv id in its own line, with citations glued to it or near a line with the date."""
    head = source[:_HEAD]
    found = _ID.search(head)
    if found is None:
        return False
    return bool(_GLUED.search(found["rest"]) or _DATE_LINE.search(head, 0, found.start()) or _SUBMITTED.search(head))


def parse(source: str) -> Parsed:
    """Read the fields of the page and the segments of its title, analysis and abstract; furniture has none."""
    cleaned = clean(source)
    identifier = _ID.search(cleaned.text, 0, _HEAD)
    head = identifier.start() if identifier else _HEAD
    dated = _SUBMITTED.search(cleaned.text, 0, _HEAD) or _DATE_LINE.search(cleaned.text, 0, head)
    title = _title(cleaned.text, dated.end() if dated and dated.end() < head else 0, head)
    furniture = [match.span() for match in (identifier, dated, *_FURNITURE.finditer(cleaned.text)) if match]
    text = _without(cleaned.text, furniture)
    body = text if title is None else _without(text, [(title.start, title.end)])
    segments = list(segments_of(replace(cleaned, text=body), source, group=1))
    fields = [*_published(dated), *_identified(identifier)]
    if title is not None:
        segments.insert(0, Segment("heading", title.start, title.end))
        fields.insert(0, Field("title", " ".join(text[title.start : title.end].split()), title.start, title.end))
    remarks = Remarks(list(cleaned.findings))
    if identifier and identifier["version"] and _GLUED.match(identifier["rest"]):
        _doubt_version(identifier, remarks)
    segments.sort(key=lambda segment: (segment.start, segment.end))
    tags = tuple(tag for tag in cleaned.tags if not text[tag.start : tag.end].isspace())
    return Parsed(text, tuple(segments), tags, tuple(fields), tuple(remarks.findings), cleaned.moved)


def _without(text: str, cuts: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in sorted(cuts):
        parts += (text[done:start], blank(text[start:end]))
        done = end
    return "".join(parts) + text[done:]


def _title(text: str, start: int, end: int) -> Span | None:
    """Return where the title stands: after its label, else the first line between the date and the id."""
    found = _TITLE.search(text, 0, _HEAD)
    if found is None:
        begin = end - len(text[start:end].lstrip())
        found = _LINES.match(text, begin, end)
    return Span(found.start("title"), found.start("title") + len(found["title"].rstrip())) if found else None


def _published(dated: re.Match[str] | None) -> Iterator[Field]:
    if dated is None:
        return
    words = re.findall(r"[A-Za-z]+|\d+", dated["date"])
    month = next(word for word in words if word.isalpha())
    day, year = (int(word) for word in words if word.isdigit())
    try:
        value = date(year, _MONTHS.index(month[:3].lower()) + 1, day)
    except ValueError:
        return
    yield Field("published", value.isoformat(), *dated.span("date"))


def _identified(identifier: re.Match[str] | None) -> Iterator[Field]:
    if identifier is None:
        return
    # Before 2015 the number had four digits: what follows them is something else, glued.
    length = 9 if identifier["id"] < "1501" else 10
    value = identifier["id"][:length]
    yield Field("arxivId", value, identifier.start("id"), identifier.start("id") + len(value))


def _doubt_version(identifier: re.Match[str], remarks: Remarks) -> None:
    digits = identifier["version"][1:]
    if len(digits) < 2:
        return
    readings = [
        f"v{digits[:cut]} and {int(digits[cut:])} citations"
        for cut in range(1, len(digits))
        if digits[cut] != "0" or cut == len(digits) - 1
    ]
    message = f"the version of arXiv:{identifier['id']} cannot be told from the citations"
    start, end = identifier.span("version")
    remarks.add("KG406", "info", message, start, end, f"it may be {', '.join(readings)} or {identifier['version']}; none is taken")
