"""Compressed files: read as what is inside them, bounded, and told when they are damaged or break off."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import InputError
from kg.ingest import Input, read, walk
from kg.ingest._file import LARGEST, unpacked
from tests.command import ROOT
from tests.ingest.containers import TEXT, found, lines, made

GZ: Callable[[bytes], bytes] = gzip.compress
PACK: dict[str, Callable[[bytes], bytes]] = {
    ".bz2": lambda data: bz2.compress(data, 1),
    ".gz": GZ,
    ".xz": lambda data: lzma.compress(data, preset=1),
    ".zst": lambda data: zstandard.ZstdCompressor().compress(data),
}
KINDS = list(PACK)


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_read_as_what_is_inside(tmp_path: Path, kind: str) -> None:
    data = PACK[kind](TEXT.encode())
    document = read(made(tmp_path, f"card.md{kind}", data))
    assert (document.id, document.source, document.format) == (f"card.md{kind}", TEXT, "markdown")
    assert document.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("kind", KINDS)
def test_a_container_is_read_as_what_is_inside(tmp_path: Path, kind: str) -> None:
    data = PACK[kind](lines({"id": "x", "text": TEXT}).encode())
    documents, failures, _ = found(made(tmp_path, f"a.jsonl{kind}", data))
    assert ([document.id for document in documents], failures) == ([f"a.jsonl{kind}/x"], [])


@pytest.mark.parametrize("kind", KINDS)
def test_several_streams_one_after_the_other_are_one(tmp_path: Path, kind: str) -> None:
    data = b"".join(PACK[kind](part) for part in (b"We train ", b"", b"Owl-2B."))
    assert read(made(tmp_path, f"a.txt{kind}", data)).source == "We train Owl-2B."


@pytest.mark.parametrize("kind", KINDS)
def test_suffixes_in_any_case_and_nothing_else(tmp_path: Path, kind: str) -> None:
    for name in (f"a.txt{kind.upper()}", f"b.png{kind}", f"c{kind}"):
        (tmp_path / name).write_bytes(PACK[kind](TEXT.encode()))
    inputs, skipped = walk([tmp_path])
    assert [input.id for input in inputs] == [f"a.txt{kind.upper()}"]
    assert [item.reason for item in skipped] == [f".png{kind} files are not read", f"{kind} files are not read"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_is_refused(tmp_path: Path, kind: str) -> None:
    data = PACK[kind](b"a" * (LARGEST * 20))
    assert len(data) < LARGEST // 10
    with pytest.raises(InputError, match=f"the file unpacks to more than {LARGEST:,} bytes") as caught:
        read(made(tmp_path, f"a.txt{kind}", data))
    assert caught.value.hint
    assert "split it" in caught.value.hint


BOMB = """
import sys
from pathlib import Path
from kg.ingest import Input, pieces
print([(item.path, item.reason) if hasattr(item, "reason") else item.id for item in pieces(Input("a", Path(sys.argv[1]), "a"))])
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_in_a_line_is_passed_over_in_bounded_memory(tmp_path: Path, kind: str) -> None:
    data = PACK[kind](b"a" * 400_000_000 + b"\n" + lines({"text": TEXT}).encode())
    path = made(tmp_path, f"a.jsonl{kind}", data).path
    ran = subprocess.run(
        [sys.executable, "-c", BOMB, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (400_000_000, 400_000_000)),
    )
    assert ran.stdout == "[('a:1', 'the line has more than 32,000,000 bytes'), 'a/2']\n", ran.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_that_breaks_off_is_not_read(tmp_path: Path, kind: str) -> None:
    data = PACK[kind](TEXT.encode() * 1000)[:-9]
    with pytest.raises(InputError, match="the compressed file breaks off"):
        read(made(tmp_path, f"a.txt{kind}", data))


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_before_a_break_is_read(tmp_path: Path, kind: str) -> None:
    records = [{"id": n, "text": hashlib.sha512(b"%d" % n).hexdigest()} for n in range(5000)]
    data = PACK[kind](lines(*records).encode())
    documents, failures, _ = found(made(tmp_path, f"a.jsonl{kind}", data[: len(data) // 2]))
    assert 1000 < len(documents) < 4000
    assert [document.id for document in documents] == [f"a.jsonl{kind}/{n}" for n in range(len(documents))]
    assert failures == [(f"a.jsonl{kind}", "the compressed file breaks off")]


@pytest.mark.parametrize(
    ("kind", "end", "put"),
    [(".gz", 8, b""), (".gz", 4, b""), (".gz", 8, b"\0" * 8), (".gz", 4, b"\0" * 4), (".bz2", 4, b""), (".xz", 12, b"")],
)
def test_nothing_is_lost_where_only_the_end_is(tmp_path: Path, kind: str, end: int, put: bytes) -> None:
    records = [{"id": n, "text": hashlib.sha512(b"%d" % n).hexdigest()} for n in range(200)]
    data = PACK[kind](lines(*records).encode())[:-end] + put
    documents, failures, _ = found(made(tmp_path, f"a.jsonl{kind}", data))
    assert [document.id for document in documents] == [f"a.jsonl{kind}/{n}" for n in range(200)]
    ((path, reason),) = failures
    assert path == f"a.jsonl{kind}"
    assert reason.startswith("the compressed file ")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "data", [b"this is no compressed file at all", b"\x1f\x8b\x08\x00 broken", b"\x28\xb5\x2f\xfd\xff\xff\xff\xff"]
)
def test_what_is_not_compressed_is_told(tmp_path: Path, kind: str, data: bytes) -> None:
    with pytest.raises(InputError, match=r"the compressed file (is damaged: |breaks off)") as caught:
        read(made(tmp_path, f"a.txt{kind}", data))
    assert caught.value.where == f"in/a.txt{kind}"


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_file(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match="holds no text"):
        read(made(tmp_path, f"a.txt{kind}", b""))
    with pytest.raises(InputError, match="holds no text"):
        read(made(tmp_path, f"b.txt{kind}", PACK[kind](b"")))
    assert found(made(tmp_path, f"a.jsonl{kind}", b""))[1] == [(f"a.jsonl{kind}", "the file holds no report")]


def test_a_window_larger_than_memory_is_refused(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=29, compression_level=1)
    data = zstandard.ZstdCompressor(compression_params=parameters).compressobj().compress(b"a" * 1000)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = packer.compress(b"a" * 1000) + packer.flush()
    with pytest.raises(InputError, match="the compressed file is damaged: "):
        read(made(tmp_path, "a.txt.zst", data))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=300_000), piece=st.integers(1, 70_000))
def test_what_was_packed_is_what_is_unpacked(tmp_path_factory: pytest.TempPathFactory, kind: str, data: bytes, piece: int) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{kind}"
    path.write_bytes(PACK[kind](data))
    with path.open("rb") as file:
        stream = unpacked(file, Input("a", path, "a"))
        assert b"".join(iter(lambda: stream.read(piece), b"")) == data
