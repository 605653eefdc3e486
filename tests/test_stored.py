from __future__ import annotations

import pyoxigraph as ox

from kg.graph import catalog_triples, default_quads, quads, report_graph, report_quads
from kg.resolve import names_of, resolve
from kg.schema import DEFAULT_BASE, Schema
from kg.stored import reports, texts
from tests.samples import claim, document


def test_the_graphs_of_a_build_come_back_as_they_were(schema: Schema) -> None:
    claims = [claim("steps", "10", report="b c.txt"), claim("extends", "BLIP-2"), claim("duration", "PT36H")]
    names = names_of(claims, schema)
    graphs = {}
    for id in ("a.txt", "b c.txt", "none.txt"):
        own = resolve([said for said in claims if said.report == id], schema, names)
        graphs[id] = report_graph(document(id, f"Text of\n{id}"), own, names, schema)
    lines = [line for graph in graphs.values() for line in report_quads(graph)]
    lines += default_quads(fact for graph in graphs.values() for fact in graph.facts)
    lines += quads(catalog_triples(schema), f"{DEFAULT_BASE}graph/catalog")
    store = ox.Store()
    store.load("".join(lines).encode(), ox.RdfFormat.N_QUADS)
    found = list(reports(store))
    assert [report.id for report in found] == list(graphs)
    for report in found:
        assert report.text == f"Text of\n{report.id}"
        assert report.facts == graphs[report.id].facts
        assert report.evidence == tuple(sorted(graphs[report.id].evidence))
    assert texts(store, ["b c.txt", "unknown.txt"], DEFAULT_BASE) == {"b c.txt": "Text of\nb c.txt"}
