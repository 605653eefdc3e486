"""Reports -> what the files of a build hold, as chunks of bytes: equal reports give equal bytes, in whatever order they came.

graph.nq stands graph by graph, the default graph first, lines sorted in each: a report's graph is made when it is written, so that
one is held at a time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, get_args

from kg.coverage import coverage
from kg.decided import decide, undecided
from kg.decisions import Decisions
from kg.findings import IndexWriter, Keys
from kg.graph import (
    ReportGraph,
    build_triples,
    catalog_triples,
    default_quads,
    derived_triples,
    ontology_triples,
    quads,
    report_graph,
    report_quads,
    search_triples,
    summary_triples,
    view_of,
)
from kg.manifest import Sources
from kg.model import Claim, Derivation, Document, Finding, Severity, Skipped, Thing
from kg.names import Names
from kg.reading import Reports
from kg.render import ReportSource, ordered, render
from kg.render.json import parts as json_parts
from kg.resolve import ambiguous, names_of, resolve
from kg.review import STATES, Applied
from kg.review import findings as findings_of_decisions
from kg.runs import said
from kg.similar import similar
from kg.sparql.named import shipped
from kg.turtle import turtle
from kg.wire import derived_row, line, scored, undetermined_row

if TYPE_CHECKING:
    from kg.config import Config
    from kg.schema import Schema

Files = Mapping[str, Iterable[bytes]]

UNREAD = "KG400"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the reports of a build say: resolved claims by report, what their names mean, every fact once."""

    reports: Reports
    claims: Mapping[str, list[Claim]]
    names: Names
    schema: Schema
    stated: frozenset[str]
    hashes: Mapping[str, str]
    decisions: Decisions = field(default_factory=Decisions)
    applied: Applied = field(default_factory=Applied)
    undecided: tuple[Mapping[str, Any], ...] = ()

    def graph(self, report: str) -> ReportGraph:
        """Return the graph of a report, made anew."""
        return report_graph(self.reports.documents[report], self.claims[report], self.names, self.schema)

    def all_claims(self) -> Iterator[Claim]:
        """Yield every claim, in the order of every output."""
        return (claim for claims in self.claims.values() for claim in claims)

    def models(self) -> set[str]:
        """Return the IRIs of the models that the reports are about."""
        return {self.names.model(claim.report, claim.model) for claim in self.all_claims()}


def facts_of(reports: Reports, schema: Schema, decisions: Decisions | None = None) -> Facts:
    """Apply what people decided, resolve the names of all reports, and gather their facts."""
    decisions = decisions or Decisions()
    before = reports
    reports, applied = decide(before, decisions, schema)
    names = names_of((claim for claims in reports.claims.values() for claim in claims), schema, decisions.of_names)
    claims = {report: resolve(said, schema, names) for report, said in reports.claims.items()}
    stated: set[str] = set()
    hashes: dict[str, str] = {}
    for report, document in reports.documents.items():
        graph = report_graph(document, claims[report], names, schema)
        stated |= graph.facts
        # Decisions may move what a fact rests on, and findings point there: the claims count, the text has a hash of its own.
        hashes[report] = sha256("\n".join((*sorted(graph.facts), *graph.evidence[1:])).encode()).hexdigest()
    kept = tuple(undecided(before, applied))
    return Facts(reports, claims, names, schema, frozenset(stated), hashes, decisions, applied, kept)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from the facts of a build: derived facts, and findings about what cannot all be true or is not said."""

    derivation: Derivation
    findings: tuple[Finding, ...]


def consequences(facts: Facts, config: Config) -> Consequences:
    """Derive what no report states, and find contradictions and gaps; all reports are looked at, whatever changed."""
    from kg.contradict import contradictions
    from kg.derive import derive
    from kg.gaps import gap_findings

    documents = facts.reports.documents
    models = said(documents, facts.claims, facts.names, facts.schema)
    texts = {id: document.source for id, document in documents.items()}
    derivation = derive(models, facts.schema, texts, config)
    about_input = [finding for findings in facts.reports.findings.values() for finding in findings]
    gaps = gap_findings(models, derivation, facts.schema, texts, _suggestions(facts), about_input)
    against = contradictions(models, derivation, facts.schema, texts)
    return Consequences(derivation, (*gaps, *against))


def findings_before_shapes(facts: Facts) -> Iterator[Finding]:
    """Yield the findings about what could not be read, how reports are written, and names that are unclear."""
    for failure in facts.reports.failures:
        yield Finding(UNREAD, "violation", failure.reason, report=failure.path)
    for findings in facts.reports.findings.values():
        yield from findings
    yield from findings_of_decisions(facts.decisions, facts.applied.outcomes)
    yield from ambiguous(facts.all_claims(), facts.schema)
    yield from similar(facts.all_claims(), facts.schema, facts.names)


def manifest_of(facts: Facts, following: Consequences, findings: Iterable[Finding], made_of: Sources) -> dict[str, Any]:
    """Return what manifest.json says: versions, inputs in order of id, what failed or was skipped, and counts."""
    reports = facts.reports
    findings = list(findings)
    return {
        "versions": dict(made_of.versions),
        "inputs": [
            {
                "id": id,
                "sha256": document.sha256,
                "format": document.format,
                "claims": len(facts.claims[id]),
                "facts": facts.hashes[id],
                **_place(document),
            }
            for id, document in reports.documents.items()
        ],
        "files": [{"id": id, "sha256": made_of.hashes.get(id), "reports": count} for id, count in sorted(reports.files.items())],
        "failed": [
            {"id": item.path, "sha256": made_of.hashes.get(item.path), "reason": item.reason, **_file(item, reports)}
            for item in reports.failures
        ],
        "skipped": list(made_of.skipped),
        "counts": {
            "reports": len(reports.documents),
            "models": len(facts.models()),
            "claims": sum(map(len, facts.claims.values())),
            "suggestions": sum(map(len, reports.suggestions.values())),
            "facts": len(facts.stated),
            "derived": len(following.derivation.facts),
            "severities": {name: sum(finding.severity == name for finding in findings) for name in get_args(Severity)},
            "codes": dict(sorted(Counter(finding.code for finding in findings).items())),
            **_decided(facts),
        },
    }


def _decided(facts: Facts) -> dict[str, dict[str, int]]:
    """Return how many decisions became what, when there are any."""
    states = Counter(outcome.state for outcome in facts.applied.outcomes)
    return {"decisions": {name: states[name] for name in STATES}} if facts.decisions.file else {}


def entries(reports: Reports) -> Iterator[dict[str, Any]]:
    """Yield the id of each report, read or not, and of each file of many; for a report in such a file also where it stands."""
    yield from ({"id": id, **_place(document)} for id, document in reports.documents.items())
    yield from ({"id": failure.path, **_file(failure, reports)} for failure in reports.failures)
    yield from ({"id": id} for id in reports.files)


def _place(document: Document) -> dict[str, Any]:
    origin = document.origin
    place = {"file": origin.file, "line": origin.line, "offset": origin.offset} if origin else {}
    return {**place, "paged": True} if document.paged else place


def _file(failure: Skipped, reports: Reports) -> dict[str, Any]:
    file, _, _ = failure.path.rpartition(":")
    return {"file": file} if file in reports.files else {}


def files(
    facts: Facts,
    following: Consequences,
    findings: Iterable[Finding],
    shacl: bytes,
    manifest: Mapping[str, Any],
    run: Callable[[], bytes],
) -> Files:
    """Return the chunks of every file of a build by name, to be taken in this order; `run` is asked last."""
    from kg.export.jsonld import to_jsonld

    found = sorted(findings, key=Finding.sort_key)
    sources = {
        id: ReportSource(document.origin.file if document.origin else id, document.source, document.origin, document.paged)
        for id, document in facts.reports.documents.items()
    }
    derived = derived_triples(following.derivation.facts, facts.schema)
    view = cache(lambda: sorted(facts.stated.union(catalog_triples(facts.schema, _used(facts)), derived)))
    index = IndexWriter(Keys(facts.schema.base, facts.schema.stages))
    return {
        "graph.nq": _graph(facts, derived),
        "graph.ttl": _once(lambda: turtle(view(), facts.schema.base)),
        "graph.jsonld": _once(lambda: to_jsonld(f"{triple} .\n" for triple in view())),
        "claims.jsonl": (line(claim.to_json()) for claim in facts.all_claims()),
        "suggestions.jsonl": (line(scored(claim)) for claim in _suggestions(facts)),
        "undecided.jsonl": map(line, facts.undecided),
        "derived.jsonl": (line(derived_row(fact, facts.schema.base)) for fact in following.derivation.facts),
        "undetermined.jsonl": (line(undetermined_row(gap)) for gap in following.derivation.undetermined),
        "coverage.jsonl": map(line, _coverage(facts, following.derivation, found)),
        "findings.json": _findings(found, sources, index),
        "findings.index": index.chunks(),
        "findings.sarif": [_text(render(found, sources, "sarif"))],
        "findings.ttl": [shacl],
        "manifest.json": [_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")],
        "run.json": _once(run),
    }


def _findings(found: Iterable[Finding], sources: Mapping[str, ReportSource], index: IndexWriter) -> Iterator[bytes]:
    """Yield the findings as JSON; the index takes note of where each begins."""
    listed = ordered(found)
    pieces = map(_text, json_parts(listed, sources))
    written = 0
    for finding, piece in zip([None, *listed], pieces, strict=True):
        if finding:
            index.note(finding, written)
        yield piece
        written += len(piece)
    index.end(written)


def _graph(facts: Facts, derived: Sequence[str]) -> Iterator[bytes]:
    schema = facts.schema
    catalog, ontology = catalog_triples(schema), ontology_triples()
    default = sorted(facts.stated.union(catalog, ontology, derived))
    texts = {name: query.text for name, query in shipped().items()}
    description = build_triples(default, texts, schema.base)
    # In the default graph as well: that is where SPARQL editors look for it.
    yield _joined(default_quads([*default, *description]))
    yield _joined(quads(description, f"{schema.base}graph/build"))
    yield _joined(quads(catalog, f"{schema.base}graph/catalog"))
    yield _joined(quads(derived, f"{schema.base}graph/derived"))
    yield _joined(quads(ontology, f"{schema.base}graph/ontology"))
    yield from _following(default, schema.base)
    del default
    for report in facts.reports.documents:
        yield _joined(report_quads(facts.graph(report)))


def _following(default: Iterable[str], base: str) -> Iterator[bytes]:
    """Yield the graphs that follow from the default graph alone."""
    view = view_of(default)
    yield _joined(quads(summary_triples(view, base), f"{base}graph/summary"))
    yield _joined(quads(search_triples(view, base), f"{base}graph/search"))


def _used(facts: Facts) -> list[Thing]:
    iris = facts.models() | {claim.thing for claim in facts.all_claims() if claim.thing}
    things = (facts.schema.thing(iri) for iri in sorted(iris))
    return [thing for thing in things if thing]


def _coverage(facts: Facts, derivation: Derivation, findings: Iterable[Finding]) -> Iterator[Mapping[str, Any]]:
    failed = (failure.path for failure in facts.reports.failures)
    computed = _computed(facts, derivation)
    return coverage(facts.reports.documents, failed, facts.all_claims(), findings, facts.schema, _suggestions(facts), computed)


def _computed(facts: Facts, derivation: Derivation) -> Iterator[tuple[str, str | None, str]]:
    """Yield (report, model, relation) of what a report does not state and a derived fact from its claims stands for."""
    for fact in derivation.facts:
        relation = facts.schema.relation(fact.relation).in_place_of
        if relation and fact.report is not None:
            yield from ((fact.report, model, relation) for model in {claim.model for claim in fact.inputs})


def _suggestions(facts: Facts) -> Iterator[Claim]:
    return (claim for claims in facts.reports.suggestions.values() for claim in claims)


def _once(make: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield what is made when it is wanted."""
    yield make()


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode()


def _text(text: str) -> bytes:
    # Half a surrogate pair, as JSON input can hold it, becomes JSON's own escape.
    return text.encode("utf-8", "backslashreplace")
