r"""LaTeX: papers as their authors write them.

Comments, the preamble, bibliographies and what `\iffalse` hides are not read; `\input` is not followed. Commands that the source
defines are read as what they stand for where that is no longer than the command; a longer one is read where it is defined.
"""

from __future__ import annotations

import re

from kg.ingest._characters import plain_characters
from kg.ingest._parsed import Parsed
from kg.ingest._typeset import Typeset

SUFFIXES = (".tex", ".ltx")

_DOCUMENT = re.compile(r"\ufeff?(?:\s++|%[^\n]*+\n)*+\\document(?:class|style)\s*[\[{]")


def recognises(source: str) -> bool:
    """Say whether the source begins as a document of LaTeX does."""
    return _DOCUMENT.match(source) is not None


def parse(source: str) -> Parsed:
    """Read the segments and fields of a document, or of a part of one."""
    return Typeset(plain_characters(source)).parsed()
