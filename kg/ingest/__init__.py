"""File -> Document: which inputs there are, what a file says, where its sentences, cells and pairs stand.

One module per format; the modules whose names begin with `_` are shared by them.
"""

from kg.ingest._container import Piece, is_container, key_of, named, origin_of, piece_key, pieces, read_piece
from kg.ingest._entry import Part, Refused
from kg.ingest._file import STDIN, Input, head_of
from kg.ingest._formats import PARTS, choosy, described, suffix_of
from kg.ingest._patterns import IGNORE_FILE, Patterns, patterns_of
from kg.ingest._read import read, read_text
from kg.ingest._split import columns_read, entries_of_lines, entry_of_row
from kg.ingest._walk import walk

__all__ = [
    "IGNORE_FILE",
    "PARTS",
    "STDIN",
    "Input",
    "Part",
    "Patterns",
    "Piece",
    "Refused",
    "choosy",
    "columns_read",
    "described",
    "entries_of_lines",
    "entry_of_row",
    "head_of",
    "is_container",
    "key_of",
    "named",
    "origin_of",
    "patterns_of",
    "piece_key",
    "pieces",
    "read",
    "read_piece",
    "read_text",
    "suffix_of",
    "walk",
]
