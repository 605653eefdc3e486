"""docs/queries.md is what is printed."""

from __future__ import annotations

from pathlib import Path

from tests.command import ROOT
from tests.readme import blocks, outputs, pattern, shown


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    items = [item for block in blocks(page, "console") for item in shown(block)]
    printed = outputs([item.command for item in items], tmp_path)
    for item in items:
        assert pattern(item.output).fullmatch(printed[item.command]), f"$ {item.command}\n{printed[item.command]}"
