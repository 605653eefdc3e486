"""A stream of bytes -> the members of a tar archive, one after the other; nothing is unpacked, followed or held.

Headers are those of POSIX.1 (ustar, pax), of GNU tar (long names) and of what came before them. Archives that stand one behind the
other in a file are read as one.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kg.errors import InputError

LARGEST_HEADER = 1 << 20
"""Bytes of the largest header that is read: one holds the path of a member, and what its file system knows of it."""

_BLOCK = 512
_END = bytes(_BLOCK)
_PIECE = 1 << 16
_LARGEST = 1 << 62  # bytes of a member: no file is larger, and places in files are counted so far
_FILE = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE})
_EMPTY = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})  # members without content, whatever size their header gives
_KINDS = {b"5": "folder", b"1": "link", b"2": "link", b"3": "device", b"4": "device", b"6": "FIFO", b"S": "sparse file"}
_KINDS |= {b"D": "folder"}  # of an incremental dump of GNU tar: its content is what the folder holds
_GNU = b"ustar  \0"  # magic and version of GNU tar, whose headers have times where those of POSIX have a prefix of the path
_RECORD = re.compile(rb"([0-9]{1,7}) ")


class Content:
    """The bytes of a member, read as they are asked for."""

    def __init__(self, stream: _Stream, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int) -> bytes:
        """Return the next bytes, `size` of them unless the member ends before; raise InputError when the archive breaks off."""
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data

    def end(self) -> None:
        """Pass over what was not read."""
        self._stream.skip(self._left)
        self._left = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """A member: its path as it is written (bytes that are no UTF-8 as surrogates), what it is, its bytes, and what reads them.

    `kind` is `file`, `folder`, `link`, `device`, `FIFO`, `sparse file`, or `unknown`. The content can be read until the next
    member is asked for.
    """

    path: str
    kind: str
    size: int
    content: Content


def members(file: BinaryIO, where: str) -> Iterator[Stored]:
    """Yield the members of an archive; raise InputError when it is none, is damaged, or breaks off."""
    stream = _Stream(file, where)
    told: dict[bytes, bytes] = {}
    while (header := stream.header()) is not None:
        if header.type == tarfile.GNUTYPE_LONGNAME:
            told[b"path"] = stream.extension(header.size).rstrip(b"\0")
        elif header.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            told |= _records(stream.extension(header.size), stream)
        elif header.type in (tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE):
            stream.skip(header.size + -header.size % _BLOCK)
        else:
            stored = _stored(header, told, stream)
            yield stored
            stored.content.end()
            stream.skip(-stored.size % _BLOCK)
            told = {}


def _stored(header: tarfile.TarInfo, told: dict[bytes, bytes], stream: _Stream) -> Stored:
    path = told[b"path"].decode("utf-8", "surrogateescape") if b"path" in told else header.name
    size = _number(told[b"size"], stream) if b"size" in told else header.size
    kind = "file" if header.type in _FILE else _KINDS.get(header.type, "unknown")
    if kind == "file" and path.endswith("/"):
        kind = "folder"
    elif kind == "file" and any(name.startswith(b"GNU.sparse.") for name in told):
        kind = "sparse file"
    size = 0 if header.type in _EMPTY else size
    return Stored(path, kind, size, Content(stream, size))


def _records(data: bytes, stream: _Stream) -> dict[bytes, bytes]:
    """Return what an extended header says, by name: records of `LENGTH NAME=VALUE`, each with a line feed at its end."""
    told: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at]:
        length = _RECORD.match(data, at)
        end = at + int(length[1]) if length else 0
        name, equals, value = data[length.end() : end - 1].partition(b"=") if length else (b"", b"", b"")
        if not equals or data[end - 1 : end] != b"\n":
            raise stream.damaged("an extended header is none")
        told[name] = value
        at = end
    return told


def _number(digits: bytes, stream: _Stream) -> int:
    if not digits.isdigit() or len(digits) > 18:
        raise stream.damaged("a size that is no number")
    return int(digits)


class _Stream:
    """The archive's bytes, counted."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        self._file = file
        self._where = where
        self._at = 0
        self._end = self._length() if file.seekable() else None

    def _length(self) -> int:
        begin = self._file.tell()
        end = self._file.seek(0, io.SEEK_END)
        self._file.seek(begin)
        return end - begin

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._at += len(data)
        if len(data) < size:
            raise self._broken()
        return data

    def skip(self, size: int) -> None:
        if self._end is None:
            while size:
                size -= len(self.read(min(size, _PIECE)))
        elif self._at + size > self._end:
            raise self._broken()
        elif size:
            self._file.seek(size, io.SEEK_CUR)
            self._at += size

    def extension(self, size: int) -> bytes:
        """Return the content of a member that tells of the next one."""
        if size > LARGEST_HEADER:
            raise self.damaged(f"a header of {size:,} bytes")
        data = self.read(size)
        self.skip(-size % _BLOCK)
        return data

    def header(self) -> tarfile.TarInfo | None:
        """Return the next header, None at the end."""
        block, ended = self._file.read(_BLOCK), False
        while block == _END:
            self._at += _BLOCK
            block, ended = self._file.read(_BLOCK), True
        if ended and not block.strip(b"\0"):
            return None
        if len(block) < _BLOCK:
            raise self._broken()
        header = self._parsed(block)
        self._at += _BLOCK
        more = header.type == tarfile.GNUTYPE_SPARSE and block[482]
        while more:  # the rest of the map of a sparse file
            more = self.read(_BLOCK)[504]
        return header

    def _parsed(self, block: bytes) -> tarfile.TarInfo:
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            if self._at:
                raise self.damaged("this is no header of a file") from error
            hint = "correct its suffix, or pack it again"
            raise InputError("the file is no tar archive", where=self._where, hint=hint) from error
        if block[257:265] == _GNU:
            header.name = tarfile.nts(block[:100], "utf-8", "surrogateescape")  # type: ignore[attr-defined]
        if not 0 <= header.size < _LARGEST:
            raise self.damaged(f"a member of {header.size:,} bytes")
        return header

    def damaged(self, what: str) -> InputError:
        hint = "fetch or pack it again; what comes before is read"
        return InputError(f"the archive is damaged at its byte {self._at:,}: {what}", where=self._where, hint=hint)

    def _broken(self) -> InputError:
        return InputError("the archive breaks off", where=self._where, hint="fetch or pack it again; what comes before is read")
