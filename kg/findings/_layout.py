"""How `findings.index` is laid out; all numbers are little-endian, so that every machine writes the same bytes.

8 bytes     MAGIC
4 x 8       sizes: of findings.json in bytes; how many findings, keys and postings there are
8 each      where each finding begins in findings.json, and the size of that file without its end
16 each     for each key, sorted: where its text begins among the texts, and where its postings begin; one more ends them
4 each      postings: numbers of findings in their order, for each key in turn
the rest    the texts of the keys, one after the other
"""

from __future__ import annotations

import struct
import sys
from array import array
from dataclasses import dataclass

MAGIC = b"kgfind1\n"
HEAD = struct.Struct("<8s4Q")
ENTRY = struct.Struct("<2Q")
NUMBER = struct.Struct("<Q")
POSTING = "I"  # of array: 4 bytes on all platforms that Python supports

_SWAPPED = sys.byteorder == "big"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of an index stand that has so many findings, keys and postings."""

    findings: int
    keys: int
    postings: int

    @property
    def entries_at(self) -> int:
        """Return where the entries of the keys begin."""
        return HEAD.size + NUMBER.size * (self.findings + 1)

    @property
    def postings_at(self) -> int:
        """Return where the postings begin."""
        return self.entries_at + ENTRY.size * (self.keys + 1)

    @property
    def texts_at(self) -> int:
        """Return where the texts of the keys begin."""
        return self.postings_at + 4 * self.postings


def to_bytes(numbers: array[int]) -> bytes:
    """Return numbers as they are written; the array is left as it is."""
    return _turned(numbers[:]).tobytes() if _SWAPPED else numbers.tobytes()


def from_bytes(kind: str, content: bytes) -> array[int]:
    """Return numbers that were written."""
    return _turned(array(kind, content))


def _turned(numbers: array[int]) -> array[int]:
    if _SWAPPED:
        numbers.byteswap()
    return numbers
