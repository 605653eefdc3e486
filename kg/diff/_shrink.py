"""The guard against a build that loses what is published: models, or more than a tenth of the facts.

A fact whose value was replaced (under the same model, stage and relation) is not lost, nor is a model that only has another name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kg.diff._paired import paired
from kg.diff._renamed import follow, renamed_models, renamed_reports
from kg.diff._stated import Fact, claims_at, label_of, stated_by_build, stated_by_claims
from kg.errors import BuildError
from kg.model import Claim
from kg.names import Names
from kg.schema import Schema
from kg.store import Build

MOST = Fraction(1, 10)
"""The share of the published facts that a build may lose."""

_LISTED = 10  # names in a message


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
) -> None:
    """Raise BuildError when a build with this manifest and these resolved claims loses too much of the published one.

    `unread` says which documents could not be read, and why. A published build that is damaged has nothing to lose.
    """
    if _same_facts(published.manifest, manifest):
        return
    try:
        shrink = _shrink(published, manifest, claims(), names, schema)
    except BuildError:
        return
    if shrink:
        hint = "kg diff shows them with their words; `kg build … --accept-shrink` publishes the build all the same"
        raise BuildError("\n".join((*_lines(shrink), *(f"  not read: {text}" for text in unread))), where=where, hint=hint)


def _same_facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Decide whether every report that is published says what it said."""
    now = {entry["id"]: entry["facts"] for entry in new["inputs"]}
    same_base = old["versions"]["base"] == new["versions"]["base"]
    return same_base and all("facts" in entry and now.get(entry["id"]) == entry["facts"] for entry in old["inputs"])


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
