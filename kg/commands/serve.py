"""`kg serve`: the endpoint of a build, guarded."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from kg import console
from kg.errors import UsageError
from kg.options import BaseIri, BuildFolder, seconds, settings

if TYPE_CHECKING:
    from kg.upstream import Place

PASSWORD = "KG_UPSTREAM_PASSWORD"  # noqa: S105 - the name of a variable

_LOGIN = f"--user NAME with {PASSWORD}, or KG_UPSTREAM_TOKEN"
_OF_UPSTREAM = ("default_graph", "base_iri", "user", "upstream_token", "look_every")  # parameters that another store alone has
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]+)?)\s*([KMGT]?)i?B?", re.IGNORECASE)
_LEAST_MEMORY = 640 << 20  # what Python and the store take before the first query, with their threads' stacks
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def run(
    context: typer.Context,
    build: BuildFolder = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="The port to listen on; 0 takes a free one.")] = 7878,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes that answer queries [default: two more than there are cores].")
    ] = None,
    timeout: Annotated[str, typer.Option(metavar="TIME", help="The longest that a query may take: 30s, 500ms, 2min.")] = "30s",
    memory: Annotated[str, typer.Option(metavar="SIZE", help="The address space that a query may use.")] = "2GB",
    max_rows: Annotated[int, typer.Option(metavar="N", min=1, help="The most rows of a reply.")] = 1_000_000,
    max_bytes: Annotated[str, typer.Option(metavar="SIZE", help="The largest reply.")] = "256MB",
    waiting: Annotated[int, typer.Option(metavar="N", min=1, help="How many queries may wait for a worker.")] = 64,
    token: Annotated[
        str | None, typer.Option(metavar="TEXT", envvar="KG_TOKEN", help="Answer only those who bring it as a bearer token.")
    ] = None,
    allow_service: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Let SERVICE ask this address; repeat it for more.")
    ] = None,
    upstream: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Answer from the store behind this SPARQL endpoint; findings come from --build."),
    ] = None,
    default_graph: Annotated[
        str | None, typer.Option(metavar="IRI", help="The graph of that store that holds the build's default graph.")
    ] = None,
    base_iri: BaseIri = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help=f"Log in there; the password is in {PASSWORD}.")] = None,
    upstream_token: Annotated[
        str | None, typer.Option(metavar="TEXT", envvar="KG_UPSTREAM_TOKEN", help="Log in there with a bearer token.")
    ] = None,
    look_every: Annotated[str, typer.Option(metavar="TIME", help="How often to look for a new build there.")] = "5s",
    log: Annotated[bool, typer.Option("--log", help="Write a JSON line about each request to standard error.")] = False,
    log_queries: Annotated[bool, typer.Option("--log-queries", help="The same, with the texts of the queries.")] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Show the page in a browser.")] = False,
) -> None:
    """Show a build as pages and answer SPARQL queries about it over HTTP; a new build is taken over as soon as it is published.

    \b
    Example:
      kg serve --port 7878
      KG_TOKEN=$(cat token.txt) kg serve --host 0.0.0.0 --timeout 10s
      kg serve --upstream http://127.0.0.1:8890/sparql --default-graph https://w3id.org/kg/graph/default
    """
    from kg.guard import Limits
    from kg.serve import Log, serve
    from kg.tasks import guarded, guarded_elsewhere

    if not upstream:
        _check_unused(context)
    if size(memory) < _LEAST_MEMORY:
        raise UsageError(f"a worker cannot start with {memory} of address space", hint="give it 640MB at least; 2GB is the default")
    for address in allow_service or ():
        if not _ADDRESS.fullmatch(address):
            raise UsageError(f"'{address}' is no address that SERVICE could name", hint="write it as https://example.org/sparql")
    given = {"workers": workers} if workers else {}
    limits = Limits(
        timeout=seconds(timeout),
        memory=size(memory),
        waiting=waiting,
        rows=max_rows,
        size=size(max_bytes),
        services=tuple(allow_service or ()),
        **given,
    )
    lines = Log(requests=log, queries=log_queries)

    def note(text: str) -> None:
        lines.write("note", text=text)

    def say(address: str) -> None:
        console.say(address)
        if open_page:
            typer.launch(address.split()[0])

    with ExitStack() as stack:
        if upstream:
            from kg.upstream import LookingUp

            place = _place(upstream, default_graph, base_iri, user, upstream_token or None, limits.timeout)
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="kg-serve-")))
            guard = guarded_elsewhere(LookingUp(place, folder, seconds(look_every), build), limits, say=note)
        else:
            guard = guarded(build or settings().output, limits, say=note)
        serve(guard, host=host, port=port, token=token, log=lines, say=say)


def _check_unused(context: typer.Context) -> None:
    """Raise UsageError for options on the command line that only another store would take."""
    sources = {name: context.get_parameter_source(name) for name in _OF_UPSTREAM}
    given = [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]
    if given:
        names = " and ".join(f"--{name.replace('_', '-')}" for name in given)
        what = f"{names} say{'s' if len(given) == 1 else ''} how another store is asked, and none is named"
        raise UsageError(what, hint="name it with --upstream URL, or leave that out")


def _place(url: str, default: str | None, base: str | None, user: str | None, token: str | None, timeout: float) -> Place:
    """Return the store elsewhere that flags tell; raise UsageError for what is none, RemoteError when it does not answer."""
    from kg.options import absolute_iri
    from kg.remote import Login
    from kg.upstream import Place, found_at

    login = Login(token, user, None if user is None else os.environ.get(PASSWORD), _LOGIN)
    return found_at(Place(url, login, absolute_iri(default), base=base or "", timeout=timeout))


def size(text: str) -> int:
    """Return a number of bytes: `2GB`, `512MB` (K, M, G and T of 1,024); raise UsageError for what is none.

    >>> size("2GB"), size("64k")
    (2147483648, 65536)
    """
    match = _SIZE.fullmatch(text.strip())
    found = int(float(match[1]) * 1024 ** " KMGT".index(match[2].upper() or " ")) if match else 0
    if found <= 0:
        raise UsageError(f"'{text}' is no size", hint="write it as 2GB or 800MB")
    return found
