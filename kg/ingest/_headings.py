"""Which lines are headings: `# Title`, `**Title**`, `4.1 Title`, `TITLE`, short lines above a block."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.ingest._pairs import pair_at

_HASH = re.compile(r"[ \t]{0,3}(?P<hashes>#{1,7})(?:[ \t]+(?P<title>\S.*?))?(?:[ \t]+#+)?[ \t]*$", re.MULTILINE)
_BOLD = re.compile(r"[ \t]*(?P<mark>\*\*\*?|__)(?=\S)(?P<title>(?:(?!\*\*|__).){1,120})(?P=mark)[ \t]*:?[ \t\r]*")
_QUESTION = re.compile(r"[ \t]*Q\d*[:.)][ \t]+\S[^\n]{0,100}\?")
_NUMBERED = re.compile(
    r"[ \t]*(?:(?:Section|Chapter|Appendix|Part)[ \t]+)?(?P<number>(?:\d{1,2}|[A-Z])(?:\.\d{1,2})*)(?P<dot>\.?)[ \t]+"
    r"(?P<title>[A-Z]\S.*)"
)
_BRACKETED = re.compile(r"[ \t]*\[[A-Z][a-z]+ \d+\](?!\()")
_BARE_NUMBER = re.compile(r"(?<![\w.-])[~≈<>$€]?\d[\d.,]*(?:[%xkKMBT]|e-?\d+)?(?![\w.-])")
_UNIT = re.compile(
    r"(?:[GTC]PU|node|card|chip|device|accelerator|machine|epoch|step|hour|day|week|month|token|layer|head)s?", re.IGNORECASE
)
_UNFINISHED = frozenset("a an and are as by for from in include includes including is of on or the to was were with".split())

TITLE, SECTION, BOLD, LINE = 1, 2, 7, 8


@dataclass(frozen=True, slots=True)
class Heading:
    """The stretch of a title and its level, 1 outermost; the marks around it are left out."""

    level: int
    start: int
    end: int


def hash_heading(text: str, start: int, end: int) -> Heading | None:
    """Return the heading of a line that begins with `#`; one without a title only ends what stands above it."""
    match = _HASH.match(text, start, end)
    if match is None:
        return None
    level = len(match["hashes"])
    # Seven marks stand for a <summary>, which ranks below every other heading (see `_markup`).
    level = 9 if level == 7 else level
    low, high = match.span("title") if match["title"] else (match.end("hashes"), match.end("hashes"))
    return Heading(level, low, high)


def marked_heading(text: str, source: str, start: int, end: int) -> Heading | None:
    """Return the heading of a line set in bold, in brackets, in capitals or under a number of several parts."""
    line = text[start:end]
    words = line.split()
    if not words or len(words) > 14 or len(line.strip()) > 110:
        return None
    low = end - len(line.lstrip())
    # The line of the text ends before its closing marks, which are blank there.
    after = text.find("\n", end)
    if _BOLD.fullmatch(source, start, after if after >= 0 else len(source)) and pair_at(text, start, end) is None:
        return Heading(BOLD, low, end)
    if _BRACKETED.match(text, start, end) or _QUESTION.fullmatch(text, start, end):
        return Heading(LINE, low, end)
    numbered = _NUMBERED.fullmatch(text, start, end)
    if numbered and len(words) <= 9 and "." in numbered["number"] and _is_title(numbered["title"]):
        return Heading(SECTION + numbered["number"].count("."), low, end)
    if _in_capitals(line, words):
        return Heading(SECTION, low, end)
    return None


def single_line_heading(text: str, start: int, end: int, *, first: bool, listed: bool, below: bool) -> Heading | None:
    """Return the heading that a line alone between blank lines is: a title without a full stop; `listed` lines need no number."""
    line = text[start:end].strip()
    low = end - len(text[start:end].lstrip())
    if len(line) > 110 or not line or line.count(",") > 1:
        return None
    pair = pair_at(text, start, end)
    # "Ibis: a Small Model" at the head of a text is its title.
    if pair and not (first and len(text[pair.start : pair.end].split()) > 2 and not _BARE_NUMBER.search(line)):
        return None
    if first and not listed and _is_title(line) and len(line.split()) <= 18:
        return Heading(TITLE, low, end)
    numbered = _NUMBERED.fullmatch(text, start, end)
    if numbered:
        level = SECTION if not numbered["dot"] else LINE
        return Heading(level, low, end) if _is_section(numbered) and not (listed and numbered["dot"]) else None
    # Directly below a heading stand bylines and short answers.
    if listed or below or "," in line or not _is_title(line) or len(line.split()) > 10 or _BARE_NUMBER.search(line):
        return None
    return Heading(LINE, low, end)


def first_line_heading(text: str, start: int, end: int, following: tuple[int, int], *, listed: bool, first: bool) -> Heading | None:
    """Return the heading that a short line directly above a longer one, or above a list, is."""
    line = text[start:end].strip()
    low = end - len(text[start:end].lstrip())
    if len(line) > 60 or len(line.split()) > 7 or not _is_title(line) or "," in line or pair_at(text, start, end):
        return None
    numbered = _NUMBERED.fullmatch(text, start, end)
    if (numbered and (not _is_section(numbered) or (listed and numbered["dot"]))) or (not numbered and _BARE_NUMBER.search(line)):
        return None
    below = text[slice(*following)].strip()
    longer = len(below) > 1.6 * len(line) and (below[:1].isupper() or below[:1].isdigit() or below[:1] in "\"'“([")
    return Heading(TITLE if first else LINE, low, end) if listed or longer else None


def _is_section(numbered: re.Match[str]) -> bool:
    """Say whether `3 Training` is a section rather than a quantity such as `8 NVIDIA A100 GPUs`."""
    words = numbered["title"].split()
    if len(words) > 7 or not _is_title(numbered["title"]) or _BARE_NUMBER.search(numbered["title"]):
        return False
    single = numbered["number"].isdigit() and not numbered["dot"]
    return not (single and (_UNIT.fullmatch(words[-1]) or any(char.isdigit() for char in numbered["title"])))


def _is_title(line: str) -> bool:
    if line.rpartition(" ")[2] in _UNFINISHED:
        return False
    return (
        (line[0].isupper() or line[0] in "[\"'“" or line[0].isdigit())
        and line[-1] not in ".!;:,"
        and not line.startswith(("http", "|"))
    )


def _in_capitals(line: str, words: list[str]) -> bool:
    if line != line.upper() or len(words) > 9 or sum(char.isalpha() for char in line) < 6:
        return False
    if "," in line or ":" in line or not (words[0][0].isalnum() or words[0][0] in "\"'“"):
        return False
    long_word = max(len(word) for word in words)
    return (len(words) > 1 and long_word > 3) or (len(words) == 1 and long_word > 7 and line.strip().isalpha())
