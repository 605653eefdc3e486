"""What a worker looks up beside plain SPARQL: bounded, refused with what to do, the same as the commands say."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg import lookups
from kg.chain import to_json
from kg.errors import UnknownName, UsageError
from kg.guard import Refused
from kg.lookups import FEW, LOOKUPS, graph_of, lookup_tasks
from kg.sparql.named import shipped
from kg.store import Build, open_build
from kg.why import Graph
from kg.why import why as why_fact
from tests.command import SEEDS
from tests.why.builds import build, write_reports


def opened(built: Build) -> Graph:
    return graph_of(built.path, built.store(), built.manifest["versions"]["base"])


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return opened(build(SEEDS, tmp_path_factory.mktemp("seeds")))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return opened(build(write_reports(tmp_path_factory.mktemp("reports")), tmp_path_factory.mktemp("mixed")))


def ask(graph: Graph, task: str, /, **arguments: Any) -> dict[str, Any]:
    found = LOOKUPS[task](graph, arguments)
    json.dumps(found)
    return found


# reports ------------------------------------------------------------------------------------------------------------------------


def test_reports_are_read_with_what_the_manifest_says_of_each(mixed: Graph) -> None:
    inputs = {entry["id"]: entry for entry in open_build(mixed.folder).manifest["inputs"]}
    found = mixed.sources([*inputs, "nobody.txt", 'x",\n'])
    assert set(found) == set(inputs)
    assert {id: (source.path, source.paged) for id, source in found.items()} == {
        id: (entry.get("file", id), entry.get("paged", False)) for id, entry in inputs.items()
    }
    lines = {id: source.origin.line for id, source in found.items() if source.origin}
    assert lines == {id: entry["line"] for id, entry in inputs.items() if "line" in entry}
    assert len(lines) == 2


# search -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["instructblip 13b", "InstructBLIP-13B", "INSTRUCTBLIP13B"])
def test_a_thing_is_found_however_its_name_is_spelled(seeds: Graph, text: str) -> None:
    first = ask(seeds, "search", text=text)["results"][0]
    assert (first["label"], first["kind"], first["reports"]) == ("InstructBLIP-13B", "model", 1)
    assert first["iri"] == f"{seeds.base}model/instructblip-13b"


def test_a_thing_is_found_by_another_name_and_says_which(seeds: Graph) -> None:
    first = ask(seeds, "search", text="MS COCO", kind="dataset")["results"][0]
    assert (first["label"], first["matched"]) == ("COCO", "MS COCO")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("model", "flan"),
        ("dataset", "coco"),
        ("organization", "mistral"),
        ("accelerator", "a100"),
        ("software", "torch"),
        ("country", "united"),
    ],
)
def test_only_things_of_a_kind_are_found(seeds: Graph, kind: str, text: str) -> None:
    found = ask(seeds, "search", text=text, kind=kind, limit=5)["results"]
    assert found and {item["kind"] for item in found} == {kind}


def test_what_is_not_found_is_nothing_and_what_is_too_much_is_told(seeds: Graph) -> None:
    assert ask(seeds, "search", text="zzqqxx") == {"text": "zzqqxx", "results": [], "truncated": False}
    assert "InstructBLIP-13B" in ask(seeds, "search", text="InstructBLP-13B")["note"]
    many = ask(seeds, "search", text="llava", limit=3)
    assert len(many["results"]) == 3 and many["truncated"] is True and "limit" in many["note"]


def test_a_build_without_an_index_says_so_and_names_are_found_all_the_same(seeds: Graph) -> None:
    store = ox.Store()
    quads = (quad for quad in seeds.store if str(quad.graph_name) != f"<{seeds.base}graph/search>")
    store.bulk_extend(quads)
    older = Graph(seeds.folder, store, seeds.base, seeds.sources)
    with pytest.raises(UsageError, match="this build has no index of names"):
        ask(older, "search", text="COCO")
    for thing in ("instructblip 13b", "MS-COCO", "000_instructblip.txt", "seeds/000_instructblip.txt"):
        assert ask(older, "describe", thing=thing) == ask(seeds, "describe", thing=thing)
    with pytest.raises(UnknownName, match="did you mean InstructBLIP-13B"):
        ask(older, "describe", thing="InstructBLP-13B")


# why ----------------------------------------------------------------------------------------------------------------------------


def test_why_gives_the_chain_as_json_and_text(seeds: Graph) -> None:
    found = ask(seeds, "why", fact="InstructBLIP-13B.impliedAcceleratorHours", stage="pretraining")
    assert found["answer"] == to_json(why_fact(seeds, "InstructBLIP-13B.impliedAcceleratorHours", "pretraining"))
    assert "64 accelerators × 504 hours" in found["text"] and "000_instructblip.txt:3:" in found["text"]
    assert "leftOut" not in found


def test_no_path_of_this_machine_is_told(seeds: Graph) -> None:
    found = ask(seeds, "why", fact="InstructBLIP-13B.duration")
    assert str(SEEDS) not in json.dumps(found)
    assert str(SEEDS) not in json.dumps(ask(seeds, "describe", thing="InstructBLIP-13B"))


def test_a_report_in_a_file_of_many_and_on_a_page_has_its_place(mixed: Graph) -> None:
    assert "birds.jsonl:1:" in ask(mixed, "why", fact="Ibis-2B.duration")["text"]
    assert "stork.pdf:page 2:1:" in ask(mixed, "why", fact="Stork-9B.duration")["text"]


def test_a_thing_with_many_facts_is_refused_with_some_of_their_names(seeds: Graph) -> None:
    with pytest.raises(UsageError, match="is no single fact: 40 facts are told of it") as caught:
        ask(seeds, "why", fact="InstructBLIP-13B")
    assert "InstructBLIP-13B.parameterCount" in str(caught.value) and "describe it" in str(caught.value)
    with pytest.raises(UsageError, match=r"InstructBLIP-13B\.pretraining\.duration"):
        ask(seeds, "why", fact="InstructBLIP-13B", stage="pretraining")


def test_a_thing_with_few_facts_is_explained(seeds: Graph) -> None:
    found = ask(seeds, "why", fact="COCO")
    assert len(found["answer"]["facts"]) <= FEW and "trainingDataset COCO" in found["text"]


def test_what_is_not_stated_is_explained(seeds: Graph) -> None:
    found = ask(seeds, "why", fact="InstructBLIP-13B.license")
    assert found["answer"]["absent"] and "not stated" in found["text"]


def test_a_long_chain_is_cut_and_told(seeds: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "CHARACTERS", 3000)
    found = ask(seeds, "why", fact="InstructBLIP-13B.trainingDataset")
    kept = len(found["answer"]["facts"])
    assert 0 < kept < 9
    assert found["leftOut"] == f"{9 - kept} more facts: ask for one of them by its relation and stage"
    resting = ask(seeds, "why", fact=why_fact(seeds, "InstructBLIP-13B.globalBatchSize").facts[0].claims[0].claim)
    assert len(resting["answer"]["facts"]) == 1 and "more facts" in resting["leftOut"]


def test_an_unknown_fact_suggests_the_near_one(seeds: Graph) -> None:
    with pytest.raises(UnknownName, match="did you mean InstructBLIP-13B"):
        ask(seeds, "why", fact="InstructBLP-13B.duration")


# rows ---------------------------------------------------------------------------------------------------------------------------


def test_a_named_query_takes_parameters(seeds: Graph) -> None:
    found = ask(seeds, "rows", name="learning-rates", parameters={"model": "InstructBLIP-13B"})
    assert {row["name"] for row in found["rows"]} == {"InstructBLIP-13B"}


def test_a_named_query_gives_a_page_or_all(seeds: Graph) -> None:
    first = ask(seeds, "rows", name="models", limit=1000)
    assert len(first["rows"]) == 7 and "unknown" not in first
    assert ask(seeds, "rows", name="models", parameters={"page": "all"}, limit=1000)["rows"] == first["rows"]
    with pytest.raises(UsageError, match="'one' is no page"):
        ask(seeds, "rows", name="models", parameters={"page": "one"})


BIRDS = 23


@pytest.fixture(scope="module")
def birds(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a build of more models and reports than fit on two pages of ten; one in two is trained on COCO."""
    folder = tmp_path_factory.mktemp("birds")
    for number in range(BIRDS):
        data = "It was trained on COCO. " if number % 2 else ""
        text = f"Bird{number:02}-7B has 7 billion parameters. {data}Training took 12 days on 8 A100 GPUs.\n"
        (folder / f"bird{number:02}.txt").write_text(text, encoding="utf-8")
    return opened(build(folder, tmp_path_factory.mktemp("out")))


@pytest.mark.parametrize("name", [name for name, query in shipped().items() if query.paged and name != "search"])
def test_the_size_of_a_page_stands_in_the_parameter(name: str) -> None:
    assert re.search(r"page of [\d,]+ \w+", " ".join(item.definition for item in shipped()[name].parameters))


@pytest.mark.parametrize("name", ["model", "evidence"])
@pytest.mark.parametrize(
    ("page", "truncated", "note"),
    [
        (None, True, "page 1 of 3; more: page 2, or all"),
        ("1", True, "page 1 of 3; more: page 2, or all"),
        (2, True, "page 2 of 3; more: page 3, or all"),
        (2.0, True, "page 2 of 3; more: page 3, or all"),
        (3, False, None),
        (4, False, "there is no page 4: the last one is 3"),
    ],
)
def test_a_page_says_whether_there_is_more(
    birds: Graph, name: str, page: str | float | None, truncated: bool, note: str | None
) -> None:
    parameters = {} if page is None else {"page": page}
    found = ask(birds, "rows", name=name, parameters=parameters, limit=1000)
    assert (found["truncated"], found.get("note")) == (truncated, note)
    things = {row[found["columns"][0]] for row in found["rows"]}
    assert len(things) == (0 if page == 4 else 3 if page == 3 else 10)


def test_all_pages_are_all_there_is(birds: Graph) -> None:
    found = ask(birds, "rows", name="model", parameters={"page": "all"}, limit=1000)
    assert found["truncated"] is False and "note" not in found
    assert len({row["model"] for row in found["rows"]}) == BIRDS


def test_a_page_that_is_cut_says_both(birds: Graph) -> None:
    found = ask(birds, "rows", name="model", limit=2)
    assert found["truncated"] is True
    assert found["note"].startswith("only the first 2 rows are here") and found["note"].endswith(
        "; page 1 of 3; more: page 2, or all"
    )


def test_a_part_says_that_only_its_first_page_is_kept(birds: Graph) -> None:
    first = ask(birds, "rows", name="evidence", parameters={"relation": "duration"}, limit=1000)
    assert (first["truncated"], len(first["rows"])) == (True, 10)
    assert first["note"] == "page 1, the first 10 reports; there may be more: page all"
    every = ask(birds, "rows", name="evidence", parameters={"relation": "duration", "page": "all"}, limit=1000)
    assert (every["truncated"], len(every["rows"])) == (False, BIRDS)
    for parameters in ({"model": "Bird01-7B"}, {"model": "Bird01-7B", "relation": "duration"}):
        assert ask(birds, "rows", name="evidence", parameters=parameters)["truncated"] is False
    assert ask(birds, "rows", name="shared-both", parameters={"dataset": "COCO"})["truncated"] is False
    assert ask(birds, "rows", name="model", parameters={"model": "Bird01-7B"})["truncated"] is False


@pytest.mark.parametrize("page", [0, -1, 1.5, True, float("nan")])
def test_a_number_that_is_no_page_is_refused(seeds: Graph, page: float) -> None:
    with pytest.raises(UsageError, match="is no page"):
        ask(seeds, "rows", name="models", parameters={"page": page})


@pytest.mark.parametrize(
    ("value", "type", "text"),
    [(5, "integer", "5"), (5.0, "integer", "5"), (1e-7, "decimal", "0.0000001"), (True, "boolean", "true"), ("5", "string", "5")],
)
def test_numbers_and_booleans_are_terms_of_their_kind_in_sparql(seeds: Graph, value: str | float, type: str, text: str) -> None:
    query = "SELECT ?x (STR(?x) AS ?text) (DATATYPE(?x) AS ?type) { BIND (?x AS ?y) }"
    [row] = ask(seeds, "rows", query=query, parameters={"x": value})["rows"]
    assert (row["text"], row["type"]) == (text, f"http://www.w3.org/2001/XMLSchema#{type}")


@pytest.mark.parametrize("name", ["models", "training", "search"])
def test_a_build_of_an_earlier_kg_says_so(seeds: Graph, name: str) -> None:
    store = ox.Store()
    kept = {f"<{seeds.base}graph/search>", f"<{seeds.base}graph/summary>"}
    store.bulk_extend(quad for quad in seeds.store if str(quad.graph_name) not in kept)
    older = Graph(seeds.folder, store, seeds.base, seeds.sources)
    with pytest.raises(UsageError, match=r"this build was made by an earlier kg.*\n.*build"):
        ask(older, "rows", name=name)
    if name != "search":
        assert ask(older, "rows", name=name, parameters={"page": "all"})["rows"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "trainig"}, "did you mean training"),
        ({"name": "training", "parameters": {"modell": "x"}}, "did you mean model"),
        ({"name": "training", "parameters": {"model": "InstructBLP-13B"}}, "did you mean InstructBLIP-13B"),
        ({"query": "SELECT ?x { ?x a kg:Model ; }}"}, "syntax error at '}'"),
        ({"query": "SELECT * { ?x nope:a ?y }"}, "the prefix nope: is not declared"),
        ({"query": "INSERT DATA { <a> <b> <c> }"}, "INSERT is an update"),
        ({"query": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}, "SERVICE is refused"),
        ({"query": "ASK {}", "evidence": True}, "only the rows of a SELECT have evidence"),
        ({"query": "ASK {}", "format": "csv"}, "cannot be written as csv"),
        ({"query": "ASK {}", "parameters": {"x": "1"}}, "does not select"),
        ({"query": ""}, "the query is empty"),
    ],
)
def test_a_wrong_query_is_refused_with_what_is_wrong(seeds: Graph, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ask(seeds, "rows", **arguments)


def test_rows_come_with_the_words_that_state_them(seeds: Graph) -> None:
    query = "SELECT ?model ?time { ?model kg:hasRun/kg:duration ?time } ORDER BY ?model"
    found = ask(seeds, "rows", query=query, evidence=True)
    assert len(found["evidence"]) == len(found["rows"]) == 3
    for row, cited in zip(found["rows"], found["evidence"], strict=True):
        [item] = [item for item in cited if item["cell"] == "time"]
        assert item["relation"] == "duration" and item["certain"] is True and row["time"].startswith("P")
        [words] = item["words"]
        text = seeds.sources([words["report"]])[words["report"]].text
        assert text[words["start"] : words["end"]] == words["quote"]


def test_derived_rows_come_with_their_formula(seeds: Graph) -> None:
    found = ask(seeds, "rows", query="SELECT ?run ?hours { ?run kg:impliedAcceleratorHours ?hours }", evidence=True)
    assert all(any("formula" in item and item["words"] for item in cited) for cited in found["evidence"])


# report, build ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "length"), [(0, 10), (100, 50), (2320, 100), (9999, 1)])
def test_a_part_of_a_report_is_what_stands_there(seeds: Graph, start: int, length: int) -> None:
    text = (SEEDS / "000_instructblip.txt").read_text(encoding="utf-8")
    found = ask(seeds, "report", id="000_instructblip.txt", start=start, length=length)
    assert found["text"] == text[start : start + length] and found["characters"] == len(text)
    assert (found["start"], found["end"]) == (min(start, len(text)), min(start + length, len(text)))


def test_an_unknown_report_suggests_the_near_one(seeds: Graph) -> None:
    with pytest.raises(UnknownName, match=r"no report is named '000_instructblip'\n  hint: did you mean 000_instructblip\.txt"):
        ask(seeds, "report", id="000_instructblip")


def test_a_build_is_counted(seeds: Graph) -> None:
    found = ask(seeds, "build")
    assert (found["reports"], found["models"], found["claims"]) == (5, 7, 96)
    assert found["classes"]["Report"] == 5 and found["relations"]["duration"] == 3
    assert found["base"] == seeds.base


# tasks --------------------------------------------------------------------------------------------------------------------------


def test_a_task_writes_json_and_refuses_with_the_place(seeds: Graph, tmp_path: Path) -> None:
    tasks = lookup_tasks(lambda graph: graph)
    assert set(tasks) == set(LOOKUPS)
    output = BytesIO()
    answered = tasks["search"](seeds, {"text": "COCO"})
    answered.write(output)
    assert answered.media_type == "application/json" and json.loads(output.getvalue())["text"] == "COCO"
    with pytest.raises(Refused, match="syntax error") as wrong:
        tasks["rows"](seeds, {"query": "SELECT ?x {\n  ?x kg:name }} "})
    assert wrong.value.reason == "request" and (wrong.value.members["line"], wrong.value.members["column"]) == (2, 14)
    assert "^" in wrong.value.members["excerpt"]
    with pytest.raises(Refused, match="no model, thing or report is named") as unknown:
        tasks["describe"](seeds, {"thing": "InstructBLP-13B"})
    assert "InstructBLIP-13B" in unknown.value.members["hint"]
    assert "statements" not in vars(seeds)  # a worker that answers for days holds no more than one that has just begun
    (tmp_path / "findings.json").write_text("[", encoding="utf-8")
    with pytest.raises(Refused, match="the build cannot be read") as damaged:
        tasks["describe"](Graph(tmp_path, seeds.store, seeds.base, seeds.sources), {"thing": "InstructBLIP-13B"})
    assert damaged.value.reason == "crash"
