"""Datasets, backbones, organizations, countries, accelerators -> the rows of their lists: who uses them, what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from kg.pages.rows import Cell, Column, Facts, Link, Row, counted, facts_of, hours_cell, label_of, links_cell, text_cell
from kg.pages.summed import Values, counts_of, number
from kg.terms import KG
from kg.why import Graph

_MODELS = Column("Models", "models", True, "models")
_CATALOGUE = "from the catalogue"


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of a thing: by list, and who uses it by relation and stage, by the paths of the counts."""

    by_list: Mapping[str, Values]
    uses: Mapping[str, Values]

    def of(self, relation: str) -> int:
        """Return the uses by a relation; a model that uses the thing in several stages counts in each."""
        return sum(number(known, "models") for known in self.uses.values() if known.get("inRole") == (relation,))

    def staged(self, graph: Graph, relation: str) -> str:
        """Return the uses by a relation in each stage, in words."""
        found = {
            self._stage(graph, known): number(known, "models") for known in self.uses.values() if known.get("inRole") == (relation,)
        }
        order = ["", *graph.schema.stages]
        parts = sorted(found.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))
        return ", ".join(f"{stage} {value:,}" if stage else f"{value:,} in no stage" for stage, value in parts)

    def _stage(self, graph: Graph, known: Values) -> str:
        return graph.statements.notation(known["inStage"][0]) if "inStage" in known else ""


def _dataset(graph: Graph, iri: str, counts: Counts) -> Iterator[Cell]:
    known = counts.by_list.get("datasets", {})
    trained = number(known, "models")
    stages = counts.staged(graph, f"{KG}trainingDataset")
    yield Cell(f"{trained:,}" if trained else "", exact=stages if trained and "," in stages else None, plain=str(trained))
    yield counted(counts.of(f"{KG}evaluationDataset"))


def _backbone(graph: Graph, iri: str, counts: Counts) -> Iterator[Cell]:
    for relation in ("extends", "imageEncoder", "languageModel"):
        yield counted(counts.of(KG + relation))


def _organization(graph: Graph, iri: str, counts: Counts) -> Iterator[Cell]:
    facts = facts_of(graph, iri)
    based = sorted(term.value for term in facts.get(f"{KG}basedIn", ()) if isinstance(term, ox.NamedNode))
    yield links_cell(Link(country, label_of(graph, country)) for country in based)
    known = counts.by_list.get("hours", {})
    yield hours_cell(known)
    yield hours_cell({name: some for name, some in known.items() if name.startswith("implied")})


def _country(graph: Graph, iri: str, counts: Counts) -> Iterator[Cell]:
    yield text_cell("countryCode", _texts(facts_of(graph, iri), "countryCode"))


def _accelerator(graph: Graph, iri: str, counts: Counts) -> Iterator[Cell]:
    yield counted(number(counts.by_list.get("by-accelerator", {}), "largestCount"))
    facts = facts_of(graph, iri)
    for relation in ("memory", "peakFp16", "tdp", "releaseDate"):
        yield text_cell(relation, _texts(facts, relation))


@dataclass(frozen=True, slots=True)
class Kind:
    """How a list of things in use is shown: its columns, what fills those behind the number of models, and who counts them."""

    columns: tuple[Column, ...]
    cells: Callable[[Graph, str, Counts], Iterator[Cell]]
    counted_by: str = ""


KINDS: Mapping[str, Kind] = {
    "datasets": Kind(
        (
            Column("Trained on it", "trainedModels", True, title="models"),
            Column("Evaluated on it", "evaluatedModels", True, title="models"),
        ),
        _dataset,
        "ofDataset",
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
            Column("Based in", "basedIn", title=_CATALOGUE),
            Column("Stated hours", "statedHours", True, title="accelerator-hours of its models that reports state"),
            Column("Implied hours", "impliedHours", True, title="accelerator-hours that are implied where none are stated"),
        ),
        _organization,
        "ofOrganization",
    ),
    "countries": Kind((Column("Code", "countryCode", title=_CATALOGUE),), _country),
    "accelerators": Kind(
        (
            Column("Most at once", "largestCount", True, title="the largest number in one training"),
            Column("Memory", "memory", True, title=_CATALOGUE),
            Column("Peak 16-bit", "peakFp16", True, title=_CATALOGUE),
            Column("Power", "tdp", True, title=_CATALOGUE),
            Column("Released", "releaseDate", title=_CATALOGUE),
        ),
        _accelerator,
        "ofAccelerator",
    ),
}
"""Lists of things in use."""


def columns_of(kind: str) -> tuple[Column, ...]:
    """Return the columns of a list."""
    return (_MODELS, *KINDS[kind].columns)


def thing_row(graph: Graph, kind: str, iri: str) -> Row:
    """Return a thing's row of a list."""
    counts = counts_about(graph, iri, KINDS[kind].counted_by)
    models = number(counts.by_list.get(f"used-{kind}", {}), "models")
    return Row(iri, label_of(graph, iri), (counted(models), *KINDS[kind].cells(graph, iri, counts)), Decimal(models))


def counts_about(graph: Graph, iri: str, counted_by: str = "") -> Counts:
    """Return what is counted of a thing; `counted_by` names another relation than `about` that counts have it by."""
    found = [*counts_of(graph, iri), *(counts_of(graph, iri, counted_by) if counted_by else ())]
    by_list = {name.partition("/")[0]: known for name, known in found if not name.startswith("uses/")}
    uses = {name: known for name, known in found if name.startswith("uses/") and "models" in known}
    return Counts(by_list, uses)


def _texts(facts: Facts, name: str) -> list[str]:
    return [str(term.value) for term in facts.get(KG + name, ()) if isinstance(term, ox.Literal)]
