"""What was measured -> tables to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.serve.rounds import STORE

BESIDE = "oxigraph"
"""The engine whose figures kg's are divided by."""


def text(found: Mapping[str, Any]) -> str:
    """Return the tables, and what is missing or wrong."""
    lines = [*_loads(found["loads"]), "", *_times(found["times"]), "", *_memory(found["memory"])]
    lines += [f"{name} is not installed and not compared: {remedy}" for name, remedy in found["missing"].items()]
    lines += [f"{item['engine']} is not timed for {item['case']}: {item['wrong']}" for item in found["checked"] if item["wrong"]]
    return "\n".join(lines) + "\n"


def _loads(loads: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "under load: requests a second, milliseconds that half and 99 of 100 wait, milliseconds of processor a request"
    yield f"{'case':<22} {'texts':<9} {'clients':>7}  {'engine':<9} {'req/s':>9} {'p50':>9} {'p99':>9} {'cpu':>8} {'bytes':>9}"
    groups: dict[tuple[str, str, int], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for item in loads:
        groups[item["case"], item["texts"], item["clients"]][item["engine"]] = item
    for (case, texts, clients), engines in groups.items():
        head = f"{case:<22} {texts:<9} {clients:>7}"
        for name in sorted(engines):
            yield f"{head}  {_load(name, engines)}"
            head = " " * len(head)


def _load(name: str, engines: Mapping[str, Mapping[str, Any]]) -> str:
    item = engines[name]
    figures = f"{item['rate']:>9,.0f} {item['p50']:>9.2f} {item['p99']:>9.2f} {item['cpu']:>8.3f} {item['bytes']:>9,}"
    errors = f"  {item['errors']} errors" if item["errors"] else ""
    beside = engines.get(BESIDE)
    ratio = f"  {beside['rate'] / item['rate']:.2f} × {BESIDE}'s time" if beside and name == "kg" and item["rate"] else ""
    return f"{name:<9} {figures}{ratio}{errors}"


def _times(times: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = sorted({item["engine"] for item in times}, key=lambda name: (name != "kg", name != STORE, name))
    yield "asked one time after the other: milliseconds (median); kg over HTTP, and its store in this process"
    yield f"{'query':<38}" + "".join(f" {name:>10}" for name in names)
    rows: dict[str, dict[str, float]] = defaultdict(dict)
    for item in times:
        rows[item["case"]][item["engine"]] = item["p50"]
    for case in sorted(rows):
        yield f"{case:<38}" + "".join(f" {rows[case][name]:>10,.1f}" if name in rows[case] else f" {'-':>10}" for name in names)


def _memory(memory: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    yield "memory at the end, in MB: its own share (PSS), and all that is mapped (RSS)"
    for name, item in memory.items():
        yield f"{name:<9} {item['pss'] / 1e6:>7,.0f} {item['rss'] / 1e6:>7,.0f}"
