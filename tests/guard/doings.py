"""Tasks for the tests of the guard: what can happen to a worker, without a store."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from kg.errors import BuildError
from kg.guard import Answered, Refused, Writable


def open_tasks(folder: str, about: str, services: tuple[str, ...]) -> str:
    if folder.endswith("damaged"):
        raise BuildError("the store cannot be read: it is damaged", where=folder)
    if folder.endswith("deadly"):
        signal.pthread_kill(threading.get_ident(), signal.SIGSEGV)
    return folder


def echo(opened: str, arguments: Mapping[str, Any]) -> Answered:
    return _answered(f"{opened}: {arguments['text']}".encode())


def many(opened: str, arguments: Mapping[str, Any]) -> Answered:
    """Write pieces, the last one after `last` seconds, or after `busy` seconds of the processor."""

    def write(output: Writable) -> None:
        for _ in range(arguments["pieces"]):
            output.write(b"x" * 1023 + b"\n")
        time.sleep(arguments.get("last", 0))
        end = time.process_time() + arguments.get("busy", 0)
        while time.process_time() < end:
            pass
        output.write(b"the end")

    return Answered("text/plain", write, (b"\n", 0))


def wait(opened: str, arguments: Mapping[str, Any]) -> Answered:
    time.sleep(arguments["seconds"])
    return _answered(b"waited")


def once(opened: str, arguments: Mapping[str, Any]) -> Answered:
    """End as if killed from outside the first time that it is asked."""
    with open(arguments["mark"], "a+") as mark:
        mark.seek(0)
        first = not mark.read()
        mark.write("x")
    if first:
        signal.pthread_kill(threading.get_ident(), signal.SIGKILL)
    return _answered(b"at last")


def end(opened: str, arguments: Mapping[str, Any]) -> Answered:
    signal.pthread_kill(threading.get_ident(), arguments["signal"])
    return _answered(b"")


def fill(opened: str, arguments: Mapping[str, Any]) -> Answered:
    return _answered(b"%d" % len(bytearray(arguments["size"])))


def fail(opened: str, arguments: Mapping[str, Any]) -> Answered:
    raise ValueError("innards")


def refuse(opened: str, arguments: Mapping[str, Any]) -> Answered:
    raise Refused("request", "it is wrong", line=3, hint=None)


def state(opened: str, arguments: Mapping[str, Any]) -> Answered:
    """Tell what this process may do."""
    with open("/proc/self/limits", encoding="ascii") as file:
        limits = {line[:25].strip(): line.split()[-3] for line in file.readlines()[1:]}
    names = [name for _, name in socket.if_nameindex()]
    return _answered(f"{limits['Max core file size']} {limits['Max address space']} {','.join(names)} {os.getpid()}".encode())


def _answered(content: bytes) -> Answered:
    def write(output: Writable) -> None:
        output.write(content)

    return Answered("text/plain", write)


TASKS: Mapping[str, Callable[[str, Mapping[str, Any]], Answered]] = {
    function.__name__: function for function in (echo, many, wait, once, end, fill, fail, refuse, state)
}
