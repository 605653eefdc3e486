"""A finding -> the keys under which the index lists it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from kg.model import Finding

KINDS = ("contradiction", "gap", "remark")
"""What a finding can be: a contradiction (KG3xx), something that no report states (KG2xx), or another remark."""

FIELDS = ("kind", "severity", "code", "relation", "kind/relation", "model", "report")
"""What findings are listed by; `model` is the IRI of a finding's subject, for runs and hardware that of their model."""

_KINDS = {"KG2": "gap", "KG3": "contradiction"}


def kind_of(code: str) -> str:
    """Return what findings of a code are.

    >>> kind_of("KG201"), kind_of("KG302"), kind_of("LAB7")
    ('gap', 'contradiction', 'remark')
    """
    return _KINDS.get(code[:3], "remark")


def key(name: str, *values: str) -> bytes:
    """Return the key of a field's value; that of `kind/relation` has two.

    >>> key("kind/relation", "gap", "license")
    b'kind/relation gap/license'
    """
    return f"{name} {'/'.join(values)}".encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Keys:
    """Gives the keys of findings about things below `base`; `stages` are the names with which IRIs of runs may end."""

    base: str
    stages: Collection[str]
    _common: dict[tuple[str, str, str | None], tuple[bytes, ...]] = field(default_factory=dict, repr=False)

    def of(self, finding: Finding) -> Iterator[bytes]:
        """Yield the keys of a finding, each once."""
        yield from self._of_kind(finding.code, finding.severity, finding.relation)
        if finding.subject is not None:
            yield from (key("model", iri) for iri in self._models(finding.subject))
        reports = {finding.report, *(label.report for label in finding.labels)}
        yield from (key("report", report) for report in reports if report is not None)

    def _of_kind(self, code: str, severity: str, relation: str | None) -> tuple[bytes, ...]:
        found = self._common.get((code, severity, relation))
        if found is None:
            kind = kind_of(code)
            found = (key("kind", kind), key("severity", severity), key("code", code))
            if relation is not None:
                found += (key("relation", relation), key("kind/relation", kind, relation))
            self._common[code, severity, relation] = found
        return found

    def _models(self, subject: str) -> Iterator[str]:
        """Yield the models that a subject is or may be part of: the run of a stage ends with its name, and so may a model."""
        for part in ("run/", "hardware/"):
            if subject.startswith(self.base + part):
                rest = subject.removeprefix(self.base + part)
                model, _, stage = rest.rpartition("/")
                yield f"{self.base}model/{rest}"
                if model and stage in self.stages:
                    yield f"{self.base}model/{model}"
                return
        yield subject
