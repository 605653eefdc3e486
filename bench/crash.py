"""Kill builds at moments of chance: `python -m bench.crash [-n KILLS] [--reports N] [--seed N]`.

Builds of three corpora in turn go to one folder, and each is ended by SIGKILL: after a time of chance, or at a change of chance to
the file system; mostly its first process, sometimes another one or all. After each kill the published build must be, byte for byte,
the last one or the one that was being made, its store must hold the quads of graph.nq, and no process may be left. Now and then,
and in the end, a build is not killed: it must come out as one from nothing, and leave nothing behind of those that were.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from bench.build import corpus
from bench.build.measures import Bench
from bench.build.tables import table
from bench.extraction import machine
from kg.errors import KgError
from kg.store import FILES, GRAPH, open_build

FINISH = 10  # of so many builds one is not killed
PATIENCE = 20.0  # seconds in which the processes of a killed build must have ended

STEPPED = """
import importlib, os, signal, sys
main = importlib.import_module(sys.argv.pop(1)).main
wanted, own, seen = int(sys.argv.pop(1)), os.getpid(), 0
CHANGES = {"fcntl.flock", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "sqlite3.connect"}

def count(event, arguments):
    global seen
    if os.getpid() == own and (event in CHANGES or event == "open" and str(arguments[1])[:1] in {"a", "w", "x"}):
        seen += 1
        if seen == wanted:
            os.kill(own, signal.SIGKILL)

sys.addaudithook(count)
try:
    main()
finally:
    print(f"{seen} changes", file=sys.stderr)
"""
"""A command, killed at its nth change to the file system (never at its 0th); how many there were is its last line."""

Digests = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reference:
    """A corpus and the files of its build from nothing."""

    reports: Path
    digests: Digests


@dataclass(slots=True)
class Kills:
    """The folder that builds are killed in, what they should give, and what has happened so far; `module` has the command."""

    out: Path
    references: Sequence[Reference]
    jobs: int
    chance: random.Random
    seconds: float
    changes: int
    names: frozenset[str]
    module: str = "kg.cli"
    phases: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    killed: int = 0

    def command(self, reports: Path, step: int | None) -> list[str]:
        """Return the command of a build, killed at a change when one is given."""
        return _command(self.module, step or 0, reports, self.out, self.jobs)

    def kill(self, number: int, target: Reference) -> None:
        """Start a build, kill it at a moment of chance, and look at what is left."""
        before, published = _digests(self.out), os.readlink(self.out / ".current")
        step = self.chance.randint(1, self.changes) if self.chance.random() < 0.4 else None
        whom = self.chance.choices(("first", "other", "all"), (7, 1, 2))[0]
        moment = self.chance.uniform(0, self.seconds * 1.05)
        process = _started(self.command(target.reports, step))
        try:
            process.wait(timeout=600 if step else moment)
        except subprocess.TimeoutExpired:
            _kill(process.pid, whom, self.chance)
        status = process.wait(timeout=600)
        what = f"kill {number} ({f'change {step}' if step else f'{whom} after {moment:.2f} s'})"
        if not _all_ended(process.pid):
            self.faults.append(f"{what}: processes are left")
            _kill(process.pid, "all", self.chance)
        dead = status == -signal.SIGKILL
        if not dead and status not in {0, 1} and not (step is None and whom == "other" and status == 3):
            self.faults.append(f"{what}: ended with {status}")
        self.killed += dead or status == 3
        new = os.readlink(self.out / ".current") != published
        self.phases["published" if new else _phase(self.out) if dead or status == 3 else "ended before"] += 1
        self.look(what, [before, target.digests] if dead or status == 3 else [target.digests])

    def finish(self, number: int, target: Reference) -> None:
        """Let a build come to its end, and see that it is as one from nothing and that nothing else is left."""
        start = time.perf_counter()
        process = _started(self.command(target.reports, None))
        what = f"build after kill {number}"
        if (status := process.wait(timeout=600)) not in {0, 1}:
            self.faults.append(f"{what}: ended with {status}")
        self.seconds = max(0.5, time.perf_counter() - start)
        self.look(what, [target.digests])
        left = {path.name for path in self.out.iterdir()} - self.names
        builds = sorted(path.name for path in (self.out / ".builds").iterdir())
        if left or len(builds) > 2:
            self.faults.append(f"{what}: left behind {', '.join(sorted(left) or builds)}")

    def look(self, what: str, allowed: Sequence[Digests]) -> None:
        """See that the published build is one of those allowed, and its store the one of its graph."""
        try:
            found = _digests(self.out)
            build = open_build(self.out)
            if found not in allowed:
                names = [name for name in found if found[name] != allowed[-1].get(name)]
                self.faults.append(f"{what}: the published build is neither, see {', '.join(names)}")
            with (build.path / GRAPH).open("rb") as file:
                lines = sum(1 for _ in file)
            if len(build.store()) != lines:
                self.faults.append(f"{what}: the store holds {len(build.store()):,} of {lines:,} quads")
        except (KgError, OSError) as error:
            self.faults.append(f"{what}: no build: {error}")


def _digests(out: Path) -> Digests:
    return {name: sha256((out / name).read_bytes()).hexdigest() for name in FILES if name != "run.json"}


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command as the first of a session of its own, by which all of its processes are found."""
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def _members(session: int) -> Iterator[int]:
    """Yield the processes of a session that live."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] not in {"Z", "X"}:
            yield int(path.parent.name)


def _kill(session: int, whom: str, chance: random.Random) -> None:
    others = sorted(set(_members(session)) - {session})
    chosen = {"first": [session], "all": [session, *others], "other": [chance.choice(others)] if others else [session]}[whom]
    for pid in chosen:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _all_ended(session: int) -> bool:
    until = time.monotonic() + PATIENCE
    while any(_members(session)):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _phase(out: Path) -> str:
    """Return what was being written when a build ended: the newest file that is none of a published build."""
    kept = {os.path.basename(os.readlink(link)) for name in (".current", ".previous") if (link := out / name).is_symlink()}
    found = [(out / ".lock").stat().st_mtime_ns, "the lock"]
    for place, folders, names in os.walk(out):
        folders[:] = [name for name in folders if name not in kept]
        for path in (Path(place, name) for name in names if name != ".lock"):
            if not path.is_symlink():
                found = max(found, [path.stat().st_mtime_ns, str(path.relative_to(out))])
    name = re.sub(r"\d+-\d+\.partial", "*", str(found[1]))
    return re.sub(r"/store/.*", "/store", re.sub(r"\d+", "#", name))


def _command(module: str, step: int, reports: Path, out: Path, jobs: int) -> list[str]:
    return [
        sys.executable,
        "-c",
        STEPPED,
        module,
        str(step),
        "build",
        str(reports),
        "-o",
        str(out),
        "-j",
        str(jobs),
        "--accept-shrink",
    ]


def corpora(bench: Bench, count: int) -> list[Path]:
    """Write reports, the same with a third changed, and more of them with half of them changed."""
    made = ((count, ()), (count, range(0, count, 3)), (count + count // 4, range(0, count, 2)))
    folders = [bench.made / f"reports-{number}" for number in range(len(made))]
    for folder, (size, changed) in zip(folders, made, strict=True):
        corpus.write(folder, size, changed=changed)
    return [folder / corpus.REPORTS for folder in folders]


def prepared(bench: Bench, reports: Sequence[Path], jobs: int, seed: int, module: str = "kg.cli") -> Kills:
    """Build each from nothing; learn how long a build takes, how many changes it makes, and what it leaves in its folder."""
    references = []
    for number, path in enumerate(reports):
        out = bench.made / f"from-nothing-{number}"
        _run(_command(module, 0, path, out, jobs))
        references.append(Reference(path, _digests(out)))
        bench.remove(out)
    kills = Kills(bench.made / "out", references, jobs, random.Random(seed), 0, 0, frozenset(), module)
    _run(kills.command(references[1].reports, None))
    start = time.perf_counter()
    said = _run(kills.command(references[0].reports, None))
    kills.seconds = time.perf_counter() - start
    kills.changes = int(said.strip().splitlines()[-1].split()[0])
    kills.names = frozenset(path.name for path in kills.out.iterdir())
    return kills


def _run(command: Sequence[str]) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200)
    if ran.returncode not in {0, 1}:
        raise SystemExit(f"a build that is not killed ends with {ran.returncode}:\n{ran.stderr[-2000:]}")
    return ran.stderr


def run(kills: Kills, count: int, finish: int = FINISH) -> None:
    """Kill so many builds, with one that is not killed after each `finish` of them and in the end."""
    current, number = 0, 0
    while kills.killed < count:
        number += 1
        target = kills.references[(current + 1) % len(kills.references)]
        kills.kill(number, target)
        print(f"... {kills.killed} of {count} killed, {len(kills.faults)} faults", file=sys.stderr, flush=True)
        last = kills.killed >= count
        if last or number % finish == 0:
            kills.finish(number, target)
        if _digests(kills.out) == target.digests:
            current = (current + 1) % len(kills.references)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 when anything was not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m bench.crash", description="Kill builds at moments of chance.")
    parser.add_argument("-n", type=int, default=200, metavar="KILLS", dest="count")
    parser.add_argument("--reports", type=int, default=96, metavar="N")
    parser.add_argument("--finish", type=int, default=FINISH, metavar="N", help="let every Nth build come to its end")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("-j", type=int, default=2, metavar="PROCESSES", dest="jobs")
    parser.add_argument("--work", type=Path, metavar="FOLDER")
    parser.add_argument("--keep", action="store_true", help="keep what was made")
    options = parser.parse_args(arguments)
    with ExitStack() as open_:
        work = options.work or Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="kg-crash-")))
        bench = Bench(work.resolve(), options.seed, lambda text: None)
        kills = prepared(bench, corpora(bench, options.reports), options.jobs, options.seed)
        print(f"python -m bench.crash -n {options.count} --seed {options.seed}; {machine()}")
        print(f"a build of {options.reports} reports: {kills.seconds:.1f} s, {kills.changes} changes to files", flush=True)
        run(kills, options.count, options.finish)
        rows = [(phase, str(count)) for phase, count in sorted(kills.phases.items())]
        print(f"{table(('the last thing written', 'builds'), rows)}\n\n{kills.killed} killed, {len(kills.faults)} faults")
        print("".join(f"  {fault}\n" for fault in kills.faults), end="")
        if not options.keep and not kills.faults:
            bench.clean()
    return int(bool(kills.faults))


if __name__ == "__main__":
    sys.exit(main())
