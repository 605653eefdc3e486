"""How words introduce a name: as a model of the report's own, as a rival, as a part, as no model at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.extract.rules.labels import SIZES, STRONG
from kg.extract.rules.lexicon import Name
from kg.extract.rules.names import is_organization, is_shaped
from kg.extract.rules.sentences import Sentence

_KIND = (
    r"(?:models?|networks?|transformers?|encoders?|decoders?|polic(?:y|ies)|assistants?|systems?|LLMs?|VLMs?|transducers?|"
    r"architectures?|famil(?:y|ies)|classifiers?|"
    r"detectors?|MoE|agents?|rankers?|vocoders?|checkpoints?|chatbots?|embedders?|tokenizers?|recognizers?|translators?|"
    r"generators?|foundation|variants?|version)"
)
_BEFORE = re.compile(
    r"(?:\b(?:presents?|introduc(?:e|es|ed|ing)|propos(?:e|es)|releas(?:e|es|ing)|describ(?:e|es)|develop(?:s|ed|"
    r"ment of)?|built|build|documents|"
    r"call(?:ed)?|named|dubbed|our|ours|we train|we trained|train|trained|training of|scaling|model card for|card for|"
    r"report on|about|obtained|"
    r"model|system|models|assistant|encoder|behind|announc(?:e|ing)|creat(?:ed|es)|trains|datasheet|"
    r"subject of this report is|contribution of this document,?|covered by|"
    r"of this (?:report|paper|document) is)\b[\s:,*_`\"'“«(]*(?:the\s|a\s|an\s|and\s|with\s|is\s)?(?:\w+[\s-]){0,3})$",
    re.I,
)
_CALLED = re.compile(
    r"\b(?:named|called|dubbed|baptised|christened|code-?named|present|presents|introduce|introduces|describe|describes|"
    r"propose|proposes|call it|we call)\s[\"'“*_`]*$",
    re.I,
)
_DEFINED = re.compile(
    rf"^[\s*_`\"'”»)]*(?:\([^)]{{0,60}}\)\s?)?(?:,\s?|\s?(?:is|are|:|–|—)\s)(?:our\s|the\s|a\s|an\s|two\s|"
    rf"another\s)(?:[\w./+-]+\s){{0,6}}{_KIND}\b",
    re.I,
)
_AFTER = re.compile(
    r"^[\s*_`\"'”»)]*(?:,?\s?(?:\([^)]{0,60}\)\s?)?,?\s?(?:is|are|was|were|has|have|comprises|contains|containing|"
    r"consists|counts|extends|adopts|builds|uses|employs|adapts|"
    r"belongs|combines|integrates|stacks|inherits|covers|learned|descends|follows|starts|weighs|occupied|can|adds|"
    r"constitutes|treats|took|consumed|saw)\b|,\s(?:a|an|our|the)\s)",
    re.I,
)
_RIVAL = re.compile(
    r"\b(?:from|on|than|like|as|with|versus|vs\.?|over|against|beats?|outperforms?|surpass(?:es)?|exceeds?|unlike|upon|"
    r"whereas|using|for comparison,?|baselines?|where|while|"
    r"based on|fine-tuned|predecessor|e\.g\.,?|including|version of|into)\s(?:the\s|a\s)?(?:\w+\s)?$|\b(?:to|of|"
    r"by)\s(?:the\s|a\s)?$",
    re.I,
)
_NO_MODEL = re.compile(
    r"\b(?:report|checklist|slide|table|university|universidad|université|institut\w*|laborator(?:y|ies)|labs?|foundation|"
    r"research|technologies|university|section|figure|"
    r"reviewer|appendix|workshop|conference|college|school|center|centre|ministry|council|agency|department|hospital|"
    r"group|team|company|inc|ltd|gmbh|et al|question|answer|study|"
    r"dataset|corpus|benchmark|license|licence|version|originality|observatoire|polytechnic|academy|association|society|"
    r"museum|library|programme|program|project)\b",
    re.I,
)
_INTRODUCED = re.compile(
    r"\b(?:covered by|subject of this \w+ is|development of|contribution of this \w+,?|training of|train|trained|training|"
    r"presents?|introduces?|introducing|describes?|proposes?)\s(?:the\s|a\s|an\s)?$",
    re.I,
)
_PART = re.compile(
    r"\b(?:language|vision|visual|image|text|audio|speech|acoustic|base|teacher|reward|parent)[\s-]"
    r"(?:model|encoder|backbone|tower|decoder|side)\b[^.,;]{0,16}$",
    re.I,
)
_LABEL = re.compile(r"[A-Z]\.?\d{1,3}(?:\.\d)?|[A-Z]{1,2}")


def introduced_as(sentence: Sentence, name: Name, before: str, after: str) -> Iterator[str]:
    """Yield how words introduce a name, or what they say it is instead."""
    introduced = bool(_DEFINED.match(after) or _CALLED.search(before))
    if introduced:
        yield "introduced"
    if _may_be_model(sentence, name, after, introduced):
        yield "may"
    for feature, pattern in (("partb", _PART), ("intro2", _INTRODUCED), ("before", _BEFORE)):
        if pattern.search(before):
            yield feature
    if _AFTER.match(after):
        yield "after"
    if SIZES.match(sentence.text, name.end):
        yield "withsizes"


def is_rival(before: str) -> bool:
    """Return whether the words before a name compare with it or build on it."""
    return bool(_RIVAL.search(before))


def is_no_model(name: str) -> bool:
    """Return whether a name holds a word for something else (`Table`, `Institute`)."""
    return bool(_NO_MODEL.search(name))


def _may_be_model(sentence: Sentence, name: Name, after: str, introduced: bool) -> bool:
    text = name.text
    if (name.things and not name.thing("model")) or len(text.split()) > 4 or is_organization(text) or _NO_MODEL.search(text):
        return False
    titled = sentence.segment.kind == "heading" and after.startswith(":")
    if name.things:
        return True
    if sentence.segment.kind == "heading" and not (STRONG.search(text) or titled):
        return False
    if (" " in text and text.upper() == text and not re.search(r"\d", text)) or _LABEL.fullmatch(text):
        return False
    return introduced or titled or bool(STRONG.search(text)) or (is_shaped(text) and "-" in text)
