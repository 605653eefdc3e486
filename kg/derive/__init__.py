"""Claims and the catalogue -> numbers that no report states: one file per rule, found by listing this folder.

A rule's module has `GIVES` (the derived relations it finds), `USES` (those of other rules that it needs), `SCOPE`, and `compute`.
In the scope "run" it is asked about each run that itself states one of `ASKS`, in the scope "whole" about the whole training of a
model, after its stages: `compute(known)` yields derived facts, and what cannot be computed and why. In the scope "build" it is
given all models at the end. A file that begins with `_` is shared by several rules.

Facts of one report are put together first. Where several reports are about one model, what none of them gives alone is computed
from all of them, as long as they do not disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from graphlib import TopologicalSorter
from importlib import import_module
from itertools import groupby
from pkgutil import iter_modules
from types import ModuleType

from kg.config import Config
from kg.derive._known import Given, Known
from kg.model import Claim, Derivation, Derived, Thing, Undetermined
from kg.runs import ModelReport, Run, Said
from kg.schema import Schema

__all__ = ["derive", "derive_build", "derive_models", "linking", "rules"]

Result = Derived | Undetermined


def derive(models: Sequence[ModelReport], schema: Schema, texts: Mapping[str, str], config: Config) -> Derivation:
    """Return what follows from the claims of a build; `models` are sorted by model, `texts` are the reports' sources by id."""
    own = derive_models(models, schema, texts, config)
    facts = [*own.facts, *derive_build(own.facts, models, schema, config)]
    return replace(own, facts=tuple(sorted(facts, key=Derived.sort_key)))


def derive_models(models: Sequence[ModelReport], schema: Schema, texts: Mapping[str, str], config: Config) -> Derivation:
    """Return what follows for each model by itself; every report about a model is among `models`, which are sorted by model."""
    given = Given(schema, texts, config, *_variants(schema))
    found = [result for _, group in groupby(models, key=lambda model: model.iri) for result in _of_model(list(group), given)]
    facts = (result for result in found if isinstance(result, Derived))
    undetermined = (result for result in found if isinstance(result, Undetermined))
    return Derivation(
        tuple(sorted(facts, key=Derived.sort_key)),
        tuple(sorted(undetermined, key=lambda gap: (gap.model, gap.report or "", gap.stage or "", gap.relation, gap.rule))),
    )


def derive_build(facts: Sequence[Derived], models: Sequence[ModelReport], schema: Schema, config: Config) -> Iterator[Derived]:
    """Yield what only follows from all models together, whose facts are given: those that `linking` names are enough."""
    given = Given(schema, {}, config, *_variants(schema))
    for rule in rules():
        if rule.SCOPE == "build":
            yield from rule.compute(facts, models, given)


def linking() -> frozenset[str]:
    """Return the relations of derived facts that rules about all models together use."""
    return frozenset(relation for rule in rules() if rule.SCOPE == "build" for relation in rule.USES)


@lru_cache(maxsize=1)
def rules() -> tuple[ModuleType, ...]:
    """Return the rules, each after those that it uses."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if not module.name.startswith("_")]
    giving: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        for relation in module.GIVES:
            giving[relation].add(module.__name__)
    by_name = {module.__name__: module for module in modules}
    needs = {name: {giver for relation in module.USES for giver in giving[relation]} - {name} for name, module in by_name.items()}
    return tuple(by_name[name] for name in TopologicalSorter(needs).static_order())


@lru_cache(maxsize=4)
def _variants(schema: Schema) -> tuple[Mapping[str, Sequence[Thing]], Mapping[str, Sequence[str]]]:
    """Return the variants of each thing by its name, those of variants among them, and what each is a variant of."""
    next_wider = {thing.name: thing.facts["variantOf"] for thing in schema.things if thing.facts.get("variantOf")}
    variants: dict[str, list[Thing]] = defaultdict(list)
    wider: dict[str, list[str]] = defaultdict(list)
    for thing in schema.things:
        name = next_wider.get(thing.name)
        while name:
            variants[name].append(thing)
            wider[thing.name].append(name)
            name = next_wider.get(name)
    return dict(variants), dict(wider)


def _of_model(reports: Sequence[ModelReport], given: Given) -> Iterator[Result]:
    """Yield what follows for one model: from each report, and from all of them together where no report alone is enough."""
    if len(reports) == 1:
        yield from _of_report(reports[0], given)
        return
    together = _joined(reports)
    every = (_with_stages(model, together.runs) for model in reports)
    facts = [result for model in every for result in _of_report(model, given) if isinstance(result, Derived)]
    yield from facts
    some = {(fact.subject, fact.relation) for fact in facts}
    whole = {(fact.subject, fact.relation) for fact in facts if fact.high is not None}
    joint = _of_report(together, given)
    wanted = [item for item in joint if (item.subject, item.relation) not in (whole if isinstance(item, Derived) else some)]
    ids = {fact.id for fact in facts}
    new = [item for item in wanted if isinstance(item, Undetermined) or item.id not in ids]
    yield from new
    yield from _used((result for result in joint if isinstance(result, Derived)), new, ids)


def _with_stages(model: ModelReport, stages: Iterable[str | None]) -> ModelReport:
    """Return what a report says, with the stages too that only other reports name: a sum over its own would not be whole."""
    whole = model.runs[None]
    runs = {stage: model.runs.get(stage) or replace(whole, stage=stage, said={}, whole=whole) for stage in stages}
    return replace(model, runs=runs)


def _used(joint: Iterable[Derived], wanted: Iterable[Result], ids: set[str]) -> Iterator[Derived]:
    """Yield the facts that wanted ones are computed from, and that no report gave alone."""
    by_id = {fact.id: fact for fact in joint}
    waiting = [id for result in wanted if isinstance(result, Derived) for id in result.derived]
    seen = ids | {result.id for result in wanted if isinstance(result, Derived)}
    while waiting:
        id = waiting.pop()
        if id not in seen:
            seen.add(id)
            yield by_id[id]
            waiting += by_id[id].derived


def _of_report(model: ModelReport, given: Given) -> list[Result]:
    runs: dict[str | None, Known] = {}
    for stage, run in model.runs.items():
        runs[stage] = Known(run, model, given, others=runs)
    results: list[Result] = []
    for rule in rules():
        if rule.SCOPE == "run":
            asked = [known for known in runs.values() if known.states(*rule.ASKS)]
        else:
            asked = [runs[None]] if rule.SCOPE == "whole" else []
        for known in asked:
            results += rule.compute(known)
    return results


def _joined(reports: Sequence[ModelReport]) -> ModelReport:
    """Return what several reports say of one model as if one had said it."""
    first = reports[0]
    stages = sorted({stage for model in reports for stage in model.runs if stage})
    whole = _joined_run([model.runs[None] for model in reports], None)
    runs: dict[str | None, Run] = {None: whole}
    for stage in stages:
        runs[stage] = _joined_run([model.runs[stage] for model in reports if stage in model.runs], whole)
    table = all(model.table for model in reports)
    return ModelReport("", first.iri, first.label, table, _together(model.claims for model in reports), runs)


def _joined_run(runs: Sequence[Run], whole: Run | None) -> Run:
    first = runs[0]
    return Run("", first.model, first.label, first.stage, first.iri, _together(run.said for run in runs), whole)


def _together(every: Iterable[Said]) -> Said:
    together: dict[str, tuple[Claim, ...]] = {}
    for said in every:
        for relation, claims in said.items():
            together[relation] = (*together.get(relation, ()), *claims)
    return together
