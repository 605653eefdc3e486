"""`kg gaps`: what reports do not say of their models, scored against a profile of what is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from kg import console, results
from kg.errors import UnknownName, UsageError
from kg.options import AsJson, BuildFolder, opened, settings

if TYPE_CHECKING:
    from kg.gaps import By, Profile, Score, Told
    from kg.schema import Schema
    from kg.store import Build


def run(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="Only this model, with the words.", show_default=False)
    ] = None,
    build: BuildFolder = None,
    by: Annotated[str, typer.Option(metavar="WHAT", help="model, organization, country or year.")] = "model",
    profile: Annotated[
        str, typer.Option(metavar="NAME", help="What is asked: basic, fmti-compute, eu-gpai, or a TOML file.")
    ] = "basic",
    format: Annotated[str, typer.Option(metavar="FORMAT", help="text, markdown or csv.")] = "text",
    as_json: AsJson = False,
) -> None:
    """Score what reports say of their models against what is asked of them, and show what nobody states.

    \b
    Example:
      kg gaps
      kg gaps InstructBLIP-13B --profile eu-gpai
      kg gaps --by country --format markdown
    """
    from kg.gaps import By, load_profile
    from kg.gaps.text import checked
    from kg.schema import load_schema

    checked(format)
    views = ("model", *get_args(By))
    if by not in views:
        raise UnknownName("view of gaps", by, views)
    if model is not None and by != "model":
        raise UsageError(f"one model has no groups by {by}", hint="leave out MODEL, or --by")
    found = opened(build)
    schema = load_schema(found.manifest["versions"]["base"], catalog=settings().catalog)
    asked = load_profile(profile, schema)
    results.write(_json(found, model, by, asked, schema) if as_json else _text(found, model, by, asked, schema, format))
    if failed := len(found.manifest["failed"]):
        console.say(f"{console.plural(failed, 'report')} could not be read: what stands there is not counted")


def _scored(found: Build, model: str | None, asked: Profile, schema: Schema) -> list[tuple[Told, Score]]:
    """Return each model that reports are about, or one, with its score."""
    from kg.gaps import score
    from kg.gaps.reading import read
    from kg.sparql.things import find_thing

    store = found.store()
    models = read(found.path, store, schema)
    if model is not None:
        iri = find_thing(store, "Model", model, schema.base)
        models = [told for told in models if told.iri == iri]
        if not models:
            hint = "it is only named as a part of other models: kg query lineage shows which"
            raise UsageError(f"no report of this build is about '{model}'", hint=hint)
    return [(told, score(told, asked)) for told in models]


def _text(found: Build, model: str | None, by: str, asked: Profile, schema: Schema, format: str) -> str:
    from kg import outcome
    from kg.gaps import groups
    from kg.gaps.rows import reports_of
    from kg.gaps.text import of_groups, of_model, of_models

    scored = _scored(found, model, asked, schema)
    if model is not None:
        ((told, score),) = scored
        shown = {*reports_of([score]), *(report.report for report in told.reports)}
        return of_model(told, score, asked, outcome.sources(found, shown), format)
    if by == "model":
        return of_models(scored, asked, format)
    view = cast("By", by)
    return of_groups(groups(scored, view, schema), view, asked, format)


def _json(found: Build, model: str | None, by: str, asked: Profile, schema: Schema) -> str:
    from kg import outcome
    from kg.gaps import groups
    from kg.gaps.rows import group_row, model_row, profile_row, reports_of

    scored = _scored(found, model, asked, schema)
    document: dict[str, Any] = {"build": found.path.name, "profile": profile_row(asked), "by": by}
    if by == "model":
        sources = outcome.sources(found, reports_of(score for _, score in scored))
        document["models"] = [model_row(told, score, asked, sources) for told, score in scored]
    else:
        document["groups"] = [group_row(group) for group in groups(scored, cast("By", by), schema)]
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
