"""`kg diff`: two builds, folders of reports or git revisions side by side."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg import console, results
from kg.errors import UsageError
from kg.options import AsJson, BuildFolder, settings
from kg.terminal import visible

if TYPE_CHECKING:
    from kg.config import Config
    from kg.diff import Side

_ARGUMENT = "A build, reports, or REVISION:PATH of reports"


def run(
    before: Annotated[
        str | None,
        typer.Argument(metavar="[A]", help=f"{_ARGUMENT} [default: the build before the current one].", show_default=False),
    ] = None,
    after: Annotated[
        str | None, typer.Argument(metavar="[B]", help=f"{_ARGUMENT} [default: the current build].", show_default=False)
    ] = None,
    build: BuildFolder = None,
    format: Annotated[str, typer.Option(metavar="FORMAT", help="text, markdown, json or rdf-patch.")] = "text",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when anything differs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two builds: models, facts and findings, with the words of both sides.

    Reports are built in a temporary folder with the settings that hold here.

    \b
    Example:
      kg diff
      kg diff kg-out reports/
      kg diff main:reports/ reports/ --format markdown --exit-code
    """
    from kg.diff import Side, check_format, compare, write
    from kg.schema import load_schema
    from kg.store import open_build

    config, format = settings(), "json" if as_json else format
    check_format(format)
    for argument in filter(None, (before, after)):
        _check(argument)
    with ExitStack() as stack:
        folder = build or config.output
        current = open_build(folder) if after is None else None  # that there is none is told before anything is built
        old = stack.enter_context(_before(before, folder, config))
        new = Side(str(folder), current) if current else stack.enter_context(_named(str(after), config))
        difference = compare(old, new, load_schema(config.base_iri, catalog=config.catalog))
        wrote = False
        for chunk in write(difference, format, color=console.in_color(sys.stdout), width=console.width()):
            results.write(chunk)
            wrote = True
    differs = bool(difference) or (wrote and format != "json")
    raise typer.Exit(3 if old.partial or new.partial else int(exit_code and differs))


def _check(argument: str) -> None:
    """Raise UsageError for what is neither there nor can be a revision."""
    from kg.diff import is_revision

    if not Path(argument).exists() and not is_revision(argument):
        hint = "name the folder of a build, reports, or REVISION:PATH such as HEAD~1:reports/"
        raise UsageError(f"there is no '{argument}'", hint=hint)


@contextmanager
def _before(argument: str | None, folder: Path, config: Config) -> Iterator[Side]:
    from kg.diff import Side
    from kg.store import open_previous

    if argument is None:
        yield Side(f"{folder}, the build before", open_previous(folder))
    else:
        with _named(argument, config) as side:
            yield side


@contextmanager
def _named(argument: str, config: Config) -> Iterator[Side]:
    """Give what an argument names: a build, or one that is made of reports for as long as it is needed."""
    from kg.diff import Side, unpack
    from kg.store import is_build, open_build

    path = Path(argument)
    if is_build(path):
        yield Side(argument, open_build(path))
        return
    with tempfile.TemporaryDirectory(prefix="kg-diff-") as temporary:
        if path.exists():
            yield _built(argument, path, "", Path(temporary), config)
        else:
            files = Path(temporary, "files")
            files.mkdir()
            reports = unpack(argument, files)
            yield _built(argument, reports, str(reports), Path(temporary), config)


def _built(name: str, reports: Path, root: str, temporary: Path, config: Config) -> Side:
    """Build reports in a temporary folder, and say what could not be read."""
    from kg import pipeline
    from kg.diff import Side

    result = pipeline.build([reports], temporary / "build", config=config, progress=console.progress(), say=console.say)
    for item in result.failures:
        hint = f" ({item.hint})" if item.hint else ""
        console.say(
            visible(f"not read: {item.path.removeprefix(root).lstrip('/') if root else item.path} of {name}: {item.reason}{hint}")
        )
    return Side(name, result.build, root, bool(result.failures))
