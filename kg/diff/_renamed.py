"""Reports and models that have another name on the other side, where that can be told for sure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from kg.diff._stated import Fact, Stated

_LEAST_SHARED = 0.5  # of the facts that one of the two has at most


def renamed_reports(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Return the reports of two manifests that have other ids and equal bytes, unless several have the same bytes."""
    old = {entry["id"]: entry["sha256"] for entry in before["inputs"]}
    new = {entry["id"]: entry["sha256"] for entry in after["inputs"]}
    gone = _alone({id: digest for id, digest in old.items() if id not in new})
    came = _alone({id: digest for id, digest in new.items() if id not in old})
    return {gone[digest]: came[digest] for digest in sorted(gone.keys() & came.keys(), key=lambda digest: gone[digest])}


def renamed_models(before: Stated[Any], after: Stated[Any], reports: Mapping[str, str]) -> dict[str, str]:
    """Return the models (IRIs below the base) that are only named otherwise; `reports` are those with other ids.

    For sure means: each report of the one is there on the other side, both are the only model of it, no other report is about
    either, and they share half of their facts beside the name.
    """
    gone = {model for model in before.models if model not in after.models}
    came = {model for model in after.models if model not in before.models}
    if not gone or not came:
        return {}
    old_of, new_of = _by_report(before), _by_report(after)
    found = {}
    for model in sorted(gone):
        there = {reports.get(report, report) for report in before.models[model]}
        names = set().union(*(new_of.get(report, {""}) for report in there))
        alone = all(old_of[report] == {model} for report in before.models[model])
        if alone and len(names) == 1 and (name := names.pop()) in came and after.models[name] == there:
            found[model] = name
    return _alike(found, before, after)


def _alone(hashes: Mapping[str, str]) -> dict[str, str]:
    """Return the ids by hash, without the hashes that several have."""
    counts = Counter(hashes.values())
    return {digest: id for id, digest in hashes.items() if counts[digest] == 1}


def _by_report(stated: Stated[Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for model, reports in stated.models.items():
        for report in reports:
            found[report].add(model)
    return found


def _alike(names: Mapping[str, str], before: Stated[Any], after: Stated[Any]) -> dict[str, str]:
    old, new = _facts_of(before, names.keys()), _facts_of(after, set(names.values()))
    return {
        model: name
        for model, name in names.items()
        if (shared := len(old[model] & new[name])) and shared >= _LEAST_SHARED * max(len(old[model]), len(new[name]))
    }


def _facts_of(stated: Stated[Any], models: Collection[str]) -> dict[str, set[tuple[str | None, ...]]]:
    found: dict[str, set[tuple[str | None, ...]]] = {model: set() for model in models}
    for fact in stated.facts:
        if fact.model in found and fact.relation != "name":
            found[fact.model].add(fact[1:])
    return found


def follow(stated: Stated[Any], models: Mapping[str, str]) -> Mapping[Fact, list[Any]]:
    """Return the facts of a build as they read when its models have the names of the other side."""
    if not models:
        return stated.facts
    return {
        fact._replace(model=models[fact.model]) if fact.model in models else fact: where for fact, where in stated.facts.items()
    }
