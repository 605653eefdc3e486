"""`kg validate`: what is wrong with a build, or with an RDF file of anybody's, in the forms that people and programs read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg import console, results
from kg.errors import UnknownName, UsageError
from kg.options import AsJson, BuildFolder, FailOn, Ignore, Jobs, Select, opened, settings

if TYPE_CHECKING:
    from kg.checks import Checked

_SHACL = "shacl"


def run(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="An RDF file to check instead of a build.", show_default=False)
    ] = None,
    build: BuildFolder = None,
    format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT", help="full [default], concise, json, github, sarif, junit or shacl (-nt, -jsonld, -rdfxml)."
        ),
    ] = None,
    shapes: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="Further SHACL shapes; repeat it for more.")] = None,
    only_shapes: Annotated[bool, typer.Option("--only-shapes", help="Check these shapes alone, without those of kg.")] = False,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="auto [default], pyshacl alone, or pyrudof to look first.")
    ] = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
) -> None:
    """Print the findings of a build, or check an RDF file: 1 does not conform, 3 cannot be read, 2 shapes are wrong.

    \b
    Example:
      kg validate --format concise --ignore KG2
      kg validate graph.ttl --shapes house-rules.ttl
      kg validate data.ttl --shapes theirs.ttl --only-shapes --format shacl
    """
    from kg.checks import check, check_file
    from kg.outcome import exit_code

    name = _format(format, as_json)
    if file and build:
        raise UsageError("a file and a build are given", hint="check one after the other")
    if file and not file.exists():
        raise UsageError(f"there is no '{file}'", hint="give an RDF file, or none to check the build")
    config = settings(fail_on=fail_on, shapes=shapes, select=select, ignore=ignore, engine=engine, jobs=jobs)
    if file and not file.is_dir():
        found = check_file(file, config, alone=only_shapes)
    else:
        found = check(opened(file or build), config, alone=only_shapes)
    if found.missed:
        from kg.validate import disagreement

        console.say(disagreement(found.missed))
    results.write(_written(found, name))
    raise typer.Exit(exit_code((finding.severity for finding in found.findings), config.fail_on))


def _format(asked: str | None, as_json: bool) -> str:
    """Return the name of the format; raise UnknownName, and UsageError when two are asked for."""
    from kg.render import formats
    from kg.validate import SYNTAXES

    if as_json and asked not in {None, "json"}:
        raise UsageError(f"--json and --format {asked} contradict each other", hint="leave out one of them")
    name = "json" if as_json else asked or "full"
    known = (*formats(), _SHACL, *(f"{_SHACL}-{syntax}" for syntax in SYNTAXES))
    if name not in known:
        raise UnknownName("format of findings", name, known)
    return name


def _written(found: Checked, name: str) -> str | bytes:
    from kg.render import render
    from kg.validate import written

    if name == _SHACL:
        return found.report()
    if name.startswith(f"{_SHACL}-"):
        return written(found.report(), name.removeprefix(f"{_SHACL}-"))
    return render(found.findings, found.sources, name, color=console.in_color(sys.stdout), width=console.width())
