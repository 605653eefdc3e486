"""The arguments of a call as a model writes them -> what a task takes, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from kg.mcp._asking import Unanswered
from kg.mcp._tools import Tool


def arguments_of(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a task; null stands for a parameter that is not given. Raise Unanswered for what does not fit."""
    kept = {name: value for name, value in given.items() if value is not None}
    if wrong := _wrong(tool, kept):
        raise Unanswered(wrong)
    if tool.name != "query":
        return kept
    if ("sparql" in kept) == ("name" in kept):
        both = "sparql" in kept
        raise Unanswered(
            f"query takes either sparql or name, {'not both' if both else 'and neither is given'}\n"
            "hint: give sparql, or the name of a query that comes with kg and its parameters"
        )
    return {"query" if name == "sparql" else name: value for name, value in kept.items()}


def _wrong(tool: Tool, given: Mapping[str, Any]) -> str | None:
    """Return what is wrong with arguments, None when nothing is."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    known = tool.takes["properties"]
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}"
            return f"{tool.name} takes no '{name}'\nhint: {hint}"
    error = best_match(Draft202012Validator(tool.takes).iter_errors(dict(given)))
    if error is None:
        return None
    place = ".".join(map(str, error.absolute_path))
    if error.validator == "required":
        return f"{tool.name}: {error.message}"
    near = get_close_matches(str(error.instance), map(str, error.validator_value), n=3) if error.validator == "enum" else []
    hint = f"\nhint: did you mean {', '.join(near)}?" if near else ""
    message = error.message if len(error.message) < 500 else f"{error.message[:200]} … {error.message[-200:]}"
    return f"{tool.name}: {place}: {message}{hint}"
