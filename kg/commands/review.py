"""`kg review`: what reports may say and kg does not assert, with the words, for a person to judge."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from kg import console, results
from kg.errors import UsageError
from kg.options import AsJson, BuildFolder, opened

MOST = 20
"""Suggestions that are shown unless told otherwise."""


def run(
    build: BuildFolder = None,
    report: Annotated[str | None, typer.Option(metavar="REPORT", help="Only of this report.")] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Only about this model.")] = None,
    relation: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this relation.")] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", help="Show this many; 0 is all [default: 20, --json: all].")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the suggestions of a build, best first: what reports may say, with the words, and kg was too unsure to assert.

    \b
    Example:
      kg review --limit 5
      kg review --model InstructBLIP-13B --relation trainingDataset
    """
    from kg import pipeline
    from kg.render import suggestions_rows, suggestions_text
    from kg.review import Wanted, suggestions

    if limit is not None and limit < 0:
        raise UsageError(f"--limit {limit} is below 0", hint="0 shows all")
    found = opened(build)
    every = suggestions(found.path, found.manifest, Wanted(report, model, relation))
    shown = every[: (limit if limit is not None else 0 if as_json else MOST) or None]
    sources = pipeline.sources(found, {claim.report for claim in shown})
    if as_json:
        results.write(json.dumps(suggestions_rows(shown, sources), indent=1, ensure_ascii=False) + "\n")
    else:
        results.write(suggestions_text(shown, sources, color=console.in_color(sys.stdout), width=console.width()))
        if hidden := len(every) - len(shown):
            console.say(f"and {hidden:,} more: --limit 0 shows all")
    if not every:
        console.say("no suggestions")
