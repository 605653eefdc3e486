"""The catalogue for people: which kinds there are, which things a word finds, as text or JSON; and how it gets more names.

What users add stands in a table of the project's (`user_names`), which its settings name: `names.csv` beside `kg.toml`.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import ConfigError, OutputError, UnknownName, UsageError
from kg.model import Thing
from kg.values import name_key

if TYPE_CHECKING:
    from kg.config import Config
    from kg.schema import Schema

TABLE = "names.csv"  # where names are added unless the settings name a table


def find(schema: Schema, word: str | None, kind: str | None) -> list[Thing]:
    """Return the things of a kind (None: all) whose names hold a word, equal names first; raise UnknownName for the kind."""
    if kind is not None and kind not in schema.kinds():
        raise UnknownName("kind of thing", kind, schema.kinds())
    key = name_key(word or "")
    found = [
        thing for thing in schema.things if kind in {None, thing.kind} and any(key in name_key(name) for name in _names(thing))
    ]
    return sorted(found, key=lambda thing: (key not in map(name_key, _names(thing)), thing.kind, thing.name))


def kinds(schema: Schema) -> dict[str, int]:
    """Return how many things of each kind there are."""
    return dict(sorted(Counter(thing.kind for thing in schema.things).items()))


def things_text(things: Iterable[Thing]) -> str:
    """Return a line for each thing: kind, name, other names, and which of them the user added."""
    return "".join(f"{thing.kind:<12} {thing.name}{_other_names(thing)}{_yours(thing)}\n" for thing in things)


def things_json(things: Iterable[Thing]) -> str:
    """Return things as a JSON array."""
    rows = [
        {
            "iri": thing.iri,
            "kind": thing.kind,
            "name": thing.name,
            "aliases": list(thing.aliases),
            "added": list(thing.added),
            "facts": dict(thing.facts),
        }
        for thing in things
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def kinds_text(schema: Schema) -> str:
    """Return a line for each kind with the number of its things, and of those that the user added."""
    yours = Counter(thing.kind for thing in schema.things if thing.name in thing.added)
    more = {kind: f"  ({number:,} yours)" for kind, number in yours.items()}
    return "".join(f"{kind:<14}{number:>6,}{more.get(kind, '')}\n" for kind, number in kinds(schema).items())


def add(file: Path, kind: str | None, config: Config, say: Callable[[str], None]) -> None:
    """Add the names of a table or list to the user's own, and say where they went; rows that are there already are left out.

    Raises ConfigError with file and line for a row that cannot be used, OutputError when nothing can be written.
    """
    from kg.config import settings_file
    from kg.schema import enlarged, load_schema
    from kg.user_names import rows, written

    if not file.is_file():
        raise UsageError(f"there is no '{file}'", hint="give a CSV file, or a list with a name a line")
    settings = None if config.catalog else settings_file() or Path("kg.toml")
    table = config.catalog[0] if settings is None else _beside(settings)
    tables = [path for path in dict.fromkeys((table, *config.catalog)) if path.exists()]
    schema = load_schema(config.base_iri, catalog=tables)
    enlarged(schema, file, kind)  # says what is wrong with the file
    old = {path: rows(str(path), path.read_bytes(), schema.columns) for path in tables}
    there = {row.key() for found in old.values() for row in found}
    new = {row.key(): row for row in rows(str(file), file.read_bytes(), schema.columns, kind) if row.key() not in there}
    all_rows = [*old.get(table, ()), *new.values()]
    if new:
        _write(table, written(all_rows))
    if settings is not None:
        _write(settings, _with_catalog(settings))
        say(f"{settings} names {table.name} now: everything in {settings.parent} reads it")
    say(f"{table}: {len(new)} added, {len(all_rows)} in all" if new else f"{table}: nothing new")


def _beside(settings: Path) -> Path:
    if settings.name != "kg.toml":
        hint = f'add catalog = ["{TABLE}"] below [tool.kg], then add again'
        raise ConfigError("no table of names is set, and kg does not change this file", where=str(settings), hint=hint)
    return Path(os.path.relpath(settings.with_name(TABLE)))


def _with_catalog(settings: Path) -> str:
    text = settings.read_text(encoding="utf-8") if settings.exists() else ""
    return f'{text}{"" if text.endswith(chr(10)) or not text else chr(10)}catalog = ["{TABLE}"]\n'


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=str(path), hint="make it writable") from error


def _names(thing: Thing) -> tuple[str, ...]:
    return (thing.name, *thing.aliases)


def _other_names(thing: Thing) -> str:
    return f"  ({', '.join(thing.aliases)})" if thing.aliases else ""


def _yours(thing: Thing) -> str:
    if not thing.added:
        return ""
    return "  [yours]" if thing.name in thing.added else f"  [yours: {', '.join(thing.added)}]"
