"""Two builds -> what differs. Facts are compared by model, stage and relation, in time that grows with the size of the builds.

A fact of a relation that has one value is changed, one of a relation with many is added or removed. The graph tells which model a
claim is about; everything else is read from the other files of a build.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from kg.diff._difference import Change, DerivedValue, Difference, Model, Side, Value
from kg.diff._paired import paired
from kg.diff._renamed import follow, renamed_models, renamed_reports
from kg.diff._stated import Fact, Stated, claims_at, label_of, reading, stated_by_build
from kg.findings import findings_of
from kg.model import Claim, Finding
from kg.schema import Schema

Item = TypeVar("Item")
Facts = Mapping[Fact, list[int]]

DERIVED = "derived.jsonl"


def compare(before: Side, after: Side, schema: Schema) -> Difference:
    """Return what differs between two builds; raise BuildError when one is damaged."""
    old, new = stated_by_build(before.build, schema), stated_by_build(after.build, schema)
    reports = renamed_reports(before.build.manifest, after.build.manifest)
    models = renamed_models(old, new, reports)
    was, now = follow(old, models), new.facts
    derived, same_derived = _derived(before, after, models)
    changed = tuple(_models(before, after, old, new, models))
    named = {change.before.iri.removeprefix("model/"): change for change in changed if change.before and change.after}
    findings, same_findings = _findings(before, after, partial(_elsewhere, before.base, reports, named))
    return Difference(
        before,
        after,
        reports=tuple(_reports(before, after, reports)),
        edited=_edited(before, after, reports),
        models=changed,
        facts=tuple(_facts(_values(before, was, now, models), _values(after, now, was, {}), schema)),
        derived=tuple(derived),
        findings=tuple(findings),
        unchanged={
            "models": len(old.models.keys() & new.models.keys()),
            "facts": len(was.keys() & now.keys()),
            "derived": same_derived,
            "findings": same_findings,
        },
    )


def _hashes(side: Side) -> dict[str, str | None]:
    return {entry["id"]: entry["sha256"] for kind in ("inputs", "failed") for entry in side.build.manifest[kind]}


def _reports(before: Side, after: Side, renamed: Mapping[str, str]) -> Iterator[Change[str]]:
    old, new = _hashes(before), _hashes(after)
    yield from (Change(id, renamed.get(id)) for id in sorted(old.keys() - new.keys()))
    yield from (Change(None, id) for id in sorted(new.keys() - old.keys() - set(renamed.values())))


def _edited(before: Side, after: Side, renamed: Mapping[str, str]) -> tuple[str, ...]:
    old, new = _hashes(before), _hashes(after)
    return tuple(sorted(id for id in old.keys() & new.keys() if old[id] != new[id]))


def _models(before: Side, after: Side, old: Stated[int], new: Stated[int], renamed: Mapping[str, str]) -> Iterator[Change[Model]]:
    gone, came = old.models.keys() - new.models.keys(), new.models.keys() - old.models.keys()
    told_before, told_after = _told(before, old, gone), _told(after, new, came)
    changes = [Change(told_before[iri], told_after.get(renamed.get(iri, ""))) for iri in gone]
    changes += [Change(None, told_after[iri]) for iri in came - set(renamed.values())]
    yield from sorted(changes, key=lambda change: (change.item.label, change.item.iri))


def _told(side: Side, stated: Stated[int], models: Iterable[str]) -> dict[str, Model]:
    """Return models with their labels, the number of their facts, and the reports that are about them."""
    counts, store = dict.fromkeys(models, 0), side.build.store()
    for fact in stated.facts:
        if fact.model in counts:
            counts[fact.model] += 1
    return {
        iri: Model(iri, label_of(store, side.base + iri), count, tuple(sorted(stated.models[iri]))) for iri, count in counts.items()
    }


def _facts(gone: Iterable[Value], came: Iterable[Value], schema: Schema) -> Iterator[Change[Value]]:
    changes = list(_changes(gone, came, _key_of_value, Value.reports, lambda value: _functional(schema, value.relation)))
    yield from sorted(changes, key=lambda change: _place_of_value(change.item, schema))


def _functional(schema: Schema, relation: str) -> bool:
    return relation in schema.relations and schema.relations[relation].functional


def _values(side: Side, facts: Facts, others: Facts, renamed: Mapping[str, str]) -> Iterator[Value]:
    """Yield the facts that the other side does not have, with the claims that say so, in the order of the first claims.

    `renamed` are the models of this side that have another name there.
    """
    only = sorted((facts[fact][0], fact) for fact in facts.keys() - others.keys())
    places = sorted(place for _, fact in only for place in facts[fact])
    claims: dict[int, Claim] = dict(zip(places, claims_at(side.build, places), strict=True))
    own, labels, store = {there: here for here, there in renamed.items()}, dict[str, str](), side.build.store()
    for _, fact in only:
        said = tuple(claims[place] for place in facts[fact])
        if fact.model not in labels:
            labels[fact.model] = label_of(store, side.base + own.get(fact.model, fact.model))
        yield Value(fact.model, labels[fact.model], fact.stage, fact.relation, fact.value if said[0].thing else None, said)


def _key_of_value(value: Value) -> Hashable:
    return value.model, value.stage, value.relation


def _place_of_value(value: Value, schema: Schema) -> tuple[Any, ...]:
    """Return what changed facts are sorted by: model, stage as training goes on, relation as the ontology lists them, value."""
    stages, relations = list(schema.stages), list(schema.relations)
    stage = stages.index(value.stage) if value.stage in stages else -1
    relation = relations.index(value.relation) if value.relation in relations else -1
    return value.model, stage, relation, value.relation, value.text


def _changes(
    gone: Iterable[Item],
    came: Iterable[Item],
    key: Callable[[Item], Hashable],
    reports: Callable[[Item], Iterable[str]],
    replaces: Callable[[Item], bool] = lambda item: True,
) -> Iterator[Change[Item]]:
    """Yield what replaced what under the same key, and the rest as removed and added."""
    old, new = _grouped(gone, key), _grouped(came, key)
    for name in [*old, *(name for name in new if name not in old)]:
        left, right = old.get(name, []), new.get(name, [])
        if left and right and replaces(left[0]):
            yield from (Change(*pair) for pair in paired(left, right, reports))
        else:
            yield from (Change(item, None) for item in left)
            yield from (Change(None, item) for item in right)


def _grouped(items: Iterable[Item], key: Callable[[Item], Hashable]) -> dict[Hashable, list[Item]]:
    found: dict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return found


def _derived(before: Side, after: Side, models: Mapping[str, str]) -> tuple[list[Change[DerivedValue]], int]:
    """Return the derived facts that differ, and how many do not: they are equal when formula and interval are."""
    left, right = _lines(before), _lines(after)
    shared = set() if models else left & right  # equal lines need not be read
    old, new = _derived_values(before, left - shared, models), _derived_values(after, right - shared, {})
    gone, came = [old[key] for key in old if key not in new], [new[key] for key in new if key not in old]
    changes = _changes(gone, came, lambda value: value.key, DerivedValue.reports)
    same = len(shared) + sum(key in new for key in old)
    return sorted(changes, key=lambda change: tuple(map(str, change.item.key))), same


def _lines(side: Side) -> set[bytes]:
    """Return the lines of derived.jsonl, none of a build that was made without."""
    file = side.build.path / DERIVED
    with reading(file):
        return set(file.read_bytes().splitlines()) if file.exists() else set()


def _derived_values(side: Side, lines: Iterable[bytes], models: Mapping[str, str]) -> dict[Hashable, DerivedValue]:
    """Return derived facts by all that decides whether two are equal; `models` have other names on the other side."""
    found: dict[Hashable, DerivedValue] = {}
    with reading(side.build.path / DERIVED):
        for line in sorted(lines):
            row = json.loads(line)
            model = row["model"].removeprefix(side.base)
            value = DerivedValue((models.get(model, model), row["stage"], row["relation"], row["rule"]), row)
            found[value.key, row["low"], row["value"], row["high"], row["formula"]] = value
    return found


def _findings(before: Side, after: Side, follow_one: Callable[[Finding], Finding]) -> tuple[list[Change[Finding]], int]:
    """Return the findings that differ, and how many do not; one that only became more or less severe has changed.

    `follow_one` makes a finding of the first side one that the second would have.
    """
    old, new = _found(before, follow_one), _found(after, lambda finding: finding)
    changes: list[Change[Finding]] = []
    same = 0
    for key in {**old, **new}:
        left, right = old.get(key, []), new.get(key, [])
        both = list(zip(left, right, strict=False))
        changes += [Change(*pair) for pair in both if pair[0].severity != pair[1].severity]
        same += sum(one.severity == other.severity for one, other in both)
        changes += [Change(finding, None) for finding in left[len(both) :]]
        changes += [Change(None, finding) for finding in right[len(both) :]]
    return sorted(changes, key=lambda change: change.item.sort_key()), same


def _found(side: Side, follow_one: Callable[[Finding], Finding]) -> dict[Hashable, Sequence[Finding]]:
    found: dict[Hashable, list[Finding]] = defaultdict(list)
    with reading(side.build.path / "findings.json"):
        for finding in findings_of(side.build.path):
            there = follow_one(finding)
            subject = (there.subject or "").removeprefix(side.base)
            found[there.code, there.report, subject, there.relation, there.message].append(finding)
    return {key: sorted(group, key=Finding.sort_key) for key, group in found.items()}


def _elsewhere(base: str, reports: Mapping[str, str], models: Mapping[str, Change[Model]], finding: Finding) -> Finding:
    """Return a finding as it reads where reports, and models (by what follows `model/`), have other names."""
    if finding.report and finding.report in reports:
        finding = replace(finding, report=reports[finding.report])
    kind, _, part = (finding.subject or "").removeprefix(base).partition("/")
    name = part if part in models else part.rpartition("/")[0]  # of a run in a stage
    change = models.get(name)
    if change is None or change.before is None:
        return finding
    there = change.item.iri.removeprefix("model/") + part.removeprefix(name)
    message = finding.message.replace(change.before.label, change.item.label)
    return replace(finding, subject=f"{base}{kind}/{there}", message=message)
