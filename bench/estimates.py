"""Compare kg's estimates of training compute with Epoch AI's own: `python -m bench.estimates TABLE.csv`.

The table ("Data on AI Models", epoch.ai, CC BY 4.0) is built as any input is. Rows count that give hardware, number, time and
compute. The ratio is kg's estimate from hardware over the compute in the table; every row beyond a factor of two is told by kind.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import pipeline
from kg.config import Config
from kg.schema import Schema, load_schema

FACTOR = 2.0
UTILISATION = 0.35
NEEDED = {"accelerator", "acceleratorCount", "duration", "trainingCompute"}

KINDS = {
    "base": "the table's compute is that of a base model and its tuning, time and hardware are of the tuning alone",
    "inside": "the table's compute lies in kg's interval",
    "bits": "within the factor at the accelerator's 32-bit rate",
    "above": "the table's compute is more than its hardware can do in its time",
    "below": "the table's compute is less than a tenth of what its hardware can do in its time",
    "other": "anything else: other numbers of hours or chips in the table's notes, operations counted",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: name, compute as the table has it, kg's estimate with its bounds, whether it tunes a base model."""

    name: str
    stated: float
    low: float
    value: float
    high: float
    tuned: bool
    slower: float

    @property
    def ratio(self) -> float:
        """Return estimate over stated."""
        return self.value / self.stated

    @property
    def kind(self) -> str:
        """Return why the estimate is beyond the factor."""
        if self.tuned and self.ratio < 1 / FACTOR:
            return "base"
        if self.low <= self.stated <= self.high:
            return "inside"
        if near(self.ratio * self.slower):
            return "bits"
        used = UTILISATION / self.ratio
        return "above" if used > 1 else "below" if used < 0.1 else "other"


def near(ratio: float) -> bool:
    """Return whether a ratio is within the factor."""
    return 1 / FACTOR <= ratio <= FACTOR


def rows(build: Path, schema: Schema) -> Iterator[Row]:
    """Yield the rows of a build of the table that can be compared, in their order."""
    said: dict[str, dict[str, list[Any]]] = {}
    for claim in lines(build / "claims.jsonl"):
        if claim["stage"] is None or claim["relation"] == "extends":
            said.setdefault(claim["report"], {}).setdefault(claim["relation"], []).append(claim)
    for fact in lines(build / "derived.jsonl"):
        claims = said.get(fact["report"] or "", {})
        if fact["relation"] == "computeByHardware" and fact["stage"] is None and claims.keys() >= NEEDED and fact["high"]:
            low, value, high = (float(fact[name]) for name in ("low", "value", "high"))
            stated = float(claims["trainingCompute"][0]["value"])
            yield Row(fact["label"], stated, low, value, high, "extends" in claims, slower(fact, schema))


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines."""
    with file.open(encoding="utf-8") as text:
        yield from map(json.loads, text)


def slower(fact: dict[str, Any], schema: Schema) -> float:
    """Return the ratio of the 32-bit rate of an estimate's accelerator to the rate that was taken; 1 where it is not known."""
    figure = fact["figures"][len(fact["figures"]) // 2]
    thing = schema.thing(figure["thing"])
    single = thing.facts.get("peakFp32") if thing else None
    return float(single) / float(figure["value"]) if single else 1.0


def told(found: Sequence[Row]) -> str:
    """Return the comparison as text."""
    ratios = [row.ratio for row in found]
    inside = sum(map(near, ratios))
    lines = [
        f"{len(found)} rows with hardware, number, time and compute",
        f"median ratio (kg's estimate / the table's compute): {statistics.median(ratios):.2f}",
        f"within a factor of {FACTOR:g}: {inside} of {len(found)} ({inside / len(found):.0%})",
    ]
    for kind, meaning in KINDS.items():
        members = [row for row in found if not near(row.ratio) and row.kind == kind]
        if members:
            lines.append(f"{len(members):3}  {meaning}")
            lines.append("     " + ", ".join(f"{row.name} {row.ratio:.2g}" for row in sorted(members, key=lambda row: row.ratio)))
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the table in a folder for the moment, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.estimates", description="Compare estimates of compute with a table's.")
    parser.add_argument("table", type=Path, metavar="TABLE.csv")
    table = parser.parse_args(arguments).table
    with tempfile.TemporaryDirectory() as folder:
        pipeline.build([table], Path(folder, "out"), config=Config(), progress=lambda *_: None, say=lambda _: None)
        print(told(list(rows(Path(folder, "out"), load_schema()))), end="")


if __name__ == "__main__":
    main()
