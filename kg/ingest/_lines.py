"""A stream of bytes -> its lines, numbered; a line that is too long is passed over without being held."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from kg.errors import InputError
from kg.ingest._entry import Refused

LONGEST = 32_000_000
"""Bytes of the longest line: JSON makes up to six bytes of one of a report's text, and has more to say than it."""

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def lines(file: BinaryIO, where: str, *, longest: int = LONGEST, errors: str = "strict") -> Iterator[tuple[int, str] | Refused]:
    """Yield (number from 1, text with its line end) of each line of UTF-8; a byte order mark stays the first character.

    `errors` says what becomes of bytes that are no UTF-8, as in `bytes.decode`.

    Raises InputError for UTF-16, whose lines cannot be told.
    """
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        if number == 1 and line.startswith(_WIDE):
            hint = f"iconv -f UTF-16 -t UTF-8 '{where}' > converted, then read that"
            raise InputError("the file is UTF-16, not UTF-8", where=where, hint=hint)
        if len(line) > longest:
            while line and not line.endswith(b"\n"):
                line = file.readline(longest)
            yield Refused(number, f"the line has more than {longest:,} bytes", "split it")
            continue
        try:
            yield number, line.decode("utf-8", errors)
        except UnicodeDecodeError as error:
            what = f"the line is not UTF-8: byte 0x{line[error.start]:02x} at its offset {error.start}"
            yield Refused(number, what, "export it again as UTF-8")
