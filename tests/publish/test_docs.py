"""docs/publishing.md: the workflow in it is YAML, and its commands do what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own

from tests.command import ROOT, SEEDS, environment

PAGE = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    found: dict[Any, Any] = yaml.safe_load(text)
    return found


def test_the_workflow_may_publish(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    assert workflow[True]["push"] == {"branches": ["main"]}  # YAML 1.1 reads "on" as a truth value
    assert workflow["jobs"]["deploy"]["needs"] == "build" and workflow["jobs"]["deploy"]["environment"]["name"] == "github-pages"


def test_each_action_has_a_version(workflow: dict[Any, Any]) -> None:
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"actions/[a-z-]+@v\d+", name) for name in used)
    assert [name.partition("@")[0] for name in used if "pages" in name] == [
        "actions/configure-pages",
        "actions/upload-pages-artifact",
        "actions/deploy-pages",
    ]


def test_its_commands_publish_the_seeds(workflow: dict[Any, Any], tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    for file in sorted(SEEDS.iterdir())[:2]:
        shutil.copy(file, tmp_path / "reports")
    command = tmp_path / "bin" / "kg"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m kg "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    steps = workflow["jobs"]["build"]["steps"]
    lines = [line for step in steps for line in step.get("run", "").splitlines() if line.startswith("kg ")]
    assert [line.split()[1] for line in lines] == ["build", "publish"]
    script = "\n".join(lines).replace("${{ steps.pages.outputs.base_url }}", "https://owner.github.io/graph")
    path = f"{command.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", script], cwd=tmp_path, env=environment() | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    [upload] = [step["with"]["path"] for step in steps if "upload-pages-artifact" in step.get("uses", "")]
    home = (tmp_path / upload / "index.html").read_text(encoding="utf-8")
    assert '<link rel="canonical" href="https://owner.github.io/graph/">' in home
    assert "https://owner.github.io/graph/models/" in (tmp_path / upload / "sitemap.xml").read_text(encoding="utf-8")


def test_the_table_tells_what_is_in_the_folder(site: Path) -> None:
    names = re.findall(r"`([^`]+)`", PAGE.partition("| in the folder |")[2].partition("\nNothing is loaded")[0])
    files = {name for name in names if re.fullmatch(r"[.\w]+\.\w+|\.nojekyll|\w+/", name)}
    assert {"data.csv", "graph.nq.gz", ".nojekyll", "404.html", "assets/"} <= files
    folders = (site, site / "data", site / "model" / "instructblip-13b")
    assert [name for name in sorted(files) if not any((folder / name).exists() for folder in folders)] == []
