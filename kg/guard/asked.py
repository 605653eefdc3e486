"""What crosses between those who ask and the workers: questions, answers, refusals; and the limits that hold for them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

Reason = Literal["request", "format", "missing", "busy", "timeout", "cancelled", "crash", "memory", "limit", "upstream"]
"""Why there is no answer: the request is wrong, no format fits, there is no such thing; the others are of the guard.

`upstream`: the store that another server holds does not answer.
"""


@dataclass(frozen=True)
class Asked:
    """A question: the name of a task and its arguments, JSON values; `timeout` in seconds may only shorten the guard's own.

    Of those that wait, the questions of a `client` with few long ones come first.
    """

    task: str
    arguments: Mapping[str, Any]
    timeout: float | None = None
    client: str = ""

    @cached_property
    def written(self) -> bytes:
        """Return as JSON what the answer depends on."""
        return json.dumps({"task": self.task, "arguments": self.arguments}).encode()


class Writable(Protocol):
    """Where a task writes its answer."""

    def write(self, data: bytes, /) -> int:
        """Take bytes; raise OSError when the answer is too long."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: its media type, what writes it, and what its rows are counted by.

    `rows` are bytes that stand at each row, and how many more of them there are than rows; None where there are no rows.
    """

    media_type: str
    write: Callable[[Writable], None]
    rows: tuple[bytes, int] | None = None


class Refused(Exception):
    """A question that is not answered: why, what is wrong, and members (line, column, hint ...) that say more."""

    def __init__(self, reason: Reason, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.members: dict[str, Any] = {name: value for name, value in members.items() if value is not None}


class Broken(Exception):
    """A reply that ended before its end."""


def _cores() -> int:
    return os.cpu_count() or 1


def _workers() -> int:
    return _cores() + 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What the guard lets happen.

    `workers` processes on `cores`; `timeout` seconds for a question, waiting included; `memory` bytes of address space of a worker;
    `waiting` questions at most in the queue; `rows` and `size` (bytes) of a reply; `services`: the addresses that SERVICE may name;
    `grace`: seconds after which a question is a heavy one; `stalled`: seconds for which a reader may take nothing of a reply;
    `spooled`: bytes of all replies together that readers have not taken.
    """

    workers: int = field(default_factory=_workers)
    cores: int = field(default_factory=_cores)
    timeout: float = 30.0
    memory: int = 2 << 30
    waiting: int = 64
    rows: int = 1_000_000
    size: int = 256 << 20
    services: tuple[str, ...] = ()
    grace: float = 0.25
    stalled: float = 30.0
    spooled: int = 2 << 30
