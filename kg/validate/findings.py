"""SHACL results of a report -> findings in plain words, with the spans of the claims that carry the values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from sys import maxsize
from typing import get_args

from kg.model import Finding, Label, Severity
from kg.terms import KG, LABEL, OA, RDF, SH, XSD
from kg.validate.check import Result
from kg.validate.rdf import lexical, parts
from kg.validate.shapes import About, ShapesGraph, shapes_by_term

OTHER_CODE = "KG100"
"""Code of results of a user's shape that names none."""

WRONG_TYPE = "KG101"
SEVERAL_VALUES = "KG103"
CONTRADICTION = "KG108"

_BOTH_STAY = "every value stays in the graph; kg does not choose"
_NO_CODE = About(None, None)

_OTHER_LANGUAGE = re.compile(r'"@(?!en(-[^"]*)?$)[^"]*$')

Values = Mapping[tuple[str, str], Sequence[str]]


def findings(
    report: str, results: Iterable[Result], facts: Iterable[str], evidence: Iterable[str], shapes: ShapesGraph
) -> list[Finding]:
    """Return the sorted findings of a report; `facts` and `evidence` are its triples without full stop.

    Of several results about one value the first code explains the others: what is no number is not also too small.
    """
    values, spans = _values(facts), _spans(evidence)
    words = _Words(values, spans, report)
    known = shapes_by_term(shapes)
    coded = sorted(
        ((known.get(result.shape, _NO_CODE).code or OTHER_CODE, result) for result in set(results)), key=_code_last_is_other
    )
    seen: set[tuple[str, str, str]] = set()
    found: dict[tuple[str, str, str, str], Finding] = {}
    for code, result in coded:
        compared = known.get(result.shape, _NO_CODE).compared
        if _explained(result, seen, values.get((result.focus, compared or ""), ()), compared):
            continue
        if result.value and code != OTHER_CODE:
            seen.add((result.focus, result.path, result.value))
        found.setdefault((code, result.focus, result.shape, result.value), words.finding(code, result, compared))
    return sorted(found.values(), key=Finding.sort_key)


def _code_last_is_other(entry: tuple[str, Result]) -> tuple[bool, str, Result]:
    return entry[0] == OTHER_CODE, *entry


def _explained(result: Result, seen: set[tuple[str, str, str]], others: Iterable[str], compared: str | None) -> bool:
    """Return whether an earlier finding is about the value, or about all that it is compared with."""
    if not result.value:
        return False
    if (result.focus, result.path, result.value) in seen:
        return True
    judged = [(result.focus, compared or "", other) in seen for other in others]
    return bool(judged) and all(judged)


def _values(facts: Iterable[str]) -> Values:
    values: dict[tuple[str, str], list[str]] = defaultdict(list)
    for subject, predicate, value in map(parts, facts):
        values[subject, predicate].append(value)
    return {key: sorted(entries, key=_by_size) if len(entries) > 1 else entries for key, entries in values.items()}


def _owners(values: Values) -> dict[str, tuple[str, str]]:
    """Return, for each thing, the label of its first owner that has one, and the predicate between the two."""
    owners: dict[str, tuple[str, str]] = {}
    for (owner, predicate), things in sorted(values.items()):
        if labels := values.get((owner, LABEL)):
            for thing in things:
                owners.setdefault(thing, (labels[0], predicate))
    return owners


def _spans(evidence: Iterable[str]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Return the first place of each fact that a claim carries."""
    nodes: dict[str, dict[str, str]] = defaultdict(dict)
    wanted = tuple(f"<{iri}>" for iri in (f"{RDF}subject", f"{RDF}predicate", f"{RDF}object", f"{OA}start", f"{OA}end"))
    for subject, predicate, value in (parts(triple) for triple in evidence if triple.split(" ", 2)[1] in wanted):
        nodes[subject][predicate] = value
    spans: dict[tuple[str, str, str], tuple[int, int]] = {}
    for node in nodes.values():
        subject, predicate, value, start, end = (node[name] for name in wanted)
        span = int(lexical(start)), int(lexical(end))
        spans[subject, predicate, value] = min(spans.get((subject, predicate, value), span), span)
    return spans


def _by_size(term: str) -> tuple[Decimal, str]:
    number = _number(lexical(term))
    return number or Decimal(0), term


class _Words:
    """Says what a result means with the labels, values and spans of one report."""

    __slots__ = ("owners", "report", "spans", "values")

    def __init__(self, values: Values, spans: Mapping[tuple[str, str, str], tuple[int, int]], report: str) -> None:
        self.values = values
        self.owners = _owners(values)
        self.spans = spans
        self.report = report

    def finding(self, code: str, result: Result, compared: str | None) -> Finding:
        facts = list(self._facts(code, result, compared))
        if code == SEVERAL_VALUES:
            facts.sort(key=lambda fact: self.spans.get((result.focus, *fact), (maxsize, maxsize)))
        labels = tuple(
            Label(self.report, *self.spans[result.focus, path, value], f"{_relation(path)} {self._name(value)}")
            for path, value in facts
            if (result.focus, path, value) in self.spans
        )
        relation = lexical(result.path).removeprefix(KG) if result.path.startswith(f"<{KG}") else None
        message = _message(result.messages) or _component(result)
        message = f"{self._name(result.focus)}: {message}{self._values_named(code, message, facts)}"
        return Finding(
            code, _severity(result), message, labels, self._notes(code, facts), self.report, lexical(result.focus), relation
        )

    def _facts(self, code: str, result: Result, compared: str | None) -> Iterator[tuple[str, str]]:
        """Yield (predicate, value) of what the result is about, the value that is wrong first."""
        if result.value:
            yield result.path, result.value
        elif code == SEVERAL_VALUES:
            yield from ((result.path, value) for value in self.values.get((result.focus, result.path), ()))
        if compared:
            others = self.values.get((result.focus, compared), ())
            smaller = [other for other in others if _by_size(other) < _by_size(result.value)]
            yield from ((compared, other) for other in smaller or others)

    def _values_named(self, code: str, message: str, facts: Sequence[tuple[str, str]]) -> str:
        named = [self._name(value) for _, value in facts]
        if not named:
            return ""
        if len(named) > 1 or " must " not in message:
            return f" ({', '.join(named)})"
        value = named[0] if _number(named[0]) is not None or facts[0][1].startswith("<") else repr(named[0])
        return f", not {value}" + (f" ({_datatype(facts[0][1])})" if code == WRONG_TYPE else "")

    def _notes(self, code: str, facts: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        return (_BOTH_STAY,) if code in {SEVERAL_VALUES, CONTRADICTION} and len(facts) > 1 else ()

    def _name(self, term: str) -> str:
        """Return a literal's text, or the label of a thing, or that of its owner, or the end of its IRI."""
        if term.startswith('"'):
            return lexical(term)
        if labels := self.values.get((term, LABEL)):
            return lexical(labels[0])
        if owner := self.owners.get(term):
            label, predicate = owner
            return f"{lexical(label)}, {_relation(predicate)}"
        return re.sub(r".*?([^/#]+/[^/#]+|[^/#]+)$", r"\1", lexical(term))


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _datatype(term: str) -> str:
    """Return the datatype of a term as a prefixed name, or what else it is.

    >>> _datatype('"7"'), _datatype("<a:b>")
    ('xsd:string', 'no literal')
    """
    if not term.startswith('"'):
        return "no literal"
    match = re.search(r'"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)$', term)
    if not match:
        return "xsd:string"
    return f"@{match[1]}" if match[1] else match[2].replace(XSD, "xsd:")


def _relation(path: str) -> str:
    """Return a relation's name as words.

    >>> _relation("<https://w3id.org/kg/ontology#acceleratorCount>")
    'accelerator count'
    """
    name = re.split(r"[/#]", lexical(path))[-1]
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: " " + match[1].lower(), name)


def _message(messages: Iterable[str]) -> str:
    """Return what a shape says; of several languages English, or what is in none.

    >>> _message(['"zu viel"@de', '"too much"@en'])
    'too much'
    """
    plain = [message for message in messages if not _OTHER_LANGUAGE.search(message)]
    return "; ".join(map(lexical, plain or messages))


def _component(result: Result) -> str:
    return f"breaks {lexical(result.component).removeprefix(SH).removesuffix('ConstraintComponent')} of {lexical(result.shape)}"


def _severity(result: Result) -> Severity:
    name = lexical(result.severity).removeprefix(SH).lower()
    return next((severity for severity in get_args(Severity) if severity == name), "violation")
