"""What differs between two builds: frozen data. `before` is None for what was added, `after` for what was removed.

IRIs are those below the base IRI (`model/kestrel-7b`), so that builds with different bases can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from kg.interval import number, shown
from kg.model import Claim, Finding
from kg.places import ReportSource
from kg.store import Build

Kind = Literal["added", "removed", "changed"]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Side:
    """A build with the name that it was asked for.

    `root` is the folder that its reports were unpacked to, if they were; `partial` says that some could not be read.
    """

    name: str
    build: Build
    root: str = ""
    partial: bool = False

    @property
    def base(self) -> str:
        """Return the base IRI of the build."""
        base: str = self.build.manifest["versions"]["base"]
        return base

    def sources(self, reports: Iterable[str]) -> Mapping[str, ReportSource]:
        """Return reports of the build with their texts, under the paths that a reader knows them by."""
        from kg.outcome import sources

        return {id: replace(source, path=self.shown(source.path)) for id, source in sources(self.build, reports).items()}

    def shown(self, path: str) -> str:
        """Return the path of a report as a reader knows it: of one that was unpacked, with its revision."""
        if not self.root or not path.startswith(self.root):
            return path
        revision, _, below = self.name.partition(":")
        parts = (below.strip("/"), path.removeprefix(self.root).lstrip("/"))
        return f"{revision}:{'/'.join(filter(None, parts))}"


@dataclass(frozen=True, slots=True)
class Change(Generic[Item]):
    """A thing of one kind as it was and as it is."""

    before: Item | None
    after: Item | None

    @property
    def kind(self) -> Kind:
        """Return whether it is new, gone, or other than it was."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def item(self) -> Item:
        """Return what there is now, else what there was."""
        found = self.before if self.after is None else self.after
        assert found is not None  # noqa: S101 - a change has at least one side
        return found

    def sides(self) -> Iterator[tuple[Literal["before", "after"], Item]]:
        """Yield the sides that there are, with their names."""
        if self.before is not None:
            yield "before", self.before
        if self.after is not None:
            yield "after", self.after


@dataclass(frozen=True, slots=True)
class Model:
    """A model that reports are about: its IRI below the base, its label, how many facts are stated of it, where."""

    iri: str
    label: str
    facts: int
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A fact of a model: what a relation's value is, and the claims that say so, in their order."""

    model: str
    label: str
    stage: str | None
    relation: str
    thing: str | None
    claims: tuple[Claim, ...]

    @property
    def text(self) -> str:
        """Return the value as a reader writes it, a range with both ends."""
        claim = self.claims[0]
        amount = f"{claim.value} to {claim.value_max}" if claim.value_max else claim.value
        return f"{amount} {claim.unit}" if claim.unit else amount

    def reports(self) -> frozenset[str]:
        """Return the reports that say so."""
        return frozenset(claim.report for claim in self.claims)


@dataclass(frozen=True, slots=True)
class DerivedValue:
    """A derived fact: a row of derived.jsonl, and what it is a value of: model below the base, stage, relation, rule."""

    key: tuple[str, str | None, str, str]
    row: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Return the central value with its unit and its bounds."""
        row = self.row
        low, value, high = (bound and _shown(bound) for bound in (row["low"], row["value"], row["high"]))
        unit = f" {row['unit']}" if row.get("unit") else ""
        if low == value == high:
            return f"{value}{unit}"
        return f"{value}{unit} ({f'at least {low}' if high is None else f'{low} to {high}'})"

    def reports(self) -> frozenset[str]:
        """Return the reports whose claims went in."""
        return frozenset({said["report"] for said in self.row.get("inputs", ())})


def _shown(value: str) -> str:
    found = number(value)
    return value if found is None else shown(found)


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two builds, and how much does not; `edited` are reports whose text is another one.

    `reports` holds the ids of reports that came, went, or have another name.
    """

    before: Side
    after: Side
    reports: tuple[Change[str], ...]
    edited: tuple[str, ...]
    models: tuple[Change[Model], ...]
    facts: tuple[Change[Value], ...]
    derived: tuple[Change[DerivedValue], ...]
    findings: tuple[Change[Finding], ...]
    unchanged: Mapping[str, int]

    def groups(self) -> dict[str, tuple[Change[Any], ...]]:
        """Return the changes by what they are changes of."""
        return {
            "reports": self.reports,
            "models": self.models,
            "facts": self.facts,
            "derived": self.derived,
            "findings": self.findings,
        }

    def __bool__(self) -> bool:
        """Decide whether anything differs."""
        return any(self.groups().values())

    def counts(self) -> dict[str, dict[Kind, int]]:
        """Return how many of each group were added, removed and changed."""
        kinds: tuple[Kind, ...] = ("added", "removed", "changed")
        return {name: {kind: sum(item.kind == kind for item in items) for kind in kinds} for name, items in self.groups().items()}
