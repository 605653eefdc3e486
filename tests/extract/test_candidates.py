"""Candidates for the models of a document: which names are one, where they stand, how the text names them; families of them."""

from __future__ import annotations

import pytest

from kg.extract.rules.candidates import Candidate, first_part, pool, stem
from kg.extract.rules.labels import is_model_name
from kg.extract.rules.models import Models, find
from kg.extract.rules.weights import OWN, Weights
from kg.schema import load_schema
from tests.extract.scanning import document, reading_of, scanned


def candidates(text: str) -> dict[str, Candidate]:
    found = scanned(text)
    return pool(found.document, found.sentences, found.shaped, load_schema().find)


def features_of(text: str, name: str) -> set[str]:
    (found,) = [c for c in candidates(text).values() if c.name == name]
    return set(found.features)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("# Model card for Quillon-7B\n\nIt ran.", ["Quillon-7B"]),
        ("# Quillon-7B: fast and small\n\nIt ran.", ["Quillon-7B"]),
        ("# Quillon-7B model card\n\nIt ran.", ["Quillon-7B"]),
        ("# `quillon-small`\n\nIt ran.", ["quillon-small"]),
        # the owner that a hub puts before a name is no part of it; a slash before a digit is
        ("# ferrith/Quillon-7B\n\nIt ran.", ["Quillon-7B"]),
        ("- ferrith/Quillon-7B\n- ferrith/Quillon-13B", ["Quillon-7B", "Quillon-13B"]),
        ("It uses ViT-B/16.", ["ViT-B/16"]),
        # keys and labels, where names are written like any words
        ("model_name: quillon-small\nsteps: 100", ["quillon-small"]),
        ("| Setting | quillon-small |\n|---|---|\n| Steps | 64 |", ["quillon-small"]),
        ("<model>Quillon</model> ran.", ["Quillon"]),
        # what is something else
        ("We use AdamW on an NVIDIA A100 in Finland under the MIT license.", []),
        ("It comes from the University of Ferrith.", []),
        ("The sizes are 7B and 13B.", []),
        ("", []),
    ],
)
def test_candidates_of(text: str, names: list[str]) -> None:
    assert [c.name for c in candidates(text).values() if c.name not in {"Setting", "Steps"}] == names


@pytest.mark.xfail(strict=True, reason="a name behind its owner is not scanned in prose")
def test_an_owner_before_a_name_in_prose() -> None:
    assert [c.name for c in candidates("We present ferrith/Quillon-7B, a language model.").values()] == ["Quillon-7B"]


def test_spellings_of_one_key_are_one_candidate_where_they_stand() -> None:
    text = "Quillon-7B is our model. In May, Quillon 7B was retrained, and QUILLON-7B is its successor."
    (found,) = candidates(text).values()
    assert found.name == "Quillon-7B"
    assert [text[start:end] for start, end in found.mentions] == ["Quillon-7B", "Quillon 7B", "QUILLON-7B"]


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("# Quillon-7B\n\nIt ran.", {"title", "whole title", "istitle", "top", "size", "strong"}),
        ("# Training Quillon-7B at scale\n\nIt ran.", {"title", "intitle"}),
        ("model_name: Quillon-7B\nsteps: 100", {"namekey", "row=model_name", "whole=pair"}),
        ("We present Quillon-7B, a language model.", {"introduced", "intro2", "before", "may", "sent0"}),
        ("Quillon-7B is a language model of birds.", {"introduced", "after", "begins=sentence"}),
        ("It is larger than Quillon-7B.", {"rivalb"}),
        ("Its language model Quillon-7B is frozen.", {"partb"}),
        ("**Quillon-7B** is here.", {"bold"}),
        ("Load `Quillon-7B` from here.", {"tick"}),
        ("See [Quillon-7B](https://example.org) for more.", {"link"}),
        ("- ferrith/Quillon-7B\n", {"hub", "seg=item"}),
        ("| Model | Steps |\n|---|---|\n| Quillon-7B | 64 |", {"label", "whole=cell label"}),
        ("| Base | Steps |\n|---|---|\n| x | 64 |\n| y | Quillon-7B |", {"col=steps"}),
    ],
)
def test_features_of_a_candidate(text: str, features: set[str]) -> None:
    assert features <= features_of(text, "Quillon-7B")


def test_what_only_all_candidates_show() -> None:
    text = "We present Quillon, Quillon-7B and Quillon-13B. Mistral-7B is older. Quillon-7B is our best. Quillon-7B is free."
    family, member, rival = (features_of(text, name) for name in ("Quillon", "Quillon-7B", "Mistral-7B"))
    assert {"most", "unk most", "cnt=3", "stem=3", "firsts=3", "shorter=1", "longer=0"} <= member
    assert {"longer=2", "shorter=0"} <= family
    assert {"kind=model", "stem=1"} <= rival
    assert not {"unk", "most"} & rival


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Quillon-7B", "quillon"),
        ("Quillon-Base", "quillon"),
        ("Quillon 1.5B", "quillon"),
        ("Quillon-2", "quillon2"),
        ("Quillon", "quillon"),
    ],
)
def test_the_stem_of_a_name_has_no_size(name: str, family: str) -> None:
    assert stem(name) == family


@pytest.mark.parametrize(("name", "part"), [("Quillon-7B", "quillon"), ("Quillon/7B", "quillon"), ("a-7B", ""), ("", "")])
def test_the_first_part_of_a_name(name: str, part: str) -> None:
    assert first_part(name) == part


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Quillon-7B", True),
        ("Quillon 7B Chat", True),
        ("quillon", False),
        ("the Quillon model", False),
        ("our best models", False),
        ("", False),
        ("Quillon is a very large model", False),
    ],
)
def test_a_name_is_no_description(text: str, expected: bool) -> None:
    assert is_model_name(text) is expected


def deciding(**weights: int) -> Weights:
    """Return weights of the features of candidates alone, so that a test decides which are own."""
    return Weights({"number": {}, "name": {}, "value": {}, "model": {f: ((OWN, w),) for f, w in weights.items()}})


def models_of(text: str, weights: Weights) -> Models:
    return find(document(text), candidates(text), weights)


ALL = deciding(bias=3000)
NONE = deciding(bias=-3000)
UNSURE = deciding(bias=-1000)  # 0.27: too little to be own, enough for the only one
FAMILY = "We present Quillon. Quillon-7B and Quillon-13B are its members."


def test_candidates_below_the_bar_are_others() -> None:
    found = models_of(FAMILY, NONE)
    assert (found.own, found.main, found.shared) == ((), None, ())
    assert found.others == {"quillon", "quillon7b", "quillon13b"}


def test_the_likeliest_is_taken_alone_when_none_is_sure() -> None:
    assert models_of(FAMILY, UNSURE).own == ("Quillon",)


def test_a_family_stands_for_its_members() -> None:
    found = models_of(FAMILY, ALL)
    assert found.own == ("Quillon", "Quillon-7B", "Quillon-13B")
    assert found.shared == ("Quillon",)


def test_models_of_no_family_share_what_is_said_of_none() -> None:
    found = models_of("We present Quillon-7B and Dovetail-VL.", ALL)
    assert found.own == found.shared == ("Quillon-7B", "Dovetail-VL")


def test_a_short_form_of_the_only_member_is_no_family() -> None:
    assert models_of("We present Quillon-7B. Later on, Quillon is its name.", ALL).shared == ("Quillon-7B",)


def test_a_family_less_sure_than_a_member_does_not_stand_for_it() -> None:
    text = "We present Quillon. Quillon-7B and Quillon-13B are its members."
    found = models_of(text, deciding(bias=1000, size=2000))
    assert set(found.own) == {"Quillon", "Quillon-7B", "Quillon-13B"}
    assert found.shared == ("Quillon-7B", "Quillon-13B")


def test_sizes_behind_a_family_are_its_models() -> None:
    found = models_of("We present Quillon at 7B, 13B and 33B.", ALL)
    assert (found.family, found.own) == ("Quillon", ("Quillon-7B", "Quillon-13B", "Quillon-33B"))
    assert list(found.sizes.values()) == ["Quillon-7B", "Quillon-13B", "Quillon-33B"]


def test_a_tag_is_surer_than_any_weights() -> None:
    found = models_of("<model>Quillon</model> is trained like Mistral-7B.", NONE)
    assert found.own == tuple(found.tagged) == ("Quillon",)


@pytest.mark.parametrize(
    ("label", "own"),
    [
        ("Quillon-7B", "Quillon-7B"),
        ("quillon 7b", "Quillon-7B"),
        ("Quillon-7B (ours)", "Quillon-7B"),
        ("Mistral-7B", None),
        ("", None),
    ],
)
def test_a_label_names_an_own_model(label: str, own: str | None) -> None:
    assert reading_of("# Quillon-7B\n\nQuillon-7B is our model.").models.own_in(label) == own


def test_a_label_names_the_longest_of_several() -> None:
    assert models_of("We present Quillon-7B and Quillon-7B-Chat.", ALL).own_in("Quillon-7B-Chat (ours)") == "Quillon-7B-Chat"
