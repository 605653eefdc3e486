"""The process that forks workers: it has loaded what they need and opened nothing, so that a new one is there in milliseconds.

    python -m kg.guard.nursery FD MODULE     FD: the socket to the guard; MODULE: whose TASKS the workers do, and
                                              whose `prepare`, if it has one, loads what all of them need

    guard -> nursery   {"start": ID, "order": {...}}, with the worker's end of a socket · {"kill": ID}
    nursery -> guard   {"started": ID, "pid": N} · {"ended": ID, "status": N}     status as of os.waitstatus_to_exitcode

A line each, JSON. Only the parent of a process can signal it and never hit another that got its number: this one does both.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from collections import deque
from contextlib import suppress
from importlib import import_module
from typing import Any

from kg.guard.confine import die_with_parent
from kg.guard.worker import Order, work


class Nursery:
    """Fork workers as the guard asks, tell it of their end."""

    def __init__(self, guard: socket.socket) -> None:
        self._guard = guard
        self._sockets: deque[int] = deque()
        self._held = b""
        self._pids: dict[int, int] = {}  # of the workers, by id

    def run(self) -> tuple[Order, socket.socket] | None:
        """Do what the guard asks until it is gone; in a new worker return what it is for."""
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, place: None)
        while True:
            ready, _, _ = select.select([self._guard.fileno(), woken], [], [])
            if woken in ready:
                os.read(woken, 4096)
                self._reap()
            if self._guard.fileno() in ready:
                messages = self._messages()
                if messages is None:
                    break
                for message in messages:
                    born = self._do(message)
                    if born:
                        signal.set_wakeup_fd(-1)
                        return born
        for id in list(self._pids):
            self._kill(id)
        return None

    def _messages(self) -> list[dict[str, Any]] | None:
        try:
            data, sockets, _, _ = socket.recv_fds(self._guard, 65536, 16)
        except ConnectionResetError:
            return None
        self._sockets.extend(sockets)
        if not data:
            return None
        *lines, self._held = (self._held + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def _do(self, message: dict[str, Any]) -> tuple[Order, socket.socket] | None:
        if "kill" in message:
            self._kill(message["kill"])
            return None
        connection = socket.socket(fileno=self._sockets.popleft())
        nursery = os.getpid()
        try:
            pid = os.fork()
        except OSError:  # no more processes are allowed, or there is no memory for one
            connection.close()
            self._tell({"ended": message["start"], "status": 1})
            return None
        if pid == 0:
            die_with_parent(nursery)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._guard.close()
            order = message["order"]
            return Order(**{**order, "services": tuple(order["services"])}), connection
        connection.close()
        self._pids[message["start"]] = pid
        self._tell({"started": message["start"], "pid": pid})
        return None

    def _reap(self) -> None:
        ids = {pid: id for id, pid in self._pids.items()}
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                id = ids[ended[0]]
                del self._pids[id]
                self._tell({"ended": id, "status": os.waitstatus_to_exitcode(ended[1])})

    def _kill(self, id: int) -> None:
        if id in self._pids:  # else it has ended and been told of
            os.kill(self._pids[id], signal.SIGKILL)

    def _tell(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # the guard is gone, as the next read says
            self._guard.sendall(json.dumps(message).encode() + b"\n")


def main(descriptor: int, tasks: str) -> None:
    """Be the nursery of the guard at the other end of a socket, then, in each fork, a worker."""
    die_with_parent(int(sys.argv[3]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the guard, which closes the socket
    prepare = getattr(import_module(tasks), "prepare", None)
    if prepare:
        prepare()
    with socket.socket(fileno=descriptor) as guard:
        born = Nursery(guard).run()
    if born:
        work(*born)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
