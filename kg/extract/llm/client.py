"""Messages -> a model's answer, over HTTP from any service that speaks OpenAI's chat completions.

What passes by itself (429, 5xx, time-outs, broken connections) is tried again, later each time or when `Retry-After` says; an
answer that is no JSON is asked for once more. The only module that uses httpx; its exceptions end here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from kg.errors import Refused, RemoteError, UsageError
from kg.extract.llm.form import Answer, answer_of

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 5
"""Requests about one part of a document, the first included, while the service does not answer."""
UNREADABLE_AT_MOST = 2
LONGEST_WAIT = 60.0
FIRST_WAIT = 1.0
LARGEST = 32_000_000  # bytes of a reply
_PASSING = frozenset({408, 409, 425, 429})
_HINTS = {
    401: "set KG_LLM_KEY to a key that the service accepts",
    403: "the key in KG_LLM_KEY may not use this model",
    404: "correct llm-url (KG_LLM_URL), which mostly ends in /v1, and llm-model (KG_LLM_MODEL)",
}
_UNREADABLE = "the answer is not JSON of the form that was asked for"

Wait = Callable[[float], None]
"""Waits so many seconds; raises to end all waiting."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service: where it is, which model of it is asked; `may_retry` says whether one more request is within the budget."""

    url: str
    key: str
    http: httpx.Client
    wait: Wait
    may_retry: Callable[[], bool]

    def ask(self, request: Mapping[str, Any]) -> Answer:
        """Return the answer to a request body.

        Raises Refused when no request to the service can succeed (a wrong key or address), RemoteError when this one has not.
        """
        attempt = unreadable = 0
        while True:
            attempt += 1
            try:
                return self._once(request)
            except _Passing as error:
                unreadable += error.what == _UNREADABLE
                if attempt == ATTEMPTS or unreadable == UNREADABLE_AT_MOST or not self.may_retry():
                    raise RemoteError(f"{error.what}{_times(attempt)}", where=self.url) from error
                self.wait(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1) if error.after is None else error.after))

    def _once(self, request: Mapping[str, Any]) -> Answer:
        import httpx

        try:
            with self.http.stream("POST", self.url, json=request) as response:
                body = _body(response)
        except httpx.TimeoutException as error:
            raise _Passing("the service did not answer in time") from error
        except httpx.RequestError as error:
            raise _Passing(f"the service cannot be reached: {str(error) or type(error).__name__}") from error
        except httpx.InvalidURL as error:
            raise Refused(f"this is no address: {error}", where=self.url, hint=_HINTS[404]) from error
        if response.status_code != 200:
            raise self._failed(response, body)
        return _answer(body)

    def _failed(self, response: httpx.Response, body: bytes) -> RemoteError:
        status = response.status_code
        said = _said(body).replace(self.key, "…") if self.key else _said(body)
        what = f"the service says {status}{said}"
        if status in _PASSING or status >= 500:
            return _Passing(what, after=_retry_after(response))
        if status in _HINTS or status < 400:
            return Refused(what, where=self.url, hint=_HINTS.get(status, _HINTS[404]))
        return RemoteError(what, where=self.url)


class _Passing(RemoteError):
    """What may be over at the next attempt; `after` is how many seconds the service wants to be left alone."""

    def __init__(self, what: str, *, after: float | None = None) -> None:
        super().__init__(what)
        self.after = after


@contextmanager
def service(url: str, key: str, timeout: float, wait: Wait, may_retry: Callable[[], bool]) -> Iterator[Service]:
    """Open connections to the service at a base URL; raise UsageError when httpx is not installed."""
    try:
        import httpx
    except ModuleNotFoundError as error:
        if error.name != "httpx":
            raise
        raise UsageError("asking a language model needs httpx", hint="pip install 'kg[llm]'") from error
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(headers=headers, timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0))) as http:
        yield Service(endpoint(url), key, http, wait, may_retry)


def endpoint(url: str) -> str:
    """Return the address of a service's chat completions.

    >>> endpoint("http://127.0.0.1:8080/v1/")
    'http://127.0.0.1:8080/v1/chat/completions'
    """
    base = url.rstrip("/")
    return base if base.endswith("/chat/completions") else f"{base}/chat/completions"


def _body(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > LARGEST:
            raise RemoteError(f"the answer is larger than {LARGEST:,} bytes", where=str(response.url))
        parts.append(part)
    return b"".join(parts)


def _answer(body: bytes) -> Answer:
    try:
        choice = json.loads(body)["choices"][0]
        message, ended = choice["message"], choice.get("finish_reason")
        content = message.get("content")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise _Passing(_UNREADABLE) from error
    if message.get("refusal") or ended == "content_filter":
        raise RemoteError(f"the model refuses to answer{_quoted(message.get('refusal'))}")
    if ended == "length":
        raise RemoteError("the answer is cut off: the part of the document is too long for the model (llm-chunk)")
    answer = answer_of(content) if isinstance(content, str) else None
    if answer is None:
        raise _Passing(_UNREADABLE)
    return answer


def _said(body: bytes) -> str:
    """Return what the body of an error says, when it says it as most services do."""
    try:
        error = json.loads(body)["error"]
        return _quoted(error["message"] if isinstance(error, dict) else error)
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""


def _quoted(text: object) -> str:
    words = " ".join(text.split()) if isinstance(text, str) else ""
    return f": “{words[:200]}”" if words else ""


def _times(attempts: int) -> str:
    return "" if attempts == 1 else f" (asked {attempts} times)"


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that `Retry-After` says, which may be a date (RFC 9110, section 10.2.3); None when it says nothing."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - parsedate_to_datetime(response.headers["Date"])).total_seconds())
    except (ValueError, TypeError, KeyError):
        return None
