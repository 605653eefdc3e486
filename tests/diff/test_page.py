"""The page about differences: its commands print what stands below them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import ROOT
from tests.readme import Shown, blocks, outputs, pattern, shown

ITEMS = [item for block in blocks((ROOT / "docs" / "diff.md").read_text("utf-8"), "console") for item in shown(block)]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("page")
    return outputs([item.command for item in ITEMS], folder)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.command)
def test_the_page_shows_what_is_printed(printed: dict[str, str], item: Shown) -> None:
    assert pattern(item.output).fullmatch(printed[item.command]), printed[item.command]
