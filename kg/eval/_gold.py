"""Annotations -> Gold: what a report says, as people wrote it into `x.json` beside `x.txt` (or `.md`, `.html`, ...)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import InputError, UnknownName, UsageError

if TYPE_CHECKING:
    from kg.schema import Schema

_FORM = 'write {"facts": [{"model": ..., "relation": ..., "value": ..., "stage": ..., "evidence": ...}], "negatives": [...]}'


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a report states; `required` unless it is defensible only, or follows by arithmetic.

    `values` and `models` begin with the canonical spelling, others that are right follow; a model without name is None.
    `stage_stated` is False when only the context tells the stage, so that none is right too.
    """

    relation: str
    values: tuple[str, ...]
    models: tuple[str | None, ...] = (None,)
    stage: str | None = None
    stage_stated: bool = True
    evidence: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class Negative:
    """A tempting wrong reading, and why it is wrong."""

    relation: str
    values: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Gold:
    """The annotations of one document; `stated` are the facts as annotated, `optional` readings come after them in `facts`."""

    path: Path
    facts: tuple[Fact, ...]
    stated: int
    negatives: tuple[Negative, ...]

    @property
    def own(self) -> Sequence[Fact]:
        """Return the facts without the defensible readings that stand apart from them."""
        return self.facts[: self.stated]


def read_gold(folder: Path, schema: Schema) -> dict[str, Gold]:
    """Return the annotations in a folder by the stem of their files, sorted.

    Raises UsageError when there are none, InputError for a file that does not hold annotations.
    """
    if not folder.is_dir():
        what = f"'{folder}' is no folder" if folder.exists() else f"there is no folder '{folder}'"
        raise UsageError(what, hint="give a folder of documents with their gold: x.txt and x.json")
    paths = sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))
    if not paths:
        raise UsageError(
            f"no gold in '{folder}'", hint="beside x.txt must stand x.json with its facts; subfolders are not searched"
        )
    return {path.stem: _gold(path, schema) for path in paths}


def _gold(path: Path, schema: Schema) -> Gold:
    data = _object(path)
    lists = {name: _rows(path, data, name) for name in ("facts", "optional", "negatives")}
    facts = [_fact(path, f"facts[{i}]", row, schema) for i, row in enumerate(lists["facts"])]
    optional = [_fact(path, f"optional[{i}]", {**row, "optional": True}, schema) for i, row in enumerate(lists["optional"])]
    wrong = (_negative(path, f"negatives[{i}]", row, schema) for i, row in enumerate(lists["negatives"]))
    return Gold(path, (*facts, *optional), len(facts), tuple(item for item in wrong if item))


def _object(path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), hint="correct its permissions") from error
    except UnicodeDecodeError as error:
        raise InputError("the gold is not UTF-8", where=str(path), hint="convert it with iconv") from error
    except json.JSONDecodeError as error:
        hint = "mend it, or move it away when it is no gold"
        raise InputError(f"the gold is not JSON: {error.msg}", where=f"{path}:{error.lineno}:{error.colno}", hint=hint) from error
    except RecursionError as error:
        raise InputError("the gold is nested too deeply", where=str(path), hint=_FORM) from error
    if not isinstance(data, dict) or "facts" not in data:
        raise InputError("this is no gold: it has no facts", where=str(path), hint=_FORM)
    return data


def _rows(path: Path, data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = data.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{name} is no list of objects", where=str(path), hint=_FORM)
    return rows


def _fact(path: Path, place: str, row: Mapping[str, Any], schema: Schema) -> Fact:
    where = f"{path}: {place}"
    stage, model = row.get("stage"), row.get("model")
    if stage is not None and stage not in schema.stages:
        raise _unknown(UnknownName("stage", str(stage), schema.stages), where)
    if not isinstance(model, str | None):
        raise InputError("model is neither a name nor null", where=where, hint=_FORM)
    return Fact(
        _relation(where, row, schema),
        _values(where, row),
        (model, *_names(where, row, "model_aliases")) if model is not None else (None,),
        stage,
        row.get("stageExplicit", True) is not False,
        str(row.get("evidence") or ""),
        row.get("explicit", True) is not False and not row.get("optional"),
    )


def _negative(path: Path, place: str, row: Mapping[str, Any], schema: Schema) -> Negative | None:
    """Return a wrong reading, None for one without a relation or a value, which nothing can assert."""
    where = f"{path}: {place}"
    if row.get("relation") is None or row.get("value") is None:
        return None
    return Negative(_relation(where, row, schema), _values(where, row), str(row.get("why") or ""))


def _relation(where: str, row: Mapping[str, Any], schema: Schema) -> str:
    known = [relation.name for relation in schema.relations.values() if relation.origin == "report"]
    name = row.get("relation")
    if name not in known:
        raise _unknown(UnknownName("relation", str(name), known), where)
    return str(name)


def _unknown(error: UnknownName, where: str) -> InputError:
    return InputError(error.what, where=where, hint=error.hint)


def _values(where: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    value = row.get("value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError("value is neither text nor a number", where=where, hint=_FORM)
    return (str(value), *_names(where, row, "aliases"))


def _names(where: str, row: Mapping[str, Any], key: str) -> Iterable[str]:
    names = row.get(key) or ()
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{key} is no list of names", where=where, hint=f'write "{key}": ["...", "..."]')
    return names
