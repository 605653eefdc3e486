"""What decisions do to what was read, where they hold, and why they do not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kg.decisions import Decision, Decisions, OfClaim, OfNames, Quote, Statement, fold
from kg.errors import ConfigError
from kg.model import Claim, Span
from kg.review import METHOD, STATES, Applied, Outcome, Read, apply, described, findings, lines, quote_at, rows

TEXT = "We introduce Kestrel-7B. It was trained on 128 GPUs for 3 days.\n\nMerlin was trained on 64 GPUs.\n"
RELATION = "acceleratorCount"


def at(words: str, text: str = TEXT) -> dict[str, Any]:
    start = text.index(words)
    return {"start": start, "end": start + len(words), "mention": words}


def said(
    value: str, words: str, model: str | None = "Kestrel-7B", stage: str | None = None, text: str = TEXT, **more: Any
) -> Claim:
    return Claim(report="a.txt", model=model, relation=RELATION, value=value, stage=stage, **at(words, text), **more)


KESTREL, MERLIN = said("128", "128"), said("64", "64", "Merlin", "pretraining")
READ = Read("a.txt", TEXT, (KESTREL,), (MERLIN,))


def about(do: Any, claim: Claim, to: Statement | None = None, *, line: int = 1, **more: Any) -> OfClaim:
    quote = quote_at(TEXT, fold(TEXT), Span(claim.start, claim.end))
    return OfClaim(do, claim.report, Statement.of(claim), quote, to, line=line, **more)


def applied(decisions: Iterable[Decision], *reads: Read, spellings: Iterable[tuple[str, str]] = ()) -> Applied:
    return apply(
        Decisions(Path("kg-decisions.toml"), tuple(decisions)), {read.report: read for read in reads or (READ,)}, spellings
    )


def outcome(decision: Decision, *reads: Read) -> tuple[str, str]:
    (found,) = applied([decision], *reads).outcomes
    return found.state, found.reason


def after(text: str, *claims: Claim, suggestions: tuple[Claim, ...] = (), report: str = "a.txt", file: str | None = None) -> Read:
    return Read(report, text, claims, suggestions, file)


def test_an_accepted_suggestion_is_a_claim() -> None:
    found = applied([about("accept", MERLIN)])
    (kept, new) = found.claims["a.txt"]
    assert kept is KESTREL
    assert (new.value, new.stage, new.method, new.score, new.mention) == ("64", "pretraining", METHOD, 1.0, "64")
    assert (new.start, new.end) == (MERLIN.start, MERLIN.end)
    assert found.suggestions == {"a.txt": ()}


def test_a_confirmed_claim_stands_once() -> None:
    (claim,) = applied([about("accept", KESTREL)]).claims["a.txt"]
    assert (claim.value, claim.method) == ("128", METHOD)


@pytest.mark.parametrize(("claim", "left"), [(KESTREL, ((), (MERLIN,))), (MERLIN, ((KESTREL,), ()))])
def test_what_is_rejected_is_neither_claim_nor_suggestion(claim: Claim, left: tuple[object, object]) -> None:
    found = applied([about("reject", claim)])
    assert (found.claims["a.txt"], found.suggestions["a.txt"]) == left


@pytest.mark.parametrize(
    "to",
    [
        Statement("Kestrel-7B", RELATION, "256"),
        Statement("Kestrel-7B", RELATION, "128", "fine-tuning"),
        Statement("Merlin", RELATION, "128"),
        Statement(None, "globalBatchSize", "128", None, "tokens"),
        Statement("Kestrel-7B", RELATION, "100", None, None, True, "200"),
    ],
)
def test_a_correction_keeps_the_words(to: Statement) -> None:
    (claim,) = applied([about("correct", KESTREL, to)]).claims["a.txt"]
    assert Statement.of(claim) == to
    assert (claim.start, claim.end, claim.mention, claim.method) == (KESTREL.start, KESTREL.end, "128", METHOD)


def test_a_missed_fact_is_added_with_its_words() -> None:
    decision = OfClaim("add", "a.txt", Statement("Kestrel-7B", "duration", "P3D"), Quote("GPUs for 3 days.", "3 days"))
    (_, new) = applied([decision]).claims["a.txt"]
    assert (new.relation, new.value, new.mention, TEXT[new.start : new.end]) == ("duration", "P3D", "3 days", "3 days")


def test_without_decisions_nothing_is_touched() -> None:
    assert applied([]) == Applied()


NAMED = "it was trained on 128 GPUs for 3 days."
EDITED = TEXT.replace("We introduce Kestrel-7B.", "Kestrel-7B, the first of its name,\n is new.")


@pytest.mark.parametrize(
    ("decision", "read", "state", "reason"),
    [
        (about("accept", MERLIN), after(EDITED), "applied", ""),
        (about("reject", KESTREL), after(EDITED, said("128", "128", text=EDITED)), "applied", ""),
        (about("reject", KESTREL), after(EDITED), "idle", "kg does not read it here"),
        (about("reject", KESTREL), after(EDITED, said("128", "3 days", text=EDITED)), "idle", "kg does not read it here"),
        (
            about("reject", KESTREL),
            after(EDITED, said("128", "128", stage="pretraining", text=EDITED)),
            "stale",
            "kg reads these words otherwise now: acceleratorCount 128 (Kestrel-7B, pretraining)",
        ),
        (
            about("correct", KESTREL, Statement("Kestrel-7B", RELATION, "256")),
            after(EDITED, said("1", "128", text=EDITED)),
            "stale",
            "kg reads these words otherwise now: acceleratorCount 1 (Kestrel-7B)",
        ),
        (
            about("correct", KESTREL, Statement("Kestrel-7B", RELATION, "256")),
            after(EDITED, said("256", "128", text=EDITED)),
            "applied",
            "",
        ),
        (about("correct", KESTREL, Statement("Kestrel-7B", RELATION, "256")), after(EDITED), "applied", ""),
        (about("reject", KESTREL), after(TEXT.replace("3 days", "4 days")), "stale", "its quote does not stand in the report"),
        (about("accept", MERLIN), after("nothing"), "stale", "its quote does not stand in the report"),
        (
            about("accept", KESTREL),
            after(TEXT.replace("Kestrel-7B", "Osprey")),
            "stale",
            "the report no longer names Kestrel-7B",
        ),
        (about("reject", KESTREL), after(TEXT.replace("Kestrel-7B", "Osprey")), "idle", "kg does not read it here"),
        (about("accept", KESTREL), after("x", report="b.txt"), "elsewhere", "its report is not in this build"),
    ],
)
def test_what_becomes_of_a_decision_when_the_report_is_edited(decision: OfClaim, read: Read, state: str, reason: str) -> None:
    assert outcome(decision, read) == (state, reason)


def test_what_no_longer_applies_changes_nothing() -> None:
    claim = said("1", "128", text=EDITED)
    found = applied([about("correct", KESTREL, Statement("Kestrel-7B", RELATION, "256"))], after(EDITED, claim))
    assert (found.claims, found.suggestions) == ({}, {})


TWO = "Kestrel-7B:\n\nIt took 128 GPUs.\n\nMerlin:\n\nIt took 128 GPUs.\n"


def two() -> tuple[Claim, Claim]:
    second = TWO.rindex("128")
    return said("128", "128", text=TWO), Claim("a.txt", "Merlin", RELATION, "128", second, second + 3, "128")


def test_of_equal_words_those_are_meant_where_it_is_read() -> None:
    first, second = two()
    quote = Quote("It took 128 GPUs.", "128")
    read = after(TWO, first, second)
    for claim, other in ((first, second), (second, first)):
        found = applied([OfClaim("reject", "a.txt", Statement.of(claim), quote)], read)
        assert found.claims["a.txt"] == (other,)
    assert outcome(OfClaim("add", "a.txt", Statement("Merlin", "steps", "128"), quote), read) == (
        "stale",
        "its quote stands in the report several times, and nothing tells which is meant",
    )


@pytest.mark.parametrize(
    ("ids", "decided", "expected"),
    [
        (["seeds/a.txt"], "a.txt", "seeds/a.txt"),
        (["a.txt"], "reports/deep/a.txt", "a.txt"),
        (["x/a.txt", "a.txt"], "a.txt", "a.txt"),
        (["x/a.txt", "y/a.txt"], "a.txt", "x/a.txt"),
        (["aa.txt", "a.txt.md"], "a.txt", None),
    ],
)
def test_a_report_is_known_from_another_folder(ids: list[str], decided: str, expected: str | None) -> None:
    reads = [after(TEXT if id == expected or len(ids) == 1 else "other words", report=id) for id in ids]
    found = applied([OfClaim("accept", decided, Statement.of(MERLIN), about("accept", MERLIN).quote)], *reads)
    assert list(found.claims) == ([expected] if expected else [])
    assert found.outcomes[0].report == expected


def test_entries_that_moved_in_their_file_are_followed() -> None:
    decision = OfClaim("accept", "papers.jsonl/2", Statement.of(MERLIN), about("accept", MERLIN).quote)
    moved = [after(text, report=f"papers.jsonl/{n}", file="papers.jsonl") for n, text in enumerate(["x", "y", TEXT], 1)]
    assert list(applied([decision], *moved).claims) == ["papers.jsonl/3"]
    twice = [*moved, after(TEXT, report="papers.jsonl/4", file="papers.jsonl")]
    assert outcome(decision, *twice) == ("stale", "its quote does not stand in the report")
    elsewhere = [after("x", report="papers.jsonl/2", file="papers.jsonl"), after(TEXT, report="other.jsonl/2", file="other.jsonl")]
    assert outcome(decision, *elsewhere) == ("stale", "its quote does not stand in the report")


@pytest.mark.parametrize(
    ("second", "how"),
    [
        (OfClaim("accept", "a.txt", Statement.of(KESTREL), Quote("trained on 128 GPUs", "128"), line=9), "contradict each other"),
        (OfClaim("reject", "x/a.txt", Statement.of(KESTREL), Quote("on 128 GPUs", "128 GPUs"), line=9), "say the same"),
    ],
)
def test_decisions_about_one_place_are_found_though_their_quotes_differ(second: OfClaim, how: str) -> None:
    with pytest.raises(ConfigError, match=rf"kg-decisions\.toml:9: the decisions in lines 1 \('reject'\) and 9 .* {how}"):
        applied([about("reject", KESTREL), second])


def test_a_model_keeps_the_spelling_of_the_report() -> None:
    text = TEXT.replace("Merlin", "Mer  lin")
    claim = said("64", "64", "Mer  lin", text=text)
    decision = OfClaim("accept", "a.txt", Statement.of(claim), Quote("trained on 64 GPUs.", "64"))
    (new,) = applied([decision], after(text, claim)).claims["a.txt"]
    assert new.model == "Mer  lin"


def test_half_a_pair_is_no_obstacle() -> None:
    text = TEXT.replace("Merlin", "Mer\ud800lin")
    claim = said("64", "64", "Mer\ud800lin", text=text)
    start = text.index("64")
    quote = quote_at(text, fold(text), Span(start, start + 2))
    (new,) = applied([OfClaim("accept", "a.txt", Statement.of(claim), quote)], after(text, suggestions=(claim,))).claims["a.txt"]
    assert new.model == "Mer\ud800lin"


def test_names_that_no_report_has_are_told() -> None:
    decision = OfNames("same", "dataset", ("CC3M", "Conceptual Captions"))
    (found,) = applied([decision], spellings=[("dataset", "cc3m"), ("model", "conceptualcaptions")]).outcomes
    assert (found.state, found.reason) == ("elsewhere", "no report of this build names the dataset Conceptual Captions")
    assert applied([decision], spellings=[("dataset", "cc3m"), ("dataset", "conceptualcaptions")]).outcomes[0].state == "applied"


# What is told --------------------------------------------------------------------------------------------------------------------


def told() -> tuple[Decisions, tuple[Outcome, ...]]:
    correct = about("correct", KESTREL, Statement(None, "steps", "256"), line=5, note="seen", by="me")
    every = Decisions(
        Path("k.toml"),
        (about("reject", MERLIN), correct, OfNames("different", "dataset", ("A", "B"), line=9), about("accept", MERLIN)),
    )
    return every, tuple(
        Outcome(decision, state, state, "b.txt" if state != "elsewhere" else None, Span(1, 2) if state == "idle" else None)
        for decision, state in zip(every.every, STATES, strict=True)
    )


def test_decisions_are_told_to_people() -> None:
    text = lines(*told()).splitlines()
    assert text[0].endswith(" reject acceleratorCount 64 (Merlin, pretraining): applied: applied")
    assert text[1] == "  a.txt (now b.txt): “Merlin was trained on 64 GPUs.”"
    assert "correct acceleratorCount 128 (Kestrel-7B) to steps 256 (no name): not needed" in text[3]
    assert text[5:8] == ["  why: seen", "  who: me", "  in: k.toml:5"]
    assert text[8].endswith(" different dataset: A, B: no longer applies: stale")


def test_decisions_are_told_to_programs() -> None:
    found = rows(*told())
    assert [row["state"] for row in found] == list(STATES)
    assert (found[1]["to"]["value"], found[1]["note"], found[1]["start"], found[1]["in"]) == ("256", "seen", 1, "b.txt")
    assert found[2]["names"] == ["A", "B"]
    assert found[0]["quote"] == "Merlin was trained on 64 GPUs."


def test_findings_are_about_what_does_not_apply() -> None:
    stale, elsewhere = findings(*told())
    assert (stale.code, stale.severity, stale.report, stale.labels, stale.relation) == ("KG460", "warning", "b.txt", (), None)
    assert stale.message == "a decision no longer applies: different dataset: A, B: stale"
    assert (elsewhere.code, elsewhere.severity) == ("KG461", "info")
    assert elsewhere.message == "a decision is about what this build does not hold"


def test_a_finding_lists_ten_decisions_at_most() -> None:
    many = tuple(about("accept", said("128", "128", f"M{n}"), line=n) for n in range(12))
    (finding,) = findings(Decisions(None, many), [Outcome(decision, "elsewhere", "gone") for decision in many])
    assert finding.message == "12 decisions are about what this build does not hold"
    assert (len(finding.notes), finding.notes[-1]) == (11, "and 2 more: kg review list")


def test_a_place_that_is_known_is_shown() -> None:
    decision = about("accept", KESTREL)
    (finding,) = findings(Decisions(None, (decision,)), [Outcome(decision, "stale", "why", "a.txt", Span(3, 5))])
    assert [(label.report, label.start, label.end) for label in finding.labels] == [("a.txt", 3, 5)]
    assert finding.notes[0] == "decided about: “It was trained on 128 GPUs for 3 days.”"
    assert finding.notes[1].endswith(f"kg review undo {decision.id} takes the decision back")


def test_a_decision_in_words() -> None:
    assert described(OfNames("same", "model", ("A", "B"))) == "same model: A, B"
