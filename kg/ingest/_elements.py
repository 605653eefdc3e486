"""Sources of HTML and XML -> tokens with their offsets, in linear time whatever the source.

Tokens follow section 13.2.5 of the HTML standard as far as reading needs it: quoted values, comments, elements whose content is
raw text. XML adds CDATA sections. No declaration is obeyed: a document type is skipped with its entities, so that none is fetched
or expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5
from typing import Literal, NamedTuple

from kg.ingest._characters import plain_characters
from kg.ingest._outline import Outline

Kind = Literal["text", "raw", "open", "close", "comment", "unclosed"]
_RAW = frozenset("script style textarea title xmp iframe noembed noframes noscript".split())
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
# The common case; whatever is odder (a bracket or a line of a script in a value) is scanned step by step.
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/<>]*+)((?:[^<>\"'=]++|=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+')?+)*+)>")
_NAME = re.compile(r"</?([A-Za-z][^\s/>]*+)")
_STEP = re.compile(r"[^>=]*+(?:=\s*+)?")
_SUBSET_END = re.compile(r"\]\s*+>")
_COMMENT_END = re.compile(r"--!?>")
_ENTITY = re.compile(r"&(?:#(?:[xX]([0-9A-Fa-f]{1,6})|([0-9]{1,7}));?|([A-Za-z][A-Za-z0-9]{1,31});|(nbsp|amp|lt|gt)(?![\w;]))")


class Token(NamedTuple):
    """A piece of a source: `name` in lower case for HTML, `attributes` as written; `empty` when an XML element closes itself.

    A tuple, because it is made four times as fast as a dataclass, and a page has thousands.
    """

    kind: Kind
    start: int
    end: int
    name: str = ""
    attributes: str = ""
    empty: bool = False


def tokens(source: str, *, xml: bool = False) -> Iterator[Token]:
    """Yield the tokens of a source in order; together they cover all of it."""
    scan = _Scan(source, xml)
    at = done = 0
    while match := _MARKUP.search(source, at):
        start = match.start()
        token = scan.markup(start)
        if token is None:
            at = start + 1
            continue
        if done < start:
            yield Token("text", done, start)
        yield token
        at = done = token.end
        if token.kind == "open" and not xml and token.name in _RAW:
            at = scan.raw_end(token)
            if done < at:
                yield Token("raw", done, at, token.name)
                done = at
    if done < len(source):
        yield Token("text", done, len(source))


@dataclass(slots=True)
class _Scan:
    """A source being scanned; `quoted` turns false when a quotation mark that is never closed was met."""

    source: str
    xml: bool
    quoted: bool = True

    def markup(self, start: int) -> Token | None:
        """Return the token at `<`, None when it is text after all."""
        match = _TAG.match(self.source, start)
        if match:
            return self._tag(start, match.end(), match[1], match[2], match[3])
        if self.source.startswith("<!--", start):
            return self._comment(start)
        if self.source.startswith("<![CDATA[", start) and self.xml:
            end = self.source.find("]]>", start)
            return Token("raw", start, end + 3 if end >= 0 else len(self.source), "![CDATA[")
        named = _NAME.match(self.source, start)
        if named is None:
            return Token("comment", start, self._declaration_end(start))
        end = self._tag_end(named.end())
        closing = "/" if self.source[start + 1] == "/" else ""
        return self._tag(start, end, closing, named[1], self.source[named.end() : end - 1])

    def raw_end(self, token: Token) -> int:
        """Return where the content of an element that holds raw text ends."""
        match = re.compile(rf"</{re.escape(token.name)}(?=[\s/>])", re.IGNORECASE).search(self.source, token.end)
        return match.start() if match else len(self.source)

    def _tag(self, start: int, end: int, closing: str, name: str, attributes: str) -> Token:
        name = name if self.xml else name.lower()
        return Token("close" if closing else "open", start, end, name, attributes, attributes.endswith("/"))

    def _comment(self, start: int) -> Token:
        for short in ("<!-->", "<!--->"):
            if self.source.startswith(short, start):
                return Token("comment", start, start + len(short))
        match = _COMMENT_END.search(self.source, start + 4)
        return Token("comment", start, match.end()) if match else Token("unclosed", start, len(self.source))

    def _declaration_end(self, start: int) -> int:
        """Return where `<!DOCTYPE ...>`, `<?...>` or another odd piece ends; in XML a document type may hold declarations."""
        if self.xml and self.source.startswith("<!DOCTYPE", start):
            opened = self.source.find("[", start, self._plain_end(start))
            if opened >= 0:
                closed = _SUBSET_END.search(self.source, opened)
                return closed.end() if closed else len(self.source)
        return self._plain_end(start)

    def _plain_end(self, at: int) -> int:
        end = self.source.find(">", at)
        return end + 1 if end >= 0 else len(self.source)

    def _tag_end(self, at: int) -> int:
        """Return where a tag ends whose values may hold `>`; without end quotation marks count no more from here on."""
        begin = at
        while self.quoted:
            step = _STEP.match(self.source, at)
            valued, at = (step[0].rstrip().endswith("="), step.end()) if step else (False, at)
            mark = self.source[at : at + 1]
            if mark == ">" or not mark:
                self.quoted = bool(mark)
                return at + 1 if mark else self._plain_end(begin)
            closed = self.source.find(mark, at + 1) if valued and mark in "\"'" else at
            if closed < 0:
                self.quoted = False
            at = closed + (mark != "=")
        return self._plain_end(begin)


def read_characters(outline: Outline, end: int) -> None:
    """Take what stands up to `end` as text, character references decoded."""
    source = outline.source
    if source.find("&", outline.at, end) >= 0:
        for match in _ENTITY.finditer(source, outline.at, end):
            char = _decoded(match)
            if char is None:
                message = f"'{match[0]}' is not a character of HTML"
                outline.remarks.add_once(match[0], "KG405", "info", message, *match.span(), "it is read as it stands")
                continue
            outline.text(match.start())
            outline.text(match.end(), char)
    outline.text(end)


def _decoded(match: re.Match[str]) -> str | None:
    hexadecimal, decimal, name, bare = match.groups()
    if name or bare:
        char = html5.get(f"{name or bare};")
    else:
        code = int(hexadecimal, 16) if hexadecimal else int(decimal)
        char = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else None
    return None if char is None else " " if char.isspace() else plain_characters(char)
