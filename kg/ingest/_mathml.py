"""Formulas in MathML: read from their TeX where the page gives it, else from what they show."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kg.ingest._elements import Token, read_characters
from kg.ingest._outline import Outline
from kg.ingest._tex import read_formula

_ALTERNATIVE = re.compile(r"\salttext\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')")
_ANNOTATION = re.compile(r"<(?:\w+:)?annotation\s[^<>]{0,200}application/x-(?:tex|latex)[^<>]{0,200}>([^<>]*)<")
_PIECE = re.compile(r"<(?P<close>/?)(?:\w+:)?(?P<name>\w+)[^<>]*?(?P<empty>/?)>|[^<]+|<")
_BETWEEN = {"msup": "^", "mfrac": "/", "msubsup": "^"}
_LONGEST = 50_000


@dataclass(slots=True)
class Formulas:
    """Reads the formulas of an outline; `ends` says which end tags the rest of the source does not hold."""

    outline: Outline
    ends: dict[str, bool] = field(default_factory=dict)

    def read(self, token: Token) -> bool:
        """Read the formula that a tag opens, and say whether its end was found."""
        source, closing = self.outline.source, f"</{token.name}>"
        if self.ends.get(closing, True) is False:
            return False
        end = source.find(closing, token.end)
        self.ends[closing] = end >= 0
        if end < 0 or end - token.end > _LONGEST:
            return False
        stated = _ALTERNATIVE.search(source, token.start, token.end) or _ANNOTATION.search(source, token.end, end)
        if stated:
            low, high = stated.span(stated.lastindex or 1)
            self.outline.mark(low)
            read_formula(self.outline, high)
        else:
            self.outline.mark(token.end)
            self._read_shown(end)
        self.outline.mark(end + len(closing))
        return True

    def _read_shown(self, end: int) -> None:
        """Read presentation elements: their texts stand together, with a sign for powers and fractions."""
        parents: list[tuple[str, int]] = [("", 0)]
        for match in _PIECE.finditer(self.outline.source, self.outline.at, end):
            sign = ""
            if match["name"] is None:
                if match[0].isspace():
                    self.outline.text(match.end(), "")
                else:
                    read_characters(self.outline, match.end())
                continue
            if match["close"]:
                if len(parents) > 1:
                    parents.pop()
            else:
                name, children = parents[-1]
                parents[-1] = (name, children + 1)
                # The last child of all three stands above or below the line.
                sign = _BETWEEN.get(name, "") if children == (2 if name == "msubsup" else 1) else ""
                if not match["empty"]:
                    parents.append((match["name"], 0))
            self.outline.text(match.end(), sign)
