"""Words of a document that hold a name or a listed value -> the canonical value of a relation.

Products, countries, licences and optimizers have the catalogue's name, other names are as they are written: `resolve` decides later
what they mean. A model may write a name out of the words around it (`National Library of Norway`), never out of its memory.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import combining, normalize

from kg.extract.rules import lexicon_of
from kg.model import Thing
from kg.schema import Relation, Schema
from kg.values import name_key

_WORD = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)*")
_BIG_G = re.compile(r"\bViT[-_ ]?G(?![a-z])")  # ViT-g and ViT-G differ by case alone
_GENERIC = frozenset(
    "the a an of our and in by from under with dataset datasets data corpus corpora model models team optimizer memory gpu gpus tpu"
    " tpus card cards graphics accelerator accelerators chip chips superchip superchips license licence licensed s x".split()
)

_OF_CATALOG = frozenset({"accelerator", "country", "license", "optimizer"})


@lru_cache(maxsize=4096)
def words_of(text: str) -> frozenset[str]:
    """Return the words and numbers of a text, case and accents folded.

    >>> sorted(words_of("ViT-G/14 from EVA-CLIP"))
    ['14', 'bigg', 'clip', 'eva', 'from', 'vit']
    """
    plain = normalize("NFKD", _BIG_G.sub("ViT-bigG", text))
    return frozenset(_WORD.findall("".join(c for c in plain if not combining(c)).casefold()))


def listed(relation: Relation, wanted: str, mention: str, schema: Schema) -> str | None:
    """Return the member of a relation's closed list that a mention means; None when it means none, or several without `wanted`."""
    cues = lexicon_of(schema).scan(mention).cues
    topics = [topic.split(":") for cue in cues for topic in cue.topics if topic.startswith("value:")]
    meant = {value for _, name, value in topics if name == relation.name}
    meant |= {value for value in relation.values if words_of(value) <= words_of(mention)}
    if wanted in meant or (wanted == "mixed" in relation.values and len(meant) > 1):  # several formats are a mixture of them
        return wanted
    return meant.pop() if len(meant) == 1 else None


def named(relation: Relation, wanted: str, mention: str, quote: str, schema: Schema) -> str | None:
    """Return the name that a mention gives a relation; None when `wanted` is not what the words say."""
    kind = _kind(relation)
    things = _things(mention, kind, schema)
    said = words_of(mention) | {word for thing in things for name in (thing.name, *thing.aliases) for word in words_of(name)}
    asked = words_of(wanted)
    if not asked - _GENERIC or not words_of(mention) - _GENERIC:
        return None
    longer = words_of(mention) - _GENERIC <= asked and asked - said <= words_of(quote) | _GENERIC
    if asked <= said | _GENERIC or longer:
        return (_known(wanted, kind, schema) if relation.name in _OF_CATALOG else None) or wanted
    if len(things) == 1:
        return things[0].name
    return " ".join(mention.split()) if (asked & words_of(mention)) - _GENERIC else None  # a paraphrase: as it is written


def identity(relation: Relation, value: str, schema: Schema) -> str:
    """Return what is equal for two values of a relation that are one: the catalogue's thing, else the name's key."""
    things = schema.find(value, _kind(relation))
    return things[0].iri if len(things) == 1 else name_key(value) or value


def _kind(relation: Relation) -> str:
    """Return the kind of thing under which the catalogue lists a relation's values."""
    return relation.name.casefold() if relation.range.startswith("xsd:") else relation.range.casefold()


def _known(name: str, kind: str, schema: Schema) -> str | None:
    """Return the catalogue's name of the one thing that a spelling means."""
    things = schema.find(name, kind)
    return things[0].name if len(things) == 1 else None


def _things(mention: str, kind: str, schema: Schema) -> tuple[Thing, ...]:
    """Return the things of a kind that a mention names, each once: the whole of it, or names in it."""
    lexicon = lexicon_of(schema)
    whole = schema.find(mention, kind) or lexicon.named(mention, kind)
    if whole:
        return whole
    found = {thing.iri: thing for name in lexicon.scan(mention).names for thing in name.things if _is_of(thing, kind)}
    return tuple(found.values())


def _is_of(thing: Thing, kind: str) -> bool:
    return thing.kind == kind or (kind == "model" and thing.kind == "component")
