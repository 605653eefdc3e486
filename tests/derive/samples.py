"""Claims in short form -> what follows from them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from kg.config import Config
from kg.derive import derive
from kg.model import Claim, Derivation
from kg.resolve import names_of, resolve
from kg.runs import said
from kg.schema import Schema
from tests.samples import claim

_SHORT = re.compile(r"(?P<relation>\w+)=(?P<value>[^@~]+?)(?:@(?P<stage>[\w-]+))?(?:~(?P<mention>.+))?")
_NUMBER = re.compile(r"([\d.e]+) (.+)")


def read(text: str, **fields: str) -> Claim:
    """Return a claim from `relation=value [unit] [@stage] [~words]`."""
    match = _SHORT.fullmatch(text.strip())
    assert match, text
    value, unit = match["value"], None
    if counted := _NUMBER.fullmatch(value):
        value, unit = counted.groups()
    more: dict[str, Any] = {"mention": match["mention"], "approximate": True} if match["mention"] else {}
    return claim(match["relation"], value, match["stage"], unit=unit, **more, **fields)


def follow(
    schema: Schema, reports: Mapping[str, Iterable[Claim]], texts: Mapping[str, str] | None = None, config: Config | None = None
) -> Derivation:
    """Return what follows from claims by report."""
    names = names_of((item for items in reports.values() for item in items), schema)
    resolved: dict[str, list[Claim]] = defaultdict(list)
    for report, items in reports.items():
        resolved[report] = resolve(items, schema, names)
    return derive(said(reports, resolved, names, schema), schema, texts or {}, config or Config())
