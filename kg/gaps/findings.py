"""Facts that no report states of a model -> findings (KG201 to KG205), each at the nearest evidence about what is missing.

A model has at most one finding of each code, over all of its reports. What a finding about the input (KG4xx) says cannot be read is
no gap. What may be stated (a suggestion) is shown where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.gaps.told import Told, of_whole, told
from kg.model import Claim, Derivation, Finding, Label, Undetermined
from kg.runs import ModelReport
from kg.schema import Schema


@dataclass(frozen=True, slots=True)
class _Fact:
    """A fact that is looked for: its words, the relations of which any answers it, beginnings of words that would tell it."""

    name: str
    relations: tuple[str, ...]
    words: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kind:
    """Facts that are missed together, and the relations whose claims are nearest to them."""

    code: str
    facts: tuple[_Fact, ...]
    near: tuple[str, ...]


_KINDS = (
    _Kind(
        "KG201",
        (
            _Fact("number of parameters", ("parameterCount",)),
            _Fact("base model", ("extends", "languageModel", "imageEncoder")),
            _Fact("license", ("license",), ("licens", "licenc")),
            _Fact("release year", ("releaseYear",)),
            _Fact("developer", ("organization",)),
        ),
        (),
    ),
    _Kind(
        "KG202",
        (_Fact("training data", ("trainingDataset",)), _Fact("amount of training data", ("trainingExamples",))),
        ("trainingDataset", "trainingExamples"),
    ),
    _Kind(
        "KG203",
        (
            _Fact("accelerator", ("accelerator",)),
            _Fact("number of accelerators", ("acceleratorCount", "acceleratorHours"), derived=("impliedAcceleratorCount",)),
            _Fact("training time", ("duration", "acceleratorHours")),
        ),
        ("accelerator", "acceleratorCount", "duration"),
    ),
    _Kind(
        "KG204",
        (
            _Fact("optimizer", ("optimizer",), ("optimi",)),
            _Fact("learning rate", ("peakLearningRate",), ("learning rate",)),
            _Fact("batch size", ("globalBatchSize", "perDeviceBatchSize"), ("batch",), ("impliedGlobalBatchSize",)),
            _Fact("number of steps or epochs", ("steps", "epochs")),
        ),
        ("optimizer", "peakLearningRate", "learningRateSchedule", "globalBatchSize", "perDeviceBatchSize"),
    ),
)
_UNDERIVED = "KG205"
_NEAR_UNDERIVED = ("accelerator", "acceleratorCount", "acceleratorHours", "duration", "parameterCount", "trainingExamples")


def gap_findings(
    models: Iterable[ModelReport],
    derivation: Derivation,
    schema: Schema,
    texts: Mapping[str, str],
    suggestions: Iterable[Claim] = (),
    findings: Iterable[Finding] = (),
) -> Iterator[Finding]:
    """Yield what no report states of each model; `texts` are the reports' by id, `findings` those about the input."""
    unreadable = {
        (finding.report, finding.relation): f"{finding.code}: {finding.message}"
        for finding in findings
        if finding.code.startswith("KG4") and finding.report and finding.relation
    }
    for model in told(models, derivation, suggestions, unreadable):
        words = _Words(model, schema, texts)
        yield from (finding for kind in _KINDS if (finding := words.gap(kind)))
        if finding := words.underived():
            yield finding


class _Words:
    """Says what is missing of one model, and where something near it stands."""

    __slots__ = ("lower", "model", "schema", "texts")

    def __init__(self, model: Told, schema: Schema, texts: Mapping[str, str]) -> None:
        self.model = model
        self.schema = schema
        self.texts = texts
        self.lower: dict[str, str] = {}  # texts in lower case, each made once

    def gap(self, kind: _Kind) -> Finding | None:
        """Return the finding of a kind; None when nothing of it is missing."""
        open_ = [fact for fact in kind.facts if not any(relation in self.model.claims for relation in fact.relations)]
        lost = [fact for fact in open_ if any(relation in self.model.unreadable for relation in fact.relations)]
        missing = [fact for fact in open_ if fact not in lost]
        if not missing:
            return None
        spots = [(fact, self._spot(fact)) for fact in missing]
        labels = [self._nearest(kind.near), *self._suggested(missing), *(label for _, label in spots if label)]
        notes = [f"looked for {'; '.join(self._looked(fact, label) for fact, label in spots)}"]
        notes += [note for fact in missing for note in self._computed(fact)]
        notes += [f"{fact.name}: not called a gap, because it could not be read ({self._why(fact)})" for fact in lost]
        message = f"{self.model.label}: no {_listed([fact.name for fact in missing])} is stated"
        return self._finding(kind.code, message, labels, notes, missing[0].relations[0])

    def underived(self) -> Finding | None:
        """Return the finding about quantities that cannot be derived; None when there is none."""
        known = {(fact.subject, fact.relation) for facts in self.model.derived.values() for fact in facts}
        gaps = [
            gap
            for gap in self.model.undetermined
            if (gap.subject, gap.relation) not in known and not any(name in self.model.unreadable for name in gap.missing)
        ]
        if not gaps:
            return None
        first, *others = sorted(gaps, key=lambda gap: (len(gap.missing), gap.stage or "", gap.relation))
        notes = [f"missing: {', '.join(first.missing)}"] if first.missing else []
        notes += dict.fromkeys(f"nor {self._quantity(gap)}: {gap.reason}" for gap in others)
        message = f"{self.model.label}: cannot tell {self._quantity(first)}: {first.reason}"
        near = [name for name in _NEAR_UNDERIVED if name not in first.missing]
        return self._finding(_UNDERIVED, message, [self._nearest(near)], notes, first.relation)

    def _finding(self, code: str, message: str, labels: Iterable[Label], notes: Iterable[str], relation: str) -> Finding:
        found = tuple(dict.fromkeys(labels))
        return Finding(code, "info", message, found, tuple(notes), found[0].report, self.model.iri, relation)

    def _nearest(self, relations: Iterable[str]) -> Label:
        """Return a label of the first claim about one of the relations, else of the model's name, else of the first of all."""
        for relation in (*relations, "name"):
            if claims := self.model.claims.get(relation):
                return self._label(claims[0])
        return self._label(min(self.model.every(), key=Claim.sort_key))

    def _label(self, claim: Claim) -> Label:
        words = "the model" if claim.relation == "name" else f"{self._called(claim.relation)} {claim.value}"
        return Label(claim.report, claim.start, claim.end, words)

    def _suggested(self, missing: Iterable[_Fact]) -> Iterator[Label]:
        """Yield labels of the best suggestion for each relation that is missing."""
        for relation in (relation for fact in missing for relation in fact.relations):
            for claim in self.model.suggestions.get(relation, ())[:1]:
                words = f"may be the {self._called(relation)} ({claim.score:.2f} sure): kg review tells more"
                yield Label(claim.report, claim.start, claim.end, words)

    def _spot(self, fact: _Fact) -> Label | None:
        """Return a label of the first word that would tell a fact by its beginning, in the first report that has one."""
        for report in self._prose() if fact.words else ():
            text = self._lower(report)
            starts = [(text.find(word), word) for word in fact.words]
            at, word = min(((at, word) for at, word in starts if at >= 0), default=(-1, ""))
            if at >= 0:
                end = next((end for end in range(at + len(word), len(text)) if not text[end].isalnum()), len(text))
                return Label(report, at, end, f"stands here, and no {fact.name} was read")
        return None

    def _lower(self, report: str) -> str:
        if report not in self.lower:
            text = self.texts[report]
            lower = text.lower()
            self.lower[report] = lower if len(lower) == len(text) else text  # a few letters become two
        return self.lower[report]

    def _prose(self) -> list[str]:
        return [report.report for report in self.model.reports if not report.table and report.report in self.texts]

    def _looked(self, fact: _Fact, spot: Label | None) -> str:
        """Return the relations that were looked for, and that no word of the reports would tell them."""
        relations = _listed(fact.relations)
        if not fact.words or spot or not self._prose():
            return relations
        return f"{relations} (no report says {_listed([f'“{word}…”' for word in fact.words])})"

    def _computed(self, fact: _Fact) -> Iterator[str]:
        for relation in fact.derived:
            for derived in of_whole(self.model.derived.get(relation, ())):
                yield f"derived: {derived.formula}"

    def _why(self, fact: _Fact) -> str:
        return next(self.model.unreadable[relation] for relation in fact.relations if relation in self.model.unreadable)

    def _quantity(self, gap: Undetermined) -> str:
        relation = self.schema.relation(gap.relation)
        label = self._called(relation.in_place_of or gap.relation)
        return f"{label} of {gap.stage}" if gap.stage else label

    def _called(self, relation: str) -> str:
        return self.schema.relation(relation).label


def _listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists alternatives.

    >>> _listed(["license", "developer", "country"]), _listed(["license"])
    ('license, developer or country', 'license')
    """
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
