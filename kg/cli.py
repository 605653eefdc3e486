"""The command line: each command is a declaration and a call. Results go to standard output, all talk to standard error.

The commands of every day stand here; every module of `kg.commands` is one more.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from kg import __version__, console, results
from kg.commands import commands
from kg.errors import KgError, UsageError
from kg.options import (
    AcceptShrink,
    AsJson,
    BaseIri,
    BuildFolder,
    Exclude,
    Extractor,
    FailOn,
    Ignore,
    Jobs,
    LlmMode,
    MaxRequests,
    Output,
    Paths,
    Places,
    Select,
    Token,
    Url,
    Verbose,
    endpoint,
    opened,
    parameters,
    seconds,
    settings,
)
from kg.parts import build_parts, check_spark


class _Commands(TyperGroup):
    """Commands whose interruption has an exit code of its own, and that do not mind when nobody reads on."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            console.say("interrupted")
            _leave(130)
        except BrokenPipeError:
            results.drop()
            raise SystemExit(0) from None


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        results.write(f"kg {__version__}\n")
        raise typer.Exit


@app.callback()
def kg(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Turn reports of how AI models were trained into a validated knowledge graph in which every fact shows its words.

    \b
    Example:
      kg build reports/
      kg query models

    -vv anywhere shows where an error came from.
    """


@app.command()
def build(
    paths: Places,
    output: Output = None,
    jobs: Jobs = None,
    fail_on: FailOn = None,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    base_iri: BaseIri = None,
    extractor: Extractor = None,
    llm_mode: LlmMode = None,
    max_requests: MaxRequests = None,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="spark builds parts on a cluster; auto, pyrudof or pyshacl check the shapes [default: auto]."
        ),
    ] = None,
    master: Annotated[str | None, typer.Option(metavar="URL", help="Spark's master: local[4], spark://HOST:7077, yarn.")] = None,
    conf: Annotated[
        list[str] | None, typer.Option("--conf", metavar="NAME=VALUE", help="A setting of Spark; repeat it for more.")
    ] = None,
    accept_shrink: AcceptShrink = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Read reports and publish what they say as a graph, with its claims, findings and store.

    \b
    Example:
      kg build reports/ -o kg-out
      kg build --engine spark --master spark://node:7077 hdfs://node/reports hdfs://node/parts
    """
    from kg import pipeline

    on_spark = engine == "spark"
    check_spark(on_spark, master, conf, {"--jobs": jobs, "--accept-shrink": accept_shrink, "--verbose": verbose})
    asked = {
        "engine": None if on_spark else engine,
        "extractor": extractor,
        "llm_mode": llm_mode,
        "max_requests": max_requests,
        "select": select,
        "ignore": ignore,
    }
    config = settings(output=output, jobs=jobs, fail_on=fail_on, exclude=exclude, base_iri=base_iri, **asked)
    start = time.perf_counter()
    if on_spark:
        build_parts(paths, output, config, master or "", conf or (), as_json)
        return
    result = pipeline.build(
        [Path(path) for path in paths],
        config.output,
        config=config,
        progress=console.progress(),
        say=console.say,
        accept_shrink=accept_shrink,
    )
    console.show_build(result, config.output, time.perf_counter() - start, everything=verbose, decisions=config.decisions)
    if as_json:
        results.write(json.dumps(result.to_json(), indent=2, ensure_ascii=False) + "\n")
    raise typer.Exit(result.exit_code(config.fail_on))


@app.command()
def extract(
    paths: Paths,
    format: Annotated[str, typer.Option(metavar="FORMAT", help="jsonl, json or text.")] = "jsonl",
    suggestions: Annotated[
        bool, typer.Option("--suggestions", help="Print what is too unsure to be a claim instead, with scores.")
    ] = False,
    jobs: Jobs = None,
    exclude: Exclude = None,
    base_iri: BaseIri = None,
    extractor: Extractor = None,
    llm_mode: LlmMode = None,
    max_requests: MaxRequests = None,
) -> None:
    """Print the claims of reports without building anything.

    \b
    Example:
      kg extract reports/card.md --format text
    """
    from kg import pipeline
    from kg.wire import write

    asked = {"extractor": extractor, "llm_mode": llm_mode, "max_requests": max_requests}
    config = settings(jobs=jobs, exclude=exclude, base_iri=base_iri, **asked)
    found = pipeline.extract_only(paths, config=config, progress=console.progress(), say=console.say)
    console.show_findings(found.findings, found.sources, everything=False)
    results.write(write(found.suggestions if suggestions else found.claims, format, scores=suggestions))
    raise typer.Exit(found.exit_code)


@app.command()
def query(
    text: Annotated[
        str | None,
        typer.Argument(metavar="QUERY", help="A query's name, SPARQL, a file, or - for standard input.", show_default=False),
    ] = None,
    build: BuildFolder = None,
    param: Annotated[
        list[str] | None, typer.Option("-p", "--param", metavar="NAME=VALUE", help="A parameter of the query; repeat it for more.")
    ] = None,
    format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="table, csv, tsv, json, jsonl, xml, or an RDF syntax for a graph.")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="The longest that the query may take: 30s, 500ms, 2min.")
    ] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help="Add the words of the reports that state each row's facts.")] = False,
    list_all: Annotated[bool, typer.Option("--list", help="List the queries that come with kg.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Ask a build a question, or a SPARQL endpoint.

    A long answer comes a page at a time: standard error says when there is more. Behind the last page are no rows, and it says so.

    \b
    Example:
      kg query models
      kg query training --param model=InstructBLIP-13B
      kg query training --evidence
      kg query "SELECT ?m WHERE { ?m kg:describedIn ?report }" --format csv
      kg query models --url http://127.0.0.1:7878/sparql
    """
    from kg.query import listing, run, run_at

    if list_all:
        results.write(listing())
        return
    if text is None:
        raise UsageError("no query is given", hint="kg query --list names those that come with kg")
    size = console.width() if sys.stdout and sys.stdout.isatty() else None
    limit = None if timeout is None else seconds(timeout)
    asked: dict[str, Any] = {
        "params": parameters(param or ()),
        "format": format,
        "width": size,
        "timeout": limit,
        "say": console.say,
    }
    if url is not None:
        with run_at(endpoint(url, token, limit, build, evidence), text, base=settings().base_iri, **asked) as file:
            results.copy(file)
        return
    found = opened(build)
    if evidence:
        from kg import outcome

        asked["evidence"] = partial(outcome.sources, found)
    results.write(run(found.store(), text, base=found.manifest["versions"]["base"], **asked))


@app.command()
def stats(
    build: BuildFolder = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Count of how many models each relation is stated.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count what a build holds: reports, models, claims by relation, findings by code; or what is stated and what is not.

    \b
    Example:
      kg stats --json
      kg stats --coverage
    """
    from kg.coverage import as_table, summary
    from kg.stats import as_text
    from kg.stats import stats as count

    found = opened(build)
    numbers: dict[str, Any] = summary(found.path) if coverage else count(found.path, found.manifest)
    text = as_table if coverage else as_text
    results.write(json.dumps(numbers, indent=2) + "\n" if as_json else text(numbers))


@app.command()
def catalog(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD | add FILE]", help="Part of a name; or names to add.", show_default=False)
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only this kind of thing.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the kinds of known things, search their names, or add the names in a CSV file or a list to your own.

    \b
    Example:
      kg catalog
      kg catalog a100 --kind accelerator
      kg catalog add our-datasets.txt --kind dataset
    """
    from kg.catalog import add, find, kinds, kinds_text, things_json, things_text
    from kg.schema import load_schema

    config = settings()
    word, others = (words[0], words[1:]) if words else (None, [])
    if word == "add" and len(others) == 1:
        add(Path(others[0]), kind, config, console.say)
        return
    if word == "add" or others:
        raise UsageError("a search takes one word, adding one file", hint='kg catalog "two words", or kg catalog add FILE')
    schema = load_schema(config.base_iri, catalog=config.catalog)
    if word is None and kind is None:
        results.write(json.dumps(kinds(schema), indent=2) + "\n" if as_json else kinds_text(schema))
        return
    found = find(schema, word, kind)
    if not found:
        console.say("nothing found")
    results.write(things_json(found) if as_json else things_text(found))


@app.command()
def rule(
    code: Annotated[str | None, typer.Argument(help="A code such as KG101.", show_default=False)] = None,
) -> None:
    """Print what a finding's code means, or list all codes.

    \b
    Example:
      kg rule KG106
    """
    from kg.codes import codes, page

    if code is None:
        results.write("".join(f"{known.code}  {known.severity:<10} {known.title}\n" for known in codes()))
    else:
        results.write(page(code))


for _name, _module in commands():
    if hasattr(_module, "app"):  # it has commands of its own
        app.add_typer(_module.app, name=_name)
    else:
        app.command(_name)(_module.run)


def _leave(code: int) -> NoReturn:
    """End the process, at once when a query or a request is still running: nothing stops it, and it needs what is torn down."""
    if any(thread.name.startswith(("query", "ask_")) for thread in threading.enumerate()):
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def main() -> NoReturn:
    """Run the command line; every error ends here."""
    debug = "-vv" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "-vv"]
    try:
        app(arguments, prog_name="kg")
    except KgError as error:
        if debug:
            traceback.print_exc()
        console.show_error(error)
        _leave(error.exit_code)
    except Exception as error:  # whatever nobody foresaw is a bug in kg, and says so without a page of traceback
        if debug:
            traceback.print_exc()
        console.show_bug(error)
        _leave(70)
    sys.exit(0)
