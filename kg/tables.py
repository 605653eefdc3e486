"""Tables of known things -> `Thing`s: the shipped `ontology/catalog/<kind>.csv`, one kind a table.

UTF-8, header `name,aliases,…`, several values in a cell separated by `|`. Columns: `id` (the IRI's last part, else made from the
name), `ambiguous` (names that alone do not decide), `context` (`yes`: an ordinary word, a name only in context); every other
column is a fact. `user_names` reads the tables that users add.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.errors import ConfigError
from kg.model import Thing
from kg.values import name_key, slug

Line = tuple[int, list[str]]
RowKey = tuple[str, tuple[tuple[str, str], ...]]
"""A row that a user gave: kind and cells."""

# A component of a model is itself a model, so that a report can extend what another one uses as a part.
_FOLDERS = {"component": "model"}


class Keys(dict[str, str]):
    """Spelling -> name key, each computed once: a catalogue is read at every start."""

    def __missing__(self, spelling: str) -> str:
        key = self[spelling] = name_key(spelling)
        return key


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables hold: things by IRI, the file and line each stands in, the columns of each kind, the user's rows."""

    things: Mapping[str, Thing]
    places: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    given: frozenset[RowKey] = frozenset()


def kind_of(stem: str) -> str:
    """Return the kind of the things in a table of this name: `country` for `countries`."""
    return stem[:-3] + "y" if stem.endswith("ies") else stem.removesuffix("s")


def folder_of(kind: str) -> str:
    """Return the folder of the IRIs of a kind of things."""
    return _FOLDERS.get(kind, kind)


def thing_of(kind: str, row: dict[str, str], base: str) -> Thing:
    """Return the thing of a row (cells that are not empty by column, the name among them), which becomes the thing's facts."""
    name = row.pop("name")
    iri = f"{base}{folder_of(kind)}/{row.pop('id', '') or slug(name)}"
    aliases, ambiguous = split(row.pop("aliases", "")), split(row.pop("ambiguous", ""))
    in_context = row.pop("context", "") == "yes"
    return Thing(iri, kind, name, aliases, facts=row, ambiguous=ambiguous, in_context=in_context)


def split(cell: str) -> tuple[str, ...]:
    """Return the values of a cell."""
    return tuple(part.strip() for part in cell.split("|") if part.strip()) if cell else ()


def read_tables(directory: Path, base: str, keys: Keys) -> Tables:
    """Read every table of a folder; raise ConfigError with file and line for what cannot be used."""
    places: dict[str, str] = {}
    things: dict[str, Thing] = {}
    columns: dict[str, tuple[str, ...]] = {}
    for path in sorted(directory.glob("*.csv")):
        kind = kind_of(path.stem)
        lines = _lines(path)
        columns[kind] = tuple(header := _header(lines, path))
        found = list(_read_things(kind, header, lines, path, base, places))
        _check_names(found, places, keys)
        things.update((thing.iri, thing) for thing in found)
    return Tables(things, places, columns)


def index(things: Iterable[Thing], keys: Keys) -> dict[str, tuple[Thing, ...]]:
    """Return the things that each key can name."""
    found: dict[str, tuple[Thing, ...]] = {}
    for thing in things:
        alone = (thing,)
        for name in (thing.name, *thing.aliases, *thing.ambiguous):
            others = found.setdefault(keys[name], alone)
            if others[-1] is not thing:
                found[keys[name]] = others + alone
    found.pop("", None)  # spellings of signs alone
    return found


def _lines(path: Path) -> Iterator[Line]:
    """Yield (line, cells) of the header and of every row that is not empty; a row has as many cells as the header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            yield 1, header
            for row in reader:
                if row and len(row) != len(header):
                    raise ConfigError(f"{len(row)} columns where the header has {len(header)}", where=f"{path}:{reader.line_num}")
                if row:
                    yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"is not a UTF-8 CSV file: {error}", where=str(path)) from error


def _header(lines: Iterator[Line], path: Path) -> list[str]:
    _, header = next(lines)
    if header[:2] != ["name", "aliases"] or len(set(header)) != len(header):
        raise ConfigError("the header must begin with name,aliases and name each column once", where=f"{path}:1")
    return header


def _read_things(
    kind: str, header: list[str], lines: Iterator[Line], path: Path, base: str, places: dict[str, str]
) -> Iterator[Thing]:
    """Read one table; `places` maps the IRIs read so far to the file and line they stand in."""
    file = str(path)
    for line, cells in lines:
        place = f"{file}:{line}"
        row = {column: cell.strip() for column, cell in zip(header, cells, strict=True) if cell}
        if not row.get("name"):
            raise ConfigError("the name is empty", where=place)
        thing = thing_of(kind, row, base)
        if thing.iri in places:
            raise ConfigError(
                f"{thing.iri} is already at {places[thing.iri]}", where=place, hint="take one out, or give it another id"
            )
        places[thing.iri] = place
        yield thing


def _check_names(things: Iterable[Thing], places: Mapping[str, str], keys: Keys) -> None:
    """Raise ConfigError where a spelling of one thing is the name of another of its kind and neither says it is ambiguous."""
    owners: dict[str, Thing] = {}
    for thing in things:
        owner = owners.setdefault(keys[thing.name], thing)
        if owner is not thing:
            raise ConfigError(f"'{thing.name}' is already at {places[owner.iri]}", where=places[thing.iri])
    for thing in things:
        for alias in thing.aliases:
            owner = owners.get(keys[alias], thing)
            if owner is not thing and keys[alias] not in {keys[name] for name in (*thing.ambiguous, *owner.ambiguous)}:
                raise ConfigError(
                    f"the alias '{alias}' is the name at {places[owner.iri]}",
                    where=places[thing.iri],
                    hint="take it out, or list it under ambiguous",
                )
