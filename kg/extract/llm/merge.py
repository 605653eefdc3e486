"""The rules' reading and the model's of one document -> one: claims, suggestions, findings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from kg.extract.llm.spellings import identity
from kg.model import Claim, Document, Extraction, Finding, Label
from kg.schema import Schema
from kg.values import name_key

_FRONT = re.compile(r"\s*---[ \t]*\r?\n.*?^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)

_Said = tuple[str, str]  # relation, identity of the value
_Place = tuple[str, str, str | None]  # key of the model, relation, stage


def whole(document: Document, schema: Schema, rules: Extraction, claims: Sequence[Claim]) -> Extraction:
    """Return what stands when the model has read all of a document: its claims, and those of the rules that stand beside them.

    Where both say the same of the same model and stage, one claim stands: that of the rules, whose span is the narrower, or that of
    the model when it spells a name as the report does and the rules as the catalogue.
    """
    said = {_said(claim, schema) for claim in claims}
    other = [claim for claim in rules.claims if _said(claim, schema) not in said]
    differing = list(_disagreements(rules.claims, claims, schema))
    about = {name_key(claim.model or "") for claim in claims}
    beside = [
        claim
        for claim in other
        if _is_marked(claim, document)
        or any(claim in ours for ours, _ in differing)
        or (claim.relation == "name" and name_key(claim.value) in about)
    ]
    suggested = [claim for claim in (*other, *rules.suggestions) if claim not in beside and _said(claim, schema) not in said]
    by_rules = {(_place(claim), _spelled(claim)): claim for claim in rules.claims}
    kept = [by_rules.get((_place(claim), _spelled(claim)), claim) for claim in claims]
    return _sorted([*kept, *beside], suggested, [*rules.findings, *(_disagree(*pair) for pair in differing)])


def _is_marked(claim: Claim, document: Document) -> bool:
    """Return whether the author, and no reading of prose, says what a claim's words are: a tag, a table's column, front matter."""
    if claim.method == "tag" or claim.method.startswith("table:"):
        return True
    front = _FRONT.match(document.source)
    end = front.end() if front else 0
    return any(
        segment.kind == "pair" and segment.start <= claim.start < claim.end <= segment.end <= end for segment in document.segments
    )


def opened(schema: Schema, rules: Extraction, claims: Sequence[Claim]) -> Extraction:
    """Return what stands when the model was asked about what the rules left open: the claims of both.

    A suggestion that the model confirms is a claim; where both name the stage of one fact, that of the rules stands.
    """
    stated = {_said(claim, schema) for claim in rules.claims}
    added = [claim for claim in claims if _said(claim, schema) not in stated]
    said = stated | {_said(claim, schema) for claim in added}
    suggested = [claim for claim in rules.suggestions if _said(claim, schema) not in said]
    return _sorted([*rules.claims, *added], suggested, rules.findings)


def open_relations(rules: Extraction, relations: Iterable[str]) -> list[str]:
    """Return the relations of which the rules claim nothing or suggest something, in the order given."""
    claimed = {claim.relation for claim in rules.claims}
    suggested = {claim.relation for claim in rules.suggestions}
    return [name for name in relations if name in suggested or name not in claimed]


def _sorted(claims: Iterable[Claim], suggestions: Iterable[Claim], findings: Iterable[Finding]) -> Extraction:
    return Extraction(tuple(sorted(claims, key=Claim.sort_key)), tuple(sorted(suggestions, key=Claim.sort_key)), tuple(findings))


def _said(claim: Claim, schema: Schema) -> _Said:
    return claim.relation, identity(schema.relation(claim.relation), claim.value, schema)


def _place(claim: Claim) -> _Place:
    return name_key(claim.model or ""), claim.relation, claim.stage


def _spelled(claim: Claim) -> str:
    return name_key(claim.value) or claim.value


def _disagreements(rules: Iterable[Claim], model: Iterable[Claim], schema: Schema) -> Iterator[tuple[list[Claim], list[Claim]]]:
    """Yield the claims of both readings where both give a relation that has one value for a model and stage, and agree on none."""
    readings: dict[_Place, tuple[list[Claim], list[Claim]]] = defaultdict(lambda: ([], []))
    for which, claims in enumerate((rules, model)):
        for claim in sorted(claims, key=Claim.sort_key):
            if schema.relation(claim.relation).functional:
                readings[_place(claim)][which].append(claim)
    for _, (ours, theirs) in sorted(readings.items(), key=_by_place):
        if ours and theirs and not {_said(claim, schema) for claim in ours} & {_said(claim, schema) for claim in theirs}:
            yield ours, theirs


def _by_place(item: tuple[_Place, object]) -> tuple[str, str, str]:
    model, relation, stage = item[0]
    return model, relation, stage or ""


def _disagree(ours: Sequence[Claim], theirs: Sequence[Claim]) -> Finding:
    first = theirs[0]
    about = f"{first.relation} of {first.model or 'the model'}" + (f" in {first.stage}" if first.stage else "")
    labels = (
        *(Label(claim.report, claim.start, claim.end, f"{claim.value} ({claim.method})") for claim in ours),
        *(Label(claim.report, claim.start, claim.end, f"{claim.value} ({claim.method})") for claim in theirs),
    )
    return Finding(
        "KG440",
        "info",
        f"the rules and the language model read the {about} differently",
        labels,
        ("both stay in the graph; kg does not choose",),
        report=first.report,
        relation=first.relation,
    )
