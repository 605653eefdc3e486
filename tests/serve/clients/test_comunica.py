"""Comunica: its engine, which asks one endpoint or joins what several answer; the client below it, which sends a query as it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from tests.command import ROOT
from tests.lacking import lacking
from tests.serve.clients import questions as q
from tests.served import Served, serving

INSTALLED = ROOT / "build" / "clients" / "node_modules"
WAYS = ["engine", "GET", "POST", "direct"]
KESTREL = "Kestrel-7B has 7B parameters. Kestrel-7B is built on InstructBLIP-13B and was fine-tuned on CC3M with AdamW.\n"
# who says which model is built on another is not who says how large that one is
ACROSS = (
    q.PREFIXES
    + "SELECT DISTINCT ?model ?other ?size { ?model kg:extends ?other . ?other kg:describedIn ?r ; kg:parameterCount ?size }"
)

Asked = tuple[str, str, str]  # how, form, text


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a second endpoint, which knows one more report and none of the others."""
    folder = tmp_path_factory.mktemp("other")
    (folder / "kestrel.txt").write_text(KESTREL, encoding="utf-8")
    with serving(folder, folder / "kestrel.txt") as found:
        yield found


@pytest.fixture(scope="module")
def answers(served: Served, other: Served) -> Callable[[Asked], Any]:
    """Return what gives the answer to a question; all are asked in one process, which takes long to start."""
    for name in ("node", "npm"):
        if not shutil.which(name):
            lacking(f"{name} is not installed: apt-get install nodejs npm, then make clients")
    if not (INSTALLED / "@comunica" / "query-sparql").is_dir():
        lacking("Comunica is not installed: make clients")
    asked: list[Asked] = [(how, form, text) for how in WAYS for form, text in (*QUESTIONS, ("rows", q.WRONG))]
    asked += [("both", "rows", ACROSS), ("found", "rows", q.SELECT)]
    found = _asked([_question(item, served, other) for item in asked])
    return lambda item: found[asked.index(item)]


QUESTIONS = [("rows", q.SELECT), ("truth", q.YES), ("truth", q.NO), ("graph", q.CONSTRUCT), ("rows", q.GRAPHS), ("rows", q.MANY)]


def _question(item: Asked, served: Served, other: Served) -> dict[str, Any]:
    how, form, text = item
    one: object = {"type": "sparql", "value": served.url}
    sources: dict[str, list[object]] = {
        "engine": [one],
        "both": [one, {"type": "sparql", "value": other.url}],
        "found": [served.url],
    }
    return {
        "how": "engine" if how in sources else how,
        "form": form,
        "text": text,
        "sources": sources.get(how, [served.url]),
    }


def _asked(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    env = os.environ | {"NODE_PATH": str(INSTALLED)}
    program = Path(__file__).with_name("ask.cjs")
    ran = subprocess.run(
        ["node", program], input=json.dumps(questions).encode(), env=env, capture_output=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return list(json.loads(ran.stdout))


def rows(found: dict[str, Any], *names: str) -> Counter[q.Row]:
    assert "answer" in found, found
    return Counter(tuple(tuple(row[name]) if row.get(name) else None for name in names) for row in found["answer"])


@pytest.mark.parametrize("how", WAYS)
def test_select(served: Served, answers: Callable[[Asked], Any], how: str) -> None:
    assert rows(answers((how, "rows", q.SELECT)), "model", "name", "size") == q.rows(served.store, q.SELECT)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize(("text", "truth"), [(q.YES, True), (q.NO, False)])
def test_ask(answers: Callable[[Asked], Any], how: str, text: str, truth: bool) -> None:
    assert answers((how, "truth", text)) == {"answer": truth}


@pytest.mark.parametrize("how", WAYS)
def test_construct(served: Served, answers: Callable[[Asked], Any], how: str) -> None:
    found = answers((how, "graph", q.CONSTRUCT))
    assert {tuple(map(tuple, triple)) for triple in found["answer"]} == q.graph(served.store, q.CONSTRUCT) != set()


@pytest.mark.parametrize("how", WAYS)
def test_named_graphs(served: Served, answers: Callable[[Asked], Any], how: str) -> None:
    assert rows(answers((how, "rows", q.GRAPHS)), "g", "n") == q.rows(served.store, q.GRAPHS)


@pytest.mark.parametrize("how", WAYS)
def test_many_rows(served: Served, answers: Callable[[Asked], Any], how: str) -> None:
    found = rows(answers((how, "rows", q.MANY)), "thing", "by", "name")
    assert found.total() >= q.AT_LEAST
    assert found == q.rows(served.store, q.MANY)


@pytest.mark.parametrize("how", ["GET", "POST", "direct"])
def test_a_syntax_error_is_told_with_its_place(answers: Callable[[Asked], Any], how: str) -> None:
    line, column = q.PLACE
    said = answers((how, "rows", q.WRONG))["error"]
    assert "(HTTP status 400)" in said and f'"line":{line},"column":{column}' in said


def test_the_engine_finds_a_syntax_error_itself(answers: Callable[[Asked], Any]) -> None:
    assert answers(("engine", "rows", q.WRONG))["error"].startswith("Parse error on line 2:")


def test_the_engine_finds_out_that_an_address_is_an_endpoint(served: Served, answers: Callable[[Asked], Any]) -> None:
    assert rows(answers(("found", "rows", q.SELECT)), "model", "name", "size") == q.rows(served.store, q.SELECT)


def test_two_endpoints_answer_together(served: Served, other: Served, answers: Callable[[Asked], Any]) -> None:
    together = ox.Store()
    for one in (served, other):
        together.extend(quad for quad in one.store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    expected = q.rows(together, ACROSS)
    assert rows(answers(("both", "rows", ACROSS)), "model", "other", "size") == expected
    assert expected - q.rows(served.store, ACROSS) - q.rows(other.store, ACROSS)
