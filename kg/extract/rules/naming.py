"""Names of a sentence -> claims: each takes the role that scores best, unknown ones that of the list they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from kg.extract.rules import features, roles, score_tables
from kg.extract.rules.words import Features, Words
from kg.extract.rules.lexicon import Name
from kg.extract.rules.mention import Mention
from kg.extract.rules.names import is_organization, is_shaped
from kg.extract.rules.quantities import best_first
from kg.extract.rules.reading import TAG_SCORE, Owners, Reading
from kg.extract.rules.score_tables import Scored
from kg.extract.rules.sentences import Sentence
from kg.model import Thing

OF_A_PART = 0.7  # what speaks against data that trained a part taken over
DATASET_ROLES = frozenset({"trainingDataset", "evaluationDataset"})
TAGGED = {"hardware": "accelerator", "country": "country", "organization": "organization"}
LISTED = {"trainingDataset": "dataset", "evaluationDataset": "dataset", "software": "software"}
_MEMORY = re.compile(
    r"s?(?:-(?:SXM\d?|PCIe)|\s(?:SXM\d?|PCIe))?(?:-(\d{2,3})(?:GB?|GiB)?\b"
    r"|[\s-]*(?:(?:GPUs?|cards?|accelerators?|chips?|boards?)[\s,]*)?(?:\(|of\s|with\s|(?:of|with)?\s?each with\s|having\s|at\s|@\s?)?"
    r"(\d{2,3})[\s-]?(?:GB|GiB|gigabytes?|gig|G)(?:\sof)?\b\)?)",
    re.I,
)
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


def mentions(reading: Reading, i: int, shared: Features, words: Words, about: Names) -> Iterator[Mention]:
    """Yield the names of sentence `i` with their features; those in tags have one relation."""
    sentence = reading.sentences[i]
    names = [n for n in about.of(reading, i) if not reading.models.own_name(n.text) and not _is_account(reading, n)]
    for group in roles.lists(sentence, names):
        near = roles.nearness(sentence, group)
        around = [near | roles.in_place(sentence, name) for name in group]
        ranked = [_ranked(reading, i, name, felt) for name, felt in zip(group, around, strict=True)]
        listed = features.of_group(reading, i, shared, words, group, near)
        for name, felt, ranks in zip(group, around, _shared(group, ranked), strict=True):
            named = _with_memory(reading, name) if name.thing("accelerator") else name
            value = partial(_value_as, named)
            if ranks and ranks[0][0] >= TAG_SCORE:
                yield Mention(i, "name", named.start, named.end, (ranks[0][1],), {}, value, forced="tag")
            elif _is_tagged(reading, name) or not _may_name(name):
                continue
            else:
                found = features.of_name(reading, i, listed, words, name, felt, ranks, roles.THRESHOLD)
                owners = about.add_to(found, name)
                if _of_a_part(reading, sentence, name):
                    found["ofpart"] = 1.0
                yield Mention(i, "name", named.start, named.end, _possible(name), found, value, owners=owners)


@dataclass(frozen=True, slots=True)
class Names:
    """What the document as a whole says of its names: how often each stands there, and which label scores (by place)."""

    counts: Mapping[str, int]
    scored: Mapping[int, Scored]

    def of(self, reading: Reading, i: int) -> list[Name]:
        """Return all names of sentence `i` in order."""
        sentence = reading.sentences[i]
        found = [*sentence.names, *reading.shaped.get(i, ())]
        if sentence.is_label:
            labels = [s.name for s in self.scored.values() if sentence.start <= s.name.start < sentence.end]
            found += [name for name in labels if not any(n.start < name.end and name.start < n.end for n in found)]
        return sorted(found, key=lambda n: n.start)

    def add_to(self, found: Features, name: Name) -> Owners | None:
        """Add to the features of a name what the document says of it; return the models whose scores it labels."""
        found[f"cnt={min(4, self.counts[name.text.casefold()])}"] = 1.0
        scored = self.scored.get(name.start)
        if scored is None:
            return None
        found["scored"] = scored.score
        return scored.owners


def names_of(reading: Reading) -> Names:
    """Return what the document says of its names."""
    return Names(features.counts(reading), {s.name.start: s for s in score_tables.scored(reading)})


def _may_name(name: Name) -> bool:
    return bool(name.things) or is_shaped(name.text) or name.text[:1].isupper()


def _possible(name: Name) -> tuple[str, ...]:
    kinds = frozenset(name.kinds() or {"shaped-organization" if is_organization(name.text) else ""})
    return roles.possible(kinds)


def _is_tagged(reading: Reading, name: Name) -> bool:
    tag = reading.tag_at(name.start, name.end)
    return bool(tag and tag.name in TAGGED)


def _value_as(name: Name, relation: str) -> str | None:
    return _value(name, name.thing("dataset" if relation in DATASET_ROLES else relation) or name.thing("model"))


def _is_account(reading: Reading, name: Name) -> bool:
    """Return whether the name is the account of an address on a hub (`HuggingFaceH4/ultrachat_200k`)."""
    return not name.things and bool(_ACCOUNT.match(reading.document.text, name.end))


def _ranked(reading: Reading, i: int, name: Name, around: dict[str, float]) -> _Ranked:
    sentence = reading.sentences[i]
    tag = reading.tag_at(name.start, name.end)
    forced = TAGGED.get(tag.name) if tag else None
    if forced:
        return [(TAG_SCORE, forced)] if name.thing(forced) or not name.things else []
    if not name.things and not is_shaped(name.text):
        return []
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
    things = reading.schema.find(f"{thing.name if thing else name.text} {memory[1] or memory[2]}GB", "accelerator")
    return Name(name.start, memory.end(), reading.document.text[name.start : memory.end()], things) if things else name
