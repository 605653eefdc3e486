"""Claims and findings -> the words they stand in, with file, line and column, for each side of a difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.diff._difference import Difference, Side
from kg.model import Claim, Label
from kg.places import ReportSource, line_text, place, position

Sources = Mapping[str, ReportSource]

_CUT = "…"


@dataclass(frozen=True, slots=True)
class Texts:
    """The reports that a difference points into, of each side."""

    before: Sources
    after: Sources

    def of(self, side: str) -> Sources:
        """Return the reports of the side `before` or `after`."""
        return self.before if side == "before" else self.after


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a report in their line: where they stand, as messages write it, and what is around them."""

    where: str
    left: str
    words: str
    right: str


def texts_of(difference: Difference) -> Texts:
    """Return the reports that the changes of a difference point into."""
    return Texts(_sources(difference.before, "before", difference), _sources(difference.after, "after", difference))


def _sources(side: Side, name: str, difference: Difference) -> Sources:
    facts = (value for change in difference.facts for on, value in change.sides() if on == name)
    derived = (value for change in difference.derived for on, value in change.sides() if on == name)
    findings = (finding for change in difference.findings for on, finding in change.sides() if on == name)
    wanted = {claim.report for value in facts for claim in value.claims}
    wanted |= {report for value in derived for report in value.reports()}
    wanted |= {label.report for finding in findings for label in finding.labels}
    return side.sources(wanted) if wanted else {}


def label_of(claim: Claim, text: str = "") -> Label:
    """Return the span of a claim."""
    return Label(claim.report, claim.start, claim.end, text)


def quote(label: Label, sources: Sources, around: int) -> Quote:
    """Return the words of a span with at most `around` characters of its line on both sides; long words lose their middle."""
    at = place(label, sources)
    if at is None:
        return Quote(f"{label.report}, characters {label.start} to {label.end}", "", "", "")
    text = sources[label.report].lines
    line, column = position(text, at.start)
    whole, offset = line_text(text, line), column - 1
    words = whole[offset : offset + at.end - at.start]
    left, right = whole[:offset], whole[offset + len(words) :]
    cut = f"{left[-around:]}" if len(left) <= around else f"{_CUT}{left[-around:]}"
    rest = right if len(right) <= around else f"{right[:around]}{_CUT}"
    return Quote(f"{at.path}{at.spot}", cut.lstrip(), _short(words, 2 * around), rest.rstrip())


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]}{_CUT}{text[-(most // 2) :]}"
