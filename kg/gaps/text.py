"""Scores -> text to read: aligned tables, Markdown, or CSV; one model with its words, many models, or groups of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from kg.errors import UnknownName
from kg.gaps.answers import Answer, Score
from kg.gaps.compute import Amount, bounds, compute_of, verdict
from kg.gaps.groups import By, Group
from kg.gaps.profile import Profile
from kg.gaps.rows import Sources
from kg.gaps.table import Table, aligned, as_csv, escaped, markdown
from kg.gaps.told import Told
from kg.interval import shown
from kg.model import Claim, Derived, Label
from kg.places import place
from kg.terminal import visible

FORMATS = ("csv", "markdown", "text")

_FEW = 3  # claims that are shown of one fact, and missing facts that are named in a table
_STATE = 15  # cells of "possibly stated"


def of_models(scored: Sequence[tuple[Told, Score]], profile: Profile, format: str) -> str:
    """Return a line for each model: its score, what is missing, on which side of the thresholds it is; raise UnknownName."""
    names = ("model", "score", "answered", "asked", *_names_of_sides(profile, format), "missing")
    few = None if checked(format) == "csv" else _FEW
    rows = tuple(
        (
            model.label,
            _percent(score.part, format),
            _plain(score.answered),
            _plain(score.asked),
            *_sides(model, profile, format),
            _named([answer.asked.name for answer in score.missing], few),
        )
        for model, score in scored
    )
    return _document(profile, Table(names, rows, frozenset({1, 2, 3})), format)


def _names_of_sides(profile: Profile, format: str) -> Iterator[str]:
    for item in profile.thresholds:
        yield f"{_flop(item.flop)} FLOP"
        if format == "csv":
            yield f"{_flop(item.flop)} FLOP own training"


def _sides(model: Told, profile: Profile, format: str) -> Iterator[str]:
    """Yield on which side of each threshold a model is; its own training alone too, in CSV always, else where it differs."""
    if not profile.thresholds:
        return
    compute = compute_of(model)
    for item in profile.thresholds:
        whole, own = verdict(item.flop, compute.whole), verdict(item.flop, compute.own)
        yield whole if format == "csv" or whole == own else f"{whole} (own training: {own})"
        if format == "csv":
            yield own


def of_groups(found: Sequence[Group], by: By, profile: Profile, format: str) -> str:
    """Return a line for each group: how many models, their mean score, what is missing most often; raise UnknownName."""
    few = None if checked(format) == "csv" else _FEW
    rows = tuple(
        (
            group.value,
            str(len(group.models)),
            str(group.by_catalog),
            _percent(group.mean, format),
            _named([f"{name} ({count})" for name, count in group.missing], few),
        )
        for group in found
    )
    names = (by, "models", "by catalogue", "mean score", "most often missing (models)")
    remark = "by catalogue: no report states the country; the catalogue knows where the developer is based"
    guessed = any(group.by_catalog for group in found)
    kept = [0, 1, 2, 3, 4] if guessed or format == "csv" else [0, 1, 3, 4]
    table = Table(
        tuple(names[column] for column in kept),
        tuple(tuple(row[column] for column in kept) for row in rows),
        frozenset(range(1, len(kept) - 1)),
    )
    return _document(profile, table, format, remark if guessed else "")


def of_model(model: Told, score: Score, profile: Profile, sources: Sources, format: str) -> str:
    """Return how each fact about one model stands, with the words that state it; raise UnknownName."""
    if checked(format) == "text":
        return "".join(f"{visible(line)}\n" for line in _told(model, score, profile, sources))
    names = ("fact", "state", "counts", "of", "what is said")
    rows = tuple(
        (answer.asked.name, answer.state, _plain(answer.counts), _plain(answer.worth), "; ".join(_details(answer, sources, None)))
        for answer in score.answers
    )
    table = Table(names, rows, frozenset({2, 3}))
    if format == "csv":
        return as_csv(table)
    heading = f"## {escaped(model.label)}\n\n{escaped(_headline(score, profile))}\n\n"
    lists = ("".join(f"- {escaped(line.strip())}\n" for line in lines) for lines in (_compute(model, profile), _sources(profile)))
    return "\n".join([heading + markdown(table), *filter(None, lists)])


def checked(format: str) -> str:
    """Return a format that there is; raise UnknownName."""
    if format not in FORMATS:
        raise UnknownName("format of gaps", format, FORMATS)
    return format


def _told(model: Told, score: Score, profile: Profile, sources: Sources) -> Iterator[str]:
    yield f"{model.label}: {_headline(score, profile)}"
    yield f"described in {', '.join(_path(report.report, sources) for report in model.reports)}"
    yield ""
    for answer in score.answers:
        counted = f"{_plain(answer.counts)} of {_plain(answer.worth)}" if answer.worth else ""
        yield f"{answer.state:<{_STATE}}  {counted:<10}  {answer.asked.name}"
        yield from (f"{'':<{_STATE}}  {'':<10}    {line}" for line in _details(answer, sources, _FEW))
    for lines in (list(_compute(model, profile)), list(_sources(profile))):
        if lines:
            yield ""
            yield from lines


def _sources(profile: Profile) -> Iterator[str]:
    """Yield where the questions come from, when they are not kg's own."""
    for source in profile.sources:
        if source.address:
            yield f"source: {source.title}{f', {source.date}' if source.date else ''}, {source.address}"


def _headline(score: Score, profile: Profile) -> str:
    part = (
        "nothing is asked"
        if score.part is None
        else f"{_percent(score.part, 'text')} ({_plain(score.answered)} of {_plain(score.asked)})"
    )
    return f"{part} of profile {profile.name}"


def _details(answer: Answer, sources: Sources, few: int | None) -> Iterator[str]:
    """Yield what is known of a fact: claims, derived facts, suggestions, what is missing, why."""
    yield from _some([_claim(claim, sources) for claim in answer.claims], few)
    if answer.unsaid:
        yield f"not of {' and '.join(answer.unsaid)}"
    yield from _some([_fact(fact) for fact in answer.derived], few)
    for claim in answer.suggestions:
        yield f"may be {_claim(claim, sources)}, {claim.score:.2f} sure: kg review tells more"
    if answer.missing and answer.state != "derived" and (answer.asked.every or len(answer.asked.relations) > 1):
        yield f"not stated: {', '.join(answer.missing)}"
    if answer.why:
        yield answer.why
    if answer.asked.note and answer.state != "stated":
        yield answer.asked.note


def _claim(claim: Claim, sources: Sources) -> str:
    about = "about " if claim.approximate else ""
    value = f"{claim.value} to {claim.value_max}" if claim.value_max else claim.value
    stage = f" ({claim.stage})" if claim.stage else ""
    at = place(Label(claim.report, claim.start, claim.end), sources)
    spot = f"{at.path}{at.spot}" if at else f"{claim.report}:{claim.start}-{claim.end}"
    return f'{about}{value}{f" {claim.unit}" if claim.unit else ""}{stage}, {spot} "{claim.mention}"'


def _fact(fact: Derived) -> str:
    stage = f" ({fact.stage})" if fact.stage else ""
    low = shown(Fraction(fact.low))
    span = f"at least {low}" if fact.high is None else f"{low} to {shown(Fraction(fact.high))}"
    doubt = "" if fact.low == fact.high else f" ({span})"
    return f"{shown(Fraction(fact.value))} {fact.unit}{doubt}{stage}: {fact.formula}"


def _compute(model: Told, profile: Profile) -> Iterator[str]:
    """Yield the lines about training compute: on which side of each threshold, the estimate, what it does not count."""
    if not profile.thresholds:
        return
    compute = compute_of(model)
    yield "training compute against thresholds" + (f" ({profile.warning})" if profile.warning else "")
    for item in profile.thresholds:
        own = verdict(item.flop, compute.own)
        whole = verdict(item.flop, compute.whole)
        alone = f"; its own training alone: {own}" if compute.own and own != whole else ""
        yield f"  {_flop(item.flop)} FLOP, {item.name}{f' ({item.point})' if item.point else ''}: {whole}{alone}"
    own_too = compute.own is not None and (compute.whole is None or compute.own.interval != compute.whole.interval)
    yield from _amount("estimate", compute.whole if own_too else compute.own or compute.whole, chained=not own_too)
    if own_too:
        yield from _amount("its own training alone", compute.own, chained=True)
    if compute.left_out:
        yield f"  not counted, as nobody tells it: {', '.join(compute.left_out)}"
    yield from (f"  missing: {reason}" for reason in compute.missing)


def _amount(name: str, amount: Amount | None, *, chained: bool) -> Iterator[str]:
    """Yield the lines about an amount of compute; `chained` with the formulas and assumptions of what it comes from."""
    if amount is None:
        yield f"  {name}: none, as no compute is stated and none can be derived"
        return
    yield f"  {name}: {bounds(amount.interval)}, {amount.how}"
    yield from (f"    {fact.formula}" for fact in amount.chain if chained)
    for assumption in dict.fromkeys(
        text for fact in (*amount.derived, *(amount.chain if chained else ())) for text in fact.assumptions
    ):
        yield f"    assumed: {assumption}"


def _path(report: str, sources: Sources) -> str:
    return sources[report].path if report in sources else report


def _some(lines: Sequence[str], few: int | None) -> Iterator[str]:
    yield from lines[:few]
    if few is not None and len(lines) > few:
        yield f"and {len(lines) - few} more"


def _named(names: Sequence[str], few: int | None) -> str:
    hidden = len(names) - few if few is not None else 0
    return ", ".join(names[:few]) + (f" and {hidden} more" if hidden > 0 else "")


def _percent(part: Fraction | None, format: str) -> str:
    if part is None:
        return "" if format == "csv" else "-"
    return f"{float(part):.4f}" if format == "csv" else f"{float(part):.0%}".replace("%", " %")


def _plain(value: Fraction) -> str:
    return f"{float(value):g}"


def _flop(value: Fraction) -> str:
    return shown(value) if value >= 10**15 else _plain(value)


def _document(profile: Profile, table: Table, format: str, remark: str = "") -> str:
    if format == "csv":
        return as_csv(table)
    write = markdown if format == "markdown" else aligned
    said = [text for text in (remark, profile.warning, "\n".join(_sources(profile))) if text]
    return f"{profile.title} (profile {profile.name})\n\n" + write(table) + "".join(f"\n{text}\n" for text in said)
