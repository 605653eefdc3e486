"""What a service can do wrong, one way after the other, against a real server: what is tried again, what is not, what is said."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import pytest

from kg.errors import Refused, RemoteError, UsageError
from kg.extract.llm.client import ATTEMPTS, LONGEST_WAIT, service
from tests.extract.llm.served import KEY, Answering, Reply, Served, claims, error, said, serving

REQUEST = {"model": "m", "messages": [{"role": "user", "content": "…"}]}
PATIENT, HASTY = 20.0, 0.2  # seconds that an answer may take


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def in_turn(*replies: Reply) -> Answering:
    """Answer with one reply after the other; the last one stays."""
    return lambda request, before: replies[min(before, len(replies) - 1)]


def ask(
    served: Served,
    *,
    url: str | None = None,
    key: str = KEY,
    timeout: float = PATIENT,
    waits: list[float] | None = None,
    may_retry: Callable[[], bool] = lambda: True,
) -> object:
    """Ask once, and write down what would have been waited for."""
    note = (waits if waits is not None else []).append
    with service(url or served.url, key, timeout, note, may_retry) as asked:
        return asked.ask(REQUEST)


def test_an_answer_is_what_the_model_says() -> None:
    with serving(in_turn(claims({"relation": "name"}))) as served:
        assert ask(served) == {"claims": [{"relation": "name"}]}
    assert served.requests == [REQUEST]
    assert served.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_without_a_key_none_is_sent() -> None:
    with serving(in_turn(claims())) as served, pytest.raises(Refused):
        ask(served, key="")
    assert "Authorization" not in served.headers[0]


@pytest.mark.parametrize(
    ("first", "waits"),
    [
        ((error(429, "slow down", Retry_After="7"),), [7.0]),
        ((error(429, "slow down", Retry_After="0"),), [0.0]),
        ((error(429, "slow down", Retry_After="86400"),), [LONGEST_WAIT]),
        ((error(429, "slow down"),), [1.0]),
        ((error(429, "slow down", Retry_After="soon"),), [1.0]),
        ((error(503, "busy"), error(502, "down"), error(500, "oops")), [1.0, 2.0, 4.0]),
        ((error(529, "overloaded"), error(408, "late")), [1.0, 2.0]),
        ((Reply(reset=True), Reply(reset=True)), [1.0, 2.0]),
        ((Reply("<html>502</html>", 502),), [1.0]),
        ((said('{"claims": [{"rela'),), [1.0]),
        ((said("Sure! Here are the claims."),), [1.0]),
        ((Reply('{"choices": []}'),), [1.0]),
        ((Reply('{"choices": [{"mess'),), [1.0]),
        ((Reply("[]"),), [1.0]),
        ((Reply('{"choices": [null]}'),), [1.0]),
        ((Reply('{"choices": [{"message": {"content": null}}]}'),), [1.0]),
        ((said('{"facts": []}'),), [1.0]),
        ((said('{"claims": {}}'),), [1.0]),
    ],
)
def test_what_passes_is_tried_again(first: Sequence[Reply], waits: list[float]) -> None:
    waited: list[float] = []
    with serving(in_turn(*first, claims())) as served:
        assert ask(served, waits=waited) == {"claims": []}
    assert waited == waits
    assert len(served.requests) == len(first) + 1


def test_a_date_says_when_to_ask_again() -> None:
    at = {"Date": "Fri, 20 Nov 2026 10:00:00 GMT", "Retry-After": "Fri, 20 Nov 2026 10:00:05 GMT"}
    waited: list[float] = []
    with serving(in_turn(Reply("", 429, at), claims())) as served:
        ask(served, waits=waited)
    assert waited == [5.0]


def test_a_service_that_is_slow_is_not_waited_for() -> None:
    with serving(in_turn(Reply(silent=True), claims())) as served:
        assert ask(served, timeout=HASTY) == {"claims": []}
    assert len(served.requests) == 2


@pytest.mark.parametrize(
    ("replies", "requests", "message"),
    [
        ((error(429, "slow down"),), ATTEMPTS, r"the service says 429: “slow down” \(asked 5 times\)"),
        ((error(500, "x" * 1000),), ATTEMPTS, r"the service says 500: “x{200}” \(asked 5 times\)"),
        ((Reply(reset=True),), ATTEMPTS, r"cannot be reached: .+ \(asked 5 times\)"),
        ((said("no JSON"),), 2, r"is not JSON of the form that was asked for \(asked 2 times\)"),
        ((error(500, "a"), said("no JSON")), 3, r"is not JSON of the form that was asked for \(asked 3 times\)"),
        ((error(400, "context length exceeded"),), 1, "the service says 400: “context length exceeded”$"),
        ((Reply('{"error": "too long"}', 413),), 1, "the service says 413: “too long”$"),
        ((Reply('{"error": 7}', 422),), 1, "the service says 422$"),
        ((Reply("nothing", 422),), 1, "the service says 422$"),
        ((said('{"claims": []}', ended="length"),), 1, "the answer is cut off: the part of the document is too long"),
        ((said("", refusal="I can't help with that."),), 1, "the model refuses to answer: “I can't help with that.”$"),
        ((said("", ended="content_filter"),), 1, "the model refuses to answer$"),
    ],
)
def test_what_does_not_pass_is_told(replies: Sequence[Reply], requests: int, message: str) -> None:
    with serving(in_turn(*replies)) as served, pytest.raises(RemoteError, match=message) as caught:
        ask(served)
    assert not isinstance(caught.value, Refused)
    assert len(served.requests) == requests


def test_a_budget_that_is_spent_ends_the_attempts() -> None:
    left = iter((True, False))
    with (
        serving(in_turn(error(500, "oops"))) as served,
        pytest.raises(RemoteError, match=r"500: “oops” \(asked 2 times\)"),
    ):
        ask(served, may_retry=lambda: next(left))
    assert len(served.requests) == 2


def test_a_wrong_key_is_refused_at_once_and_not_repeated() -> None:
    with serving(in_turn(claims())) as served, pytest.raises(Refused, match="KG_LLM_KEY") as caught:
        ask(served, key="sk-wrong")
    assert caught.value.what == "the service says 401: “Incorrect API key provided: …”"
    assert len(served.requests) == 1


@pytest.mark.parametrize(
    ("status", "hint"),
    [(403, "may not use this model"), (404, "correct llm-url"), (301, "correct llm-url"), (304, "correct llm-url")],
)
def test_a_wrong_address_is_refused(status: int, hint: str) -> None:
    with serving(in_turn(Reply("", status))) as served, pytest.raises(Refused, match=hint):
        ask(served)
    assert len(served.requests) == 1


def test_an_address_where_nothing_runs_is_told() -> None:
    with serving(in_turn(claims())) as served:
        pass
    with pytest.raises(RemoteError, match=r"cannot be reached: .+ \(asked 5 times\)"):
        ask(served)


def test_an_address_that_is_none_is_refused() -> None:
    with serving(in_turn(claims())) as served, pytest.raises(Refused, match="this is no address"):
        ask(served, url="http://127.0.0.1:port/v1")


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.extract.llm.client.LARGEST", 1000)
    with serving(in_turn(said("x" * 2000))) as served, pytest.raises(RemoteError, match="larger than 1,000 bytes"):
        ask(served)


def test_without_httpx_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(UsageError, match=r"pip install 'kg\[llm\]'"), service("http://x/v1", "", 1, print, lambda: True):
        pass


def test_a_package_that_httpx_lacks_is_not_mistaken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "httpx"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "idna", None)
    with pytest.raises(ModuleNotFoundError, match="idna"), service("http://x/v1", "", 1, print, lambda: True):
        pass
