"""Equal input gives equal bytes: wherever it lies, in any order, with any number of processes and any hash seed."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import pytest

from kg.steps.read import FEW
from kg.store import FILES, open_build
from tests.command import SEEDS, kg

TEXTS = [path.read_bytes() for path in sorted(SEEDS.glob("*.txt"))]
BROKEN = b"\x00\x01\x02 not text"
REPORTS = {f"{number % 7}/{number:03}.txt": b"Number %d. " % number + TEXTS[number % len(TEXTS)] for number in range(FEW + 4)}
FILES_OF_A_COPY = {
    **REPORTS,
    "broken.txt": BROKEN,
    "tags.txt": b"<gpu_count>64 GPUs and <params>many</params>.",
    "photo.png": b"\x89PNG",
}


def copy(folder: Path, turn: int) -> Path:
    """Write all files below a folder of its own name, in an order of its own."""
    names = sorted(FILES_OF_A_COPY)
    for name in [*reversed(names[turn:]), *names[:turn]]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(FILES_OF_A_COPY[name])
    return folder


def digests(out: Path) -> dict[str, str]:
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in FILES if name != "run.json"}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int], Path]:
    """Builds of copies by (processes, hash seed)."""
    root = tmp_path_factory.mktemp("builds")
    made = {}
    for turn, (jobs, seed) in enumerate(itertools.product((1, 2), (0, 4321))):
        reports, out = copy(root / f"copy {turn}" / ("é" * turn) / "in", 31 * turn), root / f"out{turn}"
        ran = kg("build", reports, "-o", out, "-j", str(jobs), environ={"PYTHONHASHSEED": str(seed)})
        assert ran.returncode == 3, ran.stderr
        made[jobs, seed] = out
    return made


def test_every_file_is_the_same_in_every_build(builds: dict[tuple[int, int], Path]) -> None:
    first, *others = (digests(out) for out in builds.values())
    assert len(first) == len(FILES) - 1
    assert others == [first, first, first]


def test_the_builds_have_the_same_id(builds: dict[tuple[int, int], Path]) -> None:
    assert len({open_build(out).path.name for out in builds.values()}) == 1


def test_the_stores_hold_the_same(builds: dict[tuple[int, int], Path]) -> None:
    one, *others = (set(open_build(out).store()) for out in builds.values())
    assert len(one) > 10_000
    assert all(other == one for other in others)


def test_no_file_but_run_json_tells_where_or_when(builds: dict[tuple[int, int], Path]) -> None:
    for turn, out in enumerate(builds.values()):
        assert f"copy {turn}" in (out / "run.json").read_text("utf-8")
        for name in FILES:
            text = (out / name).read_bytes() if name != "run.json" else b""
            assert f"copy {turn}".encode() not in text, name
            assert bytes(out) not in text, name


def test_reports_named_one_by_one_in_any_order_are_the_same_build(tmp_path: Path) -> None:
    names = sorted(SEEDS.glob("*.txt"))
    assert kg("build", *names, "-o", tmp_path / "a").returncode == 0
    assert kg("build", *reversed(names), "-o", tmp_path / "b").returncode == 0
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
