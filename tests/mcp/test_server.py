"""`kg mcp` over its two pipes: what each tool answers, what it refuses, what ends it, and what it leaves behind (nothing)."""

from __future__ import annotations

import json
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp.shared.exceptions import MCPError

from kg.mcp._instructions import instructions
from kg.sparql.named import shipped
from tests.command import ROOT, SEEDS, environment, kg
from tests.mcp.session import HELLO, Lines, Session, connected, ended, raw, text
from tests.why.builds import build

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
MODEL = "https://w3id.org/kg/model/instructblip-13b"


@pytest.fixture(scope="module")
def session(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with connected(seeds, "--timeout", "60s", log=tmp_path_factory.mktemp("log") / "log") as opened:
        opened.do("initialize")
        yield opened


# what cannot be started ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-b", "nowhere"], "nowhere\n  hint: run `kg build"),
        (["--timeout", "soon"], "'soon' is no time"),
        (["--workers", "0"], "workers"),
        (["--max-rows", "0"], "max-rows"),
    ],
)
def test_wrong_use_is_told_on_standard_error(arguments: list[str], message: str, tmp_path: Path) -> None:
    ran = kg("mcp", *arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "") and message in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_the_package_it_says_what_to_install(seeds: Path) -> None:
    program = "import sys; sys.modules['mcp'] = None; from kg.cli import main; main()"
    command = [sys.executable, "-c", program, "mcp", "-b", str(seeds)]
    ran = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2 and "pip install 'kg[mcp]'" in ran.stderr and ran.stdout == ""


# what it is ---------------------------------------------------------------------------------------------------------------------


def test_it_says_what_it_is_and_how_to_use_it(seeds: Path) -> None:
    with raw(seeds, hello=False) as lines:
        found = lines.ask("initialize", **HELLO)["result"]
    assert found["protocolVersion"] == HELLO["protocolVersion"]
    assert found["instructions"] == instructions()
    assert set(found["capabilities"]) == {"tools", "resources", "prompts"}


def test_the_tools_are_read_only_and_their_schemas_are_valid(session: Session) -> None:
    found = session.do("list_tools").tools
    assert [tool.name for tool in found] == ["search", "describe", "query", "why"]
    for tool in found:
        notes = tool.annotations
        assert (notes.read_only_hint, notes.destructive_hint, notes.idempotent_hint, notes.open_world_hint) == (
            True,
            False,
            True,
            False,
        )
        Draft202012Validator.check_schema(tool.input_schema)
        Draft202012Validator.check_schema(tool.output_schema)
        assert tool.title and tool.description


def test_a_client_of_the_newer_protocol_is_answered_too(seeds: Path) -> None:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": HELLO["clientInfo"],
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    with raw(seeds, hello=False) as lines:
        discovered = lines.ask("server/discover", _meta=meta)["result"]
        assert "2026-07-28" in discovered["supportedVersions"] and discovered["instructions"] == instructions()
        found = lines.ask("tools/call", name="search", arguments={"text": "COCO"}, _meta=meta)["result"]
        assert found["structuredContent"]["results"]


# what the tools answer ----------------------------------------------------------------------------------------------------------


def test_search_leads_to_describe_and_describe_to_why(session: Session) -> None:
    [first, *_] = session.call("search", text="instructblip-13b").structured_content["results"]
    assert first["iri"] == MODEL
    found = session.call("describe", thing=first["iri"])
    facts = [fact for group in found.structured_content["groups"] for fact in group["facts"]]
    [count] = [fact for fact in facts if fact["relation"] == "impliedAcceleratorCount"]
    assert (count["value"], count["origin"]) == ("64", "derived")
    chain = session.call("why", fact=count["fact"])
    assert "16,384 ÷ (64 per device × 4 accumulation steps)" in text(chain)
    assert "“16,384”" not in text(found) or "globalBatchSize" in text(found)


def test_a_query_is_answered_as_values_and_as_text(session: Session) -> None:
    found = session.call("query", sparql="SELECT ?time { <model/instructblip-13b> kg:hasRun/kg:duration ?time }")
    assert found.structured_content == {"form": "rows", "columns": ["time"], "rows": [{"time": "P21D"}], "truncated": False}
    assert text(found) == "time\nP21D"


@pytest.mark.parametrize("name", shipped())
def test_every_named_query_is_answered(session: Session, name: str) -> None:
    found = session.call("query", name=name, limit=5)
    assert not found.is_error and len(found.structured_content["rows"]) <= 5


@pytest.mark.parametrize("words", ["Größe", "模型 💥", "a\u0000b", "\u202e", '“quoted” \\ "x"', "{}[]", "' OR 1=1"])
def test_any_text_is_searched_for(session: Session, words: str) -> None:
    found = session.call("search", text=words)
    assert not found.is_error and found.structured_content["text"] == words


def test_unicode_goes_through_a_query_unchanged(session: Session) -> None:
    words = "Größe 模型 💥 é\u0301 \u202e"
    found = session.call("query", sparql=f'SELECT ("{words}" AS ?x) {{}}')
    assert found.structured_content["rows"] == [{"x": words}]


def test_a_giant_answer_is_cut_and_told(session: Session) -> None:
    found = session.call("query", sparql="SELECT * { ?s ?p ?o }", limit=1000)
    assert found.structured_content["truncated"] is True and "there are more" in text(found).splitlines()[-1]
    assert len(json.dumps(found.structured_content)) < 100_000 and len(text(found)) < 100_000
    texts = session.call("query", sparql="SELECT ?t { GRAPH ?g { ?r kg:text ?t } }")
    assert all(len(row["t"]) <= 2001 for row in texts.structured_content["rows"])
    assert "SUBSTR" in text(texts)


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("search", {"text": ""}, "text: "),
        ("search", {"txt": "x"}, "did you mean text"),
        ("describe", {"thing": "InstructBLP-13B"}, "did you mean InstructBLIP-13B"),
        ("describe", {"thing": MODEL, "relation": "durration"}, "did you mean duration"),
        ("describe", {"thing": "x", "limit": 5000}, "greater than the maximum"),
        ("query", {}, "either sparql or name"),
        ("query", {"name": "trainig"}, "did you mean training"),
        ("query", {"name": "training", "parameters": {"model": "InstructBLP-13B"}}, "did you mean InstructBLIP-13B"),
        ("query", {"sparql": "SELECT ?x {\n ?x kg:name }} "}, "syntax error at '}' (line 2, column 13)"),
        ("query", {"sparql": "SELECT * { ?x nope:y ?z }"}, "begin with PREFIX nope:"),
        ("query", {"sparql": "SELECT * { ?s ?p ?o } LIMIT 1", "format": "turtle"}, "choose one of: table, json"),
        ("query", {"sparql": "INSERT DATA { <a:b> <a:b> <a:b> }"}, "INSERT is an update, and the graph is read-only"),
        ("query", {"sparql": "DELETE WHERE { ?s ?p ?o }"}, "DELETE is an update"),
        ("query", {"sparql": "LOAD <http://127.0.0.1:9/>"}, "LOAD is an update"),
        ("why", {"fact": "InstructBLIP-13B"}, "name one, as InstructBLIP-13B.name"),
        ("why", {"fact": "InstructBLIP-13B.colour"}, "no relation or stage of InstructBLIP-13B is named 'colour'"),
    ],
)
def test_what_is_wrong_is_told_to_the_model_and_the_server_goes_on(
    session: Session, tool: str, arguments: dict[str, Any], message: str
) -> None:
    found = session.call(tool, **arguments)
    assert found.is_error and message in text(found)
    assert found.structured_content is None
    assert text(session.call("query", sparql="ASK {}")) == "yes"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ {{ SELECT * {{ service <{0}> {{ ?s ?p ?o }} }} }} }}",
        "SELECT * {{ # hidden\n SERVICE SILENT <{0}> {{ ?s ?p ?o }} }}",
    ],
)
def test_service_is_refused_and_nobody_is_asked(session: Session, query: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        found = session.call("query", sparql=query.format(f"http://127.0.0.1:{listening.getsockname()[1]}/"))
        assert found.is_error and "SERVICE is refused" in text(found)
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_the_resources_and_prompts_are_listed_and_read(session: Session) -> None:
    assert [item.uri for item in session.do("list_resources").resources] == ["kg://ontology", "kg://queries", "kg://build"]
    [template] = session.do("list_resource_templates").resource_templates
    assert template.uri_template == "kg://report/{+id}{?start,length}"
    assert "kg:duration" in session.do("read_resource", "kg://ontology").contents[0].text
    report = session.do("read_resource", "kg://report/000_instructblip.txt").contents[0]
    assert report.text == (SEEDS / "000_instructblip.txt").read_text(encoding="utf-8")
    assert [prompt.name for prompt in session.do("list_prompts").prompts] == ["compare", "disclosure"]
    [message] = session.do("get_prompt", "disclosure", {"model": "InstructBLIP-13B"}).messages
    assert "training of InstructBLIP-13B" in message.content.text


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("call_tool", ("serch", {"text": "x"}), "did you mean search"),
        ("read_resource", ("kg://report/nope",), "no report is named 'nope'"),
        ("read_resource", ("file:///etc/passwd",), "there is nothing at file:///etc/passwd"),
        ("get_prompt", ("compare", {"first": "x"}), "needs second"),
        ("get_prompt", ("compar", {}), "did you mean compare"),
    ],
)
def test_what_is_not_there_is_an_error_of_the_protocol(
    session: Session, method: str, arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(MCPError, match=message) as caught:
        session.do(method, *arguments)
    assert caught.value.code == -32602


def test_many_calls_at_once_are_each_answered(session: Session) -> None:
    calls = [("query", {"sparql": f"SELECT ({number} AS ?n) {{}}"}) for number in range(40)]
    found = session.together(*calls)
    assert sorted(number for number, _ in found) == list(range(40))
    assert all(answer.structured_content["rows"] == [{"n": number}] for number, answer in found)


# what takes too long, what is not wanted ----------------------------------------------------------------------------------------


def test_an_endless_query_times_out_while_others_are_answered(seeds: Path, tmp_path: Path) -> None:
    with connected(seeds, "--timeout", "3s", log=tmp_path / "log") as session:
        session.do("initialize")
        asked = [("query", {"sparql": ENDLESS})] + [("query", {"sparql": f"SELECT ({n} AS ?n) {{}}"}) for n in range(8)]
        answers = session.together(*asked)
        assert [number for number, _ in answers][-1] == 0  # it was the last to be answered
        late = dict(answers)[0]
        assert late.is_error and "took longer than 3 seconds" in text(late) and "--timeout" in text(late)
        assert not any(answer.is_error for number, answer in answers if number)


def test_a_cancelled_query_is_stopped_and_not_answered(seeds: Path) -> None:
    with raw(seeds, "--timeout", "300s", "--workers", "2") as lines:
        lines.call("query", sparql="ASK {}")
        lines.read()
        before = lines.processes()
        endless = lines.call("query", sparql=ENDLESS)
        quick = lines.call("query", sparql="ASK {}")
        assert lines.read()["id"] == quick  # by now the endless one is with a worker
        lines.notify("notifications/cancelled", requestId=endless)
        assert ended(before)
        again = lines.call("query", sparql="ASK {}")
        assert lines.read()["id"] == again


# builds, ends -------------------------------------------------------------------------------------------------------------------


def test_a_new_build_is_taken_over(seeds: Path, tmp_path: Path) -> None:
    reports, out = tmp_path / "reports", tmp_path / "out"
    reports.mkdir()
    (reports / "a.txt").write_text("We introduce <model>Kestrel-7B</model>.\n", encoding="utf-8")
    build(reports, out)
    with raw(out) as lines:
        assert _models(lines) == ["Kestrel-7B"]
        (out / ".new").symlink_to((seeds / ".current").resolve())
        (out / ".new").replace(out / ".current")  # as a build is published
        assert lines.process.stderr
        assert any("takes the place of" in line for line in lines.process.stderr)  # reads on until it is so
        assert len(_models(lines)) == 7


def _models(lines: Lines) -> list[str]:
    query = "SELECT ?name { ?m kg:describedIn ?r ; rdfs:label ?name } ORDER BY ?name"
    found = lines.ask("tools/call", name="query", arguments={"sparql": query})["result"]
    return [row["name"] for row in found["structuredContent"]["rows"]]


def test_it_ends_with_its_client_and_leaves_nothing_behind(seeds: Path) -> None:
    with raw(seeds) as lines:
        lines.call("query", sparql="ASK {}")
        lines.read()
        lines.call("query", sparql=ENDLESS)
        processes = lines.processes()
        assert processes
        assert lines.process.stdin
        lines.process.stdin.close()
        lines.process.wait(20)
        assert lines.process.returncode == 0
        assert all(ended([process]) for process in processes)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_signal_ends_it_and_its_workers(seeds: Path, number: signal.Signals, code: int) -> None:
    with raw(seeds) as lines:
        lines.call("query", sparql="ASK {}")
        lines.read()
        processes = lines.processes()
        lines.process.send_signal(number)
        assert lines.process.wait(20) == code
        assert all(ended([process]) for process in processes)


def test_a_client_that_stops_reading_and_goes_ends_it(seeds: Path) -> None:
    with raw(seeds) as lines:
        assert lines.process.stdout and lines.process.stdin
        lines.process.stdout.close()
        lines.call("query", sparql="ASK {}")
        lines.process.stdin.close()
        assert lines.process.wait(20) == 0


def test_standard_output_is_the_clients_alone_and_rubbish_is_passed_over(seeds: Path) -> None:
    with raw(seeds) as lines:
        for rubbish in (
            "",
            "not json",
            "[]",
            '{"jsonrpc": "2.0"}',
            "\x00\x01",
            "{" * 1000,
            '{"jsonrpc":"2.0","method":"nothing/known"}',
        ):
            lines.write(rubbish)
        assert lines.ask("nothing/known")["error"]["code"] == -32601
        assert lines.ask("tools/call", name="search")["result"]["isError"] is True
        assert lines.ask("tools/call", name="search", arguments=[])["error"]["code"] == -32602
        assert lines.ask("ping")["result"] is not None
        lines.process.stdin.close()  # type: ignore[union-attr]
        rest = lines.process.stdout.read()  # type: ignore[union-attr]
        assert all(json.loads(line)["jsonrpc"] == "2.0" for line in rest.splitlines())
        assert lines.process.wait(20) == 0
        told = lines.process.stderr.read()  # type: ignore[union-attr]
        assert "answering on standard input and output" in told


def test_it_says_nothing_before_it_is_asked(seeds: Path) -> None:
    with raw(seeds) as lines:
        assert lines.process.stdout
        assert select.select([lines.process.stdout], [], [], 0)[0] == []
