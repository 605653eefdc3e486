"""How a fact that is asked for stands, and what it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.gaps import Answer, Asked, Profile, Told, answers, load_profile, profiles, score, told
from kg.model import Claim, Derivation, Derived
from kg.names import Names
from kg.resolve import names_of, resolve
from kg.runs import said
from kg.schema import Schema, load_schema
from tests.samples import claim

COMPUTED = Derived(
    "x", "https://w3id.org/kg/model/kestrel-7b", "Kestrel-7B", "s", "runCompute", None, "r", "a = b", "FLOP", "1e22", "2e22", "4e22"
)


def model_of(
    schema: Schema,
    *claims: Claim,
    derived: tuple[Derived, ...] = (),
    suggestions: tuple[Claim, ...] = (),
    unreadable: Mapping[tuple[str, str], str] | None = None,
) -> Told:
    """Return what claims tell of the one model that they are about."""
    of_report: dict[str, list[Claim]] = {}
    for item in claims:
        of_report.setdefault(item.report, []).append(item)
    names: Names = names_of(claims, schema)
    models = said(of_report, {report: resolve(own, schema, names) for report, own in of_report.items()}, names, schema)
    (found,) = told(models, Derivation(derived), suggestions, unreadable)
    return found


def answer(model: Told, asked: Asked) -> Answer:
    (found,) = answers(model, [asked])
    return found


NAME = claim("name", "Kestrel-7B")
A100 = claim("accelerator", "NVIDIA A100")
NOTHING = Fraction(0)
ANY = Asked("time", ("duration", "acceleratorHours"))
ALL = Asked(
    "hardware", ("accelerator", "acceleratorCount"), every=True, stand_ins={"acceleratorCount": ("impliedAcceleratorCount",)}
)
COMPUTE = Asked("compute", ("trainingCompute",), stand_ins={"": ("cumulativeCompute", "runCompute")})


@pytest.mark.parametrize(
    ("claims", "suggestions", "asked", "state", "missing"),
    [
        ([claim("duration", "P1D")], [], ANY, "stated", ()),
        ([claim("acceleratorHours", "9")], [claim("duration", "P1D", score=0.4)], ANY, "stated", ()),
        ([], [], ANY, "not stated", ("duration", "acceleratorHours")),
        ([], [claim("duration", "P1D", score=0.4)], ANY, "possibly stated", ("duration", "acceleratorHours")),
        ([], [claim("duration", "P1D", score=0.4, model="Merlin")], ANY, "not stated", ("duration", "acceleratorHours")),
        ([A100, claim("acceleratorCount", "8")], [], ALL, "stated", ()),
        ([A100], [], ALL, "not stated", ("acceleratorCount",)),
        ([A100], [claim("acceleratorCount", "8", score=0.4)], ALL, "possibly stated", ("acceleratorCount",)),
        ([], [claim("acceleratorCount", "8", score=0.4)], ALL, "not stated", ("accelerator", "acceleratorCount")),
    ],
)  # fmt: skip
def test_states(
    claims: list[Claim], suggestions: list[Claim], asked: Asked, state: str, missing: tuple[str, ...], schema: Schema
) -> None:
    found = answer(model_of(schema, NAME, *claims, suggestions=tuple(suggestions)), asked)
    assert (found.state, found.missing) == (state, missing)
    assert found.worth == 1
    assert found.counts == (1 if state == "stated" else 0)


def test_a_derived_fact_counts_half_or_what_the_profile_says(schema: Schema) -> None:
    model = model_of(schema, NAME, derived=(COMPUTED,))
    found = answer(model, COMPUTE)
    assert (found.state, found.derived, found.counts) == ("derived", (COMPUTED,), Fraction(1, 2))
    assert answer(model, replace(COMPUTE, weight=Fraction(3), derived_counts=Fraction(1, 4))).counts == Fraction(3, 4)
    shown = answer(model, replace(COMPUTE, derived_counts=Fraction(0)))
    assert (shown.state, shown.counts, shown.worth) == ("derived", NOTHING, Fraction(1))
    assert answer(model_of(schema, claim("trainingCompute", "1e22"), derived=(COMPUTED,)), COMPUTE).state == "stated"


def test_the_first_stand_in_and_the_whole_training_are_shown(schema: Schema) -> None:
    stage = replace(COMPUTED, id="y", stage="pretraining")
    total = replace(COMPUTED, id="z", relation="cumulativeCompute")
    assert answer(model_of(schema, NAME, derived=(stage, COMPUTED)), COMPUTE).derived == (COMPUTED,)
    assert answer(model_of(schema, NAME, derived=(stage,)), COMPUTE).derived == (stage,)
    assert answer(model_of(schema, NAME, derived=(COMPUTED, total)), COMPUTE).derived == (total,)


def test_with_all_each_missing_relation_needs_its_own_stand_in(schema: Schema) -> None:
    count = replace(COMPUTED, relation="impliedAcceleratorCount", unit="accelerators")
    with_product = answer(model_of(schema, claim("accelerator", "NVIDIA A100"), derived=(count,)), ALL)
    assert (with_product.state, with_product.derived, with_product.missing) == ("derived", (count,), ("acceleratorCount",))
    assert answer(model_of(schema, NAME, derived=(count,)), ALL).state == "not stated"


def test_what_has_no_relation_is_shown_and_not_counted(schema: Schema) -> None:
    owner = Asked("owner", ())
    found = answer(model_of(schema, NAME), owner)
    assert (found.state, found.why, found.worth) == ("not applicable", "kg has no relation for it", NOTHING)
    energy = Asked("energy", (), stand_ins={"": ("runCompute",)})
    shown = answer(model_of(schema, NAME, derived=(COMPUTED,)), energy)
    assert (shown.state, shown.derived, shown.worth, shown.counts) == ("derived", (COMPUTED,), NOTHING, NOTHING)
    assert answer(model_of(schema, NAME), energy).state == "not applicable"


def test_what_could_not_be_read_is_not_held_against_the_model(schema: Schema) -> None:
    lost = {("a.txt", "duration"): "KG420", ("b.txt", "steps"): "KG420"}
    found = answer(model_of(schema, NAME, unreadable=lost), ANY)
    assert (found.state, found.why, found.worth) == ("unreadable", "KG420", NOTHING)
    assert answer(model_of(schema, claim("duration", "P1D"), unreadable=lost), ANY).state == "stated"
    assert answer(model_of(schema, NAME, unreadable=lost), Asked("steps", ("steps",))).state == "not stated"  # of another report


def test_what_is_asked_of_some_models_only(schema: Schema) -> None:
    asked = Asked("resolution", ("imageResolution",), only_if=("imageEncoder",))
    found = answer(model_of(schema, NAME), asked)
    assert (found.state, found.why, found.worth) == ("not applicable", "asked of models with imageEncoder only", NOTHING)
    assert answer(model_of(schema, claim("imageEncoder", "SigLIP")), asked).state == "not stated"


def test_a_model_of_several_reports_is_one(schema: Schema) -> None:
    model = model_of(
        schema, claim("duration", "P1D", report="b.txt"), claim("accelerator", "NVIDIA A100"), claim("acceleratorCount", "8")
    )
    assert [report.report for report in model.reports] == ["a.txt", "b.txt"]
    assert {answer(model, ANY).state, answer(model, ALL).state} == {"stated"}


@pytest.mark.parametrize(
    ("stages", "unsaid"),
    [(("pretraining",), ("fine-tuning",)), (("fine-tuning", "pretraining"), ()), ((None,), ()), ((None, "pretraining"), ())],
)
def test_stages_that_nothing_is_said_of(stages: tuple[str | None, ...], unsaid: tuple[str, ...], schema: Schema) -> None:
    others = [claim("steps", "10", stage) for stage in ("pretraining", "fine-tuning")]
    found = answer(model_of(schema, *others, *(claim("duration", "P1D", stage) for stage in stages)), ANY)
    assert (found.state, found.unsaid) == ("stated", unsaid)


def test_a_score_adds_up_weights(schema: Schema) -> None:
    profile = Profile(
        "p", "P", (), (replace(ANY, weight=Fraction(2)), replace(ALL, weight=Fraction(5)), Asked("owner", ()), COMPUTE)
    )
    found = score(model_of(schema, claim("duration", "P1D"), derived=(COMPUTED,)), profile)
    assert (found.answered, found.asked, found.part) == (Fraction(5, 2), Fraction(8), Fraction(5, 16))
    assert [item.asked.name for item in found.missing] == ["hardware"]
    nothing = score(model_of(schema, NAME), Profile("p", "P", (), (Asked("owner", ()),)))
    assert (nothing.asked, nothing.part) == (Fraction(0), None)


FACTS = st.lists(
    st.tuples(
        st.sampled_from([relation.name for relation in load_schema().relations.values() if relation.origin == "report"]),
        st.sampled_from([None, "pretraining", "fine-tuning"]),
        st.sampled_from(["a.txt", "b.txt"]),
    ),
    max_size=12,
)


@pytest.mark.parametrize("name", profiles())
@given(facts=FACTS, more=FACTS)
def test_to_state_more_never_lowers_a_score(
    name: str, facts: list[tuple[str, str | None, str]], more: list[tuple[str, str | None, str]]
) -> None:
    schema = load_schema()
    profile = load_profile(name, schema)
    less, all_ = (
        score(model_of(schema, NAME, *(claim(relation, "7", stage, report=report) for relation, stage, report in said)), profile)
        for said in (facts, facts + more)
    )
    assert 0 <= (less.part or 0) <= (all_.part or 0) <= 1


def test_the_weightiest_is_missed_first(schema: Schema) -> None:
    found = score(model_of(schema, NAME), load_profile("basic", schema))
    weights = [item.worth for item in found.missing]
    assert weights == sorted(weights, reverse=True)
    assert found.missing[0].asked.name == "number of parameters"
