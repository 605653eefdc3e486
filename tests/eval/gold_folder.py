"""A small folder of documents with their gold, written for these tests, and claims about them whose score is known by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

KESTREL = "Kestrel-7B extends BLIP-2. It was trained on CC3M for 3 days (72 hours) with AdamW; it was not trained on LAION-5B.\n"
MERLIN = "The model was fine-tuned on 8 A100s.\n"


def fact(relation: str, value: str, evidence: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return an annotated fact of Kestrel-7B."""
    own = {"model": "Kestrel-7B", "relation": relation, "value": value, "stage": None, "evidence": evidence or value}
    return own | {"explicit": True} | fields


KESTREL_GOLD: dict[str, Any] = {
    "facts": [
        fact("name", "Kestrel-7B"),
        fact("extends", "BLIP-2"),
        fact("trainingDataset", "CC3M", stage="pretraining", aliases=["Conceptual Captions"]),
        fact("duration", "P3D", "3 days", stage="pretraining", stageExplicit=False),
        fact("optimizer", "AdamW"),
        fact("acceleratorHours", "576", "72 hours", explicit=False),
    ],
    "optional": [fact("parameterCount", "7000000000", "7B")],
    "negatives": [
        {"relation": "trainingDataset", "value": "LAION-5B", "why": "excluded", "evidence": "LAION-5B"},
        {"relation": "trainingDataset", "value": "CC3M", "why": "said to be right as well", "evidence": "CC3M"},
        {"relation": "license", "value": "MIT", "why": "no fact of the folder is about licences", "evidence": ""},
        {"relation": None, "value": None, "why": "asserted by nothing", "evidence": ""},
    ],
}
MERLIN_GOLD: dict[str, Any] = {
    "facts": [
        fact("accelerator", "NVIDIA A100", "A100s", model=None, stage="fine-tuning"),
        fact("acceleratorCount", "8", model=None, stage="fine-tuning"),
    ],
    "negatives": [],
}


def claim(relation: str, value: str, words: str, text: str = KESTREL, **fields: Any) -> dict[str, Any]:
    """Return a claim of Kestrel-7B on the first place of some words."""
    start = text.find(words)
    own = {"report": "kestrel.txt", "model": "Kestrel-7B", "relation": relation, "value": value, "stage": None}
    return own | {"mention": words, "start": start, "end": start + len(words)} | fields


CLAIMS = [
    claim("name", "kestrel 7b", "Kestrel-7B"),  # right
    claim("languageModel", "BLIP-2", "BLIP-2"),  # relaxed right: a backbone; strict wrong
    claim("trainingDataset", "Conceptual Captions", "CC3M"),  # strict wrong: no stage
    claim("trainingDataset", "LAION-5B", "LAION-5B", stage="pretraining"),  # wrong, and a negative
    claim("duration", "PT72H", "72 hours"),  # right in both: the stage is from context; not on the evidence
    claim("duration", "P3D", "3 days"),  # right again: it counts too, as its value is spelled otherwise
    claim("acceleratorHours", "576", "72 hours"),  # neither right nor wrong
    claim("parameterCount", "7e9", "7B"),  # neither right nor wrong, and of a relation that no fact is about
    claim("license", "MIT", "AdamW"),  # of a relation that no fact is about
    claim("optimizer", "AdamW", "AdamW", derived=True),  # derived: does not count
    claim("accelerator", "A100", "A100s", MERLIN, report="notes/merlin.md", model=None, stage="fine-tuning"),  # right
    claim("acceleratorCount", "8.0", "8", MERLIN, report="merlin", model="Merlin", stage="instruction-tuning"),  # strict wrong
    claim("name", "Osprey", "Osprey", report="osprey.txt"),  # about no document here
]


def write_folder(folder: Path, claims: Path | None = None) -> Path:
    """Write the documents with their gold, and the claims beside them when a path is given."""
    folder.mkdir()
    (folder / "kestrel.txt").write_text(KESTREL)
    (folder / "kestrel.json").write_text(json.dumps(KESTREL_GOLD))
    (folder / "merlin.md").write_text(MERLIN)
    (folder / "merlin.json").write_text(json.dumps(MERLIN_GOLD))
    if claims:
        claims.write_text("".join(f"{json.dumps(row)}\n" for row in CLAIMS))
    return folder
