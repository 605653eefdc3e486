"""For a pull request: a table of numbers, and a section to unfold for each group of changes. GitHub Flavored Markdown.

Whatever comes from a report stands in a code span on one line of a list, in which nothing is markup, a mention or a link; never in
a table, whose cells a `|` would end. A section shows its first changes and says how many more there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kg.diff._difference import Change, DerivedValue, Difference, Kind, Model, Value
from kg.diff._quotes import Texts, label_of, quote, texts_of
from kg.diff._words import SIGNS, TITLES, about, about_derived, model, more, severity, tally
from kg.model import Finding
from kg.places import file_of
from kg.terminal import visible

_AROUND = 50  # characters beside the words
_LONGEST = 300  # characters of a code span
_MOST = 100  # changes of a section
_ROOM = 56_000  # bytes: a comment on GitHub holds 65,536 characters
_KINDS: tuple[Kind, ...] = ("added", "removed", "changed")
_SECTIONS: tuple[Kind, ...] = ("changed", "added", "removed")


def write(difference: Difference, *, color: bool, width: int) -> Iterator[bytes]:
    """Yield the page; nothing when nothing differs. Colour and width change nothing."""
    if not difference:
        return
    draw = _drawn(texts_of(difference))
    yield _encoded(_head(difference))
    room = _ROOM
    for group, changes in difference.groups().items():
        for kind in _SECTIONS if group in {"facts", "findings"} else (None,):
            chosen = [change for change in changes if kind in {None, change.kind}]
            if chosen:
                section = _encoded(_section(group, chosen, draw[group], room))
                room -= len(section)
                yield section


def code(text: str) -> str:
    """Return text as a code span, in which nothing has a meaning: the fence is longer than any in it.

    >>> code("a `b` <c>"), code("")
    ('``a `b` <c>``', '` `')
    """
    shown = visible(text)
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or (shown[:1] == shown[-1:] == " " and shown.strip()) else ""
    return f"{fence}{pad}{shown or ' '}{pad}{fence}"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _head(difference: Difference) -> str:
    rows = (
        f"| {TITLES.get(group, group)} | {' | '.join(f'{counts[kind]:,}' for kind in _KINDS)} |\n"
        for group, counts in difference.counts().items()
        if any(counts.values())
    )
    names = f"{code(difference.before.name)} → {code(difference.after.name)}"
    table = f"| | {' | '.join(_KINDS)} |\n|---|--:|--:|--:|\n{''.join(rows)}"
    return f"### kg diff: {names}\n\n{table}"


def _section(group: str, changes: list[Change[Any]], draw: Callable[[Any], Iterable[str]], room: int) -> str:
    """Return a section to unfold, as many changes as there is room for."""
    kinds = {kind: sum(change.kind == kind for change in changes) for kind in _KINDS}
    items, size = [], 0
    for change in changes[:_MOST]:
        item = "".join(_item(change, draw))
        size += len(_encoded(item))
        if size > room:
            break
        items.append(item)
    rest = f"- …{more(len(changes) - len(items), 'change')}\n" if len(items) < len(changes) else ""
    return f"\n<details><summary>{TITLES.get(group, group)}: {tally(kinds)}</summary>\n\n{''.join(items)}{rest}\n</details>\n"


def _item(change: Change[Any], draw: Callable[[Any], Iterable[str]]) -> Iterator[str]:
    first, *rest = draw(change)
    yield f"- {code(SIGNS[change.kind])} {first}\n"
    yield from (f"  - {line}\n" for line in rest)


def _drawn(texts: Texts) -> Mapping[str, Callable[[Any], Iterable[str]]]:
    return {
        "reports": _report,
        "models": _model,
        "facts": lambda change: _fact(change, texts),
        "derived": _derived,
        "findings": lambda change: _finding(change, texts),
    }


def _report(change: Change[str]) -> Iterator[str]:
    yield " is now ".join(code(id) for _, id in change.sides())


def _model(change: Change[Model]) -> Iterator[str]:
    yield " is now ".join(f"**{code(item.label)}**" for _, item in change.sides()) + f": {code(model(change.item))}"


def _fact(change: Change[Value], texts: Texts) -> Iterator[str]:
    values = " → ".join(code(value.text) for _, value in change.sides())
    yield f"**{code(about(change.item))}** {code(change.item.relation)}: {values}"
    for side, value in change.sides():
        said = quote(label_of(value.claims[0]), texts.of(side), _AROUND)
        remark = f"{side}: " if change.kind == "changed" else ""
        yield f"{remark}{code(said.where)} {code(said.left + said.words + said.right)}{more(len(value.claims) - 1, 'place')}"


def _derived(change: Change[DerivedValue]) -> Iterator[str]:
    values = " → ".join(code(value.text) for _, value in change.sides())
    yield f"**{code(about_derived(change.item))}** {code(change.item.row['relation'])}: {values}"
    yield from (f"{side}: {code(value.row['formula'])}" for side, value in change.sides())


def _finding(change: Change[Finding], texts: Texts) -> Iterator[str]:
    side, finding = list(change.sides())[-1]
    yield f"{code(severity(change))} {code(finding.message)}"
    sources = texts.of(side)
    if finding.labels:
        said = quote(finding.labels[0], sources, _AROUND)
        yield f"{code(said.where)} {code(said.left + said.words + said.right)}"
    elif file := file_of(finding, sources):
        yield code(file)
