"""Datasets, backbones, organizations, countries, accelerators -> the rows of their lists: who uses them, what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kg.pages._rows import Cell, Column, Row, counted, hours_cell, label_of, links_cell, links_of, text_cell, texts_of
from kg.pages._summed import count, named_by, number, told, values
from kg.why import Graph

_MODELS = Column("Models", "models", True, "models")
_ROLES = ("extends", "imageEncoder", "languageModel")


def _dataset(graph: Graph, iri: str) -> Iterator[Cell]:
    yield counted(count(graph, "datasets", iri))
    yield counted(count(graph, "datasets", iri, "evaluatedModels"))


def _backbone(graph: Graph, iri: str) -> Iterator[Cell]:
    found = dict.fromkeys(_ROLES, 0)
    for path in named_by(graph, iri, "ofBackbone"):
        role = path.rpartition(";")[2]
        if path.startswith("backbones/") and role in found:
            found[role] = number(values(graph, path), "models")
    yield from map(counted, found.values())


def _organization(graph: Graph, iri: str) -> Iterator[Cell]:
    yield links_cell(links_of(graph, iri, "basedIn"))
    known = told(graph, "hours", iri)
    yield hours_cell({name: some for name, some in known.items() if name.startswith("stated")})
    yield hours_cell({name: some for name, some in known.items() if name.startswith("implied")})


def _country(graph: Graph, iri: str) -> Iterator[Cell]:
    yield text_cell("countryCode", texts_of(graph, iri, "countryCode"))


def _accelerator(graph: Graph, iri: str) -> Iterator[Cell]:
    yield counted(count(graph, "by-accelerator", iri, "largestCount"))
    for relation in ("memory", "peakFp16", "tdp", "releaseDate"):
        yield text_cell(relation, texts_of(graph, iri, relation))


@dataclass(frozen=True, slots=True)
class Kind:
    """How a list of things in use is shown: its columns, and what fills those behind the number of models."""

    columns: tuple[Column, ...]
    cells: Callable[[Graph, str], Iterator[Cell]]


KINDS: Mapping[str, Kind] = {
    "datasets": Kind(
        (
            Column("Trained on it", "trainedModels", True, title="models"),
            Column("Evaluated on it", "evaluatedModels", True, title="models"),
        ),
        _dataset,
    ),
    "backbones": Kind(
        (
            Column("Extended", "extends", True, title="models that extend it"),
            Column("Image encoder", "imageEncoder", True, title="models whose image encoder it is"),
            Column("Language model", "languageModel", True, title="models whose language model it is"),
        ),
        _backbone,
    ),
    "organizations": Kind(
        (
            Column("Based in", "basedIn", origin="catalogue"),
            Column(
                "Stated hours",
                "statedHours",
                True,
                title="accelerator-hours of its models that reports state, of whole trainings or of stages",
            ),
            Column(
                "Implied hours",
                "impliedHours",
                True,
                title="accelerator-hours of models of which none are stated, as far as they are implied",
            ),
        ),
        _organization,
    ),
    "countries": Kind((Column("Code", "countryCode", origin="catalogue"),), _country),
    "accelerators": Kind(
        (
            Column("Most at once", "largestCount", True, title="the largest number in one training"),
            Column("Memory", "memory", True, origin="catalogue"),
            Column("Peak 16-bit", "peakFp16", True, origin="catalogue"),
            Column("Power", "tdp", True, origin="catalogue"),
            Column("Released", "releaseDate", origin="catalogue"),
        ),
        _accelerator,
    ),
}
"""Lists of things in use."""


def columns_of(kind: str) -> tuple[Column, ...]:
    """Return the columns of a list."""
    return (_MODELS, *KINDS[kind].columns)


def thing_row(graph: Graph, kind: str, iri: str) -> Row:
    """Return a thing's row of a list."""
    models = count(graph, f"used-{kind}", iri)
    return Row(iri, label_of(graph, iri), (counted(models), *KINDS[kind].cells(graph, iri)), Decimal(models))
