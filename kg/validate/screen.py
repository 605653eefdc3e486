"""Units and shapes -> the units in which pyrudof finds fault; pyshacl then says what.

So the results are pyshacl's, whichever engine looks first; what pyrudof would miss is refused before (`subset`). A call costs
some 50 ms, whatever it is about: it pays for one large file, not for many small reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kg.errors import ConfigError, UsageError
from kg.validate.together import Unit, marked, unmarked

if TYPE_CHECKING:
    from kg.validate.shapes import ShapesGraph


def installed() -> None:
    """Raise UsageError when pyrudof is not installed."""
    try:
        import pyrudof  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "pyrudof":
            raise
        raise UsageError("the engine pyrudof is not installed", hint="pip install 'kg[rudof]'") from error


def with_fault(units: Sequence[Unit], shapes: ShapesGraph) -> list[Unit]:
    """Return the units in which something breaks a shape; all of them when pyrudof cannot read them.

    Units of kg's own shapes are looked at together, their nodes marked. Raises ConfigError for shapes that pyrudof refuses.
    """
    if shapes.own and len(units) > 1:
        focus = focus_nodes("".join(marked(units)), shapes)
        if focus is None:
            return list(units)
        numbers = {unmarked(node)[1] for node in focus}
        return [unit for number, unit in enumerate(units) if number in numbers]
    return [unit for unit in units if focus_nodes("".join(f"{triple} .\n" for triple in unit[1]), shapes) != []]


def focus_nodes(data: str, shapes: ShapesGraph) -> list[str] | None:
    """Return the nodes of N-Triples text that break a shape, None when it cannot be read."""
    import pyrudof

    session = _session(shapes)
    session.reset_data()
    try:
        session.read_data(data, pyrudof.RDFFormat.NTriples, reader_mode=pyrudof.ReaderMode.Strict)
        return [f"<{entry.focus_node}>" for entry in session.validate_shacl()]
    except pyrudof.RudofError:
        return None


@lru_cache(maxsize=2)
def _session(shapes: ShapesGraph) -> Any:
    """Return a session that has read the shapes, once per process."""
    import pyrudof

    session = pyrudof.Rudof(pyrudof.RudofConfig())
    try:
        session.read_shacl(shapes.triples, pyrudof.ShaclFormat.NTriples)
    except pyrudof.RudofError as error:
        raise ConfigError(f"pyrudof cannot use the shapes: {error}", hint="use --engine pyshacl") from error
    return session
