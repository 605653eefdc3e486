"""The measures of a build, each kept as soon as it is taken: what is interrupted goes on where it was.

A `Bench` has a folder for corpora and builds, and a file of results by name. A measure whose result is there is not taken again.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import log
from pathlib import Path
from statistics import linear_regression
from typing import Any

from bench.build import corpus as corpora
from bench.build.corpus import Corpus
from bench.build.running import Ran, run
from kg.store import open_build

RESULTS = "results.json"
Result = Mapping[str, Any]


@dataclass(slots=True)
class Bench:
    """Where things are measured, and what was measured so far; `say` is told what is going on."""

    work: Path
    seed: int
    say: Callable[[str], None]
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def made(self) -> Path:
        """Return the folder of what can be made again: corpora, builds, stores."""
        return self.work / "made"

    def __post_init__(self) -> None:
        self.made.mkdir(parents=True, exist_ok=True)
        if (self.work / RESULTS).exists():
            self.results = json.loads((self.work / RESULTS).read_bytes())

    def measured(self, name: str, measure: Callable[[], Any]) -> Any:
        """Return the result of that name, measured now unless it was before."""
        if name not in self.results:
            self.say(name)
            self.results[name] = measure()
            new = self.work / f"{RESULTS}.new"
            new.write_text(json.dumps(self.results, indent=1) + "\n", encoding="utf-8")
            new.replace(self.work / RESULTS)
        return self.results[name]

    def corpus(self, count: int, changed: Collection[int] = ()) -> Corpus:
        """Return a corpus, written now unless it is there; of `changed` reports it has others."""
        folder = self.made / (f"corpus-{count}-changed-{len(changed)}" if changed else f"corpus-{count}")
        note = folder / "corpus.json"
        if not note.exists():
            made = corpora.write(folder, count, self.seed, frozenset(changed))
            note.write_text(json.dumps(corpora.to_json(made)) + "\n", encoding="utf-8")
        return Corpus(**json.loads(note.read_bytes()))

    def remove(self, folder: Path) -> None:
        """Remove a folder of a build, whose files are write-protected, or any other."""
        if folder.exists():
            for path in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
                path.chmod(0o700)
            shutil.rmtree(folder)

    def clean(self) -> None:
        """Remove everything but the results."""
        self.remove(self.made)


def kg(*arguments: str | Path) -> list[str | Path]:
    """Return the command of kg."""
    return [sys.executable, "-m", "kg", *arguments]


def built(bench: Bench, corpus: Corpus, out: Path, *options: str, processors: int | None = None) -> Result:
    """Build a corpus and return what it took, what it counted and whether it found what is wrong on purpose."""
    ran = run(kg("build", corpus.path, "-o", out, *options), allowed=(0, 1), processors=processors)
    build = open_build(out)
    counts = build.manifest["counts"]
    return {
        "ran": told(ran),
        "corpus": asdict(corpus),
        "counts": {name: counts[name] for name in ("reports", "models", "claims", "facts", "severities")},
        "bytes": {
            "graph.nq": (build.path / "graph.nq").stat().st_size,
            "store": sum(path.stat().st_size for path in (build.path / "store").iterdir()),
        },
        "found": asdict(corpora.found(corpus, build.path)),
        "phases": json.loads((build.path / "run.json").read_bytes())["seconds"],
    }


def told(ran: Ran) -> dict[str, Any]:
    """Return what a command took, without what it printed."""
    found = asdict(ran)
    del found["output"]
    return found


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the slope of a straight line through the logarithms: 1 when the values grow as the sizes do."""
    slope: float = linear_regression([log(size) for size in sizes], [log(value) for value in values]).slope
    return slope
