"""Files -> bytes: opened, unpacked, never more than is allowed; what goes wrong is an InputError that says what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from kg.errors import InputError
from kg.ingest._formats import HEAD, binary, compression

STDIN = Path("/dev/stdin")

LARGEST = 4_000_000
"""Bytes of the largest text: the store's parser takes literals of 16 MiB, and an escape makes up to six bytes of one."""

LARGEST_BINARY = 100_000_000
"""Bytes of the largest file of a binary format, most of which are pictures and fonts."""

_WINDOW = 1 << 27  # bytes of history that a .zst file may ask for: what zstd --ultra -22 does, and no more
_MEMORY = 1 << 27  # bytes that an .xz file may ask for: twice what xz -9 does
_PIECE = 1 << 16
_BITE = 1024  # bytes unpacked at a time: four of them can stand for 128 KiB, so more would be a bomb of its own


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read: its report's id, where it is, and how messages call it."""

    id: str
    path: Path
    display: str


@contextmanager
def opened(input: Input) -> Iterator[BinaryIO]:
    """Open an input's file as it is; raise InputError when it is missing, forbidden, no file, or fails while it is read."""
    with _told(input.display):
        if input.path == STDIN:
            yield sys.stdin.buffer
            return
        with input.path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                hint = "pass a file, a folder, or - for standard input"
                raise InputError("this is not a regular file", where=input.display, hint=hint)
            yield file


def contents(input: Input, largest: int) -> tuple[bytes, bytes]:
    """Return the bytes of a file as they are, and unpacked; raise InputError when either are more than its format may have."""
    with opened(input) as file:
        size = None if input.path == STDIN else os.fstat(file.fileno()).st_size
        data = _limited(file, input, size, largest)
    return data, inside(data, input, largest)


def inside(data: bytes, input: Input, largest: int) -> bytes:
    """Return the bytes of a file unpacked, those of one that is not compressed as they are; raise InputError for too many."""
    if compression(input.path.name) is None:
        return data
    with _told(input.display):
        return _limited(unpacked(io.BytesIO(data), input), input, None, largest)


def unpacked(file: BinaryIO, input: Input) -> BinaryIO:
    """Return what reads a file's content as it is asked for, through the compression that its name tells, if any.

    Raises InputError when it is damaged or breaks off; what comes before can be read.
    """
    packing = compression(input.path.name)
    if packing is None:
        return file
    return cast(BinaryIO, io.BufferedReader(_Unpacked(_reader(packing, file, input.display), input.display)))


def _reader(packing: str, file: BinaryIO, where: str) -> Callable[[int], bytes]:
    if packing == ".gz":
        return gzip.GzipFile(fileobj=file).read1  # read would lose what it had unpacked before it met damage
    if packing == ".zst":
        return _zstandard(file, where)
    return _streams(file, bz2.BZ2Decompressor if packing == ".bz2" else lambda: lzma.LZMADecompressor(memlimit=_MEMORY))


class _Unpacked(io.RawIOBase):
    """A compressed file as a stream whose errors are told."""

    def __init__(self, reads: Callable[[int], bytes], where: str) -> None:
        self._reads = reads
        self._where = where

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        try:
            data = self._reads(len(buffer))
        except EOFError as error:
            what = "the compressed file breaks off"
            raise InputError(what, where=self._where, hint="fetch or pack it again; what comes before is read") from error
        except (gzip.BadGzipFile, lzma.LZMAError, zlib.error, ValueError) as error:
            what = f"the compressed file is damaged: {error}"
            raise InputError(what, where=self._where, hint="fetch or pack it again, or correct its suffix") from error
        buffer[: len(data)] = data
        return len(data)


class _Unpacker(Protocol):
    """What unpacks one stream, as bz2 and lzma have it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def _streams(file: BinaryIO, begin: Callable[[], _Unpacker]) -> Callable[[int], bytes]:
    """Return what reads a file of any number of streams; it raises EOFError when one breaks off, ValueError when damaged."""
    unpacker, begun = begin(), False

    def unpack(packed: bytes, size: int) -> bytes:
        try:
            return unpacker.decompress(packed, size)
        except OSError as error:  # what bz2 says of damage, as if the disk had failed
            raise ValueError(str(error)) from error

    def read(size: int) -> bytes:
        nonlocal unpacker, begun
        while True:
            packed = b""
            if unpacker.eof:
                packed, unpacker, begun = unpacker.unused_data, begin(), False
            if not packed and unpacker.needs_input and not (packed := file.read(_PIECE)):
                if begun:
                    raise EOFError
                return b""
            if not begun:
                packed = packed.lstrip(b"\0")  # .xz files may be padded
                begun = bool(packed)
            if begun and (data := unpack(packed, size)):
                return data

    return read


def _zstandard(file: BinaryIO, where: str) -> Callable[[int], bytes]:
    """Return what reads a .zst file of any number of frames; it raises EOFError when one breaks off, ValueError when damaged."""
    try:
        import zstandard
    except ModuleNotFoundError as error:
        if error.name != "zstandard":
            raise
        raise InputError("a .zst file needs zstandard", where=where, hint="pip install 'kg[zstd]'") from error
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    frame = decompressor.decompressobj()
    begun, waiting = False, io.BytesIO()

    def read(size: int) -> bytes:
        nonlocal frame, begun, waiting
        while not (data := waiting.read(size)):
            packed = frame.unused_data or file.read(_BITE)
            if not packed:
                if begun and not frame.eof:
                    raise EOFError
                return b""
            if frame.eof:
                frame = decompressor.decompressobj()
            begun = True
            try:
                waiting = io.BytesIO(frame.decompress(packed))
            except zstandard.ZstdError as error:
                raise ValueError(str(error)) from error
        return data

    return read


@contextmanager
def _told(where: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError("the file is gone", where=where, hint="it was there when the inputs were listed; run again") from error
    except PermissionError as error:
        raise InputError("no permission to read the file", where=where, hint="allow reading it: chmod u+r") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"the file cannot be read: {reason}", where=where, hint="check the disk or the mount") from error


def head_of(input: Input) -> bytes | None:
    """Return the beginning of a file's content; None when it cannot be read."""
    try:
        with opened(input) as file:
            return head_in(file, input)
    except InputError:  # told when it is read
        return None


def head_in(file: BinaryIO, input: Input) -> bytes | None:
    """Return the beginning of the content of a file that is open; None when it cannot be read."""
    try:
        return unpacked(file, input).read(HEAD)
    except InputError:  # told when it is read
        return None


def most_of(head: bytes, name: str, largest: int = LARGEST) -> int:
    """Return the number of bytes that a file of this beginning and name may have."""
    return LARGEST_BINARY if binary(head, name) else largest


def _limited(file: BinaryIO, input: Input, size: int | None, largest: int) -> bytes:
    """Return all bytes of a file; raise InputError when they are more than its format may have."""
    head = file.read(min(HEAD, largest + 1))
    most = most_of(head, input.path.name, largest)
    data = head if size is not None and size > most else head + file.read(most + 1 - len(head))
    if max(len(data), size or 0) > most:
        packed = size is None and compression(input.path.name) is not None
        what = f"unpacks to more than {most:,} bytes" if packed else f"has {f'{size:,}' if size else f'more than {most:,}'} bytes"
        raise too_large(input.display, what, most)
    return data


def too_large(where: str, what: str, largest: int) -> InputError:
    """Return the error that a file has too many bytes."""
    hint = f"a report of more than {largest:,} bytes is not read; split it, or exclude it with --exclude"
    return InputError(f"the file {what}", where=where, hint=hint)
