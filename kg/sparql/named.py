"""The named queries: one `.rq` file each in `kg/queries`, whose leading comment lines give title and parameters.

    # title: Models that share a backbone
    # param: backbone  Model: IRI or name; default every backbone

A parameter is a variable that the query selects and binds (not in an OPTIONAL), so that the file is a whole query without it too;
the word after its name says what is given: a class (`Model`: an IRI or a name), `relation`, or `text`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

_TITLE = re.compile(r"^# title:\s*(.+?)\s*$", re.MULTILINE)
_PARAM = re.compile(r"^# param:\s*(\w+)\s+(\w+)[:,;]?\s*(.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a query that can be given a value of a kind: a class's local name, `relation` or `text`."""

    name: str
    kind: str
    definition: str


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query with its title and parameters."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    text: str


def parse(name: str, text: str) -> NamedQuery:
    """Read title and parameters from the comments of a query; the name serves as title where there is none."""
    title = _TITLE.search(text)
    return NamedQuery(name, title[1] if title else name, tuple(Parameter(*match) for match in _PARAM.findall(text)), text)


@cache
def shipped() -> Mapping[str, NamedQuery]:
    """Return the queries that come with kg, by name, sorted."""
    files = sorted(Path(__file__).parents[1].joinpath("queries").glob("*.rq"))
    return MappingProxyType({file.stem: parse(file.stem, file.read_text(encoding="utf-8")) for file in files})
