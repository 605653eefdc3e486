"""For a terminal: a line for each change, and below it the words of the reports; those of a changed fact with both lines marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kg.diff._difference import Change, DerivedValue, Difference, Model, Value
from kg.diff._quotes import Texts, label_of, quote, texts_of
from kg.diff._words import SIGNS, TITLES, about, about_derived, model, more, severity, tally
from kg.model import Finding
from kg.places import file_of
from kg.render._color import paint
from kg.render.full import excerpts
from kg.terminal import visible

_AROUND = 40  # characters beside the words
_STYLES = {"added": "added", "removed": "error", "changed": "note"}


def write(difference: Difference, *, color: bool, width: int) -> Iterator[bytes]:
    """Yield a block for each group of changes, an empty line between them."""
    page = _Page(difference, color, width)
    counts = difference.counts()
    gap = ""
    for group, changes in difference.groups().items():
        if changes:
            yield _encoded(f"{gap}{paint(TITLES.get(group, group), 'strong', color)}: {tally(counts[group])}\n")
            for change in changes:
                yield _encoded("".join(f"{line}\n" for line in page.lines(group, change)))
            gap = "\n"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


class _Page:
    """How the changes of one difference are drawn."""

    def __init__(self, difference: Difference, color: bool, width: int) -> None:
        self._texts: Texts = texts_of(difference)
        self._color, self._width = color, width
        self._draw: Mapping[str, Callable[[Any], Iterator[str]]] = {
            "reports": self._report,
            "models": self._model,
            "facts": self._fact,
            "derived": self._derived,
            "findings": self._finding,
        }

    def lines(self, group: str, change: Change[Any]) -> Iterator[str]:
        """Yield the lines that show a change, its sign before the first."""
        first, *rest = self._draw[group](change)
        yield f"{paint(SIGNS[change.kind], _STYLES[change.kind], self._color)} {first}"
        yield from rest

    def _report(self, change: Change[str]) -> Iterator[str]:
        yield visible(" is now ".join(id for _, id in change.sides()))

    def _model(self, change: Change[Model]) -> Iterator[str]:
        names = paint(visible(" is now ".join(item.label for _, item in change.sides())), "strong", self._color)
        yield f"{names}: {visible(model(change.item))}"

    def _fact(self, change: Change[Value]) -> Iterator[str]:
        values = " → ".join(value.text for _, value in change.sides())
        yield f"{paint(visible(about(change.item)), 'strong', self._color)}: {change.item.relation} {visible(values)}"
        yield from self._both(change) if change.kind == "changed" else self._words(change)

    def _both(self, change: Change[Value]) -> Iterator[str]:
        """Yield the lines of both reports with their marks."""
        sources, labels = {}, []
        for side, value in change.sides():
            claim = value.claims[0]
            key = f"{side}: {claim.report}"
            if found := self._texts.of(side).get(claim.report):
                sources[key] = found
            remark = ("was " if side == "before" else "is ") + value.text + more(len(value.claims) - 1, "place")
            labels.append(replace(label_of(claim, remark), report=key))
        yield from excerpts(labels, sources, "note", color=self._color, width=self._width)

    def _words(self, change: Change[Value]) -> Iterator[str]:
        side, value = next(change.sides())
        said = quote(label_of(value.claims[0]), self._texts.of(side), _AROUND)
        line = f"“{said.words}” in “{said.left}{said.words}{said.right}”" if said.words else ""
        yield f"    {visible(': '.join(filter(None, (said.where, line))))}{more(len(value.claims) - 1, 'place')}"

    def _derived(self, change: Change[DerivedValue]) -> Iterator[str]:
        values = " → ".join(value.text for _, value in change.sides())
        name = paint(visible(about_derived(change.item)), "strong", self._color)
        yield f"{name}: {change.item.row['relation']} {visible(values)}"
        yield from (f"    {side}: {visible(value.row['formula'])}" for side, value in change.sides())

    def _finding(self, change: Change[Finding]) -> Iterator[str]:
        side, finding = list(change.sides())[-1]
        sources = self._texts.of(side)
        where = quote(finding.labels[0], sources, 0).where if finding.labels else file_of(finding, sources)
        yield f"{paint(severity(change), 'strong', self._color)}: {visible(finding.message)}"
        if where:
            yield f"    {visible(where)}"
