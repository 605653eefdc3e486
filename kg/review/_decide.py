"""What a person says about claims and names of a build -> decisions, or an error that says why there can be none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from kg.decisions import (
    Decision,
    Decisions,
    Folded,
    OfClaim,
    OfNames,
    Quote,
    Statement,
    claim_id,
    corrected,
    folded,
    kind_of_names,
    kinds_of_names,
    problem,
    relation_problem,
    spelled,
)
from kg.errors import UnknownName, UsageError
from kg.model import Claim, Span
from kg.places import position
from kg.review._built import Built
from kg.review._listing import UNNAMED, Listed, found, report_named
from kg.review._places import places_of, quote_at
from kg.values import name_key

NONE = "none"
"""What takes a stage or a unit away."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*")


@dataclass(frozen=True, slots=True)
class Remark:
    """Why a person decided, and who."""

    note: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Addition:
    """A fact that a person found in a report: its words are a part of the report, `mention` a part of them."""

    relation: str
    value: str
    words: str
    model: str | None = None
    stage: str | None = None
    unit: str | None = None
    mention: str | None = None


def judged(
    built: Built, ids: Iterable[str], do: Literal["accept", "reject"], decisions: Decisions, remark: Remark
) -> list[OfClaim]:
    """Return a decision for each id; raise UsageError for one that is unknown or decided already."""
    return [_about(built, item, do, decisions, remark) for item in _items(built, ids)]


def corrections(
    built: Built, ids: Iterable[str], changes: Mapping[str, str | None], decisions: Decisions, remark: Remark
) -> list[OfClaim]:
    """Return a correction for each id, with changes by name; raise UsageError."""
    if not changes:
        raise UsageError("what is right is not said", hint="give --value, --stage, --model, --relation or --unit")
    return [correction(built, item, changes, decisions, remark) for item in _items(built, ids)]


def correction(built: Built, item: Listed, changes: Mapping[str, str | None], decisions: Decisions, remark: Remark) -> OfClaim:
    """Return the correction of a claim or suggestion; raise UsageError for a value that its relation cannot have."""
    decision = _about(built, item, "correct", decisions, remark)
    to = corrected(decision.said, {name: folded(value) if value else None for name, value in changes.items()})
    if to is None:
        raise UsageError(f"{item.id} says that already", hint=f"kg review accept {item.id} makes it a claim")
    _refuse(problem(built.schema, to))
    _check_model(built, item.claim.report, to.model)
    return replace(decision, to=to)


def addition(built: Built, report: str, added: Addition, decisions: Decisions, remark: Remark) -> OfClaim:
    """Return the decision that a report says something more; raise UsageError when its words do not stand there once."""
    id = report_named(report, built.manifest)
    _refuse(relation_problem(built.schema, added.relation))
    model = _model(built, id, added.model)
    said = Statement(model, added.relation, folded(added.value), added.stage, added.unit)
    _refuse(problem(built.schema, said))
    source, text = built.text(id)
    span = _place(id, added, source, text)
    quote = quote_at(source, text, span)
    decision = OfClaim("add", id, said, quote, note=remark.note, by=remark.by)
    _refuse_decided(decisions, decision, text, span)
    for item in built.of_report(id):
        claim = item.claim
        if claim.start < span.end and span.start < claim.end and Statement.of(claim).fact == said.fact:
            what = f"kg {'suggests' if item.suggested else 'claims'} that already: {item.id}"
            raise UsageError(what, hint=f"kg review accept {item.id}")
    return decision


def naming(
    built: Built, do: Literal["same", "different"], kind: str, names: tuple[str, str], decisions: Decisions, remark: Remark
) -> OfNames:
    """Return the decision about two names of a kind of things; raise UsageError for one that nobody uses."""
    folder = kind_of_names(built.schema, kind)
    if folder is None:
        raise UnknownName("kind of thing", kind, kinds_of_names(built.schema))
    known = {spelled(name) for name, of_kind in built.names() if of_kind == folder}
    for name in names:
        if spelled(name) not in known and not built.schema.find(name, folder):
            used = {name for name, of_kind in built.names() if of_kind == folder}
            raise UnknownName(folder, name, {*used, *(thing.name for thing in built.schema.things if thing.kind == kind)})
    one, other = map(folded, names)
    if one == other:
        raise UsageError("these are not two names", hint="give two that differ")
    things = [built.schema.find(name, folder) for name in (one, other)]
    if do == "same" and (spelled(one) == spelled(other) or (things[0] and things[0] == things[1])):
        raise UsageError(f"{one} and {other} are one {folder} already", hint="nothing needs to be decided")
    if do == "same" and len(things[0]) == len(things[1]) == 1:
        raise UsageError(f"{one} and {other} are two known things of the catalogue", hint="kg catalog shows what is known of each")
    decision = OfNames(do, folder, (one, other), remark.note, remark.by)
    for before in decisions.of_names:
        if before.kind == folder and set(before.names) == {one, other}:
            _refuse_again(decisions, before)
    return decision


def undone(decisions: Decisions, ids: Iterable[str]) -> list[Decision]:
    """Return the decisions with these ids; raise UnknownName or UsageError."""
    known = decisions.by_id()
    gone: dict[str, Decision] = {}
    for name in ids:
        begun = [id for id in known if id == name] or [id for id in known if name and id.startswith(name)]
        if not begun:
            raise (
                UnknownName("decision", name, known) if known else UsageError("nothing is decided yet", hint="see kg review --help")
            )
        if len(begun) > 1:
            raise UsageError(f"'{name}' begins {len(begun)} ids: {', '.join(begun[:3])}", hint="write more of it")
        gone[begun[0]] = known[begun[0]]
    return list(gone.values())


def waiting(built: Built, items: Iterable[Listed], decisions: Decisions) -> list[Listed]:
    """Return the claims and suggestions about which nothing is decided that holds."""
    by_id: dict[str, list[OfClaim]] = {}
    for decision in decisions.of_claims:
        by_id.setdefault(decision.id, []).append(decision)
    every = list(items)
    alike = {item.id: by_id.get(claim_id(item.claim), []) for item in every}
    texts = {report: built.text(report)[1] for report in sorted({item.claim.report for item in every if alike[item.id]})}
    return [
        item
        for item in every
        if not any(_is_at(decision, texts[item.claim.report], _span(item.claim)) for decision in alike[item.id])
    ]


def _items(built: Built, ids: Iterable[str]) -> list[Listed]:
    items = [found(built.every, id) for id in ids]
    return list({item.id: item for item in items}.values())


def _about(built: Built, item: Listed, do: Literal["accept", "reject", "correct"], decisions: Decisions, remark: Remark) -> OfClaim:
    source, text = built.text(item.claim.report)
    span = _span(item.claim)
    said = Statement.of(item.claim)
    decision = OfClaim(do, item.claim.report, said, quote_at(source, text, span), note=remark.note, by=remark.by)
    _refuse_decided(decisions, decision, text, span)
    return decision


def _span(claim: Claim) -> Span:
    return Span(claim.start, claim.end)


def _is_at(decision: OfClaim, text: Folded, span: Span) -> bool:
    return any(place.start < span.end and span.start < place.end for place in places_of(decision.quote, text))


def _refuse_decided(decisions: Decisions, new: OfClaim, text: Folded, span: Span) -> None:
    """Raise UsageError when something is decided already about what a decision asserts or removes."""
    facts = {said.fact for said in (new.asserts, new.removes) if said}
    for decision in decisions.of_claims:
        before = {said.fact for said in (decision.asserts, decision.removes) if said}
        if decision.report == new.report and facts & before and _is_at(decision, text, span):
            _refuse_again(decisions, decision)


def _refuse_again(decisions: Decisions, before: Decision) -> None:
    id = next(id for id, decision in decisions.by_id().items() if decision is before)
    raise UsageError(
        f"this is decided already: {before.do}, {decisions.place(before)}",
        hint=f"kg review undo {id} takes it back, then decide anew",
    )


def _refuse(wrong: tuple[str, str] | None) -> None:
    if wrong:
        raise UsageError(wrong[0], hint=wrong[1])


def _models(built: Built, report: str) -> list[str | None]:
    return sorted({item.claim.model for item in built.of_report(report)}, key=lambda name: name or "")


def _model(built: Built, report: str, name: str | None) -> str | None:
    """Return the model that is meant: the only one of the report unless it is named; raise UsageError."""
    models = _models(built, report)
    if name is None:
        if len(models) != 1:
            known = ", ".join(model or UNNAMED for model in models[:5])
            what = f"{report} is about {len(models)} models: which one is meant is not said"
            raise UsageError(what, hint=f"give --model: {known or 'a name that the report writes, or ' + UNNAMED}")
        return models[0]
    if name == UNNAMED:
        return None
    same = [model for model in models if model and name_key(model) == name_key(name)]
    if not same:
        _check_model(built, report, name)
    return same[0] if same else folded(name)


def _check_model(built: Built, report: str, name: str | None) -> None:
    """Raise UnknownName for a model whose name does not stand in the report: without evidence there is no fact."""
    if name is None or name in _models(built, report):
        return
    if folded(name).casefold() not in built.text(report)[1].text.casefold():
        raise UnknownName(f"model of {report}", name, {model or UNNAMED for model in _models(built, report)} | {UNNAMED})


def _place(report: str, added: Addition, source: str, text: Folded) -> Span:
    """Return where the words of an addition stand: once, else UsageError."""
    words, mention = folded(added.words), folded(added.mention or added.words)
    if not words:
        raise UsageError("the quote is empty", hint="copy the words of the report that state the fact")
    quote = Quote(words, mention)
    if quote.offset < 0:
        raise UsageError(f"the mention '{mention}' does not stand in the quote", hint="it is the part that the fact is read from")
    if Quote(words, mention, 2).offset >= 0:
        raise UsageError(f"the mention '{mention}' stands in the quote several times", hint="write more of it")
    starts = list(text.find(words))
    if not starts:
        near = _nearest(words, source)
        raise UsageError(
            f"the quote does not stand in {report}",
            hint=f"the nearest is “{near}”" if near else "copy it from the report, as it stands",
        )
    spans = [text.span(at + quote.offset, at + quote.offset + len(mention)) for at in starts]
    if len(spans) > 1:
        lines = ", ".join(str(position(source, span.start)[0]) for span in spans[:5])
        raise UsageError(
            f"the quote stands {len(spans)} times in {report}: in lines {lines}", hint="write more of what stands around it"
        )
    return spans[0]


def _nearest(words: str, source: str) -> str | None:
    """Return the sentence of a text that shares most words with a quote, None when none shares half of them."""
    wanted = set(words.casefold().split())
    sentences = [folded(sentence) for sentence in _SENTENCE.split(source)]
    shared = [(len(wanted & set(sentence.casefold().split())), sentence) for sentence in sentences]
    most, sentence = max(shared, key=lambda pair: pair[0], default=(0, ""))
    if 2 * most < max(len(wanted), 1):
        return None
    return sentence if len(sentence) <= 160 else sentence[:159] + "…"
