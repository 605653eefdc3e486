"""`kg review`: what reports may say and kg does not assert, with the words, for a person to judge; and what was judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kg import console
from kg.desk import Desk
from kg.errors import UsageError
from kg.options import AsJson, BuildFolder

if TYPE_CHECKING:
    from kg.review import Remark

MOST = 20
"""Suggestions that are shown unless told otherwise."""

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None, pretty_exceptions_enable=False)

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids that kg review shows.", show_default=False)]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, in words.", show_default=False)]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.", show_default=False)]
Kind = Annotated[str, typer.Option("--kind", metavar="KIND", help="What the names are names of: dataset, model, organization, …")]
Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


@app.callback()
def run(
    context: typer.Context,
    build: BuildFolder = None,
    report: Annotated[str | None, typer.Option(metavar="REPORT", help="Only of this report.")] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Only about this model.")] = None,
    relation: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this relation.")] = None,
    claims: Annotated[bool, typer.Option("--claims", help="Show claims, which kg asserts, instead of suggestions.")] = False,
    stale: Annotated[bool, typer.Option("--stale", help="Show the decisions that no longer apply.")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Ask about each suggestion: a line with a key answers.")] = False,
    limit: Annotated[int | None, typer.Option(metavar="N", help="Show this many; 0 is all [default: 20, --json: all].")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the suggestions of a build, best first: what reports may say, with the words, and kg was too unsure to assert.

    The commands below decide about them. Decisions stand in kg-decisions.toml, which kg build applies.

    \b
    Example:
      kg review --limit 5
      kg review --model InstructBLIP-13B --relation trainingDataset
      kg review accept 3fa9c1d2
      kg review --ask
    """
    if context.invoked_subcommand:
        return
    if limit is not None and limit < 0:
        raise UsageError(f"--limit {limit} is below 0", hint="0 shows all")
    if sum((claims, stale, ask)) > 1:
        raise UsageError("--claims, --stale and --ask exclude each other", hint="give one of them")
    desk = Desk.of(build)
    if stale:
        desk.list(True, as_json)
        return
    from kg.review import Wanted

    every = desk.wanted(Wanted(report, model, relation), claims)
    shown = every[: (limit if limit is not None else 0 if as_json or ask else MOST) or None]
    (desk.ask if ask else desk.show)(shown, as_json)
    if not every:
        console.say(f"no {'claims' if claims else 'suggestions'}")
    elif (hidden := len(every) - len(shown)) and not as_json:
        console.say(f"and {hidden:,} more: --limit 0 shows all")
    if not ask:
        desk.say_what_waits()


@app.command()
def accept(ids: Ids, build: BuildFolder = None, note: Note = "", by: By = "", as_json: AsJson = False) -> None:
    """Make suggestions claims, or confirm claims.

    \b
    Example:
      kg review accept 3fa9c1d2 77b0e4c1 --note "checked against the appendix"
    """
    _judge(ids, "accept", build, note, by, as_json)


@app.command()
def reject(ids: Ids, build: BuildFolder = None, note: Note = "", by: By = "", as_json: AsJson = False) -> None:
    """Take claims out, or suggestions.

    \b
    Example:
      kg review reject 3fa9c1d2 --note "this is an ablation"
    """
    _judge(ids, "reject", build, note, by, as_json)


@app.command()
def correct(
    ids: Ids,
    value: Annotated[str | None, typer.Option(metavar="VALUE", help="The right value.")] = None,
    stage: Annotated[str | None, typer.Option(metavar="STAGE", help="The right stage; none: the whole training.")] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The right model; '(no name)': the report names none.")] = None,
    relation: Annotated[str | None, typer.Option(metavar="NAME", help="The right relation.")] = None,
    unit: Annotated[str | None, typer.Option(metavar="UNIT", help="The right unit; none: without.")] = None,
    build: BuildFolder = None,
    note: Note = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Say what claims or suggestions should say; the words that they stand on stay.

    \b
    Example:
      kg review correct 3fa9c1d2 --value 64
      kg review correct 3fa9c1d2 77b0e4c1 --stage pretraining
    """
    from kg.review import NONE, UNNAMED, corrections

    given = {"value": value, "stage": stage, "model": model, "relation": relation, "unit": unit}
    nothing = {"stage": NONE, "unit": NONE, "model": UNNAMED}
    changes = {name: None if text == nothing.get(name) else text for name, text in given.items() if text is not None}
    for name, text in given.items():
        if text is not None and not text.strip():
            hint = f"write '{nothing[name]}' to take it away" if name in nothing else "reject what is not so"
            raise UsageError(f"--{name} is empty", hint=hint)
    desk = Desk.of(build)
    desk.keep(corrections(desk.built, ids, changes, desk.decisions, _remark(note, by)), as_json)


@app.command()
def add(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="The report that states the fact.", show_default=False)],
    relation: Annotated[str, typer.Option(metavar="NAME", help="What is stated, as acceleratorCount.")],
    value: Annotated[str, typer.Option(metavar="VALUE", help="Its value.")],
    quote: Annotated[str, typer.Option(metavar="TEXT", help="The words of the report that state it.")],
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Of which model [default: the only one of the report].")] = None,
    stage: Annotated[str | None, typer.Option(metavar="STAGE", help="In which stage of training.")] = None,
    unit: Annotated[str | None, typer.Option(metavar="UNIT", help="Its unit, as tokens.")] = None,
    mention: Annotated[str | None, typer.Option(metavar="TEXT", help="The part of the quote that it is read from.")] = None,
    build: BuildFolder = None,
    note: Note = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Add a fact that a report states and kg has missed, with the words that state it.

    \b
    Example:
      kg review add card.md --relation acceleratorCount --value 64 --quote "a rack of 64 of them"
    """
    from kg.review import Addition, addition

    desk = Desk.of(build)
    added = Addition(relation, value, quote, model, stage, unit, mention)
    desk.keep([addition(desk.built, report, added, desk.decisions, _remark(note, by))], as_json)


@app.command()
def same(
    one: Name, other: Name, kind: Kind, build: BuildFolder = None, note: Note = "", by: By = "", as_json: AsJson = False
) -> None:
    """Say that two names mean one thing.

    \b
    Example:
      kg review same "CC-3M-595K" "LLaVA-CC3M" --kind dataset
    """
    _name("same", (one, other), kind, build, note, by, as_json)


@app.command()
def different(
    one: Name, other: Name, kind: Kind, build: BuildFolder = None, note: Note = "", by: By = "", as_json: AsJson = False
) -> None:
    """Say that two names mean two things; when kg took them for one, the second becomes a thing of its own.

    \b
    Example:
      kg review different "Flan-T5-XLL" "Flan-T5-XL" --kind model
    """
    _name("different", (one, other), kind, build, note, by, as_json)


@app.command("list")
def list_(
    stale: Annotated[bool, typer.Option("--stale", help="Only those that no longer apply.")] = False,
    build: BuildFolder = None,
    as_json: AsJson = False,
) -> None:
    """List all decisions, and what becomes of each in the build.

    \b
    Example:
      kg review list --stale
    """
    Desk.of(build).list(stale, as_json)


@app.command()
def undo(ids: Ids, build: BuildFolder = None, as_json: AsJson = False) -> None:
    """Take decisions back; kg review list shows their ids.

    \b
    Example:
      kg review undo 3fa9c1d2
    """
    Desk.of(build).undo(ids, as_json)


def _judge(ids: list[str], do: Literal["accept", "reject"], build: Path | None, note: str, by: str, as_json: bool) -> None:
    from kg.review import judged

    desk = Desk.of(build)
    desk.keep(judged(desk.built, ids, do, desk.decisions, _remark(note, by)), as_json)


def _name(
    do: Literal["same", "different"], names: tuple[str, str], kind: str, build: Path | None, note: str, by: str, as_json: bool
) -> None:
    from kg.review import naming

    desk = Desk.of(build)
    desk.keep([naming(desk.built, do, kind, names, desk.decisions, _remark(note, by))], as_json)


def _remark(note: str, by: str) -> Remark:
    from kg.review import Remark

    return Remark(" ".join(note.split()), " ".join(by.split()))
