"""Claims, documents and a small catalogue made by hand, for the tests of what comes after extraction."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from kg.model import Claim, Document
from kg.schema import DEFAULT_BASE, Schema, load_schema, ontology_dir

CATALOG = {
    "accelerators": (
        "name,aliases,manufacturer,memory,shelf\nNVIDIA A100 80GB,A100-80GB|A100 (80 GB),NVIDIA|Foxconn,80000000000,B2\n"
    ),
    "components": "name,aliases\nQ-Former,Querying Transformer\n",
    "countries": (
        "name,aliases,id,ambiguous,countryCode\nFrance,,fr,,FR\nGeorgia,Republic of Georgia,ge,Georgia,GE\n"
        "North Korea,DPRK,kp,Korea,KP\nSouth Korea,Republic of Korea,kr,Korea,KR\nUnited States,US|USA,us,,US\n"
    ),
    "datasets": "name,aliases,ambiguous\nCC3M,Conceptual Captions 3M,\nLAION-2B,,\nMMLU,,\n",
    "models": "name,aliases\nBLIP-2,\nFlan-T5-XL,\nEVA-CLIP ViT-G/14,ViT-G/14 from EVA-CLIP\n",
    "organizations": "name,aliases,basedIn\nMistral AI,Mistral,fr\nNVIDIA,NVIDIA Corporation,United States\n",
    "software": "name,aliases\nPyTorch,torch\n",
}


def schema_with(folder: Path, catalog: Mapping[str, str] = CATALOG, base: str = DEFAULT_BASE) -> Schema:
    """Return the real ontology beside a catalogue of our own, written below `folder`."""
    (folder / "catalog").mkdir(parents=True)
    for path in ontology_dir().glob("*.ttl"):
        shutil.copy(path, folder)
    for kind, text in catalog.items():
        (folder / "catalog" / f"{kind}.csv").write_text(text, encoding="utf-8")
    return load_schema(base, folder)


def claim(relation: str, value: str, stage: str | None = None, *, report: str = "a.txt", **fields: Any) -> Claim:
    """Return a claim on the first words of a report."""
    values: dict[str, Any] = {"model": "Kestrel-7B", "start": 0, "end": 5, "mention": value} | fields
    return Claim(report=report, relation=relation, value=value, stage=stage, **values)


def document(id: str = "a.txt", source: str = "Kestrel-7B was trained.", **fields: Any) -> Document:
    """Return a document of plain text."""
    return Document(id, f"reports/{id}", "text", source, source, sha256(source.encode("utf-8", "replace")).hexdigest(), **fields)
