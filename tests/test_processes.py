"""Several processes: none stays behind, none speaks out of turn, and what goes wrong in one is told."""

from __future__ import annotations

import multiprocessing
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import BuildError, ConfigError, KgError, UnknownName
from kg.processes import in_processes
from kg.steps.read import processes
from kg.validate import load_shapes, validate
from tests.validate.case_graphs import Report, good, triples
from tests.validate.test_shapes import written

ROOT = Path(__file__).parents[1]
ENOUGH = 900  # reports for which further processes are started
LIMIT = 30  # seconds


def start(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_there_is_a_process_per_core_where_no_affinity_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert processes(0, 10_000) == os.cpu_count()


def test_results_come_in_order() -> None:
    assert list(in_processes(abs, range(-40, 0), 2, "counted")) == list(range(40, 0, -1))
    assert list(in_processes(abs, [], 2, "counted")) == []


def test_only_a_few_batches_are_in_memory() -> None:
    taken: list[int] = []

    def batches() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    ahead = []
    for made in in_processes(abs, batches(), 2, "counted"):
        ahead.append(len(taken) - made)
    assert len(ahead) == 100 and 2 < max(ahead) <= 8


def stop_halfway(number: int) -> int:
    """Write the beginning of a result, as a process does that is killed while it writes one, and end."""
    if number == 3:
        frame = sys._getframe()
        while "result_queue" not in frame.f_locals and frame.f_back:
            frame = frame.f_back
        os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1000))
        os._exit(9)
    return number


HALFWAY = """
from kg.errors import BuildError
from kg.processes import in_processes
from tests.test_processes import stop_halfway
try:
    list(in_processes(stop_halfway, range(20), 2, "counted"))
except BuildError as error:
    print(error.what)
"""


def test_a_process_that_is_stopped_while_it_writes_a_result_is_told() -> None:
    ran = start(HALFWAY)
    said, errors = ran.communicate(timeout=LIMIT)
    assert said == "a process that counted was stopped from outside\n", errors


def refuse(error: int) -> int:
    raise (ConfigError("no", where="there", hint="mend it"), UnknownName("thing", "x", ["y"]))[error]


@pytest.mark.parametrize(("error", "kind"), [(0, ConfigError), (1, UnknownName)])
def test_an_error_of_ours_crosses_as_it_is(error: int, kind: type[KgError]) -> None:
    with pytest.raises(KgError) as alone:
        refuse(error)
    with pytest.raises(kind) as caught:
        list(in_processes(refuse, [error], 2, "refused"))
    assert str(caught.value) == str(alone.value)
    assert (caught.value.args, vars(caught.value)) == (alone.value.args, vars(alone.value))


def test_a_shape_that_cannot_be_used_is_told_from_another_process(tmp_path: Path) -> None:
    files = [
        written(tmp_path, "my:S a sh:PropertyShape ; sh:path kg:name .", "one.ttl"),
        written(tmp_path, "my:S a sh:NodeShape ; sh:targetClass kg:Model .", "two.ttl"),
    ]
    reports = [(f"r{number}", Report(good())) for number in range(ENOUGH)]
    with pytest.raises(ConfigError, match=r"a shape cannot be used: .*\n  hint: mend the shape"):
        validate(reports, load_shapes(files), jobs=2)


def test_with_shapes_of_the_users_processes_change_nothing(tmp_path: Path) -> None:
    shapes = load_shapes(
        [written(tmp_path, "my:S a sh:NodeShape ; sh:targetClass kg:Model ; sh:property [ sh:path kg:name ; sh:minLength 12 ] .")]
    )
    reports = [(f"r{number}", Report(good())) for number in range(60)]
    alone = validate(reports, shapes)
    assert len(alone.findings) == 60
    assert validate(reports, shapes, jobs=2) == alone


def test_a_killed_process_is_told() -> None:
    def reports() -> Iterator[tuple[str, Report]]:
        bad = Report(good() | triples("<run/k> kg:steps 0 ."))
        for number in range(ENOUGH):
            for child in multiprocessing.active_children():
                child.kill()
            yield f"r{number}", bad

    with pytest.raises(BuildError, match=r"(?s)a process that checked reports was stopped from outside.*fewer.*--jobs"):
        validate(reports(), load_shapes(), jobs=2)


KILLED = f"""
import multiprocessing, sys
from kg.validate import load_shapes, validate
from tests.validate.case_graphs import Report, good
def reports():
    for number in range({ENOUGH}):
        if children := multiprocessing.active_children():
            print(*[child.pid for child in children], flush=True)
            sys.stdin.read()
        yield f"r{{number}}", Report(good())
validate(reports(), load_shapes(), jobs=2)
"""


def test_the_processes_end_with_a_killed_parent() -> None:
    with start(KILLED) as process:
        assert process.stdout
        children = [int(pid) for pid in process.stdout.readline().split()]
        process.kill()
        try:
            process.communicate(timeout=LIMIT)  # ends when nobody has stdout open any more
        except subprocess.TimeoutExpired:
            for pid in children:
                os.kill(pid, signal.SIGKILL)
            raise
    assert len(children) == 2


INTERRUPTED = """
import os, signal
from kg.processes import in_processes
def work(batch):
    os.write(1, b"at work\\n")
    return os.read(0, 1)
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    list(in_processes(work, range(9), 2, "waited"))
except KeyboardInterrupt:
    raise SystemExit(130)
"""


def test_ctrl_c_is_for_the_parent_alone() -> None:
    with start(INTERRUPTED) as process:
        assert process.stdout and [process.stdout.readline() for _ in range(2)] == ["at work\n"] * 2
        os.killpg(process.pid, signal.SIGINT)
        _, complaints = process.communicate(timeout=LIMIT)
    assert (process.returncode, complaints) == (130, "")
