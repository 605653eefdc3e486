"""Answers -> claims with a place in the document, and why others are rejected. What a model says counts for nothing by itself.

A claim stands when its quote stands in the document, its mention in the quote, its model's name in the document, its relation and
stage in the ontology, and its value follows from the mention's own words. The value is computed from these words here: where the
model's value differs, ours stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from kg.extract.llm.amounts import Amount, Amounts, alone, is_amount, same
from kg.extract.llm.form import Answer, Written, written
from kg.extract.llm.places import Places
from kg.extract.llm.spellings import identity, listed, named
from kg.model import Claim, Document, Span
from kg.schema import Relation, Schema
from kg.values import name_key

FORM = "a part is missing or of the wrong kind"
RELATION = "no relation of the ontology"
UNASKED = "a relation that was not asked for"
STAGE = "no stage of the ontology"
QUOTE = "the quote does not stand in the document"
MENTION = "the mention does not stand in the quote"
MODEL = "the model's name does not stand in the document"
VALUE = "the value does not follow from the mention"

MOST_MENTIONS = 50
"""Places in one quote that are looked at; a quote is a sentence or a row, not a document."""


@dataclass(slots=True)
class Checked:
    """What became of the answers about one document: claims by what they say, and how many were rejected for which reason."""

    claims: dict[tuple[str, str, str, str | None], Claim] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Written] = field(default_factory=dict)
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document ready to be asked whether it says what a model says it does; `method` is the claims' method."""

    document: Document
    schema: Schema
    places: Places
    amounts: Amounts
    method: str

    @classmethod
    def of(cls, document: Document, schema: Schema, method: str) -> Evidence:
        """Return the evidence that a document holds."""
        return cls(document, schema, Places.of(document), Amounts.of(document, schema), method)

    def check(self, answers: Iterable[tuple[Answer, Span]], asked: Collection[str]) -> Checked:
        """Return what stands of the answers about parts of the document, of each claim the one that stands first."""
        checked = Checked()
        for answer, part in answers:
            for item in answer["claims"]:
                wrote = written(item)
                found = self._claim(wrote, part, asked) if wrote else FORM
                if isinstance(found, str):
                    checked.rejected[found] += 1
                    if wrote:
                        checked.examples.setdefault(found, wrote)
                    continue
                checked.accepted += 1
                key = (
                    name_key(found.model or ""),
                    found.relation,
                    identity(self.schema.relation(found.relation), found.value, self.schema),
                    found.stage,
                )
                if key not in checked.claims or found.sort_key() < checked.claims[key].sort_key():
                    checked.claims[key] = found
        return checked

    def _claim(self, wrote: Written, part: Span, asked: Collection[str]) -> Claim | str:
        """Return a claim with its place, or the reason why there is none."""
        relation = self.schema.relations.get(wrote.relation)
        if relation is None or relation.origin != "report":
            return RELATION
        if relation.name not in asked:
            return UNASKED
        if wrote.stage is not None and wrote.stage not in self.schema.stages:
            return STAGE
        if wrote.model is not None and not self.places.says(wrote.model):
            return MODEL
        quote = self.places.quote(wrote.quote, part.start, part.end)
        if quote is None:
            return QUOTE
        mentions = list(islice(self.places.mentions(wrote.mention, quote), MOST_MENTIONS))
        if not mentions:
            return MENTION
        amount = self._amount(relation, wrote, mentions) if is_amount(relation) else self._word(relation, wrote, mentions[0], quote)
        return self._placed(relation, wrote, amount) if amount else VALUE

    def _amount(self, relation: Relation, wrote: Written, mentions: Iterable[Span]) -> Amount | None:
        """Return the number that the mentions state: the model's if one does, else the first."""
        found = [amount for mention in mentions if (amount := self._stated(relation, wrote, mention))]
        return next((amount for amount in found if same(relation, amount.value, wrote.value)), found[0] if found else None)

    def _stated(self, relation: Relation, wrote: Written, mention: Span) -> Amount | None:
        if amount := self.amounts.read(relation, mention, wrote.value):
            return amount
        words = " ".join(self.document.text[mention.start : mention.end].split())
        amount = alone(words, relation, wrote.value, self.schema)
        return replace(amount, span=mention) if amount else None

    def _word(self, relation: Relation, wrote: Written, mention: Span, quote: Span) -> Amount | None:
        text = self.document.text
        words = text[mention.start : mention.end]
        if relation.values:
            value = listed(relation, wrote.value, words, self.schema)
        else:
            value = named(relation, wrote.value, words, text[quote.start : quote.end], self.schema)
        return Amount(value, mention) if value else None

    def _placed(self, relation: Relation, wrote: Written, amount: Amount) -> Claim:
        start, end = amount.span.start, amount.span.end
        return Claim(
            report=self.document.id,
            model=wrote.model,
            relation=relation.name,
            value=amount.value,
            start=start,
            end=end,
            mention=self.document.source[start:end],
            stage=None if relation.domain == "Model" else wrote.stage,
            approximate=amount.approximate,
            value_max=amount.value_max,
            unit=amount.unit,
            method=self.method,
        )


def lines(checked: Checked) -> Iterator[str]:
    """Yield a line for each reason of rejection with its count and one example, sorted."""
    for reason, count in sorted(checked.rejected.items()):
        wrote = checked.examples.get(reason)
        yield f"{count}: {reason}" + (f" ({wrote.relation} “{_short(wrote.value)}”)" if wrote else "")


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else words[:59] + "…"
