"""The catalogue -> triples: type, names and facts of every known thing; columns that are no relation are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.errors import ConfigError
from kg.model import Thing
from kg.terms import ALT_LABEL, KG, LABEL, TYPE, string, typed
from kg.values import literal, slug

if TYPE_CHECKING:
    from kg.schema import Relation, Schema


def catalog_triples(schema: Schema, things: Iterable[Thing] | None = None) -> list[str]:
    """Return the sorted triples about known things: all of the catalogue, or those given and what their facts name.

    Things of no class of the ontology (optimizers, licenses) are values and not nodes; a column is a relation of its kind alone.
    What only reports may state of a model (its size, its developer) is left out: nobody could tell it from a report's fact.
    """
    classes = {name.lower(): cls for name, cls in schema.classes.items()}
    triples: set[str] = set()
    for thing in schema.things if things is None else things:
        cls = classes.get(thing.iri.removeprefix(schema.base).split("/")[0])
        if cls is None:
            continue
        triples.add(f"<{thing.iri}> {TYPE} <{cls.iri}>")
        triples.add(f"<{thing.iri}> {LABEL} {string(thing.name)}")
        triples.update(f"<{thing.iri}> {ALT_LABEL} {string(alias)}" for alias in thing.aliases)
        for column, cell in thing.facts.items():
            relation = schema.relations.get(column)
            if relation and relation.domain == cls.name and relation.origin != "report":
                triples.update(_fact(schema, thing, relation, cell))
    return sorted(triples)


def _fact(schema: Schema, thing: Thing, relation: Relation, cell: str) -> Iterator[str]:
    for value in filter(None, (part.strip() for part in cell.split("|"))):
        if relation.range.startswith("xsd:"):
            yield f"<{thing.iri}> <{relation.iri}> {_literal(thing, relation, value)}"
        else:
            iri, name = _named(schema, relation.range.lower(), value)
            yield f"<{thing.iri}> <{relation.iri}> <{iri}>"
            yield f"<{iri}> {TYPE} <{KG}{relation.range}>"
            yield f"<{iri}> {LABEL} {string(name)}"


def _literal(thing: Thing, relation: Relation, value: str) -> str:
    try:
        return typed(*literal(relation.range, value))
    except ValueError as error:
        raise ConfigError(
            f"the {relation.name} of '{thing.name}' is no {relation.range}: {value!r}",
            where=f"the catalogue's list for '{thing.kind}'",
            hint="mend the cell",
        ) from error


def _named(schema: Schema, kind: str, name: str) -> tuple[str, str]:
    """Return IRI and label of what a catalogue's cell names, by id or by name.

    A manufacturer need not be in the list of organizations.
    """
    by_id = schema.thing(f"{schema.base}{kind}/{name}")
    found = schema.find(name, kind)
    known = [by_id] if by_id else [thing for thing in found if thing.name == name] or found
    return (known[0].iri, known[0].name) if len(known) == 1 else (f"{schema.base}{kind}/{slug(name)}", name)
