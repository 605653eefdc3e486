"""A Spark cluster of this machine: a master and workers, each a process of its own that can be killed with all that it started."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.command import environment
from tests.lacking import lacking

SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",  # compiling costs more than so few rows
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.files.openCostInBytes": "1000",
    "spark.sql.files.minPartitionNum": "2",
}
"""Little memory, few partitions, and two of them for a file of some kilobytes."""

STARTED = re.compile(r"Starting (task \S+ in stage \S+ \(TID \d+\)) .*executor (\d+)")
"""What a session that was started with `telling` says of a task, and which executor is given it."""

_LOG = """
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %c{1}: %m%n
logger.tasks.name = org.apache.spark.scheduler.TaskSetManager
logger.tasks.level = info
"""

_MASTER = re.compile(r"spark://127\.0\.0\.1:\d+")


def flags() -> list[str]:
    """Return the settings as `kg build` takes them."""
    return [part for name, value in SETTINGS.items() for part in ("--conf", f"{name}={value}")]


def telling(folder: Path) -> dict[str, str]:
    """Return the environment in which a session tells where each task is started, and what is lost."""
    folder.mkdir()
    (folder / "log4j2.properties").write_text(_LOG)
    return {"SPARK_CONF_DIR": str(folder)}


def needed() -> None:
    """End a test where there is no Java."""
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        lacking("Spark needs Java")


@dataclass
class Cluster:
    """A master by its URL, and its workers."""

    url: str
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self) -> None:
        """Start a worker with one core."""
        number = len(self.processes)
        options = ("--cores", "1", "--memory", "600m", "--work-dir", str(self.folder / f"work-{number}"))
        process = _started(self.folder / f"worker-{number}.log", "worker.Worker", *options, self.url)
        self.processes.append(process)

    def freeze_worker(self) -> str:
        """Stop the last worker with its executor, so that it ends no task any more, and return the number of the executor."""
        os.killpg(self.processes[-1].pid, signal.SIGSTOP)
        (found,) = self.folder.glob(f"work-{len(self.processes) - 1}/app-*/*")
        return found.name

    def kill_worker(self) -> None:
        """Kill the last worker with its executor and their Python, as when a machine is lost."""
        _killed(self.processes.pop())


@contextlib.contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Start a cluster on a free port of the loopback interface, and end all of it."""
    log = folder / "master.log"
    master = _started(log, "master.Master")
    found = Cluster(_url(log, master), folder)
    try:
        for _ in range(workers):
            found.add_worker()
        yield found
    finally:
        for process in (*found.processes, master):
            _killed(process)


def _started(log: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    import pyspark

    script = Path(pyspark.__file__).parent / "bin" / "spark-class"
    command = [
        str(script),
        f"org.apache.spark.deploy.{name}",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--webui-port",
        "0",
        *arguments,
    ]
    env = environment() | {
        "SPARK_DAEMON_MEMORY": "128m",
        "SPARK_DAEMON_JAVA_OPTS": SETTINGS["spark.driver.extraJavaOptions"],
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    with log.open("wb") as file:
        return subprocess.Popen(command, stdout=file, stderr=file, env=env, start_new_session=True)


def _url(log: Path, master: subprocess.Popen[bytes]) -> str:
    while master.poll() is None:
        if found := _MASTER.search(log.read_text(encoding="utf-8")):
            return found[0]
        with contextlib.suppress(subprocess.TimeoutExpired):
            master.wait(0.05)
    raise RuntimeError(log.read_text(encoding="utf-8"))


def _killed(process: subprocess.Popen[bytes]) -> None:
    # An executor is in a session of its own worker's.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
