"""Whatever is edited: a build after the last one is, byte for byte, the build from nothing of the same reports."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import pipeline
from kg.config import Config
from kg.outcome import BuildResult
from kg.steps.read import Progress
from kg.store import FILES

NAMES = ("Kestrel-7B", "Merlin-3B", "Osprey-1B", "Harrier-13B", "Kestrel 7B", "Buzzard")
SENTENCES = (
    "{name} was trained on {count} NVIDIA A100 GPUs for {count} hours.",
    "{name} extends {other}.",
    "{name} was developed by Aerie in France and released in 20{year}.",
    "{name} was pretrained on LAION-400M with a global batch size of {count}.",
    "We use <gpu_count>{count}</gpu_count> GPUs for {name}, which has {year} billion parameters.",
    "The weights of {name} are released under the Apache 2.0 license.",
    "{name} was trained with AdamW; gradient accumulation steps were set to {year}.",
)


def text(chance: random.Random) -> str:
    """Return a report that says a few things of one model, or of two."""
    name, other = chance.sample(NAMES, 2)
    said = [
        sentence.format(name=name, other=other, count=chance.choice((8, 64, 100, 256)), year=chance.randint(15, 25))
        for sentence in chance.sample(SENTENCES, chance.randint(1, 4))
    ]
    return f"We introduce {name}.\n\n" + "\n\n".join(said) + "\n"


class Folder:
    """Reports in files, and many in one file, that are edited at random."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        self.path, self.chance = path, chance
        self.files = {f"{number}.txt": text(chance) for number in range(7)}
        self.entries = {f"e{number}": text(chance) for number in range(4)}

    def edit(self) -> None:
        edits: tuple[Callable[[], None], ...] = (self.change, self.add, self.remove, self.rename, self.change_entry, self.reorder)
        self.chance.choice(edits)()

    def change(self) -> None:
        self.files[self.chance.choice(list(self.files))] = text(self.chance)

    def add(self) -> None:
        self.files[f"new-{self.chance.randint(0, 99)}.txt"] = text(self.chance)

    def remove(self) -> None:
        del self.files[self.chance.choice(list(self.files))]

    def rename(self) -> None:
        name = self.chance.choice(list(self.files))
        self.files[f"a-{name}"] = self.files.pop(name)

    def change_entry(self) -> None:
        self.entries[self.chance.choice(list(self.entries))] = text(self.chance)

    def reorder(self) -> None:
        names = self.chance.sample(list(self.entries), len(self.entries))
        self.entries = {name: self.entries[name] for name in names}

    def write(self) -> None:
        self.path.mkdir(exist_ok=True)
        for file in self.path.iterdir():
            file.unlink()
        for name, content in self.files.items():
            (self.path / name).write_text(content, encoding="utf-8")
        lines = (json.dumps({"id": name, "text": content}) for name, content in self.entries.items())
        (self.path / "many.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def build(self, out: Path, progress: Progress | None = None) -> BuildResult:
        settings = Config(jobs=1)
        return pipeline.build([self.path], out, config=settings, progress=progress or quiet, say=quiet, accept_shrink=True)


def quiet(*_: object) -> None:
    """Say nothing."""


def content(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in FILES if name != "run.json"}


def stored(out: Path) -> set[str]:
    return {f"{quad} ." for quad in ox.Store.read_only(str(out / "store")).quads_for_pattern(None, None, None)}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches and ranges of so few reports that a few reports make several."""
    monkeypatch.setattr("kg.steps.read._CHUNK", 2)
    monkeypatch.setattr("kg.building._REPORTS", 3)
    monkeypatch.setattr("kg.building._MODELS", 3)
    monkeypatch.setattr("kg.building._IN_A_RANGE", 3)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", [1])
def test_edits_one_after_the_other(tmp_path: Path, seed: int) -> None:
    folder = Folder(tmp_path / "reports", random.Random(seed))
    out = tmp_path / "out"
    folder.write()
    folder.build(out)
    for number in range(3):
        for _ in range(folder.chance.randint(1, 2)):
            folder.edit()
        folder.write()
        if folder.chance.random() < 0.5:
            stopped(folder, out, folder.chance.randint(1, 4))
        folder.build(out)
        assert_as_from_nothing(folder, out, tmp_path / f"anew-{number}")


def assert_as_from_nothing(folder: Folder, out: Path, anew: Path) -> None:
    folder.build(anew)
    assert content(out) == content(anew)
    assert stored(out) == stored(anew)


class Stopped(BaseException):
    """The moment at which a build is stopped."""


def stopped(folder: Folder, out: Path, after: int) -> None:
    """Begin a build and stop it while it reads."""
    left = after

    def progress(what: str, done: int, total: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Stopped

    with suppress(Stopped):
        folder.build(out, progress)


@pytest.mark.usefixtures("small")
def test_a_build_that_was_stopped_has_lost_no_report_of_a_file_of_many(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "reports", random.Random(7))
    folder.write()
    stopped(folder, tmp_path / "out", 1)
    result = folder.build(tmp_path / "out")
    assert result.build.manifest["counts"]["reports"] == len(folder.files) + len(folder.entries)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("after", [2, 4])
def test_a_file_of_many_that_is_as_it_was_again_after_a_build_was_stopped(tmp_path: Path, after: int) -> None:
    folder = Folder(tmp_path / "reports", random.Random(7))
    out = tmp_path / "out"
    folder.write()
    folder.build(out)
    before = folder.entries
    folder.entries = {"new": text(folder.chance), **dict.fromkeys(before, text(folder.chance))}
    folder.write()
    stopped(folder, out, after)
    folder.entries = before
    folder.write()
    folder.files["other.txt"] = text(folder.chance)
    folder.write()
    folder.build(out)
    assert_as_from_nothing(folder, out, tmp_path / "anew")


def test_what_cannot_be_read_in_an_archive_is_told_again(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "a.txt").write_text(SENTENCES[0].format(name=NAMES[0], count=8), encoding="utf-8")
    with tarfile.open(reports / "t.tar", "w") as archive:
        for name, said in (("good.txt", b"We introduce Merlin-3B, trained on 8 A100 GPUs."), ("bad.txt", b"\xff\xfe\xff")):
            member = tarfile.TarInfo(name)
            member.size = len(said)
            archive.addfile(member, io.BytesIO(said))
    out = tmp_path / "out"
    first = pipeline.build([reports], out, config=Config(jobs=1), progress=quiet, say=quiet)
    (reports / "a.txt").write_text(SENTENCES[0].format(name=NAMES[0], count=9), encoding="utf-8")
    again = pipeline.build([reports], out, config=Config(jobs=1), progress=quiet, say=quiet, accept_shrink=True)
    assert [item.path for item in first.failures] == [item.path for item in again.failures] == ["t.tar/bad.txt"]
    assert again.exit_code("violation") == 3


@pytest.mark.parametrize("kept", [0, 20_000])
def test_damaged_records_are_made_again(tmp_path: Path, kept: int) -> None:
    folder = Folder(tmp_path / "reports", random.Random(3))
    out = tmp_path / "out"
    folder.write()
    folder.build(out)
    shelf = out / pipeline.SHELF
    shelf.write_bytes(shelf.read_bytes()[:kept] + b"\x55" * 200_000)
    folder.change()
    folder.write()
    folder.build(out)
    assert_as_from_nothing(folder, out, tmp_path / "anew")


def test_records_of_another_layout_are_made_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "reports", random.Random(3))
    out = tmp_path / "out"
    out.mkdir()
    with closing(sqlite3.connect(out / pipeline.SHELF)) as old:
        old.execute("CREATE TABLE heads (id BLOB PRIMARY KEY, sha256 TEXT)")
    folder.write()
    assert folder.build(out).build.manifest["counts"]["reports"] == 11


def test_a_damaged_manifest_is_replaced(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "reports", random.Random(3))
    out = tmp_path / "out"
    folder.write()
    manifest = folder.build(out).build.path / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_bytes(manifest.read_bytes().replace(b'"format": "text"', b'"format: "text"', 1))
    assert folder.build(out).changed
