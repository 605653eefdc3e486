"""The named queries: one `.rq` file each in `kg/queries`, whose leading comment lines give title and parameters.

    # title: Models that share a backbone
    # param: backbone  Model: IRI or name; default every backbone

A parameter is a variable that the query selects and binds (not in an OPTIONAL), so that the file is a whole query without it too;
the word after its name says what is given: a class (`Model`: an IRI or a name), `relation`, `text`, `word` (one word of a name), or
`page`.

A query whose whole answer would be as large as the graph gives a page of it, by a line that ends in `# page`. `on_page` writes the
query for another page, for all of them, or for a parameter: where a line `# page with dataset: …` stands, many rows may share a
dataset, and it gives the first page of them (`$dataset` is the value); of anything else the whole answer is small. In place of a
line that ends in `# default` stand the values of parameters.

    GRAPH data:graph\\/summary { data:summary\\/training\\/page\\/1 kg:entry ?model } # page
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from kg.errors import UsageError
from kg.sparql.text import tokens
from kg.terms import KG

_TITLE = re.compile(r"^# title:\s*(.+?)\s*$", re.MULTILINE)
_PARAM = re.compile(r"^# param:\s*(\w+)\s+(\w+)[:,;]?\s*(.*?)\s*$", re.MULTILINE)
_PAGE = re.compile(r"^(?P<pattern>[^\n#]*\S)[ \t]+# (?:page|default)$", re.MULTILINE)
_PART = re.compile(r"^[ \t]*# page with (?P<parameter>\w+): (?P<pattern>.+)$", re.MULTILINE)
_PAGES = re.compile(r"^[^\n#]*?(?P<pages>data:summary\\/[\w-]+\\/page\\/)\d+[^\n#]* # page$", re.MULTILINE)
_LIST = re.compile(r"data:summary\\/([\w-]+)\\/page\\/$")
_NUMBER = re.compile(r"(?<=/page\\/)\d+")
_VALUE = re.compile(r"\$(\w+)")

GRAPHS = MappingProxyType({"summary": "summaries", "search": "index of names"})
"""The graphs that a build keeps for these queries, below `<base>graph/`, and what is in them."""

PAGE = "page"
"""The kind and the name of the parameter that chooses a page."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a query can be given: a variable's value of a kind (a class's local name, `relation`, `text`, `word`), or its `page`."""

    name: str
    kind: str
    definition: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be told beside a page of an answer, when a small ASK is answered so."""

    ask: str
    when: bool
    text: str


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query with its title and parameters."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    text: str

    @property
    def paged(self) -> bool:
        """Return whether `on_page` writes parameters into the text: a `page` or `word` is declared, and a line says where."""
        return any(item.kind in {PAGE, "word"} for item in self.parameters) and bool(_PAGE.search(self.text))


def parse(name: str, text: str) -> NamedQuery:
    """Read title and parameters from the comments of a query; the name serves as title where there is none."""
    title = _TITLE.search(text)
    return NamedQuery(name, title[1] if title else name, tuple(Parameter(*match) for match in _PARAM.findall(text)), text)


def on_page(query: NamedQuery, given: Mapping[str, str] = MappingProxyType({}), page: str | None = None) -> str:
    """Return the text of a query for a page (a number, or `all`; by default the first) and values of its parameters.

    Values are terms as SPARQL writes them; they stand in the text where the page stood, so that a store begins with them. Raise
    UsageError for what is no page, or one that is not kept.
    """
    if page is not None and page != "all" and not (page.isascii() and page.isdecimal() and int(page)):
        raise UsageError(f"'{page}' is no page", where=query.name, hint="give a number from 1 on, or all")
    values = " ".join(f"VALUES ?{name} {{ {term} }}" for name, term in given.items())
    if page == "all" or not given:
        return _PAGE.sub(lambda line: values if page == "all" else _NUMBER.sub(str(int(page or "1")), line[0]), query.text)
    if page not in {None, "1"}:
        hint = "leave out page, or give page=all"
        raise UsageError(f"there is no page {page} of what is asked with {' and '.join(given)}", where=query.name, hint=hint)
    part = part_with(query, given)
    return _PAGE.sub(lambda line: f"{values} {part}".rstrip(), query.text)


def part_with(query: NamedQuery, given: Mapping[str, str]) -> str:
    """Return the pattern of the first page of what is asked with values; empty where the whole answer is small."""
    parts = {part["parameter"]: part["pattern"] for part in _PART.finditer(query.text)}
    # Few rows have both of two things, and few have one that nothing is written for; many may have one of the others.
    return _VALUE.sub(lambda name: given[name[1]], parts.get(next(iter(given)), "")) if len(given) == 1 else ""


def graphs_of(query: NamedQuery, asked: str) -> list[str]:
    """Return those of GRAPHS without which a query has no answer, as it is asked: its text after `on_page`.

    A query of one's own has none: it may well look whether there is such a graph.
    """
    if not query.paged and shipped().get(query.name) != query:
        return []
    named = {token.text for token in tokens(asked) if token.kind == "name"}
    return [name for name in GRAPHS if f"data:graph\\/{name}" in named]


def needed(query: NamedQuery, asked: str, base: str) -> list[tuple[str, str]]:
    """Return the graphs of GRAPHS without which a query, as it is asked, has no answer, each with a pattern that it must match.

    A list has a size, if it is one that the build keeps: an earlier kg may have kept some lists and not this one.
    """
    pages = _PAGES.search(query.text)
    kept = _LIST.search(pages["pages"]) if pages else None
    size = f"<{base}summary/{kept[1]}> <{KG}size> ?o" if kept else "?s ?p ?o"
    return [(name, size if name == "summary" else "?s ?p ?o") for name in graphs_of(query, asked)]


def check_graphs(store: ox.Store, query: NamedQuery, asked: str, base: str) -> None:
    """Raise UsageError when a store lacks what a query, as it is asked, has no answer without."""
    for name, pattern in needed(query, asked, base):
        if not store.query(f"ASK {{ GRAPH <{base}graph/{name}> {{ {pattern} }} }}"):
            what = f"this build was made by an earlier kg, without the {GRAPHS[name]} that this query reads"
            raise UsageError(what, where=query.name, hint="build again")


def remarks(query: NamedQuery, given: Mapping[str, str], page: str | None) -> tuple[Remark, ...]:
    """Return what may be to be told of a page: that there are more, or that it is none; nothing of what was narrowed, or of all."""
    found = _PAGES.search(query.text)
    if found is None or given or page == "all":
        return ()
    number = int(page or "1")
    asks = [f"ASK {{ GRAPH data:graph\\/summary {{ {found['pages']}{at} kg:entry ?entry }} }}" for at in (number, number + 1)]
    more = Remark(asks[1], True, f"page {number}: more with --param page={number + 1}, all with --param page=all")
    return (Remark(asks[0], False, f"there is no page {number}"), more) if number > 1 else (more,)


@cache
def shipped() -> Mapping[str, NamedQuery]:
    """Return the queries that come with kg, by name, sorted."""
    files = sorted(Path(__file__).parents[1].joinpath("queries").glob("*.rq"))
    return MappingProxyType({file.stem: parse(file.stem, file.read_text(encoding="utf-8")) for file in files})
