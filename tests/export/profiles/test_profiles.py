"""What all profiles have in common: names, parameters, selection, what is told, equal bytes, where files go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import OutputError, UnknownName, UsageError
from kg.export import formats
from kg.export.profiles import Missing, one_file, profiles, save, several, write_profile
from kg.export.profiles._profile import File, path_of
from kg.export.profiles._things import LABEL
from kg.terms import KG
from tests.export.profiles.sample import BASE, INSTRUCT, KESTREL, OWL, store_of, written

IMPOSSIBLE = ("2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10", "0000-01-01", "٢٠٢٦-11-21")
ALL = ("croissant", "fair4ml", "hf-card", "mldcat-ap", "nanopub", "rocrate")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    return store_of(tmp_path_factory.mktemp("profiles"))


def test_the_names_are_those_of_the_files() -> None:
    assert profiles() == ALL
    assert "profiles" not in formats()
    assert [name for name in ALL if several(name)] == ["croissant", "hf-card", "rocrate"]


@pytest.mark.parametrize(
    ("profile", "model", "said", "error", "message"),
    [
        ("crossant", None, {}, UnknownName, "no profile of exchange is named 'crossant'\n  hint: did you mean croissant"),
        ("_trusty", None, {}, UnknownName, "no profile of exchange is named '_trusty'"),
        ("hf_card", None, {}, UnknownName, "no profile of exchange is named 'hf_card'\n  hint: did you mean hf-card"),
        ("fair4ml", "Kestrel-8B", {}, UnknownName, "no model is named 'Kestrel-8B'\n  hint: did you mean Kestrel-7B"),
        ("fair4ml", " ", {}, UsageError, "the model's name is empty"),
        (
            "rocrate",
            None,
            {"licence": "x"},
            UnknownName,
            "no parameter of rocrate is named 'licence'\n  hint: did you mean license",
        ),
        ("rocrate", None, {"version": "1.3"}, UnknownName, "no version of RO-Crate is named '1.3'"),
        ("rocrate", None, {"published": "tomorrow"}, UsageError, "'tomorrow' is no day\n  hint: write it as 2026-11-21"),
        ("rocrate", None, {"license": "CC BY"}, UsageError, "'CC BY' is no address\n  hint: write it whole"),
        ("mldcat-ap", None, {"license": "x> . <y"}, UsageError, "is no address"),
        ("nanopub", None, {"creator": "me"}, UsageError, "'me' is no address"),
        ("nanopub", None, {"created": "21.11.2026"}, UsageError, "'21.11.2026' is no date"),
        *(("rocrate", None, {"published": day}, UsageError, f"'{day}' is no day") for day in IMPOSSIBLE),
        *(("nanopub", None, {"created": day}, UsageError, f"'{day}' is no date") for day in IMPOSSIBLE),
        *(
            ("nanopub", None, {"created": time}, UsageError, f"'{re.escape(time)}' is no date")
            for time in (
                "2026-02-30T10:00:00Z",
                "2026-11-21T25:00:00Z",
                "2026-11-21T10:61:00",
                "2026-11-21T10:00:00+14:01",
                "2026-11-21T10:00:00-25:00",
                "2026-11-21T١٠:00:00Z",
            )
        ),
    ],
)
def test_wrong_use(
    store: ox.Store, profile: str, model: str | None, said: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        written(store, profile, model, given=said)


@pytest.mark.parametrize("profile", ALL)
def test_equal_stores_give_equal_bytes(store: ox.Store, profile: str) -> None:
    shuffled = ox.Store()
    shuffled.extend(sorted(store, key=lambda quad: str(quad)[::-1]))
    for model in (None, "Kestrel-7B"):
        told, again = Missing(), Missing()
        assert written(store, profile, model, told) == written(shuffled, profile, model, again)
        assert list(told.lines()) == list(again.lines())


@pytest.mark.parametrize("profile", ALL)
def test_one_model_only(store: ox.Store, profile: str) -> None:
    everything = b"".join(written(store, profile).values()).decode()
    kestrel = b"".join(written(store, profile, "Kestrel-7B").values()).decode()
    assert "Owl-1B" in everything
    assert "Owl-1B" not in kestrel
    assert "Kestrel-7B" in kestrel


@pytest.mark.parametrize("profile", ALL)
def test_a_store_without_reports(profile: str) -> None:
    missing = Missing()
    files = written(ox.Store(), profile, missing=missing)
    assert (profile in {"croissant", "hf-card"}) is (not files)
    assert not any(" of 0 " in line for line in missing.lines())


def test_a_model_that_is_only_named(store: ox.Store) -> None:
    said: list[str] = []
    (file,) = write_profile(store, "mldcat-ap", "BLIP-2", say=said.append)
    assert b'dct:title "BLIP-2"' in b"".join(file.content)
    assert said == ["no report of this build has facts about BLIP-2"]


def test_what_is_missing_is_counted_and_told() -> None:
    missing = Missing()
    for _ in range(3):
        missing.about("model")
    missing.lacks("model", "dct:created")
    missing.lacks("model", "dct:created")
    missing.about("export")
    missing.lacks("export", "dct:publisher", "give it")
    assert list(missing.lines()) == [
        "left out: dct:publisher of the export: give it",
        "left out: dct:created of 2 of 3 models: no report states it",
    ]


def parameters_of(profile: str) -> Iterable[str]:
    names: Iterable[str] = import_module(f"kg.export.profiles.{profile.replace('-', '_')}").PARAMETERS
    return names


@pytest.mark.parametrize("said", ["", " "])
@pytest.mark.parametrize("profile", ["mldcat-ap", "nanopub", "rocrate"])
def test_an_empty_parameter_says_nothing(store: ox.Store, profile: str, said: str) -> None:
    missing, without = Missing(), Missing()
    names = parameters_of(profile)
    assert written(store, profile, missing=missing, given=dict.fromkeys(names, said)) == written(store, profile, missing=without)
    assert list(missing.lines()) == list(without.lines())
    assert "of the export: give it with -p" in "".join(missing.lines())


@pytest.mark.parametrize(
    ("iri", "path"),
    [
        (f"{BASE}dataset/cc3m", "dataset/cc3m"),
        (f"{BASE}model/unnamed/../../etc/x.txt", "model/unnamed/_../_../etc/x.txt"),
        (f"{BASE}model//x", "model/_/x"),
        (f"{BASE}model/.", "model/_."),
        (f"{BASE}model/" + "ä" * 100, "model/" + "ä" * 100),
        ("urn:x", "urn:x"),
    ],
)
def test_a_path_stays_below_its_folder(iri: str, path: str) -> None:
    assert path_of(iri, BASE) == path


def test_a_long_name_is_cut_and_stays_its_own() -> None:
    first, second = (path_of(f"{BASE}{'ä' * 200}{letter}", BASE) for letter in "ab")
    assert first != second
    assert max(len(first.encode()), len(second.encode())) < 200


def test_files_are_saved_below_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert save(iter([File("a/x.json", [b"1", b"2"]), File("y", [b"3"])]), folder) == 2
    (folder / "other").write_bytes(b"stays")
    assert save(iter([File("a/x.json", [b"4"])]), folder) == 1
    assert {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == {
        "x.json": b"4",
        "y": b"3",
        "other": b"stays",
    }


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"file/a: cannot be made: .*\n  hint: choose another folder with -o"):
        save(iter([File("a/x.json", [b""])]), tmp_path / "file")


@pytest.mark.parametrize(("count", "what"), [(0, "no file"), (2, "more files than one")])
def test_one_file_is_asked_for(count: int, what: str) -> None:
    with pytest.raises(UsageError, match=f"the profile croissant writes {what}"):
        one_file("croissant", iter([File(str(number), []) for number in range(count)]))


def test_the_samples_have_what_profiles_tell_apart(store: ox.Store) -> None:
    described = ox.NamedNode("https://w3id.org/kg/ontology#describedIn")
    found = store.quads_for_pattern(None, described, None, ox.DefaultGraph())
    assert {str(quad.subject) for quad in found} == {f"<{iri}>" for iri in (INSTRUCT, KESTREL, OWL)}


@given(st.text(min_size=1, max_size=20))
@settings(max_examples=40)
def test_any_name_is_written_as_it_is(text: str) -> None:
    name = text.encode("utf-8", "replace").decode()
    default = ox.DefaultGraph()
    model, label, described = (ox.NamedNode(iri) for iri in (OWL, LABEL, f"{KG}describedIn"))
    store = ox.Store()
    store.add(ox.Quad(model, label, ox.Literal(name), default))
    store.add(ox.Quad(model, described, report := ox.NamedNode(f"{BASE}report/x"), default))
    store.add(ox.Quad(report, ox.NamedNode(f"{KG}text"), ox.Literal(""), ox.NamedNode(f"{BASE}graph/report/x")))
    (turtle,) = written(store, "mldcat-ap").values()
    title = ox.NamedNode("http://purl.org/dc/terms/title")
    found = [
        quad.object for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE) if (quad.subject, quad.predicate) == (model, title)
    ]
    assert found == [ox.Literal(name)]
    (jsonld,) = written(store, "fair4ml").values()
    assert json.loads(jsonld)["@graph"][0]["name"] == name
    (card,) = written(store, "hf-card").values()
    assert yaml.safe_load(card.decode().split("---\n")[1])["model_name"] == name
    assert json.loads(written(store, "rocrate")["ro-crate-metadata.json"])["@graph"][-1]["name"] == name
