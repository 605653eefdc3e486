"""Which models a document presents as its own: candidates are scored by how the text introduces them.

A report may present one model, several, one it does not name, or none; other models it mentions are rivals and parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kg.extract.rules.lexicon import Name
from kg.extract.rules.names import is_organization, is_shaped
from kg.extract.rules.sentences import Sentence
from kg.model import Document, Tag
from kg.values import name_key

ENOUGH = 1.6
ALONE = 0.9
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
_SIZE = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?[BMbm])(?![A-Za-z])|[-_ ](?:tiny|mini|small|base|medium|large|xl|xxl|huge|giant|nano|micro|"
    r"s|l|h|e)\b",
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
_STRONG = re.compile(r"[a-z][A-Z]|[A-Za-z]-?\d|\d[A-Za-z]|[A-Z]{2}[a-z]")
_INTRODUCED = re.compile(
    r"\b(?:covered by|subject of this \w+ is|development of|contribution of this \w+,?|training of|train|trained|training|"
    r"presents?|introduces?|introducing|describes?|proposes?)\s(?:the\s|a\s|an\s)?$",
    re.I,
)
_OF_DATA = re.compile(r"-\d+(?:\.\d+)?[MK]$")  # a size in millions that ends a name is mostly one of data
_LOWER_NAME = re.compile(r"[a-z][a-z0-9]+(?:[-_.][a-z0-9.]+)+")


_SIZES = re.compile(
    r"(?:\smodels?)?\s?(?:\s(?:up to|at|to|of|in|with|from|scaled to|scaled up to)\s)?[(:]?\s?(?:(?:the\s)?sizes?\s(?:of\s)?)?"
    r"(?P<sizes>\d+(?:\.\d+)?[BM](?:(?:\s?[,/&]\s?|,?\sand\s|,?\sor\s|\sto\s|\sand\s)\d+(?:\.\d+)?[BM])+)(?![\w-])"
)


@dataclass(slots=True)
class Candidate:
    """A name that may be a model of the report's own."""

    name: str
    score: float = 0.0
    tagged: bool = False
    label: bool = False
    mentions: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Models:
    """The report's own models, first the main one; `others` are the keys of model names that are not its own."""

    own: tuple[str, ...]
    keys: dict[str, str]
    spans: dict[str, tuple[int, int]]
    tagged: frozenset[str]
    others: frozenset[str]
    sizes: dict[int, str] = field(default_factory=dict)
    family: str | None = None

    @property
    def main(self) -> str | None:
        """The name of the main model, None when the report names none."""
        return self.own[0] if self.own else None

    def own_name(self, text: str) -> str | None:
        """Return the own model a text names, in the report's first spelling."""
        return self.keys.get(name_key(text))


def find(document: Document, sentences: Sequence[Sentence], shaped: dict[int, list[Name]]) -> Models:
    """Return the models of a document. `shaped` are the name-shaped chunks of each sentence."""
    pool: dict[str, Candidate] = {}
    for i, sentence in enumerate(sentences):
        for name in (*sentence.names, *shaped.get(i, ())):
            _weigh(pool, document, sentence, name)
    for sentence, name in from_labels(document, sentences):
        candidate = pool.setdefault(name_key(name.text), Candidate(name.text, 0.3))
        candidate.score += max(_by_place(document, sentence, name), 0.6)
        candidate.mentions.append((name.start, name.end))
        candidate.label = True
    for tag in document.tags:
        if tag.name == "model" and (span := _tagged_name(document, tag, sentences, shaped)):
            text = " ".join(document.text[slice(*span)].split())
            candidate = pool.setdefault(name_key(text), Candidate(text))
            candidate.score += 4
            candidate.tagged = True
            candidate.mentions.insert(0, span)
    _favour_families(pool)
    own = _choose(pool)
    others = frozenset(key for key, c in pool.items() if c not in own)
    if len(own) == 1 and (variants := _variants(document, own[0])):
        names = list(dict.fromkeys(name for name, _ in variants.values()))
        spans = {name: span for name, span in reversed(variants.values())}
        sizes = {place: name for place, (name, _) in variants.items()}
        return Models(tuple(names), {name_key(n): n for n in names}, spans, frozenset(), others, sizes, own[0].name)
    return Models(
        tuple(c.name for c in own),
        {name_key(c.name): c.name for c in own},
        {c.name: c.mentions[0] for c in own},
        frozenset(c.name for c in own if c.tagged),
        others,
    )


def _variants(document: Document, family: Candidate) -> dict[int, tuple[str, tuple[int, int]]]:
    """Return place of the size -> (name, span) of the models named by a family and its sizes (`LLaVA at 33B, 65B and 70B`)."""
    found: dict[int, tuple[str, tuple[int, int]]] = {}
    for start, end in family.mentions:
        if match := _SIZES.match(document.text, end):
            for size in re.finditer(r"\d+(?:\.\d+)?[BM]", match["sizes"]):
                place = match.start("sizes") + size.start()
                found[place] = (f"{family.name}-{size[0]}", (start, match.start("sizes") + size.end()))
    return found


def _favour_families(pool: dict[str, Candidate]) -> None:
    """Labels of one table that share their first part are more likely the report's own than their neighbours."""
    labels = [c for c in pool.values() if c.label]
    for candidate in labels:
        if any(other is not candidate and _related(candidate.name, other.name) for other in labels):
            candidate.score += 0.6


def _tagged_name(
    document: Document, tag: Tag, sentences: Sequence[Sentence], shaped: dict[int, list[Name]]
) -> tuple[int, int] | None:
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


def _weigh(pool: dict[str, Candidate], document: Document, sentence: Sentence, name: Name) -> None:
    if (
        (name.things and not name.thing("model"))
        or is_organization(name.text)
        or _NO_MODEL.search(name.text)
        or len(name.text.split()) > 4
    ):
        return
    before = document.text[max(sentence.start, name.start - 48) : name.start]
    after = document.text[name.end : min(sentence.end, name.end + 90)]
    defined = bool(_DEFINED.match(after))
    called = bool(_CALLED.search(before))
    if not name.things and not _may_be_model(name.text, called or defined or _title_colon(sentence, after)):
        return
    key = name_key(name.text)
    if sentence.segment.kind == "heading" and not (name.things or _STRONG.search(name.text) or _title_colon(sentence, after)):
        return
    candidate = pool.get(key)
    if candidate is None:
        candidate = pool[key] = Candidate(name.text, -0.9 if name.things else 0.0)
        candidate.score += 0.4 if _SIZE.search(name.text) else 0.0
        candidate.score -= 0.6 if _OF_DATA.search(name.text) else 0.0
    candidate.mentions.append((name.start, name.end))
    candidate.score += 0.2 if len(candidate.mentions) <= 6 else 0.0
    rival = bool(_RIVAL.search(before)) and not _INTRODUCED.search(before)
    if defined or called:
        candidate.score += 1.3
    elif rival:
        candidate.score -= 0.5
    if not rival and not called and _BEFORE.search(before):
        candidate.score += 1.2
    if not rival and not defined and _AFTER.match(after):
        candidate.score += 0.7 if "compare" not in sentence.topics_in(sentence.start, name.start) else -0.3
    candidate.score += _by_place(document, sentence, name) + (2.2 if _SIZES.match(document.text, name.end) else 0.0)
    candidate.label |= sentence.segment.kind == "cell" and not sentence.is_labelled


def _may_be_model(text: str, introduced: bool) -> bool:
    words = text.split()
    if len(words) > 1 and text.upper() == text and not re.search(r"\d", text):
        return False
    if re.fullmatch(r"[A-Z]\.?\d{1,3}(?:\.\d)?|[A-Z]{1,2}", text):
        return False
    return introduced or bool(_STRONG.search(text)) or (is_shaped(text) and "-" in text)


def _title_colon(sentence: Sentence, after: str) -> bool:
    return sentence.segment.kind == "heading" and after.startswith(":")


def _by_place(document: Document, sentence: Sentence, name: Name) -> float:
    segment = sentence.segment
    if segment.kind == "pair" and _NAME_KEY.match(segment.row.strip()):
        return 2.5
    at_start = name.start - segment.start <= 3
    if segment.kind == "heading":
        first = not any(s.kind == "heading" for s in document.segments if s.start < segment.start)
        if first and (at_start or (":" not in sentence.words and _STRONG.search(name.text))):
            return 1.6
        return (0.9 if first else 0.5) if at_start or _STRONG.search(name.text) else 0.0
    if segment.kind == "cell" and not segment.row and not segment.column:
        return 0.6
    return (0.5 if name.start < 160 else 0.0) + (0.3 if at_start else 0.0)


def from_labels(document: Document, sentences: Sequence[Sentence]) -> list[tuple[Sentence, Name]]:
    """Return names in places where names of models are written in lower case too: keys, labels, headings."""
    found = []
    for sentence in sentences:
        segment = sentence.segment
        text = document.text[segment.start : segment.end]
        label = (
            segment.kind == "heading"
            or (segment.kind == "cell" and not sentence.is_labelled)
            or (segment.kind == "pair" and _NAME_KEY.match(segment.row.strip()))
        )
        if label and (match := _LOWER_NAME.fullmatch(text.strip().strip("`*_"))):
            start = segment.start + text.index(match[0])
            found.append((sentence, Name(start, start + len(match[0]), match[0])))
        if segment.kind == "pair" and is_model_name(segment.row) and _STRONG.search(segment.row) and "-" in segment.row:
            start = document.text.rfind(segment.row, max(0, segment.start - len(segment.row) - 24), segment.start)
            if start >= 0:
                found.append((sentence, Name(start, start + len(segment.row), segment.row)))
    return found


def _choose(pool: dict[str, Candidate]) -> list[Candidate]:
    tagged = [c for c in pool.values() if c.tagged]
    ranked = sorted(pool.values(), key=lambda c: (-c.score, c.mentions[0]))
    enough = [c for c in ranked if c.score >= ENOUGH]
    if not tagged and not enough and ranked and ranked[0].score >= ALONE:
        rest = [c for c in ranked[1:] if not _related(ranked[0].name, c.name) and _STRONG.search(c.name)]
        if not rest or rest[0].score <= ranked[0].score - 0.2:
            enough = ranked[:1]
    if not tagged and not enough:
        return []
    main = tagged[0] if tagged else enough[0]
    family = [c for c in ranked if c is not main and _belongs(main, c, bool(tagged))]
    chosen = [main, *sorted(family, key=lambda c: c.mentions[0])]
    return _without_family_name(chosen)


def _belongs(main: Candidate, other: Candidate, tagged: bool) -> bool:
    if other.tagged or _sibling(main.name, other.name):
        return True
    if _related(main.name, other.name):
        return other.score >= 0.6
    return other.score >= 2.8 and not tagged


def _stem(name: str) -> str:
    return name_key(_SIZE.sub("", name))


def _related(main: str, other: str) -> bool:
    a, b = _stem(main), _stem(other)
    shared = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        shared += 1
    return shared >= max(4, 0.75 * min(len(a), len(b))) or _first_part(main) == _first_part(other) != ""


def _first_part(name: str) -> str:
    part = re.split(r"[-_ /]", name.casefold())[0]
    return part if len(part) >= 3 else ""


def _sibling(main: str, other: str) -> bool:
    return bool(_SIZE.search(other)) and _stem(main) == _stem(other)


def _without_family_name(chosen: list[Candidate]) -> list[Candidate]:
    """Drop `Aurelia` beside `Aurelia-7B`: the family's or short name is no model of its own when one with a size is there."""
    sized = [name_key(c.name) for c in chosen if _SIZE.search(c.name)]
    kept = [c for c in chosen if _SIZE.search(c.name) or c.tagged or not any(key.startswith(name_key(c.name)) for key in sized)]
    return kept or chosen


def mentions(sentence: Sentence, models: Models, extra: Iterable[Name] = ()) -> list[tuple[int, int, str | None]]:
    """Return (start, end, own model or None for another model) of the model names in a sentence, in order."""
    found = []
    for name in sorted((*sentence.names, *extra), key=lambda n: n.start):
        own = models.own_name(name.text)
        if own or name.thing("model") or (not name.things and name_key(name.text) in models.others and _SIZE.search(name.text)):
            found.append((name.start, name.end, own))
    return found
