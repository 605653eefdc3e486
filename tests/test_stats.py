from __future__ import annotations

from pathlib import Path

from kg.stats import as_text, stats
from kg.wire import write
from tests.samples import claim

MANIFEST = {
    "counts": {
        "reports": 1200,
        "models": 2,
        "claims": 3,
        "suggestions": 0,
        "facts": 9,
        "derived": 4,
        "severities": {"violation": 1, "warning": 0, "info": 0},
        "codes": {"KG101": 1},
    },
    "failed": [{}],
    "skipped": [{}, {}],
}


def test_a_build_is_counted(tmp_path: Path) -> None:
    claims = [claim("steps", "1"), claim("epochs", "1", method="tag"), claim("steps", "2", method="rule:x")]
    (tmp_path / "claims.jsonl").write_bytes(write(claims, "jsonl"))
    numbers = stats(tmp_path, MANIFEST)
    assert (numbers["reports"], numbers["failed"], numbers["skipped"]) == (1200, 1, 2)
    assert list(numbers["relations"].items()) == [("steps", 2), ("epochs", 1)]
    assert numbers["methods"] == {"rule": 2, "tag": 1}
    assert numbers["codes"] == {"KG101": 1}


def test_numbers_stand_below_each_other() -> None:
    text = as_text({"reports": 1200, "models": 2, "relations": {"steps": 2}, "codes": {}})
    assert text == "reports      1,200\nmodels           2\n\nrelations\n  steps          2\n"
