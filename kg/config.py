"""Settings, strongest first: flags, `KG_*` variables, the nearest `kg.toml` or `[tool.kg]` in `pyproject.toml`, defaults.

A path in a file is relative to the file's folder, a path in a variable or a flag to the working directory.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

from kg.errors import ConfigError, UnknownName
from kg.model import Severity
from kg.schema import DEFAULT_BASE

Extractor = Literal["rules", "rules+llm", "llm"]
Mode = Literal["whole", "open"]
Engine = Literal["auto", "pyrudof", "pyshacl"]
Assumed = tuple[Fraction, Fraction, Fraction]
"""A number that no report states, as an estimate takes it: at least, most likely, at most."""

DECISIONS = "kg-decisions.toml"
"""Where decisions of people stand unless the settings name a file."""

_NUMBERS = frozenset({"jobs", "llm_jobs", "llm_chunk", "llm_timeout", "max_requests"})
_LISTS = frozenset({"catalog", "energy_overhead", "exclude", "ignore", "select", "shapes", "utilisation"})
_SECRET = "llm_key"  # noqa: S105 - the name of the setting
_URL = re.compile(r"https?://[^\s/]\S*")
_BASE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+[/#]")
_TOML_PLACE = re.compile(r"(.*) \(at line (\d+), column \d+\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one run. `jobs` 0 means one process per core; `exclude` are patterns as in `.gitignore`.

    `llm_jobs` requests are under way at a time, `llm_timeout` seconds each; `llm_chunk` is in characters. `utilisation` is the part
    of their peak rate that accelerators reach in training, `energy_overhead` the watts drawn for each of their design power.
    """

    base_iri: str = DEFAULT_BASE
    output: Path = Path("kg-out")
    jobs: int = 0
    exclude: tuple[str, ...] = ()
    fail_on: Severity = "violation"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    engine: Engine = "auto"
    shapes: tuple[Path, ...] = ()
    catalog: tuple[Path, ...] = ()
    extractor: Extractor = "rules"
    llm_url: str = ""
    llm_model: str = ""
    llm_key: str = field(default="", repr=False)
    llm_mode: Mode = "whole"
    llm_cache: Path | None = None
    llm_chunk: int = 48_000
    llm_jobs: int = 4
    llm_timeout: int = 120
    max_requests: int = 1000
    decisions: Path | None = None
    utilisation: Assumed = (Fraction("0.2"), Fraction("0.35"), Fraction("0.5"))
    energy_overhead: Assumed = (Fraction("0.8"), Fraction("1.4"), Fraction("2.2"))

    def with_flags(self, **flags: Any) -> Config:
        """Return the settings with the flags that were given, which are those that are neither None nor an empty list."""
        given = {key: value for key, value in flags.items() if value is not None and value != []}
        return replace(self, **{key: _checked(key, value, f"--{_spelled(key)}", Path()) for key, value in given.items()})


def load_config(start: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Return the settings that hold in the folder `start` (default: the working directory).

    Raises ConfigError for a file that cannot be read, a name that is no setting and a value of the wrong kind.
    """
    values = {**_from_file((start or Path.cwd()).absolute()), **_from_environment(os.environ if environ is None else environ)}
    if "decisions" not in values and (found := decisions_file(start)).is_file():
        values["decisions"] = found
    return Config(**values)


def decisions_file(start: Path | None = None) -> Path:
    """Return where decisions stand that the settings do not name: beside the file of settings, else in the folder `start`."""
    here = (start or Path.cwd()).absolute()
    found = _nearest(here)
    folders = [found[0].parent, here] if found else [here]
    paths = [Path(os.path.relpath(folder / DECISIONS)) for folder in folders]
    return next((path for path in paths if path.is_file()), paths[0])


def _spelled(key: str) -> str:
    return key.replace("_", "-")


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key in _SETTINGS:
        name = "KG_" + key.upper()
        if text := environ.get(name, "").strip():
            values[key] = _checked(key, _parsed(key, text), name, Path())
    return values


def _parsed(key: str, text: str) -> object:
    """Turn a variable's text into what a file would hold: a list is separated by commas."""
    if key in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    return int(text) if key in _NUMBERS and text.isdecimal() else text


def settings_file(start: Path | None = None) -> Path | None:
    """Return the file whose settings hold in the folder `start` (default: the working directory), None when there is none."""
    found = _nearest((start or Path.cwd()).absolute())
    return found[0] if found else None


def _nearest(start: Path) -> tuple[Path, object] | None:
    for folder in (start, *start.parents):
        for path, prefix in ((folder / "kg.toml", ()), (folder / "pyproject.toml", ("tool", "kg"))):
            if not path.exists():
                continue
            table: object = _read_toml(path)
            for name in prefix:
                table = table.get(name) if isinstance(table, dict) else None
            if table is not None:
                return path, table
    return None


def _from_file(start: Path) -> dict[str, Any]:
    found = _nearest(start)
    return _settings(found[1], str(found[0]), Path(os.path.relpath(found[0].parent))) if found else {}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.fullmatch(str(error))
        what, line = place.groups() if place else (str(error), "1")
        raise ConfigError(f"this is not TOML: {what}", where=f"{path}:{line}", hint="see https://toml.io for the syntax") from error
    except UnicodeDecodeError as error:
        raise ConfigError("the file is not UTF-8", where=str(path), hint="save it as UTF-8") from error
    except OSError as error:
        hint = "make it readable, or move it away"
        raise ConfigError(f"the settings cannot be read: {error.strerror}", where=str(path), hint=hint) from error


def _settings(table: object, where: str, folder: Path) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ConfigError(f"tool.kg must be a table, not {table!r}", where=where, hint="write the settings below [tool.kg]")
    values: dict[str, Any] = {}
    for name, value in table.items():
        key = name.replace("-", "_")
        if key not in _SETTINGS:
            unknown = UnknownName("setting", name, map(_spelled, _SETTINGS.keys() - {_SECRET}))
            raise ConfigError(unknown.what, where=where, hint=unknown.hint)
        if key == _SECRET:
            raise ConfigError(f"{name} must not stand in a file", where=where, hint="set the variable KG_LLM_KEY")
        if key in values:
            raise ConfigError(f"{_spelled(key)} is set twice, with '-' and with '_'", where=where, hint="keep one of the two lines")
        values[key] = _checked(key, value, where, folder)
    return values


def _checked(key: str, value: object, where: str, folder: Path) -> Any:
    read, expected, example = _SETTINGS[key]
    try:
        return read(value, folder)
    except ValueError:
        hint = f"for example: {_spelled(key)} = {example}"
        if key == _SECRET:
            raise ConfigError(f"this is not {expected}", where=where, hint="set it to the key alone") from None
        raise ConfigError(f"{_spelled(key)} must be {expected}, not {value!r}", where=where, hint=hint) from None


def _base_iri(value: object, folder: Path) -> str:
    if isinstance(value, str) and _BASE_IRI.fullmatch(value):
        return value
    raise ValueError(value)


def _path(value: object, folder: Path) -> Path:
    if isinstance(value, str | Path) and str(value):
        return folder / value
    raise ValueError(value)


def _at_least(least: int) -> Callable[[object, Path], int]:
    def read(value: object, folder: Path) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        raise ValueError(value)

    return read


def _assumed(most: int) -> Callable[[object, Path], Assumed]:
    def read(value: object, folder: Path) -> Assumed:
        if not isinstance(value, list | tuple) or len(value) != 3 or any(isinstance(part, bool) for part in value):
            raise ValueError(value)
        low, middle, high = (Fraction(str(part)) for part in value)
        if 0 < low <= middle <= high <= most:
            return low, middle, high
        raise ValueError(value)

    return read


def _text(value: object, folder: Path) -> str:
    if isinstance(value, str) and value.strip() == value and value.isprintable() and value.isascii():
        return value
    raise ValueError(value)


def _url(value: object, folder: Path) -> str:
    if isinstance(value, str) and _URL.fullmatch(value):
        return value
    raise ValueError(value)


def _one_of(*names: str) -> Callable[[object, Path], str]:
    def read(value: object, folder: Path) -> str:
        if isinstance(value, str) and value in names:
            return value
        raise ValueError(value)

    return read


def _patterns(value: object, folder: Path) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError(value)


def _paths(value: object, folder: Path) -> tuple[Path, ...]:
    if isinstance(value, list | tuple):
        return tuple(_path(part, folder) for part in value)
    raise ValueError(value)


# What reads a setting, what it must be, and how it is written.
_SETTINGS: dict[str, tuple[Callable[[object, Path], Any], str, str]] = {
    "base_iri": (_base_iri, "an absolute IRI that ends in / or #", '"https://example.org/kg/"'),
    "output": (_path, "the path of a folder", '"kg-out"'),
    "jobs": (_at_least(0), "a whole number, 0 or more", "4"),
    "exclude": (_patterns, "a list of patterns", '["drafts/", "*.log"]'),
    "fail_on": (_one_of(*get_args(Severity)), "one of " + ", ".join(get_args(Severity)), '"warning"'),
    "select": (_patterns, "a list of codes", '["KG3", "KG106"]'),
    "ignore": (_patterns, "a list of codes", '["KG2xx"]'),
    "engine": (_one_of(*get_args(Engine)), "one of " + ", ".join(get_args(Engine)), '"pyrudof"'),
    "shapes": (_paths, "a list of paths", '["house-rules.ttl"]'),
    "catalog": (_paths, "a list of paths", '["names.csv"]'),
    "decisions": (_path, "the path of a file", f'"{DECISIONS}"'),
    "extractor": (_one_of(*get_args(Extractor)), "one of " + ", ".join(get_args(Extractor)), '"rules+llm"'),
    "llm_url": (_url, "an address that begins with http:// or https://", '"http://127.0.0.1:8080/v1"'),
    "llm_model": (_text, "a model's name", '"qwen3-32b"'),
    _SECRET: (_text, "a key of printable ASCII characters", ""),
    "llm_mode": (_one_of(*get_args(Mode)), "one of " + ", ".join(get_args(Mode)), '"open"'),
    "llm_cache": (_path, "the path of a folder", '"answers"'),
    "llm_chunk": (_at_least(1000), "a whole number of characters, 1000 or more", "48000"),
    "llm_jobs": (_at_least(1), "a whole number, 1 or more", "4"),
    "llm_timeout": (_at_least(1), "a whole number of seconds, 1 or more", "120"),
    "max_requests": (_at_least(0), "a whole number, 0 or more", "1000"),
    "utilisation": (_assumed(1), "three numbers that do not fall, above 0 and up to 1", "[0.2, 0.35, 0.5]"),
    "energy_overhead": (_assumed(100), "three numbers that do not fall, above 0 and up to 100", "[0.8, 1.4, 2.2]"),
}
