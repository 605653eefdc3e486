"""File -> Document: which inputs there are, what a file says, where its sentences, cells and pairs stand.

One module per format; the modules whose names begin with `_` are shared by them.
"""

from kg.ingest._container import Piece, is_container, pieces, read_piece
from kg.ingest._file import Input
from kg.ingest._formats import described
from kg.ingest._read import read, read_text
from kg.ingest._walk import walk

__all__ = ["Input", "Piece", "described", "is_container", "pieces", "read", "read_piece", "read_text", "walk"]
