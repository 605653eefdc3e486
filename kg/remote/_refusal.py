"""An HTTP status with what the server says -> an error that tells what is wrong, where, and what to do.

A place in the query is taken from a problem (RFC 9457) with `line` and `column`, or from words that give one, as those of most
servers do; it is shown as that of a syntax error in a query to a build.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import mktime_tz, parsedate_tz
from typing import Any

from kg.errors import KgError, QueryRefused, Refused, RemoteError
from kg.remote._text import Sent
from kg.sparql.text import QueryError, tokens

_MOST = 300  # characters of a server's words that are shown
_PLACE = re.compile(r"(?:line |error at )(\d{1,7})(?:,? col(?:umn)?\.? |:)(\d{1,7})", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NO_ENDPOINT = "check the address: that of kg serve ends in /sparql"
BUSY = frozenset({408, 429, 502, 503, 504})
"""Statuses of a server that cannot answer now, and may later."""

LONGEST_AFTER = 300.0
"""Seconds after which a server is asked again at the latest, whatever it says."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a server says of a request that it refuses."""

    detail: str
    hint: str | None = None
    place: tuple[int, int] | None = None


def refusal(
    status: int, headers: Message, content: bytes, sent: Sent, where: str, token: str | None, given: str | None = None
) -> KgError:
    """Return the error that a refusal is; a token in the server's words is not shown.

    `given` says how a person gives a login, where that is not --token alone.
    """
    said = said_in(headers, content, token)
    words = f": {said.detail}" if said.detail else ""
    if status == 400 and said.place:
        return _in_query(said, said.place, sent, where)
    if status == 400:
        return QueryRefused(f"the query is refused{words}", where=where, hint=said.hint or "correct the query")
    if status == 401 and given:
        what = "the login is not accepted" if token else "the store wants a login"
        return Refused(f"{what}{words}", where=where, hint=f"give {given}")
    if status == 401:
        hint = "check it, and what it is for" if token else "give it one with --token or in KG_URL_TOKEN"
        return Refused(f"the {'token is not accepted' if token else 'endpoint wants a token'}{words}", where=where, hint=hint)
    if status == 403:
        return Refused(f"the request is refused{words}", where=where, hint=said.hint or "ask who runs it what is allowed")
    if status in {404, 405, 410} or 300 <= status < 400:
        return Refused(f"no SPARQL endpoint answers there ({status}){words}", where=where, hint=said.hint or _NO_ENDPOINT)
    if status in BUSY:
        after = headers.get("Retry-After", "")
        wait = f"ask again in {after} seconds" if after.isdecimal() else "ask again later, or for less"
        return RemoteError(f"the endpoint cannot answer now ({status}){words}", where=where, hint=said.hint or wait)
    if status in {413, 414, 431}:
        return Refused(f"the query is too long for it ({status}){words}", where=where, hint=said.hint or "ask in several queries")
    hint = said.hint or "ask again later, or tell who runs it"
    return RemoteError(f"the endpoint has not answered the query ({status}){words}", where=where, hint=hint)


def retry_after(headers: Message) -> float | None:
    """Return in how many seconds a server wants to be asked again (RFC 9110, section 10.2.3); None where it does not say.

    A date is as far away as it is from the server's own.
    """
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdecimal():
        return min(float(said), LONGEST_AFTER)
    then = _moment(said)
    if then is None:
        return None
    now = _moment(headers.get("Date", ""))
    return min(max(then - (time.time() if now is None else now), 0.0), LONGEST_AFTER)


def _moment(text: str) -> float | None:
    """Return the seconds since 1970 of a date in a header, None for what is none."""
    try:
        parsed = parsedate_tz(text)
        return None if parsed is None else float(mktime_tz(parsed))
    except (ValueError, OverflowError):
        return None


def no_endpoint(media: str, where: str, hint: str = _NO_ENDPOINT) -> Refused:
    """Return the error that a reply of another media type than a store has is."""
    what = f"no SPARQL endpoint answers there: the reply is {media or 'of no stated kind'}, not an answer"
    return Refused(what, where=where, hint=hint)


def _in_query(said: _Said, place: tuple[int, int], sent: Sent, where: str) -> QueryRefused:
    start = sent.place(*place)
    end = next((token.end for token in tokens(sent.asked) if token.start == start), start)
    shown = QueryError(said.detail, sent.asked, start, end, where=sent.where)
    hint = f"{said.hint} (so says {where})" if said.hint else f"so says {where}"
    return QueryRefused(shown.what, where=shown.where, hint=hint)


def said_in(headers: Message, content: bytes, token: str | None) -> _Said:
    """Return what a server says of a request that it refuses, without the token."""
    media_type, text = headers.get("Content-Type", ""), content.decode("utf-8", "replace")
    if token:
        text = text.replace(token, "…")
    members = _members(text)
    if isinstance(members.get("detail"), str):
        hint = members.get("hint")
        place = _place(str(members.get("line")), str(members.get("column")))
        return _Said(_words(members["detail"]), _words(hint) if isinstance(hint, str) else None, place)
    told = next((members[name] for name in ("exception", "message", "error") if isinstance(members.get(name), str)), text)
    if "html" in media_type.lower():
        told = _MARKUP.sub(" ", told)
    match = _PLACE.search(told)
    return _Said(_words(told), None, _place(match[1], match[2]) if match else None)


def _place(line: str, column: str) -> tuple[int, int] | None:
    """Return a line and a column if they are numbers from 1 on."""
    if not (line.isdecimal() and column.isdecimal() and len(line + column) < 20):
        return None
    return (int(line), int(column)) if int(line) and int(column) else None


def _members(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST else f"{line[:_MOST]}…"
