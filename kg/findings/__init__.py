"""The findings of a build, read without reading all of them: `findings.json`, and beside it `findings.index`.

The index lists, for each key (a code, a kind, a severity, a relation, a model, a report), which findings have it and where
each one stands. It follows from the findings alone.
"""

from __future__ import annotations

from kg.findings._items import FINDINGS, INDEX, finding_of, findings_naming, findings_of, items
from kg.findings._keys import FIELDS, KINDS, Keys, key, kind_of
from kg.findings._read import Findings, made_of, opened
from kg.findings._write import IndexWriter

__all__ = [
    "FIELDS",
    "FINDINGS",
    "INDEX",
    "KINDS",
    "Findings",
    "IndexWriter",
    "Keys",
    "finding_of",
    "findings_naming",
    "findings_of",
    "items",
    "key",
    "kind_of",
    "made_of",
    "opened",
]
