"""Every rule of shapes/ is broken by its own case and by nothing else, and two SHACL engines agree on all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox
import pyrudof
import pytest

from kg.schema import shapes_dir
from kg.terms import KG, SH, XSD
from kg.validate import ShapesGraph, load_shapes
from kg.validate.check import Result, check
from kg.validate.findings import findings
from kg.validate.rdf import lexical
from tests.validate.case_graphs import BASE, Case, cases, good, lines

SHAPE = "https://w3id.org/kg/shapes#"
Found = tuple[str, str, str, str, str]


@pytest.fixture(scope="module")
def shapes() -> ShapesGraph:
    return load_shapes()


def names(results: list[Result]) -> set[str]:
    return {lexical(result.shape).removeprefix(SHAPE) for result in results}


def objects(file: str, predicate: str) -> dict[str, str]:
    """Return subject -> object, both without syntax, of a predicate of a shapes file."""
    quads = ox.parse(path=shapes_dir() / file)
    return {str(quad.subject): str(getattr(quad.object, "value", "")) for quad in quads if quad.predicate.value == predicate}


def test_the_good_graph_is_good(shapes: ShapesGraph) -> None:
    assert check([("a", tuple(good()))], shapes) == []


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_case_breaks_what_it_says(case: Case, shapes: ShapesGraph) -> None:
    facts = case.facts()
    results = check([("a", facts)], shapes)
    found = findings("a", results, facts, (), shapes)
    assert {finding.code for finding in found} == case.codes
    if case.codes:
        assert case.shape in names(results)
    assert all(finding.report == "a" and finding.subject and finding.message for finding in found)


def test_every_rule_written_by_hand_has_a_case() -> None:
    coded = {iri.strip("<>").removeprefix(SHAPE) for iri in objects("rules.ttl", f"{KG}code")}
    assert coded - {case.shape for case in cases()} == set()


def test_every_code_of_the_shapes_has_a_case() -> None:
    codes = {*objects("rules.ttl", f"{KG}code").values(), *objects("core.ttl", f"{KG}code").values()}
    assert codes == {code for case in cases() for code in case.codes}


def broken_core() -> Iterator[tuple[str, str]]:
    """Yield (shape, triples that break it) for every shape that follows from the ontology."""
    quads = list(ox.parse(path=shapes_dir() / "core.ttl"))
    classes = {str(quad.subject): quad.object.value for quad in quads if quad.predicate.value == f"{SH}targetClass"}
    of = {str(quad.object): classes[str(quad.subject)] for quad in quads if quad.predicate.value == f"{SH}property"}
    paths = {str(quad.subject): quad.object.value for quad in quads if quad.predicate.value == f"{SH}path"}
    datatypes = {str(quad.subject): quad.object.value for quad in quads if quad.predicate.value == f"{SH}datatype"}
    for number, (shape, path) in enumerate(sorted(paths.items())):
        node = f"<{BASE}test/{number}>"
        typed = f"{node} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{of[shape]}>"
        wrong = f'"x"^^<{XSD}boolean>' if datatypes.get(shape) == f"{XSD}string" else '"x"'
        values = ['"1"', '"2"'] if shape.endswith("-maxCount>") else [f"<{BASE}nothing>"] if shape.endswith("-class>") else [wrong]
        yield shape, "".join(f"{triple} .\n" for triple in (typed, *(f"{node} <{path}> {value}" for value in values)))


@pytest.fixture(scope="module")
def rudof(shapes: ShapesGraph) -> pyrudof.Rudof:
    session = pyrudof.Rudof(pyrudof.RudofConfig())
    session.read_shacl(shapes.triples, pyrudof.ShaclFormat.NTriples)
    return session


def by_pyrudof(session: pyrudof.Rudof, data: str) -> set[Found]:
    session.reset_data()
    session.read_data(data, pyrudof.RDFFormat.NTriples)
    entries = session.validate_shacl()
    return {
        (
            entry.focus_node,
            bare(entry.value),
            str(entry.source_shape).removeprefix(SHAPE),
            entry.severity,
            entry.constraint_component,
        )
        for entry in entries
    }


def by_pyshacl(shapes: ShapesGraph, data: str) -> set[Found]:
    triples = tuple(line.removesuffix(" .") for line in data.splitlines())
    return {
        (
            lexical(result.focus),
            bare(result.value),
            lexical(result.shape).removeprefix(SHAPE),
            lexical(result.severity).removeprefix(SH),
            lexical(result.component),
        )
        for result in check([("a", triples)], shapes)
    }


def bare(value: object) -> str:
    """Return a value without the syntax in which an engine writes it: quotes, brackets, datatype, exponent."""
    text = re.sub(r'^"(.*)"(\^\^.*)?$', r"\1", str(value or "")).strip("<>")
    return text.replace(BASE, "").replace("\\t", "\t")


@pytest.mark.parametrize("case", cases(), ids=str)
def test_two_engines_agree_on_a_case(case: Case, shapes: ShapesGraph, rudof: pyrudof.Rudof) -> None:
    data = lines(case.facts())
    assert by_pyrudof(rudof, data) == by_pyshacl(shapes, data)


def test_two_engines_agree_on_what_follows_from_the_ontology(shapes: ShapesGraph, rudof: pyrudof.Rudof) -> None:
    broken = dict(broken_core())
    data = "".join(broken.values())
    ours, theirs = by_pyshacl(shapes, data), by_pyrudof(rudof, data)
    assert {shape.strip("<>").removeprefix(SHAPE) for shape in broken} <= {found[2] for found in ours}
    assert ours == theirs


def test_own_shapes_can_be_checked_many_reports_at_a_time() -> None:
    """Handing targets down and renaming nodes is right only for node shapes that have nothing but targets and property shapes."""
    allowed = {f"{SH}targetClass", f"{SH}targetSubjectsOf", f"{SH}property", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"}
    for file in ("core.ttl", "rules.ttl"):
        quads = list(ox.parse(path=shapes_dir() / file))
        nodes = {quad.subject for quad in quads if quad.object == ox.NamedNode(f"{SH}NodeShape")}
        assert {quad.predicate.value for quad in quads if quad.subject in nodes} <= allowed
        used = {quad.predicate.value.removeprefix(SH) for quad in quads}
        assert not used & {
            "targetNode",
            "targetObjectsOf",
            "node",
            "not",
            "or",
            "and",
            "xone",
            "hasValue",
            "sparql",
            "js",
            "nodeKind",
        }
        patterned = {quad.subject for quad in quads if quad.predicate.value == f"{SH}pattern"}
        paths = {quad.subject: quad.object for quad in quads if quad.predicate.value == f"{SH}path"}
        assert {paths[shape].value for shape in patterned} <= LITERALS


LITERALS = {
    f"{KG}duration",
    f"{KG}name",
    f"{KG}releaseYear",
    f"{KG}sha256",
    f"{KG}trainingCompute",
    "http://www.w3.org/2000/01/rdf-schema#label",
}
