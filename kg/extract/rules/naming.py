"""Names of a sentence -> claims: each takes the role that scores best, unknown ones that of the list they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from kg.extract.rules import features, roles, score_tables
from kg.extract.rules.lexicon import Name
from kg.extract.rules.mention import Mention
from kg.extract.rules.names import is_organization, is_shaped
from kg.extract.rules.possible import of_kinds
from kg.extract.rules.reading import Owners, Reading
from kg.extract.rules.score_tables import Scored
from kg.extract.rules.sentences import Sentence
from kg.extract.rules.words import Features, Layer, Words
from kg.model import Thing

_START = attrgetter("start")
DATASET_ROLES = frozenset({"trainingDataset", "evaluationDataset"})
TAGGED = {"hardware": "accelerator", "country": "country", "organization": "organization"}
MEMORY = re.compile(
    r"s?(?:-(?:SXM\d?|PCIe)|\s(?:SXM\d?|PCIe))?(?:-(\d{2,3})(?:GB?|GiB)?\b"
    r"|[\s-]*(?:(?:GPUs?|cards?|accelerators?|chips?|boards?)[\s,]*)?"
    r"(?:\(|of\s|with\s|(?:of|with)?\s?each with\s|having\s|at\s|@\s?)?"
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


def mentions(
    reading: Reading, i: int, shared: Sequence[Layer], words: Words, about: Names, all_names: Sequence[Name]
) -> Iterator[Mention]:
    """Yield the names of sentence `i` with their features; those in tags have one relation."""
    sentence = reading.sentences[i]
    names = [n for n in all_names if not reading.models.own_name(n.text) and not _is_account(reading, n)]
    for group in roles.lists(sentence, names):
        listed = features.of_group(reading, i, shared, words, group, roles.nearness(sentence, group))
        for name in group:
            named = _with_memory(reading, name) if name.thing("accelerator") else name
            value = partial(_value_as, named)
            tag = reading.tag_at(name.start, name.end)
            if tag and (relation := TAGGED.get(tag.name)):
                if name.thing(relation) or not name.things:
                    yield Mention(i, "name", named.start, named.end, (relation,), {}, value, forced="tag")
            elif _may_name(name):
                found = features.of_name(reading, i, listed, words, name, roles.in_place(sentence, name))
                owners = about.add_to(found, name)
                if _of_a_part(reading, sentence, name):
                    found["ofpart"] = 1.0
                if name.thing("model") and _is_said_of_own(reading, i, name):
                    found["identity"] = 1.0
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
        if self.scored and sentence.is_label:
            labels = [s.name for s in self.scored.values() if sentence.start <= s.name.start < sentence.end]
            found += [name for name in labels if not any(n.start < name.end and name.start < n.end for n in found)]
        return sorted(found, key=_START) if len(found) > 1 else found

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
    return of_kinds(kinds)


def _value_as(name: Name, relation: str) -> str | None:
    return _value(name, name.thing("dataset" if relation in DATASET_ROLES else relation) or name.thing("model"))


def _is_account(reading: Reading, name: Name) -> bool:
    """Return whether the name is the account of an address on a hub (`HuggingFaceH4/ultrachat_200k`)."""
    return not name.things and bool(_ACCOUNT.match(reading.document.text, name.end))


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
    memory = MEMORY.match(reading.document.text, name.end)
    if not memory:
        return name
    thing = name.thing("accelerator")
    things = reading.schema.find(f"{thing.name if thing else name.text} {memory[1] or memory[2]}GB", "accelerator")
    return Name(name.start, memory.end(), reading.document.text[name.start : memory.end()], things) if things else name
