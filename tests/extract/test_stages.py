"""Which stage of training a place speaks of: named in its clause, carried on, ended; two in one breath are none."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kg.extract import extract
from kg.extract.rules.stages import views
from kg.schema import load_schema
from tests.extract.case_lines import cases
from tests.extract.scanning import document, lexicon, parsed

TITLE = "# Quillon-7B\n\n"
SENTENCES = [
    "Pre-training took 3 days.",
    "Fine-tuning took 5 hours.",
    "The work used 64 GPUs.",
    "Pre-training and alignment training used 8 GPUs.",
    "It went well.",
    "DPO ran for 2 epochs.",
]
PARAGRAPHS = st.lists(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map(" ".join), min_size=1, max_size=4)


def stages_of(text: str) -> list[str]:
    """Return value@stage of every claim about training, in order of place."""
    schema = load_schema()
    claims = [claim for claim in extract(document(text), schema).claims if schema.relation(claim.relation).domain != "Model"]
    return [f"{claim.value}@{claim.stage or '-'}" for claim in claims]


@pytest.mark.parametrize(("text", "expected"), cases("stages"))
def test_stages_of(text: str, expected: str) -> None:
    assert "; ".join(stages_of(TITLE + text)) == expected


def test_every_stage_has_a_case() -> None:
    named = {part.rpartition("@")[2] for case in cases("stages") for part in str(case.values[1]).split("; ")}
    assert named == {*load_schema().stages, "-"}


@given(PARAGRAPHS)
@settings(deadline=None)
def test_a_section_says_nothing_of_the_next(sections: list[str]) -> None:
    headed = [f"## Part {'i' * (k + 1)}\n\n{section}\n" for k, section in enumerate(sections)]
    together = parsed("\n".join(headed))
    apart = [parsed(section) for section in headed]
    assert [s.words for s in together] == [s.words for section in apart for s in section]
    alone = [view.carried for section in apart for view in views(section, lexicon())]
    assert [view.carried for view in views(together, lexicon())] == alone


@given(PARAGRAPHS)
@settings(deadline=None)
def test_paragraphs_carry_a_stage_on_as_sentences_do(paragraphs: list[str]) -> None:
    apart, together = (parsed(gap.join(paragraphs) + "\n") for gap in ("\n\n", " "))
    assume(not any(sentence.is_labelled for sentence in (*apart, *together)))
    assert [view.carried for view in views(apart, lexicon())] == [view.carried for view in views(together, lexicon())]


@given(PARAGRAPHS)
@settings(deadline=None)
def test_every_sentence_has_a_view_and_its_marks_lie_in_it(paragraphs: list[str]) -> None:
    sentences = parsed("\n\n".join(paragraphs))
    found = views(sentences, lexicon())
    assert len(found) == len(sentences)
    for sentence, view in zip(sentences, found, strict=True):
        assert all(sentence.start <= mark.start <= mark.end <= sentence.end for mark in view.marks)
        named = {mark.stage for mark in view.marks} | {view.carried}
        assert all(view.at(sentence, place) in {*named, None} for place in range(sentence.start, sentence.end))
