"""Sentences: where one ends, in text that is full of decimals, version numbers, names and abbreviations."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

# Group 1 is set where nothing needs to be looked up: a full stop between a long word, a bracket or a number and a capitalised word.
_END = re.compile(
    r"[.!?…。！？](?:(?:(?<=[a-z]{5}\.)(?<!approx\.)(?<!trans\.)(?<!assoc\.)|(?<=[a-z0-9%][)%]\.)|(?<=\d\d\.))(?=[ \n][A-Z][a-z])()"
    r"|[.!?…]{0,8}[\"'”’»)\]]{0,8}(?=\s)|(?<=[。！？])[。！？]{0,8}[”’」』）]{0,8})"
)
_BEFORE = re.compile(r"\S*$")
_NEXT = re.compile(r"\s*(\S{1,24})")
_WITHIN = re.compile(r"[.!?…]\s|[。！？]")
_OPENING = "\"'“‘«([{~≈<$`*_§#@|-–—+=&%€£¥•→"
_LONGEST = 4000

_NEVER = frozenset(
    "e.g i.e eg ie cf vs viz approx appr ca resp incl excl dr mr mrs ms prof st sr jr gen hon al.e a.k.a w.r.t i.i.d est min max"
    " avg mt ft op dept univ assoc ed eds trans".split()
)
_BEFORE_NUMBER = frozenset(
    "no nos fig figs sec secs sect eq eqs tab tabs tbl vol p pp ch chap ref refs app art nr ver v jan feb mar apr jun jul aug sep"
    " sept oct nov dec".split()
)
_MAYBE = frozenset("al etc inc ltd co corp llc gmbh u.s u.k u.s.a e.u u.n a.m p.m ph.d m.sc b.sc d.c".split())
_STARTERS = frozenset(
    "we the it this these those that in our for all a an as at by both each if its on to with when while after before during"
    " however they their there here training pre-training fine-tuning evaluation optimization weights data no not one two"
    " finally first then next".split()
)


def sentences(text: str, start: int, end: int, whole: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[int, int]]:
    """Yield the stretches of the sentences in text[start:end]; none ends inside a stretch of `whole` (sorted, disjoint)."""
    begin = start
    for match in _END.finditer(text, start, end):
        stop = match.end()
        if match.lastindex is None and (stop >= end or not _ends(text, begin, match, end)):
            continue
        if whole and _inside(whole, stop - 1):
            continue
        if stop - begin > _LONGEST or text[begin].isspace():
            yield from _pieces(text, begin, stop)
        else:
            yield begin, stop
        begin = stop + 1 if text[stop].isspace() else stop
    yield from _pieces(text, begin, end)


def sentence_end(text: str, start: int, limit: int) -> int:
    """Return where the sentence that begins at `start` ends, at most `limit`."""
    for match in _END.finditer(text, start, limit + 1 if limit < len(text) else limit):
        if match.end() <= limit and _ends(text, start, match, len(text)):
            return match.end()
    return limit


def splittable(text: str, start: int, end: int) -> bool:
    """Say whether a sentence could end inside the stretch."""
    return _WITHIN.search(text, start, end) is not None


def _inside(whole: Sequence[tuple[int, int]], at: int) -> bool:
    index = bisect_left(whole, (at + 1, 0)) - 1
    return index >= 0 and whole[index][0] <= at < whole[index][1]


def _ends(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    mark = match[0][0]
    if mark in "。！？":
        return True
    following = _NEXT.match(text, match.end(), min(end, match.end() + 2000))
    if following is None:
        return True
    word = following[1]
    first = word[0]
    if first.islower() and not any(char.isupper() or char.isdigit() for char in word):
        return False
    if not (first.isalnum() or first in _OPENING):
        return False
    return mark != "." or match[0].startswith("..") or _full_stop(text, begin, match.start(), word)


def _full_stop(text: str, begin: int, at: int, following: str) -> bool:
    """Say whether the stop at `at` ends a sentence rather than an abbreviation, an initial or an item's number."""
    low = max(begin, at - 24)
    found = _BEFORE.search(text, low, at)
    word = found[0].lstrip("([{\"'“‘") if found else ""
    lower = word.lower()
    if lower in _NEVER:
        return False
    if lower in _BEFORE_NUMBER:
        return not (following[0].isdigit() or (len(following.rstrip(".,;:)")) <= 2 and following[0].isupper()))
    if lower in _MAYBE or (len(word) == 1 and word.isupper()):
        return following.lower().rstrip(",.;:") in _STARTERS or (lower in {"etc", "inc", "ltd"} and following[0].isupper())
    # An item's number ("1. The speaker …") belongs to what follows.
    return not (len(word) <= 3 and word.isdigit() and not text[begin : at - len(word)].strip())


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the trimmed stretch, cut at white space where it is longer than any sentence."""
    while end - start > _LONGEST:
        cut = max(text.rfind(" ", start + 1, start + _LONGEST), text.rfind("\n", start + 1, start + _LONGEST))
        cut = cut if cut > 0 else start + _LONGEST
        yield from trimmed(text, start, cut)
        start = cut
    yield from trimmed(text, start, end)


def trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the stretch without the white space around it; nothing when it is blank."""
    piece = text[start:end]
    left = piece.lstrip()
    if left:
        begin = end - len(left)
        yield begin, begin + len(left.rstrip())
