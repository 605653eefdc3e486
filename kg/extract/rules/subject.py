"""Whether a document speaks of AI models at all: a model railway has a name, a year and a maker, and is no such model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kg.extract.rules.sentences import Sentence
from kg.model import Claim, Document

ANYTHING = frozenset(
    "name organization country releaseYear license language duration imageResolution globalBatchSize steps".split()
)
"""Relations that things of any kind have."""

_SHORT = 15  # words of a document that is too short to tell
_KINDS = frozenset({"accelerator", "optimizer", "software", "model", "dataset", "component"})
_WORDS = re.compile(
    r"\b(?:neural|deep learning|machine learning|artificial intelligence|transformers?|language models?|llms?|vlms?|gpus?|tpus?"
    r"|tokens?|pre-?train\w*|fine-?tun\w*|checkpoints?|encoders?|decoders?|embeddings?|epochs?|learning[\s_-]rates?|optimi[sz]ers?"
    r"|data\s?sets?|benchmarks?|inference|classifiers?|bf16|fp16|flops?|hyper-?parameters?|trained (?:on|with|from)"
    r"|training (?:data|set|run|took)|we train(?:ed)?|model card|weight decay|backbones?|corpus|corpora|billion parameters"
    r"|tokeni[sz]ers?|global batch"
    r"|trainiert|entra[iî]n\w*|entrenad\w*|treinad\w*|addestrat\w*)\b|\bAI\b|训练|模型|обуч|学習|훈련",
    re.I,
)
_SIZED = re.compile(r"\d(?:\.\d+)?[BMbm]\b")


def speaks_of_models(document: Document, sentences: Sequence[Sentence], claims: Iterable[Claim]) -> bool:
    """Return whether a document has a tag, a claim, a word or a known name of machine learning, or is too short to tell.

    One that names no model of its own has to have two such relations, or one and two words.
    """
    claims = list(claims)
    if document.tags or len(document.text.split(maxsplit=_SHORT)) <= _SHORT:
        return True
    if not any(claim.relation == "name" for claim in claims):
        relations = {claim.relation for claim in claims} - ANYTHING
        words = {word.casefold() for word in _WORDS.findall(document.text)}
        return len(relations) > 1 or (len(relations) == 1 and len(words) > 1)
    if any(_is_of_model(claim) for claim in claims) or _WORDS.search(document.text):
        return True
    names = (name for sentence in sentences for name in sentence.names)
    return any(thing.kind in _KINDS and not thing.in_context for name in names for thing in name.things)


def _is_of_model(claim: Claim) -> bool:
    return claim.relation not in ANYTHING or (claim.relation == "name" and bool(_SIZED.search(claim.value)))
