"""A file of many reports -> pieces, one at a time, each with an id of its own; a piece -> Document.

What an entry makes of itself stays its own: one that cannot be read is told by file and line, and the others are read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kg.errors import InputError
from kg.ingest._entry import Member, Part, Refused
from kg.ingest._file import LARGEST, Input, opened, unpacked
from kg.ingest._formats import compression, container, suffix_of, suffixes
from kg.ingest._read import document_of, read_bytes, read_text
from kg.model import Document, Finding, Origin, Skipped

_LONGEST_KEY = 200
_LONGEST_PATH = 1000
_NO_KEY = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|(?:^|/)\.{0,2}(?:/|$)")
_BLANK = " \t\r\n\f\v\ufeff"


@dataclass(frozen=True, slots=True)
class Piece:
    """A report in a container: its id, the file, and what stands there."""

    id: str
    file: Input
    part: Part | Member

    @property
    def held(self) -> int:
        """Return how many bytes or characters of the file it holds."""
        return len(self.part.data if isinstance(self.part, Member) else self.part.source)


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
                yield named(input, entry, taken)
    except InputError as error:
        yield Skipped(input.id, error.what, failed=True, hint=error.hint)
    else:
        if empty:
            yield Skipped(input.id, "the file holds no report", failed=True, hint="remove it, or fill it in")


def read_piece(piece: Piece) -> Document:
    """Return the document of a piece."""
    part, path, digest = piece.part, str(piece.file.path), piece_hash(piece)
    if isinstance(part, Member):
        file = Input(piece.id, piece.file.path / part.path, f"{piece.file.display}/{part.path}")
        return replace(read_bytes(part.data, file), origin=origin_of(piece))
    if part.parsed is None:
        document = read_text(part.source, piece.id, path, part.format)
        # What the entry says of itself counts more than what its text seems to say.
        said = {field.name for field in part.fields}
        fields = (*part.fields, *(field for field in document.fields if field.name not in said))
        document = replace(document, fields=fields, sha256=digest)
    else:
        format = suffixes()[suffix_of(piece.file.path.name)]
        document = document_of(part.parsed, part.source, piece.id, path, format, digest)
    return replace(document, origin=origin_of(piece))


def piece_hash(piece: Piece) -> str:
    """Return the hash of a piece: of its text, and of what its meaning depends on besides."""
    if isinstance(piece.part, Member):
        return hashlib.sha256(piece.part.data).hexdigest()
    digest = hashlib.sha256(piece.part.source.encode("utf-8", "surrogatepass"))
    if piece.part.context:
        digest.update(b"\0" + piece.part.context.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def piece_key(piece: Piece) -> str:
    """Return what two pieces share only when they give equal documents: the hash, and one of what else the entry says of itself."""
    hash, part = piece_hash(piece), piece.part
    if isinstance(part, Member) or not (part.format or part.fields):
        return hash
    return f"{hash} {hashlib.sha256(repr((part.format, part.fields)).encode('utf-8', 'backslashreplace')).hexdigest()[:16]}"


def origin_of(piece: Piece) -> Origin:
    """Return where a piece stands."""
    part = piece.part
    return Origin(piece.file.id) if isinstance(part, Member) else Origin(piece.file.id, part.line, part.offset)


def named(input: Input, entry: Part | Member | Refused, taken: set[str]) -> Piece | Skipped:
    """Return an entry as a piece with an id that none of the file has yet; `taken` holds the keys so far, and takes its own."""
    key = key_of(entry)
    if isinstance(key, Refused):
        return _failure(input, key)
    if key in taken:
        key = f"{key}@{entry.line}"
    if key in taken:
        return _failure(input, Refused(entry.line, f"an entry before is named '{key}' too", "give each an id of its own"))
    taken.add(key)
    if isinstance(entry, Refused):
        return Skipped(f"{input.id}/{key}", entry.reason, failed=True, hint=entry.hint)
    return Piece(f"{input.id}/{key}", input, entry)


def key_of(entry: Part | Member | Refused) -> str | Refused:
    """Return what an entry is called as long as no other one is, or why no report is made of it."""
    if not isinstance(entry, Part):
        return _key_of_file(entry.path, entry.line) if entry.path is not None else entry
    if refused := _refusal(entry):
        return refused
    key = (entry.key or "").strip()
    return str(entry.line) if not key or len(key) > _LONGEST_KEY or _NO_KEY.search(key) else key


def _key_of_file(path: str, line: int) -> str:
    """Return what a file in an archive is called: its path, or its number and suffixes where that cannot stand in an id."""
    bad = len(path) > _LONGEST_PATH or _NO_KEY.search(path)
    return f"{line}{suffix_of(path)}{compression(path) or ''}" if bad else path


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
