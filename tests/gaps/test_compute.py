"""Training compute as an interval, and which side of a threshold it is on."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kg.gaps import Compute, compute_of, verdict
from kg.gaps.compute import Amount
from kg.interval import Interval
from kg.model import Claim, Undetermined
from kg.schema import Schema
from tests.gaps.test_answers import COMPUTED, NAME, model_of
from tests.samples import claim

WHOLE = replace(COMPUTED, id="w", relation="cumulativeCompute", low="3e22", value="5e22", high=None, formula="own + unknown (X)")


def span(amount: Amount | None) -> tuple[float, float | None] | None:
    return (float(amount.interval.low), None if amount.interval.high is None else float(amount.interval.high)) if amount else None


def spans(compute: Compute) -> list[tuple[float, float | None] | None]:
    return [span(compute.own), span(compute.whole)]


@pytest.mark.parametrize(
    ("claims", "own"),
    [
        ([claim("trainingCompute", "1e24")], (1e24, 1e24)),
        ([claim("trainingCompute", "1e24", value_max="3e24")], (1e24, 3e24)),
        ([claim("trainingCompute", "1e24", approximate=True, mention="1e24")], (2e24 / 3, 4e24 / 3)),
        ([claim("trainingCompute", "1e24"), claim("trainingCompute", "2e24", report="b.txt")], (1e24, 2e24)),  # both stay
        ([claim("trainingCompute", "1e24", "pretraining")], (1e24, 1e24)),
        ([claim("trainingCompute", "1e24", "pretraining"), claim("steps", "9", "fine-tuning")], (1e24, None)),
        ([claim("trainingCompute", "1e24", "pretraining"), claim("trainingCompute", "1e23", "fine-tuning")], (1.1e24, 1.1e24)),
        ([claim("trainingCompute", "1e24", "pretraining"), claim("trainingCompute", "3e24")], (3e24, 3e24)),
        ([claim("trainingCompute", "much")], None),
        ([NAME], None),
    ],
)
def test_what_reports_state(claims: list[Claim], own: tuple[float, float | None] | None, schema: Schema) -> None:
    assert spans(compute_of(model_of(schema, *claims))) == [own, own]


def test_what_is_stated_comes_before_what_is_derived(schema: Schema) -> None:
    assert spans(compute_of(model_of(schema, claim("trainingCompute", "1e24"), derived=(COMPUTED,)))) == [(1e24, 1e24)] * 2
    assert spans(compute_of(model_of(schema, NAME, derived=(COMPUTED,)))) == [(1e22, 4e22)] * 2
    assert spans(compute_of(model_of(schema, NAME, derived=(COMPUTED, WHOLE)))) == [(1e22, 4e22), (3e22, None)]


def test_several_reports_and_stages_of_derived_compute(schema: Schema) -> None:
    other = replace(COMPUTED, id="y", low="2e22", high="8e22")
    assert span(compute_of(model_of(schema, NAME, derived=(COMPUTED, other))).own) == (1e22, 8e22)
    stages = tuple(replace(COMPUTED, id=stage, stage=stage) for stage in ("fine-tuning", "pretraining"))
    assert span(compute_of(model_of(schema, NAME, derived=stages)).own) == (2e22, None)


def test_a_backbone_of_unknown_compute_leaves_no_upper_bound(schema: Schema) -> None:
    backbones = [claim("extends", "Llama 2"), claim("imageEncoder", "SigLIP"), claim("extends", "Llama 2", report="b.txt")]
    found = compute_of(model_of(schema, *backbones, claim("trainingCompute", "1e22")))
    assert spans(found) == [(1e22, 1e22), (1e22, None)]
    assert found.left_out == ("training of Llama 2", "training of SigLIP")
    known = replace(WHOLE, high="9e22")
    found = compute_of(model_of(schema, *backbones, derived=(COMPUTED, known)))
    assert (span(found.whole), found.left_out) == ((3e22, 9e22), ())
    assert compute_of(model_of(schema, *backbones)).left_out == ("training of Llama 2", "training of SigLIP")


def test_what_an_amount_comes_from_is_told_step_by_step(schema: Schema) -> None:
    hours = replace(COMPUTED, id="h", relation="impliedAcceleratorHours")
    by_hardware = replace(COMPUTED, id="c", relation="computeByHardware", derived=("h", "of another model"))
    run = replace(COMPUTED, derived=("c", "h"))
    own = compute_of(model_of(schema, NAME, derived=(run, by_hardware, hours))).own
    assert own and own.chain == (by_hardware, hours)


def test_what_is_missing_is_told_once(schema: Schema) -> None:
    gap = Undetermined("m", "M", "s", "runCompute", None, "r", ("duration",), "no duration is stated")
    model = replace(model_of(schema, NAME), undetermined=(gap, gap, replace(gap, relation="trainingEnergy", reason="no TDP")))
    assert compute_of(model).missing == ("no duration is stated",)


@pytest.mark.parametrize(
    ("low", "high", "side"),
    [
        ("1e22", "4e22", "below"),
        ("1e22", "1e23", "below"),  # more than the threshold is asked for
        ("1e23", "1e23", "below"),
        ("1e22", "2e23", "straddles"),
        ("1e23", "2e23", "straddles"),
        ("1.1e23", "2e23", "above"),
        ("1.1e23", None, "above"),
        ("1e23", None, "cannot tell"),
        ("1e22", None, "cannot tell"),
    ],
)
def test_which_side(low: str, high: str | None, side: str) -> None:
    amount = Amount(Interval(Fraction(low), Fraction(low), Fraction(high) if high else None), "")
    assert verdict(Fraction("1e23"), amount) == side
    assert verdict(Fraction("1e23"), None) == "cannot tell"
