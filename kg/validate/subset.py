"""What pyshacl and pyrudof are known to agree on, and what of a shapes graph is beyond it.

pyrudof 0.3 says nothing about what it does not see. Left out is what it was seen to miss when both were given the same shapes and
values: queries, ill-formed dates, bounds and comparisons that are not of numbers, shapes applied to literals, negations
of what it is too strict about, and patterns that Rust reads otherwise than Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.terms import RDF, SH, XSD
from kg.validate.rdf import lexical, triples
from kg.validate.reading import PATHS, TARGETS

_BOUNDS = frozenset({"minInclusive", "maxInclusive", "minExclusive", "maxExclusive"})
_SAID = frozenset({"name", "description", "order", "group", "defaultValue", "message", "severity", "deactivated", "flags"})
_PLAIN = frozenset(
    {
        *("class", "nodeKind", "in", "hasValue", "minCount", "maxCount", "minLength", "maxLength", "languageIn", "uniqueLang"),
        *("equals", "disjoint", "closed", "ignoredProperties", "path", "property", "datatype", "pattern"),
    }
)
_OF_REPORTS = frozenset(
    {
        *("conforms", "result", "detail", "focusNode", "value", "resultPath", "resultSeverity", "resultMessage"),
        *("sourceShape", "sourceConstraint", "sourceConstraintComponent", "shapesGraph"),
    }
)
AGREED = frozenset({*_BOUNDS, *_SAID, *_PLAIN, *TARGETS, *PATHS, *_OF_REPORTS})
"""Local names of what a shape may say."""

DATATYPES = frozenset(
    {f"{XSD}{name}" for name in ("string", "integer", "decimal", "double", "float", "boolean", "anyURI")} | {f"{RDF}langString"}
)
"""Datatypes whose ill-formed literals both engines see."""

_NUMBERS = tuple(f"^^<{XSD}{name}>" for name in ("integer", "decimal", "double"))
# No look-around, no possessive repetition; classes do not nest and are not combined; of the escapes those that mean the same.
_PATTERN = re.compile(
    r"""(?!.*[*+?}]\+) (?: [^\\\[\](] | \((?!\?) | \\[dtrn.^$*+?()\[\]{}|/\\-]
        | \[ \^? (?: [^\\\[\]&~-] | \\[dtrn\]\[\\.-] | -(?!-) )* \] )*""",
    re.VERBOSE | re.DOTALL,
)

_WHY = {
    "datatype": "it does not see that a value of this datatype is ill-formed",
    "pattern": "the two engines read this expression differently",
    "flags": "the two engines read flags other than i differently",
    "property": "it passes over literals that a shape is applied to",
}
_BOUND = "it compares only numbers"
_UNKNOWN = "it is not among what both engines agree on"


def beyond_both(shapes: str) -> Iterator[tuple[str, str, str]]:
    """Yield (construct, shape, why) of what is beyond the agreement, in the order of the triples."""
    rows = list(triples(shapes))
    with_path = {subject for subject, predicate, _ in rows if predicate == f"<{SH}path>"}
    for subject, predicate, value in rows:
        name = lexical(predicate).removeprefix(SH)
        if predicate != f"<{SH}{name}>":
            continue
        if name not in AGREED:
            yield f"sh:{name}", subject, _UNKNOWN
        elif not _agreed(name, value, subject in with_path):
            yield f"sh:{name} {_short(value)}", subject, _WHY.get(name, _BOUND)


def _agreed(name: str, value: str, of_property: bool) -> bool:
    if name == "datatype":
        return lexical(value) in DATATYPES
    if name in _BOUNDS:
        return value.endswith(_NUMBERS)
    if name == "pattern":
        return _PATTERN.fullmatch(lexical(value)) is not None
    if name == "flags":
        return lexical(value) == "i"
    return name != "property" or not of_property


def _short(value: str) -> str:
    return lexical(value).replace(XSD, "xsd:") if not value.startswith("_:") else "[…]"
