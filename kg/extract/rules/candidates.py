"""Names -> candidates for the models a document presents: each mention is weighed by how the text introduces it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kg.extract.rules.lexicon import Name
from kg.extract.rules.names import is_organization, is_shaped
from kg.extract.rules.sentences import Sentence
from kg.model import Document, Tag
from kg.values import name_key

# what a mention is worth
KNOWN = -0.9  # the catalogue's models are mostly rivals and parts
SIZED, SIZED_DATA = 0.4, -0.6
DEFINED, INTRODUCED, GOES_ON, AS_RIVAL, COMPARED = 1.3, 1.2, 0.7, -0.5, -0.3
AGAIN, AGAIN_AT_MOST = 0.2, 6
WITH_SIZES, TAGGED, FROM_LABEL = 2.2, 4.0, 0.3
BY_KEY, IN_TITLE, IN_HEADING, IN_LABEL, AT_TOP, AT_START = 2.5, 1.6, 0.5, 0.6, 0.5, 0.3

SIZE = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?[BMbm])(?![A-Za-z])|[-_ ](?:tiny|mini|small|base|medium|large|xl|xxl|huge|giant|nano|micro|"
    r"s|l|h|e)\b",
    re.I,
)
SIZES = re.compile(
    r"(?:\smodels?)?\s?(?:\s(?:up to|at|to|of|in|with|from|scaled to|scaled up to)\s)?[(:]?\s?(?:(?:the\s)?sizes?\s(?:of\s)?)?"
    r"(?P<sizes>\d+(?:\.\d+)?[BM](?:(?:\s?[,/&]\s?|,?\sand\s|,?\sor\s|\sto\s|\sand\s)\d+(?:\.\d+)?[BM])+)(?![\w-])"
)
_NAME_KEY = re.compile(
    r"^(?:the )?(?:model|name|model[ _-]?(?:name|id|card)|system|system name|checkpoint|model version|title|model_id|id)s?$", re.I
)
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
_DETERMINED = re.compile(r"^(?:a|an|the|our|this|that|its|their)\b", re.I)
_NO_MODEL = re.compile(
    r"\b(?:report|checklist|slide|table|university|universidad|université|institut\w*|laborator(?:y|ies)|labs?|foundation|"
    r"research|technologies|university|section|figure|"
    r"reviewer|appendix|workshop|conference|college|school|center|centre|ministry|council|agency|department|hospital|"
    r"group|team|company|inc|ltd|gmbh|et al|question|answer|study|"
    r"dataset|corpus|benchmark|license|licence|version|originality|observatoire|polytechnic|academy|association|society|"
    r"museum|library|programme|program|project)\b",
    re.I,
)
STRONG = re.compile(r"[a-z][A-Z]|[A-Za-z]-?\d|\d[A-Za-z]|[A-Z]{2}[a-z]")
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
_OF_DATA = re.compile(r"-\d+(?:\.\d+)?[MK]$")  # a size in millions that ends a name is mostly one of data
_LABEL = re.compile(r"[A-Z]\.?\d{1,3}(?:\.\d)?|[A-Z]{1,2}")
_LOWER_NAME = re.compile(r"[a-z][a-z0-9]+(?:[-_.][a-z0-9.]+)+")


@dataclass(slots=True)
class Candidate:
    """A name that may be a model of the report's own."""

    name: str
    score: float = 0.0
    tagged: bool = False
    label: bool = False
    known: bool = False
    mentions: list[tuple[int, int]] = field(default_factory=list)


Shaped = dict[int, list[Name]]


def pool(document: Document, sentences: Sequence[Sentence], shaped: Shaped) -> dict[str, Candidate]:
    """Return the candidates of a document by name key. `shaped` are the name-shaped chunks of each sentence."""
    weighed = _Pool(document, next((s.start for s in document.segments if s.kind == "heading"), -1))
    for i, sentence in enumerate(sentences):
        for name in (*sentence.names, *shaped.get(i, ())):
            weighed.weigh(sentence, name)
    for sentence, name in _from_labels(document, sentences):
        candidate = weighed.candidate(name, FROM_LABEL)
        candidate.score += max(weighed.by_place(sentence, name), IN_LABEL)
        candidate.label = True
    for tag in document.tags:
        if tag.name == "model" and (span := _tagged_name(document, tag, sentences, shaped)):
            text = " ".join(document.text[slice(*span)].split())
            candidate = weighed.candidates.setdefault(name_key(text), Candidate(text))
            candidate.score += TAGGED
            candidate.tagged = True
            candidate.mentions.insert(0, span)
    return weighed.candidates


@dataclass(slots=True)
class _Pool:
    """The candidates found so far, and where the first heading starts."""

    document: Document
    title: int
    candidates: dict[str, Candidate] = field(default_factory=dict)

    def candidate(self, name: Name, score: float) -> Candidate:
        """Return the candidate of a name, one more mention counted."""
        found = self.candidates.setdefault(name_key(name.text), Candidate(name.text, score))
        found.mentions.append((name.start, name.end))
        return found

    def weigh(self, sentence: Sentence, name: Name) -> None:
        """Count a mention and what its surroundings say."""
        text = self.document.text
        before = text[max(sentence.start, name.start - 48) : name.start]
        after = text[name.end : min(sentence.end, name.end + 90)]
        introduced = bool(_DEFINED.match(after) or _CALLED.search(before))
        if not _may_be_model(sentence, name, after, introduced):
            return
        start = KNOWN if name.things else 0.0
        start += (SIZED if SIZE.search(name.text) else 0.0) + (SIZED_DATA if _OF_DATA.search(name.text) else 0.0)
        candidate = self.candidate(name, start)
        candidate.score += AGAIN if len(candidate.mentions) <= AGAIN_AT_MOST else 0.0
        candidate.score += _by_words(sentence, name, before, after, introduced) + self.by_place(sentence, name)
        candidate.score += WITH_SIZES if SIZES.match(text, name.end) else 0.0
        candidate.label |= sentence.is_label
        candidate.known |= bool(name.things)

    def by_place(self, sentence: Sentence, name: Name) -> float:
        """Return what the place of a mention is worth: a title, a key, a label, the top of the document."""
        segment = sentence.segment
        at_start = name.start - segment.start <= 3
        if segment.kind == "pair" and _NAME_KEY.match(segment.row.strip()):
            return BY_KEY
        if segment.kind == "heading":
            first, strong = segment.start == self.title, bool(STRONG.search(name.text))
            if first and (at_start or (strong and ":" not in sentence.words)):
                return IN_TITLE
            return (0.9 if first else IN_HEADING) if at_start or strong else 0.0
        if sentence.is_label:
            return IN_LABEL
        return (AT_TOP if name.start < 160 else 0.0) + (AT_START if at_start else 0.0)


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


def _by_words(sentence: Sentence, name: Name, before: str, after: str, introduced: bool) -> float:
    rival = bool(_RIVAL.search(before) or _PART.search(before)) and not _INTRODUCED.search(before)
    score = DEFINED if introduced else AS_RIVAL if rival else 0.0
    if rival:
        return score
    if not _CALLED.search(before) and _BEFORE.search(before):
        score += INTRODUCED
    if not _DEFINED.match(after) and _AFTER.match(after):
        score += GOES_ON if "compare" not in sentence.topics_in(sentence.start, name.start) else COMPARED
    return score


def _tagged_name(document: Document, tag: Tag, sentences: Sequence[Sentence], shaped: Shaped) -> tuple[int, int] | None:
    """Return the span of the name a tag holds: its content, or the name it begins with when its end is missing."""
    if is_model_name(document.text[tag.start : tag.end]):
        return tag.start, tag.end
    if tag.closed:
        return None
    for i, sentence in enumerate(sentences):
        if sentence.start <= tag.start < sentence.end:
            return next(((n.start, n.end) for n in (*sentence.names, *shaped.get(i, ())) if n.start == tag.start), None)
    return None


def is_model_name(text: str) -> bool:
    """Return whether a tag's or key's content is a name and no description of a model."""
    words = text.split()
    return (
        0 < len(words) <= 5
        and not _DETERMINED.match(text)
        and any(is_shaped(w) or w[:1].isupper() for w in words)
        and sum(w.islower() for w in words) <= 1
    )


def _from_labels(document: Document, sentences: Sequence[Sentence]) -> list[tuple[Sentence, Name]]:
    """Return names in places where names of models are written in lower case too: keys, labels, headings."""
    found = []
    for sentence in sentences:
        segment = sentence.segment
        by_key = segment.kind == "pair" and bool(_NAME_KEY.match(segment.row.strip()))
        if segment.kind == "heading" or sentence.is_label or by_key:
            text = document.text[segment.start : segment.end]
            if match := _LOWER_NAME.fullmatch(text.strip().strip("`*_")):
                start = segment.start + text.index(match[0])
                found.append((sentence, Name(start, start + len(match[0]), match[0])))
        if segment.kind == "pair" and "-" in segment.row and STRONG.search(segment.row) and is_model_name(segment.row):
            start = document.text.rfind(segment.row, max(0, segment.start - len(segment.row) - 24), segment.start)
            if start >= 0:
                found.append((sentence, Name(start, start + len(segment.row), segment.row)))
    return found
