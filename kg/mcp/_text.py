"""What the tools give -> text to read: one line a fact, its words behind it, what was left out at the end.

What reports say is shown without the control characters that could move a reader's cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kg.terminal import visible

Values = Mapping[str, Any]

_INDENT = "  "
_TOLD = {"title": "title", "definition": "means", "example": "example", "domain": "told of", "range": "value"}


def found(given: Values) -> str:
    """Return what a search found, a line each."""
    nothing = f"nothing is called “{given['text']}”: try one word of the name, or its beginning"
    lines = [_found_line(item) for item in given["results"]] or [nothing]
    return _joined(map(visible, lines), given.get("note"))


def _found_line(item: Values) -> str:
    other = f" (matched “{item['matched']}”)" if item["matched"] != item["label"] else ""
    told = f", described in {_many(item['reports'], 'report')}" if item.get("reports") else ""
    return f"{item['label']}{other}: {item['kind']} <{item['iri']}>{told}"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def described(given: Values) -> str:
    """Return what is said of a thing: what it is, its facts by part, what is not stated, findings, what is left out."""
    lines = [*_head(given["thing"])]
    for group in given["groups"]:
        about = "" if group["about"] == given["thing"]["iri"] else f"{group['label']}, "
        lines += ["", f"{about}{group['part']}:", *(_INDENT + _fact(fact) for fact in group["facts"])]
        lines += [f"{_INDENT}source: {source}" for source in (*group.get("sources", ()), *group.get("credits", ()))]
    if not given["groups"] and "definition" not in given["thing"]:
        lines += ["", "no facts"]
    if given.get("notStated"):
        lines += ["", f"not stated by any report: {', '.join(given['notStated'])}"]
    if given["findings"]:
        lines += ["", "findings:", *(_INDENT + line for item in given["findings"] for line in _finding(item))]
    if left := given.get("leftOut"):
        count = f"{left['after']:,} of {given['facts']:,} facts are left out" if left["after"] else "these are the last facts"
        lines += ["", f"{count}: {left['how']}"]
    return _joined(map(visible, lines))


def _head(thing: Values) -> Iterator[str]:
    yield f"{thing['label']}: {thing['kind']} <{thing['iri']}>"
    yield from (f"{title}: {thing[name]}" for name, title in _TOLD.items() if name in thing)
    if thing["names"]:
        yield f"also called: {', '.join(thing['names'])}"
    if thing.get("reports"):
        yield f"described in: {', '.join(thing['reports'])}"
    if thing.get("models"):
        yield f"describes: {', '.join(model['label'] for model in thing['models'])}"
    if thing.get("values"):
        yield f"one of: {', '.join(thing['values'])}"


def _fact(fact: Values) -> str:
    value = f"{fact['name']} <{fact['value']}>" if "name" in fact else fact["value"]
    amount = "".join(
        (
            "about " if fact.get("approximate") else "",
            value,
            f" to {fact['valueMax']}" if "valueMax" in fact else "",
            f" {fact['unit']}" if "unit" in fact else "",
            _bounds(fact),
        )
    )
    return f"{fact['relation']} = {amount} [{fact['origin']}{', disputed' if fact.get('disputed') else ''}]{_because(fact)}"


def _bounds(fact: Values) -> str:
    if "low" not in fact and "high" not in fact:
        return ""
    return f" (from {fact.get('low', '?')} to {fact.get('high', 'unknown')})"


def _because(fact: Values) -> str:
    more = f" and {fact['moreEvidence']:,} more" if "moreEvidence" in fact else ""
    words = "; ".join(_quote(item) for item in fact.get("evidence", ()))
    formula = f" = {fact['formula']}" if "formula" in fact else ""
    return f"{' ' if words else ''}{words}{more}{formula}"


def _quote(item: Values) -> str:
    return f"{item['place']} (chars {item['start']}..{item['end']}) “{item['quote']}”"


def _finding(item: Values) -> Iterator[str]:
    yield f"{item['kind']} {item['code']}: {item['message']}"
    yield from (f"{_INDENT}{note}" for note in item["notes"])


def answered(given: Values) -> str:
    """Return the answer to a query as it was written, the words of its rows, and what was left out."""
    lines = [given["text"].removesuffix("\n")]
    if given["form"] == "rows" and not given["rows"]:
        lines.append("(no rows)")
    for number, row in enumerate(given.get("evidence", ()), 1):
        lines += [visible(f"row {number}: {_cited(item)}") for item in row]
    lines += [f"the ontology does not know {term}" for term in given.get("unknown", ())]
    return _joined(lines, f"truncated: {given['note']}" if given["truncated"] else given.get("note"))


def _cited(item: Values) -> str:
    sure = "" if item["certain"] else " (possibly)"
    formula = f" = {item['formula']}" if "formula" in item else ""
    return f"{item['cell']}{sure} is {item['relation']}{formula} {'; '.join(map(_quote, item['words']))}"


def explained(given: Values) -> str:
    """Return the chain of a fact as it was written, and what was left out."""
    return _joined([given["text"].rstrip("\n")], given.get("leftOut"))


def _joined(lines: Iterable[str], note: str | None = None) -> str:
    return "\n".join([*lines, *([] if note is None else [note])])
