"""kg-decisions.toml -> decisions: each `[[decision]]` is one; whatever is wrong is told with the line that it begins in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from kg.decisions._agree import refuse_contradictions
from kg.decisions._entry import About, Between, Decision, Decisions, OfClaim, OfNames, Quote, Statement
from kg.decisions._form import kind_of_names, kinds_of_names, problem
from kg.decisions._text import folded, hash_of
from kg.errors import ConfigError

if TYPE_CHECKING:
    from kg.schema import Schema

HEADER = re.compile(r"^[ \t]*\[\[[ \t]*decision[ \t]*\]\][ \t]*(?:#.*)?$", re.MULTILINE)
"""The line that a decision begins with."""

ABOUT = ("accept", "reject", "correct", "add")
BETWEEN = ("same", "different")
CHANGES = {"model": "model", "relation": "relation", "value": "value", "stage": "stage", "unit": "unit", "valueMax": "value_max"}

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)
_STRINGS = ("report", "model", "relation", "value", "stage", "unit", "valueMax", "mention", "quote", "hash", "before", "after")
_TYPES: dict[str, type] = {
    "do": str,
    **dict.fromkeys(_STRINGS, str),
    "approximate": bool,
    "occurrence": int,
    "times": int,
    "to": dict,
    "kind": str,
    "names": list,
    "note": str,
    "by": str,
}
_WORDS = {str: "a text between quotes", bool: "true or false", int: "a whole number", dict: "a table", list: "a list"}
_NEEDED = {"about": ("report", "relation", "value", "quote"), "between": ("kind", "names")}
_ALWAYS = frozenset({"do", "note", "by"})


def read_decisions(path: Path, schema: Schema) -> Decisions:
    """Return the decisions in a file; raise ConfigError with its line for what cannot be used, or contradicts another."""
    text = text_of(path)
    return parsed(text, path, schema)


def text_of(path: Path) -> str:
    """Return what a file of decisions holds; raise ConfigError when it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError("the file is not UTF-8", where=str(path), hint="save it as UTF-8") from error
    except OSError as error:
        hint = "correct the path in the settings, or take it out: kg review makes the file"
        raise ConfigError(f"the decisions cannot be read: {error.strerror}", where=str(path), hint=hint) from error


def parsed(text: str, path: Path, schema: Schema) -> Decisions:
    """Return the decisions in the text of a file; raise ConfigError."""
    table = _toml(text, path)
    rows = table.pop("decision", [])
    if table:
        _wrong(f"'{next(iter(table))}' is no part of a file of decisions", path, None, "each decision begins with [[decision]]")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        _wrong("decision must be written as [[decision]]", path, None, "two brackets on both sides, a decision below each")
    starts = headers(text, len(rows))
    lines = list(accumulate((text.count("\n", low, high) for low, high in pairwise((0, *starts))), initial=1))[1:]
    every = tuple(_Entry(row, path, line, schema).decision() for row, line in zip(rows, lines or [1] * len(rows), strict=True))
    decisions = Decisions(path, every)
    refuse_contradictions(decisions)
    return decisions


def headers(text: str, count: int) -> list[int]:
    """Return where each of so many decisions begins in a text; none when they are written in another way than kg does."""
    starts = [match.start() for match in HEADER.finditer(text)]
    if len(starts) > count:  # one stands in a text of several lines: before it, that text is open
        starts = [start for start in starts if _is_whole(text[:start])]
    return starts if len(starts) == count else []


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _toml(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.fullmatch(str(error))
        what, line = place.groups() if place else (str(error), None)
        _wrong(f"this is not TOML: {what}", path, int(line or text.count("\n") + 1), "see https://toml.io for the syntax")


def _wrong(what: str, path: Path, line: int | None, hint: str) -> NoReturn:
    raise ConfigError(what, where=f"{path}:{line}" if line else str(path), hint=hint)


class _Entry:
    """One table of the file, on its way to a decision."""

    def __init__(self, row: Mapping[str, Any], path: Path, line: int, schema: Schema) -> None:
        self._row, self._path, self._line, self._schema = row, path, line, schema

    def decision(self) -> Decision:
        """Return the decision; raise ConfigError."""
        do = self._row.get("do")
        if do not in (*ABOUT, *BETWEEN):
            near = get_close_matches(str(do), [*ABOUT, *BETWEEN], n=1)
            hint = f"did you mean {near[0]}?" if near else f"one of {', '.join((*ABOUT, *BETWEEN))}"
            self._wrong("what is decided is not said" if do is None else f"'{do}' is no decision", f'write do = "…": {hint}')
        return self._of_claim(cast(About, do)) if do in ABOUT else self._of_names(cast(Between, do))

    def _of_claim(self, do: About) -> OfClaim:
        corrects = do == "correct"
        self._check(set(_STRINGS) | {"approximate", "occurrence", "times"} | ({"to"} if corrects else set()), _NEEDED["about"])
        said = self._statement()
        if wrong := problem(self._schema, said, of_value=do == "add"):  # else the value is what kg read
            self._wrong(*wrong)
        to = self._corrected(said) if corrects else None
        note, by = self._text("note"), self._text("by")
        return OfClaim(do, self._text("report"), said, self._quote(), to, note, by, self._line)

    def _of_names(self, do: Between) -> OfNames:
        self._check({"kind", "names"}, _NEEDED["between"])
        names, kind = self._row["names"], kind_of_names(self._schema, self._row["kind"])
        if kind is None:
            known = ", ".join(kinds_of_names(self._schema))
            self._wrong(f"no kind of thing is named '{self._row['kind']}'", f"choose one of: {known}")
        texts = [folded(name) for name in names if isinstance(name, str)]
        if len(names) != 2 or len(list(filter(None, texts))) != 2 or texts[0] == texts[1]:
            self._wrong("names must be two names that differ", 'for example: names = ["CC3M", "Conceptual Captions 3M"]')
        return OfNames(do, kind, (texts[0], texts[1]), self._text("note"), self._text("by"), self._line)

    def _check(self, allowed: set[str], needed: tuple[str, ...]) -> None:
        allowed = allowed | _ALWAYS
        for name, value in self._row.items():
            if name not in allowed:
                near = get_close_matches(name, sorted(allowed), n=1)
                hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(sorted(allowed))}"
                self._wrong(f"'{name}' is no part of the decision '{self._row['do']}'", hint)
            kind = _TYPES[name]
            if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
                self._wrong(f"{name} must be {_WORDS[kind]}, not {value!r}", "correct the line")
        for name in needed:
            if not self._row.get(name):
                self._wrong(f"the decision '{self._row['do']}' has no {name}", f"add the line {name} = …")

    def _statement(self) -> Statement:
        value, model = self._text("value"), self._text("model") or None
        options = (self._text("stage") or None, self._text("unit") or None, bool(self._row.get("approximate")))
        return Statement(model, self._row["relation"], value, *options, self._text("valueMax") or None)

    def _corrected(self, said: Statement) -> Statement:
        changes = self._row.get("to", {})
        for name, value in changes.items():
            if name not in CHANGES or not isinstance(value, str):
                self._wrong(f"a correction cannot change '{name}' to {value!r}", f"texts of {', '.join(CHANGES)} can be changed")
        to = corrected(said, {name: folded(value) or None for name, value in changes.items()})
        if to is None:
            self._wrong("the correction changes nothing", 'write what is right, as in: to = { value = "64" }')
        if wrong := problem(self._schema, to):
            self._wrong(*wrong)
        return to

    def _quote(self) -> Quote:
        words, mention = self._text("quote"), self._text("mention") or self._text("quote")
        occurrence, times = self._row.get("occurrence", 1), self._row.get("times", 1)
        if not words:
            self._wrong("the quote holds no words", "write the sentence of the report that it is about")
        if min(occurrence, times) < 1:
            self._wrong("occurrence and times count from 1", "take the line out where it is 1")
        if (hashed := self._text("hash")) and hashed != hash_of(words):
            self._wrong(
                "the quote is not the one that was decided about: its hash is another",
                "undo the change of the quote, or take the line hash out",
            )
        quote = Quote(words, mention, occurrence, self._text("before"), self._text("after"), times)
        if quote.offset < 0:
            more = f" {occurrence} times" if occurrence > 1 else ""
            self._wrong(
                f"the mention '{mention}' does not stand in the quote{more}", "the quote is the sentence around the mention"
            )
        if "occurrence" not in self._row and Quote(words, mention, 2).offset >= 0:
            self._wrong(f"the mention '{mention}' stands in the quote several times", "add the line occurrence = 1, or 2, or …")
        return quote

    def _text(self, name: str) -> str:
        return folded(self._row.get(name, ""))

    def _wrong(self, what: str, hint: str) -> NoReturn:
        _wrong(what, self._path, self._line, hint)


def corrected(said: Statement, changes: Mapping[str, str | None]) -> Statement | None:
    """Return a statement with changes by name in the file, None when they change nothing.

    With another value, what was about or up to the old one no longer is.
    """
    values = {"model": said.model, "relation": said.relation, "value": said.value, "stage": said.stage, "unit": said.unit}
    values |= {CHANGES[name]: value for name, value in changes.items() if name != "valueMax"}
    same = values["value"] == said.value
    to = Statement(
        values["model"],
        values["relation"] or "",
        values["value"] or "",
        values["stage"],
        values["unit"],
        said.approximate and same,
        changes["valueMax"] if "valueMax" in changes else said.value_max if same else None,
    )
    return None if to == said else to
