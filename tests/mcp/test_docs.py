"""What docs/mcp.md shows is what the tools answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kg.mcp._arguments import arguments_of
from kg.mcp._resources import RESOURCES, TEMPLATE
from kg.mcp._tools import tools
from kg.why import Graph
from tests.command import ROOT
from tests.mcp.session import answer_of
from tests.readme import pattern

PAGE = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
SHOWN: list[tuple[str, str]] = re.findall(r"^```text\n> (.+)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("asked", "answered"), SHOWN, ids=[asked[:60] for asked, _ in SHOWN])
def test_a_tool_answers_what_is_shown(graph: Graph, asked: str, answered: str) -> None:
    name, _, arguments = asked.partition(" ")
    tool = tools(1000)[name]
    given = answer_of(graph, tool, arguments_of(tool, json.loads(arguments)))
    assert pattern(answered).fullmatch(given + "\n"), given


def test_every_tool_is_shown_and_every_resource_is_listed() -> None:
    assert {asked.split()[0] for asked, _ in SHOWN} == set(tools(1000)) == set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE))
    assert set(re.findall(r"`(kg://[^`]+)`", PAGE)) == {TEMPLATE, *(item.uri for item in RESOURCES)}


def test_the_snippet_is_json() -> None:
    [snippet] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert Path(json.loads(snippet)["mcpServers"]["kg"]["command"]).name == "kg"
