"""`kg export`: a build, or one model of it, in another form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg import console, results
from kg.errors import UsageError
from kg.options import BuildFolder, opened, parameters

if TYPE_CHECKING:
    from kg.store import Build


def run(
    form: Annotated[
        str | None,
        typer.Argument(metavar="FORMAT", help="jsonld, nt, nq, turtle, trig, rdfxml, csv, parquet or duckdb.", show_default=False),
    ] = None,
    format: Annotated[str | None, typer.Option("--format", metavar="FORMAT", help="The same, as an option.")] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="croissant, fair4ml, hf-card, mldcat-ap, nanopub or rocrate instead."),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("-p", "--param", metavar="NAME=VALUE", help="What no report says of the export: license, publisher, …"),
    ] = None,
    build: BuildFolder = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Only this model, with its runs and hardware.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file; of parquet, to a folder of tables.")
    ] = None,
) -> None:
    """Write a build, or one model of it, in another format.

    \b
    Example:
      kg export csv -o claims.csv
      kg export jsonld --model InstructBLIP-13B
      kg export --format parquet -o tables
      kg export --format duckdb -o kg.duckdb
      kg export --profile hf-card --model InstructBLIP-13B
      kg export --profile rocrate -p published=2026-11-21 -p license=https://spdx.org/licenses/CC-BY-4.0 -o crate
    """
    if profile is not None:
        _exchange(profile, param, opened(build), model, output, form if form is not None else format)
        return
    if param:
        raise UsageError("--param says something of a profile, and none is asked for", hint="add --profile NAME")
    from kg.export import TABLES, export, write_file

    name = _one(form, format)
    found = opened(build)
    if name in TABLES:
        from kg.export.tables import Built, write_tables

        built = Built(found.path, found.manifest, found.store())
        write_tables(built, name, output, model, say=console.say, progress=console.progress())
        return
    content = export(found.store(), name, model, found.manifest["versions"]["base"], say=console.say)
    if output:
        write_file(output, content)
        return
    for piece in content:
        results.write(piece)


def _exchange(
    profile: str, param: list[str] | None, found: Build, model: str | None, output: Path | None, format: str | None
) -> None:
    """Write a build in a profile: into a folder, a file or standard output; what had to be left out is told."""
    from kg.export import write_file
    from kg.export.profiles import Missing, one_file, save, several, write_profile

    if format is not None:
        raise UsageError(f"a format ({format}) and a profile ({profile}) are asked for", hint="leave out one of them")
    missing, base = Missing(), found.manifest["versions"]["base"]
    given = parameters(param or ())
    files = write_profile(found.store(), profile, model, base, given=given, missing=missing, build=found.path, say=console.say)
    if output is None:
        for piece in one_file(profile, files).content:
            results.write(piece)
    elif several(profile):
        console.say(f"{console.plural(save(files, output), 'file')} written to {output}")
    else:
        write_file(output, one_file(profile, files).content)
    for line in missing.lines():
        console.say(line)


def _one(form: str | None, format: str | None) -> str:
    """Return the format that is asked for, as an argument or as an option; raise UsageError unless it is one."""
    if form is not None and format is not None and form != format:
        raise UsageError(f"two formats are asked for, {form} and {format}", hint="leave out one of them")
    name = form if form is not None else format
    if name is None:
        from kg.export import formats

        raise UsageError("no format is given", hint=f"choose one of: {', '.join(formats())}")
    return name
