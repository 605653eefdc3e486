"""What pyshacl and pyrudof are known to agree on, and what of a shapes graph is beyond it.

pyrudof 0.3 says nothing about what it does not see. Left out is what it was seen to miss when both were given the same shapes and
values: queries, ill-formed dates, bounds and comparisons that are not of numbers, shapes applied to literals, paths within paths,
negations of what it is too strict about, flags in other writings, classes that are shapes too, patterns that Rust reads otherwise.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from kg.terms import OWL, RDF, SH, TYPE, XSD
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

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_FLAGS = frozenset({"deactivated", "closed", "uniqueLang"})

_WHY = {
    "datatype": "it does not see that a value of this datatype is ill-formed",
    "pattern": "the two engines read this expression differently",
    "flags": "the two engines read flags other than i differently",
    "property": "it passes over literals that a shape is applied to",
    "targetNode": "it passes over literals that a shape is applied to",
    "targetObjectsOf": "it passes over literals that a shape is applied to",
    "languageIn": "it knows only whole language tags",
    **dict.fromkeys(_FLAGS, "it takes it for true, and SHACL only the word true"),
    **dict.fromkeys(PATHS, "it loses its way in paths within paths"),
    "path": "it loses its way in paths within paths",
}
_BOUND = "it compares only numbers"
_UNKNOWN = "it is not among what both engines agree on"
_CLASS = "to it only an rdfs:Class that is a shape is also the shape's target"

Rows = Mapping[str, Sequence[tuple[str, str]]]


def beyond_both(shapes: str) -> Iterator[tuple[str, str, str]]:
    """Yield (construct, shape, why) of what is beyond the agreement, in the order of the triples."""
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subject, predicate, value in triples(shapes):
        rows[subject].append((predicate, value))
    for subject, said in rows.items():
        if (TYPE, f"<{OWL}Class>") in said and any(SH in term for entry in said for term in entry):
            yield "owl:Class", subject, _CLASS
        for predicate, value in said:
            name = lexical(predicate).removeprefix(SH)
            if predicate != f"<{SH}{name}>":
                continue
            if name not in AGREED:
                yield f"sh:{name}", subject, _UNKNOWN
            elif not _agreed(name, value, subject, rows):
                yield f"sh:{name} {_short(value)}", subject, _WHY.get(name, _BOUND)


def _agreed(name: str, value: str, subject: str, rows: Rows) -> bool:
    if name in _BOUNDS:
        return value.endswith(_NUMBERS)
    if name in _FLAGS:
        return value in {f'"true"^^<{XSD}boolean>', f'"false"^^<{XSD}boolean>'}
    text = lexical(value)
    known: dict[str, Callable[[], bool]] = {
        "datatype": lambda: text in DATATYPES,
        "pattern": lambda: _PATTERN.fullmatch(text) is not None,
        "flags": lambda: text == "i",
        "property": lambda: all(predicate != f"<{SH}path>" for predicate, _ in rows[subject]),
        "targetNode": lambda: value.startswith("<"),
        "targetObjectsOf": lambda: False,
        "languageIn": lambda: all(_LANGUAGE.fullmatch(lexical(tag)) for tag in _members(value, rows)),
        **dict.fromkeys(PATHS, lambda: value.startswith("<")),
        "alternativePath": lambda: all(part.startswith("<") for part in _members(value, rows)),
        "path": lambda: all(part.startswith("<") for part in _members(value, rows)),
    }
    return known[name]() if name in known else True


def _members(term: str, rows: Rows) -> Iterator[str]:
    """Yield the members of a list, none of what is no list; lists that have no end are refused before."""
    said = dict(rows.get(term, ()))
    while first := said.get(f"<{RDF}first>"):
        yield first
        said = dict(rows.get(said.get(f"<{RDF}rest>", ""), ()))


def _short(value: str) -> str:
    return lexical(value).replace(XSD, "xsd:") if not value.startswith("_:") else "[…]"
