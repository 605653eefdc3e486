"""Search: the page, what is suggested as somebody types, and the files with which a site searches without a server."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.pages.data import data
from kg.pages.render import html
from kg.pages.search import LONGEST, suggest, view
from kg.pages.search_shards import FOLDER, LARGEST, file_name, shards
from kg.pages.site import Site
from kg.schema import DEFAULT_BASE
from kg.sparql.words import typed_words
from kg.terms import KG, LABEL, TYPE, string
from kg.why import Graph
from tests.graph.made import store_of
from tests.lacking import lacking
from tests.pages.hubs import HOSTILE, Counting, graph_of_store, hub_store, named, sample_graph, without_summaries
from tests.pages.parsed import Element, parsed

SCRIPT = Path(__file__).parents[2] / "kg" / "pages" / "static" / "search.js"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return sample_graph(tmp_path_factory.mktemp("search"))


@pytest.fixture(scope="module")
def many() -> Graph:
    return graph_of_store(hub_store(130))


def asked(text: str) -> Mapping[str, Any]:
    return {"query": {"q": [text]}}


def shown(graph: Graph, text: str) -> Element:
    return parsed(html(graph, Site(graph.base, "search"), {"q": [text]}))


def found(graph: Graph, text: str) -> dict[str, list[str]]:
    return {group.title: [result.label for result in group.results] for group in view(graph, asked(text))["groups"]}


# The page -----------------------------------------------------------------------------------------------------------------------


def test_what_fits_is_grouped_by_kind(sample: Graph) -> None:
    assert found(sample, "blip") == {"Models": ["InstructBLIP-13B"], "Models that no report describes": ["BLIP-2"]}
    assert found(sample, "cc3m") == {"Datasets": ["CC3M"]}
    assert found(sample, "republic of")["Countries"] == ["Georgia", "South Korea"]


def test_another_name_that_fits_is_told(sample: Graph) -> None:
    page = shown(sample, "Conceptual Captions")
    assert [item.words for item in page.one("ul", "results").every("li")] == [
        "CC3M also called Conceptual Captions 3M used by 3 models"
    ]


def test_the_form_asks_again_without_a_script(sample: Graph) -> None:
    form = shown(sample, "blip").one("main").one("form")
    assert (form.attributes["action"], form.attributes["method"], form.attributes["role"]) == ("./search", "get", "search")
    assert form.one("input").attributes["value"] == "blip"


@pytest.mark.parametrize(
    ("text", "near"), [("instrctblip", "InstructBLIP-13B"), ("CC4M", "CC3M"), ("Frnce", "France"), ("mistrall", "Mistral AI")]
)
def test_near_names_where_nothing_fits(sample: Graph, text: str, near: str) -> None:
    page = shown(sample, text)
    assert f"Nothing is named like {text}." in page.one("main").words
    assert near in [link.words for link in page.one("main").every("a")]
    assert f"./search?q={near.replace(' ', '+')}" in page.one("main").links()


@pytest.mark.parametrize(
    "text",
    [DEFAULT_BASE + "dataset/cc3m", f"<{DEFAULT_BASE}dataset/cc3m>", "dataset/cc3m", "sub/b c.txt", DEFAULT_BASE + "report/a.txt"],
)
def test_an_iri_or_the_id_of_a_report_is_found(sample: Graph, text: str) -> None:
    ((results),) = found(sample, text).values()
    assert results[0] in {"CC3M", "sub/b c.txt", "a.txt"}


@pytest.mark.parametrize("text", ["", " ", "\x00", "\n\t", "\u202e"])
def test_nothing_is_looked_for_without_a_text(sample: Graph, text: str) -> None:
    assert view(sample, asked(text))["text"].strip() == ""
    assert "are found by words of their names" in shown(sample, text).one("main").words


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "-",
        "😀",
        "'",
        '"',
        "<script>alert(1)</script>",
        "a" * 5000,
        "%",
        "*",
        "?q=",
        "summary/models",
        "word/blip",
        "\ud800",
        "كلب",
        "<x:y>",
    ],
)
def test_any_text_is_answered(sample: Graph, text: str) -> None:
    page = parsed(html(sample, Site(DEFAULT_BASE, "search"), {"q": [text]}))
    assert page.one("h1").words == "Search"
    assert not [
        item
        for item in page.every("script")
        if "src" not in item.attributes and item.attributes.get("type") != "application/ld+json"
    ]
    assert len(view(sample, asked(text))["text"]) <= LONGEST


@given(st.text(max_size=40))
@settings(max_examples=30)
def test_any_text_at_all(text: str) -> None:
    graph = _small()
    assert parsed(html(graph, Site(DEFAULT_BASE, "search"), {"q": [text]})).one("h1").words == "Search"
    assert suggest(graph, asked(text))["results"] is not None


_KEPT: list[Graph] = []


def _small() -> Graph:
    if not _KEPT:
        _KEPT.append(graph_of_store(hub_store(10)))
    return _KEPT[0]


def test_the_last_of_several_texts_counts_and_none_is_no_text(sample: Graph) -> None:
    assert view(sample, {"query": {"q": ["blip", "cc3m"]}})["text"] == "cc3m"
    assert view(sample, {})["total"] == 0


def test_a_build_without_an_index_says_so(many: Graph) -> None:
    old = graph_of_store(without_summaries(hub_store(3)))
    assert "no index of names" in shown(old, "model").one("main").words
    assert suggest(old, asked("model"))["results"] == []


def test_a_search_of_many_is_bounded() -> None:
    read = []
    for models in (500, 1000):
        counting = Counting(hub_store(models))
        graph = graph_of_store(counting)
        view(graph, asked("model"))
        view(graph, asked("mode 0"))
        view(graph, asked("zzz"))
        read.append(counting.asked + counting.given)
    assert read[1] < read[0] * 1.1 and read[1] < 8000


# As somebody types --------------------------------------------------------------------------------------------------------------


def test_suggestions(sample: Graph) -> None:
    media, content = data(sample, "search", "suggest", {"q": ["bli"]})
    assert media == "application/json"
    assert json.loads(content) == {
        "q": "bli",
        "results": [
            {"path": "model/instructblip-13b", "kind": "model", "label": "InstructBLIP-13B"},
            {"path": "model/blip-2", "kind": "model, named only", "label": "BLIP-2"},
        ],
    }


def test_suggestions_tell_the_other_name_that_fits(sample: Graph) -> None:
    assert suggest(sample, asked("republic of kor"))["results"][0] == {
        "path": "country/kr",
        "kind": "country",
        "label": "South Korea",
        "other": "Republic of Korea",
    }


def test_few_are_suggested(many: Graph) -> None:
    assert len(suggest(many, asked("model"))["results"]) == 8


# Files of names -----------------------------------------------------------------------------------------------------------------


def paths_of(graph: Graph) -> set[str]:
    """Return the paths of all models, datasets, countries and reports."""
    kinds = [ox.NamedNode(KG + name) for name in ("Model", "Dataset", "Country", "Organization", "Accelerator", "Report")]
    quads = (quad for kind in kinds for quad in graph.store.quads_for_pattern(None, None, kind, ox.DefaultGraph()))
    return {quad.subject.value.removeprefix(graph.base) for quad in quads if isinstance(quad.subject, ox.NamedNode)}


def crowd(models: int) -> Graph:
    """Return a graph of models of which many share a word, and some have words of their own."""
    names = [f"Crowd {'xy'[number % 2]}{number:05} {'é' * (number % 3)}Über{number % 7}" for number in range(models)]
    nodes = [f"<{DEFAULT_BASE}model/m-{number:05}>" for number in range(models)]
    triples = [f"{node} {TYPE} <{KG}Model>" for node in nodes]
    return graph_of_store(
        store_of([*triples, *(f"{node} {LABEL} {string(name)}" for node, name in zip(nodes, names, strict=True))])
    )


@pytest.fixture(scope="module")
def crowded() -> Graph:
    return crowd(1500)


@pytest.fixture(scope="module")
def crowded_files(crowded: Graph) -> Mapping[str, bytes]:
    return shards(crowded, paths_of(crowded))


def test_files_are_bounded_and_listed(crowded_files: Mapping[str, bytes]) -> None:
    index = json.loads(crowded_files[f"{FOLDER}/index.json"])
    assert {f"{FOLDER}/{file_name(start.removesuffix('*'))}.json" for start in index["starts"]} == set(crowded_files) - {
        f"{FOLDER}/index.json"
    }
    assert max(map(len, crowded_files.values())) <= LARGEST
    assert len(crowded_files) > 10 and any(start.endswith("*") for start in index["starts"])


def test_files_do_not_depend_on_the_order_of_paths(sample: Graph) -> None:
    paths = sorted(paths_of(sample))
    assert shards(sample, paths) == shards(sample, paths[::-1]) == shards(graph_of_store(sample.store), set(paths))


def test_only_things_that_have_a_page_are_in_files(sample: Graph) -> None:
    some = {
        "dataset/cc3m",
        "",
        "models",
        "models/2",
        "dataset/cc3m/page/2",
        "search",
        "nothing/here",
        "report/a.txt",
        "run/owl-1b",
        "a b",
    }
    things = [thing for content in shards(sample, some).values() for thing in json.loads(content).get("things", ())]
    assert {thing[0] for thing in things} == {"dataset/cc3m/", "report/a.txt/"}


def test_no_things_make_an_empty_index(sample: Graph) -> None:
    assert shards(sample, ()) == {f"{FOLDER}/index.json": b'{"starts":[]}'}


def test_links_are_those_of_the_site() -> None:
    store = hub_store(1)
    node = f"{DEFAULT_BASE}dataset/%3Cb%3E"
    for predicate, value in ((TYPE, ox.NamedNode(f"{KG}Dataset")), (LABEL, ox.Literal("<bold> 🦜"))):
        store.add(ox.Quad(ox.NamedNode(node), ox.NamedNode(predicate[1:-1]), value))
    files = shards(graph_of_store(store), {"dataset/%3Cb%3E"})
    (thing,) = {tuple(thing[:3]) for content in files.values() for thing in json.loads(content).get("things", ())}
    assert thing == (Site(DEFAULT_BASE, "", static=True).page("dataset/%3Cb%3E").removeprefix("./"), "dataset", "<bold> 🦜")


@pytest.mark.parametrize(("start", "name"), [("bl", "w-bl"), ("é", "w-_e9-"), ("𝔐a", "w-_1d510-a"), ("", "w-")])
def test_names_of_files_are_plain(start: str, name: str) -> None:
    assert file_name(start) == name


# The script, run by Node ---------------------------------------------------------------------------------------------------------


def run_script(folder: Path, body: str, given: object) -> Any:
    """Return what JavaScript makes of a JSON value; `search` is the script of pages."""
    node = shutil.which("node")
    if node is None:
        lacking("the script of the search is run by Node, which is not installed")
    shutil.copy(SCRIPT, folder / "search.mjs")
    (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
    program = f"""import {{ readFileSync }} from "node:fs";
import * as search from "./search.mjs";
const given = JSON.parse(readFileSync("given.json", "utf-8"));
{body}
"""
    (folder / "run.mjs").write_text(program, encoding="utf-8")
    ran = subprocess.run([node, "run.mjs"], cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_words_are_folded_as_in_the_graph(tmp_path: Path) -> None:
    """Every letter of the scripts that Unicode 13 knows; newer ones may be known to one of both alone."""
    given = [f"a{chr(code)}b" for code in range(0x80, 0x1F000) if not 0xD800 <= code < 0xE000 and _is_old(chr(code))]
    given += ["InstructBLIP-13B", "Université de Montréal", "STRASSE straße", "ΟΔΟΣ οδος", "𝔐acaw", "x_y", "", "ﬁne-tuned"]
    got = run_script(tmp_path, "console.log(JSON.stringify(given.map((text) => search.typedWords(text))));", given)
    wrong = [(text, words) for text, words in zip(given, got, strict=True) if list(typed_words(text)) != words]
    assert wrong == []


def _is_old(char: str) -> bool:
    from unicodedata import ucd_3_2_0

    return ucd_3_2_0.category(char) not in {"Cn", "Co"}


FIND = """
const files = new Map(Object.entries(given.files));
let reads = 0;
const load = async (name) => { reads += 1; if (!files.has(name)) throw new Error(name); return JSON.parse(files.get(name)); };
const found = [];
for (const text of given.texts) {
  const before = reads;
  const results = await search.find(text, load);
  found.push({ results, near: results.length ? [] : await search.near(text, load), reads: reads - before });
}
console.log(JSON.stringify(found));
"""


def find(folder: Path, files: Mapping[str, bytes], texts: Sequence[str]) -> list[dict[str, Any]]:
    names = {name.removeprefix(f"{FOLDER}/"): content.decode() for name, content in files.items()}
    found: list[dict[str, Any]] = run_script(folder, FIND, {"files": names, "texts": list(texts)})
    return found


def labels(results: Iterable[Mapping[str, Any]]) -> list[str]:
    return [result["label"] for result in results]


TEXTS = (
    "blip",
    "InstructBLIP",
    "instruct",
    "cc3m",
    "Conceptual Captions",
    "republic of",
    "kore",
    "7b",
    "kestrel 7b",
    "a100",
    "mistral",
    "t5 flan",
)


def test_files_find_what_the_server_finds(sample: Graph, tmp_path: Path) -> None:
    got = find(tmp_path, shards(sample, paths_of(sample)), TEXTS)
    for text, one in zip(TEXTS, got, strict=True):
        assert set(labels(one["results"])) == {label for some in found(sample, text).values() for label in some}, text
    assert got[4]["results"][0]["other"] == "Conceptual Captions 3M"


def test_near_names_without_a_server(sample: Graph, tmp_path: Path) -> None:
    one, other = find(tmp_path, shards(sample, paths_of(sample)), ["instrctblip", "zzzz"])
    assert "InstructBLIP-13B" in labels(one["near"])
    assert other["results"] == other["near"] == []


def test_a_word_of_many_and_a_rare_one(crowded: Graph, crowded_files: Mapping[str, bytes], tmp_path: Path) -> None:
    texts = ["crowd", "cr", "crowd x00042", "x00042 crowd", "über1 crowd y01499", "UBER1 01499", "crowd zz", "q"]
    got = find(tmp_path, crowded_files, texts)
    assert len(got[0]["results"]) == 60 and len(got[1]["results"]) >= 20
    for one in got[2:4]:
        assert [label.startswith("Crowd x00042") for label in labels(one["results"])] == [True]
    assert labels(got[4]["results"]) == ["Crowd y01499 ééÜber1"] == labels(got[5]["results"])
    assert got[6]["results"] == got[7]["results"] == []
    assert max(one["reads"] for one in got[:6]) <= 4


def test_names_that_attack_are_found_as_they_are(many: Graph, tmp_path: Path) -> None:
    files = shards(many, paths_of(many))
    got = find(tmp_path, files, ["script alert", "שלום", "macaw", "turned", "m 70b", *HOSTILE])
    assert labels(got[0]["results"])[0] == HOSTILE[0]
    assert HOSTILE[2] in labels(got[1]["results"]) and HOSTILE[3] in labels(got[2]["results"])
    assert all(one["results"] for one in got)


def test_every_thing_is_found_by_its_name(many: Graph, tmp_path: Path) -> None:
    names = [named(number) for number in range(130)]
    for name, one in zip(names, find(tmp_path, shards(many, paths_of(many)), names), strict=True):
        assert any(label.rstrip("…") in name for label in labels(one["results"])[:2]), name
