"""`kg why`: what a fact rests on: the words that state it, or the formula, its inputs and theirs, down to the words."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kg import console, results
from kg.errors import UsageError
from kg.options import AsJson, BuildFolder, opened, parameters

if TYPE_CHECKING:
    from kg.chain import Answer
    from kg.why import Graph

NOT_THERE = 1
"""Exit code when there is no fact of what was asked for."""


def run(
    fact: Annotated[
        str | None,
        typer.Argument(
            metavar="FACT", help="A model, MODEL.RELATION, an IRI, a name; - is rows as JSON Lines.", show_default=False
        ),
    ] = None,
    build: BuildFolder = None,
    stage: Annotated[str | None, typer.Option(metavar="STAGE", help="Only of this stage of training.")] = None,
    query: Annotated[str | None, typer.Option(metavar="QUERY", help="Ask about the facts in a row of this query.")] = None,
    row: Annotated[int | None, typer.Option(metavar="N", help="Which row of the query, from 1.")] = None,
    param: Annotated[
        list[str] | None, typer.Option("-p", "--param", metavar="NAME=VALUE", help="A parameter of the query; repeat it for more.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show every fact with its lines, however many there are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show why a fact is in the graph: the words that state it, or its formula and the words of its inputs.

    \b
    Example:
      kg why InstructBLIP-13B
      kg why InstructBLIP-13B.pretraining.duration
      kg why --query training --row 3
    """
    from kg import outcome
    from kg.chain import reports_in, to_json
    from kg.render import answer_text
    from kg.why import Graph

    found = opened(build)
    graph = Graph(found.path, found.store(), found.manifest["versions"]["base"], partial(outcome.sources, found))
    answer = _answer(graph, fact, stage, query, row, param or [])
    if as_json:
        results.write(json.dumps(to_json(answer), indent=1, ensure_ascii=False) + "\n")
    else:
        sources = outcome.sources(found, reports_in(answer))
        results.write(answer_text(answer, sources, color=console.in_color(sys.stdout), width=console.width(), full=full))
    known = answer.facts or any(thing.known for thing in answer.things)
    raise typer.Exit(0 if known else NOT_THERE)


def _answer(graph: Graph, fact: str | None, stage: str | None, query: str | None, row: int | None, params: list[str]) -> Answer:
    from kg.query import cited_in_row
    from kg.why import why, why_cited, why_lines

    if (fact is None) == (query is None):
        raise UsageError("name a fact, or a query and a row", hint="kg why MODEL.RELATION, or kg why --query NAME --row N")
    if query is None and (row is not None or params):
        raise UsageError("--row and --param belong to --query", hint="kg why --query NAME --row N")
    if query is not None and row is None:
        raise UsageError("no row of the query is named", hint="--row 1 is the first one")
    if query is not None and row is not None:
        cited = cited_in_row(graph.store, query, row, params=parameters(params), base=graph.base)
        return why_cited(graph, f"{query}, row {row}", cited)
    if fact == "-":
        return why_lines(graph, sys.stdin.buffer.read().decode("utf-8-sig", "replace"))
    return why(graph, fact or "", stage)
