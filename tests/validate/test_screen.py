"""pyrudof as the first to look: it must never miss what pyshacl finds, in all that a shape may say with it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.checks import check_file
from kg.config import Config
from kg.errors import ConfigError, UsageError
from kg.terms import OWL, RDF, RDFS, SH, XSD
from kg.validate import load_shapes, validate
from kg.validate.check import check
from kg.validate.screen import focus_nodes, with_fault
from kg.validate.shapes import ShapesGraph
from kg.validate.subset import AGREED, beyond_both
from tests.validate.case_graphs import Report, cases, good, triples
from tests.validate.test_rules import broken_core
from tests.validate.test_shapes import written
from tests.validate.w3c import FOLDER
from tests.validate.w3c import cases as w3c_cases

_PREFIXES = {"sh": SH, "xsd": XSD, "rdf": RDF, "rdfs": RDFS, "e": "http://example.org/"}
HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in _PREFIXES.items())
NUMBERS = [
    "1",
    "0",
    "-1",
    "01",
    "1.0",
    "1.50",
    "1e0",
    "123456789012345678901234567890",
    '"+1"^^xsd:integer',
    '"2"^^xsd:nonNegativeInteger',
]
DOUBLES = [f'"{text}"^^xsd:double' for text in ("INF", "-INF", "NaN", "1e400", "1,5", "")]
ILL_FORMED = [f'"x"^^xsd:{name}' for name in ("integer", "decimal", "double", "boolean", "gYear", "duration", "date", "dateTime")]
TIMES = [
    '"2023"^^xsd:gYear',
    '"2023-01-01"^^xsd:date',
    '"2023-01-01T00:00:00Z"^^xsd:dateTime',
    '"P1D"^^xsd:duration',
    '"P3W"^^xsd:duration',
]
TEXTS = [
    '""',
    '"a"',
    '"abc"',
    '"A b"',
    '"a\\n"',
    '"line\\nbreak"',
    '"ünï🦜"',
    '"a"@en',
    '"a"@en-GB',
    '"a"@de',
    '"1"',
    '"http://x"^^xsd:anyURI',
]
OTHERS = ["true", '"1"^^xsd:boolean', '"TRUE"^^xsd:boolean', '"x"^^e:datatype', "e:a", "e:c", "[]", '" 1 "^^xsd:integer']
VALUES = [*NUMBERS, *DOUBLES, *ILL_FORMED, *TIMES, *TEXTS, *OTHERS]

SAID = [
    *(f"sh:datatype {name}" for name in ("xsd:string", "xsd:integer", "xsd:decimal", "xsd:double", "xsd:float", "xsd:boolean")),
    *("sh:datatype xsd:anyURI", "sh:datatype rdf:langString"),
    *(
        f"sh:{bound} {number}"
        for bound in ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
        for number in ("1", "0.5", "1e0")
    ),
    *("sh:minLength 1", "sh:minLength 2", "sh:maxLength 0", "sh:maxLength 1", "sh:maxLength 4"),
    *(
        'sh:pattern "^a"',
        'sh:pattern "^A" ; sh:flags "i"',
        'sh:pattern "\\\\d"',
        'sh:pattern "."',
        'sh:pattern "[^ab]"',
        'sh:pattern "b$"',
    ),
    *(
        'sh:pattern "^(a|b)*$"',
        'sh:pattern "^[a-c]{1,3}$"',
        'sh:languageIn ("en")',
        'sh:languageIn ("en-GB" "de")',
        "sh:uniqueLang true",
    ),
    *(f"sh:nodeKind sh:{kind}" for kind in ("IRI", "Literal", "BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")),
    *("sh:class e:C", 'sh:in (1 "a" e:a 1.0 true)', 'sh:in ("a"@en)', "sh:hasValue 1", 'sh:hasValue "a"', "sh:hasValue e:a"),
    *("sh:minCount 1", "sh:minCount 2", "sh:maxCount 0", "sh:maxCount 1", "sh:equals e:q", "sh:disjoint e:q"),
]
PATHS = [
    "e:p",
    "[ sh:inversePath e:r ]",
    "( e:s e:p )",
    "[ sh:alternativePath ( e:p e:q ) ]",
    "[ sh:zeroOrOnePath e:p ]",
    "[ sh:oneOrMorePath e:p ]",
    "[ sh:zeroOrMorePath e:s ]",
]
WHOLE = [
    "e:P a sh:PropertyShape ; sh:targetClass e:T ; sh:path e:p ; sh:datatype xsd:integer .",
    "e:P sh:targetClass e:T ; sh:path e:p ; sh:maxCount 0 .",
    "e:T a sh:NodeShape, rdfs:Class ; sh:property [ sh:path e:p ; sh:maxCount 0 ] .",
    "e:S a sh:NodeShape ; sh:targetClass e:Above ; sh:nodeKind sh:BlankNode . e:T rdfs:subClassOf e:Above .",
    "e:S a sh:NodeShape ; sh:targetNode e:absent ; sh:property [ sh:path e:p ; sh:minCount 1 ] .",
    "e:S a sh:NodeShape ; sh:targetClass e:T ; sh:property [ sh:path e:p ; sh:class e:C, e:D ; sh:disjoint e:q, e:s ] .",
    "e:P a sh:PropertyShape ; sh:targetClass e:T ; sh:path e:p ; sh:maxCount 0 ; sh:severity sh:Info ; sh:message 'a'@en .",
    "e:P a sh:PropertyShape ; sh:targetClass e:T ; sh:path e:p ; sh:maxCount 0 ; sh:name 'p' ; sh:order 1 ; sh:group e:g .",
    "e:P a sh:PropertyShape ; sh:targetClass e:T ; sh:path e:p ; sh:maxCount 0 ; sh:description 'd' ; sh:defaultValue 1 .",
    "e:S a sh:NodeShape ; sh:targetClass e:T ; sh:deactivated false ; sh:property [ sh:path e:p ; sh:maxCount 0 ; sh:flags 'i' ] .",
    "e:S a sh:NodeShape ; sh:targetClass e:T ; sh:property [ sh:path e:p ; sh:minCount 2 ], [ sh:path e:p ; sh:maxCount 1 ] .",
]


def graph(turtle: str) -> tuple[str, ...]:
    return tuple(sorted(str(quad.triple) for quad in ox.parse(HEAD + turtle, format=ox.RdfFormat.TURTLE)))


def shapes_of(turtle: str) -> ShapesGraph:
    return ShapesGraph("".join(f"{triple} .\n" for triple in graph(turtle)), False, "pyrudof")


def every_value() -> tuple[str, ...]:
    """Return a graph with a node for each value, and one that has another besides."""
    data = ["e:c a e:C ."]
    for number, value in enumerate(VALUES):
        near = VALUES[(number * 7 + 3) % len(VALUES)]
        data.append(f"e:n{number} a e:T ; e:p {value} ; e:q {near} ; e:s e:n{number} . e:s{number} e:s e:n{number} .")
        data.append(f"e:m{number} a e:T ; e:p {value}, {near} ; e:q {value} .")
        data.append(f"{value} e:r e:n{number} ." if value.startswith("e:") else "")
    return graph("".join(data))


DATA = every_value()


def missed(shapes: ShapesGraph) -> set[str]:
    """Return the nodes in which only pyshacl finds fault."""
    seen = focus_nodes("".join(f"{triple} .\n" for triple in DATA), shapes)
    assert seen is not None
    return {result.focus for result in check([("", DATA)], ShapesGraph(shapes.triples, False))} - set(seen)


@pytest.mark.parametrize("said", SAID)
def test_nothing_is_missed_of_what_a_shape_may_say(said: str) -> None:
    shapes = shapes_of(
        f"e:S a sh:NodeShape ; sh:targetClass e:T ; sh:property e:P . e:P a sh:PropertyShape ; sh:path e:p ; {said} ."
    )
    assert list(beyond_both(shapes.triples)) == []
    assert missed(shapes) == set()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("target", ["targetNode e:n3, e:m5, e:m20", "targetSubjectsOf e:p", "targetClass e:T"])
def test_nothing_is_missed_along_paths_and_from_any_target(path: str, target: str) -> None:
    shapes = shapes_of(
        f"e:S a sh:NodeShape ; sh:{target} ; sh:property [ sh:path {path} ; sh:datatype xsd:integer ; sh:maxCount 1 ] ."
    )
    assert list(beyond_both(shapes.triples)) == []
    assert missed(shapes) == set()


@pytest.mark.parametrize("whole", WHOLE)
def test_nothing_is_missed_of_shapes_in_other_forms(whole: str) -> None:
    shapes = shapes_of(whole)
    assert list(beyond_both(shapes.triples)) == []
    assert missed(shapes) == set()


def test_all_that_is_agreed_on_was_tried() -> None:
    tried = " ".join([*SAID, *PATHS, *WHOLE, "targetNode targetSubjectsOf closed ignoredProperties"])
    of_reports = {"conforms", "result", "detail", "focusNode", "value", "resultPath", "resultSeverity", "resultMessage"}
    of_reports |= {"sourceShape", "sourceConstraint", "sourceConstraintComponent", "shapesGraph", "targetObjectsOf"}
    assert {name for name in AGREED if not re.search(rf"\b{name}\b", tried)} == of_reports


@pytest.mark.parametrize(
    "said", ["sh:nodeKind sh:BlankNode", "sh:closed true ; sh:ignoredProperties ( rdf:type e:p )", "sh:hasValue e:a"]
)
def test_nothing_is_missed_of_node_shapes(said: str) -> None:
    shapes = shapes_of(f"e:S a sh:NodeShape ; sh:targetClass e:T ; {said} .")
    assert list(beyond_both(shapes.triples)) == []
    assert missed(shapes) == set()


BEYOND = [
    ("sh:datatype xsd:date", "sh:datatype xsd:date", "ill-formed"),
    ('sh:minInclusive "2023-01-01"^^xsd:date', "sh:minInclusive 2023-01-01", "only numbers"),
    ('sh:maxExclusive "a"', "sh:maxExclusive a", "only numbers"),
    ("sh:lessThan kg:steps", "sh:lessThan", "not among"),
    ("sh:lessThanOrEquals kg:steps", "sh:lessThanOrEquals", "not among"),
    ("sh:not [ sh:datatype xsd:integer ]", "sh:not", "not among"),
    ("sh:or ( [ sh:datatype xsd:integer ] )", "sh:or", "not among"),
    ("sh:node [ sh:datatype xsd:integer ]", "sh:node", "not among"),
    ("sh:property [ sh:path kg:steps ; sh:minCount 1 ]", "sh:property […]", "literals"),
    ("sh:qualifiedValueShape [ sh:class kg:Model ] ; sh:qualifiedMinCount 1", "sh:qualified", "not among"),
    ('sh:pattern "(?i)a"', "sh:pattern (?i)a", "differently"),
    ('sh:pattern "a*+"', "sh:pattern a*+", "differently"),
    ('sh:pattern "[a&&b]"', "sh:pattern [a&&b]", "differently"),
    ('sh:pattern "\\\\w"', "sh:pattern \\w", "differently"),
    ('sh:pattern "[[a]]"', "sh:pattern [[a]]", "differently"),
    ('sh:pattern "a" ; sh:flags "x"', "sh:flags x", "other than i"),
    ("sh:uniqueLang '1'^^xsd:boolean", "sh:uniqueLang 1", "only the word true"),
    ("sh:languageIn ( 'en' '*' )", "sh:languageIn", "whole language tags"),
    ("sh:path kg:name . my:O sh:path ( kg:hasRun [ sh:inversePath kg:hasRun ] )", "sh:path", "paths within paths"),
    ("sh:path kg:name . my:O sh:path [ sh:inversePath ( kg:hasRun kg:name ) ]", "sh:inversePath", "paths within paths"),
    (
        "sh:path kg:name . my:O sh:path [ sh:alternativePath ( kg:name [ sh:inversePath kg:name ] ) ]",
        "sh:alternativePath",
        "paths within paths",
    ),
    ("sh:path kg:name . my:O sh:targetObjectsOf kg:name ; sh:nodeKind sh:IRI", "sh:targetObjectsOf", "literals"),
    ("sh:path kg:name . my:O sh:targetNode 'a' ; sh:nodeKind sh:IRI", "sh:targetNode a", "literals"),
    ("sh:path kg:name . my:O a owl:Class, sh:NodeShape ; sh:nodeKind sh:IRI", "owl:Class", "rdfs:Class"),
    ('sh:sparql [ sh:select "SELECT $this WHERE { $this ?p ?o }" ]', "sh:s", "not among"),
]


@pytest.mark.parametrize(("said", "construct", "why"), BEYOND)
def test_what_pyrudof_may_miss_is_refused_with_its_line(tmp_path: Path, said: str, construct: str, why: str) -> None:
    target = "my:S a sh:NodeShape ; sh:targetClass kg:Model ;\n  sh:property my:P ."
    file = written(tmp_path, f"@prefix xsd: <{XSD}> . @prefix owl: <{OWL}> .\n{target}\nmy:P sh:path kg:name ;\n  {said} .")
    assert load_shapes([file])  # pyshacl takes it
    with pytest.raises(
        ConfigError, match=r"(?s)mine\.ttl:\d+: the engine pyrudof may miss what (sh|owl):.* says: .*\n  hint: use --engine pyshacl"
    ) as caught:
        load_shapes([file], engine="pyrudof")
    assert construct in caught.value.what and why in caught.value.what


def test_the_shape_and_the_line_are_named(tmp_path: Path) -> None:
    file = written(tmp_path, "my:S a sh:PropertyShape ; sh:targetClass kg:Model ;\n  sh:path kg:steps ;\n  sh:lessThan kg:epochs .")
    with pytest.raises(ConfigError, match=r"mine\.ttl:6: .* what sh:lessThan of the shape https://example\.org/shapes#S says"):
        load_shapes([file], engine="pyrudof")


def test_both_engines_give_the_same_for_every_kind_of_violation() -> None:
    units = [(f"r{number:03}", case.facts()) for number, case in enumerate(cases())]
    units.append(("core", tuple(sorted(triples("".join(dict(broken_core()).values()))))))
    ours, theirs = (
        validate([(name, Report(frozenset(facts))) for name, facts in units], load_shapes(engine=name))
        for name in ("pyshacl", "pyrudof")
    )
    assert theirs == ours and not ours.conforms


def test_reports_without_fault_are_not_checked_again() -> None:
    shapes = load_shapes(engine="pyrudof")
    bad = ("bad", tuple(good() | triples("<run/k> kg:steps 0 .")))
    units = [("a", tuple(good())), bad, ("empty", ()), ("b", tuple(good()))]
    assert with_fault(units, shapes) == {1}
    assert [result.unit for result in check(units, shapes)] == ["bad"]


def test_what_pyrudof_cannot_read_is_left_to_pyshacl() -> None:
    units: list[tuple[str, tuple[str, ...]]] = [("empty", ()), ("odd", ('<x:s> <x:p> "unclosed',))]
    shapes = shapes_of("e:S a sh:NodeShape ; sh:targetNode e:n ; sh:property [ sh:path e:p ; sh:minCount 1 ] .")
    assert with_fault(units, shapes) == {0, 1}
    assert [result.unit for result in check(units[:1], shapes)] == ["empty"]
    own = load_shapes(engine="pyrudof")
    assert with_fault([*units, *units], own) == {0, 1, 2, 3}


def test_shapes_that_pyrudof_refuses_are_told() -> None:
    with pytest.raises(ConfigError, match=r"(?s)pyrudof cannot use the shapes: .*\n  hint: use --engine pyshacl"):
        with_fault([("a", DATA)], ShapesGraph("no triples", False, "pyrudof"))


def test_without_pyrudof_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyrudof", None)
    (tmp_path / "a.ttl").write_text("")
    with pytest.raises(UsageError, match=r"the engine pyrudof is not installed\n  hint: pip install 'kg\[rudof\]'"):
        check_file(tmp_path / "a.ttl", Config(engine="pyrudof"))


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the W3C SHACL test suite is not at {FOLDER}")
def test_of_the_w3c_suite_it_refuses_or_agrees() -> None:
    agreed = 0
    for case in w3c_cases(FOLDER / "core" / "manifest.ttl"):
        config = Config(shapes=(case.shapes,), engine="pyrudof")
        try:
            found = check_file(case.data, config, alone=True)
        except ConfigError as refused:
            assert "pyrudof may miss" in refused.what
        else:
            agreed += 1
            assert found.report() == check_file(case.data, Config(shapes=(case.shapes,)), alone=True).report()
    assert agreed > 35
