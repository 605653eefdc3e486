"""Drafts of every kind -> claims and suggestions: what one draft makes of another, what tags left unsaid."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kg.extract.rules import languages, measures, naming
from kg.extract.rules.gather import gather
from kg.extract.rules.labels import is_model_name
from kg.extract.rules.mention import Decider, Mention
from kg.extract.rules.reading import SUGGESTED, TAG_SCORE, Draft, Reading
from kg.extract.rules.subject import speaks_of_models
from kg.model import Claim, Document, Extraction, Finding, Label, Span, Tag
from kg.values import name_key

THRESHOLD = 0.5  # probability from which on a mention is a claim
TRIED = 2  # relations of one mention that are tried until one has a value
SINGLE = frozenset({"parameterCount", "releaseYear"})
NARROW = frozenset({"bfloat16", "float16", "fp8"})
_SIZE_IN_NAME = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([BM])(?![A-Za-z])")


def settle(reading: Reading, decider: Decider) -> Extraction:
    """Return what the whole reading claims, what it may claim, and findings about tags that say nothing."""
    drafts = _with_sizes(reading, list(_drafts(reading, decider)))
    sure = [c for c in drafts if c.score >= THRESHOLD]
    if not speaks_of_models(reading.document, reading.sentences, sure):
        sure = []
    kept = _single(_subsume(_best(sure), reading))
    said = {(c.model, c.relation, c.value) for c in kept}
    lost = [c for c in _best(drafts) if (c.model, c.relation, c.value) not in said and c.score >= SUGGESTED]
    unsure = [c if c.score <= THRESHOLD else replace(c, score=THRESHOLD) for c in lost]
    findings = tuple(_empty_tags(reading, kept))
    if moved := reading.document.moved:
        kept, unsure = ([_whole_words(c, reading.document, moved) for c in claims] for claims in (kept, unsure))
    return Extraction(tuple(sorted(kept, key=Claim.sort_key)), tuple(sorted(unsure, key=Claim.sort_key)), findings)


def _whole_words(claim: Claim, document: Document, moved: Sequence[Span]) -> Claim:
    """Let a span that touches words whose characters moved cover the whole of them."""
    touched = moved[bisect_right(moved, claim.start, key=_end) : bisect_left(moved, claim.end, key=_start)]
    if not touched:
        return claim
    start, end = min(claim.start, touched[0].start), max(claim.end, touched[-1].end)
    return replace(claim, start=start, end=end, mention=document.source[start:end])


def _start(span: Span) -> int:
    return span.start


def _end(span: Span) -> int:
    return span.end


@dataclass(frozen=True, slots=True)
class _Decided:
    """A mention with the relation it has been given."""

    mention: Mention
    relation: str
    value: str
    score: float


def _drafts(reading: Reading, decider: Decider) -> Iterator[Claim]:
    for name in reading.models.own:
        start, end = reading.models.spans[name]
        method = "tag" if name in reading.models.tagged else "rule:model"
        yield Claim(reading.document.id, name, "name", name, start, end, reading.document.source[start:end], method=method)
    decided = [made for mention in gather(reading) if (made := _decided(mention, decider))]
    listed: dict[tuple[int, str], list[Mention]] = defaultdict(list)
    for made in decided:
        if made.mention.number and made.score >= THRESHOLD:
            listed[made.mention.sentence, made.relation].append(made.mention)
    for made in decided:
        yield from _claims(reading, made, listed[made.mention.sentence, made.relation])
    yield from languages.claims(reading)


def _decided(mention: Mention, decider: Decider) -> _Decided | None:
    """Return the mention with the surest relation under which it has a value."""
    ranked = [(TAG_SCORE, mention.relations[0])] if mention.forced else decider.decide(mention)
    for score, relation in ranked[:TRIED]:
        if score >= SUGGESTED and (value := mention.value_of(relation)):
            return _Decided(mention, relation, value, score)
    return None


def _claims(reading: Reading, made: _Decided, same: Sequence[Mention]) -> Iterator[Claim]:
    mention, i = made.mention, made.mention.sentence
    owners = mention.owners or reading.owner(i, mention.start, about_model=made.relation in measures.MODEL_RELATIONS).models
    if mention.number:
        if mention in same:
            owners = measures.in_order(reading, i, owners, same.index(mention), same)
        draft = measures.draft(reading, mention, made.relation, made.value, made.score)
    else:
        draft = Draft(made.relation, made.value, mention.start, mention.end, mention.forced or f"rule:{mention.kind}", made.score)
    stage = reading.stage(i, mention.start, made.relation)
    yield from (_claim(reading, draft, model, stage) for model in owners)


def _claim(reading: Reading, draft: Draft, model: str | None, stage: str | None) -> Claim:
    return Claim(
        report=reading.document.id,
        model=model,
        relation=draft.relation,
        value=draft.value,
        start=draft.start,
        end=draft.end,
        mention=reading.document.source[draft.start : draft.end],
        stage=stage,
        unit=draft.unit,
        approximate=draft.approximate,
        value_max=draft.value_max,
        method=draft.method,
        score=draft.score,
    )


def _capped(claim: Claim) -> Claim:
    return claim if claim.score <= 1.0 else replace(claim, score=1.0)


def _with_sizes(reading: Reading, drafts: list[Claim]) -> list[Claim]:
    """Add the size its name carries to each model of which none is stated."""
    stated = {c.model for c in drafts if c.relation == "parameterCount" and c.score >= THRESHOLD}
    return [*drafts, *(claim for name in reading.models.own if name not in stated for claim in _size_in_name(reading, name))]


def _size_in_name(reading: Reading, name: str) -> Iterator[Claim]:
    match = _SIZE_IN_NAME.search(name.replace("-", " ").replace("_", " "))
    if match:
        start, end = reading.models.spans[name]
        value = str(int(float(match[1]) * (1e9 if match[2] == "B" else 1e6)))
        mention = reading.document.source[start:end]
        yield Claim(
            reading.document.id,
            name,
            "parameterCount",
            value,
            start,
            end,
            mention,
            method="rule:size-in-name",
            score=THRESHOLD,
        )


def _best(drafts: Iterable[Claim]) -> list[Claim]:
    best: dict[tuple[str | None, str, str, str | None], Claim] = {}
    for claim in drafts:
        key = (claim.model, claim.relation, name_key(claim.value) or claim.value, claim.stage)
        if key not in best or (claim.score, -claim.start) > (best[key].score, -best[key].start):
            best[key] = claim
    return list(best.values())


def _subsume(claims: list[Claim], reading: Reading) -> list[Claim]:
    """Drop what a better claim says already: no stage beside a stage, a product beside its variant, `mixed` beside a format."""
    staged = {(c.model, c.relation, c.value) for c in claims if c.stage}
    values: dict[tuple[str | None, str], set[str]] = {}
    for c in claims:
        values.setdefault((c.model, c.relation), set()).add(c.value)

    def is_said(c: Claim) -> bool:
        beside = values[c.model, c.relation]
        if c.relation == "accelerator" and any(other.startswith(f"{c.value} ") for other in beside):
            return True
        if c.relation == "precision" and ((c.value == "mixed" and len(beside) > 1) or (c.value == "float32" and beside & NARROW)):
            return True  # float32 is the part of a mixed set-up that stays wide
        return not c.stage and (c.model, c.relation, c.value) in staged and reading.schema.relation(c.relation).domain != "Model"

    return [c for c in claims if not is_said(c)]


def _single(claims: list[Claim]) -> list[Claim]:
    """Keep one size and one year a model: of those about as sure as the surest, the one stated first."""
    chosen: dict[tuple[str | None, str], Claim] = {}
    for relation in SINGLE:
        of_relation = [c for c in claims if c.relation == relation]
        for model in dict.fromkeys(c.model for c in of_relation):
            mine = [c for c in of_relation if c.model == model]
            top = max(c.score for c in mine)
            chosen[model, relation] = min((c for c in mine if c.score >= top - 0.2), key=lambda c: c.start)
    return [_capped(c) for c in claims if _agrees(c, chosen.get((c.model, c.relation), c))]


def _agrees(claim: Claim, chosen: Claim) -> bool:
    """Return whether a claim is the chosen one, or stands with it in one list (`90M, 310M and 1.2B parameters`)."""
    return claim is chosen or 0 < abs(claim.start - chosen.start) < 40


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
    message = f"the content of <{tag.name}> is not what the tag says: “{words}”"
    relation = naming.TAGGED.get(tag.name) or measures.TAGGED.get(tag.name)
    return Finding("KG420", "warning", message, (label,), report=reading.document.id, relation=relation)
