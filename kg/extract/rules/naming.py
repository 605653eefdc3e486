"""Names of a sentence -> claims: each takes the role that scores best, unknown ones that of the list they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.extract.rules import roles
from kg.extract.rules.lexicon import Name
from kg.extract.rules.names import is_shaped
from kg.extract.rules.quantities import best_first
from kg.extract.rules.reading import SUGGESTED, TAG_SCORE, Draft, Reading
from kg.extract.rules.sentences import Sentence
from kg.model import Claim, Thing

MARGIN = 0.2  # what a clear lead over the other role of a known dataset is worth
OF_A_PART = 0.7  # what speaks against data that trained a part taken over
DATASET_ROLES = frozenset({"trainingDataset", "evaluationDataset"})
TAGGED = {"hardware": "accelerator", "country": "country", "organization": "organization"}
LISTED = {"trainingDataset": "dataset", "evaluationDataset": "dataset", "software": "software"}
_MEMORY = re.compile(r"[\s-]*(?:GPUs?\s)?(?:\(|of\s|with\s|each with\s|@\s?)?(\d{2,3})\s?(?:GB|GiB)(?:\sof)?\b\)?", re.I)
_PART_OF = re.compile(r"\b(?:of|in|inside|behind|to|for|by|with|within)\s(?:the\s)?$")
_IS_A = re.compile(
    r"[\s*_`]+(?:itself\s)?(?:is|are|was|were)\s(?:just\s|simply\s|in essence\s|basically\s)?"
    r"(?:a\s|an\s|the\s|our\s)?(?:[a-z-]+\s){0,2}",
    re.I,
)
_TRAINED_ON = re.compile(
    r"[\s,(]*(?:(?:which|that)\s)?(?:(?:was|were|is|had been|has been|itself)\s)?(?:originally\s)?(?:pre-?)?trained\s(?:on|with)\b",
    re.I,
)
_PART_TRAINED_ON = re.compile(
    r"\b(?:weights|checkpoints?|backbone|encoder|tower|which was|originally|itself|had been|had|parent|authors)\s?,?\s"
    r"(?:originally\s|previously\s|been\s)?(?:(?:pre-?)?trained|exposed)\s(?:on|to|with)\s(?:the\s)?$",
    re.I,
)
_VERSION = re.compile(r"\s(v?\d+(?:\.\d+)*)$")
_ACCOUNT = re.compile(r"/[\w-]*[\d_-]")
_Ranked = list[tuple[float, str]]


def claims(reading: Reading, i: int) -> Iterator[Claim]:
    """Yield the claims that the names of sentence `i` make; the score says how sure."""
    sentence = reading.sentences[i]
    names = sorted((*sentence.names, *reading.shaped.get(i, ())), key=lambda n: n.start)
    names = [n for n in names if not reading.models.own_name(n.text) and not _is_account(reading, n)]
    for group in roles.lists(sentence, names):
        near = roles.nearness(sentence, group)
        ranked = [_ranked(reading, i, name, near) for name in group]
        for name, ranks in zip(group, _shared(group, ranked), strict=True):
            if ranks:
                yield from _claims_of(reading, i, name, ranks)


def _is_account(reading: Reading, name: Name) -> bool:
    """Return whether the name is the account of an address on a hub (`HuggingFaceH4/ultrachat_200k`)."""
    return not name.things and bool(_ACCOUNT.match(reading.document.text, name.end))


def _ranked(reading: Reading, i: int, name: Name, near: dict[str, float]) -> _Ranked:
    sentence = reading.sentences[i]
    tag = reading.tag_at(name.start, name.end)
    forced = TAGGED.get(tag.name) if tag else None
    if forced:
        return [(TAG_SCORE, forced)] if name.thing(forced) or not name.things else []
    if not name.things and not is_shaped(name.text):
        return []
    around = near | roles.in_place(sentence, name)
    if name.thing("model") and _is_said_of_own(reading, i, name):
        around["identity"] = 1.0
    ranked = roles.scores(sentence, name, around, reading.has_vision)
    if _of_a_part(reading, sentence, name):
        ranked = [(score - OF_A_PART if relation == "trainingDataset" else score, relation) for score, relation in ranked]
        ranked.sort(key=best_first)
    return ranked


def _is_said_of_own(reading: Reading, i: int, name: Name) -> bool:
    """Return whether the sentence says that an own model is the name (`GradShield-7B is Mistral-7B with a scalar head`)."""
    text = reading.document.text
    return any(
        own
        and end < name.start
        and _IS_A.fullmatch(text[end : name.start])
        and not _PART_OF.search(text[max(0, start - 12) : start])
        for start, end, own in reading.mentioned(i)
    )


def _shared(group: list[Name], ranked: list[_Ranked]) -> list[_Ranked]:
    """Names that are unknown, or known in context only, take the role of the surest name they are listed with."""
    sure = [ranks[0] for name, ranks in zip(group, ranked, strict=True) if ranks and _is_sure(name) and ranks[0][1] in LISTED]
    if not sure:
        return ranked
    score, relation = max(sure)
    kind = LISTED[relation]
    return [
        [(score - 0.05, relation)]
        if ranks and ranks[0][0] < score and not _is_sure(name) and (name.thing(kind) or not name.things)
        else ranks
        for name, ranks in zip(group, ranked, strict=True)
    ]


def _is_sure(name: Name) -> bool:
    return any(t.kind in {"dataset", "software"} and not t.in_context for t in name.things)


def _of_a_part(reading: Reading, sentence: Sentence, name: Name) -> bool:
    """Return whether the text says that another model was trained on the name (`the ViT-g/14 pre-trained on LAION-2B`)."""
    text = reading.document.text
    if _PART_TRAINED_ON.search(text[max(sentence.start, name.start - 60) : name.start]):
        return True
    for other in sentence.names:
        if other.end <= name.start and other.thing("model") and not reading.models.own_name(other.text):
            match = _TRAINED_ON.match(text, other.end)
            if match and match.end() <= name.start and name.start - match.end() < 60:
                return True
    return False


def _claims_of(reading: Reading, i: int, name: Name, ranked: _Ranked) -> Iterator[Claim]:
    score, relation = ranked[0]
    if relation == "extends" and name.things and all(t.in_context for t in name.things):
        return
    if relation in DATASET_ROLES and _is_sure(name) and len(ranked) > 1:
        score += MARGIN * max(0.0, score - ranked[1][0])
    if score < SUGGESTED:
        return
    if relation == "accelerator":
        name = _with_memory(reading, name)
    owner = reading.owner(i, name.start)
    thing = name.thing("dataset" if relation in DATASET_ROLES else relation) or name.thing("model")
    forced = score >= TAG_SCORE
    score = score if forced else score - owner.against * 0.5
    draft = Draft(relation, _value(name, thing), name.start, name.end, "tag" if forced else "rule:name", score)
    yield from reading.claims(i, draft, owner.models)


def _value(name: Name, thing: Thing | None) -> str:
    """Return the catalogue's name, with the version the text gives; the text's own spelling when it is unknown."""
    written = " ".join(name.text.split())
    if thing is None:
        return written
    version = _VERSION.search(written) if thing.kind == "software" else None
    return f"{thing.name} {version[1]}" if version and not thing.name.endswith(version[1]) else thing.name


def _with_memory(reading: Reading, name: Name) -> Name:
    """Join `A100 (80GB)` where the catalogue knows the whole."""
    memory = _MEMORY.match(reading.document.text, name.end)
    if not memory:
        return name
    thing = name.thing("accelerator")
    things = reading.schema.find(f"{thing.name if thing else name.text} {memory[1]}GB", "accelerator")
    return Name(name.start, memory.end(), reading.document.text[name.start : memory.end()], things) if things else name
