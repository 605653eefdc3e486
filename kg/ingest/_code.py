"""Fenced code and YAML front matter: arguments, assignments and entries as pairs, the other lines as items."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.ingest._pairs import Pair

_LINE = re.compile(r"[^\n]+")
_ARGUMENT = re.compile(
    r"(?:(?<=\s)|^)--?(?P<key>[A-Za-z][\w.-]*)(?:=|[ \t]+)(?P<value>(?!-{1,2}[A-Za-z])(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\\]+))"
)
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?[\"']?(?P<key>[A-Za-z][\w.-]*)[\"']?\s*(?:=|:)\s*(?P<value>[^\s=][^\n]*)")
_ENTRY = re.compile(
    r"(?P<indent>[ \t]*)(?P<dashes>(?:-[ \t]+)*)(?:(?P<key>[\"']?[A-Za-z_][\w .()/-]{0,60}?[\"']?):(?:[ \t]+|$))?(?P<value>[^\n]*)"
)
_BIBLIOGRAPHY = re.compile(r"\s*@[A-Za-z]+\s*\{")
_INLINE_ITEM = re.compile(r"[^,\[\]\s][^,\[\]]*")
_FRONT = re.compile(r"[ ]?---[ \t]*\n")
_FRONT_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_FRONT_LONGEST = 50_000


def code_parts(text: str, start: int, end: int) -> Iterator[tuple[str, int, int, str]]:
    """Yield (kind, start, end, key) of the lines of a code block; a bibliography entry says nothing about training."""
    if _BIBLIOGRAPHY.match(text, start, end):
        return
    for line in _LINE.finditer(text, start, end):
        low, high = line.span()
        arguments = list(_ARGUMENT.finditer(text, low, high))
        if arguments:
            for match in arguments:
                yield ("pair", *_unquoted(text, *match.span("value")), match["key"])
            continue
        assignment = _ASSIGNMENT.match(text, low, high)
        if assignment and "(" not in assignment["value"].split("#")[0]:
            value = assignment["value"].split(" #")[0].rstrip(" \t,;\\")
            begin = assignment.start("value")
            if value:
                yield ("pair", *_unquoted(text, begin, begin + len(value)), assignment["key"])
            continue
        piece = line[0].strip()
        if any(char.isalnum() for char in piece):
            begin = low + line[0].index(piece)
            yield "item", begin, begin + len(piece), ""


def front_matter(text: str) -> tuple[int, int, int] | None:
    """Return (start, end, after) of the YAML lines between `---` at the head of a text, None when there are none."""
    opening = _FRONT.match(text)
    if opening is None:
        return None
    closing = _FRONT_END.search(text, opening.end(), opening.end() + _FRONT_LONGEST)
    if closing is None or not re.match(r"\s*(?:#.*\n\s*)*[\w\"'-]", text[opening.end() : closing.start()]):
        return None
    return opening.end(), closing.start(), closing.end()


def front_pairs(text: str, start: int, end: int) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    """Yield the entries of YAML lines with the keys above them, outermost first; each element of a list is an entry of its key."""
    path: list[tuple[int, str]] = []
    for line in _LINE.finditer(text, start, end):
        match = _ENTRY.fullmatch(text, *line.span())
        if match is None or not line[0].strip() or line[0].lstrip().startswith("#"):
            continue
        depth = len(match["indent"].expandtabs()) + len(match["dashes"])
        while path and path[-1][0] >= depth:
            path.pop()
        key = (match["key"] or "").strip("\"'")
        if key:
            path.append((depth, key))
        if not path:
            continue
        above = tuple(name for _, name in path[:-1])
        for low, high in _values(text, *match.span("value")):
            yield Pair(path[-1][1], low, high), above


def _values(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    value = text[start:end].strip()
    if value in {"", "|", ">", "|-", ">-", "[]", "{}", "null", "~"}:
        return
    if value.startswith("[") and value.endswith("]"):
        yield from (_unquoted(text, *item.span()) for item in _INLINE_ITEM.finditer(text, start, end))
    else:
        yield _unquoted(text, start, end)


def _unquoted(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    begin = end - len(piece.lstrip())
    piece = piece.strip()
    if len(piece) > 1 and piece[0] == piece[-1] and piece[0] in "\"'":
        return begin + 1, begin + len(piece) - 1
    return begin, begin + len(piece)
