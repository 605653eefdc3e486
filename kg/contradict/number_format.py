"""A number format that the stated accelerators have no units for: bfloat16 on V100, fp8 on A100 (KG307).

Which accelerators lack a format stands in `number_formats.toml`. A report that also names an accelerator that has the format, or
may have it, for whatever part of the training, is not judged.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kg.contradict._known import Known
from kg.contradict._numbers import all_stay, label
from kg.model import Claim, Finding
from kg.runs import Run


@dataclass(frozen=True, slots=True)
class Lack:
    """Why an accelerator cannot compute in a format, and who says so."""

    why: str
    source: str


def findings(known: Known) -> Iterator[Finding]:
    """Yield the runs that computed in a format which none of their accelerators has."""
    for model, run in known.runs():
        precisions, accelerators = run.claims("precision"), run.claims("accelerator")
        every = [claim for other in model.runs.values() for claim in other.said.get("accelerator", ())]
        if not precisions or not accelerators or not (run.said.get("precision") or run.said.get("accelerator")):
            continue
        for precision in precisions:
            lacks = {claim.value: lack for claim in every if (lack := _lack(claim, precision.value, known))}
            if len(lacks) == len({claim.value for claim in every}) and known.of_one((precision, *accelerators)):
                yield _finding(run, precision, accelerators, lacks)


def _lack(accelerator: Claim, precision: str, known: Known) -> Lack | None:
    """Return why an accelerator lacks a format: it or what it is a version of is listed."""
    listed, thing = lacking().get(precision, {}), known.schema.thing(accelerator.thing or "")
    while thing and thing.name not in listed:
        (thing,) = known.schema.find(thing.facts.get("variantOf", ""), "accelerator") or (None,)
    return listed[thing.name] if thing else None


@lru_cache(maxsize=1)
def lacking() -> Mapping[str, Mapping[str, Lack]]:
    """Return what lacks a number format, by format and by the name of the product."""
    formats = tomllib.loads(Path(__file__).with_name("number_formats.toml").read_text("utf-8"))["format"]
    return {
        format["name"]: {
            product: Lack(entry["why"], entry["source"]) for entry in format["without"] for product in entry["products"]
        }
        for format in formats
    }


def _finding(run: Run, precision: Claim, accelerators: tuple[Claim, ...], lacks: Mapping[str, Lack]) -> Finding:
    reasons = sorted({f"{name}: {lack.why} ({lack.source})" for name, lack in lacks.items()})
    return Finding(
        "KG307",
        "warning",
        f"{run.label}: {' and '.join(sorted(lacks))} cannot compute in {precision.value}",
        (label(precision, precision.value), *(label(claim, f"without {precision.value}") for claim in accelerators)),
        (*reasons, "a format without units for it can only be emulated", all_stay(1 + len(accelerators))),
        run.report,
        run.iri,
        "precision",
    )
