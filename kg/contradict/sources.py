"""Two reports, or a report and a row of a table, that state different values of one model or run (KG301).

Inside one report that is a finding of the shapes (KG103), or of a tag against prose (KG303). A report that states several values
itself is unclear, and is compared with none. What a table estimates is compared as an estimate.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from kg.contradict._known import Known, parts
from kg.contradict._numbers import Number, all_stay, label, number_of
from kg.contradict._values import may_be_same, spoken, value_text
from kg.interval import Interval
from kg.model import Claim, Finding
from kg.runs import ModelReport
from kg.values import name_key

_FILE = re.compile(r".*?\.csv(?:\.\w+)?/")
_WITHIN = 3  # times less or more: what a table of estimates promises of those it is confident of
_DIGITS = 3
_SEVERAL = 2  # differences, without anything that is equal
_TELLING = frozenset({"trainingDataset", "globalBatchSize", "trainingExamples", "extends", "accelerator", "organization"})
_ESTIMATES = frozenset({"trainingCompute"})
_ROUNDED = frozenset({"parameterCount", "trainingCompute"})


def findings(known: Known) -> Iterator[Finding]:
    """Yield the relations of a model or run of which reports state different values."""
    for models in known.together():
        clear = [model for model in models if not _is_family(model, map(name_key, known.labels[model.report]))]
        if len(clear) > 1 and not _is_several_rows(clear):
            yield from _between(clear, known)


def _is_family(model: ModelReport, names: Iterable[str]) -> bool:
    """Return whether a report names another model that is called like this one and more: then this is what they have in common."""
    own = name_key(model.label)
    return any(name.startswith(own) and name != own for name in names)


def _is_several_rows(models: Sequence[ModelReport]) -> bool:
    """Return whether a table has several rows of one name: to the table they are different models."""
    files = [match[0] for model in models if model.table and (match := _FILE.match(model.report))]
    return len(files) > len(set(files))


def _between(models: Sequence[ModelReport], known: Known) -> Iterator[Finding]:
    sides: dict[tuple[str | None, str], dict[str, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for model in models:
        for stage, said in parts(model):
            for relation, claims in said.items():
                if relation in known.functional or relation in _TELLING:
                    sides[stage, relation][model.report].extend(claims)
    if not _is_one_thing(sides.values()):
        return
    for (stage, relation), by_report in sides.items():
        clear = [claims[0] for claims in by_report.values() if _is_clear(claims) and known.of_one_model(claims[0])]
        differing = _differing(clear)
        if differing and relation in known.functional:
            yield _finding(models[0].label, known.subject(models[0].iri, stage, relation), relation, differing)


def _is_one_thing(sides: Iterable[Mapping[str, Sequence[Claim]]]) -> bool:
    """Return whether reports that share a name are about one model: those that agree on nothing are about two."""
    differing = 0
    for by_report in sides:
        if len(by_report) > 1:
            if _any_agree(list(by_report.values())):
                return True
            differing += 1
    return differing < _SEVERAL


def _any_agree(claims: Sequence[Sequence[Claim]]) -> bool:
    """Return whether two reports state a value that may be the same."""
    first, *others = claims
    values = {claim.value for claim in first}
    if any(claim.value in values for other in others for claim in other):
        return True
    return any(_agree(one, claim) for one in first for other in others for claim in other)


def _is_clear(claims: Sequence[Claim]) -> bool:
    return len(claims) == 1 or all(may_be_same(one, other) for one in claims for other in claims)


def _differing(claims: Sequence[Claim]) -> list[Claim]:
    """Return one claim for each value when two of them cannot be the same; nothing else."""
    values: dict[str, Claim] = {}
    for claim in claims:
        values.setdefault(claim.value, claim)
    distinct = list(values.values())
    return distinct if any(not _agree(one, other) for one in distinct for other in distinct) else []


def _agree(one: Claim, other: Claim) -> bool:
    if may_be_same(one, other):
        return True
    first, second = number_of(one), number_of(other)
    return first is not None and second is not None and _open(first).meets(_open(second))


def _open(number: Number) -> Interval:
    """Return what a number leaves open between reports: large ones are often rounded, what a table computes is an estimate."""
    claim, interval = number.claim, number.interval
    if claim.relation in _ESTIMATES and claim.method.startswith("table"):
        return Interval(interval.low / _WITHIN, interval.value, (interval.high or interval.value) * _WITHIN)
    if claim.relation in _ROUNDED and number.value >= 10**6:
        half = Fraction(10) ** (len(str(int(number.value))) - _DIGITS) / 2
        digits = str(int(number.value)).rstrip("0")
        if len(digits) <= _DIGITS:
            return interval.hull(Interval(number.value - half, number.value, number.value + half))
    return interval


def _finding(name: str, subject: str, relation: str, claims: Sequence[Claim]) -> Finding:
    return Finding(
        "KG301",
        "warning",
        f"{name}: reports state different values of the {spoken(relation)} ({', '.join(map(value_text, claims))})",
        tuple(label(claim, f"{spoken(relation)} {value_text(claim)}") for claim in claims),
        (all_stay(len(claims)),),
        claims[0].report,
        subject,
        relation,
    )
