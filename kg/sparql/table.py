"""Rows -> a table to read: aligned by display width, IRIs as prefixed names, long cells cut to the terminal.

Text from reports is shown without its control characters, so that no report can move the cursor of whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from kg.terms import XSD

_NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
_GAP = "  "
_NARROWEST = 8  # columns that every cell keeps when a table is cut


def table(answer: ox.QuerySolutions, prefixes: Mapping[str, str], width: int | None = None) -> str:
    """Return rows as lines of text under their names; numbers stand at the right, an unbound cell is empty."""
    names = [variable.value for variable in answer.variables]
    if not names:
        return f"{sum(1 for _ in answer)} rows without columns\n"
    rows = [[row[name] for name in names] for row in answer]
    cells = [[shown(term, prefixes) for term in row] for row in rows]
    right = [any(row[i] is not None for row in rows) and all(_is_number(row[i]) for row in rows) for i in range(len(names))]
    widths = _widths([names, *cells], width)
    lines = [names, ["─" * size for size in widths], *cells]
    return "".join(_line(line, widths, right) for line in lines)


def shown(term: object, prefixes: Mapping[str, str]) -> str:
    """Return a term as a reader wants it: a prefixed name, or the text of a literal on one line."""
    if isinstance(term, ox.NamedNode):
        return _plain(short(term.value, prefixes))
    return _plain(term.value if isinstance(term, ox.Literal) else "" if term is None else str(term))


def short(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return an IRI by the prefix of the longest namespace that it begins with.

    >>> short("https://example.org/a/b", {"x": "https://example.org/", "y": "https://example.org/a/"})
    'y:b'
    """
    fitting = [(len(namespace), prefix) for prefix, namespace in prefixes.items() if iri.startswith(namespace)]
    if not fitting:
        return iri
    length, prefix = max(fitting)
    return f"{prefix}:{iri[length:]}"


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _is_number(term: object) -> bool:
    return term is None or (isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS)


def _widths(lines: Sequence[Sequence[str]], width: int | None) -> list[int]:
    """Return the width of each column, the widest ones cut alike until a line fits."""
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(*lines, strict=True)]
    if width is None:
        return widths
    room = width - len(_GAP) * (len(widths) - 1)
    fitting = [limit for limit in range(_NARROWEST, width + 1) if sum(min(size, limit) for size in widths) <= room]
    return [min(size, max(fitting, default=_NARROWEST)) for size in widths]


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    from rich.cells import cell_len, set_cell_size

    shown = []
    for cell, size, at_right in zip(cells, widths, right, strict=True):
        if cell_len(cell) > size:
            shown.append(set_cell_size(cell, size - 1) + "…")
        else:
            space = " " * (size - cell_len(cell))
            shown.append(space + cell if at_right else cell + space)
    return _GAP.join(shown).rstrip() + "\n"
