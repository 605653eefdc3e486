"""A build's graph.nq -> a running Virtuoso that answers about the same triples, in a folder of its own, on loopback only.

Virtuoso has no default graph: what graph.nq says outside of any graph is loaded into `DEFAULT_GRAPH`, and each request names that
one as its default graph. Named graphs keep their names. The reports' own graphs (claims and texts, three quarters of the file) are
left out unless they are wanted: no question that is timed needs them, and Virtuoso is the faster for it.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from bench.serve.processes import Failed, ended, free_port
from kg.store import GRAPH, Build

DEFAULT_GRAPH = "urn:kg:default"
PARTS = 4
MOST = 1000  # bytes at the end of a line that hold the name of its graph
_LOADED = "loaded"  # names the build that the database holds
_INI = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 2000
MaxCheckpointRemap = 20000
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
DirsAllowed = {folder}
MaxClientConnections = 64
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
CheckpointInterval = 0
MaxQueryMem = 2G
ThreadsPerQuery = 2
AsyncQueueMaxThreads = 4
MaxStaticCursorRows = 5000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
MaxClientConnections = 64
ServerThreads = 64
MaxKeepAlives = 64
KeepAliveTimeout = 60
[SPARQL]
ResultSetMaxRows = 100000000
MaxQueryCostEstimationTime = 0
MaxQueryExecutionTime = 0
"""


def configured(folder: Path, sql: int, http: int, memory: int) -> Path:
    """Write the settings of a Virtuoso that keeps all in a folder and listens on ports of loopback; return their file."""
    buffers = memory // 8700  # a buffer is a page of 8 KiB and its administration
    ini = folder / "virtuoso.ini"
    ini.write_text(_INI.format(folder=folder, sql=sql, http=http, buffers=buffers, dirty=buffers * 3 // 4), encoding="utf-8")
    return ini


@contextmanager
def served(build: Build, folder: Path, memory: int, *, whole: bool = False) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start Virtuoso over a build's graph, loading it where `folder` does not hold it yet; yield its endpoint and process.

    `memory` is what its buffers may take, in bytes. The folder can be kept for another run.
    """
    holds = f"{build.path.name} {'whole' if whole else 'without reports'}"
    fresh = not (folder / _LOADED).is_file() or (folder / _LOADED).read_text(encoding="ascii") != holds
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    sql, http = free_port(), free_port()
    ini = configured(folder, sql, http, memory)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(["virtuoso-t", "+foreground", "+configfile", str(ini)], stdout=output, stderr=output)
    with ended(process):
        _wait(process, sql, folder)
        if fresh:
            _load(build, folder, sql, whole)
            (folder / _LOADED).write_text(holds, encoding="ascii")
        yield f"http://127.0.0.1:{http}/sparql", process


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        if _isql(port, "select 1;").returncode == 0:
            return
        time.sleep(0.2)
    raise Failed(f"Virtuoso does not start; {folder}/virtuoso.log says why")


def _load(build: Build, folder: Path, port: int, whole: bool) -> None:
    """Load graph.nq, in parts that are read at the same time: a process each, as its manual says."""
    parts = folder / "parts"
    parts.mkdir()
    left_out = f" <{build.manifest['versions']['base']}graph/report/".encode()
    with (build.path / GRAPH).open("rb") as lines, ExitStack() as open_:
        files = [open_.enter_context((parts / f"{number}.nq").open("wb")) for number in range(PARTS)]
        kept = lines if whole else (line for line in lines if left_out not in line[-MOST:])
        while part := list(islice(kept, 10_000)):
            files[0].writelines(part)
            files.append(files.pop(0))
    _say(port, "log_enable(2, 1);", f"ld_dir('{parts}', '*.nq', '{DEFAULT_GRAPH}');")
    loaders = [subprocess.Popen(_command(port, "rdf_loader_run();"), stdout=subprocess.DEVNULL) for _ in range(2)]
    if any(loader.wait() for loader in loaders):
        raise Failed("Virtuoso's loader stops")
    failed = _isql(port, "select ll_error from DB.DBA.LOAD_LIST where ll_error is not null or ll_state <> 2;").stdout.strip()
    if failed:
        raise Failed(f"Virtuoso does not load the graph: {failed}")
    _say(port, "checkpoint;")
    shutil.rmtree(parts)


def _say(port: int, *statements: str) -> None:
    for statement in statements:
        ran = _isql(port, statement)
        if ran.returncode or "Error" in ran.stdout + ran.stderr:
            raise Failed(f"Virtuoso refuses {statement}: {ran.stdout}{ran.stderr}")


def _isql(port: int, statement: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(port, statement), capture_output=True, text=True, check=False)


def _command(port: int, statement: str) -> list[str]:
    options = ["VERBOSE=OFF", "BANNER=OFF", "PROMPT=OFF", "ERRORS=STDOUT"]
    return ["isql-vt", f"127.0.0.1:{port}", "dba", "dba", *options, f"EXEC={statement}"]
