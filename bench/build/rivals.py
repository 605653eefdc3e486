"""One step of a build, done by kg or by what a user would pick instead: `python -m bench.build.rivals STEP BUILD CORPUS`.

Each step is a process that reads what it needs, warms up, and prints the processor's seconds of the work alone and how much was
done, as JSON. The claims, graphs and quads are those of the build.

    extraction   kg: read and extract; spaCy's EntityRuler with the catalogue's names, which finds names alone
    graph        kg: claims to N-Quads; rdflib: the same triples put into a dataset and serialized; morph-kgc: six quads of each
                 claim from a table of claims whose IRIs are there already (in a Python of its own: it wants an older pyoxigraph)
    validation   kg: a batch; pyshacl: each report's own graph
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bench.extraction import EXTRACT, engines, seconds
from kg.graph import report_graph, report_quads
from kg.iris import claim_iri
from kg.model import Claim, Document
from kg.resolve import names_of, resolve
from kg.schema import Schema, load_schema
from kg.store import open_build
from kg.stored import StoredReport, reports
from kg.validate import load_shapes, validate

FEW = 100  # reports that pyshacl checks one by one

MAPPING = """
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix kg: <https://w3id.org/kg/ontology#> .
<#claims> rml:logicalSource [ rml:source "CLAIMS" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rml:reference "claim" ; rr:class kg:Claim ; rr:graphMap [ rml:reference "graph" ] ] ;
  rr:predicateObjectMap [ rr:predicate rdf:subject ; rr:objectMap [ rml:reference "model" ; rr:termType rr:IRI ] ] ;
  rr:predicateObjectMap [ rr:predicate rdf:predicate ; rr:objectMap [ rml:reference "relation" ; rr:termType rr:IRI ] ] ;
  rr:predicateObjectMap [ rr:predicate rdf:object ; rr:objectMap [ rml:reference "value" ] ] ;
  rr:predicateObjectMap [ rr:predicate oa:start ; rr:objectMap [ rml:reference "start" ] ] ;
  rr:predicateObjectMap [ rr:predicate oa:end ; rr:objectMap [ rml:reference "end" ] ] .
"""
MORPH = """
import json, sys, time
import morph_kgc
config = sys.argv[1]
start = time.process_time()
quads = morph_kgc.materialize_set(config)
took = time.process_time() - start
print(json.dumps({"done": len(quads), "unit": "quads", "cpu": took}))
"""


@dataclass(frozen=True, slots=True)
class Given:
    """A build of a corpus: what each step begins with."""

    build: Path
    corpus: Path
    count: int
    schema: Schema
    python: str

    def texts(self) -> list[tuple[str, str]]:
        """Return id and text of the reports."""
        with self.corpus.open(encoding="utf-8") as lines:
            rows = map(json.loads, islice(lines, self.count))
            return [(f"{self.corpus.name}/{row['id']}", row["text"]) for row in rows]

    def claims(self) -> Mapping[str, list[Claim]]:
        """Return the claims of each report."""
        found: dict[str, list[Claim]] = defaultdict(list)
        with (self.build / "claims.jsonl").open(encoding="utf-8") as lines:
            for claim in map(Claim.from_json, map(json.loads, lines)):
                found[claim.report].append(claim)
        return found

    def stored(self) -> list[StoredReport]:
        """Return the graphs of the reports."""
        return list(islice(reports(open_build(self.build).store()), self.count))


Done = tuple[int, str, float]
"""How much was done, of what, in which seconds of the processor."""


def _extraction(name: str, given: Given) -> Done:
    texts, engine = given.texts(), next(engine for known, engine in engines(given.schema).items() if name in known)
    seconds(engine, texts[:20])
    return len(texts), "reports", seconds(engine, texts)


def kg_extraction(given: Given) -> Done:
    """Read and extract."""
    return _extraction(EXTRACT, given)


def spacy_extraction(given: Given) -> Done:
    """Find the catalogue's names."""
    return _extraction("EntityRuler", given)


def kg_graph(given: Given) -> Done:
    """Resolve the claims' names, make each report's graph, write it as N-Quads."""
    claims = given.claims()
    documents = [Document(id, id, "txt", text, "", "0" * 64) for id, text in given.texts()]
    start, done = time.process_time(), 0
    names = names_of((claim for of in claims.values() for claim in of), given.schema)
    for document in documents:
        graph = report_graph(document, resolve(claims.get(document.id, ()), given.schema, names), names, given.schema)
        lines = list(report_quads(graph))
        "".join(lines).encode()
        done += len(lines)
    return done, "quads", time.process_time() - start


def rdflib_graph(given: Given) -> Done:
    """Put the same triples into a dataset and write it as N-Quads."""
    from rdflib import Dataset, Literal, URIRef

    def term(text: str) -> Any:
        if text.startswith("<"):
            return URIRef(text[1:-1])
        if not text.endswith(">"):
            return Literal(text[1:-1])
        value, _, datatype = text.rpartition('"^^<')
        return Literal(value[1:], datatype=URIRef(datatype[:-1]))

    kept = [(report.id, [triple.split(" ", 2) for triple in (*report.facts, *report.evidence)]) for report in given.stored()]
    start, dataset = time.process_time(), Dataset()
    for id, triples in kept:
        graph = dataset.graph(URIRef(f"https://w3id.org/kg/graph/report/{id}"))
        for parts in triples:
            graph.add(tuple(map(term, parts)))
    done = dataset.serialize(format="nquads").count("\n")
    return done, "quads", time.process_time() - start


def morph_graph(given: Given) -> Done:
    """Map a table of claims to six quads each."""
    base = given.schema.base
    with tempfile.TemporaryDirectory() as folder:
        table, mapping, config = (Path(folder, name) for name in ("claims.csv", "mapping.ttl", "config.ini"))
        with table.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("claim", "graph", "model", "relation", "value", "start", "end"))
            for id, claims in given.claims().items():
                graph = f"{base}graph/report/{id}"
                for claim in claims:
                    relation = given.schema.relation(claim.relation).iri
                    model = f"{base}model/{claim.model or id}".replace(" ", "-")
                    rows.writerow((claim_iri(base, claim), graph, model, relation, claim.value, claim.start, claim.end))
        mapping.write_text(MAPPING.replace("CLAIMS", str(table)), encoding="utf-8")
        settings = "[CONFIGURATION]\noutput_format: N-QUADS\nnumber_of_processes: 1\nlogging_level: ERROR\n"
        config.write_text(f"{settings}[claims]\nmappings: {mapping}\n", encoding="utf-8")
        command = [given.python, "-c", MORPH, str(config)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"morph-kgc: {ran.stderr.strip().splitlines()[-1]}")
    found = json.loads(ran.stdout.strip().splitlines()[-1])
    return found["done"], found["unit"], found["cpu"]


def kg_validation(given: Given) -> Done:
    """Check all reports as a build does."""
    graphs, shapes = [(report.id, report) for report in given.stored()], load_shapes((), engine="auto")
    validate(graphs[:1], shapes)
    start = time.process_time()
    validate(graphs, shapes)
    return len(graphs), "reports", time.process_time() - start


def pyshacl_validation(given: Given) -> Done:
    """Check the facts of each report with pyshacl alone; the graphs are parsed before."""
    import pyshacl
    from rdflib import Graph

    def parsed(text: str) -> Graph:
        return Graph().parse(data=text, format="nt")

    shapes = parsed(load_shapes(()).triples)
    graphs = [parsed("".join(f"{triple} .\n" for triple in report.facts)) for report in islice(given.stored(), FEW)]
    pyshacl.validate(graphs[0], shacl_graph=shapes)
    start = time.process_time()
    for graph in graphs:
        pyshacl.validate(graph, shacl_graph=shapes)
    return len(graphs), "reports", time.process_time() - start


STEPS: Mapping[str, Mapping[str, Callable[[Given], Done]]] = {
    "extraction": {"kg": kg_extraction, "spaCy EntityRuler": spacy_extraction},
    "graph": {"kg": kg_graph, "rdflib": rdflib_graph, "morph-kgc": morph_graph},
    "validation": {"kg": kg_validation, "pyshacl": pyshacl_validation},
}


@contextmanager
def _told(missing: str) -> Iterator[None]:
    try:
        yield
    except (ModuleNotFoundError, StopIteration) as error:
        raise SystemExit(f"{missing} is not installed") from error


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.build.rivals")
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("rival")
    parser.add_argument("build", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("-n", type=int, default=1000, dest="count")
    parser.add_argument("--morph", default="", help="a Python that has morph-kgc")
    options = parser.parse_args(arguments)
    if options.rival == "morph-kgc" and not options.morph:
        raise SystemExit("morph-kgc is not installed: name a Python that has it with --morph")
    with _told(options.rival):
        given = Given(options.build, options.corpus, options.count, load_schema(), options.morph)
        done, unit, took = STEPS[options.step][options.rival](given)
    print(json.dumps({"done": done, "unit": unit, "cpu": took}))


if __name__ == "__main__":
    main()
