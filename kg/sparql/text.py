"""SPARQL 1.1 query text: the prefixes that need no declaration, what kg refuses, and errors that point at the place.

What is refused is decided with the store's own grammar, so that nothing gets past that merely looks harmless to another tokenizer;
the tokens here only explain what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.errors import UsageError
from kg.schema import DEFAULT_BASE
from kg.terms import PREFIXES

Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})
"""Words with which an update begins."""

_MORE = {"prov": "http://www.w3.org/ns/prov#", "schema": "https://schema.org/"}
_SHOWN = 100  # columns of a source line that an error shows
_SERVICE = re.compile("service", re.ASCII | re.IGNORECASE)
_STAND_IN = "zqxjkvw"  # no keyword, as long as `service`: every place in the text stays where it is

# No part scans ahead without consuming, so that time grows with the length of the text and not with its square.
_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n\r]*)
  | (?P<iri><[^\x00-\x20<>"{}|^`\\]*>)
  | (?P<string>\"{3}(?:"{0,2}(?:[^"\\]|\\.))*+"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*+'{3}
      |"(?!"")(?:[^"\\\n\r]|\\.)*+"|'(?!'')(?:[^'\\\n\r]|\\.)*+')
  | (?P<open>(?:\"{3}|'{3}).*|["'][^\n\r]*)
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z0-9-]+)
  | (?P<name>(?:[^\W\d_](?:[\w.-]{0,62}[\w-])?|_)?:(?:(?:[\w:-]|%[0-9A-Fa-f]{2}|\\.|\.(?=[\w:.%\\-]))*))
  | (?P<word>[^\W\d]\w*)
  | (?P<other>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_POSITION = re.compile(r"error at (\d+):(\d+)")
_SENTENCE = re.compile(r"The SELECT [\w ]+")
_BLANK = " " * 100


class QueryError(UsageError):
    """A query that is refused or cannot be parsed; `line` and `column` count from 1, in code points."""

    def __init__(self, what: str, text: str, start: int, end: int, *, where: str, hint: str | None = None) -> None:
        self.line, self.column = _line_and_column(text, start)
        self.reason = what
        super().__init__(f"{what}\n{_excerpt(text, start, end)}", where=f"{where}:{self.line}:{self.column}", hint=hint)


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of query text: iri, string, open (a string without end), variable, language, name (prefixed), word or other."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset after its last character."""
        return self.start + len(self.text)


def prefixes(base: str = DEFAULT_BASE) -> dict[str, str]:
    """Return the prefixes that a query need not declare; `data:` stands for the base of all things."""
    return {**PREFIXES, **_MORE, "data": base}


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a query, without white space and comments."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind != "space":
            yield Token(kind, match[0], match.start())


def answer(
    store: ox.Store,
    text: str,
    *,
    base: str | None = None,
    known: Mapping[str, str] | None = None,
    where: str = "query",
    bindings: Mapping[str, Term] | None = None,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    services: Collection[str] = (),
) -> Answer:
    """Return the store's answer to one query that reads it, variables replaced by `bindings`, graphs as the protocol names them.

    Raise QueryError for a query that does not parse, an update, a SERVICE clause that names another address than one of `services`;
    UsageError when a binding is not selected.
    """
    known = known or {}
    if _SERVICE.search(text):
        _refuse_service(text, base, known, where, services)
    given = bool(default_graphs or named_graphs)  # with either list given, the other one is empty (SPARQL 1.1 Protocol, 2.1.4)
    try:
        return store.query(
            text,
            base_iri=base,
            prefixes=dict(known),
            default_graph=_graphs(default_graphs) if given else None,
            named_graphs=_graphs(named_graphs) if given else None,
            substitutions={ox.Variable(name): term for name, term in (bindings or {}).items()},
        )
    except SyntaxError as error:
        raise _explain(text, str(error), base, known, where) from error
    except RuntimeError as error:
        names = ", ".join(f"?{name}" for name in bindings or ())
        raise UsageError(
            f"the query does not select {names}", where=where, hint="a parameter is a variable after SELECT"
        ) from error


def _graphs(names: Sequence[str]) -> list[Any]:  # Any: pyoxigraph types the two lists as invariant ones of different unions
    try:
        return [ox.NamedNode(name) for name in names]
    except ValueError as error:
        raise UsageError(f"a graph's name is no IRI: {error}") from error


def _refuse_service(text: str, base: str | None, known: Mapping[str, str], where: str, services: Collection[str]) -> None:
    """Raise QueryError when `service` is a keyword in the text, but before the address of one of the `services`.

    Oxigraph sends the requests of a SERVICE clause and has no switch against it. Whether the word is one is for its own grammar to
    say: a query in which every `service` is renamed still parses when it stood in names, strings and comments only.
    """
    shown, text = text, _without_services(text, services) if services else text
    if _complaint(_SERVICE.sub(_STAND_IN, text), base, known) and not _complaint(shown, base, known):
        at = next((token for token in tokens(text) if token.kind == "word" and _SERVICE.fullmatch(token.text)), None)
        start = at.start if at else next(_SERVICE.finditer(text)).start()
        what, hint = "SERVICE is refused: a query reads this graph only", "query the other endpoint itself and join the results"
        if services:
            what, hint = "SERVICE is refused for this address", "write one of these addresses as an IRI: " + ", ".join(services)
        raise QueryError(what, shown, start, start + len("SERVICE"), where=where, hint=hint)


def _without_services(text: str, services: Collection[str]) -> str:
    """Return the text with GRAPH in place of SERVICE where it names an allowed address: as long, and of the same grammar."""
    found = list(tokens(text))
    for index, token in enumerate(found):
        if token.kind == "word" and _SERVICE.fullmatch(token.text):
            silent = [other for other in found[index + 1 : index + 2] if other.text.upper() == "SILENT"]
            address = found[index + 1 + len(silent) : index + 2 + len(silent)]
            if address and address[0].text[1:-1] in services and address[0].kind == "iri":
                text = text[: token.start] + "GRAPH  " + text[token.end :]
                for word in silent:
                    text = text[: word.start] + " " * len(word.text) + text[word.end :]
    return text


def _complaint(text: str, base: str | None, known: Mapping[str, str]) -> str:
    """Return what the store finds wrong with the syntax of a query, evaluating nothing; empty when it is right."""
    # A variable to be replaced that is not selected is an error between parsing and evaluation. A name longer than the text is
    # none of its variables, however they are written.
    not_selected = ox.Variable("v" * (len(text) + 1))
    try:
        ox.Store().query(text, base_iri=base, prefixes=dict(known), substitutions={not_selected: ox.Literal("")})
    except SyntaxError as error:
        return str(error)
    except RuntimeError:
        return ""
    return ""


def _explain(text: str, message: str, base: str | None, known: Mapping[str, str], where: str) -> QueryError:
    found = list(tokens(text))
    operation = _operation(found)
    if operation and operation.text.upper() in UPDATES:
        what = f"{operation.text.upper()} is an update, and the graph is read-only"
        return QueryError(what, text, operation.start, operation.end, where=where, hint="change the reports and run kg build")
    for token in _undeclared(found, known):
        name = token.text.partition(":")[0]
        hint = f"begin with PREFIX {name}: <...>; known without it: " + ", ".join(sorted(known))
        return QueryError(f"the prefix {name}: is not declared", text, token.start, token.end, where=where, hint=hint)
    index = _first_wrong(text, found, base, known)
    before = found[index - 1] if index else None
    at = found[index] if index < len(found) else Token("other", "", len(text.rstrip()))
    open_quote = next((token for token in found[: index + 1] if token.kind == "open"), None)
    sentence = _SENTENCE.search(message)
    if open_quote:
        at, what = open_quote, "the string is not closed"
    elif sentence:
        what = sentence[0][0].lower() + sentence[0][1:]
    else:
        what = f"syntax error at '{at.text[:40]}'" if at.text else "the query ends too early" if found else "the query is empty"
    return QueryError(what, text, at.start, at.end, where=where, hint=_hint(before, at))


def _first_wrong(text: str, found: list[Token], base: str | None, known: Mapping[str, str]) -> int:
    """Return the index of the first token with which the text can no longer be the beginning of a query.

    The store's own positions are those of the rule that looked farthest ahead, up to a keyword's length too far. A text that only
    lacks its end fails at its end, and far behind every look-ahead when that is blank.
    """
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        beginning = text[: found[middle].end] + _BLANK
        position = _POSITION.match(_complaint(beginning, base, known))
        if not position or (int(position[1]), int(position[2])) >= _line_and_column(beginning, len(beginning)):
            low = middle + 1
        else:
            high = middle
    return low


def _operation(found: list[Token]) -> Token | None:
    """Return the word that says what the text does: the first after the declarations."""
    skip = 0
    for token in found:
        if token.text.upper() in {"PREFIX", "BASE"} and token.kind == "word":
            skip = 2 if token.text.upper() == "PREFIX" else 1
        elif skip:
            skip -= 1
        else:
            return token
    return None


def _undeclared(found: list[Token], known: Mapping[str, str]) -> Iterator[Token]:
    declared = set(known) | {"_"}
    before = ""
    for token in found:
        if token.kind == "name":
            name = token.text.partition(":")[0]
            if before == "PREFIX":
                declared.add(name)
            elif name not in declared:
                yield token
        before = token.text.upper()


def _hint(before: Token | None, at: Token) -> str | None:
    if at.text == "/" and before and before.kind == "name":
        return "in a prefixed name a slash is written \\/, or write the IRI: <model/...>"
    return None


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _excerpt(text: str, start: int, end: int) -> str:
    from rich.cells import cell_len

    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = "".join(char if char.isprintable() else " " for char in text[line_start : line_end if line_end >= 0 else len(text)])
    column = start - line_start
    cut = max(0, column - _SHOWN // 2) if len(line) > _SHOWN else 0
    shown = ("…" if cut else "") + line[cut : cut + _SHOWN].rstrip() + ("…" if len(line) > cut + _SHOWN else "")
    number = str(text.count("\n", 0, start) + 1)
    indent = " " * (cell_len(line[cut:column]) + bool(cut))
    carets = "^" * max(1, cell_len(line[column : min(end - line_start, cut + _SHOWN)]))
    return f"  {number} | {shown}\n  {' ' * len(number)} | {indent}{carets}"
