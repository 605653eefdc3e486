"""File -> Document: which inputs there are, what a file says, where its sentences, cells and pairs stand.

One module per format; the modules whose names begin with `_` are shared by them.
"""

from kg.ingest._read import read, read_text
from kg.ingest._walk import Input, walk

__all__ = ["Input", "read", "read_text", "walk"]
