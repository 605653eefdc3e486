"""An answer -> JSON values bounded in number and size, with a text of the same: what can be taken in at once.

Nothing is left out unseen: `truncated` is true and `note` says what is missing when the answer is longer than its bounds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import pyoxigraph as ox

from kg.sparql.formats import FORMATS, Layout, kind_of, value_of, write
from kg.sparql.table import shown
from kg.sparql.text import Answer

COMPACT = "compact"
"""The format of the text unless another one is asked for: a line for each row below the columns' names, IRIs as prefixed names.

Cells are separated by tabs: a cell holds no tab and no line break, they are shown as spaces.
"""

Cite = Callable[[Mapping[str, object]], Sequence[Mapping[str, Any]]]
"""Returns what a row of terms by column states, as JSON values."""

_LEAST = 20  # characters that every cell keeps
_AROUND = 8  # characters of JSON around a cell, about
_MARK = "…"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of an answer is given: rows (or triples), characters of all of it, characters of one cell."""

    rows: int = 100
    characters: int = 40_000
    cell: int = 2_000


@dataclass(frozen=True, slots=True)
class _Taken:
    """The rows that were taken, whether there are more, and how many cells were cut."""

    rows: list[list[object]]
    more: bool = False
    cut: int = 0


def bounded(answer: Answer, format: str | None, layout: Layout, bounds: Bounds, cite: Cite | None = None) -> dict[str, Any]:
    """Return an answer as JSON values with a text in a format (None: the compact one), bounded; rows with what they state.

    Raise UnknownName or UsageError for a format that the answer cannot be had in.
    """
    if isinstance(answer, ox.QuerySolutions):
        return _rows(answer, format, layout, bounds, cite)
    if isinstance(answer, ox.QueryTriples):
        return _graph(answer, format, layout, bounds)
    truth = bool(answer)
    text = "yes\n" if truth else "no\n"
    text = text if format in {None, COMPACT} else write(answer, format, layout).decode()
    return {"form": "truth", "truth": truth, "truncated": False, "text": text}


def _rows(answer: ox.QuerySolutions, format: str | None, layout: Layout, bounds: Bounds, cite: Cite | None) -> dict[str, Any]:
    columns = [variable.value for variable in answer.variables]
    _check(answer, format, columns, layout)
    taken = _take(answer, len(columns), bounds)
    found: dict[str, Any] = {
        "form": "rows",
        "columns": columns,
        "rows": [dict(zip(columns, map(value_of, row), strict=True)) for row in taken.rows],
        "truncated": taken.more or taken.cut > 0,
    }
    if found["truncated"]:
        found["note"] = _note(taken, "rows")
    if cite:
        found["evidence"] = [list(cite(dict(zip(columns, row, strict=True)))) for row in taken.rows]
    found["text"] = _text(columns, taken.rows, format, layout)
    return found


def _check(answer: Answer, format: str | None, columns: Sequence[str], layout: Layout) -> None:
    """Raise UnknownName or UsageError before anything is evaluated."""
    if format not in {None, COMPACT} and not (format in FORMATS and kind_of(answer) in FORMATS[format].kinds):
        write(_solutions(columns, []) if isinstance(answer, ox.QuerySolutions) else answer, format, layout)


def _take(answer: ox.QuerySolutions, width: int, bounds: Bounds) -> _Taken:
    """Take rows as long as they are within the bounds; the first one always, its cells cut."""
    longest = max(_LEAST, min(bounds.cell, bounds.characters // max(width, 1)))
    taken: list[list[object]] = []
    size = cut = 0
    for row in answer:
        terms = list(row)
        cells = [_cut(term, longest) for term in terms]
        size += sum(len(str(getattr(cell, "value", cell))) + _AROUND for cell in cells)
        if len(taken) >= bounds.rows or (taken and size > bounds.characters):
            return _Taken(taken, True, cut)
        cut += sum(cell is not term for cell, term in zip(cells, terms, strict=True))
        taken.append(cells)
    return _Taken(taken, False, cut)


def _cut(term: Any, longest: int) -> Any:
    """Return a term, or the beginning of a literal that is too long."""
    if isinstance(term, ox.Literal) and len(term.value) > longest:
        return ox.Literal(f"{term.value[:longest]}{_MARK}")
    return term


def _note(taken: _Taken, what: str) -> str:
    parts = []
    if taken.more:
        parts.append(f"only the first {len(taken.rows):,} {what} are here and there are more: raise limit, or ask for less")
    if taken.cut:
        parts.append(f"{taken.cut:,} long cells are cut, at {_MARK}: select SUBSTR(?x, start, length) of them")
    return "; ".join(parts)


def _text(columns: Sequence[str], rows: Sequence[Sequence[object]], format: str | None, layout: Layout) -> str:
    if format in {None, COMPACT}:
        lines = [columns, *([shown(term, layout.prefixes) for term in row] for row in rows)]
        return "".join("\t".join(cells) + "\n" for cells in lines)
    return write(_solutions(columns, rows), format, layout).decode("utf-8", "backslashreplace")


def _solutions(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> ox.QuerySolutions:
    """Return rows as the store's own kind of answer, which every format is written from."""
    bindings = [{name: _binding(term) for name, term in zip(columns, row, strict=True) if term is not None} for row in rows]
    document = {"head": {"vars": list(columns)}, "results": {"bindings": bindings}}
    found = ox.parse_query_results(json.dumps(document).encode(), ox.QueryResultsFormat.JSON)
    if not isinstance(found, ox.QuerySolutions):
        raise TypeError("rows were written, and no rows are read")
    return found


def _binding(term: object) -> dict[str, Any]:
    """Return a term as SPARQL's JSON writes it."""
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _binding(part) for name, part in parts.items()}}
    if isinstance(term, ox.Literal):
        kind = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
        return {"type": "literal", "value": term.value, **kind}
    return {"type": "bnode" if isinstance(term, ox.BlankNode) else "uri", "value": str(getattr(term, "value", term))}


def _graph(answer: ox.QueryTriples, format: str | None, layout: Layout, bounds: Bounds) -> dict[str, Any]:
    """Return a graph as its sorted triples, in Turtle by default."""
    name = "turtle" if format in {None, COMPACT} else format
    _check(answer, name, (), layout)
    triples = list(islice(answer, bounds.rows + 1))
    taken = _Taken([], len(triples) > bounds.rows)
    lines: list[ox.Triple] = []
    size = 0
    for triple in triples[: bounds.rows]:
        kept = ox.Triple(triple.subject, triple.predicate, _cut(triple.object, bounds.cell))
        size += len(str(kept))
        if lines and size > bounds.characters:
            taken = replace(taken, more=True)
            break
        taken = replace(taken, cut=taken.cut + (kept != triple))
        lines.append(kept)
    syntax = ox.RdfFormat.from_media_type(str(FORMATS[str(name)].media_type))
    written = sorted(set(map(str, lines)))
    used = {prefix: iri for prefix, iri in layout.prefixes.items() if any(f"<{iri}" in line for line in written)}
    content = ox.serialize(sorted(set(lines), key=str), format=syntax, prefixes=used) or b""
    found: dict[str, Any] = {"form": "graph", "triples": len(lines), "truncated": taken.more or taken.cut > 0}
    if found["truncated"]:
        found["note"] = _note(replace(taken, rows=[[]] * len(lines)), "triples")
    return {**found, "text": content.decode("utf-8", "backslashreplace")}
