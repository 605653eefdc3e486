"""What goes wrong outside kg: each is told clearly, with the path and what to do, and leaves the last build as it was."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import SEEDS, environment, kg

GOOD = "InstructBLIP-13B was trained on 64 NVIDIA A100 GPUs with AdamW.\n"
GIB = 1 << 30
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER = 1, 2, 3


def published(out: Path) -> dict[str, str]:
    """Return the SHA-256 of every published file, the store's files included, and where the link points."""
    files = sorted(file for file in (out / ".current").resolve().rglob("*") if file.is_file())
    digests = {str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    links = {link.name: os.readlink(link) for link in sorted(out.iterdir()) if link.is_symlink()}
    return digests | links


def without_privileges() -> None:
    """Take from root the right to read and write what permissions forbid; any other user has no such right."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


@pytest.fixture(scope="module")
def good_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    ran = kg("build", SEEDS, "-o", folder / "kg-out")
    assert ran.returncode in {0, 1}, ran.stderr
    return folder / "kg-out"


@pytest.fixture
def out(good_build: Path, tmp_path: Path) -> Path:
    """A copy of a published build, which no failure may change."""
    return Path(shutil.copytree(good_build, tmp_path / "kg-out", symlinks=True))


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with one report that can be read."""
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "good.txt").write_text(GOOD, encoding="utf-8")
    return folder


def unreadable(path: Path) -> None:
    path.write_text(GOOD, encoding="utf-8")
    path.chmod(0)


BAD_REPORTS: list[tuple[str, Callable[[Path], object], str, str]] = [
    ("empty", lambda path: path.touch(), "holds no text", "remove it"),
    ("binary", lambda path: path.write_bytes(bytes(range(256)) * 64), "the file is binary", "convert it to text"),
    (
        "latin-1",
        lambda path: path.write_bytes("Modèle entraîné".encode("latin-1")),
        "not UTF-8: byte 0xe8 at offset 3",
        "iconv -f ISO-8859-1",
    ),
    ("half-utf-16", lambda path: path.write_bytes("64 GPUs".encode("utf-16")[:-1]), "breaks off or is damaged", "export it again"),
    ("no-permission", unreadable, "no permission to read the file", "chmod u+r"),
    ("dangling-link", lambda path: path.symlink_to("nowhere"), "a link to nothing", "remove the link"),
]


@pytest.mark.parametrize(("make", "why", "remedy"), [case[1:] for case in BAD_REPORTS], ids=[case[0] for case in BAD_REPORTS])
def test_a_report_that_cannot_be_read(make: Callable[[Path], object], why: str, remedy: str, out: Path, reports: Path) -> None:
    make(reports / "bad.txt")
    ran = kg("build", reports, "-o", out, "--accept-shrink", before=without_privileges, terminal=True)
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 3, ran.stderr
    assert f"{reports}/bad.txt" in ran.stderr
    assert why in ran.stderr
    assert remedy in ran.stderr
    assert '"good.txt"' in (out / "claims.jsonl").read_text(encoding="utf-8")


def test_what_was_not_read_is_told_when_a_build_would_lose_too_much(out: Path, reports: Path) -> None:
    before = published(out)
    (reports / "bad.txt").write_bytes(b"\x00\x01")
    ran = kg("build", reports, "-o", out)
    assert ran.returncode == 3, ran.stderr
    assert "this build would lose" in ran.stderr
    assert f"  not read: {reports}/bad.txt: " in ran.stderr
    assert published(out) == before


@pytest.mark.parametrize(
    ("make", "why", "remedy"), [case[1:] for case in BAD_REPORTS[:3]], ids=[case[0] for case in BAD_REPORTS[:3]]
)
def test_no_report_that_can_be_read(make: Callable[[Path], object], why: str, remedy: str, out: Path, reports: Path) -> None:
    make(reports / "bad.txt")
    (reports / "good.txt").unlink()
    before = published(out)
    ran = kg("build", reports, "-o", out)
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 3, ran.stderr
    assert re.search(rf"bad\.txt: .*{why}", ran.stderr)
    assert published(out) == before


def test_a_line_of_100_megabytes(reports: Path, out: Path) -> None:
    text = "64 A100 GPUs for 3 days "
    (reports / "long.txt").write_text(text * (100_000_000 // len(text)), encoding="utf-8")
    ran = kg(
        "build",
        reports,
        "-o",
        out,
        "--accept-shrink",
        terminal=True,
        before=lambda: resource.setrlimit(resource.RLIMIT_AS, (GIB, GIB)),
    )
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 3, ran.stderr
    assert f"{reports}/long.txt" in ran.stderr
    assert "the file has 99,999,984 bytes" in ran.stderr
    assert "split it, or exclude it" in ran.stderr
    assert '"good.txt"' in (out / "claims.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["lorem ipsum dolor ", '"\\', "64 GPUs, "], ids=["words", "escaped", "values"])
def test_the_longest_line_that_is_read(text: str, tmp_path: Path) -> None:
    """What the size limit lets in can be extracted, written and loaded: the store's parser takes 16 MiB at a time."""
    from kg.ingest._file import LARGEST

    (tmp_path / "long.txt").write_text(
        text * ((LARGEST // 40 if "64" in text else LARGEST) // len(text.encode())), encoding="utf-8"
    )
    ran = kg(
        "build",
        tmp_path / "long.txt",
        "-o",
        tmp_path / "out",
        before=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 * GIB, 3 * GIB)),
    )
    assert ran.returncode == 0, ran.stderr


def test_a_folder_without_reports(tmp_path: Path, out: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/photo.jpeg").write_bytes(b"\xff\xd8\xff\xe0")
    before = published(out)
    ran = kg("build", tmp_path / "empty", "-o", out)
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 3, ran.stderr
    assert f"{tmp_path / 'empty'}: the folder holds no report\n  hint: kg reads " in ran.stderr
    assert published(out) == before


def test_shapes_with_a_syntax_error(reports: Path, out: Path, tmp_path: Path) -> None:
    shapes = tmp_path / "own.ttl"
    shapes.write_text("@prefix sh: <http://www.w3.org/ns/shacl#> .\n\n[] a sh:NodeShape ;; sh:targetClass .\n", encoding="utf-8")
    before = published(out)
    ran = kg("build", reports, "-o", out, environ={"KG_SHAPES": str(shapes)})
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 2, ran.stderr
    assert f"{shapes}:3" in ran.stderr
    assert "hint" in ran.stderr
    assert published(out) == before


def test_a_shapes_file_that_is_not_there(reports: Path, out: Path) -> None:
    before = published(out)
    ran = kg("build", reports, "-o", out, environ={"KG_SHAPES": "no-such.ttl"})
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 2, ran.stderr
    assert "no-such.ttl" in ran.stderr
    assert published(out) == before


def test_no_file_may_grow(reports: Path, out: Path) -> None:
    """A limit on the size of files fails in the same place as a full disk, and needs no rights."""
    before = published(out)
    ran = kg(
        "build", reports, "-o", out, "--accept-shrink", before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))
    )
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 3, ran.stderr
    assert str(out) in ran.stderr
    assert "the last build is as it was" in ran.stderr
    assert published(out) == before


FULL_DISK = """
set -e
mount -t tmpfs -o size="$SIZE" tmpfs "$DISK"
cp -a "$GOOD" "$DISK/kg-out"
cd "$DISK/kg-out"
sums() { readlink .current; find .current/ -type f | sort | xargs sha256sum; }
sums
echo AFTER
"$PYTHON" -m kg build "$REPORTS" -o "$DISK/kg-out" --accept-shrink || echo "exit code $?" >&2
sums
"""
IN_NAMESPACE = ("unshare", "--mount", "--map-root-user")


def may_mount() -> bool:
    """Say whether this user may mount a small disk in a namespace of its own."""
    try:
        tried = subprocess.run(
            [*IN_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, timeout=20, check=False
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


@pytest.mark.skipif(not may_mount(), reason="this user may not mount a small disk; test_no_file_may_grow fails in the same place")
def test_a_full_disk(reports: Path, good_build: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    pages = sum(-(-file.stat().st_size // 4096) + 1 for file in good_build.rglob("*") if not file.is_symlink())
    given = {
        "SIZE": f"{pages * 4 + 128}k",
        "DISK": str(disk),
        "GOOD": str(good_build),
        "REPORTS": str(reports),
        "PYTHON": sys.executable,
    }
    ran = subprocess.run(
        [*IN_NAMESPACE, "sh", "-c", FULL_DISK], env=environment() | given, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in ran.stderr
    assert "the disk is full" in ran.stderr
    assert str(disk) in ran.stderr
    assert "hint: free some space" in ran.stderr
    assert "exit code 3" in ran.stderr
    before, after = ran.stdout.split("AFTER\n")
    assert before == after != ""


def test_an_output_path_that_is_a_file(reports: Path, tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.write_text("mine", encoding="utf-8")
    ran = kg("build", reports, "-o", place)
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 3, ran.stderr
    assert f"{place}: this is a file, not a folder" in ran.stderr
    assert "hint: move the file away" in ran.stderr
    assert place.read_text(encoding="utf-8") == "mine"


def test_an_output_folder_that_is_read_only(reports: Path, out: Path) -> None:
    before = published(out)
    for folder in (out, out / ".builds"):
        folder.chmod(0o555)
    ran = kg("build", reports, "-o", out, "--accept-shrink", before=without_privileges)
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 3, ran.stderr
    assert "no permission to write" in ran.stderr
    assert str(out) in ran.stderr
    assert "hint: change the folder's permissions" in ran.stderr
    assert published(out) == before


def test_a_file_of_the_user_in_the_place_of_a_published_one(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "graph.ttl").write_text("mine", encoding="utf-8")
    ran = kg("build", reports, "-o", out)
    assert ran.returncode == 3, ran.stderr
    assert "graph.ttl stands here and is not from kg" in ran.stderr
    assert (out / "graph.ttl").read_text(encoding="utf-8") == "mine"
    assert [file.name for file in out.iterdir()] == ["graph.ttl"]
