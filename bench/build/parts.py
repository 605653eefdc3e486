"""What is measured, part by part; each part gives its table as text.

Sizes are numbers of reports. A build that a later part needs and that an interrupted run has removed is made again, unmeasured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

from bench.build.measures import Bench, Result, built, exponent, kg, told
from bench.build.rivals import STEPS
from bench.build.running import ROLES, Failed, run
from bench.build.tables import Row, megabytes, table
from kg.store import FILES, open_build

SMALL = 10_000
SPARK_MASTER = "local[2]"
_ONE, _TWO, _ALONE = "one", "two", "one, on one processor"
TAKEN = ("seconds", "CPU, s", "memory, MB")
GROWTH = (
    "reports",
    "build, s",
    "load, s",
    "ratio",
    "CPU, ms a report",
    "all processes, MB",
    "all but the store's, MB",
    "first, MB",
    "others, MB",
    "store's, MB",
    "oxigraph load, MB",
    "wrong ones found",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: sizes in ascending order, rounds of the largest, processes, and the size of comparisons."""

    sizes: Sequence[int]
    rounds: int
    jobs: int
    small: int
    rivals: int
    morph: str = ""

    @property
    def largest(self) -> int:
        """Return the largest size."""
        return self.sizes[-1]


def growth(bench: Bench, plan: Plan) -> str:
    """Build each size and load the same quads with Oxigraph alone, by turns; tell how time and memory grow."""
    rows: list[Row] = []
    builds, loads = {}, {}
    for size in plan.sizes:
        rounds = range(1, 1 + (plan.rounds if size == plan.largest else 1))
        pairs = [(_build(bench, plan, size, number), _load(bench, size, number)) for number in rounds]
        builds[size], loads[size] = pairs[0][0], pairs[0][1]
        rows.append(_row(size, [build for build, _ in pairs], [load for _, load in pairs]))
        if size != plan.largest:
            bench.remove(_folder(bench, size))
    wrong = filter(None, map(_not_as_meant, builds.values()))
    return "\n".join([table(GROWTH, rows), "", *_growth(plan, builds, loads), _phases(builds[plan.largest]), *wrong])


def _row(size: int, builds: Sequence[Result], loads: Sequence[Result]) -> Row:
    ratio = median(build["ran"]["seconds"] / load["seconds"] for build, load in zip(builds, loads, strict=True))
    build, cpu = (median(build["ran"][name] for build in builds) for name in ("seconds", "cpu"))
    loading = median(load["seconds"] for load in loads)
    memory = [megabytes(max(_of(build, name) for build in builds)) for name in ("peak", "own", *ROLES)]
    memory.append(megabytes(max(load["peak"] for load in loads)))
    found = builds[0]["found"]
    wrong = f"{found['as_meant']:,} of {found['as_meant'] + len(found['missing']):,}, {len(found['further'])} else"
    return (f"{size:,}", f"{build:.1f}", f"{loading:.1f}", f"{ratio:.2f}", f"{cpu / size * 1000:.1f}", *memory, wrong)


def _of(build: Result, name: str) -> int:
    ran = build["ran"]
    return int(ran["roles"][name] if name in ran["roles"] else ran[name])


def _growth(plan: Plan, builds: Mapping[int, Result], loads: Mapping[int, Result]) -> list[str]:
    if len(plan.sizes) < 2:
        return []
    sizes = plan.sizes
    times = {
        "time": [builds[size]["ran"]["seconds"] for size in sizes],
        "processors' time": [builds[size]["ran"]["cpu"] for size in sizes],
        "oxigraph load": [loads[size]["seconds"] for size in sizes],
    }
    memory = {
        "memory of all processes": [_of(builds[size], "peak") for size in sizes],
        "memory of all but the store's": [_of(builds[size], "own") for size in sizes],
        "oxigraph load's": [loads[size]["peak"] for size in sizes],
    }
    powers = ", ".join(f"{name} {exponent(sizes, values):.3f}" for name, values in times.items())
    ends = ", ".join(f"{name} {exponent(sizes[-2:], values[-2:]):.3f}" for name, values in times.items())
    held = ", ".join(f"{name} {peaks[-1] / peaks[0]:.2f} ({peaks[-1] / peaks[-2]:.2f})" for name, peaks in memory.items())
    return [
        f"grows with the number of reports to the power of: {powers}; between the last two sizes: {ends}",
        f"times as much for {sizes[-1] / sizes[0]:g} times as many reports (of the last but one): {held}",
    ]


def _phases(build: Result) -> str:
    """Return what the largest build did in which seconds of its own clock, and what it takes on disk."""
    phases = ", ".join(f"{name} {took:.1f} s" for name, took in build["phases"].items())
    disk = ", ".join(f"{name} {megabytes(size)} MB" for name, size in build["bytes"].items())
    return f"{build['corpus']['reports']:,} reports: {phases}; {build['ran']['processes']} processes; on disk {disk}"


def _not_as_meant(build: Result) -> str:
    found, size = build["found"], build["corpus"]["reports"]
    parts = [f"{name}: {', '.join(found[name][:5])}" for name in ("missing", "further") if found[name]]
    return f"NOT AS MEANT among {size:,}: {'; '.join(parts)}" if parts else ""


def processes(bench: Bench, plan: Plan) -> str:
    """Build the same with one and with two processes that read, on all processors, and with one on one processor."""
    size, out = plan.small, bench.made / "processes"
    took = {}
    for name, jobs, processors in ((_TWO, 2, None), (_ONE, 1, None), (_ALONE, 1, 1)):
        build = partial(_fresh, bench, size, out, "-j", str(jobs), processors=processors)
        took[name] = bench.measured(f"build {size}: {name}", build)["ran"]
        bench.remove(out)
    rows = [(name, *_taken(ran)) for name, ran in took.items()]
    times = {name: ran["seconds"] / took[_TWO]["seconds"] for name, ran in took.items()}
    said = f"two are {times[_ONE]:.2f} times as fast as one, {times[_ALONE]:.2f} times as fast as one on one processor"
    return f"{table(('processes that read', *TAKEN), rows)}\n\n{size:,} reports: {said}"


def _taken(ran: Result) -> Row:
    return f"{ran['seconds']:.2f}", f"{ran['cpu']:.2f}", megabytes(ran["peak"])


def changed(bench: Bench, plan: Plan) -> str:
    """Change one report of the largest corpus, then a thousand further ones; tell until when what follows is published."""
    size, rows = plan.largest, []
    several = min(1000, size // 4)
    numbers = [number * (size // (several + 1)) for number in range(several + 1)]
    for few in (numbers[:1], numbers):
        build = bench.measured(f"changed {len(few)} of {size}", partial(_changed, bench, size, few))
        rows.append((f"{max(1, len(few) - 1):,}", *_taken(build["ran"]), _not_as_meant(build) or "as meant"))
    return f"{table(('changed', *TAKEN, 'findings'), rows)}\n\nof {size:,} reports"


def _changed(bench: Bench, size: int, few: Sequence[int]) -> Result:
    corpus, out = bench.corpus(size, few), _made(bench, size)
    return built(bench, corpus, out)


def exact(bench: Bench, plan: Plan) -> str:
    """Compare a build after changes with one of the same reports from nothing, file by file."""
    size = plan.small
    few = range(0, size, max(1, size // 100))

    def compared() -> Result:
        out, again = bench.made / "exact", bench.made / "exact-again"
        try:
            for reports, folder in ((bench.corpus(size), out), (bench.corpus(size, few), out), (bench.corpus(size, few), again)):
                built(bench, reports, folder)
            files = [name for name in FILES if name != "run.json"]
            return {"different": [name for name in files if _digest(out / name) != _digest(again / name)], "files": len(files)}
        finally:
            for folder in (out, again):
                bench.remove(folder)

    result = bench.measured(f"exact {size}", compared)
    different = ", ".join(result["different"])
    equal = f"all {result['files']} files are byte for byte those of a build from nothing"
    said = f"these differ from a build from nothing: {different}" if different else equal
    return f"{size:,} reports, {len(few):,} changed: {said}"


def validation(bench: Bench, plan: Plan) -> str:
    """Check the reports of a build again, in one process, and tell the processor's time of each."""
    rows = []
    for engine, most in (("auto", plan.small), ("pyshacl", min(plan.small, 500))):
        command = [sys.executable, "-m", "bench.build.validation", "--engine", engine, "-n", str(most)]
        found = bench.measured(f"validation of {most} by {engine}", partial(_validated, bench, plan.largest, command))
        rows.append((engine, f"{found['reports']:,}", f"{found['cpu'] / found['reports'] * 1000:.2f}", f"{found['findings']:,}"))
    return table(("engine", "reports", "CPU, ms a report", "findings"), rows)


def _validated(bench: Bench, size: int, command: Sequence[str]) -> Result:
    return _answer([*command, _made(bench, size)])


def spark(bench: Bench, plan: Plan) -> str:
    """Build the same with processes and with Spark; compare processors' time and what came out."""
    size, took = plan.small, {}
    for name, measure in {"processes": _by_processes, f"Spark, {SPARK_MASTER}": _by_spark}.items():
        try:
            took[name] = bench.measured(f"{name}: {size}", partial(measure, bench, size))
        except Failed as error:
            return f"not measured: {str(error).strip().splitlines()[-1]}"
    pool, other = took.values()
    said = "equal" if pool["sorted"] == other["sorted"] else "NOT EQUAL"
    ratio = other["ran"]["cpu"] / pool["ran"]["cpu"]
    rows = [(name, *_taken(one["ran"])) for name, one in took.items()]
    told_ = f"{size:,} reports: Spark takes {ratio:.2f} times the processors' time; claims and quads, sorted, are {said}"
    return f"{table(('engine', *TAKEN), rows)}\n\n{told_}"


def _build(bench: Bench, plan: Plan, size: int, number: int) -> Result:
    options = ("-j", str(plan.jobs)) if plan.jobs else ()
    result: Result = bench.measured(f"build {size} ({number})", lambda: _fresh(bench, size, _folder(bench, size), *options))
    return result


def _load(bench: Bench, size: int, number: int) -> Result:
    def loaded() -> Result:
        place, program = bench.made / "oxigraph", Path(sys.executable).with_name("oxigraph")
        try:
            graph = open_build(_made(bench, size)).path / "graph.nq"
            return told(run([program, "load", "--location", place, "--file", graph]))
        finally:
            bench.remove(place)

    result: Result = bench.measured(f"load {size} ({number})", loaded)
    return result


def _fresh(bench: Bench, size: int, out: Path, *options: str, processors: int | None = None) -> Result:
    bench.remove(out)
    return built(bench, bench.corpus(size), out, *options, processors=processors)


def _made(bench: Bench, size: int) -> Path:
    """Return the folder of the build of a size, made again when it has been removed."""
    folder = _folder(bench, size)
    if not (folder / ".current").exists():
        _fresh(bench, size, folder)
    return folder


def _folder(bench: Bench, size: int) -> Path:
    return bench.made / f"build-{size}"


def _by_processes(bench: Bench, size: int) -> Result:
    out = bench.made / "compared"
    try:
        return {"ran": _fresh(bench, size, out, "-j", "2")["ran"], "sorted": _lines(out)}
    finally:
        bench.remove(out)


def _by_spark(bench: Bench, size: int) -> Result:
    """Make parts on Spark, which are measured, and a build of them, whose lines are compared."""
    parts, out = bench.made / "parts", bench.made / "compared"
    try:
        ran = run(kg("build", bench.corpus(size).path, parts, "--engine", "spark", "--master", SPARK_MASTER), allowed=(0, 1))
        run(kg("load", parts, "-o", out), allowed=(0, 1))
        return {"ran": told(ran), "sorted": _lines(out)}
    finally:
        bench.remove(parts)
        bench.remove(out)


def _lines(out: Path) -> dict[str, str]:
    """Return the digests of a build's claims and quads in order."""
    return {name: _sorted(out / name) for name in ("claims.jsonl", "graph.nq")}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _sorted(path: Path) -> str:
    """Return the digest of a file's lines in order."""
    with subprocess.Popen(["sort", path], stdout=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"}) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        digest = sha256()
        while chunk := process.stdout.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _answer(command: Sequence[str | Path]) -> Result:
    result: Result = json.loads(run(command).output.splitlines()[-1])
    return result


def rivals(bench: Bench, plan: Plan) -> str:
    """Do single steps of a build with what a user would pick instead."""
    size, rows, missing = plan.rivals, [], []
    for step, names in STEPS.items():
        own = 0.0
        for name in names:
            try:
                found = bench.measured(f"{step} by {name}: {size}", partial(_rival, bench, plan, step, name))
            except Failed as error:
                missing.append(str(error).strip().splitlines()[-1])
                continue
            each = found["cpu"] / found["done"] * 1000
            own = own or each
            rows.append((step, name, f"{found['done']:,} {found['unit']}", f"{each:.3f}", f"{each / own:.1f}"))
    told_ = "".join(f"\nleft out: {line}" for line in missing)
    return f"{table(('step', 'by', 'done', 'CPU, ms each', 'times kg'), rows)}\n{told_}"


def _rival(bench: Bench, plan: Plan, step: str, name: str) -> Result:
    size, out = plan.rivals, bench.made / "rivals"
    corpus = bench.corpus(size)
    if not (out / ".current").exists():
        built(bench, corpus, out)
    options = ("-n", str(size), *(("--morph", plan.morph) if plan.morph else ()))
    return _answer([sys.executable, "-m", "bench.build.rivals", step, name, out, corpus.path, *options])


PARTS: Mapping[str, Callable[[Bench, Plan], str]] = {
    "growth": growth,
    "processes": processes,
    "validation": validation,
    "changed": changed,
    "exact": exact,
    "spark": spark,
    "rivals": rivals,
}
