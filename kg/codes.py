"""The codes of findings: one page each in `rules/`, named after its code.

A page begins with `title:` and `severity:`, an empty line ends them, Markdown follows: what the finding means, an example, what
to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast, get_args

from kg.errors import UnknownName
from kg.model import Severity

STALE, ELSEWHERE = "KG460", "KG461"
OF_DECISIONS = frozenset({STALE, ELSEWHERE})
"""What became of people's decisions: it is found anew in every build."""

UNASKED = "KG430"
"""A report was not read as the settings want; building again reads it again."""


_NOT_OF_SHAPES = ("KG2", "KG3", "KG4", "KG5")


def of_shapes(code: str) -> bool:
    """Decide whether findings of a code come from SHACL shapes: kg's own KG1xx, and whatever a user's shapes name."""
    return not code.startswith(_NOT_OF_SHAPES)


@dataclass(frozen=True, slots=True)
class Code:
    """A code, what it means in a few words, its severity, and the page's Markdown without the front lines."""

    code: str
    title: str
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which findings are shown and count: beginnings of codes, in capitals. Of two that fit a code the longer one decides.

    >>> Selection(("KG3",), ("KG30",)).keeps("KG311"), Selection(("KG3",), ("KG30",)).keeps("KG302"), Selection().keeps("LAB7")
    (True, False, True)
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def keeps(self, code: str) -> bool:
        """Decide whether findings of a code are shown and count."""
        return _longest(code, self.select or ("",)) > _longest(code, self.ignore)

    @property
    def everything(self) -> bool:
        """Return whether nothing is left out."""
        return not (self.select or self.ignore)


EVERYTHING = Selection()


def _longest(code: str, beginnings: Iterable[str]) -> int:
    return max((len(begin) for begin in beginnings if code.upper().startswith(begin)), default=-1)


def selection(select: Iterable[str], ignore: Iterable[str], further: Callable[[], Iterable[str]] = tuple) -> Selection:
    """Return a selection of codes and beginnings of codes: `KG302`, `KG3` or `KG3xx`, in any case.

    `further` is asked for codes without a page, those of the user's shapes, when one is not known. Raises UnknownName for what no
    code begins with.
    """
    known = [known.code for known in codes()]

    def read(name: str) -> str:
        begin = re.sub("X+$", "", name.strip().upper()) or "?"
        if not any(code.upper().startswith(begin) for code in known):
            known.extend(further())
            if not any(code.upper().startswith(begin) for code in known):
                raise UnknownName("code", name, known)
        return begin

    return Selection(tuple(map(read, select)), tuple(map(read, ignore)))


@lru_cache(maxsize=1)
def codes() -> tuple[Code, ...]:
    """Return every code that has a page, sorted."""
    return tuple(read(file.stem, file.read_text("utf-8")) for file in sorted(Path(__file__).with_name("rules").glob("*.md")))


def code(name: str) -> Code:
    """Return a code by its name in any case; raise UnknownName when it has no page."""
    for known in codes():
        if known.code == name.upper():
            return known
    raise UnknownName("code", name.upper(), [known.code for known in codes()])


def page(name: str) -> str:
    """Return the page of a code as Markdown under its heading; raise UnknownName."""
    known = code(name)
    return f"# {known.code}: {known.title}\n\nSeverity: {known.severity}\n\n{known.text}"


def read(name: str, text: str) -> Code:
    """Return a page that was read; raise ValueError when its front lines are not `title:` and a known `severity:`."""
    front, _, body = text.partition("\n\n")
    fields = dict(line.split(": ", 1) for line in front.splitlines() if ": " in line)
    if set(fields) != {"title", "severity"} or fields["severity"] not in get_args(Severity):
        raise ValueError(f"{name}: a page begins with 'title: ...' and 'severity: {' | '.join(get_args(Severity))}'")
    return Code(name, fields["title"], cast(Severity, fields["severity"]), body)
