"""`kg serve`: what it is given. What it answers is in tests/serve."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.commands.serve import size
from kg.errors import UsageError
from kg.options import seconds
from tests.command import kg
from tests.serve.server import published


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve")
    published(ox.Store(), folder)
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--timeout", "soon"], "'soon' is no time"),
        (["--timeout", "0s"], "'0s' is no time"),
        (["--timeout", "2d"], "'2d' is no time"),
        (["--memory", "much"], "'much' is no size"),
        (["--memory", "512MB"], "a worker cannot start with 512MB of address space"),
        (["--max-bytes", "0"], "'0' is no size"),
        (["--workers", "0"], "0 is not in the range"),
        (["--max-rows", "-1"], "-1 is not in the range"),
        (["--port", "70000"], "127.0.0.1:70000: cannot listen: a port is a number from 0 to 65535"),
        (["--port", "0", "--token", "with space"], "the token is none that a client can send"),
        (["--allow-service", "not a URL"], "'not a URL' is no address"),
        (["--user", "me", "--default-graph", "urn:x"], "--default-graph and --user say how another store is asked"),
        (["--upstream-token", "x", "--look-every", "5s"], "--upstream-token and --look-every say how another store is asked"),
        (["--base-iri", "https://example.org/"], "--base-iri says how another store is asked"),
        (["--upstream", "http://127.0.0.1:9/", "--user", "me"], "--user NAME with KG_UPSTREAM_PASSWORD, or KG_UPSTREAM_TOKEN"),
    ],
)
def test_wrong_use_exits_with_2(arguments: list[str], message: str, build: Path) -> None:
    ran = kg("serve", "-b", str(build), *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr and "Traceback" not in ran.stderr


def test_no_build_exits_with_2(tmp_path: Path) -> None:
    ran = kg("serve", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no build at" in ran.stderr and "hint: run `kg build PATH -o" in ran.stderr


@pytest.mark.parametrize(
    ("text", "found"), [("30s", 30.0), ("0.5", 0.5), ("500 ms", 0.5), ("2min", 120.0), ("1m", 60.0), ("24H", 86400.0)]
)
def test_times(text: str, found: float) -> None:
    assert seconds(text) == found


@pytest.mark.parametrize(
    ("text", "found"), [("2GB", 2 << 30), ("1.5k", 1536), ("64 MiB", 64 << 20), ("100", 100), ("1TB", 1 << 40)]
)
def test_sizes(text: str, found: int) -> None:
    assert size(text) == found


@pytest.mark.parametrize("text", ["", "-1", "1e9", "GB", "1 GB 2", "٣"])
def test_no_sizes_and_times(text: str) -> None:
    with pytest.raises(UsageError, match="is no size"):
        size(text)
    with pytest.raises(UsageError, match="is no time"):
        seconds(text)
