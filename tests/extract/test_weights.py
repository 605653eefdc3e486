"""The decider with fitted weights: whole numbers in a file, probabilities of what a mention may state."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extract.rules.mention import Decider, Mention
from kg.extract.rules.weights import KINDS, NONE, SCALE, Weights, fitted, lines_of, read_weights

FEW = Weights(
    {
        "number": {"u:step_word": (("epochs", -2000), ("steps", 3000)), "bias": (("none", 500),)},
        "name": {},
        "value": {},
        "model": {"title": (("own", 2000),), "rivalb": (("own", -3000),)},
    }
)


def mention(features: dict[str, float], *relations: str) -> Mention:
    values: dict[str, str] = {}
    return Mention(0, "number", 0, 1, relations, features, values.get)


def test_weights_decide_by_the_interface() -> None:
    decider: Decider = FEW
    assert decider.decide(mention({}, "steps"))[0][0] == 0.5  # one relation and none, nothing known


def test_what_speaks_for_a_relation_raises_its_probability() -> None:
    (best, steps), (rest, epochs) = FEW.decide(mention({"u:step_word": 1.0}, "epochs", "steps"))
    assert (steps, epochs) == ("steps", "epochs")
    assert best > 0.9 > 0.1 > rest


def test_a_relation_that_the_mention_may_not_state_gets_nothing() -> None:
    assert [relation for _, relation in FEW.decide(mention({"u:step_word": 1.0}, "epochs"))] == ["epochs"]


def test_what_speaks_for_none_lowers_every_relation() -> None:
    free = FEW.decide(mention({}, "epochs", "steps"))
    bound = FEW.decide(mention({"bias": 1.0}, "epochs", "steps"))
    assert all(after < before for (after, _), (before, _) in zip(bound, free, strict=True))


def test_a_weak_feature_counts_less() -> None:
    weak, strong = (FEW.decide(mention({"u:step_word": strength}, "steps"))[0][0] for strength in (0.25, 1.0))
    assert 0.5 < weak < strong


def test_equal_probabilities_stand_in_the_order_of_names() -> None:
    assert [relation for _, relation in FEW.decide(mention({}, "steps", "epochs", "warmupSteps"))] == [
        "epochs",
        "steps",
        "warmupSteps",
    ]


def test_features_without_a_weight_change_nothing() -> None:
    assert FEW.decide(mention({"w=zorblax": 1.0}, "steps")) == FEW.decide(mention({}, "steps"))


def test_own_models_are_weighed_alike() -> None:
    assert FEW.is_own({}) == 0.5
    assert FEW.is_own({"title": 1.0}) > 0.8
    assert FEW.is_own({"title": 1.0, "rivalb": 1.0}) < 0.3


@given(st.dictionaries(st.sampled_from(["u:step_word", "bias", "w=x"]), st.floats(0, 3)))
def test_probabilities_lie_between_0_and_1(features: dict[str, float]) -> None:
    decided = FEW.decide(mention(features, "epochs", "steps"))
    assert all(0 <= probability <= 1 for probability, _ in decided)
    assert sum(probability for probability, _ in decided) <= 1 + 1e-9
    assert decided == sorted(decided, key=lambda pair: -pair[0])


def test_enormous_weights_do_not_overflow() -> None:
    weights = Weights({**FEW.by_kind, "number": {"a": (("steps", 10**9 * SCALE),), "b": ((NONE, 10**9 * SCALE),)}})
    assert weights.decide(mention({"a": 1.0}, "steps")) == [(1.0, "steps")]
    assert weights.decide(mention({"b": 1.0}, "steps")) == [(0.0, "steps")]


def test_a_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "weights.tsv"
    path.write_text("".join(f"{line}\n" for line in lines_of(FEW)), encoding="utf-8")
    assert path.read_text(encoding="utf-8").splitlines()[-1] == "number\tu:step_word\tepochs\t-2000\tsteps\t3000"
    assert read_weights(path) == FEW


@pytest.mark.parametrize("line", ["number\tbias\tnone", "number\tbias\tnone\tmany", "number"])
def test_a_broken_file_is_not_read(tmp_path: Path, line: str) -> None:
    path = tmp_path / "weights.tsv"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"zip\(\)|invalid literal|of no kind"):
        list(lines_of(read_weights(path)))


def test_the_fitted_weights_are_whole_numbers_of_every_kind() -> None:
    assert fitted().by_kind.keys() == set(KINDS)
    for features in fitted().by_kind.values():
        assert features
        assert all(type(weight) is int and weight for pairs in features.values() for _, weight in pairs)
