"""A build -> numbers: reports, models, claims by relation, findings by code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def stats(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a build from its folder and manifest, in a form fit for JSON."""
    counts = manifest["counts"]
    relations: Counter[str] = Counter()
    methods: Counter[str] = Counter()
    with (folder / "claims.jsonl").open(encoding="utf-8") as file:
        for claim in map(json.loads, file):
            relations[claim["relation"]] += 1
            methods[claim["method"].split(":")[0]] += 1
    totals = {name: counts[name] for name in ("reports", "models", "claims", "suggestions", "facts", "derived")}
    read = {"failed": len(manifest["failed"]), "skipped": len(manifest["skipped"])}
    found = {"severities": counts["severities"], "codes": counts["codes"]}
    return {**totals, **read, "relations": _by_size(relations), "methods": _by_size(methods), **found}


def as_text(numbers: Mapping[str, Any]) -> str:
    """Return the numbers as aligned lines, a block for each group."""
    single = {name: value for name, value in numbers.items() if isinstance(value, int)}
    groups = {name: value for name, value in numbers.items() if not isinstance(value, int)}
    blocks = ["\n".join(_rows(single))] + ["\n".join([name, *_rows(group, "  ")]) for name, group in groups.items() if group]
    return "\n\n".join(blocks) + "\n"


def _rows(numbers: Mapping[str, int], indent: str = "") -> list[str]:
    size = max(map(len, numbers), default=0)
    return [f"{indent}{name:<{size}}  {value:>9,}" for name, value in numbers.items()]


def _by_size(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))
