"""A build of a model card as people write them: front matter, an identifier of the Hub, ranges, a hedge, a unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import kg

CARD = """---
model_name: Egret-7B
datasets:
- allenai/c4
- CC3M
license: mit
---
# Egret-7B

Egret-7B is a language model with 7 billion parameters. Its image encoder is `ViT-g/14` from EVA-CLIP.
It was trained for 8 to 16 days on 600 million image-text pairs of `allenai/c4` and CC3M, with about 64 to 128 A100 GPUs.
"""


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of a card with front matter."""
    folder = tmp_path_factory.mktemp("card")
    (folder / "egret.md").write_text(CARD, encoding="utf-8")
    ran = kg("build", "egret.md", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return folder
