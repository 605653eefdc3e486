"""Names -> things: the individual of the catalogue that a name means, or a new one of its own.

Two names are one thing only when their keys (`values.name_key`) are equal or the catalogue lists both: never by similarity. A name
that the catalogue gives to several things is ambiguous: it names nothing, and a finding says what it could be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from kg.model import Claim, Finding, Label, Thing
from kg.names import OWN, Names, Spelling
from kg.values import name_key, slug

if TYPE_CHECKING:
    from kg.schema import Schema


def names_of(claims: Iterable[Claim], schema: Schema) -> Names:
    """Return what the names in all claims of a build mean; the order of the claims has no influence.

    A new name's IRI ends in the slug with most hyphens among its spellings, then the smallest; its label is the most frequent
    spelling, then the smallest. When two keys share a slug, all but one carry eight hex digits of their key.
    """
    counts: Counter[Spelling] = Counter()
    for claim in claims:
        range_ = schema.relation(claim.relation).range
        if not range_.startswith("xsd:"):
            counts[range_.lower(), claim.value] += 1
        if claim.model:
            counts[OWN, claim.model] += 1
    new: dict[tuple[str, str], list[Spelling]] = defaultdict(list)
    iris: dict[Spelling, str | None] = {}
    labels: dict[str, str] = {}
    for spelling in counts:
        kind, name = spelling
        things, decided = _find(schema, name, kind)
        if decided:
            iris[spelling] = things[0].iri
            labels[things[0].iri] = things[0].name
        elif things and kind != OWN:
            iris[spelling] = None
        else:
            new[_kind(kind), _key(name)].append(spelling)
    for entry, iri in _new_iris(new, schema).items():
        totals: Counter[str] = Counter()
        for spelling in new[entry]:
            iris[spelling] = iri
            totals[spelling[1]] += counts[spelling]
        labels[iri] = min(totals, key=lambda name: (-totals[name], name))
    return Names(schema.base, iris, labels)


def _new_iris(new: Mapping[tuple[str, str], list[Spelling]], schema: Schema) -> dict[tuple[str, str], str]:
    taken = {thing.iri for thing in schema.things}
    slugs = {entry: min((slug(name) for _, name in names), key=lambda s: (-s.count("-"), s)) for entry, names in new.items()}
    iris: dict[tuple[str, str], str] = {}
    # The key that a slug reads back as comes first; "café" then steps aside for "cafe".
    for kind, key in sorted(slugs, key=lambda entry: (entry[0], name_key(slugs[entry]) != entry[1], entry[1])):
        iri = f"{schema.base}{kind}/{slugs[kind, key]}"
        if iri in taken:
            iri += "-" + sha256(key.encode()).hexdigest()[:8]
        taken.add(iri)
        iris[kind, key] = iri
    return iris


def resolve(claims: Iterable[Claim], schema: Schema, names: Names | None = None) -> list[Claim]:
    """Return the claims with `thing` filled where the relation's range is a class and the name is not ambiguous.

    `names` are those of the whole build; without them the claims given are the build.
    """
    claims = list(claims)
    names = names or names_of(claims, schema)
    kinds = {name: relation.range.lower() for name, relation in schema.relations.items() if not relation.range.startswith("xsd:")}
    resolved = []
    for claim in claims:
        kind = kinds.get(claim.relation)
        thing = names.thing(kind, claim.value) if kind else None
        resolved.append(claim if claim.thing == thing else replace(claim, thing=thing))
    return resolved


def ambiguous(claims: Iterable[Claim], schema: Schema) -> list[Finding]:
    """Return a finding for each claim whose name the catalogue gives to several things; `claims` are resolved."""
    findings = []
    for claim in claims:
        range_ = schema.relation(claim.relation).range
        if claim.thing is None and not range_.startswith("xsd:"):
            things, _ = _find(schema, claim.value, range_.lower())
            could = " or ".join(thing.name for thing in things) if len(things) > 1 else f"{things[0].name} or something else"
            findings.append(
                Finding(
                    code="KG501",
                    severity="info",
                    message=f"the {range_.lower()} '{claim.value}' is ambiguous",
                    labels=(Label(claim.report, claim.start, claim.end, f"may be {could}"),),
                    notes=("the claim is kept, the graph holds no fact of it; the full name says which one is meant",),
                    report=claim.report,
                    relation=claim.relation,
                )
            )
    return findings


def _find(schema: Schema, name: str, kind: str) -> tuple[list[Thing], bool]:
    """Return the things that a name can mean, sorted, and whether it decides for one of them.

    They are told apart by the folder of their IRI, because components of models are models.
    """
    key = name_key(name)
    folder = f"{schema.base}{_kind(kind)}/"
    found = {thing.iri: thing for thing in schema.find(name) if thing.iri.startswith(folder)} if key else {}
    things = [found[iri] for iri in sorted(found)]
    return things, len(things) == 1 and key not in map(name_key, things[0].ambiguous)


def _kind(kind: str) -> str:
    return "model" if kind == OWN else kind


def _key(name: str) -> str:
    # A name of signs alone has an empty key, and would be one with every other such name.
    return name_key(name) or slug(name)
