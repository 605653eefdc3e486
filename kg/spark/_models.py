"""Records with their names -> what follows for each model from all reports about it, wherever they were read.

Three joins: reports with the models they are about, models with what they build on, and that with the reports about it.
"""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from kg.model import Derived
from kg.records import Record, unpack
from kg.resolve import resolve
from kg.runs import ModelReport, said
from kg.spark._batches import Row, Rows, grouped, groups, mapped, packed, text
from kg.spark._context import Context
from kg.spark._names import names_in
from kg.steps import models as step

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

OF_MODELS = "kind string, key binary, data binary"
"""Columns of what follows; `kind` says what it is.

    told          packed findings, by the report that they stand under
    computed      model and relation that a derived fact stands for, by report
    derived       a line of derived.jsonl, by its place
    triple        of a derived fact
    undetermined  lines of undetermined.jsonl, by the first model
    linking       what is needed to see all models together
"""

_BATCH = 32
_ABOUT = "model binary, turn int, id binary, data binary, meant binary"


def of_models(records: DataFrame, context: Context) -> DataFrame:
    """Return what follows for the models that records (id, data, meant) are about."""
    about = mapped(records, partial(reports_about, context=context), _ABOUT)
    said_of = about.where("turn = 0").selectExpr("model other", "id", "data", "meant")
    edges = about.where("turn = 2").selectExpr("model", "data other").distinct()
    others = edges.join(said_of, "other").selectExpr("model", "0 turn", "id", "data", "meant")
    rows = about.where("turn = 1").unionByName(others)
    return grouped(rows, ("model",), ("turn", "id"), partial(follow, context=context), OF_MODELS)


def reports_about(rows: Rows, context: Context) -> Iterator[Row]:
    """Yield of each record: what it says of each model (turn 0), itself for each (1), and which models each builds on (2)."""
    schema = context.schema
    of_models = {name for name, relation in schema.relations.items() if relation.range == "Model"}
    for id, data, meant in rows:
        names, _ = names_in([meant], schema.base)
        report = text(id)
        claims = {report: resolve(unpack(data).claims, schema, names)}
        for model in said(claims, claims, names, schema):
            iri = packed(model.iri)
            yield iri, 0, id, pickle.dumps(model), None
            yield iri, 1, id, data, meant
            things = {claim.thing for claim in model.every() if claim.relation in of_models and claim.thing}
            yield from ((iri, 2, id, packed(thing), None) for thing in sorted(things))


def follow(rows: Rows, context: Context) -> Iterator[Row]:
    """Yield what follows for models, of sorted rows of model, turn, report and what that is."""
    schema = context.schema
    waiting = groups(rows)
    while batch := list(_batch(waiting)):
        others: dict[str, list[ModelReport]] = {}
        records: dict[str, Record] = {}
        meant: list[bytes] = []
        for _, own in batch:
            for _, turn, id, data, names in own:
                if turn:
                    records[text(id)] = unpack(data)
                    meant.append(names)
                else:
                    _add(others, pickle.loads(data))  # noqa: S301 - written by this build
        models = [model for model, _ in batch]
        made = step.of_models(models, records, others, names_in(meant, schema.base)[0], schema, context.config)
        yield from _rows(made, models[0])


def _batch(waiting: Iterator[tuple[Row, Rows]]) -> Iterator[tuple[str, list[Row]]]:
    for (model,), own in islice(waiting, _BATCH):
        yield text(model), list(own)


def _add(others: dict[str, list[ModelReport]], model: ModelReport) -> None:
    known = others.setdefault(model.iri, [])
    if all(other.report != model.report for other in known):
        known.append(model)


def _rows(made: step.OfModels, first: str) -> Iterator[Row]:
    yield from (("told", packed(report), data) for report, data in made.told.items())
    yield from (("computed", packed(report), marshal.dumps((model, name), 2)) for report, model, name in made.computed)
    yield from (("derived", key, line) for key, line in made.derived)
    yield from (("triple", None, triple.encode()) for triple in made.triples)
    if made.undetermined:
        yield "undetermined", packed(first), made.undetermined
    if made.linking or made.links:
        yield "linking", packed(first), pickle.dumps((made.linking, made.links))


def of_all(linking: Iterable[bytes], context: Context) -> list[Derived]:
    """Return what follows from all models together."""
    facts: list[Derived] = []
    links: list[ModelReport] = []
    for data in linking:
        some, others = pickle.loads(data)  # noqa: S301 - written by this build
        facts += some
        links += others
    return list(step.of_all(facts, links, context.schema, context.config))
