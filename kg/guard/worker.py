"""The process that answers: opens the store of a build read-only, then one question after the other until its socket closes.

What goes wrong with a question is told on the socket; what ends the process (memory, a fault in native code) is seen by its end.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from traceback import format_exc
from typing import Any

from kg.errors import KgError, QueryRefused, RemoteError
from kg.guard.asked import Answered, Refused
from kg.guard.confine import leave_network, limit_memory
from kg.guard.frames import ASKED, BROKEN, DATA, END, FAILED, HEAD, OPEN, PIECE, READY, REFUSED, WHOLE, frame, read_frame
from kg.sparql.thread import STACK


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is for: the folder of a build and what is to be known of it, the module whose TASKS it does, and its limits.

    `elsewhere` tells where the store is when it is not in the folder: then the worker keeps the network, to ask that one.
    """

    folder: str
    about: str
    tasks: str
    memory: int
    rows: int
    size: int
    services: tuple[str, ...]
    elsewhere: str = field(default="", repr=False)

    def written(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self)).encode()


def work(order: Order, connection: socket.socket) -> None:
    """Answer questions until the other side closes."""
    is_open = not order.services and not order.elsewhere and not leave_network()
    limit_memory(order.memory)
    # The stack of a query's recursion: deeper than the main thread's.
    threading.stack_size(STACK)
    thread = threading.Thread(target=_serve, args=(order, connection, is_open), name="query")
    thread.start()
    thread.join()


def _serve(order: Order, connection: socket.socket, is_open: bool) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # the guard does not want the reply any more
        _answer_all(order, connection, is_open)


def _answer_all(order: Order, connection: socket.socket, is_open: bool) -> None:
    tasks = import_module(order.tasks)
    try:
        opened = tasks.open_tasks(order.folder, order.about, order.services, *filter(None, [order.elsewhere]))
    except KgError as error:
        connection.sendall(frame(FAILED, str(error).encode()))
        return
    connection.sendall(frame(READY, OPEN if is_open else b""))
    _be_silent()
    with connection, connection.makefile("rb") as stream:
        while (received := read_frame(stream)) and received[0] == ASKED:
            asked = json.loads(received[1])
            _answer(_Output(connection, order), tasks.TASKS.get(asked["task"]), opened, asked)


def _be_silent() -> None:
    """Write no more to standard error: what native code says there at its end would stand between the lines of the log."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _answer(output: _Output, task: Any, opened: Any, asked: dict[str, Any]) -> None:
    try:
        if task is None:
            raise Refused("request", f"there is no task '{asked['task']}'")
        output.finish(task(opened, asked["arguments"]))
    except Refused as error:
        output.refuse(error)
    except QueryRefused as error:  # the store elsewhere knows less of SPARQL than the grammar here
        output.refuse(Refused("request", error.what, hint=error.hint))
    except RemoteError as error:
        output.refuse(Refused("upstream", error.what, hint=error.hint))
    except SyntaxError:  # a query's own are told by the task
        output.refuse(Refused("upstream", "the reply of the store cannot be read to its end"))
    except (MemoryError, RecursionError):
        output.refuse(Refused("memory", "the query needs more memory than it may have"))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except (OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
        # A fault of a task ends this question, not the worker: the log shows where, the client is told no innards.
        output.refuse(Refused("crash", "the query could not be evaluated", trace=f"{error}\n{format_exc()}"))


class _Output:
    """Where an answer is written: sent in pieces, a short one in one message, one that is too long not to its end."""

    def __init__(self, connection: socket.socket, order: Order) -> None:
        self._connection = connection
        self._rows, self._size = order.rows, order.size
        self._held = bytearray()
        self._mark: bytes | None = None
        self._head = b""
        self._sent = False

    def finish(self, answered: Answered) -> None:
        """Write an answer to its end."""
        self._head = json.dumps({"media_type": answered.media_type}).encode()
        if answered.rows:
            self._mark, more = answered.rows
            self._rows += more
        answered.write(self)
        if self._sent:
            self._send_piece()
            self._connection.sendall(frame(END))
        else:
            self._connection.sendall(frame(WHOLE, len(self._head).to_bytes(4, "big") + self._head + bytes(self._held)))

    def write(self, data: bytes) -> int:
        """Take a piece of the answer; raise Refused when it is longer than it may be."""
        self._size -= len(data)
        if self._mark:
            self._rows -= data.count(self._mark)
        if self._size < 0 or self._rows < 0:
            raise Refused("limit", "the answer is longer than the server gives", hint="ask for less: LIMIT, or fewer columns")
        self._held += data
        if len(self._held) >= PIECE:
            self._send_piece()
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is held is sent when it is worth a message."""

    def refuse(self, error: Refused) -> None:
        """Say why there is no answer, or why it ends here."""
        if self._sent:
            self._connection.sendall(frame(BROKEN, error.detail.encode()))
        else:
            content = {"reason": error.reason, "detail": error.detail, "members": error.members}
            self._connection.sendall(frame(REFUSED, json.dumps(content).encode()))

    def _send_piece(self) -> None:
        if not self._sent:
            self._connection.sendall(frame(HEAD, self._head))
            self._sent = True
        self._connection.sendall(frame(DATA, bytes(self._held)))
        self._held.clear()
