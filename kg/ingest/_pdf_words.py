"""Pages of a PDF -> words with their places, through PDFium; superscripts are told from what they stand on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from kg.errors import InputError

# PDFium puts divided words together and leaves a mark where the line ended.
_WORD = re.compile("[^\\s\x02\ufffe]+[\x02\ufffe]?")
_ODD = re.compile("[\x00-\x1f\x7f\xad\u200b-\u200f\u2060\ufb00-\ufb06\ufeff\ufffe\uffff\U0001d400-\U0001d7ff]")
HYPHEN = "\u2010"
"""Stands for a hyphen that PDFium knows to be one of the line's end."""

_HYPHENS = "\x02\xad\ufffe"
RAISED = 0.14
"""How far a superscript's baseline is above the line's, in heights of a line."""

_NUMBER = re.compile(r"(?:.*[^\w.,])?\d+", re.DOTALL)
_POWER = re.compile(r"10[-−–]?\d")
_NOTE_MARKS = "*†‡§¶∗"
_NOTE = re.compile(r"[\d,*†‡§¶∗]+")
_PASSWORD = 4  # FPDF_ERR_PASSWORD


class Word(NamedTuple):
    """A word: its left and right edge, its baseline and the height of its line, in points; y grows upwards."""

    text: str
    left: float
    right: float
    base: float
    height: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page's words in the order of the file."""

    words: tuple[Word, ...]
    height: float


def pages(data: bytes, where: str) -> Iterator[Page]:
    """Yield the pages of a PDF; raise InputError when it is encrypted, or damaged so that a page cannot be read."""
    import pypdfium2  # type: ignore[import-untyped]  # it ships no types
    from pypdfium2 import PdfiumError

    try:
        document = pypdfium2.PdfDocument(data)
    except PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            hint = "save a copy without a password (qpdf --password=... --decrypt IN.pdf OUT.pdf), and read that"
            raise InputError("the PDF is encrypted", where=where, hint=hint) from error
        raise _damaged("it cannot be opened", where) from error
    try:
        if not len(document):
            raise _damaged("it has no page", where)
        for number in range(len(document)):
            try:
                with _closing(document[number]) as page, _closing(page.get_textpage()) as text:
                    yield Page(tuple(_words(text)), page.get_height())
            except PdfiumError as error:
                raise _damaged(f"page {number + 1} cannot be read", where) from error
    finally:
        document.close()


def _damaged(what: str, where: str) -> InputError:
    return InputError(f"the PDF is damaged: {what}", where=where, hint="open it with its own program and save it again")


@contextmanager
def _closing(thing: Any) -> Iterator[Any]:
    try:
        yield thing
    finally:
        thing.close()


def _words(page: Any) -> Iterator[Word]:
    text = page.get_text_range()
    if len(text) != page.count_chars():
        # Characters that UTF-16 writes as two, or does not write: only the slow way keeps their numbers.
        text = _characters(page)
    place = _places(page)
    for match in _WORD.finditer(text):
        first, end = match.span()
        word = match[0]
        left, base = place.origin(first)
        right, height = place.edge(end - 1)
        if end - first > 1:
            height = max(height, place.edge(first)[1])
            last = next((at for at in range(end - 1, first, -1) if text[at].isalnum()), first)
            away = abs(place.origin(last)[1] - base)
            if away > 1.2 * height and end - first > 2:
                continue  # turned text: marks of preprint servers, labels of axes
            power = _POWER.search(word)
            suspect = first + power.end() - 1 if power else end - 1 if word[-1] in _NOTE_MARKS else last
            if max(away, abs(place.origin(suspect)[1] - base)) > RAISED * height:
                levels = [(place.edge(at)[1], place.origin(at)[1]) for at in range(first, end)]
                height, base = max(levels, key=itemgetter(0))
                word = _levelled(word, [level - base > RAISED * height for _, level in levels])
        word = _plain(word)
        if word:
            yield Word(word, left, right, base, height)


def _characters(page: Any) -> str:
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # it ships no types

    found = (pdfium.FPDFText_GetUnicode(page.raw, at) for at in range(page.count_chars()))
    return "".join(chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else " " for code in found)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the characters of a page stand."""

    origin: Callable[[int], tuple[float, float]]
    edge: Callable[[int], tuple[float, float]]


def _places(page: Any) -> _Places:
    import ctypes

    import pypdfium2.raw as pdfium

    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
    to_x, to_y, to_box = ctypes.byref(x), ctypes.byref(y), ctypes.byref(box)
    raw, get_origin, get_box = page.raw, pdfium.FPDFText_GetCharOrigin, pdfium.FPDFText_GetLooseCharBox

    def origin(at: int) -> tuple[float, float]:
        get_origin(raw, at, to_x, to_y)
        return x.value, y.value

    def edge(at: int) -> tuple[float, float]:
        get_box(raw, at, to_box)
        return box.right, abs(box.top - box.bottom) or 1.0

    return _Places(origin, edge)


def _levelled(word: str, raised: list[bool]) -> str:
    text = ""
    for above, group in groupby(zip(word, raised, strict=True), key=itemgetter(1)):
        piece = "".join(char for char, _ in group)
        text = with_superscript(text, piece) if above else text + piece
    return text


def with_superscript(before: str, raised: str) -> str:
    """Return a text with a superscript: written out where it is a power (`10^4`), left out where it refers to a note."""
    if raised.lstrip("-−–+").isdigit() and _NUMBER.fullmatch(before):
        return f"{before}^{raised}"
    return before if _NOTE.fullmatch(raised) else before + raised


def _plain(word: str) -> str:
    """Return a word with ligatures and mathematical letters as letters, and without characters that show nothing."""
    if not _ODD.search(word):
        return word
    if word[-1] in _HYPHENS:
        word = word[:-1] + HYPHEN
    return _ODD.sub(lambda match: unicodedata.normalize("NFKC", match[0]) if match[0] > "\ufaff" else "", word).translate(_NOTHING)


_NOTHING = dict.fromkeys(map(ord, "\ufeff\ufffe\uffff"))
