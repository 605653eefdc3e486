"""What cannot fit into the memory of the accelerators, as far as it is certain (KG308).

Two things have to be there at least: the weights, once, over all accelerators together; and the pixels of the images of one
device's batch, a byte each. What else is there (gradients, optimizer states, activations) depends on the method and is not
counted. A report that speaks of offloading or quantizing is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from kg.contradict._known import Known
from kg.contradict._numbers import TOKENS, agreed, all_stay, label
from kg.interval import shown
from kg.model import Claim, Finding, Label
from kg.runs import ModelReport, Run

_ELSEWHERE = re.compile(r"\boff-?load|\bNVMe\b|\bquanti[sz]|\b[48]-?bit\b|\bint[48]\b|\b(?:host|CPU) memory\b", re.IGNORECASE)
_BYTES = {"float32": Fraction(4), "fp8": Fraction(1), "fp4": Fraction(1, 2), "int8": Fraction(1), "float64": Fraction(8)}
_GIGA = 10**9


def findings(known: Known) -> Iterator[Finding]:
    """Yield the runs whose weights or batches are larger than the memory."""
    for model, run in known.runs():
        memory = _memory(run, known)
        told = [*_weights(model, run, memory, known), *_images(run, memory)] if memory else []
        if told and not _ELSEWHERE.search(known.texts.get(run.report, "")):
            yield from told


def _memory(run: Run, known: Known) -> tuple[Fraction, str] | None:
    """Return the largest memory that one of a run's accelerators can have, in bytes; None when one is not known."""
    sizes = []
    for claim in run.claims("accelerator"):
        products = known.products(claim)
        own = [(Fraction(product.facts["memory"]), product.name) for product in products if "memory" in product.facts]
        if not own:
            return None
        sizes.append(max(own))
    return max(sizes, default=None)


def _weights(model: ModelReport, run: Run, memory: tuple[Fraction, str], known: Known) -> Iterator[Finding]:
    size, count = agreed(model.claims.get("parameterCount", ())), agreed(run.claims("acceleratorCount"))
    if not size or not count or not (run.said.get("acceleratorCount") or run.said.get("accelerator")):
        return
    each = _bytes(run.claims("precision"))
    room = (count.interval.high or count.value) * memory[0]
    if size.interval.low * each > room and known.of_one((size.claim, count.claim)):
        need = f"{size.text} parameters × {shown(each)} bytes = {_size(size.value * each)}"
        note = f"{need}; {count.text} × {_size(memory[0])} = {_size(room)}"
        labels = (label(size.claim, f"{size.text} parameters"), label(count.claim, f"{count.text} accelerators"))
        assumed = f"assumed: {shown(each)} bytes a parameter, each held once, none elsewhere"
        yield _finding(run, "weights", labels, note, assumed, memory[1])


def _images(run: Run, memory: tuple[Fraction, str]) -> Iterator[Finding]:
    batch = agreed(run.said.get("perDeviceBatchSize", ()))
    sides = [(width * height, claim) for claim in run.claims("imageResolution") for width, height in _pixels(claim)]
    if not batch or batch.claim.unit in TOKENS or not sides:
        return
    pixels, resolution = min(sides, key=lambda side: side[0])
    need = batch.interval.low * pixels * 3
    if need > memory[0]:
        note = f"{batch.text} images × {resolution.value} pixels × 3 bytes = {_size(need)}; one accelerator has {_size(memory[0])}"
        labels = (label(batch.claim, f"{batch.text} on each accelerator"), label(resolution, resolution.value))
        yield _finding(run, "batch", labels, note, "assumed: a byte for each colour of a pixel, all images at once", memory[1])


def _pixels(claim: Claim) -> Iterator[tuple[int, int]]:
    match = re.fullmatch(r"(\d+)x(\d+)", claim.value)
    if match:
        yield int(match[1]), int(match[2])


def _bytes(precisions: Sequence[Claim]) -> Fraction:
    """Return the fewest bytes of a weight: two, unless every stated format has another size."""
    return min((_BYTES.get(claim.value, Fraction(2)) for claim in precisions), default=Fraction(2))


def _size(number: Fraction) -> str:
    return f"{shown(Fraction(round(number / _GIGA)))} GB"


def _finding(run: Run, what: str, labels: tuple[Label, ...], note: str, assumed: str, product: str) -> Finding:
    accelerators = tuple(label(claim, claim.value) for claim in run.claims("accelerator"))
    return Finding(
        "KG308",
        "info",
        f"{run.label}: the {what} cannot fit into the memory of the accelerators",
        (*labels, *accelerators),
        (note, f"{assumed}; the memory is that of {product}", all_stay(len(labels) + len(accelerators))),
        run.report,
        run.iri,
    )
