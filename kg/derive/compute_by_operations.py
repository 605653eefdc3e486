"""Training compute of a run = 6 × parameters × tokens; 2 × for frozen parameters, which only take part in the forward pass.

Kaplan et al., "Scaling Laws for Neural Language Models", arXiv:2001.08361, section 2.1: 2 operations a parameter and token forward,
4 backward. What lies behind a frozen part may still need gradients through it, so that the upper bound counts it as trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.derive._frozen import frozen
from kg.derive._known import Gap, Known, Quantity
from kg.interval import Interval, of_claim, shown
from kg.model import Derived

GIVES = ("computeByOperations",)
USES = ()
SCOPE = "run"
ASKS = ("trainingExamples",)

TRAINED, FROZEN = 6, 2


def compute(known: Known) -> Iterator[Derived]:
    """Yield the operations that the parameters and tokens call for; nothing where examples are no tokens."""
    size, tokens = parameters(known), tokens_of(known)
    if isinstance(size, Gap) or isinstance(tokens, Gap):
        return
    still = frozen(known)
    if still is None:
        result = size.interval * tokens.interval * TRAINED
        parts, formula = [size, tokens], f"{TRAINED} × {size.words} × {tokens.words}"
    elif still.interval.value < size.interval.low:
        rest = size.interval.value - still.interval.value
        value = (rest * TRAINED + still.interval.value * FROZEN) * tokens.interval.value
        low = ((size.interval.low - still.interval.value) * TRAINED + still.interval.value * FROZEN) * tokens.interval.low
        result = Interval(low, value, (size.interval * tokens.interval * TRAINED).high)
        parts = [size, still, tokens]
        formula = f"({TRAINED} × {shown(rest)} trained + {FROZEN} × {still.words}) × {tokens.words}"
    else:
        return
    yield known.fact("compute-by-operations", GIVES[0], "FLOP", result, formula, parts)


def parameters(known: Known) -> Quantity | Gap:
    """Return the model's parameters, as its report states them."""
    claims = known.model.claims.get("parameterCount", ())
    numbers = [(number, claim) for claim in claims if (number := of_claim(claim))]
    if not numbers:
        return Gap(("parameterCount",), "no parameter count is stated")
    if len({claim.value for _, claim in numbers}) > 1:
        return Gap((), "several parameter counts are stated")
    return Quantity(numbers[0][0], f"{shown(numbers[0][0].value)} parameters", tuple(claim for _, claim in numbers))


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
        return found
    both = (*found.inputs, *epochs.inputs)
    said = "the stated tokens are taken for those of one epoch"
    lower = Interval(found.interval.low, found.interval.value * epochs.interval.value, (found.interval * epochs.interval).high)
    return replace(found, interval=lower, words=f"{found.words} × {epochs.words}", inputs=both, assumptions=(said,))
