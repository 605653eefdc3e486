"""Languages are read from keys alone, and only where a value holds nothing else."""

from __future__ import annotations

import pytest

from kg.extract import extract
from kg.ingest import read_text
from kg.model import Claim
from kg.schema import load_schema

TITLE = "# Quillon-7B\n\nQuillon-7B is a language model.\n\n"


def languages(text: str) -> list[Claim]:
    return [c for c in extract(read_text(text, "card.md"), load_schema()).claims if c.relation == "language"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\nlanguage: en\n---\n\n" + TITLE, ["en"]),
        ("---\nlanguage:\n- fi\n- sv\n---\n\n" + TITLE, ["fi", "sv"]),
        ("---\nlanguage: [pt, es]\n---\n\n" + TITLE, ["pt", "es"]),
        ("---\nlanguage: 'en'\n---\n\n" + TITLE, ["en"]),
        (TITLE + "- **Language(s) (NLP):** English, French\n", ["English", "French"]),
        (TITLE + "- **Languages:** Northern Sami, Finnish.\n", ["Northern Sami", "Finnish"]),
        (TITLE + "| Field | Value |\n|---|---|\n| Language | ja |\n", ["ja"]),
        (TITLE + "Supported languages: English; Danish\n", ["English", "Danish"]),
    ],
)
def test_keys_name_languages(text: str, expected: list[str]) -> None:
    found = languages(text)
    assert [claim.value for claim in found] == expected
    assert {(claim.model, claim.method) for claim in found} == {("Quillon-7B", "rule:language")}
    assert [claim.mention for claim in found] == expected


@pytest.mark.parametrize(
    "text",
    [
        "- **Languages:** see the table below\n",
        "- **Languages:** 101\n",
        "- **Languages:** English with 20 others\n",
        "- **Languages:**\n",
        "- **Language model:** Vicuna-7B\n",
        "- **Programming language:** Python\n",
        "It speaks English and French.\n",
    ],
)
def test_other_keys_and_words_name_none(text: str) -> None:
    assert languages(TITLE + text) == []


def test_models_that_share_what_is_said_share_a_language() -> None:
    text = "---\nlanguage: en\n---\n\nWe present two language models, Quillon-7B and Quillon-13B.\n"
    assert [(claim.model, claim.value) for claim in languages(text)] == [("Quillon-13B", "en"), ("Quillon-7B", "en")]


def test_a_card_without_a_model_has_a_language_of_no_model() -> None:
    assert [(claim.model, claim.value) for claim in languages("---\nlanguage: en\n---\n\nThe language model has no name.\n")] == [
        (None, "en")
    ]


@pytest.mark.xfail(strict=True, reason="`and` has the shape of a language's code")
def test_and_is_no_language() -> None:
    assert [claim.value for claim in languages(TITLE + "- **Languages:** Swahili and Amharic\n")] == ["Swahili", "Amharic"]


@pytest.mark.xfail(strict=True, reason="`pt-BR` passes for a model of its own")
def test_a_language_with_its_region_is_no_model() -> None:
    found = languages("---\nlanguage: [pt-BR, es]\n---\n\n" + TITLE)
    assert [(claim.model, claim.value) for claim in found] == [("Quillon-7B", "pt-BR"), ("Quillon-7B", "es")]
