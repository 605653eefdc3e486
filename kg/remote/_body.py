"""A reply's bytes, unpacked; one that ends before its end is an error, so that no short answer looks whole."""

from __future__ import annotations

import zlib
from http.client import HTTPException, HTTPResponse

from kg.errors import CutShort, RemoteError

FRAME = 65536
_BROKEN = "the reply broke off before its end: this is no whole answer"
_AGAIN = "ask again, or for less"
_GZIP = 31  # zlib's number for a gzip header and trailer


class Body:
    """What follows the headers of a reply, to be read once; raises CutShort where it breaks off."""

    def __init__(self, response: HTTPResponse, where: str) -> None:
        self._response, self._where = response, where
        self._packed = b""
        self._is_begun = False
        self._unpack = None
        self.framed = response.length is not None or response.chunked
        """Whether the reply says where it ends; if not, the end of the connection may be the end of the reply or not."""
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        if coding in {"gzip", "x-gzip"}:
            self._unpack = zlib.decompressobj(_GZIP)
        elif coding not in {"", "identity"}:
            raise RemoteError(f"the reply is packed as {coding}, which was not asked for", where=where, hint="tell its operator")

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, none at the end."""
        return self._unpacked(size) if self._unpack else self._raw(size)

    def drain(self) -> None:
        """Read to the end, which shows whether it is one."""
        while self.read(FRAME):
            pass

    def _raw(self, size: int) -> bytes:
        try:
            part = self._response.read(size)
        except TimeoutError as error:
            raise CutShort("the reply stopped before its end", where=self._where, hint=_AGAIN) from error
        except (HTTPException, OSError, ValueError) as error:  # ValueError: the length of a chunk is no number
            raise CutShort(_BROKEN, where=self._where, hint=_AGAIN) from error
        if not part and size and self._response.length:
            raise CutShort(_BROKEN, where=self._where, hint=_AGAIN)
        return part

    def _unpacked(self, size: int) -> bytes:
        """Return bytes out of gzip, never more than `size` at once however well they are packed."""
        part = b""
        while size and self._unpack and not part:
            if not self._packed:
                self._packed = self._raw(FRAME)
            if not self._packed and self.framed and not self._is_begun:  # what filters make of an empty reply
                break
            self._is_begun = True
            if not self._packed and not self._unpack.eof:
                raise CutShort(_BROKEN, where=self._where, hint=_AGAIN)
            if not self._packed:
                break
            if self._unpack.eof:  # gzip may be several members, one behind the other
                self._unpack = zlib.decompressobj(_GZIP)
            try:
                part = self._unpack.decompress(self._packed, size)
            except zlib.error as error:
                raise RemoteError(f"the reply cannot be unpacked: {error}", where=self._where, hint=_AGAIN) from error
            self._packed = self._unpack.unused_data if self._unpack.eof else self._unpack.unconsumed_tail
        return part
