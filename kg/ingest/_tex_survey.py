r"""Sources of LaTeX -> what must be known before they are read: what is no text, which braces match, what commands mean."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Literal

_SURVEY = re.compile(
    r"\\(?:begin\s*\{(?P<raw>verbatim\*?|[BL]?Verbatim|lstlisting|minted|alltt|comment|filecontents\*?|thebibliography|tikzpicture|CJK)\}"
    r"|verb\*?(?P<mark>[^A-Za-z\s*])|(?P<url>url|path|nolinkurl)\s*\{(?P<address>[^{}\n]*)\}|(?P<href>href)\s*\{[^{}\n]*\}"
    r"|(?P<false>iffalse)(?![A-Za-z])|(?P<body>begin\s*\{document\})|(?P<end>end\s*\{document\})|.)"
    r"|(?P<comment>%[^\n]*(?:\n(?![ \t]*\n)[ \t]*)?)|[{}]",
    re.DOTALL,
)
_READ = frozenset({"verbatim", "verbatim*", "Verbatim", "BVerbatim", "LVerbatim", "lstlisting", "minted", "alltt"})
_BRANCH = re.compile(r"\\(?:(if[A-Za-z@]*)|(else|fi))(?![A-Za-z])|(?<!\\)%[^\n]*")
_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand|DeclareRobustCommand|DeclareMathOperator)\*?\s*\{?\s*\\(?P<name>[A-Za-z]+)\s*\}?\s*"
    r"(?:\[(?P<count>\d)\])?(?:\[[^\[\]]{0,200}\])?\s*(?=\{)|\\[gex]?def\s*\\(?P<defined>[A-Za-z]+)(?P<parameters>[^{}\n\\]{0,40})(?=\{)"
)
_STYLE = re.compile(
    r"\\(?:text[a-z]{2}|emph|mbox|ensuremath|mathrm|mathbf|rm|bf|it|sc|tt|xspace|textcolor\s*\{[^{}]*\})(?![A-Za-z])|[{}$]"
)
_LONGEST_VERB = 1000
_LONGEST_VALUE = 100

Kind = Literal["drop", "comment", "code", "verb"]


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a source that is not read as LaTeX: left out, or read as it stands between `low` and `high`."""

    start: int
    end: int
    kind: Kind
    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class Macro:
    """A command that the source defines: where its name and its meaning stand, its words, which arguments they hold."""

    name: tuple[int, int]
    start: int
    end: int
    value: str | None
    keeps: tuple[bool, ...] = ()


@dataclass(slots=True)
class Survey:
    """What is known of a source: regions in order, the brace that closes each, where the document's body is, its commands."""

    source: str
    regions: list[Region] = field(default_factory=list)
    closes: dict[int, int] = field(default_factory=dict)
    macros: dict[str, Macro] = field(default_factory=dict)
    body: int = 0
    end: int = 0

    def __post_init__(self) -> None:
        self.end = len(self.source)
        self._scan()
        self._define()

    def region_at(self, position: int) -> Region | None:
        """Return the region that begins at or holds a position."""
        index = bisect_left(self.regions, position + 1, key=lambda region: region.start) - 1
        found = self.regions[index] if index >= 0 else None
        return found if found and found.start <= position < found.end else None

    def _scan(self) -> None:
        source, position = self.source, 0
        opened: list[int] = []
        while match := _SURVEY.search(source, position):
            position = match.end()
            if match[0] == "{":
                opened.append(match.start())
            elif match[0] == "}":
                if opened:
                    self.closes[opened.pop()] = match.start()
            elif match["body"]:
                self.body = position
                opened.clear()
            elif match["end"]:
                self.end = match.start()
                return
            elif region := self._region(match):
                self.regions.append(region)
                position = region.end

    def _region(self, match: re.Match[str]) -> Region | None:
        start, end = match.span()
        if match["comment"]:
            return Region(start, end, "comment")
        if match["raw"]:
            closing = f"\\end{{{match['raw']}}}"
            found = self.source.find(closing, end)
            high = found if found >= 0 else len(self.source)
            return Region(start, min(high + len(closing), len(self.source)), "code" if match["raw"] in _READ else "drop", end, high)
        if match["mark"]:
            high = self.source.find(match["mark"], end, end + _LONGEST_VERB)
            if high < 0 or "\n" in self.source[end:high]:
                return None
            return Region(start, high + 1, "verb", end, high)
        if match["url"]:
            return Region(start, end, "verb", *match.span("address"))
        if match["href"]:
            return Region(start, end, "drop")
        return Region(start, self._branch_end(end), "drop") if match["false"] else None

    def _branch_end(self, at: int) -> int:
        """Return where the branch that is never taken ends."""
        depth = 0
        for match in _BRANCH.finditer(self.source, at):
            if match[1]:
                depth += 1
            elif match[2] and not depth:
                return match.end()
            elif match[2] == "fi":
                depth -= 1
        return len(self.source)

    def _define(self) -> None:
        for match in _DEFINITION.finditer(self.source):
            opening = match.end()
            closing = self.closes.get(opening)
            if closing is None or self.region_at(match.start()):
                continue
            name = match["name"] or match["defined"]
            count = int(match["count"] or 0) or (match["parameters"] or "").count("#")
            words = self.source[opening + 1 : min(closing, opening + 2000)]
            keeps = tuple(f"#{number}" in words for number in range(1, count + 1))
            self.macros[name] = Macro(
                match.span("name" if match["name"] else "defined"),
                opening + 1,
                closing,
                None if count else self._value(words),
                keeps,
            )

    def _value(self, words: str) -> str | None:
        """Return the words that a command without arguments stands for, None when they are more than words."""
        words = _STYLE.sub("", words).replace("~", " ").replace("\\,", " ").replace("\\-", "").strip()
        words = re.sub(r"\\([A-Za-z]+)\s*", lambda match: self._known(match[1]), words) if len(words) <= _LONGEST_VALUE else "\\"
        return None if not words or "\\" in words or "\n" in words or "%" in words or len(words) > _LONGEST_VALUE else words

    def _known(self, name: str) -> str:
        macro = self.macros.get(name)
        return macro.value if macro and macro.value else "\\"
