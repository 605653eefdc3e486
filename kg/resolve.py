"""Names -> things: the individual of the catalogue that a name means, or a new one of its own.

Two names are one thing only when their keys (`values.name_key`) are equal or the catalogue lists both: never by similarity. A name
that the catalogue gives to several things is ambiguous: it names nothing, and a finding says what it could be. What people
decided about two names (`decisions`) stands above keys and catalogue.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import product
from typing import TYPE_CHECKING

from kg.decisions import OfNames, folded, joined_names, spelled
from kg.errors import ConfigError
from kg.model import Claim, Finding, Label, Thing
from kg.names import OWN, Names, Spelling
from kg.values import name_key, slug

if TYPE_CHECKING:
    from kg.schema import Schema


def names_of(claims: Iterable[Claim], schema: Schema, decided: Sequence[OfNames] = ()) -> Names:
    """Return what the names in all claims of a build mean; the order of the claims has no influence.

    A new name's IRI ends in the slug with most hyphens among its spellings, then the smallest; its label is the most frequent
    spelling, then the smallest. When two keys share a slug, all but one carry eight hex digits of their key. What people decided
    about two names stands above all that; raises ConfigError when they make two known things one.
    """
    counts: Counter[Spelling] = Counter()
    for claim in claims:
        range_ = schema.relation(claim.relation).range
        if not range_.startswith("xsd:"):
            counts[range_.lower(), claim.value] += 1
        if claim.model:
            counts[OWN, claim.model] += 1
    return names_counted(counts, schema, decided)


def names_counted(counts: Mapping[Spelling, int], schema: Schema, decided: Sequence[OfNames] = ()) -> Names:
    """Return what names mean that stand so often in the claims of a build, as `names_of` does."""
    new: dict[tuple[str, str], list[Spelling]] = defaultdict(list)
    iris: dict[Spelling, str | None] = {}
    labels: dict[str, str] = {}
    judged = _Judged(decided, schema)
    for spelling in counts:
        kind, name = spelling
        things, chosen = judged.find(kind, name)
        if chosen:
            iris[spelling] = things[0].iri
            labels[things[0].iri] = things[0].name
        elif things and kind != OWN:
            iris[spelling] = None
        else:
            new[_kind(kind), judged.key(kind, name)].append(spelling)
    for entry, iri in _new_iris(new, schema).items():
        totals: Counter[str] = Counter()
        for spelling in new[entry]:
            iris[spelling] = iri
            totals[spelling[1]] += counts[spelling]
        labels[iri] = min(totals, key=lambda name: (-totals[name], name))
    return Names(schema.base, iris, labels, judged.refused)


class _Judged:
    """What people decided about names, before the catalogue is asked."""

    def __init__(self, decided: Sequence[OfNames], schema: Schema) -> None:
        self._schema = schema
        self._joined = joined_names(decided)
        self._things = dict(self._known(decided))
        self._own = {(item.kind, name) for item in decided if item.do == "different" for name in self._parted(item)}
        pairs = ((item.kind, map(self._keys, (item.kind,) * 2, item.names)) for item in decided if item.do == "different")
        self.refused = frozenset((kind, frozenset(pair)) for kind, keys in pairs for pair in product(*keys))

    def find(self, kind: str, name: str) -> tuple[list[Thing], bool]:
        """Return the things that a name can mean, and whether it decides for one of them."""
        if self._own and (_kind(kind), folded(name)) in self._own:
            return [], False
        thing = self._things.get((_kind(kind), spelled(name)))
        return ([thing], True) if thing else _find(self._schema, name, kind)

    def key(self, kind: str, name: str) -> str:
        """Return the key that a new name shares with all names of the same thing."""
        kind, key = _kind(kind), _key(name)
        if self._own and (kind, folded(name)) in self._own:
            return f"{key} {folded(name)}"
        return min(self._joined.get(kind, {}).get(spelled(name), {key}))

    def _known(self, decided: Iterable[OfNames]) -> Iterator[tuple[tuple[str, str], Thing]]:
        """Yield kind and key of the names that people made one with a known thing, and the thing."""
        found: dict[tuple[str, int], tuple[Thing, OfNames]] = {}
        for item in (item for item in decided if item.do == "same"):
            part = self._joined[item.kind][spelled(item.names[0])]
            for name in item.names:
                things, chosen = _find(self._schema, name, item.kind)
                before = found.setdefault((item.kind, id(part)), (things[0], item)) if chosen else None
                if before and before[0].iri != things[0].iri:
                    one, other = sorted((before[0].name, things[0].name))
                    hint = f"it stands in line {item.line} of the decisions; kg review undo takes it back"
                    raise ConfigError(f"{one} and {other} are two known things: no decision makes them one", hint=hint)
        for (kind, part_id), (thing, _) in found.items():
            parts = (part for part in self._joined[kind].values() if id(part) == part_id)
            yield from (((kind, key), thing) for part in parts for key in part)

    def _parted(self, item: OfNames) -> Iterator[str]:
        """Yield the name that no longer means the same as the other: the second, unless that is what the catalogue calls it."""
        one, other = item.names
        things, chosen = _find(self._schema, one, item.kind)
        others, other_chosen = _find(self._schema, other, item.kind)
        one_thing = chosen and other_chosen and things[0].iri == others[0].iri
        if one_thing:
            yield one if _key(others[0].name) == _key(other) != _key(one) else other
        elif spelled(one) == spelled(other):
            yield other

    def _keys(self, kind: str, name: str) -> set[str]:
        """Return the key of a name, and of the known thing that it means."""
        things, chosen = _find(self._schema, name, kind)
        return {name_key(name), *((name_key(things[0].name),) if chosen else ())}


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
