"""The filters of the page of findings: a path below `findings` <-> which findings are wanted, and which page of them.

findings                     all
findings/contradiction       a kind: contradiction, gap, remark
findings/warning             a severity: violation, warning, info
findings/license             a relation of the ontology
findings/gap/license         a kind and a relation
findings/KG302               a code, in capitals and digits
findings/code/lab%2Fseven    any other code, which somebody's shapes may name
findings/relation/label      any other relation
findings/KG302/2             the second page; a number is a page, but not where it is the code: findings/code/7
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import get_args
from urllib.parse import quote, unquote

from kg.findings import KINDS, key
from kg.model import Severity
from kg.pages.errors import Missing

SEVERITIES: tuple[str, ...] = get_args(Severity)

_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_CODE = re.compile(r"[A-Z]{1,8}[0-9]{1,6}")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Filter:
    """Which findings are wanted: all, or those of one value of a field; of `kind/relation` there are two."""

    field: str | None = None
    values: tuple[str, ...] = ()

    @property
    def key(self) -> bytes | None:
        """Return the key that the findings have, None for all."""
        return key(self.field, *self.values) if self.field else None

    @property
    def kind(self) -> str | None:
        """Return the kind that is wanted."""
        return self.values[0] if self.field in {"kind", "kind/relation"} else None

    @property
    def code(self) -> str | None:
        """Return the code that is wanted."""
        return self.values[0] if self.field == "code" else None

    def path(self, relations: Collection[str]) -> str:
        """Return the path of the first page, with the relations of the ontology.

        >>> Filter("kind/relation", ("gap", "license")).path(["license"]), Filter("code", ("a/7",)).path([])
        ('findings/gap/license', 'findings/code/a%2F7')
        """
        if not self.field:
            return "findings"
        last = self.values[-1]
        plain = {"code": _CODE.fullmatch(last) is not None, "relation": last in relations}.get(self.field, True)
        parts = self.values if plain else (self.field, quote(last, safe="", errors="replace"))
        return "/".join(("findings", *parts))


ALL = Filter()


def asked(path: str, relations: Collection[str], codes: Collection[str]) -> tuple[Filter, int]:
    """Return the filter and the page that a path below `findings/` means, with what is known; raise Missing.

    >>> asked("gap/license/3", ["license"], [])
    (Filter(field='kind/relation', values=('gap', 'license')), 3)
    """
    parts = path.split("/") if path else []
    number = 1
    if parts and _NUMBER.fullmatch(parts[-1]) and not (len(parts) == 2 and parts[0] in {"code", "relation"}):
        number = int(parts.pop())
    found = _filter(parts, relations, codes)
    if found is None:
        raise _missing("/".join(map(unquote, parts)), relations, codes)
    return found, number


def _filter(parts: list[str], relations: Collection[str], codes: Collection[str]) -> Filter | None:
    match parts:
        case []:
            return ALL
        case [kind] if kind in KINDS:
            return Filter("kind", (kind,))
        case [severity] if severity in SEVERITIES:
            return Filter("severity", (severity,))
        case [name] if name in relations:
            return Filter("relation", (name,))
        case [code] if code in codes and _CODE.fullmatch(code):
            return Filter("code", (code,))
        case [kind, name] if kind in KINDS and name in relations:
            return Filter("kind/relation", (kind, name))
        case ["code", code] if unquote(code) in codes:
            return Filter("code", (unquote(code),))
        case ["relation", name]:
            return Filter("relation", (unquote(name),))
    return None


def _missing(asked: str, relations: Collection[str], codes: Collection[str]) -> Missing:
    known = {name.casefold(): path for path, name in _known(relations, codes)}
    near = [known[name] for name in get_close_matches(asked.casefold()[:_LONGEST], list(known), n=3, cutoff=0.5)]
    hint = f"near it: {', '.join(near)}" if near else "a filter is a kind, a severity, a code or a relation: see /findings"
    shown = asked if len(asked) <= _LONGEST else f"{asked[:_LONGEST]}…"
    return Missing(f"findings cannot be filtered by '{shown}'", hint=hint)


def _known(relations: Collection[str], codes: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the paths of filters, each with what somebody may have typed."""
    fields = (("kind", KINDS), ("severity", SEVERITIES), ("relation", relations), ("code", codes))
    for field, values in fields:
        for value in values:
            yield f"/{Filter(field, (value,)).path(relations)}", value
    for kind in KINDS:
        yield from ((f"/findings/{kind}/{name}", f"{kind}/{name}") for name in relations)
