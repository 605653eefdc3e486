"""Findings about the markup of a source, before the report has a name."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.model import Finding, Label, Severity


@dataclass(slots=True)
class Remarks:
    """Collects findings; some are made once per name only."""

    findings: list[Finding] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def add(self, code: str, severity: Severity, message: str, start: int, end: int, note: str = "") -> None:
        """Add a finding with one label."""
        self.findings.append(Finding(code, severity, message, (Label("", start, end),), (note,) if note else ()))

    def add_once(self, name: str, code: str, severity: Severity, message: str, start: int, end: int, note: str = "") -> None:
        """Add a finding unless there is one of this code and name."""
        if code + name not in self.told:
            self.told.add(code + name)
            self.add(code, severity, message, start, end, note)
