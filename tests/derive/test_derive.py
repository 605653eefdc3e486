"""How derived facts are put together: units, frozen parts, several reports, backbones, and what they show of themselves."""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.config import Config
from kg.derive import rules
from kg.graph import derived_triples
from kg.model import Claim, Derivation, Derived
from kg.schema import Schema, load_schema
from kg.wire import derived_row
from tests.derive.samples import follow, read
from tests.samples import claim


def one(found: Derivation, relation: str, stage: str | None = None) -> Derived:
    """Return the only derived fact of a relation."""
    facts = [fact for fact in found.facts if (fact.relation, fact.stage) == (relation, stage)]
    assert len(facts) == 1, [fact.relation for fact in found.facts]
    return facts[0]


def numbers(fact: Derived) -> tuple[float, float, float | None]:
    return float(fact.low), float(fact.value), None if fact.high is None else float(fact.high)


def at(text: str, words: str, relation: str, value: str, **fields: Any) -> Claim:
    """Return a claim on words where they stand in a report's text."""
    start = text.index(words)
    return claim(relation, value, start=start, end=start + len(words), mention=words, **fields)


# Units --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count", "product", "hours"),
    [
        ("We used 512 TPU v3 cores for 10 hours.", "512", "Google TPU v3", (2560, 2560, 2560)),
        ("We used 512 TPU v3 chips for 10 hours.", "512", "Google TPU v3", (5120, 5120, 5120)),
        ("We used 512 TPU v3 for 10 hours.", "512", "Google TPU v3", (2560, 5120, 5120)),
        ("A TPU v3-512 slice worked for 10 hours.", "512", "Google TPU v3", (2560, 2560, 2560)),
        ("We used 512 TPU v5e for 10 hours.", "512", "Google TPU v5e", (5120, 5120, 5120)),
        ("We used 512 MI250X GCDs for 10 hours.", "512", "AMD Instinct MI250X", (2560, 2560, 2560)),
        ("We used 512 MI250X GPUs for 10 hours.", "512", "AMD Instinct MI250X", (2560, 5120, 5120)),
        ("We used 512 TPU v3 chips (1,024 cores) for 10 hours.", "512", "Google TPU v3", (5120, 5120, 5120)),
        ("We used 512 TPU v3 chips at a per-core batch of 8 for 10 hours.", "512", "Google TPU v3", (5120, 5120, 5120)),
        ("We used 512 TPU v3 for 10 hours. Each host has 96 CPU cores.", "512", "Google TPU v3", (2560, 5120, 5120)),
        ("We used 512 TPU v3 with 96 CPU cores a host for 10 hours.", "512", "Google TPU v3", (2560, 5120, 5120)),
        ("We used 512 MI250X modules, each with two GCDs, for 10 hours.", "512", "AMD Instinct MI250X", (5120, 5120, 5120)),
        ("We used 512 A100 GPUs for 10 hours.", "512", "NVIDIA A100 80GB", (5120, 5120, 5120)),
    ],
)
def test_what_is_counted_is_explicit(
    schema: Schema, text: str, count: str, product: str, hours: tuple[float, float, float]
) -> None:
    said = [
        at(text, count, "acceleratorCount", count),
        at(text, "10 hours", "duration", "PT10H"),
        claim("accelerator", product, start=0, end=1),
    ]
    fact = one(follow(schema, {"a.txt": said}, {"a.txt": text}), "trainingEnergy")
    tdp = float(next(item.value for item in fact.figures))
    low, value, high = numbers(fact)
    assert high is not None
    assert (low / 0.8, value / 1.4, high / 2.2) == pytest.approx(tuple(number * tdp / 1000 for number in hours), rel=1e-4)
    assert any("counted is taken for whole units" in text for text in fact.assumptions) is (hours[0] != hours[2])


def test_a_product_without_figures_of_its_own_has_the_range_of_its_variants(schema: Schema) -> None:
    fact = one(follow(schema, {"a.txt": [read("acceleratorHours=1000"), read("accelerator=NVIDIA V100")]}), "computeByHardware")
    assert numbers(fact) == pytest.approx((1000 * 3600 * 112e12 * 0.2, 1000 * 3600 * 125e12 * 0.35, 1000 * 3600 * 130e12 * 0.5))
    assert "NVIDIA V100 comes in variants: peak FP16 1.12e14 to 1.3e14 FLOP/s" in fact.assumptions


def test_a_variant_without_figures_has_those_of_its_family(schema: Schema) -> None:
    said = [read("acceleratorHours=1000"), read("accelerator=NVIDIA H100 64GB")]
    fact = one(follow(schema, {"a.txt": said}), "computeByHardware")
    assert {item.name for item in fact.figures} == {"NVIDIA H100 NVL", "NVIDIA H100 PCIe", "NVIDIA H100 SXM"}


def test_a_narrow_format_raises_the_upper_bound_alone(schema: Schema) -> None:
    said = [read("acceleratorHours=1000"), read("accelerator=NVIDIA H100 SXM"), read("precision=fp8"), read("precision=bfloat16")]
    fact = one(follow(schema, {"a.txt": said}), "computeByHardware")
    assert numbers(fact) == pytest.approx((3.6e6 * 989.4e12 * 0.2, 3.6e6 * 989.4e12 * 0.35, 3.6e6 * 1979e12 * 0.5), rel=1e-5)


def test_where_32_bits_are_faster_than_16_they_count(schema: Schema) -> None:
    found = follow(schema, {"a.txt": [read("acceleratorHours=1000"), read("accelerator=NVIDIA TITAN Xp")]})
    fact = one(found, "computeByHardware")
    assert float(fact.value) == pytest.approx(1000 * 3600 * 12.15e12 * 0.35, rel=1e-3)


def test_the_settings_decide_what_is_assumed(schema: Schema) -> None:
    config = Config().with_flags(utilisation=[0.4, 0.4, 0.4])
    said = {"a.txt": [read("acceleratorHours=1000"), read("accelerator=NVIDIA A100 80GB")]}
    low, value, high = numbers(one(follow(schema, said, config=config), "computeByHardware"))
    assert low == value == high == pytest.approx(1000 * 3600 * 312e12 * 0.4)


# Frozen parts -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("It uses a frozen Flan-T5-XL. Trained on 1e9 tokens.", True),
        ("Flan-T5-XL is kept fixed. Trained on 1e9 tokens.", True),
        ("It uses Flan-T5-XL. The encoder is frozen. Trained on 1e9 tokens.", False),
        ("Flan-T5-XL is not frozen. Trained on 1e9 tokens.", False),
        ("Unlike others with a frozen encoder we train Flan-T5-XL. Trained on 1e9 tokens.", False),
        ("Flan-T5-XL is frozen first, then trained. Trained on 1e9 tokens.", False),
    ],
)
def test_frozen_parts_count_forward_only_with_both_bounds(schema: Schema, text: str, bounds: bool) -> None:
    said = [
        claim("parameterCount", "5000000000", mention="5000000000"),
        at(text, "Flan-T5-XL", "languageModel", "Flan-T5-XL"),
        at(text, "1e9", "trainingExamples", "1000000000", unit="tokens"),
    ]
    frozen = float(schema.find("Flan-T5-XL")[0].facts["parameterCount"])
    fact = one(follow(schema, {"a.txt": said}, {"a.txt": text}), "computeByOperations")
    trained = 5e9 - frozen
    most, least = 6 * 5e9 * 1e9, (6 * trained + 2 * frozen) * 1e9
    assert numbers(fact) == pytest.approx((least, (least + most) / 2, most) if bounds else (most, most, most), rel=1e-5)


def test_a_frozen_part_of_unknown_size_leaves_both_bounds(schema: Schema) -> None:
    text = "A frozen Wug-3B reads the text. Trained on 1e9 tokens."
    said = [
        claim("parameterCount", "5000000000", mention="5000000000"),
        at(text, "Wug-3B", "languageModel", "Wug-3B"),
        at(text, "1e9", "trainingExamples", "1000000000", unit="tokens"),
    ]
    assert numbers(one(follow(schema, {"a.txt": said}, {"a.txt": text}), "computeByOperations")) == (1e19, 2e19, 3e19)


@pytest.mark.parametrize("words", ["a mixture-of-experts model", "an MoE model", "37B activated parameters"])
def test_of_experts_that_take_turns_no_operations_are_counted(schema: Schema, words: str) -> None:
    said = [read("parameterCount=671e9"), read("trainingExamples=14.8e12 tokens")]
    found = follow(schema, {"a.txt": said}, {"a.txt": f"We trained {words}."})
    assert not found.facts
    (gap,) = found.undetermined
    assert gap.reason.endswith("by operations: which parameters take part for each token is not known")


# Several reports ----------------------------------------------------------------------------------------------------------------


def test_what_no_report_gives_alone_is_computed_from_all(schema: Schema) -> None:
    found = follow(
        schema,
        {"a.txt": [read("acceleratorCount=64")], "b.txt": [read("duration=P10D", report="b.txt")]},
    )
    fact = one(found, "impliedAcceleratorHours")
    assert (fact.value, fact.report, {item.report for item in fact.inputs}) == ("15360", None, {"a.txt", "b.txt"})
    assert not [gap for gap in found.undetermined if gap.relation == "impliedAcceleratorHours"]


def test_reports_that_disagree_are_not_put_together(schema: Schema) -> None:
    reports = {
        "a.txt": [read("acceleratorCount=64")],
        "b.txt": [read("acceleratorCount=128", report="b.txt")],
        "c.txt": [read("duration=P10D", report="c.txt")],
    }
    found = follow(schema, reports)
    assert not found.facts
    gap = next(gap for gap in found.undetermined if gap.relation == "impliedAcceleratorHours")
    assert gap.reason == "several values of accelerator count are stated: 128, 64"


def test_stages_that_another_report_names_belong_to_the_whole(schema: Schema) -> None:
    reports = {
        "a": [read("acceleratorHours=100@pretraining", report="a")],
        "b": [read("acceleratorHours=50@fine-tuning", report="b")],
    }
    totals = {
        (fact.report, fact.low, fact.high) for fact in follow(schema, reports).facts if fact.relation == "impliedAcceleratorHours"
    }
    assert totals == {("a", "100", None), ("b", "50", None), (None, "150", "150")}


def test_a_stage_alone_is_not_the_whole_training_unless_it_tunes_a_named_model(schema: Schema) -> None:
    said = [read("acceleratorHours=100@fine-tuning")]
    assert one(follow(schema, {"a.txt": said}), "impliedAcceleratorHours").high is None
    assert one(follow(schema, {"a.txt": [*said, read("extends=Heron-8B")]}), "impliedAcceleratorHours").high == "100"


def test_what_each_report_gives_is_kept_apart(schema: Schema) -> None:
    texts = "acceleratorCount=64; duration=P10D", "acceleratorCount=32; duration=P10D"
    reports = {name: [read(part, report=name) for part in text.split(";")] for name, text in zip("ab", texts, strict=True)}
    hours = [(fact.report, fact.value) for fact in follow(schema, reports).facts if fact.relation == "impliedAcceleratorHours"]
    assert hours == [("a", "15360"), ("b", "7680")]


def test_facts_that_joint_ones_are_computed_from_are_there(schema: Schema) -> None:
    batch = "globalBatchSize=64", "perDeviceBatchSize=4", "gradientAccumulationSteps=2"
    reports = {
        "a": [read(text, report="a") for text in batch],
        "b": [read(text, report="b") for text in batch],
        "c": [read("duration=PT1H", report="c")],
    }
    found = follow(schema, reports)
    ids = {fact.id for fact in found.facts}
    assert one(found, "impliedAcceleratorHours").value == "8"
    assert {id for fact in found.facts for id in fact.derived} <= ids


# Backbones ----------------------------------------------------------------------------------------------------------------------


def of(model: str, *texts: str) -> list[Claim]:
    return [read(text, model=model, report=f"{model}.txt") for text in texts]


def test_each_backbone_counts_once_however_many_ways_lead_to_it(schema: Schema) -> None:
    reports = {
        f"{model}.txt": of(model, *texts)
        for model, texts in {
            "Aaa-1": ("trainingCompute=1e22", "imageEncoder=Bbb-1", "languageModel=Ccc-1"),
            "Bbb-1": ("trainingCompute=2e22", "imageEncoder=Ccc-1"),
            "Ccc-1": ("trainingCompute=4e22",),
        }.items()
    }
    found = follow(schema, reports)
    totals = {fact.label: numbers(fact) for fact in found.facts if fact.relation == "cumulativeCompute"}
    assert totals == {"Aaa-1": (7e22, 7e22, 7e22), "Bbb-1": (6e22, 6e22, 6e22), "Ccc-1": (4e22, 4e22, 4e22)}


def test_models_that_build_on_each_other_come_to_an_end(schema: Schema) -> None:
    reports = {
        "Aaa-1.txt": of("Aaa-1", "trainingCompute=1e22", "imageEncoder=Bbb-1"),
        "Bbb-1.txt": of("Bbb-1", "trainingCompute=2e22", "imageEncoder=Aaa-1"),
    }
    totals = {fact.label: float(fact.value) for fact in follow(schema, reports).facts if fact.relation == "cumulativeCompute"}
    assert totals == {"Aaa-1": 3e22, "Bbb-1": 3e22}


def test_what_is_stated_may_include_the_model_that_is_extended(schema: Schema) -> None:
    reports = {
        "Aaa-1.txt": of("Aaa-1", "trainingCompute=9.1e24", "extends=Bbb-1"),
        "Bbb-1.txt": of("Bbb-1", "trainingCompute=9e24"),
    }
    fact = next(fact for fact in follow(schema, reports).facts if (fact.label, fact.relation) == ("Aaa-1", "cumulativeCompute"))
    assert numbers(fact) == pytest.approx((9.1e24, 9.1e24, 1.81e25))
    assert any("may include" in text for text in fact.assumptions)


def test_the_stated_tuning_of_an_extended_model_is_its_own_training(schema: Schema) -> None:
    reports = {
        "Aaa-1.txt": of("Aaa-1", "trainingCompute=9.1e24", "trainingCompute=1e23@fine-tuning", "extends=Bbb-1"),
        "Bbb-1.txt": of("Bbb-1", "trainingCompute=9e24"),
    }
    found = {fact.relation: numbers(fact) for fact in follow(schema, reports).facts if fact.label == "Aaa-1"}
    assert found == {"runCompute": (1e23, 1e23, 1e23), "cumulativeCompute": pytest.approx((9.1e24, 9.1e24, 9.1e24))}


def test_more_backbones_than_a_model_can_have_are_not_summed(schema: Schema) -> None:
    said = of("Aaa-1", "trainingCompute=1e22", *(f"extends=Base{number}-7B" for number in range(65)))
    assert {fact.relation for fact in follow(schema, {"Aaa-1.txt": said}).facts} == {"runCompute"}


def test_a_backbone_of_unknown_compute_leaves_a_lower_bound(schema: Schema) -> None:
    found = follow(schema, {"Aaa-1.txt": of("Aaa-1", "trainingCompute=1e22", "extends=Bbb-1")})
    fact = one(found, "cumulativeCompute")
    assert (fact.low, fact.high) == ("10000000000000000000000", None)
    assert fact.formula == "1e22 (own training) + unknown (Bbb-1), or 1e22 (own training) alone: at least 1e22 FLOP"


def test_the_backbone_alone_bounds_the_sum_from_below(schema: Schema) -> None:
    reports = {"Aaa-1.txt": of("Aaa-1", "extends=Bbb-1"), "Bbb-1.txt": of("Bbb-1", "trainingCompute=2e22")}
    fact = next(fact for fact in follow(schema, reports).facts if fact.label == "Aaa-1")
    assert (fact.relation, float(fact.low), fact.high) == ("cumulativeCompute", 2e22, None)


# What they show -----------------------------------------------------------------------------------------------------------------


def test_a_fact_shows_its_formula_and_its_inputs(schema: Schema) -> None:
    found = follow(schema, {"a.txt": [read(text) for text in ("acceleratorCount=64", "duration=P21D~3 weeks")]})
    fact = one(found, "impliedAcceleratorHours")
    assert fact.formula == "64 accelerators × 504 hours = 32,256 accelerator-hours"
    assert [(item.relation, item.value) for item in fact.inputs] == [("acceleratorCount", "64"), ("duration", "P21D")]
    assert (fact.rule, fact.unit, fact.subject) == ("accelerator-hours", "accelerator-hours", f"{schema.base}run/kestrel-7b")
    row = derived_row(fact, schema.base)
    assert row["inputs"][1]["mention"] == "3 weeks" and row["inputs"][1]["claim"].startswith(
        f"{schema.base}claim/a.txt/0-5-duration-"
    )


def test_the_graph_leads_from_the_model_to_the_fact_and_back(schema: Schema) -> None:
    batch = ("globalBatchSize=64@pretraining", "perDeviceBatchSize=4@pretraining", "gradientAccumulationSteps=2@pretraining")
    triples = "\n".join(derived_triples(follow(schema, {"a.txt": [read(text) for text in batch]}).facts, schema))
    hardware = "<https://w3id.org/kg/hardware/kestrel-7b/pretraining>"
    assert f'{hardware} <https://w3id.org/kg/ontology#impliedAcceleratorCount> "8"' in triples
    assert f"<https://w3id.org/kg/run/kestrel-7b/pretraining> <https://w3id.org/kg/ontology#hardware> {hardware}" in triples
    assert '<https://w3id.org/kg/ontology#formula> "64 ÷ (4 per device × 2 accumulation steps) = 8 accelerators"' in triples
    assert triples.count("<https://w3id.org/kg/ontology#input>") == 3


def test_a_lower_bound_has_no_upper_one_in_the_graph(schema: Schema) -> None:
    found = follow(schema, {"Aaa-1.txt": of("Aaa-1", "trainingCompute=1e22", "extends=Bbb-1")})
    triples = [triple for triple in derived_triples(found.facts, schema) if "/cumulative-compute/" in triple]
    assert any("#lowerBound>" in triple for triple in triples) and not any("#upperBound>" in triple for triple in triples)


def test_the_order_of_reports_and_claims_changes_nothing(schema: Schema) -> None:
    texts = (
        "acceleratorCount=64",
        "duration=P10D",
        "accelerator=NVIDIA A100 80GB",
        "steps=1000@pretraining",
        "warmupSteps=10@pretraining",
    )
    claims = [read(text, report=name) for name in "ab" for text in texts]
    forward = {name: [item for item in claims if item.report == name] for name in "ab"}
    backward = {name: forward[name][::-1] for name in "ba"}
    assert {fact.id for fact in follow(schema, forward).facts} == {fact.id for fact in follow(schema, backward).facts}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.__name__.rpartition(".")[2])
def test_a_rule_is_whole(schema: Schema, rule: ModuleType) -> None:
    relations = (*rule.GIVES, *rule.USES)
    assert {schema.relation(name).origin for name in relations} == {"derived"}
    assert rule.SCOPE in {"run", "whole", "build"}
    assert all(schema.relation(name).origin == "report" for name in getattr(rule, "ASKS", ()))


def test_every_derived_relation_has_a_rule(schema: Schema) -> None:
    given = {relation for rule in rules() for relation in rule.GIVES}
    assert given == {relation.name for relation in schema.relations.values() if relation.origin == "derived"}


def test_shares_are_exact_until_they_are_written(schema: Schema) -> None:
    fact = one(follow(schema, {"a.txt": [read("warmupSteps=1"), read("steps=3")]}), "impliedWarmupFraction")
    assert Fraction(fact.value) == Fraction("0.333333")


RELATIONS = (
    "acceleratorCount duration globalBatchSize perDeviceBatchSize gradientAccumulationSteps acceleratorHours trainingCompute steps "
    "warmupSteps epochs trainingExamples parameterCount"
).split()
VALUES = st.one_of(
    st.integers(-2, 10**9).map(str),
    st.fractions(0, 100).map(lambda value: f"{float(value):g}"),
    st.sampled_from(["P10D", "PT0S", "P2W", "P1.2.3D", "1e22", "1e9999", "1e-300", "1/2", "", "cosine", f"P{'9' * 5000}D"]),
)
CLAIMS = st.builds(
    lambda relation, value, stage, unit, top, hedged: claim(
        relation, value, stage, unit=unit, value_max=top, approximate=hedged, mention=value[:40]
    ),
    st.sampled_from(RELATIONS),
    VALUES,
    st.sampled_from([None, "pretraining", "fine-tuning"]),
    st.sampled_from([None, "tokens", "image-text pairs"]),
    st.one_of(st.none(), VALUES),
    st.booleans(),
)
PRODUCT = claim("accelerator", "NVIDIA A100 80GB")


@given(st.lists(CLAIMS, max_size=12))
def test_whatever_is_stated_no_fact_lies_outside_of_its_bounds(claims: list[Claim]) -> None:
    schema = load_schema()
    found = follow(schema, {"a.txt": [PRODUCT, *claims]})
    for fact in found.facts:
        low, value = Fraction(fact.low), Fraction(fact.value)
        assert 0 <= low <= value and (fact.high is None or value <= Fraction(fact.high)), fact
    assert len({fact.id for fact in found.facts}) == len(found.facts)
    triples = "".join(f"{triple} .\n" for triple in derived_triples(found.facts, schema))
    assert len(list(pyoxigraph.parse(triples, format=pyoxigraph.RdfFormat.N_TRIPLES))) == triples.count("\n")
