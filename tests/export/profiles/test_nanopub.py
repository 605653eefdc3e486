"""Nanopublications: the library of the network finds each of them valid, its name true to its content."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.export.profiles import Missing
from kg.export.profiles._trusty import Row, Value, trusty_code
from kg.terms import KG
from tests.command import kg
from tests.export.profiles.sample import BASE, content, store_of
from tests.sample_graph import REPORTS

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # of rdflib, whose old classes the library of the network uses
NP = "http://www.nanopub.org/nschema#"
DCT = "http://purl.org/dc/terms/"
OWN = {"created": "2026-11-21T10:00:00Z", "creator": "https://orcid.org/0000-0000-0000-0000", "license": "https://x.org/l"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return store_of(tmp_path_factory.mktemp("nanopub"))


def by_name(trig: bytes) -> dict[str, list[ox.Quad]]:
    found: dict[str, list[ox.Quad]] = defaultdict(list)
    for quad in ox.parse(trig, format=ox.RdfFormat.TRIG):
        assert isinstance(quad.graph_name, ox.NamedNode)
        found[quad.graph_name.value.partition("#")[0]].append(quad)
    return dict(found)


def part(quads: list[ox.Quad], name: str) -> set[tuple[str, str, str]]:
    return {
        (str(quad.subject), quad.predicate.value, str(quad.object)) for quad in quads if str(quad.graph_name).endswith(f"#{name}>")
    }


def test_the_library_of_the_network_finds_all_of_them_valid(store: ox.Store) -> None:
    import rdflib
    from nanopub.nanopub import Nanopub

    found = by_name(content(store, "nanopub", given=OWN))
    assert len(found) == sum(len(rows) for _, rows in REPORTS)
    for name, quads in found.items():
        graph = rdflib.ConjunctiveGraph()
        graph.parse(data=ox.serialize(quads, format=ox.RdfFormat.N_QUADS), format="nquads")
        nanopub = Nanopub(rdf=graph)
        assert nanopub.is_valid
        assert nanopub.source_uri == name
        assert nanopub.has_valid_trusty


def test_a_changed_word_has_another_name() -> None:
    rows: list[Row] = [("g", "s", "p", ox.Literal("64")), ("g", "s", "p", "o"), ("g", "s", "p", ox.Literal("x", language="EN"))]
    code = trusty_code(rows)
    assert len(code) == 45 and code.startswith("RA")
    assert trusty_code([*reversed(rows), rows[0]]) == code
    others: list[Value] = [
        ox.Literal("65"),
        ox.Literal(64),
        ox.Literal("64", language="en"),
        "64",
        ox.Literal("6\n4"),
        ox.Literal("6\\n4"),
    ]
    assert len({code, *(trusty_code([("g", "s", "p", other), *rows[1:]]) for other in others)}) == 7


def test_each_says_one_claim_with_its_words(store: ox.Store) -> None:
    found = by_name(content(store, "nanopub", "Kestrel-7B"))
    hours = [quads for quads in found.values() if any("P4D" in value for _, _, value in part(quads, "assertion"))]
    (quads,) = hours
    run = f"<{BASE}run/kestrel-7b>"
    assert part(quads, "assertion") == {
        (f"<{BASE}model/kestrel-7b>", f"{KG}hasRun", run),
        (run, f"{KG}duration", '"P4D"^^<http://www.w3.org/2001/XMLSchema#duration>'),
    }
    said = {predicate.rpartition("#")[2]: value for _, predicate, value in part(quads, "provenance")}
    assert said["exact"] == '"4 days"'
    assert said["hadPrimarySource"] == said["hasSource"] == f"<{BASE}report/sub/b%20c.txt>"
    assert len(said["sha256"]) == 66


def test_a_range_a_hedge_and_a_unit_are_part_of_the_assertion(card: Path) -> None:
    found = by_name(kg("export", "--profile", "nanopub", cwd=card).stdout.encode())
    said = [{predicate.rpartition("#")[2]: value for _, predicate, value in part(quads, "assertion")} for quads in found.values()]
    (count,) = [one for one in said if "acceleratorCount" in one]
    assert (count["acceleratorCount"][:4], count["object"][:4], count["valueMax"][:5]) == ('"64"', '"64"', '"128"')
    assert count["approximate"].startswith('"true"') and count["subject"] == f"<{BASE}hardware/egret-7b>"
    (data,) = [one for one in said if "trainingExamples" in one]
    assert data["unit"] == '"image-text pairs"' and "valueMax" not in data
    assert not any("subject" in one for one in said if "parameterCount" in one)


def test_a_claim_about_hardware_names_run_stage_and_model(store: ox.Store) -> None:
    for quads in by_name(content(store, "nanopub", "InstructBLIP-13B")).values():
        assertion = part(quads, "assertion")
        if any(predicate == f"{KG}acceleratorCount" for _, predicate, _ in assertion):
            assert {predicate.removeprefix(KG) for _, predicate, _ in assertion} == {
                "hasRun",
                "stage",
                "hardware",
                "acceleratorCount",
            }
            return
    pytest.fail("no nanopublication is about the number of accelerators")


def test_what_the_user_says_of_them(store: ox.Store) -> None:
    missing = Missing()
    for name, quads in by_name(content(store, "nanopub", "Owl-1B", missing, OWN)).items():
        info = {predicate: value for subject, predicate, value in part(quads, "pubinfo") if subject == f"<{name}>"}
        assert info[f"{DCT}created"] == '"2026-11-21T10:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
        assert info[f"{DCT}creator"] == f"<{OWN['creator']}>"
        assert info[f"{DCT}license"] == f"<{OWN['license']}>"
    assert list(missing.lines()) == []


def test_a_day_is_a_date(store: ox.Store) -> None:
    assert b'dcterms:created "2026-11-21"^^<http://www.w3.org/2001/XMLSchema#date>' in content(
        store, "nanopub", given={"created": "2026-11-21"}
    )


@pytest.mark.parametrize("time", ["2024-02-29T23:59:59", "2026-11-21T10:00:00.123456789+14:00", "2026-11-21T10:00:00-13:59"])
def test_a_time_is_one(store: ox.Store, time: str) -> None:
    assert f'dcterms:created "{time}"^^<http://www.w3.org/2001/XMLSchema#dateTime>'.encode() in content(
        store, "nanopub", given={"created": time}
    )


def test_what_the_user_does_not_say_is_told(store: ox.Store) -> None:
    missing = Missing()
    content(store, "nanopub", "Owl-1B", missing)
    assert list(missing.lines()) == [
        "left out: dcterms:created of the export: give it with -p created=…",
        "left out: dcterms:creator of the export: give it with -p creator=…",
    ]
