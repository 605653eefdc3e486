"""`key: value` and its relatives: `key = value`, `key ..... value`, `"key": value,`, several on one line, keys set in bold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_KEY = 48
_PAIR = re.compile(
    r"[\s\"'“‘(]*"
    r"(?P<key>[^\W\d_](?:[^\s:=|;\n\"“”]|[ \t](?![ \t])|[ \t]+(?=[:=.])){0,60}?)"
    r"[\"'”’]?"
    r"(?:\s*:\s+|(?<!\d):(?=[\d$~≈<>.-])|\s*：\s*|[ \t]+=[ \t]+|=(?=\S)|[ \t]*\.{4,}[ \t]*|[ \t]+\.{3}[ \t]+)"
    r"(?=\S)"
)
_SIGN = re.compile("[:=：]")
_DASHED = re.compile(r"\s*(?P<key>[^\W_](?:[^\s:=|;\n,.]|[ \t](?![ \t])|\.(?=\d)){0,40}?)\s+[–—]\s+(?=\S)")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SEPARATOR = re.compile(r"\s*;\s+|\s+[|·•]\s+")
_WORD = re.compile(r"[^\W\d_]+")
_PROSE = frozenset(
    "we i you they he she is are was were be been that which will can could should would has have had do does did it"
    " follows following because if whether however namely consists contains includes including uses takes shows provides means"
    " requires comes supports such available".split()
)
_PROSE_FIRST = frozenset(
    "note nb warning tip important caution remember todo http https ftp file and or but so because for if when thus hence"
    " also e.g i.e then example see q a s".split()
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and the stretch of its value."""

    key: str
    start: int
    end: int


def pair_at(text: str, start: int, end: int) -> Pair | None:
    """Return the pair that text[start:end] is, or None when it is prose."""
    # Most sentences have no colon where a key could end: one look spares them the pattern.
    reach = min(end, start + LONGEST_KEY + 16)
    if not _SIGN.search(text, start, reach) and text.find("...", start, reach) < 0:
        return None
    match = _PAIR.match(text, start, min(end, start + 120))
    if match is None or _is_address(text, match):
        return None
    sign = match[0].rstrip()[-1]
    if not is_key(match["key"], assigned=sign in "=.") or (sign == "=" and ", " in _BRACKETED.sub("", text[match.end() : end])):
        return None
    return _pair(text, match["key"], match.end(), end)


def dashed_pair_at(text: str, start: int, end: int) -> Pair | None:
    """Return the pair of a list item such as `Small — 1.3B`."""
    match = _DASHED.match(text, start, min(end, start + 80))
    if match is None or len(match["key"].split()) > 4 or not is_key(match["key"]):
        return None
    return _pair(text, match["key"], match.end(), end)


def pairs_in(text: str, start: int, end: int) -> tuple[int, list[Pair]]:
    """Return where the pairs of a line such as `a: 1; b: 2; c: 3` begin, and the pairs; none when it is no such line."""
    clauses = list(_clauses(text, start, end))
    if len(clauses) < 2:
        return start, []
    found = [pair for low, high in clauses[1:] if (pair := pair_at(text, low, high))]
    if len(found) < max(1, 0.7 * (len(clauses) - 1)) or len(found) < len(clauses) - 1 < 3:
        return start, []
    low, high = clauses[0]
    first = pair_at(text, low, high)
    # "The following values were used: seed: 42; …": what stands before the last key introduces the list.
    lead = text.rfind(": ", low, text.rfind(": ", low, high)) if first is None or ": " in text[first.start : high] else -1
    inner = pair_at(text, lead + 2, high) if lead >= 0 else None
    if inner:
        return lead + 1, [inner, *found]
    return start, [first, *found] if first else []


def is_key(key: str, *, assigned: bool = False) -> bool:
    """Say whether words before a colon name a property rather than begin a sentence; before `=` and dots any word may be a key."""
    key = key.strip()
    words = [word.lower() for word in key.replace("_", " ").split()]
    if not words or len(key) > LONGEST_KEY or len(words) > 6 or "," in key or ". " in key or key.endswith(("!", "?")):
        return False
    first = words[0].strip(".,()")
    return (assigned or first not in _PROSE_FIRST) and not any(word.strip("\"',.()") in _PROSE for word in words)


def _is_address(text: str, match: re.Match[str]) -> bool:
    return text.startswith("//", match.end()) or (text[match.end() - 1] == "=" and "/" in match["key"])


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    low = start
    for match in _SEPARATOR.finditer(text, start, end):
        yield low, match.start()
        low = match.end()
    if text[low:end].strip():
        yield low, end


def _pair(text: str, key: str, start: int, end: int) -> Pair | None:
    value = text[start:end]
    stripped = value.strip().rstrip(";\\").rstrip()
    if stripped.endswith(",") and stripped[:1] in "\"'[{0123456789":
        stripped = stripped[:-1].rstrip()
    begin = start + len(value) - len(value.lstrip())
    if len(stripped) > 1 and stripped[0] in "\"'“" and stripped[-1] in "\"'”" and not any(c in stripped[1:-1] for c in '"“”'):
        stripped, begin = stripped[1:-1], begin + 1
    key = " ".join(key.split()).strip(" .\"'")
    return Pair(key, begin, begin + len(stripped)) if stripped and _WORD.search(key) else None
