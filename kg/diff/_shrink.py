"""The guard against a build that loses what is published: models, or more than a tenth of the facts.

A fact whose value was replaced (under the same model, stage and relation) is not lost, nor is a model that only has another name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.diff._paired import paired
from kg.diff._renamed import follow, renamed_models, renamed_reports
from kg.diff._stated import Fact, claims_at, claims_in, facts_in, label_of, stated_by_build, stated_by_claims
from kg.errors import BuildError
from kg.manifest import Change, changes
from kg.model import Claim
from kg.names import Names
from kg.schema import Schema
from kg.store import Build
from kg.terms import KG, path

MOST = Fraction(1, 10)
"""The share of the published facts that a build may lose."""

_LISTED = 10  # names in a message
_MANY = 20_000  # reports: from there on it is faster to look at all that a build states
_DESCRIBED = ox.NamedNode(f"{KG}describedIn")


@dataclass(frozen=True, slots=True)
class Shrink:
    """What a build would lose: labels of models, claims of facts by report, and how many models and facts are published.

    `gone` are reports that are no longer an input, `failed` those that cannot be read any more.
    """

    models: tuple[str, ...]
    facts: tuple[Claim, ...]
    of_models: int
    of_facts: int
    gone: frozenset[str]
    failed: frozenset[str]

    def __bool__(self) -> bool:
        """Decide whether it is too much."""
        return bool(self.models) or len(self.facts) > MOST * self.of_facts


def refuse_shrink(
    published: Build,
    manifest: Mapping[str, Any],
    claims: Callable[[], Iterator[Claim]],
    names: Names,
    schema: Schema,
    where: str,
    unread: Iterable[str] = (),
    *,
    folder: Path | None = None,
) -> None:
    """Raise BuildError when a build with this manifest and these resolved claims loses too much of the published one.

    `unread` says which documents could not be read, and why. Where the new build's claims.jsonl stands in a `folder`, no more is
    read of it and of the published one than what some changed reports say. A published build that is damaged has nothing to lose.
    """
    try:
        if _kept(published, manifest, folder, names, schema):
            return
        shrink = _shrink(published, manifest, claims(), names, schema)
    except (BuildError, RuntimeError):  # RocksDB calls it corruption
        return
    if shrink:
        hint = "kg diff shows them with their words; `kg build … --accept-shrink` publishes the build all the same"
        raise BuildError("\n".join((*_lines(shrink), *(f"  not read: {text}" for text in unread))), where=where, hint=hint)


def _kept(published: Build, manifest: Mapping[str, Any], folder: Path | None, names: Names, schema: Schema) -> bool:
    """Decide whether what changed reports said is so little, or still said, that not too much can be lost; False: perhaps."""
    old = published.manifest
    if old["versions"]["base"] != manifest["versions"]["base"]:
        return False
    changed = list(islice(_changed(old["inputs"], manifest["inputs"]), _MANY + 1))
    before = frozenset(entry["id"] for entry, _ in changed if entry)
    if not before:
        return True
    if folder is None or len(changed) > _MANY:
        return False
    was = stated_by_build(published, schema, before)
    after = (entry["id"] for _, entry in changed if entry)
    now = stated_by_claims(claims_in(folder, after), names.model, schema)
    if not all(model in now.models or _is_described(published, model, before) for model in was.models):
        return False
    lost = sum(fact not in now.facts for fact in was.facts)
    return _has_facts(published, schema, ceil(lost / MOST))


def _has_facts(build: Build, schema: Schema, least: int) -> bool:
    """Decide whether a build states so many facts; no more of it is read than that takes."""
    found: set[Fact] = set()
    for fact, _, _ in facts_in(build, schema) if least else ():
        found.add(fact)
        if len(found) == least:
            return True
    return not least


def _changed(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    """Yield the reports that were not there, are there no longer, or say something else."""
    for before, after in changes(old, new):
        if before is None or after is None or "facts" not in before or before["facts"] != after["facts"]:
            yield before, after


def _is_described(build: Build, model: str, others: Collection[str]) -> bool:
    """Decide whether a report of a build that is none of some others is about a model."""
    base = build.manifest["versions"]["base"]
    left_out = {f"{base}report/{path(report)}" for report in others}
    found = build.store().quads_for_pattern(ox.NamedNode(base + model), _DESCRIBED, None, ox.DefaultGraph())
    return any(isinstance(quad.object, ox.NamedNode) and quad.object.value not in left_out for quad in found)


def _shrink(published: Build, manifest: Mapping[str, Any], claims: Iterator[Claim], names: Names, schema: Schema) -> Shrink:
    before, after = stated_by_build(published, schema), stated_by_claims(claims, names.model, schema)
    renamed = renamed_models(before, after, renamed_reports(published.manifest, manifest))
    was, now = follow(before, renamed), after.facts
    lost = list(_lost(published, {fact: was[fact] for fact in was if fact not in now}, _only(now, was)))
    store, base = published.store(), published.manifest["versions"]["base"]
    models = sorted(label_of(store, base + iri) for iri in before.models if iri not in after.models and iri not in renamed)
    left = {entry["id"] for kind in ("inputs", "failed") for entry in manifest[kind]}
    return Shrink(
        models=tuple(models),
        facts=tuple(lost),
        of_models=len(before.models),
        of_facts=len(was),
        gone=frozenset(entry["id"] for entry in published.manifest["inputs"] if entry["id"] not in left),
        failed=frozenset(entry["id"] for entry in manifest["failed"]),
    )


def _only(facts: Mapping[Fact, list[Claim]], others: Mapping[Fact, Any]) -> dict[tuple[str | None, ...], list[Claim]]:
    """Return the first claim of each fact that the other side does not have, by model, stage and relation."""
    found: dict[tuple[str | None, ...], list[Claim]] = defaultdict(list)
    for fact, said in facts.items():
        if fact not in others:
            found[fact[:3]].append(said[0])
    return found


def _lost(build: Build, gone: Mapping[Fact, list[int]], came: Mapping[tuple[str | None, ...], list[Claim]]) -> Iterator[Claim]:
    """Yield the first claim of each fact that nothing came for."""
    keys: dict[tuple[str | None, ...], list[int]] = defaultdict(list)
    for fact, places in gone.items():
        keys[fact[:3]].append(places[0])
    for key, places in keys.items():
        pairs = paired(list(claims_at(build, places)), came.get(key, []), lambda claim: (claim.report,))
        yield from (old for old, new in pairs if old is not None and new is None)


def _lines(shrink: Shrink) -> Iterator[str]:
    facts = f"{len(shrink.facts):,} of {shrink.of_facts:,} facts ({len(shrink.facts) / max(shrink.of_facts, 1):.0%})"
    models = f"{len(shrink.models):,} of {shrink.of_models:,} models and " if shrink.models else ""
    yield f"this build would lose {models}{facts} of the published one, which stays as it is"
    if shrink.models:
        yield f"  models: {_listed(shrink.models)}"
    relations = Counter(claim.relation for claim in shrink.facts)
    if relations:
        yield f"  facts: {_listed([f'{count:,} {name}' for name, count in _by_size(relations)])}"
    reports = Counter(claim.report for claim in shrink.facts)
    reports.update(dict.fromkeys(shrink.gone, 0))
    if reports:
        yield f"  reports: {_listed([_report(name, count, shrink) for name, count in _by_size(reports)])}"


def _report(name: str, count: int, shrink: Shrink) -> str:
    why = "no longer there, " if name in shrink.gone else "cannot be read, " if name in shrink.failed else ""
    return f"{name} ({why}{count:,} fact{'' if count == 1 else 's'} lost)"


def _by_size(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _listed(names: tuple[str, ...] | list[str]) -> str:
    rest = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + rest
