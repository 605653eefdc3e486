"""Three reports of three models as a graph, for the tests of what reads one: queries, exports, the endpoint."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from kg.graph import (
    catalog_triples,
    default_quads,
    ontology_triples,
    quads,
    report_graph,
    report_quads,
    search_triples,
    summary_triples,
    view_of,
)
from kg.model import Claim, Document
from kg.resolve import names_of, resolve
from kg.schema import DEFAULT_BASE, Schema
from kg.terms import KG
from tests.samples import document, schema_with

A = """Über InstructBLIP-13B 🦜: a model of 13B parameters by Mistral AI in France, released in 2023. It extends BLIP-2,
with ViT-G/14 from EVA-CLIP and Flan-T5-XL, joined by a Q-Former. Pretraining on CC3M and LAION-2B took 21 days on 64 NVIDIA A100
80GB with AdamW, a peak rate of 1e-4 and 2000 warm-up steps. In instruction tuning the rate was 1e-5 with a cosine schedule,
at a cost of 1.2e24 FLOP and 0.5 epochs. We evaluate on MMLU."""
B = """Kestrel-7B (7B parameters, United States, 2023) builds on InstructBLIP-13B. Its image encoder is EVA-CLIP ViT-G/14.
It saw CC3M, and MMLU in fine-tuning, for about 4 days on 128 A100 (80 GB). MMLU is the benchmark."""
C = """Kestrel-7B trained for 5 days. Owl-1B of 2024 has 1B parameters and was trained on CC3M at 3e-4 on A100-80GB."""

Row = tuple[str, str, str, str | None, str]
INSTRUCT: list[Row] = [
    ("InstructBLIP-13B", "name", "InstructBLIP-13B", None, "InstructBLIP-13B"),
    ("InstructBLIP-13B", "parameterCount", "13000000000", None, "13B parameters"),
    ("InstructBLIP-13B", "organization", "Mistral AI", None, "Mistral AI"),
    ("InstructBLIP-13B", "country", "France", None, "France"),
    ("InstructBLIP-13B", "releaseYear", "2023", None, "2023"),
    ("InstructBLIP-13B", "extends", "BLIP-2", None, "BLIP-2"),
    ("InstructBLIP-13B", "imageEncoder", "ViT-G/14 from EVA-CLIP", None, "ViT-G/14 from EVA-CLIP"),
    ("InstructBLIP-13B", "languageModel", "Flan-T5-XL", None, "Flan-T5-XL"),
    ("InstructBLIP-13B", "component", "Q-Former", None, "Q-Former"),
    ("InstructBLIP-13B", "trainingDataset", "CC3M", "pretraining", "CC3M"),
    ("InstructBLIP-13B", "trainingDataset", "LAION-2B", "pretraining", "LAION-2B"),
    ("InstructBLIP-13B", "duration", "P21D", "pretraining", "21 days"),
    ("InstructBLIP-13B", "acceleratorCount", "64", "pretraining", "64"),
    ("InstructBLIP-13B", "accelerator", "NVIDIA A100 80GB", "pretraining", "NVIDIA A100\n80GB"),
    ("InstructBLIP-13B", "optimizer", "AdamW", None, "AdamW"),
    ("InstructBLIP-13B", "peakLearningRate", "1e-4", "pretraining", "1e-4"),
    ("InstructBLIP-13B", "warmupSteps", "2000", "pretraining", "2000"),
    ("InstructBLIP-13B", "peakLearningRate", "1e-5", "instruction-tuning", "1e-5"),
    ("InstructBLIP-13B", "learningRateSchedule", "cosine", "instruction-tuning", "cosine"),
    ("InstructBLIP-13B", "trainingCompute", "1.2e24", None, "1.2e24"),
    ("InstructBLIP-13B", "epochs", "0.5", "instruction-tuning", "0.5"),
    ("InstructBLIP-13B", "evaluationDataset", "MMLU", None, "MMLU"),
]
KESTREL: list[Row] = [
    ("Kestrel-7B", "name", "Kestrel-7B", None, "Kestrel-7B"),
    ("Kestrel-7B", "parameterCount", "7000000000", None, "7B parameters"),
    ("Kestrel-7B", "country", "United States", None, "United States"),
    ("Kestrel-7B", "releaseYear", "2023", None, "2023"),
    ("Kestrel-7B", "extends", "InstructBLIP-13B", None, "InstructBLIP-13B"),
    ("Kestrel-7B", "imageEncoder", "EVA-CLIP ViT-G/14", None, "EVA-CLIP ViT-G/14"),
    ("Kestrel-7B", "trainingDataset", "CC3M", None, "CC3M"),
    ("Kestrel-7B", "trainingDataset", "MMLU", "fine-tuning", "MMLU"),
    ("Kestrel-7B", "duration", "P4D", None, "4 days"),
    ("Kestrel-7B", "acceleratorCount", "128", None, "128"),
    ("Kestrel-7B", "accelerator", "NVIDIA A100 80GB", None, "A100 (80 GB)"),
    ("Kestrel-7B", "evaluationDataset", "MMLU", None, "MMLU"),
]
LATER: list[Row] = [
    ("Kestrel-7B", "duration", "P5D", None, "5 days"),
    ("Owl-1B", "releaseYear", "2024", None, "2024"),
    ("Owl-1B", "parameterCount", "1000000000", None, "1B parameters"),
    ("Owl-1B", "trainingDataset", "CC3M", None, "CC3M"),
    ("Owl-1B", "peakLearningRate", "3e-4", None, "3e-4"),
    ("Owl-1B", "accelerator", "A100-80GB", None, "A100-80GB"),
]
REPORTS: list[tuple[Document, list[Row]]] = [
    (document("a.txt", A), INSTRUCT),
    (document("sub/b c.txt", B), KESTREL),
    (document("c.txt", C), LATER),
]


def claims_of(report: Document, rows: Iterable[Row]) -> list[Claim]:
    """Return claims on the first place where each mention stands."""
    return [
        Claim(report.id, model, relation, value, start, start + len(mention), mention, stage)
        for model, relation, value, stage, mention in rows
        if (start := report.source.index(mention)) >= 0
    ]


def sample_lines(schema: Schema, more: Iterable[str] = ()) -> list[str]:
    """Return the N-Quads lines of a build of the three reports, with more triples in its default graph."""
    claims = {report.id: claims_of(report, rows) for report, rows in REPORTS}
    names = names_of([claim for some in claims.values() for claim in some], schema)
    graphs = [report_graph(report, resolve(claims[report.id], schema, names), names, schema) for report, _ in REPORTS]
    catalog, ontology = catalog_triples(schema), ontology_triples()
    lines = default_quads({*catalog, *ontology, *more, *(fact for graph in graphs for fact in graph.facts)})
    view = view_of(line[:-3] for line in lines)
    lines += quads(summary_triples(view, schema.base), f"{schema.base}graph/summary")
    lines += quads(search_triples(view, schema.base), f"{schema.base}graph/search")
    lines += quads(catalog, f"{schema.base}graph/catalog") + quads(ontology, f"{schema.base}graph/ontology")
    return lines + [line for graph in graphs for line in report_quads(graph)]


def sample_store(folder: Path, base: str = DEFAULT_BASE, more: Iterable[str] = ()) -> ox.Store:
    """Return a store with the three reports, the ontology, and the small catalogue of the samples (written below `folder`)."""
    store = ox.Store()
    lines = sample_lines(schema_with(folder / "ontology", base=base), more)
    store.bulk_load(io.BytesIO("".join(lines).encode()), ox.RdfFormat.N_QUADS)
    return store


def with_pages(store: ox.Store, base: str = DEFAULT_BASE) -> None:
    """Spread the models of a store over three pages: small reports have no second page."""
    graph, entry = ox.NamedNode(f"{base}graph/summary"), ox.NamedNode(f"{KG}entry")
    first = ox.NamedNode(f"{base}summary/models/page/1")
    for number, quad in enumerate(sorted(store.quads_for_pattern(first, entry, None, graph), key=str)[1:3], 2):
        store.remove(quad)
        store.add(ox.Quad(ox.NamedNode(f"{base}summary/models/page/{number}"), entry, quad.object, graph))
