"""Scores -> lines for people: the figures in all, then by relation or by document, then every error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg.errors import UnknownName
from kg.eval._gold import Fact
from kg.eval._score import MODES, Counts, Mean, Scores, mean
from kg.model import Claim
from kg.terminal import cells, visible

BREAKDOWNS = ("document", "relation")
_HEAD = ("precision", "recall", "F1", "right", "wrong", "missed")


def as_text(scores: Scores, by: str, *, errors: bool) -> str:
    """Return the figures as tables, broken down `by` relation or document."""
    blocks = [_totals(scores), _more(scores), _relations(scores) if by == "relation" else _documents(scores)]
    if errors:
        blocks.append(_errors(scores))
    return "\n".join(block for block in blocks if block)


def check_breakdown(by: str) -> None:
    """Raise UnknownName for what figures cannot be broken down by."""
    if by not in BREAKDOWNS:
        raise UnknownName("breakdown", by, BREAKDOWNS)


def _totals(scores: Scores) -> str:
    rows: list[Sequence[str]] = [("", *_HEAD)]
    for mode in MODES:
        rows.append((f"{mode}, micro", *_figures(scores.total(mode))))
        rows.append(("  macro by relation", *_figures(mean(scores.relations(mode).values()))))
        rows.append(("  macro by document", *_figures(mean(scores.reports(mode).values()))))
    return _table(rows)


def _more(scores: Scores) -> str:
    spans, (right, of) = scores.spans(), scores.main_models()
    annotated = sum(len(document.negatives) for document in scores.documents)
    rows = [
        ("right claims on the annotated words", _part(spans.on_evidence, spans.checked)),
        ("right claims that quote the document", _part(spans.quoted, spans.checked)),
        ("span accuracy: both", _part(spans.both, spans.checked)),
        ("documents with the right main model", _part(right, of)),
        ("wrong readings asserted", f"{annotated:,}"),
    ]
    return "".join(f"{name:<37} {value}\n" for name, value in rows)


def _part(part: int, whole: int) -> str:
    return f"{part / whole:.1%} ({part:,} of {whole:,})" if whole else "-"


def _relations(scores: Scores) -> str:
    relaxed, strict = scores.relations("relaxed"), scores.relations("strict")
    names = sorted({*relaxed, *strict})
    rows = [(name, *_figures(relaxed.get(name, Counts())), _f1(strict.get(name, Counts()))) for name in names]
    return _table([("relaxed, by relation", *_HEAD, "strict F1"), *rows])


def _documents(scores: Scores) -> str:
    relaxed, strict = scores.reports("relaxed"), scores.reports("strict")
    rows = []
    for document in scores.documents:
        main = document.main
        model = "-" if main is None else "right" if main.right else f"{_model(main.claims)} (gold: {_model(main.gold[0])})"
        rows.append((visible(document.report), *_figures(relaxed[document.report]), _f1(strict[document.report]), visible(model)))
    return _table([("relaxed, by document", *_HEAD, "strict F1", "main model"), *rows], left=(0, 8))


def _figures(counts: Counts | Mean) -> tuple[str, ...]:
    shares = tuple(f"{share:.3f}" for share in (counts.precision, counts.recall, counts.f1))
    if isinstance(counts, Mean):
        return shares
    return (*shares, *(f"{number:,}" for number in (counts.right, counts.wrong, counts.missed)))


def _f1(counts: Counts) -> str:
    return f"{counts.f1:.3f}" if counts else "-"


def _errors(scores: Scores) -> str:
    """Return a line for each error, wrong claims with their place; what is right but for model or stage is `strict`."""
    rows: list[Sequence[str]] = []
    for document in scores.documents:
        known = set(map(_told, document.relaxed.errors))
        rows += (_error(document.report, "relaxed", item) for item in document.relaxed.errors)
        rows += (_error(document.report, "strict", item) for item in document.strict.errors if _told(item) not in known)
        rows += (("asserted", "", document.report, item.relation, item.values[0], "", item.why) for item in document.negatives)
    return _table([tuple(map(visible, row)) for row in rows], left=range(7))


def _told(item: Claim | Fact) -> tuple[object, ...]:
    if isinstance(item, Claim):
        return "wrong", item.model, item.relation, item.value, item.stage
    return "missed", item.models, item.relation, item.values, item.stage


def _error(report: str, mode: str, item: Claim | Fact) -> Sequence[str]:
    if isinstance(item, Claim):
        place = f"{report}:{item.start}-{item.end}"
        return "wrong", mode, place, item.relation, item.value, _whose(item.model, item.stage), f"“{item.mention}”"
    return "missed", mode, report, item.relation, item.values[0], _whose(item.models[0], item.stage), f"“{item.evidence}”"


def _whose(model: str | None, stage: str | None) -> str:
    return f"{_model(model)}, {stage}" if stage else _model(model)


def _model(name: str | None) -> str:
    return "(no name)" if name is None else name


def _table(rows: Sequence[Sequence[str]], left: Iterable[int] = (0,)) -> str:
    """Return rows in columns, numbers to the right; a row may lack its last cells."""
    columns = max(map(len, rows), default=0)
    widths = [max(cells(row[i]) for row in rows if i < len(row)) for i in range(columns)]
    return "".join(f"{'  '.join(_cells(row, widths, frozenset(left))).rstrip()}\n" for row in rows)


def _cells(row: Sequence[str], widths: Sequence[int], left: frozenset[int]) -> Iterator[str]:
    for i, (cell, width) in enumerate(zip(row, widths, strict=False)):
        space = " " * (width - cells(cell))
        yield cell + space if i in left else space + cell
