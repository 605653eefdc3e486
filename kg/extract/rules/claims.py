"""Decided mentions -> claims and suggestions: names, closed values, tags, and what one claim makes of another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kg.extract.rules import measures, quantities, roles, score_tables
from kg.extract.rules.lexicon import Name
from kg.extract.rules.models import is_model_name
from kg.extract.rules.names import is_shaped
from kg.extract.rules.reading import Reading
from kg.extract.rules.sentences import Sentence
from kg.model import Claim, Extraction, Finding, Label, Tag, Thing
from kg.values import name_key

MARGIN = 0.2  # what a clear lead over the other role of a known dataset is worth
DATASET_ROLES = frozenset({"trainingDataset", "evaluationDataset"})
TAG = 3.0  # above every score that words alone can give
TAG_RELATION = {"hardware": "accelerator", "country": "country", "organization": "organization"}
_MEMORY = re.compile(r"[\s-]*(?:GPUs?\s)?(?:\(|of\s|with\s|each with\s|@\s?)?(\d{2,3})\s?(?:GB|GiB)(?:\sof)?\b\)?", re.I)


def settle(reading: Reading) -> Extraction:
    """Return what the whole reading claims, what it may claim, and findings about tags that say nothing."""
    drafts = list(_own_names(reading))
    for i, sentence in enumerate(reading.sentences):
        if sentence.segment.kind == "cell" and not sentence.is_labelled:
            continue
        drafts += measures.claims(reading, i)
        drafts += _names(reading, i)
        drafts += _closed_values(reading, i)
    drafts += score_tables.claims(reading)
    drafts += _sizes_in_names(reading, drafts)
    drafts = _with_sizes(_less_in_code(reading, drafts))
    sure = [c for c in drafts if c.score >= _threshold(c)]
    kept = _single(_subsume(_best(sure), reading))
    keys = {(c.model, c.relation, c.value) for c in kept}
    unsure = [c for c in _best(drafts) if (c.model, c.relation, c.value) not in keys and c.score >= 0.25]
    return Extraction(
        tuple(sorted(kept, key=Claim.sort_key)), tuple(sorted(unsure, key=Claim.sort_key)), tuple(_empty_tags(reading, kept))
    )


_CODE = re.compile(r"^[ \t]*```[ \t]*(?:bash|sh|shell|console|python|py|cmd|powershell)\b.*?(?:^[ \t]*```|\Z)", re.M | re.S | re.I)
IN_CODE = 0.7


def _less_in_code(reading: Reading, drafts: list[Claim]) -> list[Claim]:
    """Believe less what stands in commands and programs: they show how to use a model, or one of many ways to train it."""
    if "```" not in reading.document.source:
        return drafts
    spans = [match.span() for match in _CODE.finditer(reading.document.source)]
    return [replace(c, score=c.score - IN_CODE) if any(low <= c.start < high for low, high in spans) else c for c in drafts]


PROMOTED = 0.42


def _with_sizes(drafts: list[Claim]) -> list[Claim]:
    """Believe the best size stated of a model that has no surer one: nearly every report states one, and none asserts less than the text."""
    sizes = [c for c in drafts if c.relation == "parameterCount"]
    best: dict[str | None, Claim] = {}
    for c in sizes:
        if c.model not in best or c.score > best[c.model].score:
            best[c.model] = c
    promoted = {id(c) for c in best.values() if PROMOTED <= c.score < quantities.THRESHOLD}
    return [replace(c, score=quantities.THRESHOLD) if id(c) in promoted else c for c in drafts]


def _threshold(claim: Claim) -> float:
    return quantities.THRESHOLD if claim.method == "rule:quantity" else roles.THRESHOLD


def _own_names(reading: Reading) -> Iterator[Claim]:
    for name in reading.models.own:
        start, end = reading.models.spans[name]
        method = "tag" if name in reading.models.tagged else "rule:model"
        mention = reading.document.source[start:end]
        yield Claim(reading.document.id, name, "name", name, start, end, mention, method=method)


def _names(reading: Reading, i: int) -> Iterator[Claim]:
    sentence = reading.sentences[i]
    names = sorted((*sentence.names, *reading.shaped.get(i, ())), key=lambda n: n.start)
    names = [n for n in names if not reading.models.own_name(n.text)]
    for group in roles.lists(sentence, names):
        near = roles.nearness(sentence, group)
        ranked = [_ranked(reading, i, name, near) for name in group]
        for name, ranks in zip(group, _shared(group, ranked), strict=True):
            yield from _name_claims(reading, i, name, ranks)


def _ranked(reading: Reading, i: int, name: Name, near: dict[str, float]) -> list[tuple[float, str]]:
    sentence = reading.sentences[i]
    tag = reading.tag_at(name.start, name.end)
    forced = TAG_RELATION.get(tag.name) if tag else None
    if forced:
        return [(2.0, forced)] if name.thing(forced) or not name.things else []
    if not name.things and not is_shaped(name.text):
        return []
    around = near | roles.in_place(sentence, name)
    if name.thing("model") and _is_said_of_own(reading, i, name):
        around["identity"] = 1.0
    ranked = roles.scores(sentence, name, around, reading.has_vision)
    if _of_a_part(reading, sentence, name):
        ranked = [(score - 0.7 if relation == "trainingDataset" else score, relation) for score, relation in ranked]
        ranked.sort(key=lambda item: (-item[0], item[1]))
    return ranked


_PART_OF = re.compile(r"\b(?:of|in|inside|behind|to|for|by|with|within)\s(?:the\s)?$")
_IS_A = re.compile(r"[\s*_`]+(?:itself\s)?(?:is|are|was|were)\s(?:just\s|simply\s|in essence\s|basically\s)?(?:a\s|an\s|the\s|our\s)?(?:[a-z-]+\s){0,2}", re.I)


def _is_said_of_own(reading: Reading, i: int, name: Name) -> bool:
    """Return whether the sentence says that an own model is the name (`GradShield-7B is Mistral-7B with a scalar head`)."""
    text = reading.document.text
    return any(
        own and end < name.start and _IS_A.fullmatch(text[end : name.start]) and not _PART_OF.search(text[max(0, start - 12) : start])
        for start, end, own in reading.mentioned(i)
    )


def _shared(group: list[Name], ranked: list[list[tuple[float, str]]]) -> list[list[tuple[float, str]]]:
    """Names that are unknown, or known in context only, take the role of the surest name they are listed with."""
    sure = [ranks[0] for name, ranks in zip(group, ranked, strict=True) if ranks and _is_sure(name) and ranks[0][1] in LISTED]
    if not sure:
        return ranked
    score, relation = max(sure)
    kind = LISTED[relation]
    return [
        [(score - 0.05, relation)] if ranks and ranks[0][0] < score and not _is_sure(name) and (name.thing(kind) or not name.things) else ranks
        for name, ranks in zip(group, ranked, strict=True)
    ]


LISTED = {"trainingDataset": "dataset", "evaluationDataset": "dataset", "software": "software"}


def _is_sure(name: Name) -> bool:
    return any(t.kind in {"dataset", "software"} and not t.in_context for t in name.things)


_TRAINED_ON = re.compile(r"[\s,(]*(?:(?:which|that)\s)?(?:(?:was|were|is|had been|has been|itself)\s)?(?:originally\s)?(?:pre-?)?trained\s(?:on|with)\b", re.I)


_PART_TRAINED_ON = re.compile(
    r"\b(?:weights|checkpoints?|backbone|encoder|tower|which was|originally|itself|had been|had|parent|authors)\s?,?\s(?:originally\s|previously\s|been\s)?"
    r"(?:(?:pre-?)?trained|exposed)\s(?:on|to|with)\s(?:the\s)?$",
    re.I,
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


def _name_claims(reading: Reading, i: int, name: Name, ranked: list[tuple[float, str]]) -> Iterator[Claim]:
    sentence = reading.sentences[i]
    if not ranked:
        return
    score, relation = ranked[0]
    if relation == "extends" and all(t.in_context for t in name.things) and name.things:
        return
    forced = score >= 2.0
    if relation in DATASET_ROLES and _is_sure(name) and len(ranked) > 1:
        score += MARGIN * max(0.0, score - ranked[1][0])
    name = _completed(reading, sentence, name, relation)
    owner = reading.owner(i, name.start)
    kind = {"trainingDataset": "dataset", "evaluationDataset": "dataset"}.get(relation, relation)
    thing = name.thing(kind) or name.thing("model")
    for model in owner.models:
        yield Claim(
            report=reading.document.id,
            model=model,
            relation=relation,
            value=_name_value(name, thing),
            start=name.start,
            end=name.end,
            mention=reading.document.source[name.start : name.end],
            stage=reading.stage(i, name.start) if reading.schema.relation(relation).domain != "Model" else None,
            method="tag" if forced else "rule:name",
            score=TAG if forced else score - owner.against * 0.5,
        )


def _name_value(name: Name, thing: Thing | None) -> str:
    """Return the catalogue's name, with the version the text gives; the text's own spelling when it is unknown."""
    written = " ".join(name.text.split())
    if thing is None:
        return written
    version = re.search(r"\s(v?\d+(?:\.\d+)*)$", written)
    return f"{thing.name} {version[1]}" if thing.kind == "software" and version and not thing.name.endswith(version[1]) else thing.name


def _completed(reading: Reading, sentence: Sentence, name: Name, relation: str) -> Name:
    """Join `A100 (80GB)` where the catalogue knows the whole."""
    text = reading.document.text
    if relation == "accelerator" and (memory := _MEMORY.match(text, name.end)):
        thing = name.thing("accelerator")
        things = reading.schema.find(f"{thing.name if thing else name.text} {memory[1]}GB", "accelerator")
        if things:
            return Name(name.start, memory.end(), text[name.start : memory.end()], things)
    return name


def _closed_values(reading: Reading, i: int) -> Iterator[Claim]:
    """Yield precision and schedule, whose values are words of the lexicon."""
    sentence = reading.sentences[i]
    for cue in sentence.cues:
        for topic in cue.topics:
            if not topic.startswith("value:"):
                continue
            _, relation, value = topic.split(":")
            score = _closed_score(sentence, cue.start, cue.end, relation, value)
            owner = reading.owner(i, cue.start)
            for model in owner.models:
                mention = reading.document.source[cue.start : cue.end]
                stage = reading.stage(i, cue.start)
                yield Claim(reading.document.id, model, relation, value, cue.start, cue.end, mention, stage, method="rule:value", score=score - owner.against)


_WEAK = {"linear": 0.1, "constant": 0.1, "step": 0.2, "exponential": 0.2, "polynomial": 0.3}


def _closed_score(sentence: Sentence, start: int, end: int, relation: str, value: str) -> float:
    near = roles.nearness(sentence, [Name(start, end, "")])
    against = sum(near.get(topic, 0.0) * weight for topic, weight in measures.AGAINST.items())
    if relation == "precision":
        return 0.85 - against
    score = _WEAK.get(value, 0.75) + 0.55 * near.get("schedule_word", 0.0) + 0.2 * near.get("rate_word", 0.0)
    if {"schedule_word", "rate_word"} & sentence.key_topics:
        score += 0.4
    after = sentence.slice(end, min(sentence.end, end + 40))
    before = sentence.slice(max(sentence.start, start - 24), start)
    if _SCHEDULE_AFTER.match(after) or _SCHEDULE_BEFORE.search(before):
        score = max(score, 0.9)
    if value == "linear" and (_WARMUP_AFTER.match(after) or _WARMUP_BEFORE.search(before)):
        score -= 1.0
    return score - against


_SCHEDULE_AFTER = re.compile(r"[\s-]*(?:(?:learning[\s-]rate\s|lr\s|step\s)?(?:decay|schedul|anneal|decline|descent)|learning[\s-]rate|lr\b|rate\b|(?:down\s)?to\s(?:0|zero)\b|at\s\d)", re.I)
_SCHEDULE_BEFORE = re.compile(r"\b(?:decay\w*|anneal\w*|lowered|schedule[:\s]|scheduler[:\s]|rate\s(?:was\s|is\s|being\s)?(?:held\s|kept\s)?)\s?(?:in\sa\s|it\s|is\s|was\s)?$", re.I)
_WARMUP_AFTER = re.compile(r"[\s-]*(?:learning[- ]rate\s)?(?:warm|ramp|rise|increase|probe|layer|proj|schedule with warm|over\b|from\b|up\b|scal|head|classif|combin)", re.I)
_WARMUP_BEFORE = re.compile(r"(?:rose|increas\w+|ramp\w*|warm\w*|rise\w?|grow\w*)\s(?:the\s\w+\s\w+\s)?$", re.I)


_SIZE_IN_NAME = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([BM])(?![A-Za-z])")


def _sizes_in_names(reading: Reading, drafts: Iterable[Claim]) -> Iterator[Claim]:
    """Yield the size a name carries (`Aurelia-7B`) where none is stated."""
    stated = {c.model for c in drafts if c.relation == "parameterCount" and c.score >= PROMOTED}
    for name in reading.models.own:
        match = _SIZE_IN_NAME.search(name.replace("-", " ").replace("_", " "))
        if match and name not in stated:
            start, end = reading.models.spans[name]
            value = str(int(float(match[1]) * (1e9 if match[2] == "B" else 1e6)))
            yield Claim(reading.document.id, name, "parameterCount", value, start, end, reading.document.source[start:end], method="rule:size-in-name", score=0.55)


def _best(drafts: Iterable[Claim]) -> list[Claim]:
    best: dict[tuple[str | None, str, str, str | None], Claim] = {}
    for claim in drafts:
        key = (claim.model, claim.relation, name_key(claim.value) or claim.value, claim.stage)
        if key not in best or (claim.score, -claim.start) > (best[key].score, -best[key].start):
            best[key] = claim
    return list(best.values())


SINGLE = frozenset({"parameterCount", "releaseYear"})


def _subsume(claims: list[Claim], reading: Reading) -> list[Claim]:
    """Drop what a better claim says already: no stage beside a stage, `mixed` beside a format, a second size beside a surer one."""
    staged = {(c.model, c.relation, c.value) for c in claims if c.stage}
    formats = {c.model for c in claims if c.relation == "precision" and c.value != "mixed"}
    narrow = {c.model for c in claims if c.relation == "precision" and c.value in {"bfloat16", "float16", "fp8"}}
    products: dict[str | None, set[str]] = {}
    for c in claims:
        if c.relation == "accelerator":
            products.setdefault(c.model, set()).add(c.value)
    kept = []
    for c in claims:
        if c.relation == "accelerator" and any(other.startswith(f"{c.value} ") for other in products[c.model]):
            continue  # the product without its variant
        if not c.stage and (c.model, c.relation, c.value) in staged and reading.schema.relation(c.relation).domain != "Model":
            continue
        if c.relation == "precision" and c.value == "mixed" and c.model in formats:
            continue
        if c.relation == "precision" and c.value == "float32" and c.model in narrow:
            continue  # the part of a mixed set-up that stays wide
        kept.append(c)
    return kept


def _single(claims: list[Claim]) -> list[Claim]:
    """Keep one size and one year a model: of those about as sure as the surest, the one stated first."""
    chosen: dict[tuple[str | None, str], Claim] = {}
    for relation in SINGLE:
        of_relation = [c for c in claims if c.relation == relation]
        for model in dict.fromkeys(c.model for c in of_relation):
            mine = [c for c in of_relation if c.model == model]
            top = max(c.score for c in mine)
            chosen[model, relation] = min((c for c in mine if c.score >= top - 0.3), key=lambda c: c.start)
    return [replace(c, score=min(1.0, c.score)) for c in claims if _agrees(c, chosen.get((c.model, c.relation), c))]


def _agrees(claim: Claim, chosen: Claim) -> bool:
    """Return whether a claim is the chosen one, or stands with it in one list (`90M, 310M and 1.2B parameters`)."""
    listed = "rule:listed" in (claim.method, chosen.method) and abs(claim.start - chosen.start) < 40
    return claim is chosen or listed


def _empty_tags(reading: Reading, claims: list[Claim]) -> Iterator[Finding]:
    for tag in reading.document.tags:
        if tag.name == "dataset" or any(tag.start < c.end and c.start < tag.end for c in claims):
            continue
        if tag.name == "model" and is_model_name(reading.document.text[tag.start : tag.end]):
            continue
        yield _empty_tag(reading, tag)


def _empty_tag(reading: Reading, tag: Tag) -> Finding:
    words = " ".join(reading.document.text[tag.start : tag.end].split())
    label = Label(reading.document.id, tag.start, tag.end, f"no value of <{tag.name}> here")
    return Finding("KG420", "warning", f"the content of <{tag.name}> is not what the tag says: “{words}”", (label,), report=reading.document.id)
