"""A file of many reports -> pieces, one at a time, each with an id of its own; a piece -> Document.

What an entry makes of itself stays its own: one that cannot be read is told by file and line, and the others are read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kg.errors import InputError
from kg.ingest._entry import Part, Refused
from kg.ingest._file import LARGEST, Input, opened, unpacked
from kg.ingest._formats import container, suffix_of, suffixes
from kg.ingest._read import document_of, read_text
from kg.model import Document, Finding, Origin, Skipped

_LONGEST_KEY = 200
_NO_KEY = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|(?:^|/)\.{0,2}(?:/|$)")
_BLANK = " \t\r\n\f\v\ufeff"


@dataclass(frozen=True, slots=True)
class Piece:
    """A report in a container: its id, the file, and what stands there."""

    id: str
    file: Input
    part: Part


def is_container(input: Input) -> bool:
    """Say whether a file holds many reports, which its name tells."""
    return container(input.path.name) is not None


def pieces(input: Input) -> Iterator[Piece | Skipped | Finding]:
    """Yield the reports of a container, what cannot be read of it, and findings about the whole.

    An entry's id is the file's and its own key, or its line where it has none or one that another entry has. A file that cannot
    be read any further ends with a failure of the file.
    """
    module = container(input.path.name)
    if module is None:
        raise TypeError(f"{input.path} is no container")
    taken: set[str] = set()
    empty = True
    try:
        with opened(input) as file:
            for entry in module.documents(unpacked(file, input), input.display):
                if isinstance(entry, Finding):
                    yield replace(entry, report=input.id)
                    continue
                empty = False
                yield _failure(input, entry) if isinstance(entry, Refused) else _piece(input, entry, taken)
    except InputError as error:
        yield Skipped(input.id, error.what, failed=True, hint=error.hint)
    else:
        if empty:
            yield Skipped(input.id, "the file holds no report", failed=True, hint="remove it, or fill it in")


def read_piece(piece: Piece) -> Document:
    """Return the document of a piece. Its hash covers what its meaning depends on besides its text."""
    part, path = piece.part, str(piece.file.path)
    digest = hashlib.sha256(part.source.encode("utf-8", "surrogatepass"))
    if part.context:
        digest.update(b"\0" + part.context.encode("utf-8", "surrogatepass"))
    if part.parsed is None:
        document = read_text(part.source, piece.id, path, part.format)
        # What the entry says of itself counts more than what its text seems to say.
        said = {field.name for field in part.fields}
        fields = (*part.fields, *(field for field in document.fields if field.name not in said))
        document = replace(document, fields=fields, sha256=digest.hexdigest())
    else:
        format = suffixes()[suffix_of(piece.file.path.name)]
        document = document_of(part.parsed, part.source, piece.id, path, format, digest.hexdigest())
    return replace(document, origin=Origin(piece.file.id, part.line, part.offset))


def _piece(input: Input, part: Part, taken: set[str]) -> Piece | Skipped:
    if refused := _refusal(part):
        return _failure(input, refused)
    key = (part.key or "").strip()
    if not key or len(key) > _LONGEST_KEY or _NO_KEY.search(key):
        key = str(part.line)
    if key in taken:
        key = f"{key}@{part.line}"
    if key in taken:
        return _failure(input, Refused(part.line, f"an entry before is named '{key}' too", "give each an id of its own"))
    taken.add(key)
    return Piece(f"{input.id}/{key}", input, part)


def _refusal(part: Part) -> Refused | None:
    """Return why no report is made of an entry: the same limits hold as for a file."""
    if not part.source.strip(_BLANK):
        return Refused(part.line, "its text is empty", "remove it, or fill it in")
    if (nul := part.source.find("\0")) >= 0:
        return Refused(part.line, f"its text is binary: character {nul} is NUL", "convert it to text first")
    if len(part.source) > LARGEST or len(part.source.encode("utf-8", "surrogatepass")) > LARGEST:
        return Refused(part.line, f"its text has more than {LARGEST:,} bytes", "split it")
    return None


def _failure(input: Input, refused: Refused) -> Skipped:
    return Skipped(f"{input.id}:{refused.line}", refused.reason, failed=True, hint=refused.hint)
