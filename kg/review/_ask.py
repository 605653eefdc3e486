"""Suggestions, one after the other, to a person who answers with a key each; what was decided is kept at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kg.decisions import Decisions, OfClaim
from kg.errors import UsageError
from kg.review._built import Built
from kg.review._decide import NONE, Remark, correction, judged
from kg.review._listing import UNNAMED, Listed

KEYS = "(a)ccept, (r)eject, (c)orrect, (s)kip, (q)uit? "

Answer = Callable[[str], str | None]
"""Asks for a line; None when nobody answers any more."""


def ask(
    built: Built,
    items: Sequence[Listed],
    decisions: Decisions,
    *,
    show: Callable[[Listed], None],
    answer: Answer,
    say: Callable[[str], None],
    keep: Callable[[OfClaim], Decisions],
    remark: Remark,
) -> int:
    """Ask about each of the suggestions, and return how many were decided; `keep` writes a decision and returns all."""
    decided = 0
    for number, item in enumerate(items, 1):
        show(item)
        reply: OfClaim | str | None = ""
        while reply == "":
            reply = _asked(built, item, decisions, f"{number} of {len(items)}: {KEYS}", answer, say, remark)
        if reply == "q":
            break
        if isinstance(reply, OfClaim):
            decisions = keep(reply)
            decided += 1
    return decided


def _asked(
    built: Built, item: Listed, decisions: Decisions, question: str, answer: Answer, say: Callable[[str], None], remark: Remark
) -> OfClaim | str | None:
    """Return a decision, `q` to stop, None to go on, and nothing when it must be asked again."""
    line = answer(question)
    key = "q" if line is None else line.strip()[:1].lower()
    try:
        if key == "c":
            return correction(built, item, _changes(item, answer), decisions, remark)
        if key in {"a", "r"}:
            return judged(built, [item.id], "accept" if key == "a" else "reject", decisions, remark)[0]
    except UsageError as error:
        say(str(error))
        return ""
    if key in {"s", "q"}:
        return "q" if key == "q" else None
    say("answer with a, r, c, s or q")
    return ""


def _changes(item: Listed, answer: Answer) -> dict[str, str | None]:
    """Ask what is right, where an empty line leaves a part as it is."""
    claim = item.claim
    parts = {"value": claim.value, "stage": claim.stage or NONE, "model": claim.model or UNNAMED, "relation": claim.relation}
    changes: dict[str, str | None] = {}
    for name, now in parts.items():
        reply = (answer(f"  {name} [{now}]: ") or "").strip()
        if reply and reply != now:
            changes[name] = None if reply == {"stage": NONE, "model": UNNAMED}.get(name) else reply
    return changes
