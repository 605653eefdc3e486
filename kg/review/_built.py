"""A build -> what was read in its reports before people decided, with their texts: decisions are made and tried on that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kg.decisions import Decisions, Folded, fold, spelled
from kg.errors import BuildError
from kg.model import Claim
from kg.review._apply import Applied, Read, apply
from kg.review._listing import Listed, listed
from kg.stored import texts

if TYPE_CHECKING:
    from pathlib import Path

    import pyoxigraph as ox

    from kg.schema import Schema


@dataclass(frozen=True)
class Built:
    """A build whose reports are asked for by id; `opened` opens its store."""

    path: Path
    manifest: Mapping[str, Any]
    schema: Schema
    opened: Callable[[], ox.Store]

    @cached_property
    def every(self) -> list[Listed]:
        """Return the suggestions and claims of the build."""
        return listed(self.path)

    def text(self, report: str) -> tuple[str, Folded]:
        """Return the source of a report, as it is and folded."""
        source = self.texts([report])[report]
        return source, fold(source)

    def texts(self, reports: Iterable[str]) -> dict[str, str]:
        """Return the sources of reports; raise BuildError when the build lacks one."""
        wanted = sorted(set(reports))
        found = texts(self._store, wanted, self.schema.base)
        missing = next((report for report in wanted if report not in found), None)
        if missing is not None:
            raise BuildError(f"the build holds no text of {missing}", where=str(self.path), hint="build again")
        return found

    def of_report(self, report: str) -> list[Listed]:
        """Return the suggestions and claims of a report."""
        return [item for item in self.every if item.claim.report == report]

    def tried(self, decisions: Decisions) -> Applied:
        """Return what becomes of decisions in this build; raise ConfigError when they contradict each other."""
        meant = [id for id in self._files if any(_may_mean(id, item.report, self._files) for item in decisions.of_claims)]
        sources = self.texts(meant)
        claims, suggestions = (self._said(kind) for kind in ("claims", "suggestions"))
        reads = {
            id: Read(id, sources[id], tuple(claims.get(id, ())), tuple(suggestions.get(id, ())), self._files[id]) for id in meant
        }
        return apply(decisions, reads, self._spellings(decisions))

    @cached_property
    def _store(self) -> ox.Store:
        return self.opened()

    @cached_property
    def _files(self) -> Mapping[str, str | None]:
        """Return the reports in order, each with the file of many that it stands in, if any."""
        return {entry["id"]: entry.get("file") for entry in self.manifest["inputs"]}

    @cached_property
    def _undecided(self) -> dict[str, dict[str, Any]]:
        path = self.path / "undecided.jsonl"
        return {row["report"]: row for row in _rows(path)}

    def _said(self, kind: str) -> dict[str, list[Claim]]:
        """Return claims or suggestions by report, as they were before decisions."""
        found: dict[str, list[Claim]] = {}
        for item in self.every:
            if item.suggested == (kind == "suggestions") and item.claim.report not in self._undecided:
                found.setdefault(item.claim.report, []).append(item.claim)
        return found | {id: list(map(Claim.from_json, row[kind])) for id, row in self._undecided.items()}

    def _spellings(self, decisions: Decisions) -> Iterator[tuple[str, str]]:
        if not decisions.of_names:
            return
        for name, kind in self.names():
            yield kind, spelled(name)
        for decision in decisions.of_names:
            yield from ((decision.kind, spelled(name)) for name in decision.names if self.schema.find(name, decision.kind))

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every name that a report says something with, and the kind of thing that it names."""
        for item in self.every:
            range_ = self.schema.relation(item.claim.relation).range
            if not range_.startswith("xsd:"):
                yield item.claim.value, range_.lower()
            if item.claim.model:
                yield item.claim.model, "model"


def _may_mean(id: str, report: str, files: Mapping[str, str | None]) -> bool:
    """Decide whether a decision about a report may hold in the report with an id: see `apply`."""
    file = files[id]
    return (
        id == report
        or id.endswith(f"/{report}")
        or report.endswith(f"/{id}")
        or (file is not None and report.startswith(f"{file}/"))
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)
    except (OSError, ValueError) as error:
        raise BuildError(f"the build cannot be read: {error}", where=str(path), hint="build again") from error
