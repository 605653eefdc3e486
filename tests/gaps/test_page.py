"""docs/disclosure.md shows what kg prints, and names every profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.gaps import profiles
from tests.command import ROOT
from tests.readme import Shown, blocks, outputs, pattern, shown

TEXT = (ROOT / "docs/disclosure.md").read_text(encoding="utf-8")
SHOWN = [item for block in blocks(TEXT, "console") for item in shown(block)]


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the page's commands print, with its profile as `house.toml`."""
    folder: Path = tmp_path_factory.mktemp("disclosure")
    (house,) = blocks(TEXT, "toml")
    (folder / "house.toml").write_text(house, encoding="utf-8")
    return outputs(["kg build seeds/", *(item.command for item in SHOWN)], folder)


@pytest.mark.parametrize("item", SHOWN, ids=[item.command for item in SHOWN])
def test_a_command_prints_what_is_shown(item: Shown, now: dict[str, str]) -> None:
    assert pattern(item.output).fullmatch(now[item.command]), now[item.command]


def test_the_page_names_every_profile() -> None:
    assert SHOWN
    assert all(f"| `{name}` |" in TEXT for name in profiles())
