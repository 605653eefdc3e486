"""Units and shapes -> the units in which pyrudof finds fault; pyshacl then says what.

So the results are pyshacl's, whichever engine looks first; what pyrudof would miss is refused before (`subset`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from kg.errors import ConfigError, UsageError
from kg.validate.fewer import fewer
from kg.validate.together import Unit, marked, parted, unmarked

if TYPE_CHECKING:
    from kg.validate.shapes import ShapesGraph

_TOGETHER = 100  # reports: with more of them each takes longer
_FIRST = 25  # reports after which it is known whether most have faults

_used_by: set[int] = set()
"""The process that has validated with pyrudof, if any: its threads do not live on in processes forked from it, where it would wait
for them for ever."""


def installed() -> None:
    """Raise UsageError when pyrudof is not installed."""
    try:
        import pyrudof  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "pyrudof":
            raise
        raise UsageError("the engine pyrudof is not installed", hint="pip install 'kg[rudof]'") from error


def usable(shapes: ShapesGraph) -> bool:
    """Decide whether pyrudof is there and takes the shapes."""
    if find_spec("pyrudof") is None:
        return False
    try:
        return shapes.own or _session(shapes) is not None
    except ConfigError:
        return False


def with_fault(units: Sequence[Unit], shapes: ShapesGraph) -> frozenset[int]:
    """Return the positions of the units in which something breaks a shape, and of those that pyrudof cannot tell of.

    Units of kg's own shapes are looked at together, their nodes marked. Raises ConfigError for shapes that pyrudof refuses.
    """
    together, alone = parted(units) if shapes.own else ([], list(range(len(units))))
    found: set[int] = set()
    for start, end in _cut(len(together)):
        if end > _FIRST and len(found) > start / 2:
            found.update(together[start:])  # most have faults: to look twice at them would take longer
            break
        part = together[start:end]
        focus = focus_nodes("".join(marked([units[number] for number in part])), shapes)
        places = range(len(part)) if focus is None else {unmarked(node)[1] for node in focus}
        found.update(part[place] for place in places if place is not None)
    for number in alone:
        if focus_nodes("".join(f"{triple} .\n" for triple in units[number][1]), shapes) != []:
            found.add(number)
    return frozenset(found)


def _cut(number: int) -> Iterator[tuple[int, int]]:
    """Yield where the parts of so many units begin and end; the first is small."""
    start = 0
    while start < number:
        end = min(start + (_TOGETHER if start else _FIRST), number)
        yield start, end
        start = end


def focus_nodes(data: str, shapes: ShapesGraph) -> list[str] | None:
    """Return the nodes of N-Triples text that break a shape, None when pyrudof cannot tell."""
    import pyrudof

    session = _session(shapes)
    if _used_by and os.getpid() not in _used_by:
        return None
    _used_by.add(os.getpid())
    # Data that is taken back: to clear the session and read anew would cost 50 ms every time.
    session.begin_staging()
    try:
        session.read_data(data, pyrudof.RDFFormat.NTriples, reader_mode=pyrudof.ReaderMode.Strict, merge=True)
        return [f"<{entry.focus_node}>" for entry in session.validate_shacl()]
    except pyrudof.RudofError:
        return None
    finally:
        session.rollback_staging()


@lru_cache(maxsize=2)
def _session(shapes: ShapesGraph) -> Any:
    """Return a session that has read the shapes, once per process."""
    os.environ.setdefault("RAYON_NUM_THREADS", "1")  # there is a process for each core
    import pyrudof

    session = pyrudof.Rudof(pyrudof.RudofConfig())
    try:
        session.read_shacl(fewer(shapes.triples) if shapes.own else shapes.triples, pyrudof.ShaclFormat.NTriples)
    except pyrudof.RudofError as error:
        raise ConfigError(f"pyrudof cannot use the shapes: {error}", hint="use --engine pyshacl") from error
    session.read_data("# nothing\n", pyrudof.RDFFormat.NTriples)
    return session
