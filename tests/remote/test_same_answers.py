"""What `kg query --url` prints is what `kg query` prints about the same graph, byte for byte."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import KgError, QueryRefused, RemoteError, UnknownName, UsageError
from kg.query import run, run_at
from kg.remote import Endpoint
from kg.sparql.formats import FORMATS
from kg.sparql.named import GRAPHS as KEPT
from kg.sparql.named import shipped
from kg.terms import SH
from tests.command import kg
from tests.lacking import lacking
from tests.sample_graph import sample_store, with_pages
from tests.serve.server import running
from tests.served import Served

ROWS = [name for name, format in FORMATS.items() if "rows" in format.kinds]
GRAPHS = [name for name, format in FORMATS.items() if "graph" in format.kinds]
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { <model/instructblip-13b> (kg:hasRun/kg:hardware?)? ?s . ?s ?p ?o }"
VALUES = {
    "Accelerator": "nvidia a100 80gb",
    "Country": "united states",
    "Dataset": "cc3m",
    "Model": "InstructBLIP-13B",
    "Organization": "salesforce",
    "Report": "000_instructblip.txt",
    "relation": "duration",
    "page": "2",
    "word": "blip",
}


BASE = "https://example.org/models/"


def declare(store: ox.Store) -> None:
    """Let a store say what its IRIs begin with, as that of a build does."""
    declaration, build = ox.NamedNode(f"{BASE}graph/build/prefix-data"), ox.NamedNode(f"{BASE}graph/build")
    for name, value in (("prefix", ox.Literal("data")), ("namespace", ox.Literal(BASE))):
        store.add(ox.Quad(declaration, ox.NamedNode(SH + name), value, build))


def both(served: Served, text: str, params: Mapping[str, str] | None = None, format: str | None = None) -> tuple[object, object]:
    """Return what a build and an endpoint answer, or what is wrong."""

    def local() -> bytes:
        return run(served.store, text, params=params, format=format)

    def remote() -> bytes:
        with run_at(Endpoint(served.url), text, params=params, format=format) as file:
            return file.read()

    found: list[object] = []
    for ask in (local, remote):
        try:
            found.append(ask())
        except (UsageError, UnknownName) as error:
            found.append(str(error))
    return found[0], found[1]


@pytest.mark.parametrize("format", ROWS)
@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_query_in_every_format(served: Served, name: str, format: str) -> None:
    local, remote = both(served, name, format=format)
    assert isinstance(local, bytes) and remote == local


@pytest.mark.parametrize(
    ("name", "parameter", "kind"), [(name, item.name, item.kind) for name, query in shipped().items() for item in query.parameters]
)
def test_every_parameter_of_every_shipped_query(served: Served, name: str, parameter: str, kind: str) -> None:
    local, remote = both(served, name, {parameter: VALUES.get(kind, "1")}, "csv")
    assert isinstance(local, (bytes, str)) and remote == local


@pytest.mark.parametrize("format", GRAPHS)
def test_a_graph_in_every_format(served: Served, format: str) -> None:
    local, remote = both(served, GRAPH, format=format)
    assert isinstance(local, bytes) and local.count(b"\n") + local.count(b"{") > 10 and remote == local


@pytest.mark.parametrize("format", [*FORMATS, None])
@pytest.mark.parametrize(
    "text", ["ASK {}", "SELECT (1 AS ?x) {}", "CONSTRUCT { <a> <b> <c> } {}", "DESCRIBE <model/instructblip-13b>"]
)
def test_every_form_in_every_format_or_with_the_same_words(served: Served, text: str, format: str | None) -> None:
    local, remote = both(served, text, format=format)
    assert remote == local


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?o { <model/instructblip-13b> kg:extends ?o }",
        "SELECT ?o { data:model\\/instructblip-13b rdfs:label ?o }",
        "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
        "SELECT * {}",
        "SELECT ?x ?y { VALUES (?x ?y) { (1 UNDEF) ('a\\tb\"\\n' 'c'@en) (UNDEF <urn:x>) (1e0 2.50) (true 'é\\u0007') } }",
        "SELECT ?n { ?m kg:parameterCount ?n } ORDER BY ?n",
        "SELECT (TRIPLE(<urn:a>, <urn:b>, 'c') AS ?x) {}",
        "# a comment\n\nSELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    ],
)
@pytest.mark.parametrize("format", ["table", "csv", "jsonl"])
def test_queries_of_ones_own(served: Served, text: str, format: str) -> None:
    local, remote = both(served, text, format=format)
    assert remote == local


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("model", {"model": "https://w3id.org/kg/model/instructblip-13b"}),
        ("model", {"model": "<https://w3id.org/kg/model/instructblip-13b>"}),
        ("model", {"model": "data:model/instructblip-13b"}),
        ("model", {"model": "model/instructblip-13b"}),
        ("model", {"model": "instructblip-13b"}),
        ("model", {"model": "INSTRUCTBLIP 13b"}),
        ("model", {"model": "Salesforce/InstructBLIP-13B"}),
        ("model", {"model": "InstructBLIP Vicuna-13B"}),
        ("backbones", {"backbone": "ViT-g/14"}),
        ("backbones", {"backbone": "EVA-CLIP ViT-G/14"}),
        ("backbones", {"backbone": "ViT-bigG/14"}),
        ("shared-both", {"backbone": "Flan-T5-XL", "dataset": "cc3m"}),
        ("model", {"model": "InstructBLIP-14B"}),
        ("model", {"model": ""}),
        ("model", {"model": "悟道"}),
        ("model", {"model": 'x" . } } DROP ALL # \\'}),
        ("model", {"model": "https://w3id.org/kg/model/nothing"}),
        ("datasets", {"dataset": "Conceptual Captions 4M"}),
        ("evidence", {"relation": "durations"}),
        ("model", {"modle": "x"}),
        ("SELECT ?x { ?x a kg:Model }", {"x": "https://w3id.org/kg/model/instructblip-13b"}),
        ("SELECT ?x {}", {"x": 'a "literal" } \\ with\nall'}),
        ("SELECT ?y { ?y ?p ?o }", {"x": "kg:Model"}),
        ("# param: t  text: any\nSELECT ?t {}", {"t": "kg:Model"}),
        ("no-such-query", {}),
        ("nothing.rq", {}),
    ],
)
def test_names_mean_what_they_mean_in_a_build(served: Served, name: str, params: dict[str, str]) -> None:
    local, remote = both(served, name, params, "csv")
    assert remote == local


def test_a_name_that_several_things_have(served: Served) -> None:
    names = "SELECT ?n (COUNT(DISTINCT ?m) AS ?c) { ?m a kg:Model ; rdfs:label|skos:altLabel ?n } GROUP BY ?n HAVING (?c > 1)"
    found = run(served.store, names, format="csv").decode().split("\r\n")[1:-1]
    for line in found[:3]:
        local, remote = both(served, "model", {"model": line.rpartition(",")[0]}, "csv")
        assert remote == local and "things" in str(local)


# the command ----------------------------------------------------------------------------------------------------------------------


def test_the_command_prints_the_answer(served: Served) -> None:
    local = kg("query", "training", "-b", served.folder)
    remote = kg("query", "training", "--url", served.url)
    assert (remote.returncode, remote.stdout, remote.stderr) == (0, local.stdout, "")


def test_the_command_shows_the_place_of_an_error_as_for_a_build(served: Served) -> None:
    text = "SELECT ?s\n{ ?s kg:extends <x> ; wrong ?o }"
    local, remote = kg("query", text, "-b", served.folder), kg("query", text, "--url", served.url)
    assert (local.returncode, remote.returncode) == (2, 4)
    assert remote.stderr.splitlines()[:3] == local.stderr.splitlines()[:3]
    assert remote.stderr.splitlines()[3] == f"  hint: so says {served.url}"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("--url", "http://127.0.0.1:1/sparql"),
            4,
            "error: http://127.0.0.1:1/sparql: nobody answers there: the connection is refused\n",
        ),
        (("--url", "127.0.0.1:7878"), 2, "error: 127.0.0.1:7878: this is no address of an endpoint\n  hint: write it as https://"),
        (
            ("--url", "http://x/", "-b", "out"),
            2,
            "error: --build and --url name two things to ask\n  hint: leave out one of them\n",
        ),
        (
            ("--url", "http://x/", "--evidence"),
            2,
            "error: --evidence shows the words of the reports of a build, and --url asks an endpoint\n  hint: ",
        ),
        (("--url", "http://x/", "--timeout", "0"), 2, "error: '0' is no time from above 0 to a day\n  hint: write it as 30s"),
        (("--url", ""), 2, "error: this is no address of an endpoint\n  hint: write it as https://"),
        (("--url", "http://x/", "--format", "tabel"), 2, "error: no format is named 'tabel'\n  hint: did you mean table?"),
        (("--url", "http://x/", "--param", "x"), 2, "error: 'x' is no parameter\n  hint: write --param name=value"),
        (("--param", "page=1", "-p", "page=2"), 2, "error: the parameter page is given twice\n  hint: a parameter has one value"),
    ],
)
def test_what_the_command_says(arguments: tuple[str, ...], code: int, message: str) -> None:
    ran = kg("query", "models", *arguments)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert ran.stderr.startswith(message)


def test_an_update_is_not_sent(served: Served) -> None:
    with pytest.raises(UsageError, match=r"^query: DROP is an update, and kg query only asks"):
        run_at(Endpoint(served.url), "DROP ALL")


def test_the_words_come_from_the_query_that_has_them(served: Served) -> None:
    ran = kg("query", "evidence", "--url", served.url, "--param", "model=InstructBLIP-13B", "--format", "jsonl")
    assert ran.returncode == 0 and '"words": "' in ran.stdout


def test_the_errors_of_an_endpoint_are_errors_of_kg(served: Served) -> None:
    with pytest.raises(KgError, match="404"):
        run_at(Endpoint(f"{served.server}/nothing"), "ASK {}")


# another server -------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def oxigraph(served: Served) -> Iterator[str]:
    """Return the address of a server that has nothing of kg, over the same store."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.is_file():
        lacking("oxigraph is not installed: pip install oxigraph")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command: list[str | Path] = [program, "serve-read-only", "--location", served.folder / "store", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            assert any("Listening" in line for line in iter(process.stderr.readline, ""))
            yield f"http://127.0.0.1:{port}/query"
        finally:
            process.terminate()


@pytest.mark.parametrize("name", sorted(shipped()))
def test_another_server_answers_the_same(served: Served, oxigraph: str, name: str) -> None:
    with run_at(Endpoint(oxigraph), name) as file:
        assert file.read() == run(served.store, name)


def test_another_server_shows_the_place_of_an_error(oxigraph: str) -> None:
    with pytest.raises(
        QueryRefused,
        match=r"^query:1:\d+: error at 1:\d+: expected .*\n  1 \| ASK \{ \?x kg:extends .*\n    \| +\^\n  hint: so says",
    ):
        run_at(Endpoint(oxigraph), "ASK { ?x kg:extends ?y ; ) }")


# what an endpoint does not hold --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", [None, "csv", "json", "xml"])
@pytest.mark.parametrize(("name", "lacks"), [("models", "summaries"), ("search", "index of names")])
@pytest.mark.parametrize("of_kg", [True, False])
def test_an_endpoint_without_the_summaries_is_no_empty_answer(
    tmp_path: Path, name: str, lacks: str, of_kg: bool, format: str | None
) -> None:
    store = sample_store(tmp_path, BASE)
    for graph in KEPT:
        store.remove_graph(ox.NamedNode(f"{BASE}graph/{graph}"))
    if of_kg:
        declare(store)
        said = (
            f"/sparql: the build there was made by an earlier kg, without the {lacks} that {name} reads\n  hint: tell who runs it"
        )
    else:
        said = f"/sparql: the endpoint has no graph {BASE}graph/s.*, with the {lacks} that {name} reads\n  hint: ask one that holds"
    with running(store) as client, pytest.raises(RemoteError, match=said):
        run_at(Endpoint(f"{client.base_url}/sparql"), name, base=BASE, format=format)


@pytest.mark.parametrize("page", ["1", "2", "3", "24", "all"])
def test_what_is_told_of_a_page_is_told_of_an_endpoint_s(tmp_path: Path, page: str) -> None:
    store = sample_store(tmp_path, BASE)
    declare(store)
    with_pages(store, BASE)
    here: list[str] = []
    there: list[str] = []
    local = run(store, "models", params={"page": page}, base=BASE, say=here.append)
    with running(store) as client:
        with run_at(Endpoint(f"{client.base_url}/sparql"), "models", params={"page": page}, say=there.append) as file:
            assert file.read() == local
    assert here == there


# another base, a token ------------------------------------------------------------------------------------------------------------

TOKEN = "secret-1234"  # noqa: S105 - that is what must never be seen


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ox.Store, str]]:
    """Return a graph with a base of its own, and an endpoint that holds it and wants a token."""
    store = sample_store(tmp_path_factory.mktemp("elsewhere"), BASE)
    declare(store)
    with running(store, token=TOKEN) as client:
        yield store, f"{client.base_url}/sparql"


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("lineage", {"model": "Kestrel-7B"}),
        ("SELECT ?size { <model/kestrel-7b> kg:parameterCount ?size }", {}),
        ("SELECT ?m { ?m kg:extends data:model\\/instructblip-13b }", {}),
    ],
)
def test_an_endpoint_is_asked_for_its_base(elsewhere: tuple[ox.Store, str], text: str, params: dict[str, str]) -> None:
    store, url = elsewhere
    local = run(store, text, params=params, base=BASE)
    with run_at(Endpoint(url, TOKEN), text, params=params) as file:
        assert file.read() == local
    assert local.count(b"\n") > 2


def test_the_token_is_an_option_or_in_the_environment(elsewhere: tuple[ox.Store, str]) -> None:
    asked = ("query", "ASK {}", "--url", elsewhere[1])
    assert kg(*asked, "--token", TOKEN).stdout == kg(*asked, environ={"KG_URL_TOKEN": TOKEN}).stdout == "true\n"


@pytest.mark.parametrize(
    ("token", "message"), [(None, "the endpoint wants a token"), ("wrong-9999", "the token is not accepted"), ("", "wants a token")]
)
def test_without_the_right_token_there_is_no_answer(elsewhere: tuple[ox.Store, str], token: str | None, message: str) -> None:
    ran = kg("query", "ASK {}", "--url", elsewhere[1], environ={} if token is None else {"KG_URL_TOKEN": token})
    assert (ran.returncode, ran.stdout) == (4, "")
    assert message in ran.stderr and "wrong-9999" not in ran.stderr


def test_help_shows_no_token() -> None:
    assert TOKEN not in kg("query", "--help", environ={"KG_URL_TOKEN": TOKEN}).stdout
