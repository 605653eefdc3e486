"""Decisions -> kg-decisions.toml: new ones are added at its end, others taken out; the rest of it stays as people wrote it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.decisions._entry import Decision, Decisions, OfClaim, OfNames, Statement
from kg.decisions._read import headers, parsed, text_of
from kg.decisions._text import hash_of
from kg.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from kg.schema import Schema

HEAD = """\
# What people decided about the claims of kg build, which applies it: see kg review --help.
# A decision holds as long as its quote stands in the report. Lines may be edited by hand; a quote with its hash, not.
"""


def written(decisions: Iterable[Decision]) -> str:
    """Return decisions as text, each after an empty line."""
    return "".join(f"\n[[decision]]\n{''.join(f'{line}{chr(10)}' for line in _lines(decision))}" for decision in decisions)


def add(path: Path, new: Sequence[Decision], schema: Schema) -> Decisions:
    """Write more decisions at the end of a file, made when it is missing, and return all; raise ConfigError or OutputError."""
    text = with_added(text_of(path) if path.exists() else "", new)
    decisions = parsed(text, path, schema)
    write(path, text)
    return decisions


def remove(path: Path, decisions: Decisions, gone: Iterable[Decision]) -> None:
    """Take decisions out of their file; raise ConfigError or OutputError."""
    write(path, without(text_of(path), decisions, gone))


def with_added(text: str, new: Iterable[Decision]) -> str:
    """Return the text of a file with more decisions at its end."""
    old = text if text.strip() else HEAD
    return f"{old}{'' if old.endswith(chr(10)) else chr(10)}{written(new)}"


def without(text: str, decisions: Decisions, gone: Iterable[Decision]) -> str:
    """Return the text of a file without some of its decisions; raise ConfigError when it is written in another way than kg's."""
    starts = headers(text, len(decisions.every))
    if not starts:
        hint = "write each decision below a line [[decision]], or take it out by hand"
        raise ConfigError("where the decisions begin cannot be told", where=str(decisions.file), hint=hint)
    begins = [_with_remarks(text, start) for start in starts]
    ends = [*begins[1:], len(text)]
    lost = {id(decision) for decision in gone}
    kept = [text[: begins[0]]]
    kept += [text[b:e] for decision, b, e in zip(decisions.every, begins, ends, strict=True) if id(decision) not in lost]
    return "".join(kept).rstrip("\n") + "\n"


def write(path: Path, text: str) -> None:
    """Write a file of decisions whole or not at all; raise OutputError."""
    target = Path(os.path.realpath(path))
    new = target.with_name(f".new-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            new.write_text(text, encoding="utf-8", newline="\n")
            if target.exists():
                new.chmod(target.stat().st_mode & 0o777)
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        hint = "make it and its folder writable"
        raise OutputError(f"the decisions cannot be written: {error.strerror}", where=str(path), hint=hint) from error


def _with_remarks(text: str, start: int) -> int:
    """Return where the remarks right above a decision begin: they belong to it."""
    while start:
        line = text.rfind("\n", 0, start - 1) + 1
        if not text[line:start].lstrip().startswith("#"):
            break
        start = line
    return start


def _lines(decision: Decision) -> Iterator[str]:
    yield f"do = {_text(decision.do)}"
    yield from _of_names(decision) if isinstance(decision, OfNames) else _of_claim(decision)
    for name, value in (("note", decision.note), ("by", decision.by)):
        if value:
            yield f"{name} = {_text(value)}"


def _of_names(decision: OfNames) -> Iterator[str]:
    yield f"kind = {_text(decision.kind)}"
    yield f"names = [{', '.join(map(_text, decision.names))}]"


def _of_claim(decision: OfClaim) -> Iterator[str]:
    said, quote = decision.said, decision.quote
    yield f"report = {_text(decision.report)}"
    for name, value in _named(said):
        if value is not None:
            yield f"{name} = {_text(value)}"
    if said.approximate:
        yield "approximate = true"
    if decision.to:
        changes = ((name, new) for (name, new), (_, old) in zip(_named(decision.to), _named(said), strict=True) if new != old)
        inside = ", ".join(f"{name} = {_text(value or '')}" for name, value in changes if name != "valueMax" or value)
        yield f"to = {{ {inside} }}"
    yield f"mention = {_text(quote.mention)}"
    for name, number in (("occurrence", quote.occurrence), ("times", quote.times)):
        if number > 1 or (name == "occurrence" and quote.words.find(quote.mention, quote.offset + 1) >= 0):
            yield f"{name} = {number}"
    yield f"quote = {_text(quote.words)}"
    yield f"hash = {_text(hash_of(quote.words))}"
    for name, beside in (("before", quote.before), ("after", quote.after)):
        if beside:
            yield f"{name} = {_text(beside)}"


def _named(said: Statement) -> tuple[tuple[str, str | None], ...]:
    names = ("model", "relation", "value", "stage", "unit", "valueMax")
    return tuple(zip(names, (said.model, said.relation, said.value, said.stage, said.unit, said.value_max), strict=True))


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
