"""A record of a JSON Lines or Parquet file -> a report: which field is its text, and which are its id, title, date and format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kg.ingest._entry import Part, Refused
from kg.ingest._formats import formats, suffixes
from kg.model import Field

TEXT = ("text", "content", "body", "full_text", "fulltext", "markdown", "readme", "card", "model_card", "abstract", "summary")
KEY = ("id", "_id", "key", "uid", "uuid", "paper_id", "modelid", "model_id", "repo_id", "arxiv_id", "arxivid", "doi")
TITLE = ("title",)
DATE = ("published", "publication_date", "date", "published_at", "created_at", "created")
ARXIV = ("arxiv_id", "arxivid", "arxiv")
FORMAT = ("format", "mime", "mimetype", "mime_type", "media_type", "content_type")
FIELDS = (*TEXT, *KEY, *TITLE, *DATE, *ARXIV, *FORMAT)

_MARKDOWN = frozenset({"markdown", "readme", "card", "model_card"})
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?=$|[T ])")
_ARXIV = re.compile(r"(?:arxiv:)?(\d{4}\.\d{4,5})(?:v\d+)?", re.IGNORECASE)
_PLAIN = {"plain": "text", "x-markdown": "markdown"}
_SHOWN = 12


def chosen(names: Iterable[str], wanted: Sequence[str]) -> list[str]:
    """Return those of a record's names that are wanted, in the order of what is wanted; case does not count."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(name.lower().replace("-", "_"), name)
    return [known[name] for name in wanted if name in known]


def no_text(names: Iterable[str]) -> tuple[str, str]:
    """Return what is wrong with a record without a field of text, and what to do."""
    listed = sorted(names)
    more = f" and {len(listed) - _SHOWN:,} more" if len(listed) > _SHOWN else ""
    shown = ", ".join(listed[:_SHOWN]) + more if listed else "none"
    return f"no field holds a text; the fields are: {shown}", f"name the text's field one of {', '.join(TEXT)}"


def report(record: Mapping[str, object], line: int) -> Part | Refused:
    """Return the report that a record is, its text from the first field of `TEXT` that holds one."""
    names = chosen(record, TEXT)
    if not names:
        return Refused(line, *no_text(record))
    name = next((name for name in names if isinstance(record[name], str) and str(record[name]).strip()), None)
    if name is None:
        value = record[names[0]]
        what = "is empty" if value is None or value == "" or isinstance(value, str) else f"is no text: {type(value).__name__}"
        return Refused(line, f"the field '{names[0]}' {what}", "fill it in, or remove the entry")
    format = _format(record) or ("markdown" if name.lower().replace("-", "_") in _MARKDOWN else None)
    key = next(iter(_values(record, KEY)), None)
    return Part(key, line, str(record[name]), format=format, fields=tuple(_fields(record)), context=format or "")


def _values(record: Mapping[str, object], wanted: Sequence[str]) -> Iterator[str]:
    """Yield what stands in the wanted fields, as text: numbers, dates and strings that are not blank."""
    for name in chosen(record, wanted):
        value = record[name]
        text = value.isoformat() if hasattr(value, "isoformat") else value
        if isinstance(text, str | int) and not isinstance(text, bool) and str(text).strip():
            yield str(text).strip()


def _fields(record: Mapping[str, object]) -> Iterator[Field]:
    """Yield what a record says of its report; it stands beside the text, so that its place in that is empty."""
    for title in [*_values(record, TITLE)][:1]:
        yield Field("title", " ".join(title.split()), 0, 0)
    for found in [match for value in _values(record, DATE) if (match := _DATE.match(value))][:1]:
        yield Field("published", found[0], 0, 0)
    for found in [match for value in _values(record, ARXIV) if (match := _ARXIV.fullmatch(value))][:1]:
        yield Field("arxivId", found[1], 0, 0)


def _format(record: Mapping[str, object]) -> str | None:
    """Return the format that a record names: as kg does, by its suffix, or as a media type; None when kg reads none such."""
    for value in _values(record, FORMAT):
        name = value.partition(";")[0].strip().lower().rpartition("/")[2]
        name = _PLAIN.get(name, name)
        found = name if name in formats() else suffixes().get(f".{name.removeprefix('.')}", "")
        if found in formats():
            return found
    return None
