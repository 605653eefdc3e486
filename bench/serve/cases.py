"""What is asked: light and heavy questions, with parameters that the build itself gives, each in as many texts as are wanted.

A question without parameters differs from one request to the next in a comment alone: that is enough for what keeps replies by
their text to keep none of use.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import pyoxigraph as ox

from bench.serve.answers import ROWS, TRIPLES
from kg.sparql.named import shipped
from kg.sparql.text import prefixes

FACTS, SUMMARIES = (Path(__file__).with_name(name) for name in ("facts", "summaries"))
"""Questions that shipped queries answer, asked of the facts themselves; the same asked of what the build has counted of them."""

_NAME = "SELECT ?name{0} WHERE {{ <{1}> rdfs:label ?name{0} }}"
_LOOK_UP = "SELECT ?relation{0} ?value WHERE {{ <{1}> ?relation{0} ?value }}"
_PAGE = """
SELECT ?stage ?relation ?value ?name{0} WHERE {{
  {{ <{1}> ?relation ?value }}
  UNION {{ <{1}> kg:hasRun ?run . ?run ?relation ?value . OPTIONAL {{ ?run kg:stage ?stage }} }}
  UNION {{ <{1}> kg:hasRun ?run . ?run kg:hardware ?hardware . ?hardware ?relation ?value . OPTIONAL {{ ?run kg:stage ?stage }} }}
  UNION {{ ?value kg:hasBackbone <{1}> . BIND (kg:hasBackbone AS ?relation) }}
  OPTIONAL {{ ?value rdfs:label ?name{0} }}
}}"""
_LINEAGE = """
SELECT ?ancestor{0} ?name WHERE {{ <{1}> kg:extends+ ?ancestor{0} . OPTIONAL {{ ?ancestor{0} rdfs:label ?name }} }}"""
_SHARED = """
SELECT ?model{0} ?name WHERE {{
  ?model{0} kg:hasBackbone <{1}> ; kg:trainedOn <{2}> ; kg:name ?name
}}"""
_SEARCH = """
SELECT ?thing{0} ?name WHERE {{ GRAPH <graph/search> {{ <{1}> kg:firstThing ?thing{0} }} ?thing{0} rdfs:label ?name }}"""
_GRAPH = "CONSTRUCT {{ ?model{0} ?relation ?value }} WHERE {{ ?model{0} kg:evaluationDataset <{1}> ; ?relation ?value }}"
_MANY = "SELECT ?model{0} ?name WHERE {{ ?model{0} kg:name ?name }}"

_MODELS = "SELECT ?model WHERE { ?model kg:describedIn ?report }"
_DESCENDED = "SELECT ?model WHERE { ?model kg:describedIn ?report ; kg:extends/kg:extends ?ancestor }"
_PAIRS = "SELECT ?backbone ?dataset WHERE { ?model kg:hasBackbone ?backbone ; kg:trainedOn ?dataset }"
_WORDS = "SELECT ?word WHERE { GRAPH <graph/search> { ?word kg:firstThing ?thing } }"
_SIZES = """
SELECT ?dataset WHERE { ?model kg:evaluationDataset ?dataset ; ?relation ?value }
GROUP BY ?dataset ORDER BY ABS(COUNT(*) - 10000) ?dataset LIMIT 5"""


@dataclass(frozen=True, slots=True)
class Case:
    """A question: `text(number)` asks it with the parameters of that number, differently for each number."""

    name: str
    title: str
    text: Callable[[int], str]
    media_type: str = ROWS

    def texts(self, start: int, count: int) -> list[str]:
        """Return the question in so many texts, from a number on."""
        return [self.text(number) for number in range(start, start + count)]


def cases(store: ox.Store, base: str) -> Iterator[Case]:
    """Yield the questions, with parameters of the build; none of a kind that the build has no parameters for."""
    known = prefixes(base)
    asked = partial(_rows, store, known)
    models, words = asked(_MODELS), asked(_below(_WORDS, base))
    found = (
        ("name-of", "one model's name", _NAME, models, ROWS),
        ("look-up", "one model's facts", _LOOK_UP, models, ROWS),
        ("page", "a model with its runs, hardware, what builds on it, and names", _PAGE, models, ROWS),
        ("lineage-of", "what a model goes on from, step by step", _LINEAGE, asked(_DESCENDED), ROWS),
        ("shared-by", "models that share a backbone and a dataset", _SHARED, asked(_PAIRS), ROWS),
        ("search-for", "what a word of its names, or its beginning, finds", _below(_SEARCH, base), words, ROWS),
        ("construct", "a graph of about 10,000 triples", _GRAPH, asked(_SIZES), TRIPLES),
        ("select", "a row for each model", _MANY, [()], ROWS),
    )
    for name, title, template, rows, media_type in found:
        if rows:
            yield Case(name, title, _with(template, rows, known), media_type)


def shipped_cases(base: str) -> Iterator[Case]:
    """Yield the queries that come with kg, as they are shipped: parameters at their defaults."""
    known = prefixes(base)
    for query in shipped().values():
        yield Case(query.name, query.title, partial(_noted, _declared(query.text, known)))


def pairs(base: str) -> Iterator[tuple[Case, Case | None]]:
    """Yield questions asked of the facts themselves, and the same asked of the summaries, where that is the same."""
    for path in sorted(FACTS.glob("*.rq")):
        summary = SUMMARIES / path.name
        yield _file(path, "facts", base), _file(summary, "summaries", base) if summary.is_file() else None


def _file(path: Path, of: str, base: str) -> Case:
    text = _below(path.read_text(encoding="utf-8"), base)
    return Case(f"{path.stem}, from {of}", "", partial(_noted, _declared(text, prefixes(base))))


def _below(text: str, base: str) -> str:
    return text.replace("<graph/", f"<{base}graph/")


def _rows(store: ox.Store, known: Mapping[str, str], text: str) -> list[tuple[str, ...]]:
    """Return what a query of IRIs finds, each once, in an order of chance that is always the same."""
    found = cast(ox.QuerySolutions, store.query(text, prefixes=dict(known)))
    rows = sorted({tuple(term.value for term in row if isinstance(term, ox.NamedNode)) for row in found})
    random.Random("cases").shuffle(rows)
    return rows


def _with(template: str, rows: Sequence[tuple[str, ...]], known: Mapping[str, str]) -> Callable[[int], str]:
    """Return what gives the text of a number: parameters in turn, and after all of them another name of a variable."""
    declared = _prologue(template, known) + template

    def text(number: int) -> str:
        turn, place = divmod(number, len(rows))
        return declared.format(turn or "", *rows[place])

    return text


def _noted(text: str, number: int) -> str:
    return f"{text}\n# {number}"


def _declared(text: str, known: Mapping[str, str]) -> str:
    """Return a query with the prefixes that it uses declared, as other engines than kg want it; without its comments."""
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    # Not every engine knows the escape of a slash in a name.
    text = re.sub(r"\bdata:((?:[\w-]|\\/)+)", lambda name: f"<{known['data']}{name[1].replace(chr(92), '')}>", text)
    return _prologue(text, known) + text


def _prologue(text: str, known: Mapping[str, str]) -> str:
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in known.items() if re.search(rf"(?<![\w:]){prefix}:", text))
