"""A crowd of clients at one address that always ask something new without end, and others who only look something up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.serve.attack.builds import look_up, name
from tests.serve.attack.endpoint import Endpoint, serving, until
from tests.serve.attack.queries import seconds

CROWD = 60
LOOK_UPS = 10


def ask_on(endpoint: Endpoint, number: int, ended: threading.Event) -> None:
    """Ask one endless query after the other, from another address of this machine than that of the look-ups."""
    with endpoint.client(transport=httpx.HTTPTransport(local_address="127.0.0.2")) as client:
        count = 0
        while not ended.is_set():
            count += 1
            reply = client.get("/sparql", params={"query": seconds(count, f"crowd {number}")})
            assert reply.status_code == 503
            ended.wait(0.2)


def test_a_crowd_at_one_address_keeps_others_from_nothing(ring: Path) -> None:
    ended = threading.Event()
    options = ("--workers", "4", "--timeout", "4s", "--memory", "1GB", "--waiting", "40")
    with serving(ring, *options) as endpoint, ThreadPoolExecutor(CROWD) as threads:
        crowd = [threads.submit(ask_on, endpoint, number, ended) for number in range(CROWD)]
        try:
            assert until(lambda: endpoint.metric("kg_queries_waiting") >= 30)
            replies = {number: endpoint.ask(look_up(number)) for number in range(LOOK_UPS)}
        finally:
            ended.set()
        for one in crowd:
            one.result()
    answered = [number for number, reply in replies.items() if reply.status_code == 200]
    assert all(name(number) in replies[number].text for number in answered)
    assert len(answered) >= LOOK_UPS - 1, [reply.text for reply in replies.values()]
