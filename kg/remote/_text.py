"""Query text -> query text as it is sent to an endpoint that knows nothing of kg.

Prefixes and the base that need no declaration are declared, those that the query uses and no others, in front of its first line;
the values of parameters are joined to its pattern by VALUES. No line is added, and every change is remembered, so that a place
that the endpoint complains of is found in what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from kg.errors import UsageError
from kg.sparql.text import UPDATES, Term, Token, tokens

Form = Literal["rows", "graph", "any"]
"""What a query is answered with: rows or a truth, a graph; `any` when the text does not tell."""

_FORMS: Mapping[str, Form] = {"SELECT": "rows", "ASK": "rows", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_DEPTH = {"(": 1, ")": -1}


Change = tuple[int, int, str]
"""Start and end of a stretch of text, and what takes its place."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A query as it is sent, and as it was asked at `where`; `changes` are stretches of what was asked, with what stands there."""

    asked: str
    where: str
    form: Form
    text: str
    changes: tuple[Change, ...] = ()

    def place(self, line: int, column: int) -> int:
        """Return the offset in what was asked of a line and a column of what was sent, both counted from 1."""
        lines = self.text.split("\n")
        offset = sum(len(text) + 1 for text in lines[: line - 1]) + column - 1
        longer = 0
        for start, end, new in self.changes:
            if offset < start + longer + len(new):
                return min(start, offset - longer)
            longer += len(new) - (end - start)
        return min(offset - longer, len(self.asked))


@dataclass(frozen=True, slots=True)
class _Read:
    """The tokens of a query, which of them says what it asks (their number when none does), and what it declares."""

    found: Sequence[Token]
    operation: int
    prefixes: frozenset[str]
    has_base: bool

    @property
    def word(self) -> str:
        return self.found[self.operation].text.upper() if self.operation < len(self.found) else ""


def check_asks(text: str, where: str) -> None:
    """Raise UsageError for an update: an endpoint might do it."""
    word = _read(text).word
    if word in UPDATES:
        raise UsageError(f"{word} is an update, and kg query only asks", where=where, hint="send updates with another program")


def depends_on_base(text: str) -> bool:
    """Say whether a query speaks of things below the base of a build: by `data:` or by IRIs that are relative to it."""
    read = _read(text)
    return "data" in _undeclared(read) or _is_relative(read)


def bound(text: str, where: str, *, base: str, known: Mapping[str, str], bindings: Mapping[str, Term]) -> Sent:
    """Return a query as it is sent, its variables joined to `bindings`; raise UsageError when one of them cannot be."""
    read = _read(text)
    changes = _spelled_out(read, known)
    spelled = {start for start, _, _ in changes}
    used = {token.text.partition(":")[0] for token in read.found if token.kind == "name" and token.start not in spelled}
    declared = [f"PREFIX {name}: <{known[name]}> " for name in sorted((used & known.keys()) - read.prefixes)]
    if head := "".join([f"BASE <{base}> "] * _is_relative(read) + declared):
        changes.append((0, 0, head))
    if bindings:
        _check_selected(read, bindings, where)
        names, terms = " ".join(f"?{name}" for name in bindings), " ".join(map(str, bindings.values()))
        at = _where_values_stand(read, bindings)
        changes.append((at, at, f" VALUES ({names}) {{ ({terms}) }} "))
    sent = text
    for start, end, new in sorted(changes, reverse=True):
        sent = sent[:start] + new + sent[end:]
    return Sent(text, where, _FORMS.get(read.word, "any"), sent, tuple(sorted(changes)))


def _read(text: str) -> _Read:
    found = [token for token in tokens(text) if token.kind != "language"]
    at, names, has_base = 0, set(), False
    while at < len(found) and found[at].kind == "word" and found[at].text.upper() in {"PREFIX", "BASE"}:
        is_base = found[at].text.upper() == "BASE"
        has_base |= is_base
        if not is_base and at + 1 < len(found):
            names.add(found[at + 1].text.partition(":")[0])
        at += 2 if is_base else 3
    return _Read(found, min(at, len(found)), frozenset(names), has_base)


def _undeclared(read: _Read) -> set[str]:
    return {token.text.partition(":")[0] for token in read.found if token.kind == "name"} - read.prefixes


def _spelled_out(read: _Read, known: Mapping[str, str]) -> list[Change]:
    """Return the names with a backslash as IRIs: `data:graph\\/search` is SPARQL 1.1, and more than some servers can read."""
    found: list[Change] = []
    for token in read.found:
        name, _, local = token.text.partition(":")
        if token.kind == "name" and "\\" in local and name in known.keys() - read.prefixes:
            iri = known[name] + local.replace("\\", "")
            found.append((token.start, token.end, f"<{iri}>"))
    return found


def _is_relative(read: _Read) -> bool:
    return not read.has_base and any(token.kind == "iri" and not _ABSOLUTE.match(token.text) for token in read.found)


def _check_selected(read: _Read, bindings: Mapping[str, Term], where: str) -> None:
    """Raise UsageError unless each variable is one that the query selects as its pattern has it."""
    plain, computed = _projection(read) if read.word == "SELECT" else ({"*"}, set())
    anywhere = {token.text[1:] for token in read.found if token.kind == "variable"}
    for name in bindings:
        if name in computed:
            hint = "compare it in a HAVING or a FILTER of the query"
            raise UsageError(f"?{name} is computed, and an endpoint cannot be given its value", where=where, hint=hint)
        if name not in (anywhere if "*" in plain else plain):
            raise UsageError(f"the query does not select ?{name}", where=where, hint="a parameter is a variable after SELECT")


def _projection(read: _Read) -> tuple[set[str], set[str]]:
    """Return what stands after SELECT: names of variables (`*` for all), and names that `AS` gives to something computed."""
    plain: set[str] = set()
    computed: set[str] = set()
    depth = 0
    for before, token in zip(read.found[read.operation :], read.found[read.operation + 1 :], strict=False):
        depth += _DEPTH.get(token.text, 0)
        if depth == 0 and token.text == "{":
            break
        if token.kind == "variable" and depth == 0:
            plain.add(token.text[1:])
        elif token.kind == "variable" and depth == 1 and before.text.upper() == "AS":
            computed.add(token.text[1:])
        elif token.text == "*" and depth == 0:
            plain.add("*")
    return plain, computed


def _where_values_stand(read: _Read, bindings: Mapping[str, Term]) -> int:
    """Return the offset at which values of variables bind what the query matches.

    At the beginning of the outermost group they are there before all else, as when the variables are replaced: an OPTIONAL cannot
    bind them otherwise, a GROUP BY sees only what is left. Where the grammar has no place for them there (a group that is a SELECT,
    `CONSTRUCT WHERE`, a variable that a BIND of the group makes) they stand behind the query, which joins them to its groups.
    """
    opening = _outermost(read)
    if opening is not None and read.found[opening + 1 : opening + 2]:
        inside = read.found[opening + 1 :]
        if inside[0].text.upper() != "SELECT" and not _made(inside) & bindings.keys():
            return read.found[opening].end
    return read.found[-1].end


def _outermost(read: _Read) -> int | None:
    """Return the token that opens the outermost group of patterns, None where there is none that holds more than triples."""
    at, depth = read.operation, 0
    following = read.found[at + 1].text.upper() if at + 1 < len(read.found) else ""
    if read.word == "CONSTRUCT":
        if following != "{":  # CONSTRUCT WHERE: its group is a template too
            return None
        at = _behind_braces(read.found, at + 1)
    for index in range(at, len(read.found)):
        depth += _DEPTH.get(read.found[index].text, 0)
        if depth == 0 and read.found[index].text == "{":
            return index
    return None


def _behind_braces(found: Sequence[Token], at: int) -> int:
    depth = 0
    for index in range(at, len(found)):
        depth += (found[index].text == "{") - (found[index].text == "}")
        if depth == 0:
            return index + 1
    return len(found)


def _made(inside: Sequence[Token]) -> set[str]:
    """Return the variables that a BIND of a group itself makes; the tokens begin behind the brace that opens it."""
    made, depth = set(), 1
    for before, token in pairwise(inside):
        depth += (before.text == "{") - (before.text == "}")
        if depth == 0:
            break
        if depth == 1 and before.text.upper() == "AS" and token.kind == "variable":
            made.add(token.text[1:])
    return made
