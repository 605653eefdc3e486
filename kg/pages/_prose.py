"""The pages of rules, which are simple Markdown -> paragraphs, lists and examples, in pieces that a template writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[(KG\d+)\]\(\1\.md\)")
_ITEM = re.compile(r"- +", re.MULTILINE)

Pieces = tuple[tuple[str, bool], ...]
"""Parts of a text, each with whether it is code."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one text), a list (its items), or an example, whose one piece keeps its lines."""

    kind: str
    texts: tuple[Pieces, ...]


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a text: what is indented by four spaces is an example.

    >>> [block.kind for block in blocks("It is `wrong`.\\n\\n    error: x\\n\\n    more\\n\\n- a\\n- b")]
    ['paragraph', 'example', 'list']
    """
    example: list[str] = []
    for part in re.split(r"\n{2,}", text.strip("\n")):
        if part.startswith("    "):
            example.append("\n".join(line.removeprefix("    ") for line in part.split("\n")))
            continue
        if example:
            yield _example(example)
            example = []
        if part.startswith("- "):
            yield Block("list", tuple(map(_pieces, _ITEM.split(part)[1:])))
        else:
            yield Block("paragraph", (_pieces(part),))
    if example:
        yield _example(example)


def _example(parts: list[str]) -> Block:
    return Block("example", ((("\n\n".join(parts), True),),))


def _pieces(text: str) -> Pieces:
    """Return a text on one line, cut where code begins and ends."""
    parts = _CODE.split(_LINK.sub(r"`\1`", " ".join(text.split())))
    return tuple((part, number % 2 == 1) for number, part in enumerate(parts) if part)
