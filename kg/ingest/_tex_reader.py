r"""Sources of LaTeX -> an outline, token by token: text, formulas, cells, groups; a subclass knows what commands mean."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from kg.ingest import _tex_commands as tex
from kg.ingest._characters import JOIN
from kg.ingest._outline import LINE, SPACE, Outline
from kg.ingest._parsed import Parsed
from kg.ingest._stretches import Place, Slot
from kg.ingest._tex import read_formula
from kg.ingest._tex_survey import Macro, Region, Survey
from kg.model import Field

_TOKEN = re.compile(
    r"\\(?:(?P<accent>['`^\"~=.]|[cvuHkr](?=\s*\{))\s*(?:\{\s*\\?(?P<inner>[A-Za-z])\s*\}|\\?(?P<letter>[A-Za-z]))"
    r"|(?P<command>[A-Za-z@]+)\*?|(?P<sign>.))|(?P<paragraph>\n[ \t]*\n\s*)|\{,\}|[{}$&~%\]]|---?|``|''",
    re.DOTALL,
)
OPTIONAL = re.compile(r"\s*\[(?:[^\[\]{}]|\{[^{}]{0,200}\}){0,300}+\]")
_BLANK = re.compile(r"[ \t]*\n?[ \t]*")
_FORMULA = re.compile(r"(?:[^$\\\n]|\\.|\n(?![ \t]*\n))*+(?=\$)", re.DOTALL)
_SIGN_FIRST = re.compile(r"\s*\\[A-Za-z%]")
_SIGN_LAST = re.compile(r"\\[A-Za-z]+\s*$")
_NAME = re.compile(r"\\([A-Za-z]+)")
_FRONT = re.compile(r"\\(?:title|icmltitle|author)(?![A-Za-z])")
SOFT = frozenset({"cell", "heading", "caption", "term"})
_SIGNS = {"--": "–", "---": "—", "``": "“", "''": "”", "~": " "}
_MOST_HEADS = 3


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that is open: the place around it, how deep its lists are nested, whether it is a table of its own."""

    name: str
    place: Place
    indent: int = 0
    is_table: bool = False


@dataclass(slots=True)
class Table:
    """A table being read: the depth of braces around it, its row and cells so far, the rows with rules above, whether few have."""

    number: int
    depth: int
    row: int = 0
    cells: list[Place] = field(default_factory=list)
    rules: set[int] = field(default_factory=set)
    sparse: bool = False

    def heads(self) -> int:
        """Return how many rows at the top name columns."""
        inside = sorted(row for row in self.rules if 0 < row < self.row)
        if not inside or inside[0] > _MOST_HEADS or not (self.sparse or 2 * len(inside) <= self.row):
            return 0
        return inside[0]


@dataclass(slots=True)
class TexReader:
    """A document being read, command by command.

    `ends` says what happens at closing brackets, `skipped` which groups are left out, `unclosed` what is closed nowhere any more.
    """

    source: str
    outline: Outline = field(init=False)
    survey: Survey = field(init=False)
    regions: dict[int, Region] = field(init=False)
    place: Place = field(default_factory=Place)
    open: list[Environment] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    ends: dict[int, Callable[[int], None]] = field(default_factory=dict)
    skipped: dict[int, int] = field(default_factory=dict)
    unclosed: set[str] = field(default_factory=set)
    depth: int = 0
    items: int = 0
    numbered: int = 0
    behind: int = 0

    def __post_init__(self) -> None:
        self.outline = Outline(self.source)
        self.survey = Survey(self.source)
        self.regions = {region.start: region for region in self.survey.regions}

    def parsed(self) -> Parsed:
        """Read what the preamble says of title, authors and names, and the body."""
        survey = self.survey
        parts: list[tuple[int, int, Callable[[], None]]] = []
        for macro in survey.macros.values():
            if is_long(macro) and macro.end < survey.body:
                parts.append((macro.name[0], macro.end, partial(self._define, macro)))
        for match in _FRONT.finditer(self.source, 0, survey.body):
            group = self._group(self._behind_options(match.end()))
            if group and survey.region_at(match.start()) is None:
                parts.append((match.start(), group[1] + 1, partial(self._read, match.start(), group[1] + 1)))
        for start, end, read in sorted(parts, key=lambda part: part[:2]):
            if self.outline.at <= start and end <= survey.body:
                read()
        self._read(survey.body, survey.end)
        parsed = self.outline.parsed()
        return replace(parsed, fields=tuple(map(self._named, parsed.fields)))

    def _named(self, title: Field) -> Field:
        """Return the title with the names that commands in it stand for."""
        words = self.source[max(0, title.start - 1) : title.end]
        for name in dict.fromkeys(_NAME.findall(words)):
            macro = self.survey.macros.get(name)
            if macro and macro.value:
                value = macro.value.replace("\\", "")
                title = replace(title, value=re.sub(rf"\b{name}\b", value, title.value))
        return title

    def command(self, name: str, start: int, end: int) -> None:
        """Read a command."""
        raise NotImplementedError

    def _define(self, macro: Macro) -> None:
        """Read a command that stands for a longer name than itself as a key with its value."""
        self.outline.drop(macro.name[0])
        self.outline.begin(Place("term"))
        self.outline.text(macro.name[1])
        self.outline.drop(macro.start)
        self.items += 1
        self.outline.begin(Place("definition", owner=self.items))
        self._tokens(macro.end)
        self.outline.begin(self.place)

    def _read(self, start: int, end: int) -> None:
        self.outline.drop(start)
        self.outline.begin(self.place)
        self._tokens(end)

    def _tokens(self, end: int) -> None:
        """Read up to `end`, token by token."""
        outline, source = self.outline, self.source
        while match := _TOKEN.search(source, outline.at, end):
            start = match.start()
            outline.text(start)
            region = self.regions.get(start)
            if region:
                self._region(region)
            elif match["command"]:
                self.command(match["command"], start, match.end())
            elif match["accent"]:
                letter = match["inner"] or match["letter"]
                outline.text(match.end(), unicodedata.normalize("NFC", letter + tex.ACCENTS[match["accent"]]))
            elif match["paragraph"]:
                self._break(match.end(), self.place)
            elif match["sign"]:
                self._sign(match["sign"], start, match.end())
            else:
                self._character(match[0], start, match.end())
        outline.text(max(end, outline.at))

    def _region(self, region: Region) -> None:
        if region.kind == "comment":
            self.outline.mark(region.end)
        elif region.kind == "drop":
            self.outline.drop(region.end)
        elif region.kind == "verb":
            self.outline.mark(region.low)
            self.outline.text(region.high)
            self.outline.mark(region.end)
        else:
            optional = OPTIONAL.match(self.source, region.low, region.high)
            self.outline.drop(optional.end() if optional else region.low)
            self.outline.begin(Place("code"))
            self.outline.text(region.high)
            self._break(region.end, self.place)

    def _break(self, end: int, place: Place) -> None:
        """Begin another stretch behind `end`, or only a line where there can be none."""
        if place is self.place and place.kind in SOFT:
            self.outline.mark(end, LINE)
        else:
            self.outline.drop(end)
            self.outline.begin(place)

    def _enter(self, place: Place, end: int) -> None:
        self.outline.drop(end)
        self.outline.begin(place)
        self.place = place

    def _leave(self, place: Place, at: int) -> None:
        """Go on in a place behind the bracket that closes what was entered."""
        self._enter(place, at + 1)

    def _character(self, sign: str, start: int, end: int) -> None:
        action = self.ends.pop(start, None)
        if action:
            action(start)
        elif sign == "{" and start in self.skipped:
            self.outline.drop(self.skipped[start])
        elif sign == "{,}":
            self.outline.text(start + 1, "")
            self.outline.text(end - 1)
            self.outline.text(end, "")
        elif sign in "{}":
            self.depth += 1 if sign == "{" else -1
            self.outline.mark(end)
        elif sign == "$":
            self._dollar(start)
        elif sign == "&" and self.tables and self.place.kind == "cell":
            self._cell(end)
        else:
            self.outline.text(end, _SIGNS.get(sign, sign))

    def _sign(self, sign: str, start: int, end: int) -> None:
        """Read a backslash with a character that is no letter."""
        if sign == "\\":
            self._line(end)
        elif sign in "([":
            self._formula(start, end, "\\)" if sign == "(" else "\\]")
        elif sign in "-/":
            self.outline.mark(end)
        elif sign in ",;:!> \n\t":
            thousands = self.source[start - 1 : start].isdigit() and self.source[end : end + 1].isdigit()
            self.outline.text(end, " ") if thousands else self.outline.drop(end)
        else:
            self.outline.text(end - 1, "")
            self.outline.text(end)

    def _line(self, end: int) -> None:
        """End a row of a table, or a line."""
        optional = OPTIONAL.match(self.source, end) if self.source.startswith(("[", "*"), end) else None
        end = optional.end() if optional else end
        inside = next((each for each in reversed(self.open) if each.name in tex.TABLES), None)
        if inside and inside.is_table and self.depth <= self.tables[-1].depth and self.place.kind == "cell":
            self.tables[-1].row += 1
            self._cell(end)
        else:
            self._break(end, Place("line") if self.place.kind == "prose" else self.place)

    def _cell(self, end: int) -> None:
        table = self.tables[-1]
        self._enter(self.outline.slot(Slot(table.number, table.row)), end)
        table.cells.append(self.place)

    def _dollar(self, start: int) -> None:
        width = 2 if self.source.startswith("$$", start) else 1
        match = _FORMULA.match(self.source, start + width, self.survey.end)
        if match is None:
            self.outline.mark(start + width)
            return
        # What begins or ends with a sign stands close to the words beside it: 8$\\times$ A100, $\\sim$7B.
        signs = _SIGN_FIRST.match(match[0]), _SIGN_LAST.search(match[0])
        self.outline.text(start + width, "") if signs[0] else self.outline.mark(start + width)
        self._formula_to(match.end())
        end = match.end() + (width if self.source.startswith("$" * width, match.end()) else 1)
        self.outline.text(end, "") if signs[1] else self.outline.mark(end)

    def _formula(self, start: int, end: int, closing: str) -> None:
        """Read a formula up to what closes it, if that follows."""
        close = -1 if closing in self.unclosed else self.source.find(closing, end, self.survey.end)
        if close < 0:
            self.unclosed.add(closing)
            self.outline.mark(end)
            return
        self.outline.mark(end)
        self._formula_to(close)
        self.outline.mark(close + len(closing), JOIN if closing == "\\)" else SPACE)

    def _formula_to(self, end: int) -> None:
        """Read a formula without the comments in it."""
        first = bisect_left(self.survey.regions, self.outline.at, key=lambda region: region.start)
        for region in islice(self.survey.regions, first, None):
            if region.start >= end:
                break
            read_formula(self.outline, region.start)
            self.outline.drop(min(region.end, end))
        read_formula(self.outline, end)

    def _group(self, at: int) -> tuple[int, int] | None:
        """Return the start and end of the content of the group at or next to a position."""
        blank = _BLANK.match(self.source, at)
        at = blank.end() if blank else at
        close = self.survey.closes.get(at) if self.source.startswith("{", at) else None
        return (at + 1, close) if close is not None and close < self.survey.end else None

    def _behind_options(self, at: int) -> int:
        while match := OPTIONAL.match(self.source, at, self.survey.end):
            at = match.end()
        return at

    def _behind_arguments(self, at: int, count: int) -> int:
        """Return where so many arguments end, optional ones among them not counted."""
        at = self._behind_options(at)
        for _ in range(count):
            group = self._group(at)
            if group is None:
                break
            at = self._behind_options(group[1] + 1)
        return at

    def _expand(self, macro: Macro, start: int, end: int) -> None:
        """Read a command that the source defines: as its words where there is room, else as its name; what it drops not at all."""
        if macro.value is not None:
            room = end + 2 if self.source.startswith("{}", end) else end
            if len(macro.value) < room - start:
                self.outline.text(room - len(macro.value), "")
                self.outline.text(room, macro.value)
            else:
                self.outline.mark(start + 1)
                self.outline.text(end)
            return
        at = end
        for keeps in macro.keeps:
            group = self._group(at)
            if group is None:
                break
            if not keeps:
                self.skipped[group[0] - 1] = group[1] + 1
            at = group[1] + 1
        self.outline.mark(end)


def is_long(macro: Macro) -> bool:
    """Say whether a command stands for a name that is too long to be shown in its place."""
    value = macro.value or ""
    return len(value) > macro.name[1] - macro.name[0] and any(char.isupper() for char in value)
