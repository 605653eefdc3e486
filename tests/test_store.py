from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from kg.errors import BuildError
from kg.store import FILES, GRAPH, MANIFEST, locked, open_build, write_build
from tests.command import ROOT
from tests.lacking import lacking

EMPTY = {
    "versions": {"base": "https://w3id.org/kg/"},
    "inputs": [],
    "failed": [],
    "skipped": [],
    "counts": {
        **dict.fromkeys(("reports", "models", "claims", "suggestions", "facts"), 0),
        "severities": dict.fromkeys(("info", "warning", "violation"), 0),
        "codes": {},
    },
}
"""A manifest in which every count is 0."""


def files(mark: str, quads: int = 3) -> Mapping[str, Iterable[bytes]]:
    """Return the files of a build whose every part says `mark`."""
    lines = "".join(f'<x:{n}> <x:p> "{mark}" .\n' for n in range(quads)).encode()
    content = json.dumps({"mark": mark, **EMPTY}).encode()
    return {GRAPH: [lines], **{name: [content] for name in FILES if name != GRAPH}}


def write(folder: Path, mark: str, quads: int = 3) -> None:
    with locked(folder):
        write_build(folder, mark, files(mark, quads))


def mark_of(folder: Path) -> str:
    """Return what the current build says, after checking that all its parts say the same."""
    build = open_build(folder)
    mark = str(build.manifest["mark"])
    assert {quad.object.value for quad in build.store()} == {mark}
    for name in FILES:
        assert mark in (folder / name).read_text("utf-8"), name
    return mark


def run(program: str, *arguments: str | Path, wrap: tuple[str, ...] = (), check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, with kg and this module at hand."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*wrap, sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=check)


def test_a_build_is_published_whole_and_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "kg-out"
    write(out, "one")
    assert mark_of(out) == "one"
    write(out, "two")
    assert mark_of(out) == "two"
    assert sorted(path.name for path in out.iterdir() if not path.name.startswith(".")) == sorted([*FILES, "store"])


def test_one_build_before_the_current_one_is_kept_for_its_readers(tmp_path: Path) -> None:
    write(tmp_path, "one")
    before = open_build(tmp_path)
    store = before.store()
    write(tmp_path, "two")
    assert (len(store), len(before.store()), before.manifest["mark"]) == (3, 3, "one")
    assert open_build(before.path).manifest["mark"] == "one"
    write(tmp_path, "three")
    assert sorted(path.name for path in (tmp_path / ".builds").iterdir()) == ["three", "two"]
    assert len(store) == 3


def test_an_id_that_is_taken_is_counted_on(tmp_path: Path) -> None:
    for _ in range(3):
        write(tmp_path, "one")
    assert sorted(path.name for path in (tmp_path / ".builds").iterdir()) == ["one-2", "one-3"]
    write(tmp_path, "one")
    assert open_build(tmp_path).path.name == "one"


def test_a_build_is_write_protected(tmp_path: Path) -> None:
    write(tmp_path, "one")
    paths = [open_build(tmp_path).path, *open_build(tmp_path).path.rglob("*")]
    assert len(paths) > len(FILES) + 3
    assert [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o222] == []


def test_a_file_that_is_written_no_more_loses_its_link(tmp_path: Path) -> None:
    with locked(tmp_path):
        write_build(tmp_path, "one", {**files("one"), "old.csv": [b"x"]})
    assert (tmp_path / "old.csv").exists()
    write(tmp_path, "two")
    assert not (tmp_path / "old.csv").is_symlink()


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_where_no_build_is_the_error_says_how_to_make_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    folder = tmp_path / name
    with pytest.raises(BuildError, match=rf"(?s)no build at {re.escape(str(folder))}.*kg build PATH -o {re.escape(str(folder))}"):
        open_build(folder)


def test_a_build_is_not_advised_among_other_files(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.touch()
    for place in (tmp_path, report):
        with pytest.raises(BuildError, match=r"no build at .*\n  hint: name the folder of a build with -b"):
            open_build(place)


def test_a_damaged_manifest_is_named(tmp_path: Path) -> None:
    write(tmp_path, "one")
    path = open_build(tmp_path).path / MANIFEST
    path.chmod(0o644)
    path.write_text("{")
    with pytest.raises(BuildError, match=r"(?s)manifest\.json: the build cannot be read.*build again"):
        open_build(tmp_path)


NO_MANIFESTS: list[object] = [
    [],
    None,
    {},
    {name: value for name, value in EMPTY.items() if name != "counts"},
    EMPTY | {"versions": []},
    EMPTY | {"versions": {"base": None}},
    EMPTY | {"inputs": {}},
    EMPTY | {"inputs": [{"id": "a.txt"}]},
    EMPTY | {"failed": [{"id": "a.txt", "sha256": None}]},
    EMPTY | {"counts": {"reports": 1}},
]


@pytest.mark.parametrize("manifest", NO_MANIFESTS, ids=json.dumps)
def test_a_manifest_of_something_else_is_no_build(tmp_path: Path, manifest: object) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BuildError, match=rf"(?s)manifest\.json: this is no build of kg.*hint: run `kg build PATH -o {tmp_path}`"):
        open_build(tmp_path)


def test_a_manifest_may_tell_of_failures(tmp_path: Path) -> None:
    failed = [{"id": "a.txt", "sha256": None, "reason": "no UTF-8"}]
    (tmp_path / MANIFEST).write_text(json.dumps(EMPTY | {"inputs": [{"id": "b.txt", "sha256": "1"}], "failed": failed}))
    assert open_build(tmp_path).manifest["failed"] == failed


def test_a_store_that_is_gone_is_named(tmp_path: Path) -> None:
    write(tmp_path, "one")
    build = open_build(tmp_path)
    build.path.chmod(0o755)
    (build.path / "store").rename(build.path / "elsewhere")
    with pytest.raises(BuildError, match=r"(?s)the store cannot be read: .*build again"):
        build.store()


@pytest.mark.parametrize("inside", ["", "below"], ids=["output is a file", "a parent is a file"])
def test_a_file_in_the_way_is_left_alone(tmp_path: Path, inside: str) -> None:
    file = tmp_path / "out"
    file.write_text("mine")
    with pytest.raises(BuildError, match=r"(?s)out.* file, not a folder.*hint: move the file away, or choose another folder"):
        write(file / inside, "one")
    assert file.read_text() == "mine"


def test_a_file_of_the_same_name_as_a_build_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "graph.ttl").write_text("mine")
    with pytest.raises(BuildError, match=r"(?s)graph\.ttl stands here and is not from kg.*choose another folder"):
        write(tmp_path, "one")
    assert [path.name for path in tmp_path.iterdir()] == ["graph.ttl"]
    assert (tmp_path / "graph.ttl").read_text() == "mine"


def test_an_error_while_writing_leaves_the_last_build(tmp_path: Path) -> None:
    write(tmp_path, "one")
    with locked(tmp_path), pytest.raises(RuntimeError, match="half way"):
        write_build(tmp_path, "two", {**files("two"), "graph.jsonld": broken()})
    assert mark_of(tmp_path) == "one"
    assert [path.name for path in (tmp_path / ".builds").iterdir()] == ["one"]


def broken() -> Iterator[bytes]:
    yield b"x"
    raise RuntimeError("half way")


HOLDER = """
import sys
from pathlib import Path
from kg.store import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_build_names_the_process_that_builds(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    told: list[str] = []
    with pytest.raises(BuildError, match=rf"process {holder.pid} is building here"), locked(tmp_path, wait=0.05, say=told.append):
        pytest.fail("the lock was given twice")
    assert told == [f"waiting for process {holder.pid}, which is building in {tmp_path}"]


def test_a_second_build_goes_on_when_the_first_has_ended(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    def end(text: str) -> None:
        holder.kill()

    with locked(tmp_path, wait=60, say=end):
        assert (tmp_path / ".lock").read_text() == f"{os.getpid()}\n"


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.test_store import write

wanted, seen = int(sys.argv[2]), 0
CHANGES = {"fcntl.flock", "os.chmod", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "shutil.rmtree"}

def count(event, arguments):
    global seen
    if event in CHANGES or event == "open" and isinstance(arguments[1], str) and arguments[1][0] in "awx":
        seen += 1
        if seen == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
write(Path(sys.argv[1]), "new")
print(seen)
"""


def test_a_build_that_is_killed_anywhere_leaves_a_whole_one(tmp_path: Path) -> None:
    for mark in ("first", "old"):
        write(tmp_path, mark)
    steps = int(run(KILLED, tmp_path, "0").stdout)
    assert steps > 60
    marks = set()
    for step in [*range(1, 10, 2), *range(10, steps - 24, 12), *range(steps - 24, steps + 1, 2)]:
        write(tmp_path, "old")
        assert run(KILLED, tmp_path, str(step), check=False).returncode == -9, step
        marks.add(mark_of(tmp_path))
    assert marks == {"old", "new"}
    write(tmp_path, "last")
    assert mark_of(tmp_path) == "last"
    assert len(list((tmp_path / ".builds").iterdir())) == 2
    assert list(tmp_path.glob(".new-*")) == []


def in_a_mount(size: str, program: str, folder: Path) -> str:
    """Run a program with a small file system at `folder` that no other process sees."""
    script = 'mount -t tmpfs -o "$1" tmpfs "$2" || exit 99; shift 2; exec "$@"'
    root = () if os.geteuid() == 0 else ("--map-root-user",)
    wrap = ("unshare", *root, "--mount", "sh", "-c", script, "sh", size, str(folder))
    try:
        ran = run(program, folder, wrap=wrap, check=False)
    except FileNotFoundError:
        lacking("no unshare(1): a file system of its own cannot be made")
    if ran.returncode == 99 or ran.stderr.startswith("unshare:"):
        lacking(f"a file system of its own cannot be mounted here: {ran.stderr.strip()}")
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


FULL = """
import sys
from pathlib import Path
from kg.errors import BuildError
from tests.test_store import mark_of, write
out = Path(sys.argv[1]) / "out"
write(out, "small")
try:
    write(out, "large", quads=200_000)
except BuildError as error:
    print(error)
print(mark_of(out), [path.name for path in (out / ".builds").iterdir()])
write(out, "again")
print(mark_of(out))
"""


@pytest.mark.parametrize("size", ["size=2m", "size=6m", "size=10m,nr_inodes=86"])
def test_a_full_disk_leaves_the_last_build(tmp_path: Path, size: str) -> None:
    printed = in_a_mount(size, FULL, tmp_path)
    error, _, rest = printed.partition("small ")
    assert "the disk is full" in error
    assert "hint: free some space, or choose another folder with -o; the last build is as it was" in error
    assert str(tmp_path / "out") in error
    assert rest == "['small']\nagain\n"


READ_ONLY = """
import sys
from pathlib import Path
from kg.errors import BuildError
from tests.test_store import write
try:
    write(Path(sys.argv[1]) / "out", "one")
except BuildError as error:
    print(error)
"""


def test_a_read_only_file_system_is_named(tmp_path: Path) -> None:
    printed = in_a_mount("ro", READ_ONLY, tmp_path)
    assert printed.startswith(f"{tmp_path}/out: the file system is read-only\n  hint: mount it for writing")


NO_RIGHT = """
import os, sys
from pathlib import Path
from kg.errors import BuildError
from tests.test_store import mark_of, write
out = Path(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(65534)
try:
    write(out, "one")
except BuildError as error:
    print(error)
"""


def test_a_folder_without_the_right_to_write_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o555)
    assert re.match(rf"{out}\S*: no permission to write\n  hint: change the folder's permissions, or", run(NO_RIGHT, out).stdout)


def test_an_error_of_another_kind_is_passed_on_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"File name too long.*\n  hint: see whether the folder can be written to, or"):
        write(tmp_path / ("x" * 300), "one")


def test_lines_that_are_no_quads_are_no_build(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(BuildError, match=r"(?i)pars|expected"):
        write_build(tmp_path, "bad", {**files("bad"), GRAPH: [b"nonsense"]})
    assert list((tmp_path / ".builds").iterdir()) == []
