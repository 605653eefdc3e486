"""File or string -> Document: bytes are decoded, never guessed at; what cannot be read is an InputError that says what to do."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from kg.errors import InputError
from kg.ingest._file import LARGEST, Input, contents, inside, too_large
from kg.ingest._formats import binary, choose
from kg.ingest._parsed import Parsed
from kg.model import Document, Finding, Label

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SAMPLE = 65536
_SHOWN = 10
_GUESSES = (("shift_jis", "SHIFT_JIS"), ("gb18030", "GB18030"), ("euc_kr", "EUC-KR"))


def read(input: Input, *, largest: int = LARGEST) -> Document:
    """Return the document of an input; raises InputError when it is missing, too large, empty, binary or not UTF-8."""
    return _of_bytes(*contents(input, largest), input, input.id, largest)


def read_bytes(data: bytes, input: Input, *, largest: int = LARGEST) -> Document:
    """Return the document of a file whose bytes are known, as `read` does; the input tells how it is called."""
    return _of_bytes(data, inside(data, input, largest), input, input.path.name, largest)


def _of_bytes(raw: bytes, data: bytes, input: Input, called: str, largest: int) -> Document:
    where = input.display
    format = binary(data, input.path.name)
    source = format[1].text_of(data, where) if format else decode(data, where)
    if not source.strip(" \t\r\n\f\v\ufeff"):
        raise InputError("the file holds no text", where=where, hint="remove it, or fill it in")
    if format and len(source.encode("utf-8", "surrogatepass")) > largest:
        raise too_large(where, f"has more than {largest:,} bytes of text", largest)
    digest = hashlib.sha256(raw).hexdigest()
    return _document(source, input.id, str(input.path), digest, format[0] if format else None, called)


def read_text(source: str, id: str, path: str | None = None, format: str | None = None) -> Document:
    """Return the document of a string; `format` is a module's name, found by content and suffix of the id when None."""
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    return _document(source, id, path or id, digest, format, id)


def decode(data: bytes, where: str) -> str:
    """Return the text of UTF-8 (with or without a byte order mark) or of UTF-16 with one; the mark stays its first character."""
    for mark, encoding in ((b"\xff\xfe\x00\x00", "UTF-32LE"), (b"\x00\x00\xfe\xff", "UTF-32BE")):
        if data.startswith(mark):
            raise InputError(f"the file is {encoding}, not UTF-8", where=where, hint=_conversion(encoding, where))
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            try:
                return data.decode(codec)
            except UnicodeDecodeError as error:
                what = f"the file is UTF-16 but breaks off or is damaged at byte {error.start}"
                raise InputError(what, where=where, hint="fetch or export it again") from error
    _refuse_binary(data, where)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        likely = _likely(data, error.start)
        byte = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise InputError(
            f"the file is not UTF-8: {byte}; it is probably {likely}", where=where, hint=_conversion(likely, where)
        ) from error


def _document(source: str, id: str, path: str, sha256: str, format: str | None, called: str) -> Document:
    name, module = choose(source, called, format)
    return document_of(module.parse(source), source, id, path, name, sha256)


def document_of(parsed: Parsed, source: str, id: str, path: str, format: str, sha256: str) -> Document:
    """Return the document of a source that was parsed."""
    return Document(
        id,
        path,
        format,
        source,
        parsed.text,
        sha256,
        parsed.segments,
        parsed.tags,
        parsed.fields,
        tuple(_named(finding, id) for finding in parsed.findings),
        parsed.moved,
        parsed.table,
        paged=parsed.paged,
    )


def _named(finding: Finding, report: str) -> Finding:
    labels = tuple(Label(report, label.start, label.end, label.text) for label in finding.labels)
    return replace(finding, labels=labels, report=report)


def _refuse_binary(data: bytes, where: str) -> None:
    sample = data[:_SAMPLE]
    nul = sample.find(b"\0")
    if nul >= 0 and _is_wide(sample):
        encoding = "UTF-16LE" if sample[1::2].count(0) > sample[0::2].count(0) else "UTF-16BE"
        raise InputError(f"the file is {encoding} without a byte order mark", where=where, hint=_conversion(encoding, where))
    controls = len(_CONTROL.findall(sample))
    if nul < 0:
        nul = data.find(b"\0")
    if nul >= 0 or 20 * controls > len(sample):
        what = f"byte {nul} is NUL" if nul >= 0 else f"{controls} of its first {len(sample)} bytes are control characters"
        hint = "exclude it, or convert it to text first"
        raise InputError(f"the file is binary: {what}", where=where, hint=hint)


def _is_wide(sample: bytes) -> bool:
    """Say whether nearly every second byte is NUL and hardly any of the others, as in UTF-16 of Latin letters."""
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    high, low = max(odd, even), min(odd, even)
    return len(sample) > 3 and 2.5 * high > len(sample) / 2 and 20 * low < len(sample)


def _likely(data: bytes, at: int) -> str:
    """Guess the encoding of bytes that are not UTF-8, for a hint only."""
    sample = data[max(0, at - _SAMPLE // 2) : at + _SAMPLE // 2]
    high = sum(1 for byte in sample if byte > 0x7F)
    if 5 * high > len(sample):
        for codec, name in _GUESSES:
            if _decodes(data, codec):
                return name
    return "WINDOWS-1252" if any(0x80 <= byte < 0xA0 for byte in sample) else "ISO-8859-1"


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _conversion(encoding: str, where: str) -> str:
    return f"iconv -f {encoding} -t UTF-8 '{where}' > converted.txt, then read that"
