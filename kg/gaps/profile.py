"""Profiles: which facts are asked of a model, what answers them, and how they count. A profile is a TOML file.

title = "…"  warning = "…"                     what it asks for; what has to be said beside every result
[[source]]   title address date taken left-out
[[fact]]     name point note                   in plain words; where the source asks for it
             any = [relation] or all = [...]   what a report has to state; none: kg has no relation for it, and it does not count
             derived = [relation]              what stands in for it, with `all`: { relation = [derived relation] }
             derived-counts = 0.5  weight = 1
             if = [relation]                   asked only of models of which one of these is stated
[[threshold]]  name point flop                 training compute to compare with
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from kg.errors import ConfigError, KgError, UnknownName, UsageError
from kg.schema import Schema

HALF = Fraction(1, 2)
"""What a derived fact counts, as a part of the fact's weight, unless the profile says otherwise."""

_TOML_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)
_FOLDER = Path(__file__).parents[1] / "profiles"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a profile's questions come from: what was taken of it, and what was left out because reports cannot answer it."""

    title: str
    address: str = ""
    date: str = ""
    taken: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact that is asked for: the relations that answer it, `every` one of them or any, none: nothing can.

    `stand_ins` are derived relations by the relation that they stand in for ("": for the fact); they count `derived_counts` of the
    weight. With `only_if`, it is asked of models of which one of those relations is stated.
    """

    name: str
    relations: tuple[str, ...]
    every: bool = False
    stand_ins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    derived_counts: Fraction = HALF
    weight: Fraction = Fraction(1)
    only_if: tuple[str, ...] = ()
    point: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """An amount of training compute in FLOP that something begins above."""

    name: str
    flop: Fraction
    point: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is asked of a model, and where the questions come from."""

    name: str
    title: str
    sources: tuple[Source, ...]
    facts: tuple[Asked, ...]
    thresholds: tuple[Threshold, ...] = ()
    warning: str = ""


def profiles() -> tuple[str, ...]:
    """Return the names of the profiles that come with kg, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_profile(name: str, schema: Schema) -> Profile:
    """Return a profile by its name, or from a TOML file.

    Raises UnknownName with the right names, UsageError for a file that is not there, ConfigError with the line of what is wrong.
    """
    if name in profiles():
        path = _FOLDER / f"{name}.toml"
    elif name.endswith(".toml") or "/" in name:
        path = Path(name)
    else:
        raise UnknownName("profile", name, profiles())
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        hint = f"give a TOML file, or one of: {', '.join(profiles())}"
        raise UsageError(f"the profile cannot be read: {error.strerror}", where=name, hint=hint) from error
    except UnicodeDecodeError as error:
        raise ConfigError("this is not UTF-8 text", where=name, hint="save the profile as UTF-8") from error
    return read_profile(path.stem, text, name, schema)


def read_profile(name: str, text: str, file: str, schema: Schema) -> Profile:
    """Return the profile that a TOML text holds; raise ConfigError with the line in `file` of what is wrong."""
    try:
        table = tomllib.loads(text, parse_float=_number_of)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.fullmatch(str(error))
        what, line = place.groups() if place else (str(error), None)
        where = f"{file}:{line or text.count(chr(10)) + 1}"
        raise ConfigError(f"this is not TOML: {what}", where=where, hint="see https://toml.io for the syntax") from error
    return _Reader(text, file, schema).profile(name, table)


class _Reader:
    """Reads the tables of one profile, and knows the line of each key for what it has to complain about."""

    __slots__ = ("file", "kind", "lines", "number", "schema")

    def __init__(self, text: str, file: str, schema: Schema) -> None:
        self.lines = text.splitlines()
        self.file = file
        self.schema = schema
        self.kind = ""  # which table is being read, and the how many-th of its kind
        self.number = 0

    def profile(self, name: str, table: Mapping[str, Any]) -> Profile:
        self._keys(table, {"title", "warning", "source", "fact", "threshold"})
        title, warning = self._text(table, "title", needed=True), self._text(table, "warning")
        sources = tuple(self._source(entry) for entry in self._entries(table, "source"))
        facts = tuple(self._fact(entry) for entry in self._entries(table, "fact"))
        thresholds = tuple(self._threshold(entry) for entry in self._entries(table, "threshold"))
        self.kind, self.number = "", 0
        if not facts:
            raise self._wrong("", "a profile has to ask for something", "add a [[fact]] with a name and any = [relation]")
        names = [fact.name for fact in facts]
        for self.number, known in enumerate(names, 1):
            if names.index(known) != self.number - 1:
                self.kind = "fact"
                raise self._wrong("name", f"'{known}' is asked for twice", "give each fact a name of its own")
        return Profile(name, title, sources, facts, thresholds, warning)

    def _source(self, table: Mapping[str, Any]) -> Source:
        self._keys(table, {"title", "address", "date", "taken", "left-out"})
        texts = {key.replace("-", "_"): self._text(table, key) for key in ("address", "date", "taken", "left-out")}
        return Source(self._text(table, "title", needed=True), **texts)

    def _fact(self, table: Mapping[str, Any]) -> Asked:
        self._keys(table, {"name", "point", "note", "any", "all", "derived", "derived-counts", "weight", "if"})
        name = self._text(table, "name", needed=True)
        if ("any" in table) == ("all" in table):
            raise self._wrong("all", "a fact needs either any or all", 'for example: any = ["parameterCount"]; none: any = []')
        every = "all" in table
        relations = self._relations(table, "all" if every else "any", "report")
        return Asked(
            name,
            relations,
            every,
            self._stand_ins(table, relations if every else None),
            self._number(table, "derived-counts", HALF, most=1),
            self._number(table, "weight", Fraction(1), most=None),
            self._relations(table, "if", "report"),
            self._text(table, "point"),
            self._text(table, "note"),
        )

    def _threshold(self, table: Mapping[str, Any]) -> Threshold:
        self._keys(table, {"name", "point", "flop"})
        name = self._text(table, "name", needed=True)
        flop = self._number(table, "flop", Fraction(0), most=None)
        if not flop:
            raise self._wrong("flop", "a threshold needs an amount of compute above 0", "for example: flop = 1e25")
        return Threshold(name, flop, self._text(table, "point"))

    def _entries(self, table: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
        entries = table.get(kind, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.kind, self.number = "", 0
            raise self._wrong(kind, f"{kind} must be a list of tables", f"write [[{kind}]] above each")
        for number, entry in enumerate(entries, 1):
            self.kind, self.number = kind, number
            yield entry

    def _keys(self, table: Mapping[str, Any], known: set[str]) -> None:
        for key in table:
            if key not in known:
                raise self._told(UnknownName(f"key of {self.kind or 'a profile'}", key, known), key)

    def _text(self, table: Mapping[str, Any], key: str, *, needed: bool = False) -> str:
        value = table.get(key, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self._wrong(key, f"{self.kind or 'a profile'} needs a text as {key}", f'for example: {key} = "training data"')
        return " ".join(value.split())

    def _number(self, table: Mapping[str, Any], key: str, otherwise: Fraction, *, most: int | None) -> Fraction:
        value = table.get(key, otherwise)
        if isinstance(value, bool) or not isinstance(value, int | Fraction) or value < 0 or (most is not None and value > most):
            bound = f"from 0 to {most}" if most else "0 or more"
            raise self._wrong(key, f"{key} must be a number, {bound}", f"for example: {key} = {'0.5' if most else '2'}")
        return Fraction(value)

    def _relations(self, table: Mapping[str, Any], key: str, origin: str) -> tuple[str, ...]:
        return self._names(table.get(key, []), key, origin)

    def _names(self, value: object, key: str, origin: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self._wrong(key, f"{key} must be a list of relations", f'for example: {key} = ["duration"]')
        known = sorted(relation.name for relation in self.schema.relations.values() if relation.origin == origin)
        for name in value:
            if name not in known:
                raise self._told(
                    UnknownName("relation of reports" if origin == "report" else "derived relation", name, known), name
                )
        return tuple(dict.fromkeys(value))

    def _stand_ins(self, table: Mapping[str, Any], every: tuple[str, ...] | None) -> Mapping[str, tuple[str, ...]]:
        """Return what stands in for the fact (key ""), or for each of `every` relation that it needs."""
        value = table.get("derived", {} if every is not None else [])
        if every is None:
            return {"": self._names(value, "derived", "derived")} if value else {}
        if not isinstance(value, dict):
            hint = f'for example: derived = {{ {every[0] if every else "relation"} = ["derived relation"] }}'
            raise self._wrong("derived", "with all, derived has to say which relation each stands in for", hint)
        for name in value:
            if name not in every:
                raise self._told(UnknownName("relation in all", name, every), name)
        return {name: self._names(names, "derived", "derived") for name, names in value.items()}

    def _wrong(self, key: str, what: str, hint: str) -> ConfigError:
        return ConfigError(what, where=self._where(lambda line: bool(re.match(rf"\s*{re.escape(key)}\s*=", line))), hint=hint)

    def _told(self, error: KgError, word: str) -> ConfigError:
        """Return an error about a word of the profile, with the line that it stands in."""
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        return ConfigError(error.what, where=self._where(lambda line: bool(pattern.search(line))), hint=error.hint)

    def _where(self, is_it: Callable[[str], bool]) -> str:
        """Return file and line of the first line of the table being read that is meant, else of the table's head."""
        first, last = self._bounds()
        found = (number for number in range(first, last) if is_it(self.lines[number].partition("#")[0]))
        return f"{self.file}:{next(found, first if self.kind else 0) + 1}"

    def _bounds(self) -> tuple[int, int]:
        heads = [number for number, line in enumerate(self.lines) if re.match(r"\s*\[", line)]
        if not self.kind:
            return 0, len(self.lines)
        own = [number for number in heads if re.match(rf"\s*\[\[\s*{self.kind}\s*\]\]", self.lines[number])]
        if len(own) < self.number:  # written as an array in one place
            return 0, len(self.lines)
        first = own[self.number - 1]
        return first, next((number for number in heads if number > first), len(self.lines))


def _number_of(text: str) -> Fraction | str:
    """Return a number of a file exactly; what is none (`nan`, `inf`) stays the text that it is, and is refused where it stands."""
    try:
        return Fraction(text)
    except ValueError:
        return text
