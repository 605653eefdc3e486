"""Messages on a stream socket: one byte that says which kind, four bytes of length (big-endian), the content."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

ASKED = b"Q"  # JSON: task, arguments
READY = b"+"  # nothing
FAILED = b"-"  # text: why the worker cannot work
WHOLE = b"W"  # a head and all the content behind it
HEAD = b"H"  # JSON: media_type; content follows
DATA = b"D"  # content
END = b"E"  # nothing: the content is whole
REFUSED = b"R"  # JSON: reason, detail, members
BROKEN = b"B"  # text: why the content ends before its end

PIECE = 64 << 10
"""Bytes of content in a message, at most: the reader gets the first ones while the rest is made."""

_HEAD = struct.Struct(">cI")


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """Return a message as bytes."""
    return _HEAD.pack(kind, len(content)) + content


def read_frame(stream: socket.SocketIO) -> tuple[bytes, bytes] | None:
    """Return the next message of a blocking stream, None at its end."""
    head = _exactly(stream, _HEAD.size)
    if head is None:
        return None
    kind, length = _HEAD.unpack(head)
    content = _exactly(stream, length)
    return None if content is None else (kind, content)


def _exactly(stream: socket.SocketIO, length: int) -> bytes | None:
    found = bytearray()
    while len(found) < length:
        piece = stream.read(length - len(found))
        if not piece:
            return None
        found += piece
    return bytes(found)


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
