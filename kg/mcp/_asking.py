"""A question to the guard -> JSON values, or what is wrong and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kg.guard import Asked, Broken, Guard, Refused

_TO_DO = {
    "busy": "too many questions at once: wait for some of them and ask again",
    "timeout": "ask for less (a LIMIT, fewer patterns, an IRI in place of a variable), use a named query, or ask a person to start "
    "kg mcp with a longer --timeout",
    "memory": "ask for less: a LIMIT, fewer patterns, no huge ORDER BY or GROUP_CONCAT",
    "limit": "ask for less: a LIMIT, fewer columns",
    "crash": "ask in another way; if it happens again it is a bug in kg",
    "cancelled": "ask again if it is still wanted",
}


class Unanswered(Exception):
    """A question without an answer; the message is for the model that asked: what is wrong, and what to do."""


async def ask(guard: Guard, task: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a task gives; raise Unanswered. A caller that is cancelled stops the worker."""
    try:
        reply = await guard.ask(Asked(task, arguments))
        content = await reply.read()
    except Refused as error:
        raise Unanswered(refusal(error)) from error
    except Broken as error:
        raise Unanswered(f"the answer was broken off: {error}\nhint: {_TO_DO['limit']}") from error
    given: dict[str, Any] = json.loads(content)
    return given


def refusal(error: Refused) -> str:
    """Return what is wrong and what to do about it, for the model that asked."""
    told = error.members
    place = f" (line {told['line']}, column {told['column']})" if "line" in told else ""
    parts = [f"{error.detail}{place}", told.get("excerpt")]
    hint = _TO_DO.get(error.reason) or told.get("hint")
    return "\n".join([*(part for part in parts if part), *([f"hint: {hint}"] if hint else [])])
