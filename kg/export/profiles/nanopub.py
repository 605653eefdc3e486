"""Claims as nanopublications in TriG (https://nanopub.net/guidelines), one for each claim of a report.

The assertion is what the report says, with the run and the model that it says it of; where it hedges a value, states a range or a
unit, with the claim that tells so, because the bare number would say something else. The provenance is the report, the words and
where they stand; the publication info names the nanopublication and, if the user says so, who makes it and when. Names are trusty
URIs: they hold a hash of the content. A server wants a signature besides, which needs the publisher's key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import pyoxigraph as ox

from kg.errors import UsageError
from kg.export._selection import Selection
from kg.export.profiles._profile import Asked, File, is_day, is_time
from kg.export.profiles._trusty import PLACEHOLDER, Row, Value, trusty_code
from kg.terms import DCTERMS, KG, OA, RDF, RDFS, XSD, string, typed

SEVERAL = False
PARAMETERS = {
    "creator": "address of who makes the nanopublications, such as https://orcid.org/…",
    "created": "when they are made: 2026-11-21, or 2026-11-21T10:00:00Z",
    "license": "address of their license",
}
_NP = "http://www.nanopub.org/nschema#"
_NPX = "http://purl.org/nanopub/x/"
_PROV = "http://www.w3.org/ns/prov#"
_PREFIXES = {
    "dcterms": DCTERMS,
    "kg": KG,
    "np": _NP,
    "npx": _NPX,
    "oa": OA,
    "prov": _PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "xsd": XSD,
}
_TYPE, _LABEL = f"{RDF}type", f"{RDFS}label"
_HEDGES = (f"{KG}approximate", f"{KG}unit", f"{KG}valueMax")
_OF_CLAIM = (f"{KG}method", f"{KG}page", f"{OA}end", f"{OA}start")
_OF_REPORT = (f"{DCTERMS}title", f"{KG}arxivId", f"{KG}sha256")
_PARTS = ("Head", "assertion", "provenance", "pubinfo")

_Node = Mapping[str, list[Value]]
_Graph = Mapping[str, _Node]
_Triple = tuple[str, str, Value]


@dataclass(frozen=True, slots=True)
class _Report:
    """A report's graph, and its own node and text in it; `owners` are the model (and run) of each run and hardware."""

    graph: _Graph
    iri: str
    text: str
    owners: Mapping[str, tuple[str, ...]]


def write(asked: Asked) -> Iterator[File]:
    """Yield the one file."""
    yield File("nanopubs.trig", _content(asked))


def _content(asked: Asked) -> Iterator[bytes]:
    own = _own(asked)
    for prefix, namespace in _PREFIXES.items():
        yield f"@prefix {prefix}: <{namespace}> .\n".encode()
    for name in asked.selection.report_graphs():
        report = _report(_read(asked.selection.store, name))
        for claim in _claims(report, asked.selection):
            yield _trig(claim, report, own, asked.selection.base).encode("utf-8", "replace")


def _own(asked: Asked) -> list[tuple[str, Value]]:
    """Return what the user says of the nanopublications; what is not said is told."""
    found: list[tuple[str, Value]] = []
    if date := asked.own("created", "dcterms:created"):
        if not is_day(date) and not is_time(date):
            raise UsageError(f"'{date}' is no date", hint="write it as 2026-11-21 or 2026-11-21T10:00:00Z")
        found.append((f"{DCTERMS}created", ox.Literal(date, datatype=ox.NamedNode(XSD + ("dateTime" if "T" in date else "date")))))
    asked.own("creator", "dcterms:creator")
    for name in ("creator", "license"):
        if address := asked.address(name):
            found.append((f"{DCTERMS}{name}", address))
    return found


def _read(store: ox.Store, name: ox.NamedNode) -> _Graph:
    graph: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for quad in store.quads_for_pattern(None, None, None, name):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            value = quad.object.value if isinstance(quad.object, ox.NamedNode) else quad.object
            graph[quad.subject.value][quad.predicate.value].append(value)
    return graph


def _report(graph: _Graph) -> _Report:
    iri = next(iri for iri, node in graph.items() if f"{KG}text" in node)
    owners: dict[str, tuple[str, ...]] = {}
    for model, node in graph.items():
        for run in map(str, node.get(f"{KG}hasRun", ())):
            owners[run] = (model,)
            owners |= {str(part): (model, run) for part in graph.get(run, {}).get(f"{KG}hardware", ())}
    return _Report(graph, iri, _text(graph[iri][f"{KG}text"][0]), owners)


def _claims(report: _Report, selection: Selection) -> list[str]:
    """Return the claims of a report about what is selected, in order of place and IRI."""
    found = [
        iri
        for iri, node in report.graph.items()
        if f"{RDF}subject" in node and _model(iri, report) in {selection.model or _model(iri, report)}
    ]
    return sorted(found, key=lambda iri: (int(_text(report.graph[iri][f"{OA}start"][0])), iri))


def _model(claim: str, report: _Report) -> str:
    subject = str(report.graph[claim][f"{RDF}subject"][0])
    return report.owners.get(subject, (subject,))[0]


def _trig(claim: str, report: _Report, own: Iterable[tuple[str, Value]], base: str) -> str:
    """Return a nanopublication as TriG, a line for each triple, under the name that its content gives it."""
    place = f"{base}np/"
    parts = _graphs(claim, report, own, f"{place}{PLACEHOLDER}")
    rows: list[Row] = [
        (f"{place}{PLACEHOLDER}#{name}", *triple) for name, triples in zip(_PARTS, parts, strict=True) for triple in triples
    ]
    name = f"{place}{trusty_code(rows)}"
    written = (
        f"sub:{part} {{\n" + "".join(f"  {_line(triple, name)} .\n" for triple in triples) + "}\n"
        for part, triples in zip(_PARTS, _graphs(claim, report, own, name), strict=True)
    )
    return f"\n@prefix this: <{name}> .\n@prefix sub: <{name}#> .\n" + "".join(written)


def _graphs(claim: str, report: _Report, own: Iterable[tuple[str, Value]], name: str) -> tuple[list[_Triple], ...]:
    """Return head, assertion, provenance and publication info of the nanopublication of a claim that has a name."""
    node = report.graph[claim]
    subject, predicate, value = str(node[f"{RDF}subject"][0]), str(node[f"{RDF}predicate"][0]), node[f"{RDF}object"][0]
    model = _model(claim, report)
    label = _text(report.graph.get(model, {}).get(_LABEL, [model])[0])
    head: list[_Triple] = [
        (name, _TYPE, f"{_NP}Nanopublication"),
        *(
            (name, _NP + relation, f"{name}#{part}")
            for relation, part in zip(("hasAssertion", "hasProvenance", "hasPublicationInfo"), _PARTS[1:], strict=True)
        ),
    ]
    pubinfo: list[_Triple] = [
        (name, _LABEL, ox.Literal(f"{label}: {predicate.removeprefix(KG)}")),
        (name, f"{_NPX}hasNanopubType", f"{KG}Claim"),
        *((name, relation, said) for relation, said in own),
    ]
    assertion = [*_of_what(subject, report), (subject, predicate, value), *_hedged(claim, node)]
    return head, assertion, _provenance(claim, report, f"{name}#assertion"), pubinfo


def _hedged(claim: str, node: _Node) -> Iterator[_Triple]:
    """Yield what keeps a value from being just that, on the claim that states it."""
    hedges = [(claim, predicate, value) for predicate in _HEDGES for value in sorted(node.get(predicate, ()), key=str)]
    if hedges:
        yield from ((claim, f"{RDF}{part}", node[f"{RDF}{part}"][0]) for part in ("subject", "predicate", "object"))
        yield from hedges


def _of_what(subject: str, report: _Report) -> Iterator[_Triple]:
    """Yield which run of which model a claim is about, when it is not about the model itself."""
    chain = (*report.owners.get(subject, ()), subject)
    for relation, (whole, part) in zip(("hasRun", "hardware"), pairwise(chain), strict=False):
        yield whole, f"{KG}{relation}", part
        for stage in report.graph.get(part, {}).get(f"{KG}stage", ()):
            yield part, f"{KG}stage", stage


def _provenance(claim: str, report: _Report, assertion: str) -> list[_Triple]:
    """Return what the assertion stands on: the claim with its words and their place, and the report that they stand in."""
    node = report.graph[claim]
    start, end = (int(_text(node[OA + bound][0])) for bound in ("start", "end"))
    said = [(claim, predicate, value) for predicate in _OF_CLAIM for value in sorted(node.get(predicate, ()), key=str)]
    about = report.graph[report.iri]
    source = [(report.iri, predicate, value) for predicate in _OF_REPORT for value in sorted(about.get(predicate, ()), key=str)]
    return [
        (assertion, f"{_PROV}wasDerivedFrom", claim),
        (assertion, f"{_PROV}hadPrimarySource", report.iri),
        (claim, _TYPE, f"{KG}Claim"),
        (claim, f"{OA}hasSource", report.iri),
        (claim, f"{OA}exact", ox.Literal(report.text[start:end])),
        *said,
        (report.iri, _TYPE, f"{KG}Report"),
        *((report.iri, _LABEL, value) for value in sorted(about.get(_LABEL, ()), key=str)),
        *source,
    ]


def _line(triple: _Triple, name: str) -> str:
    subject, predicate, value = triple
    return f"{_iri(subject, name)} {_short(predicate)} {_term(value, name)}"


def _term(value: Value, name: str) -> str:
    if isinstance(value, str):
        return _iri(value, name)
    return string(value.value) + f"@{value.language}" if value.language else typed(value.value, value.datatype.value)


def _iri(iri: str, name: str) -> str:
    """Return an IRI; the nanopublication's own are `this:` and below `sub:`."""
    if iri == name:
        return "this:"
    return f"sub:{iri.removeprefix(f'{name}#')}" if iri.startswith(f"{name}#") else f"<{iri}>"


def _short(predicate: str) -> str:
    namespaces = ((prefix, namespace) for prefix, namespace in _PREFIXES.items() if predicate.startswith(namespace))
    return next((f"{prefix}:{predicate.removeprefix(namespace)}" for prefix, namespace in namespaces), f"<{predicate}>")


def _text(value: Value) -> str:
    return value if isinstance(value, str) else value.value
