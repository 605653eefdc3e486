"""Documents compared with their gold -> figures: precision, recall and F1, in all, by relation, by document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kg.eval._gold import Gold
from kg.eval._judge import DocumentScore, Judgement, Spans, judge_document
from kg.model import Claim

Mode = Literal["relaxed", "strict"]
_COMPRESSED = (".bz2", ".gz", ".xz", ".zst")
MODES: tuple[Mode, ...] = ("relaxed", "strict")


@dataclass(frozen=True, slots=True)
class Counts:
    """Right and wrong claims and missed facts, and the shares that follow, rounded to four digits; 0 where nothing is shared."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Return the share of claims that are right."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Return the share of facts that are found."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall.

        >>> Counts(right=3, wrong=1, missed=2).f1
        0.6667
        """
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed)

    def __bool__(self) -> bool:
        return self.right + self.wrong + self.missed > 0


@dataclass(frozen=True, slots=True)
class Mean:
    """The means of the figures of several relations or documents (macro), each counting alike."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Scores:
    """The documents of a folder, compared; what has no counterpart is listed: documents without gold, reports of such claims."""

    documents: tuple[DocumentScore, ...]
    without_gold: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    def total(self, mode: Mode) -> Counts:
        """Return the counts of all documents together (micro)."""
        return _sum(_counts(judgement) for judgement in self.judgements(mode))

    def relations(self, mode: Mode) -> dict[str, Counts]:
        """Return the counts of each relation, sorted; those of a claim count for the relation that it asserts."""
        found: dict[str, Counts] = {}
        for judgement in self.judgements(mode):
            for relation, counts in _by_relation(judgement):
                found[relation] = _sum((found.get(relation, Counts()), counts))
        return dict(sorted(found.items()))

    def reports(self, mode: Mode) -> dict[str, Counts]:
        """Return the counts of each document, in order."""
        pairs = zip(self.documents, self.judgements(mode), strict=True)
        return {document.report: _counts(judgement) for document, judgement in pairs}

    def judgements(self, mode: Mode) -> Iterator[Judgement]:
        """Yield what is right and wrong in each document."""
        return (document.relaxed if mode == "relaxed" else document.strict for document in self.documents)

    def spans(self) -> Spans:
        """Return the counts of spans of all documents together."""
        rows = [document.spans for document in self.documents]
        return Spans(
            sum(row.checked for row in rows),
            sum(row.on_evidence for row in rows),
            sum(row.quoted for row in rows),
            sum(row.both for row in rows),
        )

    def main_models(self) -> tuple[int, int]:
        """Return in how many documents the main model is right, and in how many there is one."""
        found = [document.main.right for document in self.documents if document.main]
        return sum(found), len(found)


def mean(counts: Iterable[Counts]) -> Mean:
    """Return the means over all that have any facts or claims."""
    some = [item for item in counts if item]
    size = max(len(some), 1)
    return Mean(*(round(sum(getattr(item, name) for item in some) / size, 4) for name in ("precision", "recall", "f1")))


def score(golds: Mapping[str, Gold], claims: Iterable[Claim], texts: Mapping[str, str], without_gold: Sequence[str] = ()) -> Scores:
    """Compare claims with the gold of their documents, by stem; `texts` holds the documents' texts by stem where spans are checked.

    Claims belong to the gold whose stem is their report's name, with or without its suffix.
    """
    said: dict[str, list[Claim]] = {stem: [] for stem in golds}
    strangers = set()
    for claim in claims:
        stem = stem_of(claim.report, golds)
        if stem is None:
            strangers.add(claim.report)
        else:
            said[stem].append(claim)
    relations = frozenset(fact.relation for gold in golds.values() for fact in gold.own)
    documents = (judge_document(stem, gold, said[stem], relations, texts.get(stem)) for stem, gold in golds.items())
    return Scores(tuple(documents), tuple(without_gold), tuple(sorted(strangers)))


def stem_of(report: str, golds: Mapping[str, Gold]) -> str | None:
    """Return the gold that a report's path or stem belongs to; a compressed file has two suffixes."""
    name = report.rpartition("/")[2]
    stem = name.rpartition(".")[0]
    names = (name, stem, stem.rpartition(".")[0]) if name.endswith(_COMPRESSED) else (name, stem)
    return next((stem for stem in names if stem in golds), None)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _counts(judgement: Judgement) -> Counts:
    return Counts(len(judgement.right), len(judgement.wrong), len(judgement.missed))


def _sum(counts: Iterable[Counts]) -> Counts:
    rows = list(counts)
    return Counts(sum(row.right for row in rows), sum(row.wrong for row in rows), sum(row.missed for row in rows))


def _by_relation(judgement: Judgement) -> Iterator[tuple[str, Counts]]:
    yield from ((claim.relation, Counts(right=1)) for claim, _ in judgement.right)
    yield from ((claim.relation, Counts(wrong=1)) for claim in judgement.wrong)
    yield from ((fact.relation, Counts(missed=1)) for fact in judgement.missed)
