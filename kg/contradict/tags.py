"""A value in an inline tag against prose of the same report that says another (KG303).

Prose about a part of training, a stage, a node or another model, is not about what the tag says: only sentences that speak of no
part are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.contradict._known import Known, parts
from kg.contradict._numbers import all_stay, label
from kg.contradict._values import may_be_same, sentence, spoken, value_text
from kg.model import Claim, Finding
from kg.runs import ModelReport

_OF_A_PART = re.compile(
    r"\b(?:stages?|phases?|steps?|pre-?train\w*|fine-?tun\w*|instruct\w*|align\w*|adapt\w*|anneal\w*|SFT|DPO|RLHF|PPO|tuning|then|later"
    r"|last|final|half|second|third|another|further|additional\w*|each|per|every|both|node|nodes|machine|machines|evaluat\w*|inferenc\w*|ablat\w*"
    r"|baseline\w*|compar\w*|smaller|larger|variants?|predecessor|successor|teacher|student|encoder|decoder|experts?|active|trainable"
    r"|frozen|embedding\w*|tokeni[sz]er|planned|plan|would|initial\w*|first|earlier|previous\w*|before|until|updated?|revis\w*|single|builds?|answers?|serv\w*|deploy\w*|laptops?|int[48]|quanti\w*|runs?)\b",
    re.IGNORECASE,
)


def findings(known: Known) -> Iterator[Finding]:
    """Yield the tags that prose contradicts."""
    for model in known.models:
        if model.table:
            continue
        for stage, said in parts(model):
            for relation in sorted(known.functional.intersection(said)):
                yield from _against_prose(known, model, known.subject(model.iri, stage, relation), said[relation])


def _against_prose(known: Known, model: ModelReport, subject: str, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    tagged = [claim for claim in claims if claim.method == "tag"]
    if not tagged:
        return
    others = [
        claim
        for claim in claims
        if claim.method.startswith("rule:")
        and claim.method != "rule:size-in-name"
        and not any(may_be_same(claim, tag) for tag in tagged)
        and not _OF_A_PART.search(sentence(known.texts.get(claim.report, ""), claim))
        and known.of_one((*tagged, claim))
    ]
    if others:
        relation = spoken(tagged[0].relation)
        yield Finding(
            "KG303",
            "warning",
            f"{model.label}: a tag and the text say different things of the {relation}",
            (
                *(label(claim, f"the tag says {value_text(claim)}") for claim in tagged),
                *(label(claim, f"the text says {value_text(claim)}") for claim in others),
            ),
            (all_stay(len(tagged) + len(others)),),
            model.report,
            subject,
            tagged[0].relation,
        )
