"""Messages on a stream socket: one byte that says which kind, four bytes of length (big-endian), the content."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

ASKED = b"Q"  # JSON: task, arguments
READY = b"+"  # nothing, or OPEN
FAILED = b"-"  # text: why the worker cannot work
WHOLE = b"W"  # a head and all the content behind it
HEAD = b"H"  # JSON: media_type; content follows
DATA = b"D"  # content
END = b"E"  # nothing: the content is whole
REFUSED = b"R"  # JSON: reason, detail, members
BROKEN = b"B"  # text: why the content ends before its end

OPEN = b"open"
"""What a worker says that reaches the network although it should not: the kernel does not permit to leave it."""

PIECE = 64 << 10
"""Bytes of content in a message, at most: the reader gets the first ones while the rest is made."""

_HEAD = struct.Struct(">cI")


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """Return a message as bytes."""
    return _HEAD.pack(kind, len(content)) + content


def read_frame(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Return the next message of a blocking stream, None at its end."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, length = _HEAD.unpack(head)
    content = stream.read(length)
    return (kind, content) if len(content) == length else None


class Frames:
    """Put bytes in, take messages out."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        self._bytes = bytearray()

    def put(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Add bytes and yield the messages that are complete."""
        held = self._bytes
        held += data
        at = 0
        while len(held) - at >= _HEAD.size:
            kind, length = _HEAD.unpack_from(held, at)
            end = at + _HEAD.size + length
            if len(held) < end:
                break
            yield kind, bytes(held[at + _HEAD.size : end])
            at = end
        del held[:at]
