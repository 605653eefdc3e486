"""What a file must be to be read, and what is said when it is not."""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

import pytest

from kg.errors import InputError, UnknownName
from kg.ingest import Input, read, read_text
from kg.ingest._file import LARGEST, STDIN
from kg.ingest._formats import Binary, Choosy, Text, formats, modules
from kg.model import Document

TEXT = "Ibis was trained for 3 weeks on 64 GPUs. Größe: 7B."


def file(folder: Path, data: bytes, name: str = "a.txt") -> Input:
    path = folder / name
    path.write_bytes(data)
    return Input(name, path, f"reports/{name}")


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (TEXT.encode(), TEXT),
        (b"\xef\xbb\xbf" + TEXT.encode(), "\ufeff" + TEXT),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "\ufeff" + TEXT),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "\ufeff" + TEXT),
        (TEXT.replace(". ", ".\r\n").encode(), TEXT.replace(". ", ".\r\n")),
    ],
    ids=["UTF-8", "UTF-8 with mark", "UTF-16LE", "UTF-16BE", "CRLF"],
)
def test_encodings(tmp_path: Path, data: bytes, source: str) -> None:
    document = read(file(tmp_path, data))
    assert document.source == source
    assert len(document.text) == len(source)
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert (document.id, document.path, document.format) == ("a.txt", str(tmp_path / "a.txt"), "text")
    first = document.segments[0]
    assert document.source[first.start : first.end] == "Ibis was trained for 3 weeks on 64 GPUs."


REFUSED = {
    "empty": (b"", "holds no text", "fill it in"),
    "blank": (b" \n\t\r\n ", "holds no text", "remove it"),
    "only a mark": (b"\xef\xbb\xbf\n", "holds no text", "remove it"),
    "NUL": (b"text\x00text", "binary: byte 4 is NUL", "convert it to text"),
    "late NUL": (b"x" * 100_000 + b"\x00", "binary: byte 100000 is NUL", "exclude it"),
    "controls": (b"\x01\x02\x03 text", "3 of its first 8 bytes are control", "exclude it"),
    "latin": ("Größe der Läufe, déjà vu".encode("latin-1"), "byte 0xf6 at offset 2", "iconv -f ISO-8859-1"),
    "windows": ("“Größe” – das".encode("cp1252"), "probably WINDOWS-1252", "iconv -f WINDOWS-1252 -t UTF-8 'reports/a.txt'"),
    "shift jis": ("学習率は大きい".encode("shift_jis"), "probably SHIFT_JIS", "iconv -f SHIFT_JIS"),
    "gb": ("模型的训练数据集包括很多网页".encode("gb18030"), "probably GB18030", "iconv -f GB18030"),
    "noise": (bytes(range(128, 256)) * 2, "probably WINDOWS-1252", "iconv"),
    "cut off": ("Ibis-Größe ö".encode()[:-1], "offset 13", "iconv"),
    "UTF-32": (TEXT.encode("utf-32"), "is UTF-32LE", "iconv -f UTF-32LE"),
    "UTF-32BE": (b"\x00\x00\xfe\xff" + TEXT.encode("utf-32-be"), "is UTF-32BE", "iconv -f UTF-32BE"),
    "UTF-16LE unmarked": (TEXT.encode("utf-16-le"), "UTF-16LE without a byte order mark", "iconv -f UTF-16LE"),
    "UTF-16BE unmarked": (TEXT.encode("utf-16-be"), "UTF-16BE without a byte order mark", "iconv -f UTF-16BE"),
    "UTF-16 cut off": (b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1], "breaks off or is damaged at byte", "again"),
}


@pytest.mark.parametrize(("data", "what", "hint"), REFUSED.values(), ids=REFUSED.keys())
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes, what: str, hint: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        read(file(tmp_path, data))
    assert caught.value.where == "reports/a.txt"
    assert caught.value.hint
    assert hint in caught.value.hint


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the file has 11 bytes") as caught:
        read(file(tmp_path, b"x" * 11), largest=10)
    assert caught.value.hint
    assert "more than 10 bytes" in caught.value.hint
    with (tmp_path / "big.txt").open("wb") as sparse:
        sparse.truncate(LARGEST + 1)
    with pytest.raises(InputError, match=f"{LARGEST + 1:,} bytes"):
        read(Input("big.txt", tmp_path / "big.txt", "big.txt"))


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the file is gone"):
        read(Input("a.txt", tmp_path / "a.txt", "a.txt"))


def test_a_folder_and_a_device_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read(Input("a.txt", tmp_path, "a.txt"))
    with pytest.raises(InputError, match="not a regular file"):
        read(Input("a.txt", Path("/dev/null"), "a.txt"))


def test_a_file_without_permission(forbidden: Path) -> None:
    locked = file(forbidden, TEXT.encode())
    locked.path.chmod(0)
    with pytest.raises(InputError, match="no permission") as caught:
        read(locked)
    assert caught.value.hint == "allow reading it: chmod u+r"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert read(Input("stdin.txt", STDIN, "standard input")).source == TEXT
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 11)))
    with pytest.raises(InputError, match="more than 10 bytes"):
        read(Input("stdin.txt", STDIN, "standard input"), largest=10)


def test_a_string_is_read_as_its_file_would_be(tmp_path: Path) -> None:
    document = read_text(TEXT, "a.txt", path=str(tmp_path / "a.txt"))
    assert document == read(file(tmp_path, TEXT.encode()))
    assert read_text(TEXT, "a.txt").path == "a.txt"
    assert read_text("\ud800", "a.txt").sha256 == hashlib.sha256(b"\xed\xa0\x80").hexdigest()


@pytest.mark.parametrize(
    ("id", "format", "name"),
    [
        ("a.md", None, "markdown"),
        ("a.MARKDOWN", None, "markdown"),
        ("a.text", None, "text"),
        ("a", None, "text"),
        ("a.txt", "markdown", "markdown"),
    ],
)
def test_the_format_is_named_or_follows_from_the_suffix(id: str, format: str | None, name: str) -> None:
    assert read_text(TEXT, id, format=format).format == name


def test_an_unknown_format_names_the_near_ones() -> None:
    with pytest.raises(UnknownName, match="did you mean markdown"):
        read_text(TEXT, "a.txt", format="markdwn")


def test_every_format_declares_what_the_package_asks_for() -> None:
    suffixes = [suffix for module in modules().values() for suffix in module.SUFFIXES]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)
    for module in formats().values():
        # A format that refuses other files by their beginning refuses text, too.
        assert isinstance(module, Choosy) or len(module.parse(TEXT).text) == len(TEXT)
        assert isinstance(module, Text | Binary)
        assert not (isinstance(module, Text) and module.recognises(TEXT))


def test_documents_are_values() -> None:
    document = read_text(TEXT, "a.txt")
    assert isinstance(document, Document)
    assert document == read_text(TEXT, "a.txt")
