"""A disk that is full, read-only or lets no file become large: kg says so, whichever of its files it meets it with."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.test_store import in_a_mount, run

SHELF = """
import resource, sys
from pathlib import Path
from kg.errors import BuildError
from kg.steps.shelf import Head, opened_shelf
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
try:
    with opened_shelf(Path(sys.argv[1], "records.sqlite"), b"v") as shelf:
        for number in range(100):
            shelf.put([Head(f"{number}-{other}", "0" * 64, None, b"x", b"y" * 2000) for other in range(50)])
except BuildError as error:
    print(error)
"""

LOCK = """
import os, sys
from pathlib import Path
from kg.store import locked
out = Path(sys.argv[1])
with locked(out):
    pass
with (out / "rest").open("wb", buffering=0) as file:
    try:
        while file.write(b"x" * 4096):
            pass
    except OSError as error:
        print(error.strerror)
with locked(out):
    print("locked", repr((out / ".lock").read_text()))
"""


@pytest.mark.parametrize(
    ("mount", "told"),
    [
        ("size=3m", "the disk is full\n  hint: free some space"),
        ("ro", "no permission to write\n  hint: change the folder"),
    ],
)
def test_records_that_cannot_be_kept_say_why(mount: str, told: str, tmp_path: Path) -> None:
    assert f"records.sqlite: {told}" in in_a_mount(mount, SHELF, tmp_path)


def test_a_limit_on_the_size_of_files_is_told(tmp_path: Path) -> None:
    ran: subprocess.CompletedProcess[str] = run(SHELF, tmp_path, "limited")
    assert re.search(
        r"records\.sqlite: the disk fails, or a file would be larger than is allowed here\n  hint: .*ulimit -f", ran.stdout
    )


def test_a_full_disk_does_not_keep_anybody_from_the_lock(tmp_path: Path) -> None:
    assert in_a_mount("size=1m", LOCK, tmp_path).startswith("No space left on device\nlocked ")
