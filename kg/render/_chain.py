"""Why a fact is in the graph -> text: each value with the words that state it, marked in their line, or the formula and its inputs.

All facts of a thing are listed in brief, a line each; a few are shown in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from kg.chain import Absent, Answer, Computed, Fact, Known, Remark, Said, Thing
from kg.model import Label
from kg.places import ReportSource
from kg.render._color import paint
from kg.render._text import LEVELS
from kg.render.full import excerpts
from kg.terminal import cells, visible

FEW = 3
"""Facts that are shown in full although all were asked for."""

_INDENT = "  "
_WIDEST = 44  # cells of a column of the list, beyond which a longer value pushes the rest of its line away
_LEAST = 40
_MOST = 5  # reports that are named of those that describe a model
_LONG = 16  # digits of a number from which on it is written with an exponent
_DIGITS = 6  # that are then shown
_NUMBER = re.compile(r"\d+(\.\d+)?")


def answer_text(answer: Answer, sources: Mapping[str, ReportSource], *, color: bool, width: int, full: bool = False) -> str:
    """Return an answer as blocks with an empty line between them; a list where all facts were asked for, unless they are few."""
    brief = answer.whole and not full and len(answer.facts) > FEW
    page = _Page(sources, color, width)
    alone = not (answer.facts or answer.absent)
    blocks = [list(_thing(thing, color)) for thing in answer.things if brief or alone or thing.known]
    if brief:
        blocks += _listed(answer.facts, color, named=len({fact.model for fact in answer.facts}) > 1)
    else:
        blocks += [list(page.fact(fact)) for fact in answer.facts]
    blocks += [list(page.absent(lack)) for lack in answer.absent]
    if answer.resting:
        blocks += ([f"computed from it: {head}", *lines] for head, *lines in _listed(answer.resting, color, named=True))
    if alone and not any(thing.known for thing in answer.things):
        blocks.append([f"nothing is known of {visible(answer.asked)}"])
    if answer.unstated:
        blocks.append([f"not stated: {', '.join(answer.unstated)}"])
    return "\n".join("".join(f"{line.rstrip()}\n" for line in block) for block in blocks if block)


def _thing(thing: Thing, color: bool) -> Iterator[str]:
    yield paint(visible(thing.label), "strong", color) + f"  {thing.kind} {visible(thing.iri)}"
    if thing.names:
        yield f"{_INDENT}also called {visible(', '.join(thing.names))}"
    if thing.reports:
        more = f" and {len(thing.reports) - _MOST:,} more" if len(thing.reports) > _MOST else ""
        yield f"{_INDENT}described in {visible(', '.join(thing.reports[:_MOST]))}{more}"
    size = max((len(fact.relation) for fact in thing.known), default=0)
    for fact in thing.known:
        yield f"{_INDENT}{fact.relation:<{size}}  {visible(fact.name or _number(fact.value))}"
    for what, texts in (("source", _all(thing.known, "sources")), ("credit", _all(thing.known, "credits"))):
        yield from (f"{_INDENT}{what}: {visible(text)}" for text in texts)


def _all(known: Iterable[Known], name: str) -> list[str]:
    return sorted({text for fact in known for text in getattr(fact, name)})


def _listed(facts: Iterable[Fact], color: bool, *, named: bool) -> Iterator[list[str]]:
    """Yield a block for each part of a thing: the model itself, its training, each stage; with the model's name if it is wanted."""
    for (label, part), some in groupby(facts, key=lambda fact: (fact.label if named else "", _part(fact))):
        head = ", ".join(filter(None, (label, part)))
        yield [paint(visible(head), "strong", color), *_lines(list(some), color)]


def _part(fact: Fact) -> str:
    return "the model" if fact.subject == fact.model else fact.stage or "training"


def _lines(facts: Sequence[Fact], color: bool) -> list[str]:
    """Return a line for each fact: relation, value, and the words or the formula."""
    rows = [(fact.relation, visible(_value(fact)), _because(fact)) for fact in facts]
    sizes = [min(max((cells(row[at]) for row in rows), default=0), _WIDEST) for at in (0, 1)]
    return [
        f"{_INDENT}{relation}{' ' * (sizes[0] - len(relation))}  {value}{' ' * (sizes[1] - cells(value))}  {why}"
        for relation, value, why in rows
    ]


def _because(fact: Fact) -> str:
    if fact.claims:
        more = f" and {len(fact.claims) - 1} more" if len(fact.claims) > 1 else ""
        return _quoted(fact.claims[0]) + more
    return visible(f"= {fact.derived[0].formula}") if fact.derived else ""


def _quoted(claim: Said) -> str:
    mention = claim.words.mention
    return visible(claim.words.spot + (f" “{' '.join(mention.split())}”" if mention else ""))


def _number(text: str) -> str:
    """Return a number as people read it, digits in groups, a long one with an exponent; any other text as it is.

    >>> _number("13000000000"), _number("12680500000000000000000"), _number("0.0001"), _number("2023"), _number("P21D")
    ('13,000,000,000', '1.26805e22', '0.0001', '2023', 'P21D')
    """
    if not _NUMBER.fullmatch(text):
        return text
    whole, _, rest = text.partition(".")
    if len(whole) < _LONG:
        return f"{int(whole):,}{'.' if rest else ''}{rest}" if len(whole) > 4 else text
    digits = whole.rstrip("0")[:_DIGITS]
    return f"{digits[0]}.{digits[1:] or '0'}e{len(whole) - 1}".replace(".0e", "e")


def _value(fact: Fact) -> str:
    first = fact.claims[0] if fact.claims else None
    if first:
        return _amount(first)
    return _bounded(fact.derived[0]) if fact.derived else fact.name or _number(fact.value)


def _amount(claim: Said) -> str:
    """Return the value of a claim in words: `about 129000000 image-text pairs`."""
    value = claim.name or claim.value
    span = f"{_number(value)} to {_number(claim.value_max)}" if claim.value_max else _number(value)
    return f"{'about ' if claim.approximate else ''}{span}{f' {claim.unit}' if claim.unit else ''}"


def _bounded(item: Computed) -> str:
    """Return the value of a derived fact with its interval."""
    value = f"{_number(item.value)} {item.unit}" if item.unit else _number(item.value)
    low, high = _number(item.low or item.value), item.high and _number(item.high)
    if high is None:
        return f"{value} or more" if low == _number(item.value) else f"{value} ({low} or more)"
    return value if low == high else f"{value} ({low} to {high})"


class _Page:
    """How facts are drawn: with which reports, in colour or not, how wide."""

    def __init__(self, sources: Mapping[str, ReportSource], color: bool, width: int) -> None:
        self.sources, self.color, self.width = sources, color, width

    def fact(self, fact: Fact) -> Iterator[str]:
        """Yield a fact with all that it rests on."""
        yield self._head(
            fact.label, fact.stage, fact.relation, _value(fact), "" if fact.certain else " (possibly: the row does not say)"
        )
        labels = [self._label(claim) for claim in fact.claims]
        labels += [self._label(claim, "otherwise ") for other in fact.others for claim in other.claims]
        yield from self._excerpts(labels)
        for item in fact.derived:
            yield from self._computed(item)
        for other in fact.others:
            if not other.claims:
                yield self._note("otherwise", f"{_value(other)}  {_because(other)}")
        yield from self._remarks(fact.remarks)

    def absent(self, lack: Absent) -> Iterator[str]:
        """Yield what there is to say of a fact that is not there."""
        word = "not computed" if lack.origin == "derived" else "not stated"
        yield self._head(lack.label, lack.stage, lack.relation, word)
        yield self._note("looked for", lack.looked_for)
        if lack.origin != "derived":
            yield self._note("as in", f"“{lack.example}”")
        yield self._note("in", ", ".join(lack.reports) or "no report")
        yield from self._remarks(lack.remarks)
        for fact in lack.instead:
            where = fact.stage or "the whole training"
            yield self._note("instead", f"{fact.relation} of {where} is {_value(fact)}  {_because(fact)}")
        for claim in lack.suggestions:
            yield self._note("perhaps", f"{_amount(claim)}, a suggestion with score {claim.score}; kg review tells more")
            yield from self._excerpts([self._label(claim)])

    def _computed(self, item: Computed, depth: int = 0) -> Iterator[str]:
        """Yield how a derived fact was computed, its inputs further in."""
        if item.repeated:
            yield self._note("computed", "as above")
            return
        yield self._note("formula", item.formula)
        for name, texts in (("rule", [item.rule]), ("assuming", item.assumptions), ("figure", item.figures)):
            yield from (self._note(name, text) for text in texts)
        yield from self._credits(item.catalog)
        yield from self._excerpts([self._label(claim, f"{claim.relation} ") for claim in item.claims])
        for part in item.inputs:
            inner = _Page(self.sources, self.color, max(self.width - len(_INDENT), _LEAST))
            lines = (inner._head(part.label, part.stage, part.relation, _bounded(part)), *inner._computed(part, depth + 1))
            yield from (_INDENT + line for line in lines)

    def _credits(self, known: Iterable[Known]) -> Iterator[str]:
        yield from (self._note("credit", text) for text in _all(known, "credits"))

    def _remarks(self, remarks: Iterable[Remark]) -> Iterator[str]:
        for remark in remarks:
            yield self._note(f"{LEVELS.get(remark.severity, remark.severity)}[{remark.code}]", remark.message)
            yield from (self._note("note", note) for note in remark.notes)

    def _head(self, label: str, stage: str | None, relation: str, value: str, after: str = "") -> str:
        name = visible(f"{label}, {stage}" if stage else label)
        return f"{name}: {paint(relation, 'note', self.color)} {paint(visible(value), 'strong', self.color)}{visible(after)}"

    def _note(self, name: str, text: str) -> str:
        return f" {paint('=', 'frame', self.color)} {paint(name, 'strong', self.color)}: {visible(text)}"

    def _label(self, claim: Said, before: str = "") -> Label:
        text = f"{before}{_amount(claim)}, {f'by {claim.method}' if claim.method != 'rule' else 'by rule'}"
        return Label(claim.words.report, claim.words.start, claim.words.end, text)

    def _excerpts(self, labels: Sequence[Label]) -> Iterator[str]:
        if labels:
            yield from excerpts(labels, self.sources, "note", color=self.color, width=self.width)
