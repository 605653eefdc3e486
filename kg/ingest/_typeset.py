r"""Commands and environments of LaTeX -> an outline: `\section{...}` is a heading, `\item` begins an item."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import partial

from kg.ingest import _tex_commands as tex
from kg.ingest._characters import JOIN
from kg.ingest._outline import SUPERSCRIPT
from kg.ingest._stretches import Place
from kg.ingest._tex import SYMBOLS
from kg.ingest._tex_reader import OPTIONAL, SOFT, Environment, Table, TexReader, is_long
from kg.ingest._tex_survey import Macro

_ENVIRONMENT = re.compile(r"\s*\{\s*([^{}\n]{1,40}?)\s*\}")
_DEFINED = re.compile(r"\*?\s*\{?\s*\\([A-Za-z]+)")
_DEEPEST = 200


@dataclass(slots=True)
class Typeset(TexReader):
    """A document being read, command by command."""

    def command(self, name: str, start: int, end: int) -> None:
        """Read a command by what it is known for."""
        for names, read in _COMMANDS:
            if name in names:
                read(self, name, start, end)
                return
        macro = self.survey.macros.get(name)
        if macro:
            self._expand(macro, start, end)
        elif name in SYMBOLS or name in tex.LETTERS:
            shown = tex.LETTERS.get(name) or SYMBOLS[name]
            self.outline.text(end - len(shown), "")
            self.outline.text(end, shown)
        else:
            self.outline.mark(self._behind_options(end) if self.source.startswith("[", end) else end)

    def _drop(self, name: str, start: int, end: int) -> None:
        if name in tex.UNFOLLOWED:
            message = f"what \\{name} names is not read"
            note = "each file is a report of its own: join them before they are read (latexpand)"
            self.outline.remarks.add_once(name, "KG407", "info", message, start, end, note)
        if name == "cmidrule" and self.source.startswith("(", end):
            end = max(end, self.source.find(")", end, end + 20) + 1)
        end = self._behind_arguments(end, tex.DROPPED[name])
        self.outline.drop(end)

    def _heading(self, name: str, start: int, end: int) -> None:
        group = self._group(self._behind_options(end))
        if group is None:
            self.outline.drop(end)
            return
        self.ends[group[1]] = partial(self._leave, Place() if self.place.kind in SOFT else self.place)
        self._enter(Place("heading", level=tex.HEADINGS[name]), group[0])

    def _caption(self, name: str, start: int, end: int) -> None:
        group = self._group(self._behind_options(end))
        if group is None or self.place.kind in SOFT:
            self.outline.drop(end)
            return
        self.ends[group[1]] = partial(self._leave, self.place)
        self._enter(Place("caption", owner=self.behind), group[0])

    def _note(self, name: str, start: int, end: int) -> None:
        group = self._group(self._behind_options(end))
        if group is None:
            self.outline.drop(end)
            return
        self.ends[group[1]] = partial(self._end_note, group[0])
        self.outline.drop(group[0])

    def _end_note(self, start: int, at: int) -> None:
        self.outline.note(start, at)
        self.outline.drop(at + 1)

    def _embolden(self, name: str, start: int, end: int) -> None:
        group = self._group(end)
        if group:
            self.outline.bold(*group)
        self.outline.mark(end)

    def _script(self, name: str, start: int, end: int) -> None:
        self.outline.mark(end, SUPERSCRIPT if name == "textsuperscript" else JOIN)

    def _columns(self, name: str, start: int, end: int) -> None:
        group = self._group(end)
        if group and self.place.kind == "cell":
            number = self.source[group[0] : group[1]].strip()
            columns = int(number) if number.isdecimal() and len(number) < 4 else 1
            self.outline.change_slot(self.place, columns=max(1, columns))
        self.outline.drop(self._behind_arguments(end, 2))

    def _rule(self, name: str, start: int, end: int) -> None:
        if self.tables:
            self.tables[-1].rules.add(self.tables[-1].row)
            self.tables[-1].sparse |= name == "midrule"
        self.outline.drop(self._behind_options(end))

    def _definition(self, name: str, start: int, end: int) -> None:
        """Leave out the definition of a command, unless it stands for a longer name."""
        macro = next((each for each in self._macro_at(end)), None)
        if macro is None:
            self.outline.drop(end)
        elif is_long(macro):
            self._define(macro)
        self.outline.drop(max(self.outline.at, macro.end + 1 if macro else end))

    def _macro_at(self, at: int) -> Iterator[Macro]:
        match = _DEFINED.match(self.source, at)
        macro = self.survey.macros.get(match[1]) if match else None
        if macro and match and macro.name[0] == match.start(1):
            yield macro

    def _item(self, name: str, start: int, end: int) -> None:
        lists = [each for each in self.open if each.name in tex.LISTS]
        self.items += 1
        label = OPTIONAL.match(self.source, end, self.survey.end)
        indent = lists[-1].indent if lists else 1
        if label and lists and lists[-1].name in tex.DESCRIPTIONS:
            definition = Place("definition", indent=indent, owner=self.items)
            self.ends[label.end() - 1] = partial(self._leave, definition)
            self._enter(Place("term"), self.source.index("[", end) + 1)
        else:
            self._enter(Place("item", indent=indent, owner=self.items), label.end() if label else end)

    def _row_end(self, name: str, start: int, end: int) -> None:
        self._line(end)

    def _stretch(self, name: str, start: int, end: int) -> None:
        self._break(end, self.place)

    def _space(self, name: str, start: int, end: int) -> None:
        self.outline.drop(end)

    def _begin(self, name: str, start: int, end: int) -> None:
        match = _ENVIRONMENT.match(self.source, end)
        if match is None:
            self.outline.drop(end)
            return
        name, end = match[1], match.end()
        if name.removesuffix("*") in tex.FORMULAS:
            self._formula(start, end, f"\\end{{{name}}}")
            return
        is_table = name in tex.TABLES and self.place.kind != "cell"
        end = self._behind_arguments(end, tex.TABLES.get(name, tex.ARGUMENTS.get(name, 0)))
        indent = (self.open[-1].indent if self.open else 0) + (name in tex.LISTS)
        if len(self.open) < _DEEPEST:
            self.open.append(Environment(name, self.place, indent, is_table))
        if name in tex.FLOATS:
            self.behind = 0
        if is_table and self.open[-1].is_table:
            self.numbered += 1
            self.tables.append(Table(self.numbered, self.depth))
            self._cell(end)
        else:
            self._break(end, self.place)

    def _end(self, name: str, start: int, end: int) -> None:
        match = _ENVIRONMENT.match(self.source, end)
        end = match.end() if match else end
        at = next((at for at in range(len(self.open) - 1, -1, -1) if match and self.open[at].name == match[1]), None)
        if at is None:
            self.outline.drop(end)
            return
        place, ended = self.open[at].place, self.open[at:]
        del self.open[at:]
        for _ in (each for each in ended if each.is_table):
            self._end_table()
        if place == self.place:
            self._break(end, self.place)
        else:
            self._enter(place, end)

    def _end_table(self) -> None:
        table = self.tables.pop()
        self.behind = table.number
        heads = table.heads()
        for cell in table.cells:
            if self.outline.row_of(cell) < heads:
                self.outline.change_slot(cell, head=True)


_COMMANDS: tuple[tuple[Container[str], Callable[[Typeset, str, int, int], None]], ...] = (
    ({"begin"}, Typeset._begin),
    ({"end"}, Typeset._end),
    (tex.HEADINGS, Typeset._heading),
    ({"caption", "captionof", "subcaption"}, Typeset._caption),
    ({"item"}, Typeset._item),
    (tex.DROPPED, Typeset._drop),
    (tex.NOTES, Typeset._note),
    (tex.BOLD, Typeset._embolden),
    (tex.RULES, Typeset._rule),
    (tex.ROW_ENDS | tex.LINES, Typeset._row_end),
    (tex.STRETCHES, Typeset._stretch),
    (tex.SPACES, Typeset._space),
    (tex.DEFINITIONS, Typeset._definition),
    ({"multicolumn"}, Typeset._columns),
    ({"textsuperscript", "textsubscript"}, Typeset._script),
)
"""What reads each command; the others are known to the source, or change only how text looks."""
