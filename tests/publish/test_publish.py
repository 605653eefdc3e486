"""`kg publish`: the site of the repository's seeds, file by file, and what keeps one from being published."""

from __future__ import annotations

import gzip
import json
import re
import resource
import signal
import xml.etree.ElementTree as ET
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg import pipeline
from kg.config import Config
from kg.errors import BuildError
from kg.pages import assets
from kg.publish import Published, publish, summary
from kg.store import Build, open_build
from tests.command import kg
from tests.publish.conftest import ADDRESS
from tests.publish.links import Folder
from tests.served import Served

ATTACK = "<script>alert(1)</script> \"'&\u202e\U0001f600"


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()
    }


def built(folder: Path, reports: dict[str, str]) -> Build:
    """Build reports whose ids need not be names of files."""
    lines = [json.dumps({"id": id, "text": text}) for id, text in reports.items()]
    (folder / "r.jsonl").write_text("\n".join(lines), encoding="utf-8")
    pipeline.build([folder / "r.jsonl"], folder / "out", config=Config(), progress=lambda *_: None, say=lambda _: None)
    return open_build(folder / "out")


def published(build: Build, folder: Path, **more: Any) -> tuple[Published, list[str]]:
    said: list[str] = []
    return publish(build, folder, more.pop("address", None), jobs=1, progress=lambda *_: None, say=said.append, **more), said


# What cannot be published ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["site"], "no build at kg-out"),
        (["site", "-b", "nowhere"], "no build at nowhere"),
        (["site", "--base-url", "example.org"], "--base-url: 'example.org' is no absolute address of a site"),
        (["site", "--base-url", "https://example.org/?a"], "query or a fragment"),
        ([], "Missing argument 'DIR'"),
    ],
)
def test_wrong_use(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = kg("publish", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr
    assert not (tmp_path / "site").exists()


def test_a_folder_of_somebody_else(served: Served, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").touch()
    done = kg("publish", "home", "-b", served.folder, cwd=tmp_path)
    assert done.returncode == 2 and "home: this folder holds what kg did not make" in done.stderr and "thesis.tex" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_disk_that_is_full(served: Served, tmp_path: Path) -> None:
    def little() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = kg("publish", "site", "-b", served.folder, "-j", "2", cwd=tmp_path, before=little)
    assert done.returncode == 3
    assert "site: a file would be larger than is allowed here" in done.stderr and "is as it was" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_build_without_its_graph(served: Served, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name in ("manifest.json", "store", "findings.json"):
        (own / name).symlink_to(served.folder / name)
    with pytest.raises(BuildError, match=r"graph\.nq: the build cannot be read"):
        published(Build(own, open_build(served.folder).manifest), tmp_path / "site")
    assert not (tmp_path / "site").exists()


# What is published -------------------------------------------------------------------------------------------------------------


def test_every_link_leads_to_a_file_of_the_site(site: Path) -> None:
    assert Folder(site, ADDRESS).wrong() == []


def test_no_page_is_lacking_that_a_build_has(site: Path, served: Served) -> None:
    base = "https://w3id.org/kg/"
    classes = ("Model", "Dataset", "Report", "Claim", "DerivedFact", "TrainingRun", "HardwareConfig")
    told: set[str] = set()
    for name in classes:
        found = served.store.query(
            f"SELECT DISTINCT ?thing {{ {{ ?thing a kg:{name} ; ?p ?o }} UNION {{ GRAPH ?g {{ ?thing a kg:{name} }} }} }}",
            prefixes={"kg": f"{base}ontology#"},
        )
        things = {row["thing"].value.removeprefix(base) for row in found}  # type: ignore[union-attr]
        there = {thing for thing in things if (site / thing / "index.html").is_file()}
        told |= {name} if there else set()
        if name not in {"Model", "Dataset"}:  # the catalogue knows thousands that no report names
            assert sorted(things - there) == []
    assert told == set(classes)


def test_equal_builds_give_equal_bytes(site: Path, served: Served, tmp_path: Path) -> None:
    done = kg(
        "publish", "graph", "--base-url", ADDRESS, "-j", "2", "-b", served.folder, cwd=tmp_path, environ={"PYTHONHASHSEED": "7"}
    )
    assert (done.returncode, done.stdout) == (0, "") and "published graph: " in done.stderr
    assert hashes(tmp_path / "graph") == hashes(site)


def test_the_graph_that_browsers_ask(site: Path, served: Served) -> None:
    content = (site / "data" / "graph.nq.gz").read_bytes()
    assert content[4:8] == bytes(4)  # no time
    asked, base = ox.Store(), "https://w3id.org/kg/graph/"
    asked.bulk_load(gzip.decompress(content), ox.RdfFormat.N_QUADS)
    graphs = {graph.value for graph in asked.named_graphs()}
    reports = {f"{base}report/{path.name}" for path in (site / "report").iterdir()}
    assert graphs == {f"{base}{name}" for name in ("summary", "build", "derived", "catalog", "ontology")} | reports
    assert graphs | {f"{base}search"} == {graph.value for graph in served.store.named_graphs()}
    compared: list[ox.NamedNode | ox.DefaultGraph] = [ox.DefaultGraph(), *map(ox.NamedNode, sorted(graphs))]
    for graph in compared:
        quads = set(asked.quads_for_pattern(None, None, None, graph))
        assert quads == set(served.store.quads_for_pattern(None, None, None, graph)) and quads


@pytest.mark.parametrize("page", ["query", "ontology"])
def test_it_says_which_graph_browsers_cannot_ask(site: Path, page: str) -> None:
    text = (site / page / "index.html").read_text(encoding="utf-8")
    assert re.search(r"https://w3id.org/kg/graph/search</code>(</dt>\s*<dd>.*not among the graphs|: a query that reads it)", text)


def test_every_page_has_a_policy_before_anything_is_loaded(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    for page in pages:
        head, found, rest = page.read_text(encoding="utf-8").partition('<meta http-equiv="Content-Security-Policy" content="')
        assert found and not re.search(r"<(script|link|style|img)", head), page
        policy = dict(part.split(" ", 1) for part in rest.partition('"')[0].split("; "))
        assert (policy["default-src"], policy["style-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
        assert policy["script-src"].split() == ["'self'", "'wasm-unsafe-eval'"] and policy["base-uri"] == "'none'"
    assert len(pages) > 100


@pytest.mark.parametrize("name", ["graph.ttl", "graph.jsonld", "claims.jsonl", "findings.json"])
def test_the_whole_graph_can_be_had(site: Path, served: Served, name: str) -> None:
    assert (site / "data" / name).read_bytes() == (served.folder / name).read_bytes()


def test_the_data_of_a_page_stands_beside_it(site: Path) -> None:
    folder = site / "model" / "instructblip-13b"
    for name, syntax in (("data.ttl", ox.RdfFormat.TURTLE), ("data.jsonld", ox.RdfFormat.JSON_LD)):
        found = {quad.subject.value for quad in ox.parse((folder / name).read_bytes(), format=syntax)}
        assert "https://w3id.org/kg/model/instructblip-13b" in found
    assert (folder / "data.csv").read_bytes().count(b"\r\n") > 10


def test_what_pages_load_is_there(site: Path) -> None:
    for name, asset in assets.assets().items():
        assert (site / "assets" / name).read_bytes() == asset.content


def test_crawlers_are_told_of_every_page(site: Path) -> None:
    root = ET.parse(site / "sitemap.xml").getroot()  # noqa: S314 - written here
    listed = [str(place.text) for place in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    folder = Folder(site, ADDRESS)
    files = {folder.file_at(address) for address in listed}
    assert len(files) == len(listed) and files == {file for file in folder.pages() if file.name == "index.html"}
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (site / "robots.txt").read_text(encoding="utf-8")


def test_a_page_for_what_is_not_there(site: Path) -> None:
    page = (site / "404.html").read_text(encoding="utf-8")
    assert 'href="/graph/assets/site.css?v=' in page and 'href="/graph/models/"' in page and "canonical" not in page


def test_it_says_what_it_was_made_of(site: Path) -> None:
    mark = json.loads((site / "site.json").read_bytes())
    assert mark["address"] == ADDRESS and mark["files"] == len(hashes(site))
    assert mark["pages"] == len(list(site.rglob("index.html"))) and "unfinished" not in mark


def test_it_lists_what_kg_has_put_there(site: Path) -> None:
    names = gzip.decompress((site / "site.files.gz").read_bytes()).decode().split("\0")
    assert names == [*sorted(hashes(site), key=str.encode), ""]


# Names that are not names of files ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of reports with odd ids, without an address."""
    folder = tmp_path_factory.mktemp("odd")
    ids = ["x", "x/index.html", "x/data.ttl", "../up", ".hidden/a", "100%", "a b?c#d", "日本.md", "long" * 60, "x/page/2", ATTACK]
    ids += ["Card.md", "card.md"]
    text = "{} has {} billion parameters and was trained on CC3M for 3 days."
    build = built(folder, {id: text.format(f"Kestrel{n}-{n}B", n) for n, id in enumerate(ids, 1)})
    found, said = published(build, folder / "site")
    assert found.missing == ()
    assert [line.partition(";")[0] for line in said] == [
        "pages whose names differ in case alone: report/r.jsonl/Card.md and report/r.jsonl/card.md"
    ]
    return folder / "site"


def test_odd_names_have_pages(odd: Path) -> None:
    assert Folder(odd, "http://host/").wrong() == []
    assert len(list((odd / "report").rglob("index.html"))) == 13
    places = {path.relative_to(odd).as_posix() for path in odd.rglob("*")}
    assert not [
        place
        for place in places
        if any(part in {".", ".."} or (part[0] == "." and part != ".nojekyll") for part in place.split("/"))
    ]


def test_without_an_address_nobody_is_told_one(odd: Path) -> None:
    assert not (odd / "sitemap.xml").exists() and not (odd / "robots.txt").exists()
    assert "canonical" not in (odd / "index.html").read_text(encoding="utf-8")
    assert 'href="./models/"' in (odd / "404.html").read_text(encoding="utf-8")


def test_text_is_shown_as_text(odd: Path) -> None:
    for page in odd.rglob("index.html"):
        assert "<script>alert" not in page.read_text(encoding="utf-8")


def test_a_server_of_the_standard_library_finds_them(odd: Path) -> None:
    import functools
    import threading
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(odd.parent)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}/site/") as client:
            folder = Folder(odd, "http://host/")
            for page in (odd / "report").rglob("index.html"):
                response = client.get(folder.address_of(page).removeprefix("http://host/"))
                assert (response.status_code, response.content) == (200, page.read_bytes())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# What is said -----------------------------------------------------------------------------------------------------------------


def test_what_is_lacking_is_said() -> None:
    found = Published(1234, 5678, 12_345_678, ("a", "b", "c", "d"))
    lines = list(summary(found, Path("site"), 2.5))
    assert lines[0] == "links to 4 pages that there are none of: /a, /b, /c ..."
    assert lines[-1] == "published site: 1,234 pages, 5,678 files, 12.3 MB (2.5 s)"
    assert len(lines) == (2 if assets.bundle() else 3)
