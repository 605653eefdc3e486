"""Claims -> quads: sorted N-Quads lines, one file here for each origin of facts (report, derived, catalog, build; the ontology
comes from `schema`), and of what follows from the whole default graph (summaries, search).

A graph is built as triples without graph name ("<s> <p> <o>"); `quads` names the graph. No blank node, no clock, no order of
hashing: equal claims give equal bytes.
"""

from kg.graph.build import build_triples
from kg.graph.catalog import catalog_triples
from kg.graph.derived import derived_triples
from kg.graph.quads import default_quads, quads
from kg.graph.report import ReportGraph, report_graph, report_quads
from kg.graph.search import index_of, search_triples
from kg.graph.summaries import FAMILIES, count_of, family, summaries, summary_triples
from kg.graph.view import view_of
from kg.schema import ontology_triples

__all__ = [
    "FAMILIES",
    "ReportGraph",
    "build_triples",
    "catalog_triples",
    "count_of",
    "default_quads",
    "derived_triples",
    "family",
    "index_of",
    "ontology_triples",
    "quads",
    "report_graph",
    "report_quads",
    "search_triples",
    "summaries",
    "summary_triples",
    "view_of",
]
