"""The text of a SELECT query -> its triples, and of which variables others are made: what tells the facts in a row of the answer.

A reading of tokens and not the whole grammar. What it does not understand it leaves out, so that a column is rather taken for no
fact than for a wrong one. The query is known to parse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kg.sparql.text import Token, tokens
from kg.terms import RDF

_CARRY = frozenset("COALESCE DISTINCT GROUP_CONCAT MAX MIN SAMPLE SEPARATOR STR".split())
_CLAUSES = frozenset("SELECT GROUP ORDER HAVING LIMIT OFFSET VALUES BIND FILTER".split())
_TERMS = frozenset({"iri", "name", "variable", "string"})
_ENDS = frozenset({".", ";", ",", "{", "}", "]", ")", ""})
_CLOSING = {"(": ")", "{": "}"}

Range = tuple[int, int]
"""From a token of the query to another, the end exclusive."""


@dataclass(frozen=True, slots=True)
class Link:
    """A triple of a query. A node is the name of a variable, `<an IRI>`, or empty for what is neither.

    `steps` are the steps of its property path, each with the IRIs that may stand there; `variable` the name of the variable that
    stands instead of a path. `at` is the token of the value.
    """

    subject: str
    steps: tuple[frozenset[str], ...]
    value: str
    variable: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """What the text of a query tells: its triples; for each variable that `AS` makes, of which ones in which part of the text.

    A variable that holds something computed (a count, a sum) is made of none.
    """

    links: tuple[Link, ...] = ()
    made_of: Mapping[str, tuple[tuple[frozenset[str], Range], ...]] = field(default_factory=dict)

    def origins(self, name: str) -> set[tuple[str, Range]]:
        """Return the variables whose values a variable hands on, each with the part of the text in which it stands."""
        found: set[tuple[str, Range]] = set()
        waiting: list[tuple[str, Range]] = [(name, (0, 1 << 62))]
        seen = set(waiting)
        while waiting:
            current, (start, end) = waiting.pop()
            made = [(names, part) for names, part in self.made_of.get(current, ()) if part[0] >= start or part[0] == 0]
            for names, part in made:
                inner = (max(start, part[0]), min(end, part[1]))
                new = {(source, inner) for source in names}.difference(seen)
                seen |= new
                waiting += sorted(new)
            if not made:
                found.add((current, (start, end)))
        return found

    def links_to(self, name: str) -> list[Link]:
        """Return the triples whose value a variable holds."""
        origins = self.origins(name)
        return [link for link in self.links if any(link.value == source and a <= link.at < b for source, (a, b) in origins)]


def read_pattern(text: str, prefixes: Mapping[str, str], base: str) -> Pattern:
    """Return what the text of a query tells of its variables; `prefixes` are those that it need not declare."""
    found = [token for token in tokens(text) if token.kind != "language"]
    declared = {
        name.text.rstrip(":"): iri.text[1:-1]
        for keyword, name, iri in zip(found, found[1:], found[2:], strict=False)
        if keyword.text.upper() == "PREFIX" and iri.kind == "iri"
    }
    walk = _Walk(found, {**prefixes, **declared}, base)
    walk.triples()
    return Pattern(tuple(walk.links), _made(found))


def _made(found: Sequence[Token]) -> dict[str, tuple[tuple[frozenset[str], Range], ...]]:
    """Return what each `(… AS ?name)` is made of: nothing unless it hands values on."""
    made: dict[str, list[tuple[frozenset[str], Range]]] = defaultdict(list)
    opened: list[int] = []
    for index, token in enumerate(found[:-1]):
        if token.text == "(":
            opened.append(index)
        elif token.text == ")" and opened:
            opened.pop()
        elif opened and token.kind == "word" and token.text.upper() == "AS":
            expression = found[opened[-1] + 1 : index]
            names = frozenset(part.text[1:] for part in expression if part.kind == "variable")
            bound = opened[-1] and found[opened[-1] - 1].text.upper() == "BIND"
            part = (0, len(found)) if bound else _group_after(found, index)
            made[found[index + 1].text[1:]].append((names if _carries(expression) else frozenset(), part))
    return {name: tuple(parts) for name, parts in made.items()}


def _carries(expression: Sequence[Token]) -> bool:
    """Say whether an expression hands on values, as they are or as text: no count, no arithmetic, no other function."""
    return all(
        token.text.upper() in _CARRY if token.kind == "word" else token.kind != "name" and token.text not in set("+-*/!<>|&")
        for token in expression
    )


def _group_after(found: Sequence[Token], index: int) -> Range:
    """Return the first group in braces after a token that stands in brackets of a SELECT clause."""
    depth = 1
    for at in range(index + 1, len(found)):
        depth += (found[at].text == "(") - (found[at].text == ")")
        if found[at].text == "{" and depth == 0:
            return at, _behind(found, at)
    return index, len(found)


def _behind(found: Sequence[Token], at: int) -> int:
    """Return the index behind the bracket that closes the one at an index."""
    opening, depth = found[at].text, 0
    for index in range(at, len(found)):
        depth += (found[index].text == opening) - (found[index].text == _CLOSING[opening])
        if not depth:
            return index + 1
    return len(found)


class _Walk:
    """A walk over the tokens of a query that gathers its triples; `at` is the token that is read next."""

    def __init__(self, found: Sequence[Token], prefixes: Mapping[str, str], base: str) -> None:
        self.found, self.prefixes, self.base = found, prefixes, base
        self.links: list[Link] = []
        self.at = self.blank = 0

    def triples(self) -> None:
        while self.at < len(self.found):
            token, before = self.found[self.at], self.at
            word = token.text.upper() if token.kind == "word" else ""
            if word in {"PREFIX", "BASE"}:
                self.at += 3 if word == "PREFIX" else 2
            elif word in _CLAUSES:
                self._skip_clause(word)
            elif word == "GRAPH":
                self.at += 2
            elif token.text == "(":
                self.at = _behind(self.found, self.at)
            elif token.kind in _TERMS or token.text == "[":
                self._properties(self._node())
            self.at = max(self.at, before + 1)

    def _text(self) -> str:
        return self.found[self.at].text if self.at < len(self.found) else ""

    def _skip_clause(self, word: str) -> None:
        """Go behind what holds no triples: to the group of a SELECT, over the braces of VALUES, over an expression."""
        self.at += 1
        while self._text() not in {"{", "}", ""}:
            token = self.found[self.at]
            if token.text == "(":
                self.at = _behind(self.found, self.at)
                if word in {"FILTER", "BIND"}:
                    return
            elif token.kind == "word" and token.text.upper() in _CLAUSES | {"EXISTS", "NOT", "WHERE"}:
                return
            else:
                self.at += 1
        if word == "VALUES" and self._text() == "{":
            self.at = _behind(self.found, self.at)

    def _properties(self, subject: str) -> None:
        """Read predicates and values of a subject, up to what ends them."""
        while True:
            while self._text() == ";":
                self.at += 1
            if self._text() in _ENDS:
                return
            steps, variable = self._path()
            while True:
                at = self.at
                self.links.append(Link(subject, steps, self._node(), variable, at))
                if self._text() != "," or self.at == at:
                    break
                self.at += 1
            if self._text() != ";":
                return

    def _path(self) -> tuple[tuple[frozenset[str], ...], str | None]:
        steps: list[set[str]] = [set()]
        whole = False
        while self.at < len(self.found):
            token = self.found[self.at]
            if token.kind == "variable" and not whole:
                self.at += 1
                return (), token.text[1:]
            if token.text == "/":
                steps.append(set())
            elif token.kind in {"iri", "name"} or token.text == "a":
                if whole:
                    break
                steps[-1].add(f"{RDF}type" if token.text == "a" else self._iri(token))
            elif token.text not in set("|^!*+?()") or (token.text == "(" and whole):
                break
            whole = token.text not in set("/|^!(")
            self.at += 1
        return tuple(map(frozenset, steps)), None

    def _node(self) -> str:
        """Read a subject or a value."""
        token = self.found[self.at] if self.at < len(self.found) else Token("other", "", 0)
        if token.text == "[":
            self.at += 1
            self.blank += 1
            name = f"[{self.blank}"
            self._properties(name)
            self.at += self._text() == "]"
            return name
        if token.text == "(":
            self.at = _behind(self.found, self.at)
            return ""
        if token.text not in _ENDS:
            self.at += 1
        if token.kind == "variable":
            return token.text[1:]
        if token.kind in {"iri", "name"}:
            return f"<{self._iri(token)}>"
        while self._text() in {"^"}:
            self.at += 1
        if token.kind == "string" and self.found[self.at - 1].text == "^":
            self.at += 1
        elif token.text in {"+", "-"}:
            self.at += 1
        return ""

    def _iri(self, token: Token) -> str:
        if token.kind == "iri":
            text = token.text[1:-1]
            return text if ":" in text else self.base + text
        prefix, _, local = token.text.partition(":")
        return self.prefixes.get(prefix, prefix + ":") + local.replace("\\", "")
