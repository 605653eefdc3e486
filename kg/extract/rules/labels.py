"""Names of models where names are written like any words: titles, keys, labels, and what a sentence calls a thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kg.extract.rules.lexicon import Name
from kg.extract.rules.names import is_shaped
from kg.extract.rules.sentences import Sentence
from kg.model import Segment

SIZE = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?[BMbm])(?![A-Za-z])|[-_ ](?:tiny|mini|small|base|medium|large|xl|xxl|huge|giant|nano|micro|"
    r"s|l|h|e)\b",
    re.I,
)
SIZES = re.compile(
    r"(?:\smodels?)?\s?(?:\s(?:up to|at|to|of|in|with|from|scaled to|scaled up to)\s)?[(:]?\s?(?:(?:the\s)?sizes?\s(?:of\s)?)?"
    r"(?P<sizes>\d+(?:\.\d+)?[BM](?:(?:\s?[,/&]\s?|,?\sand\s|,?\sor\s|\sto\s|\sand\s)\d+(?:\.\d+)?[BM])+)(?![\w-])"
)
STRONG = re.compile(r"[a-z][A-Z]|[A-Za-z]-?\d|\d[A-Za-z]|[A-Z]{2}[a-z]")
NAME_KEY = re.compile(
    r"^(?:the )?(?:model|name|model[ _-]?(?:name|id|card)|system|system name|checkpoint|model version|title|model_id|id)s?$", re.I
)
_BEFORE_TITLE = re.compile(
    r"(?:model card(?: for| of)?|readme|about|the|introducing|announcing|official (?:implementation|repository) of|welcome to)"
    r"\s*[:–—-]?\s*",
    re.I,
)
_AFTER_TITLE = re.compile(
    r"\s*(?:model card|readme|release notes|(?:pre-?)?training|fine-?tuning|evaluation|checkpoints?|models?|\s\([^)]*\)"
    r"|[:–—|]\s.*|\s-\s.*)$",
    re.I,
)
_PLAIN = " *_`#:"
_LOWER_NAME = re.compile(r"[a-z][a-z0-9]+(?:[-_.][a-z0-9.]+)+")
_CALLS = re.compile(
    r"\b(?:called|named|dubbed|christened|baptised|call(?:\sit|\sthe\s\w+|\sthis\s\w+)?|under\sthe\sname(?:\sof)?|known\sas|code-?named?)"
    r"\s[\"'“*_`]{0,2}([a-z][\w.-]{2,}\w)(?=[\"'”*_`]{0,2}(?:[\s,.;:)]|$))"
)
_DETERMINED = re.compile(r"^(?:a|an|the|our|this|that|its|their)\b", re.I)


def labels(text: str, sentence: Sentence, names: Sequence[Name]) -> Iterator[Name]:
    """Yield the names in places where models' names are written like any words: titles, keys, labels."""
    segment = sentence.segment
    by_key = segment.kind == "pair" and bool(NAME_KEY.match(segment.row.strip()))
    found: list[Name | None] = []
    if segment.kind == "sentence":
        found += [Name(*m.span(1), m[1]) for m in _CALLS.finditer(text, segment.start, segment.end)]
    if segment.kind == "heading" or by_key:
        found.append(_titled_name(text, segment))
    if segment.kind == "heading" or sentence.is_label or by_key:
        words = text[segment.start : segment.end].strip().strip("`*_")
        if _LOWER_NAME.fullmatch(words):
            start = text.index(words, segment.start)
            found.append(Name(start, start + len(words), words))
    if segment.kind == "pair" and "-" in segment.row and STRONG.search(segment.row) and is_model_name(segment.row):
        start = text.rfind(segment.row, max(0, segment.start - len(segment.row) - 24), segment.start)
        found.append(Name(start, start + len(segment.row), segment.row) if start >= 0 else None)
    seen = {(name.start, name.end) for name in names} if found else set()
    for name in found:
        if name and (name.start, name.end) not in seen:
            seen.add((name.start, name.end))
            yield name


def _titled_name(text: str, segment: Segment) -> Name | None:
    """Return a heading's or value's words without what is said around a name (`Model card for`, `: fast and small`)."""
    low = segment.start + len(text[segment.start : segment.end]) - len(text[segment.start : segment.end].lstrip(_PLAIN))
    words = text[low : segment.end].rstrip(_PLAIN)
    before = _BEFORE_TITLE.match(words)
    if before and before.end() < len(words):
        low, words = low + before.end(), words[before.end() :]
    if (after := _AFTER_TITLE.search(words)) and after.start() > 1:
        words = words[: after.start()]
    return Name(low, low + len(words), words) if 1 < len(words) < 50 and len(words.split()) <= 6 else None


def is_model_name(text: str) -> bool:
    """Return whether a tag's or key's content is a name and no description of a model."""
    words = text.split()
    return (
        0 < len(words) <= 5
        and not _DETERMINED.match(text)
        and any(is_shaped(w) or w[:1].isupper() for w in words)
        and sum(w.islower() for w in words) <= 1
    )
