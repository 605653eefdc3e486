"""Training compute of a run = 6 × parameters × tokens; 2 × for frozen parameters, which only take part in the forward pass.

Kaplan et al., "Scaling Laws for Neural Language Models", arXiv:2001.08361, section 2.1: 2 operations a parameter and token forward,
4 backward. What lies behind a frozen part may still need gradients through it: the upper bound counts it as trained, the most
likely value half so. Of a mixture of experts a token passes a part of the parameters that no total tells: nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from kg.derive._frozen import frozen
from kg.derive._known import Gap, Known, Quantity, product, stated
from kg.interval import Interval
from kg.model import Derived

GIVES = ("computeByOperations",)
USES = ()
SCOPE = "run"
ASKS = ("trainingExamples",)

TRAINED, FROZEN = 6, 2

_DENSE = "every token passes all parameters (no mixture of experts)"
_EXPERTS = re.compile(r"mixture[- ]of[- ](?:\w+[- ])?experts|\bMoE\b|\b(?:active|activated) (?:\w+ )?param", re.IGNORECASE)


def compute(known: Known) -> Iterator[Derived]:
    """Yield the operations that the parameters and tokens call for; nothing where examples are no tokens, or experts take turns."""
    size, tokens = parameters(known), tokens_of(known)
    if isinstance(size, Gap) or isinstance(tokens, Gap) or _has_experts(known):
        return
    size = replace(size, assumptions=(*size.assumptions, _DENSE))
    still = frozen(known)
    if still is None:
        result, formula, parts = (
            size.interval * tokens.interval * TRAINED,
            f"{TRAINED} × {size.words} × {tokens.words}",
            [size, tokens],
        )
    else:
        most = still.interval.value if still.interval.value < size.interval.low else size.interval.low
        each = Interval(
            (size.interval.low - most) * TRAINED + most * FROZEN,
            size.interval.value * TRAINED - most * (TRAINED - FROZEN) / 2,
            None,
        )
        each = Interval(each.low, each.value, (size.interval * TRAINED).high)
        result, parts = each * tokens.interval, [size, still, tokens]
        formula = f"({FROZEN} to {TRAINED} × {still.words} + {TRAINED} × the rest of {size.words}) × {tokens.words}"
    yield known.fact("compute-by-operations", GIVES[0], "FLOP", result, formula, parts)


def parameters(known: Known) -> Quantity | Gap:
    """Return the model's parameters, as its report states them."""
    label = known.given.schema.relation("parameterCount").label
    return stated(known.model.claims.get("parameterCount", ()), "parameterCount", label, "parameters")


def tokens_of(known: Known) -> Quantity | Gap:
    """Return how many tokens the run saw: its examples if they are tokens, times its epochs where they are stated."""
    claims = known.run.claims("trainingExamples")
    if not claims:
        return Gap(("trainingExamples",), "no number of tokens is stated")
    if not all("token" in (claim.unit or "") for claim in claims):
        units = sorted({claim.unit or "examples of no stated kind" for claim in claims})
        return Gap(("trainingExamples",), f"{', '.join(units)} are stated, no tokens")
    found = known.stated("trainingExamples", "tokens")
    epochs = known.stated("epochs", "epochs")
    if isinstance(found, Gap) or isinstance(epochs, Gap):
        return found if isinstance(found, Gap) or not isinstance(epochs, Gap) or epochs.missing else epochs
    seen = product(f"{found.words} × {epochs.words}", found, epochs)
    said = "the stated tokens may be those of one epoch or of all"
    return replace(seen, interval=seen.interval.hull(found.interval), assumptions=(*seen.assumptions, said))


def _has_experts(known: Known) -> bool:
    """Return whether the report speaks of experts, of whose parameters a token passes a part that is not known."""
    claims = known.model.claims.get("parameterCount", ())
    return any(_EXPERTS.search(known.given.texts.get(report, "")) for report in sorted({claim.report for claim in claims}))
