"""`kg push`: a build into a SPARQL store that another server holds."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing
from dataclasses import replace
from typing import Annotated

import typer

from kg import console, results
from kg.options import AsJson, BuildFolder, absolute_iri, opened, seconds

PASSWORD = "KG_PUSH_PASSWORD"  # noqa: S105 - the name of a variable
_LOGIN = f"--user NAME with {PASSWORD}, or KG_PUSH_TOKEN"


def run(
    target: Annotated[str, typer.Option(metavar="URL", help="Where the store takes queries.")],
    build: BuildFolder = None,
    update: Annotated[
        str | None, typer.Option(metavar="URL", help="Where it takes updates [default: as the known servers have it].")
    ] = None,
    graph_store: Annotated[
        str | None, typer.Option(metavar="URL", help="Send triples by the Graph Store Protocol to this address, not as updates.")
    ] = None,
    default_graph: Annotated[
        str | None, typer.Option(metavar="IRI", help="Put the default graph here, where a store shows all graphs as its default.")
    ] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help=f"Log in; the password is in {PASSWORD}.")] = None,
    token: Annotated[str | None, typer.Option(metavar="TEXT", envvar="KG_PUSH_TOKEN", help="Log in with a bearer token.")] = None,
    batch: Annotated[int, typer.Option(metavar="N", min=1, help="Triples that are sent at once.")] = 5000,
    retries: Annotated[int, typer.Option(metavar="N", min=0, help="How often a busy store is asked again, later and later.")] = 5,
    timeout: Annotated[str, typer.Option(metavar="TIME", help="The longest silence of the store.")] = "10min",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="At the end count all graphs, also those sent before.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Empty a default graph that holds something else.")] = False,
    as_json: AsJson = False,
) -> None:
    """Load a build into a SPARQL store, or bring what is there up to date; what stopped goes on where it was.

    \b
    Example:
      kg push --target http://127.0.0.1:7878/query
      kg push --target http://127.0.0.1:8890/sparql-auth --user dba --default-graph https://w3id.org/kg/graph/default
    """
    from kg.manifest import fingerprint
    from kg.push import Options, Target, Waiting, addresses, kept_for, push, summary
    from kg.remote import Login
    from kg.store import GRAPH, MANIFEST

    start = time.perf_counter()
    found = opened(build)
    login = Login(token or None, user, None if user is None else os.environ.get(PASSWORD), _LOGIN)
    store = Target(
        addresses(target, update, graph_store),
        login,
        absolute_iri(default_graph),
        replace(Waiting(), retries=retries, say=console.say),
        seconds(timeout),
    )
    with closing(store):
        options = Options(batch, dry_run, verify, overwrite, kept_for(found.path, store))
        id = fingerprint(found.path / MANIFEST)
        outcome = push(found.path / GRAPH, found.manifest, store, options, build=id, progress=console.progress())
    console.say(summary(outcome, time.perf_counter() - start, dry_run=dry_run))
    if as_json:
        results.write(json.dumps(outcome.to_json(), indent=2) + "\n")
