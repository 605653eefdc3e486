"""Claims and the gold of one document -> what is right, wrong, missed; where the words stand; whose facts they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kg.eval._gold import Fact, Gold, Negative
from kg.eval._same import BACKBONES, has_value, is_model, same_value, says, spelling
from kg.model import Claim


@dataclass(frozen=True, slots=True)
class Judgement:
    """Claims that say what the gold says, each with those facts; claims that do not; facts that no claim says.

    A claim that only says what is defensible is neither right nor wrong.
    """

    right: tuple[tuple[Claim, tuple[Fact, ...]], ...]
    wrong: tuple[Claim, ...]
    missed: tuple[Fact, ...]

    @property
    def errors(self) -> tuple[Claim | Fact, ...]:
        """Return wrong claims, then missed facts."""
        return (*self.wrong, *self.missed)


@dataclass(frozen=True, slots=True)
class Spans:
    """Of `checked` right claims, how many overlap the gold's evidence, how many quote the document, how many do both."""

    checked: int = 0
    on_evidence: int = 0
    quoted: int = 0
    both: int = 0


@dataclass(frozen=True, slots=True)
class MainModel:
    """The model that most facts of the gold are about (several when as many are), and the one that most claims are about."""

    gold: tuple[str | None, ...]
    claims: str | None
    right: bool


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """How the claims of one document compare with its gold; `main` is None where the gold has no facts."""

    report: str
    relaxed: Judgement
    strict: Judgement
    spans: Spans
    main: MainModel | None
    negatives: tuple[Negative, ...] = field(default=())


def judge_document(report: str, gold: Gold, claims: Sequence[Claim], relations: frozenset[str], text: str | None) -> DocumentScore:
    """Compare the claims of a document with its gold; only claims of the relations count, and with `text` None no spans do."""
    stated = [claim for claim in claims if not claim.derived]
    counted = [claim for claim in stated if claim.relation in relations | BACKBONES]
    relaxed = _judged(gold.facts, counted, strict=False)
    return DocumentScore(
        report,
        relaxed,
        _judged(gold.facts, counted, strict=True),
        Spans() if text is None else _spans(relaxed, text),
        main_model(gold.own, stated),
        tuple(negative for negative in gold.negatives if negative.relation in relations and _asserted(negative, gold, stated)),
    )


def _judged(facts: Sequence[Fact], claims: Iterable[Claim], *, strict: bool) -> Judgement:
    right, wrong, hit = [], [], set()
    for claim in _once(claims, _strict_key if strict else _relaxed_key):
        found = [i for i, fact in enumerate(facts) if says(claim, fact, strict=strict)]
        hit.update(found)
        if not found:
            wrong.append(claim)
        elif any(facts[i].required for i in found):
            right.append((claim, tuple(facts[i] for i in found)))
    missed = (fact for i, fact in enumerate(facts) if fact.required and i not in hit)
    return Judgement(tuple(right), tuple(wrong), tuple(missed))


def _relaxed_key(claim: Claim) -> Hashable:
    return "backbone" if claim.relation in BACKBONES else claim.relation, spelling(claim.value)


def _strict_key(claim: Claim) -> Hashable:
    return claim.relation, spelling(claim.value), spelling(claim.model or ""), claim.stage


def _once(claims: Iterable[Claim], key: Callable[[Claim], Hashable]) -> Iterator[Claim]:
    """Yield the first of the claims that say the same."""
    seen: set[Hashable] = set()
    for claim in claims:
        if key(claim) not in seen:
            seen.add(key(claim))
            yield claim


def _asserted(negative: Negative, gold: Gold, claims: Iterable[Claim]) -> bool:
    """Decide whether a claim makes a wrong reading that is not right elsewhere in the document."""
    relation = negative.relation
    if any(fact.relation == relation and same_value(relation, fact.values, negative.values[0]) for fact in gold.facts):
        return False
    return any(claim.relation == relation and has_value(claim, negative) for claim in claims)


def _spans(judgement: Judgement, text: str) -> Spans:
    rows = []
    for claim, facts in judgement.right:
        places = [place for fact in facts for place in places_of(fact.evidence, text)]
        if places:
            near = any(start < claim.end and claim.start < end for start, end in places)
            rows.append((near, claim.start < claim.end and text[claim.start : claim.end] == claim.mention))
    return Spans(len(rows), sum(near for near, _ in rows), sum(quoted for _, quoted in rows), sum(map(all, rows)))


def places_of(words: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where words stand in a text, none for no words.

    >>> list(places_of("a", "a-a"))
    [(0, 1), (2, 3)]
    """
    start = text.find(words) if words else -1
    while start >= 0:
        yield start, start + len(words)
        start = text.find(words, start + 1)


def main_model(facts: Sequence[Fact], claims: Iterable[Claim]) -> MainModel | None:
    """Return whom most facts and most claims are about: None is a model too; of several of the gold each is right."""
    if not facts:
        return None
    numbers = Counter(_key(fact.models[0]) for fact in facts)
    most = max(numbers.values())
    main = [_spellings(key, facts) for key, number in numbers.items() if number == most]
    names = [claim.model for claim in claims]
    keys = Counter(map(_key, names))
    # Of several with as many claims, the one that is named first.
    first = next((name for name in names if keys[_key(name)] == max(keys.values())), None)
    return MainModel(tuple(models[0] for models in main), first, any(is_model(first, models) for models in main))


def _key(model: str | None) -> str | None:
    return None if model is None else spelling(model)


def _spellings(key: str | None, facts: Iterable[Fact]) -> tuple[str | None, ...]:
    """Return every spelling of a model that its facts accept, the first one first."""
    return tuple(dict.fromkeys(name for fact in facts if _key(fact.models[0]) == key for name in fact.models))
