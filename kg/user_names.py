"""The user's own tables of names -> things beside those of the catalogue.

A table is a CSV file (UTF-8) whose first line names its columns: `name`, `kind` where the file's name does not tell it
(`datasets.csv`), and any column of the catalogue's table of that kind. Or it is a list: a name a line, other names behind `|`,
lines that begin with `#` left out. A row whose name is known and that has nothing but aliases gives the known thing more names.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from kg.errors import ConfigError, KgError, UnknownName
from kg.model import Thing
from kg.tables import Keys, RowKey, Tables, folder_of, kind_of, thing_of
from kg.values import literal, name_key

if TYPE_CHECKING:
    from kg.schema import Relation

LONGEST, MOST_WORDS = 120, 14  # characters and words of a name; what is longer is a text
_CLOSED = ("context", "role", "use")  # columns that the extractor reads: a word it does not know would say nothing


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was given: kind, cells that are not empty by column, and where it stands."""

    kind: str
    cells: Mapping[str, str]
    place: str

    def key(self) -> RowKey:
        """Return what makes it the same row as another: kind and cells."""
        return self.kind, tuple(sorted(self.cells.items()))


def rows(file: str, content: bytes, columns: Mapping[str, tuple[str, ...]], kind: str | None = None) -> list[Row]:
    """Return the rows of a table; `columns` are those of each kind, `kind` that of rows that do not tell theirs.

    Raises ConfigError with the line for what is no table of names.
    """
    stem = kind_of(PurePath(file).stem)
    kind = kind or (stem if stem in columns else None)
    every = {"kind", "name", *(column for of_kind in columns.values() for column in of_kind)}
    try:
        text = content.decode("utf-8-sig")
        first = next((line for line in text.splitlines() if line.strip()), "name")
        if every.isdisjoint(cell.strip() for cell in first.split(",")):
            return list(_of_list(file, text, columns, kind))
        lines = [(n, cells) for n, cells in _cells(text) if any(cells)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"is not a UTF-8 CSV file: {error}", where=file, hint="save it as CSV in UTF-8") from error
    return list(_of_table(file, lines, every, columns, kind))


def added(
    tables: Tables, file: str, content: bytes, *, base: str, keys: Keys, relations: Mapping[str, Relation], kind: str | None = None
) -> Tables:
    """Return the tables with the rows of one of the user's; the same row once more changes nothing.

    Raises ConfigError with file and line for a row that cannot be used.
    """
    things, places, given = dict(tables.things), dict(tables.places), set(tables.given)
    owners = _owners(things.values(), keys)
    words = {column: {thing.facts[column] for thing in things.values() if column in thing.facts} for column in _CLOSED}
    for row in rows(file, content, tables.columns, kind):
        if row.key() in given:
            continue
        given.add(row.key())
        _check_values(row, words, relations)
        thing = thing_of(row.kind, dict(row.cells), base)
        known = owners.get((folder_of(row.kind), keys[thing.name]))
        thing = _enlarged(known, thing, row, places, keys) if known and _only_names(row) else _new(thing, row, places)
        _claim_names(thing, row.place, owners, places, keys)
        things[thing.iri] = thing
    return Tables(things, places, tables.columns, frozenset(given))


def written(found: Iterable[Row]) -> str:
    """Return rows as a table: sorted by kind and name, `kind`, `name`, `aliases` before the other columns."""
    ordered = sorted(found, key=lambda row: (row.kind, row.cells["name"].casefold(), row.cells["name"]))
    others = sorted({column for row in ordered for column in row.cells} - {"name", "aliases"})
    header = ["kind", "name", "aliases", *others]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([row.kind, *(row.cells.get(column, "") for column in header[1:])] for row in ordered)
    return out.getvalue()


# Lines -> rows ------------------------------------------------------------------------------------------------------------------


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for cells in reader:
        yield reader.line_num, [" ".join(cell.split()) for cell in cells]


def _of_list(file: str, text: str, columns: Mapping[str, tuple[str, ...]], kind: str | None) -> Iterator[Row]:
    for n, line in enumerate(text.splitlines(), 1):
        names = [" ".join(name.split()) for name in line.split("|")]
        if any(names) and not line.lstrip().startswith("#"):
            aliases = "|".join(filter(None, names[1:]))
            yield _row(f"{file}:{n}", {"name": names[0], "aliases": aliases}, columns, kind)


def _of_table(
    file: str, lines: list[tuple[int, list[str]]], every: set[str], columns: Mapping[str, tuple[str, ...]], kind: str | None
) -> Iterator[Row]:
    line, header = lines[0] if lines else (1, ["name"])
    place = f"{file}:{line}"
    if "name" not in header or len(set(header)) != len(header):
        raise ConfigError(
            "the first line must name the columns, 'name' among them, each once", where=place, hint="name,aliases,kind"
        )
    for column in header:
        if column not in every:
            raise _located(UnknownName("column", column, every), place)
    for n, cells in lines[1:]:
        if len(cells) != len(header):
            raise ConfigError(
                f"{len(cells)} columns where the header has {len(header)}",
                where=f"{file}:{n}",
                hint="put a name that holds a comma between double quotes",
            )
        yield _row(f"{file}:{n}", dict(zip(header, cells, strict=True)), columns, kind)


def _row(place: str, cells: dict[str, str], columns: Mapping[str, tuple[str, ...]], kind: str | None) -> Row:
    kind = cells.pop("kind", "") or kind
    if not kind:
        hint = f"add a column 'kind', or give --kind: one of {', '.join(sorted(columns))}"
        raise ConfigError("what kind of thing this is, is not said", where=place, hint=hint)
    if kind not in columns:
        raise _located(UnknownName("kind of thing", kind, columns), place)
    cells = {column: "|".join(filter(None, map(str.strip, cell.split("|")))) for column, cell in cells.items()}
    cells = {column: cell for column, cell in cells.items() if cell}
    for column in cells:
        if column not in columns[kind]:
            raise _located(UnknownName(f"column of a {kind}", column, columns[kind]), place)
    names = [cells.get("name", ""), *cells.get("aliases", "").split("|")]
    if not name_key(names[0]) or not all(map(name_key, filter(None, names))):
        raise ConfigError("a name needs a letter or a digit", where=place)
    if len(cells["name"]) > LONGEST or cells["name"].count(" ") >= MOST_WORDS:
        hint = "a list holds one name a line; a table has its columns in the first line"
        raise ConfigError(f"this is no name but a text: {cells['name'][:40]}…", where=place, hint=hint)
    return Row(kind, cells, place)


def _located(error: KgError, place: str) -> ConfigError:
    return ConfigError(error.what, where=place, hint=error.hint)


# Rows -> things -----------------------------------------------------------------------------------------------------------------

_Owners = dict[tuple[str, str], Thing]


def _owners(things: Iterable[Thing], keys: Keys) -> _Owners:
    return {(folder_of(thing.kind), keys[name]): thing for thing in things for name in (*thing.aliases, thing.name)}


def _check_values(row: Row, words: Mapping[str, set[str]], relations: Mapping[str, Relation]) -> None:
    known = {**words, "context": {"yes"}}
    for column, cell in row.cells.items():
        if column in known and cell not in known[column]:
            raise _located(UnknownName(f"{column} of a {row.kind}", cell, known[column]), row.place)
        relation = relations.get(column)
        if relation and relation.range.startswith("xsd:"):
            for value in cell.split("|"):
                try:
                    literal(relation.range, value)
                except ValueError:
                    what = f"the {column} is no {relation.range}: {value!r}"
                    raise ConfigError(what, where=row.place, hint="write a plain value, an integer in full") from None


def _only_names(row: Row) -> bool:
    return "aliases" in row.cells and row.cells.keys() <= {"name", "aliases"}


def _enlarged(known: Thing, thing: Thing, row: Row, places: Mapping[str, str], keys: Keys) -> Thing:
    if keys[known.name] != keys[thing.name]:
        raise ConfigError(
            f"'{thing.name}' is already a name of the {known.kind} '{known.name}'",
            where=row.place,
            hint=f"write {known.name} as the name to give it more",
        )
    more = tuple(dict.fromkeys(alias for alias in thing.aliases if alias not in known.aliases))
    return replace(known, aliases=known.aliases + more, added=known.added + more)


def _new(thing: Thing, row: Row, places: dict[str, str]) -> Thing:
    if thing.iri in places:
        raise ConfigError(
            f"'{thing.name}' is already known: {places[thing.iri]}",
            where=row.place,
            hint="take the row out; a row of nothing but the name and aliases gives a known thing more names",
        )
    places[thing.iri] = row.place
    return replace(thing, added=(thing.name, *thing.aliases))


def _claim_names(thing: Thing, place: str, owners: _Owners, places: Mapping[str, str], keys: Keys) -> None:
    """Enter the thing under all its names; raise ConfigError for one that another thing has, unless it is said to be ambiguous."""
    unsure = {keys[name] for name in thing.ambiguous}
    for name in (thing.name, *thing.aliases):
        entry = (folder_of(thing.kind), keys[name])
        owner = owners.get(entry, thing)
        if owner.iri != thing.iri and entry[1] not in unsure:
            raise ConfigError(
                f"'{name}' is already a name of the {owner.kind} '{owner.name}' ({places[owner.iri]})",
                where=place,
                hint="take it out, or list it under ambiguous",
            )
        owners[entry] = thing
