"""Tar archives: which files of one are reports, what is passed over, and what becomes of an archive that is none or breaks off."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import resource
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import InputError
from kg.ingest import Input, Piece, pieces, read, read_piece
from kg.ingest._archive import LARGEST_HEADER, members
from kg.ingest._file import LARGEST
from kg.model import Finding, Origin
from tests.command import ROOT
from tests.format_files import FILES
from tests.ingest.containers import TEXT, found, made

Stored = tuple[str, bytes] | tarfile.TarInfo
PACK: dict[str, Callable[[bytes], bytes]] = {
    ".tar": lambda data: data,
    ".tar.gz": gzip.compress,
    ".tgz": gzip.compress,
    ".tar.zst": zstandard.ZstdCompressor().compress,
    ".TAR.BZ2": bz2.compress,
    ".txz": lzma.compress,
}


def info(name: str, size: int = 0, type: bytes = tarfile.REGTYPE, linkname: str = "") -> tarfile.TarInfo:
    """Return the header of a member."""
    header = tarfile.TarInfo(name)
    header.size, header.type, header.linkname = size, type, linkname
    return header


def tar(*files: Stored, format: int = tarfile.PAX_FORMAT) -> bytes:
    """Return an archive of files with their content, and of members without any."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=format) as archive:
        for file in files:
            if isinstance(file, tarfile.TarInfo):
                archive.addfile(file)
            else:
                archive.addfile(info(file[0], len(file[1])), io.BytesIO(file[1]))
    return data.getvalue()


def summed(block: bytes) -> bytes:
    """Return the block of a header with its checksum."""
    return block[:148] + b"%06o\0 " % (sum(block[:148]) + 8 * 32 + sum(block[156:])) + block[156:]


def member(name: bytes, data: bytes = b"", type: bytes = b"0", size: bytes | None = None) -> bytes:
    """Return the blocks of one member, with any bytes where its name and its size (in octal) stand."""
    size = b"%011o" % len(data) if size is None else size
    head = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size.ljust(12, b"\0") + b"00000000000\0"
    return summed((head + b" " * 8 + type).ljust(512, b"\0")) + data + bytes(-len(data) % 512)


END = bytes(1024)
GOOD = member(b"a.txt", TEXT.encode())
NONE = ["the file holds no report"]


def told(findings: Iterable[Finding]) -> list[str]:
    """Return what findings about files that are not read say."""
    (finding,) = findings
    assert (finding.code, finding.severity, finding.labels) == ("KG408", "info", ())
    return [finding.message, *finding.notes]


@pytest.mark.parametrize("kind", PACK)
def test_a_file_is_a_report(tmp_path: Path, kind: str) -> None:
    data = PACK[kind](tar(info("deep", type=tarfile.DIRTYPE), ("./deep//a.md", TEXT.encode()), ("b.txt", b"We train Owl-2B.")))
    documents, failures, findings = found(made(tmp_path, f"r{kind}", data))
    assert [document.id for document in documents] == [f"r{kind}/deep/a.md", f"r{kind}/b.txt"]
    assert [document.source for document in documents] == [TEXT, "We train Owl-2B."]
    assert [document.format for document in documents] == ["markdown", "text"]
    assert {document.origin for document in documents} == {Origin(f"r{kind}")}
    assert (failures, findings) == ([], [])


@pytest.mark.parametrize("packing", ["", ".gz", ".zst", ".bz2", ".xz"])
@pytest.mark.parametrize("format", sorted(set(FILES) - {"epoch_csv", "jsonl", "parquet", "tar"}))
def test_a_report_is_read_as_its_file_would_be(tmp_path: Path, format: str, packing: str) -> None:
    name, make = FILES[format]
    data = PACK[f".tar{packing}" if packing != ".bz2" else ".TAR.BZ2"](make()) if packing != ".xz" else lzma.compress(make())
    path = made(tmp_path, f"{name}{packing}", data).path
    alone = read(Input(f"r.tar/{path.name}", path, f"in/r.tar/{path.name}"))
    ((document,), failures, _) = found(made(tmp_path, "r.tar", tar((path.name, data))))
    same = {name: getattr(alone, name) for name in alone.__slots__ if name not in ("path", "origin")}
    assert {name: getattr(document, name) for name in same} == same
    assert document.path == str(tmp_path / "r.tar" / path.name)
    assert failures == []


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_paths(tmp_path: Path, format: int) -> None:
    names = [f"{'d' * 90}/{'e' * 60}.md", "Möwe.txt"]
    documents, failures, _ = found(made(tmp_path, "r.tar", tar(*((name, TEXT.encode()) for name in names), format=format)))
    assert ([document.id for document in documents], failures) == ([f"r.tar/{name}" for name in names], [])
    assert [document.format for document in documents] == ["markdown", "text"]


def test_times_of_an_incremental_dump_are_no_path(tmp_path: Path) -> None:
    def dumped(name: bytes, data: bytes, type: bytes = b"0") -> bytes:
        whole = member(name, data, type)
        return summed(whole[:257] + b"ustar  \0" + whole[265:345] + b"15300426334\0" * 2 + whole[369:512]) + whole[512:]

    long = b"x" * 97 + b".md"  # as long as the field
    data = dumped(b"cards/", b"Ya.md\0N.b\0\0", b"D") + dumped(b"cards/a.md", TEXT.encode()) + dumped(long, TEXT.encode()) + END
    documents, failures, findings = found(made(tmp_path, "r.tar", data))
    assert [document.id for document in documents] == ["r.tar/cards/a.md", f"r.tar/{long.decode()}"]
    assert (failures, findings) == ([], [])


def test_names_that_cannot_stand_in_an_id(tmp_path: Path) -> None:
    data = member(b"caf\xe9.md", b"We train A-1B.") + member(b"a\x1bb.md", b"We train B-1B.") + END
    long = ("x" * 2000 + ".md", b"We train C-1B.")
    documents, failures, _ = found(made(tmp_path, "r.tar", data + tar(long)))
    assert [document.id for document in documents] == ["r.tar/caf\\xe9.md", "r.tar/2.md", "r.tar/3.md"]
    assert {document.format for document in documents} == {"markdown"}
    assert failures == []


def test_two_files_of_one_name(tmp_path: Path) -> None:
    texts = [b"We train A-1B.", b"We train B-1B.", b"x" * (LARGEST + 1)]
    documents, failures, _ = found(made(tmp_path, "r.tar", tar(*(("a.md", text) for text in texts), ("a.md@2", b""))))
    assert [(document.id, document.format) for document in documents] == [("r.tar/a.md", "markdown"), ("r.tar/a.md@2", "markdown")]
    assert failures == [("r.tar/a.md@3", f"the file has {LARGEST + 1:,} bytes")]


PASSED: dict[str, tuple[Stored, str]] = {
    "another kind": (("a.png", b"\x89PNG"), ".png files are not read: a.png"),
    "no suffix": (("LICENSE", b"MIT"), "files without a suffix are not read: LICENSE"),
    "hidden": ((".a.md", b"a"), "hidden: .a.md"),
    "in a hidden folder": (("./.git/a.md", b"a"), "hidden: .git/a.md"),
    "of many reports": (("a.jsonl.gz", b"a"), "files of many reports are not read inside of an archive: a.jsonl.gz"),
    "an archive": (("a.tar", b"a"), "files of many reports are not read inside of an archive: a.tar"),
    "a build": (("x/kg-out/findings.md", b"a"), "a build of kg, not an input: x/kg-out/findings.md"),
    "a link": (info("a.md", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "links are not followed: a.md"),
    "a hard link": (info("b.md", 9, tarfile.LNKTYPE, "a.txt"), "links are not followed: b.md"),
    "a device": (info("a.md", type=tarfile.CHRTYPE), "devices are not read: a.md"),
    "a disk": (info("a.md", type=tarfile.BLKTYPE), "devices are not read: a.md"),
    "a FIFO": (info("a.md", type=tarfile.FIFOTYPE), "FIFOs are not read: a.md"),
    "unknown": (info("a.md", type=b"V"), "members of an unknown kind are not read: a.md"),
    "XML that is no article": (("a.xml", b"<svg/>"), "XML that is no JATS article: its root is <svg>: a.xml"),
    "signs that are none": (("a.p\x1b[2J\u202e", b""), ".p\\x1b[2j\\u202e files are not read: a.p\\x1b[2J\\u202e"),
    "a long name": (("a" * 300, b""), f"files without a suffix are not read: {'a' * 80}…"),
}


@pytest.mark.parametrize(("file", "reason"), PASSED.values(), ids=PASSED)
def test_what_is_passed_over_is_told(tmp_path: Path, file: Stored, reason: str) -> None:
    data = tar(("b.txt", TEXT.encode()), file, ("c.txt", b"We train Owl-2B."))
    documents, failures, findings = found(made(tmp_path, "r.tar", data))
    assert ([document.id for document in documents], failures) == (["r.tar/b.txt", "r.tar/c.txt"], [])
    assert told(findings) == ["1 of 3 files of the archive are not read", reason]


def test_what_is_passed_over_is_told_in_few_words(tmp_path: Path) -> None:
    names = [f"{n:02}.x{n % 30:02}" for n in range(100)]
    documents, failures, findings = found(made(tmp_path, "r.tar", tar(*((name, b"") for name in names))))
    message, *notes = told(findings)
    assert message == "100 of 100 files of the archive are not read"
    assert (len(notes), notes[0]) == (21, ".x00 files are not read: 00.x00, 30.x00, 60.x00 and 1 more")
    assert notes[-1] == "not read for other reasons: 20.x20, 21.x21, 22.x22 and 27 more"
    assert (documents, [reason for _, reason in failures]) == ([], NONE)


def test_sparse_files_are_not_read(tmp_path: Path) -> None:
    pax = info("b.md", 3)
    pax.pax_headers = {"GNU.sparse.major": "1"}
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(pax, io.BytesIO(b"abc"))
    head = member(b"a.md", type=b"S")
    sparse = summed(head[:482] + b"\1" + head[483:])
    maps = bytes(504) + b"\1" + bytes(7) + bytes(512)
    documents, failures, findings = found(made(tmp_path, "r.tar", sparse + maps + GOOD + data.getvalue()))
    assert ([document.id for document in documents], failures) == (["r.tar/a.txt"], [])
    assert told(findings) == ["2 of 3 files of the archive are not read", "sparse files are not read: a.md, b.md"]


@pytest.mark.parametrize("name", ["/etc/a.md", "../a.md", "x/../../a.md", "C:\\a.md", "\\\\host\\a.md", "./../a.md"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    documents, failures, findings = found(made(tmp_path, "r.tar", member(name.encode(), TEXT.encode()) + GOOD + END))
    assert [document.id for document in documents] == ["r.tar/a.txt"]
    assert failures == [("r.tar:1", f"its path leads out of the archive: {name}")]
    assert findings == []


def test_limits_are_those_of_files(tmp_path: Path) -> None:
    sizes = {"a.md": LARGEST + 1, "b.pdf": 100_000_001}
    data = b"".join(member(name.encode(), b"x" * size) for name, size in sizes.items())
    documents, failures, _ = found(made(tmp_path, "r.tar", data + GOOD + END))
    assert [document.id for document in documents] == ["r.tar/a.txt"]
    assert failures == [(f"r.tar/{name}", f"the file has {size:,} bytes") for name, size in sizes.items()]


UNREADABLE = {
    "empty": (b" \n", "the file holds no text"),
    "nothing": (b"", "the file holds no text"),
    "binary": (b"a\0b", "the file is binary: byte 1 is NUL"),
    "no UTF-8": (b"caf\xe9 au lait", "the file is not UTF-8: byte 0xe9 at offset 3; it is probably ISO-8859-1"),
}


@pytest.mark.parametrize(("data", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_fails_alone(tmp_path: Path, data: bytes, reason: str) -> None:
    met = list(pieces(made(tmp_path, "r.tar", tar(("a.md", data), ("b.txt", TEXT.encode())))))
    first, second = (item for item in met if isinstance(item, Piece))
    with pytest.raises(InputError, match=reason) as caught:
        read_piece(first)
    assert caught.value.where == "in/r.tar/a.md"
    assert read_piece(second).source == TEXT


@pytest.mark.parametrize("packing", [".gz", ".zst", ".bz2", ".xz"])
def test_a_bomb_in_an_archive_is_refused(tmp_path: Path, packing: str) -> None:
    pack = {".gz": gzip.compress, ".zst": PACK[".tar.zst"], ".bz2": bz2.compress, ".xz": lzma.compress}[packing]
    (piece,) = pieces(made(tmp_path, "r.tar", tar((f"a.md{packing}", pack(b"a" * (LARGEST * 5))))))
    assert isinstance(piece, Piece)
    with pytest.raises(InputError, match=f"the file unpacks to more than {LARGEST:,} bytes"):
        read_piece(piece)


PAX = member(b"p", b"18 path=other.txt\n", b"x")
DAMAGED: dict[str, tuple[bytes, str]] = {
    "breaks off between files": (b"", "the archive breaks off"),
    "breaks off in a header": (GOOD[:300], "the archive breaks off"),
    "breaks off in a file": (member(b"b.txt", b"a" * 5000)[:3000], "the archive breaks off"),
    "breaks off in a file that is passed over": (member(b"b.png", b"a" * 5000)[:3000], "the archive breaks off"),
    "a header that is none": (b"x" * 512, "the archive is damaged at its byte 1,024: this is no header of a file"),
    "rubbish behind the end": (END + b"x" * 512, "the archive is damaged at its byte 2,048: this is no header of a file"),
    "a size below nothing": (member(b"b", size=b"\xff" * 12), "the archive is damaged at its byte 1,024: a member of -1 bytes"),
    "a size beyond all": (member(b"b", size=b"\x80" + b"\xff" * 11), "a member of 309,485,009,821,345,068,724,781,055 bytes"),
    "a size of the whole disk": (member(b"b.png", size=b"77777777777"), "the archive breaks off"),
    "a size that is none": (member(b"b", size=b"9x"), "this is no header of a file"),
    "an extension that is none": (member(b"p", b"path=x\n", b"x"), "an extended header is none"),
    "an extension that is too short": (member(b"p", b"99 path=x\n", b"x"), "an extended header is none"),
    "an extension of nothing": (member(b"p", b"3 \n", b"x"), "an extended header is none"),
    "an extension within itself": (member(b"p", b"0 path=x\n", b"x"), "an extended header is none"),
    "a long number": (member(b"p", b"9" * 5000 + b" path=x\n", b"x"), "an extended header is none"),
    "a size in an extension": (member(b"p", b"11 size=-1\n", b"x") + GOOD, "a size that is no number"),
    "a long size": (member(b"p", b"108 size=" + b"9" * 98 + b"\n", b"x") + GOOD, "a size that is no number"),
    "a huge extension": (member(b"p", size=b"77777777777", type=b"x"), "a header of 8,589,934,591 bytes"),
    "a huge name": (member(b"p", size=b"77777777777", type=b"L"), "a header of 8,589,934,591 bytes"),
    "an extension of the end": (PAX, "the archive breaks off"),
}


@pytest.mark.parametrize("kind", [".tar", ".tar.gz"])
@pytest.mark.parametrize(("data", "reason"), DAMAGED.values(), ids=DAMAGED)
def test_what_stands_before_damage_is_read(tmp_path: Path, kind: str, data: bytes, reason: str) -> None:
    hidden = b"" if "byte" in reason else member(b".b", b"")
    documents, failures, findings = found(made(tmp_path, f"r{kind}", PACK[kind](GOOD + hidden + data)))
    assert [document.id for document in documents] == [f"r{kind}/a.txt"]
    ((path, said),) = failures
    assert path == f"r{kind}"
    assert reason in said
    assert not hidden or told(findings)[-1].startswith("hidden: .b")


@pytest.mark.parametrize("kind", PACK)
def test_what_stands_before_a_break_is_read(tmp_path: Path, kind: str) -> None:
    files = [(f"{n}.txt", "".join(hashlib.sha512(b"%d.%d" % (n, m)).hexdigest() for m in range(60)).encode()) for n in range(120)]
    data = PACK[kind](tar(*files))
    documents, failures, _ = found(made(tmp_path, f"r{kind}", data[: len(data) // 2]))
    assert [document.id for document in documents] == [f"r{kind}/{n}.txt" for n in range(len(documents))]
    assert len(documents) < 110
    assert documents or kind in (".txz", ".TAR.BZ2")  # these are unpacked in large blocks
    ((path, reason),) = failures
    assert path == f"r{kind}"
    assert "breaks off" in reason


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("data", [b"this is no archive at all, and no compressed file", b"", bytes(10_240)])
def test_what_is_no_archive(tmp_path: Path, kind: str, data: bytes) -> None:
    input = made(tmp_path, f"r{kind}", data)
    ((path, reason),) = found(input)[1]
    assert path == f"r{kind}"
    assert any(word in reason for word in ("breaks off", "damaged", "no tar archive", "holds no report"))


def test_what_begins_as_no_archive_is_named(tmp_path: Path) -> None:
    assert found(made(tmp_path, "r.tar", b"# Ibis\n" * 200))[1] == [("r.tar", "the file is no tar archive")]


def test_archives_one_behind_the_other_are_one(tmp_path: Path) -> None:
    data = tar(("a.txt", TEXT.encode())) + tar(("b.txt", TEXT.encode())) + bytes(100)
    documents, failures, _ = found(made(tmp_path, "r.tar", data))
    assert ([document.id for document in documents], failures) == (["r.tar/a.txt", "r.tar/b.txt"], [])


def test_what_holds_for_all_and_long_links_are_passed_over(tmp_path: Path) -> None:
    data = member(b"g", b"17 path=none.txt\n", b"g") + member(b"l", b"x" * 600, b"K") + PAX + GOOD + GOOD + END
    documents, failures, _ = found(made(tmp_path, "r.tar", data))
    assert ([document.id for document in documents], failures) == (["r.tar/other.txt", "r.tar/a.txt"], [])


BOUNDED = """
import sys
from pathlib import Path
from kg.ingest import Input, pieces
from kg.model import Finding
for item in pieces(Input("r", Path(sys.argv[1]), "r")):
    print(item.message if isinstance(item, Finding) else item.reason if hasattr(item, "reason") else item.id)
"""


@pytest.mark.parametrize("kind", [".tar.gz", ".txz"])
def test_a_bomb_is_passed_over_in_bounded_memory(tmp_path: Path, kind: str) -> None:
    size = 250_000_000
    data = member(b"a.md", size=b"%011o" % size)[:512] + bytes(size + -size % 512) + GOOD + bytes(1_000_000)
    data = lzma.compress(data, preset=1) if kind == ".txz" else gzip.compress(data, 1)
    path = made(tmp_path, f"r{kind}", data).path
    ran = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (300_000_000, 300_000_000)),
    )
    assert ran.stdout == "the file has 250,000,000 bytes\nr/a.txt\n", ran.stderr


@given(data=st.binary(max_size=3000), at=st.integers(0, 3000), put=st.binary(max_size=4))
def test_whatever_an_archive_holds_it_is_read_or_told(data: bytes, at: int, put: bytes) -> None:
    whole = PAX + GOOD + member(b"b.md", b"b" * 600) + END
    for damaged in (data, GOOD + data, whole[:at] + put + whole[at:], whole[:at] + put + whole[at + len(put) :]):
        for seekable in (True, False):
            file = io.BytesIO(damaged)
            file.seekable = lambda seekable=seekable: seekable  # type: ignore[method-assign,misc]
            try:
                for stored in members(file, "r.tar"):
                    assert 0 <= stored.size
            except InputError as error:
                assert error.hint
    assert LARGEST_HEADER < LARGEST
