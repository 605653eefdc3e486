"""Drafts of every kind -> claims and suggestions: what one draft makes of another, what tags left unsaid."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kg.extract.rules import closed, measures, naming, quantities, roles, score_tables
from kg.extract.rules.candidates import is_model_name
from kg.extract.rules.reading import SUGGESTED, Reading
from kg.model import Claim, Document, Extraction, Finding, Label, Span, Tag
from kg.values import name_key

IN_CODE = 0.7
PROMOTED = 0.42
SINGLE = frozenset({"parameterCount", "releaseYear"})
NARROW = frozenset({"bfloat16", "float16", "fp8"})
_CODE = re.compile(r"^[ \t]*```[ \t]*(?:bash|sh|shell|console|python|py|cmd|powershell)\b.*?(?:^[ \t]*```|\Z)", re.M | re.S | re.I)
_SIZE_IN_NAME = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([BM])(?![A-Za-z])")


def settle(reading: Reading) -> Extraction:
    """Return what the whole reading claims, what it may claim, and findings about tags that say nothing."""
    drafts = _with_sizes(reading, _less_in_code(reading, list(_drafts(reading))))
    sure = [c for c in drafts if c.score >= _threshold(c)]
    kept = _single(_subsume(_best(sure), reading))
    said = {(c.model, c.relation, c.value) for c in kept}
    unsure = [_capped(c) for c in _best(drafts) if (c.model, c.relation, c.value) not in said and c.score >= SUGGESTED]
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


def _drafts(reading: Reading) -> Iterator[Claim]:
    for name in reading.models.own:
        start, end = reading.models.spans[name]
        method = "tag" if name in reading.models.tagged else "rule:model"
        yield Claim(reading.document.id, name, "name", name, start, end, reading.document.source[start:end], method=method)
    for i, sentence in enumerate(reading.sentences):
        if not sentence.is_label:
            yield from measures.claims(reading, i)
            yield from naming.claims(reading, i)
            yield from closed.claims(reading, i)
    yield from score_tables.claims(reading)


def _capped(claim: Claim) -> Claim:
    return claim if claim.score <= 1.0 else replace(claim, score=1.0)


def _threshold(claim: Claim) -> float:
    return quantities.THRESHOLD if claim.method in {"rule:quantity", measures.LISTED} else roles.THRESHOLD


def _less_in_code(reading: Reading, drafts: list[Claim]) -> list[Claim]:
    """Believe less what stands in commands and programs: they show how to use a model, or one of many ways to train it.

    A model of which the text says more has its name from wherever it stands.
    """
    if "```" not in reading.document.source:
        return drafts
    spans = [match.span() for match in _CODE.finditer(reading.document.source)]
    inside = [any(low <= c.start < high for low, high in spans) for c in drafts]
    placed = list(zip(drafts, inside, strict=True))
    told = {c.model for c, shown in placed if not shown and c.relation != "name" and c.score >= _threshold(c)}
    return [
        replace(c, score=c.score - IN_CODE) if shown and not (c.relation == "name" and c.model in told) else c
        for c, shown in placed
    ]


def _with_sizes(reading: Reading, drafts: list[Claim]) -> list[Claim]:
    """Believe the best size stated of a model that has no surer one, and the size its name carries where none is stated."""
    best: dict[str | None, Claim] = {}
    for c in drafts:
        if c.relation == "parameterCount" and (c.model not in best or c.score > best[c.model].score):
            best[c.model] = c
    promoted = {id(c) for c in best.values() if PROMOTED <= c.score < quantities.THRESHOLD}
    sized = [replace(c, score=quantities.THRESHOLD) if id(c) in promoted else c for c in drafts]
    stated = {model for model, c in best.items() if c.score >= PROMOTED}
    return [*sized, *(claim for name in reading.models.own if name not in stated for claim in _size_in_name(reading, name))]


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
            score=roles.THRESHOLD,
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
    listed = measures.LISTED in (claim.method, chosen.method) and abs(claim.start - chosen.start) < 40
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
    return Finding(
        "KG420", "warning", f"the content of <{tag.name}> is not what the tag says: “{words}”", (label,), report=reading.document.id
    )
