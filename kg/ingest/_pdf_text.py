"""Lines of pages -> text: paragraphs, words divided at line ends put together, columns of tables parted by spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from kg.ingest._pdf_layout import Line
from kg.ingest._pdf_words import HYPHEN

_DIVIDED = re.compile(rf"(?P<head>[^\W\d_]{{2,}})[-{HYPHEN}]$")
_HYPHENATED = re.compile(rf"\w[-{HYPHEN}]$")
_TAIL = re.compile(r"(?P<tail>[^\W\d_]+)(?P<after>[^\s]*)\s?")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ENDS = tuple(".:;!?")
_NUMBER_OR_MARK = re.compile(r"(?:(?:[A-Z]|\d{1,2})(?:\.\d{1,2})*\.?|\(?[a-z\d]{1,2}\)|[•◦▪–·*-])")
_CELL = 0.33  # of a line's height: the width of a character in lines with several pieces
_PREFIXES = frozenset(
    "pre post non self multi fine co cross semi sub anti inter intra meta few zero one two three four large long short high low mid"
    " full half state end vision open instruction text image video data model task pixel token word real well mixed".split()
)
"""First parts of words that keep their hyphen when the document does not decide."""


def texts(pages: Sequence[Sequence[Line]]) -> Iterator[str]:
    """Yield the text of each page; a blank line ends it where its last paragraph does."""
    known = {word.lower() for page in pages for line in page for piece in line.pieces for word in _WORDS.findall(piece.text)}
    divided = _Divided(known)
    done: list[list[str]] = []
    last: Line | None = None
    for page in pages:
        leading = _leading(page)
        out: list[str] = []
        done.append(out)
        for line in page:
            shown = _shown(line)
            before = next((texts for texts in reversed(done) if texts), None)
            if last is None or before is None:
                out.append(shown)
            elif _begins(last, line, leading):
                before.append("\n\n")
                out.append(shown)
            else:
                single = len(last.pieces) == len(line.pieces) == 1
                head, tail = divided.put_together(before[-1], shown) if single else (before[-1], shown)
                before[-1] = head
                if out:
                    out.append("\n")
                out.append(tail)
            last = line
    yield from ("".join(out).replace(HYPHEN, "-") for out in done)


def _leading(page: Sequence[Line]) -> float:
    """Return the usual distance between the baselines of a page's lines, in heights of a line."""
    gaps = [
        (first.base - second.base) / second.height
        for first, second in pairwise(page)
        if 0 < first.base - second.base < 3 * second.height and abs(first.height - second.height) < 0.05 * first.height
    ]
    return median(gaps) if gaps else 1.2


def _begins(last: Line, line: Line, leading: float) -> bool:
    """Say whether a paragraph begins with a line."""
    height = line.height
    if abs(last.height - height) > 0.06 * max(last.height, height):
        return True
    distance = (last.base - line.base) / height
    both = len(last.pieces) > 1 and len(line.pieces) > 1
    if both and 0 < distance < 2.2 * leading:
        return False
    ended = last.pieces[-1].text.endswith(_ENDS)
    if not 0 < distance < 3 * leading:  # another column or page
        return ended or not line.pieces[0].text[:1].islower()
    if distance > 1.3 * leading or len(last.pieces) > 1 != len(line.pieces) > 1:
        return True
    short = last.right < last.column[1] - 0.12 * (last.column[1] - last.column[0])
    indented = line.left - last.left > 0.8 * height and abs(last.left - last.column[0]) < 0.5 * height
    return (indented and (ended or short)) or (short and ended)


def _shown(line: Line) -> str:
    """Return a line, its pieces as far apart as on the page; the number of a heading or the mark of an item just before it."""
    first, *rest = line.pieces
    if not rest:
        return first.text
    if len(rest) == 1 and _NUMBER_OR_MARK.fullmatch(first.text):
        return f"{first.text} {rest[0].text}"
    if _is_stretched(line):
        return " ".join(piece.text for piece in line.pieces)
    width = _CELL * line.height
    text = ""
    for piece in line.pieces:
        at = round((piece.left - line.column[0]) / width)
        text = text.ljust(max(at, len(text) + 2 if text else 0)) + piece.text
    return text


def _is_stretched(line: Line) -> bool:
    """Say whether a line is text whose words stand far apart because it fills its column."""
    gaps = [second.left - first.right for first, second in pairwise(line.pieces)]
    fills = line.right - line.left > 0.97 * (line.column[1] - line.column[0])
    return fills and len(gaps) > 2 and max(gaps) < min(1.6 * line.height, 1.5 * min(gaps))


@dataclass(slots=True)
class _Divided:
    """Puts divided words together as the rest of the document writes them."""

    known: Set[str] = field(default_factory=frozenset)

    def put_together(self, before: str, after: str) -> tuple[str, str]:
        """Return two lines with a word that is divided between them whole, on the first."""
        if not _HYPHENATED.search(before) or not after[:1].isalnum():
            return before, after
        divided, tail = _DIVIDED.search(before), _TAIL.match(after)
        if divided and tail:
            hyphen = "-" if self._keeps(divided["head"], tail["tail"]) else ""
            return before[:-1] + hyphen + tail["tail"] + tail["after"], after[tail.end() :]
        word, _, rest = after.partition(" ")
        return f"{before[:-1]}-{word}", rest

    def _keeps(self, head: str, tail: str) -> bool:
        """Say whether a hyphen at a line's end belongs to its word."""
        if tail[0].isupper():
            return True
        if f"{head}{tail}".lower() in self.known:
            return False
        return f"{head}-{tail}".lower() in self.known or head.lower() in _PREFIXES
