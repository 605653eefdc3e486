"""`kg validate` as a user meets it: what cannot be read, shapes that are wrong, data that does not conform; forms and choices."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.terms import KG, RDF, SH
from tests.command import SEEDS, kg

PREFIXES = {"kg": KG, "sh": SH, "rdf": RDF, "e": "http://example.org/"}
HEAD = " ".join(f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items()) + "\n"
BAD = 'e:m a kg:Model ; kg:name "" ; kg:parameterCount "x" .'
SHORT = """e:S a sh:PropertyShape ; kg:code "LAB7" ; sh:targetClass kg:Model ; sh:path kg:name ; sh:minLength 3 ;
    sh:message "zu kurz"@de, "too short"@en ."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("bad.ttl", BAD), ("short.ttl", SHORT), ("good.ttl", 'e:m a e:Model ; kg:name "Kestrel" .')):
        (tmp_path / name).write_text(HEAD + text, "utf-8")
    (tmp_path / "broken.ttl").write_text("<a:b> <a:c>\n", "utf-8")
    (tmp_path / "data.txt").write_text("", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("broken.ttl", 3, r"broken.ttl:2:1: the file is no Turtle"),
        ("data.txt", 3, "data.txt: not RDF by its name"),
        ("good.ttl --shapes broken.ttl", 2, "broken.ttl:2:1: the file is no Turtle"),
        ("good.ttl --shapes good.ttl", 2, "good.ttl: no shape is in the file"),
        ("good.ttl --shapes absent.ttl", 2, "absent.ttl: the file cannot be read"),
        ("absent.ttl", 2, "there is no 'absent.ttl'"),
        ("good.ttl --only-shapes", 2, "there are no shapes but kg's own\n  hint: name a file with --shapes FILE"),
        ("good.ttl --build kg-out", 2, "a file and a build are given"),
        ("good.ttl --json --format concise", 2, "--json and --format concise contradict each other"),
        ("good.ttl --format shacl-ttl", 2, "did you mean shacl"),
        ("good.ttl --engine rudof", 2, "engine must be one of auto, pyrudof, pyshacl"),
        ("good.ttl --select KG9", 2, "no code is named 'KG9'\n  hint: did you mean KG"),
        ("good.ttl --ignore LAB7", 2, "no code is named 'LAB7'"),
        ("good.ttl --fail-on error", 2, "fail-on must be one of"),
        (".", 2, "no build at ."),
    ],
)
def test_what_cannot_be_done_is_told(folder: Path, line: str, code: int, said: str) -> None:
    ran = kg("validate", *line.split(), cwd=folder)
    assert (ran.returncode, ran.stdout) == (code, ""), ran.stderr
    assert said in ran.stderr and "hint: " in ran.stderr


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("e:S a sh:NodeShape ; sh:targetClass kg:Model ; sh:node e:S .", "a shape cannot be used: Warning, A Recursive Shape"),
        (
            "e:S a sh:NodeShape ; sh:property [ sh:path kg:name ; sh:in _:a ] . _:a rdf:first 1 ; rdf:rest _:a .",
            "a list has no end",
        ),
        ("e:S a sh:NodeShape ; sh:property [ sh:path _:a ] . _:a sh:inversePath _:a .", "a shape cannot be used: "),
        (
            'e:S a sh:NodeShape ; sh:js [ sh:jsFunctionName "f" ] .',
            "s.ttl:2: sh:js of the shape http://example.org/S would be passed over",
        ),
        ('e:S a sh:NodeShape ; sh:target [ sh:select "SELECT ?this {}" ] .', "s.ttl:2: sh:target of the shape"),
        ("e:G sh:entailment e:RDFS . e:S a sh:NodeShape .", "s.ttl:2: sh:entailment of the shape"),
        (
            'e:S a sh:NodeShape ; sh:sparql [ sh:select "SELECT $this { $this zz:p 1 }" ] .',
            "a query has the prefix zz:, which is not declared",
        ),
    ],
)
def test_shapes_that_give_no_right_answer_are_refused(folder: Path, shape: str, said: str) -> None:
    (folder / "s.ttl").write_text(HEAD + shape, "utf-8")
    ran = kg("validate", "bad.ttl", "--shapes", "s.ttl", "--only-shapes", cwd=folder)
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert said in ran.stderr and "hint: " in ran.stderr and "bug" not in ran.stderr


def test_a_declared_prefix_is_known_to_queries(folder: Path) -> None:
    query = """PREFIX b: <http://example.org/>
        SELECT $this { $this k:name ?name . FILTER(?name = '') FILTER NOT EXISTS { b:x rdf:type _:y } }"""
    shape = f'e:S a sh:NodeShape ; sh:targetClass kg:Model ; sh:sparql [ sh:prefixes e:P ; sh:select """{query}""" ] .'
    declared = f'e:P sh:declare [ sh:prefix "k" ; sh:namespace "{KG}" ] .'
    (folder / "s.ttl").write_text(HEAD + shape + declared, "utf-8")
    ran = kg("validate", "bad.ttl", "--shapes", "s.ttl", "--only-shapes", "--format", "concise", cwd=folder)
    assert ran.returncode == 1 and ran.stdout.startswith("bad.ttl: KG100 error: example.org/m: "), ran.stderr


def test_many_blank_nodes_that_look_alike_take_no_time(folder: Path) -> None:
    clique = " ".join(f"_:b{a} e:p _:b{b} ." for a in range(14) for b in range(14) if a != b)
    (folder / "clique.ttl").write_text(f"{HEAD}{clique} _:b0 a kg:Model .", "utf-8")
    first, second = (kg("validate", "clique.ttl", "--format", "shacl", cwd=folder) for _ in range(2))
    assert first.returncode == 1 and first.stdout == second.stdout != ""


def codes(folder: Path, *arguments: str) -> list[str]:
    ran = kg("validate", "bad.ttl", "--json", *arguments, cwd=folder)
    found = sorted({finding["code"] for finding in json.loads(ran.stdout)})
    assert ran.returncode == int(bool(found)), ran.stderr
    return found


def test_which_shapes_are_checked_and_which_findings_are_wanted(folder: Path) -> None:
    assert codes(folder) == ["KG101", "KG105", "KG109"]
    assert codes(folder, "--shapes", "short.ttl") == ["KG101", "KG105", "KG109"]  # the empty name is told once, as kg does
    assert codes(folder, "--shapes", "short.ttl", "--only-shapes") == ["LAB7"]
    assert codes(folder, "--shapes", "short.ttl", "--only-shapes", "--engine", "pyrudof") == ["LAB7"]
    assert codes(folder, "--shapes", "short.ttl", "--only-shapes", "--ignore", "lab") == []
    assert codes(folder, "--select", "kg1xx", "--ignore", "KG10", "--select", "KG105") == ["KG105"]
    assert codes(folder, "--ignore", "KG1") == []
    (folder / "kg.toml").write_text("ignore = ['KG101', 'KG105']", "utf-8")
    assert codes(folder) == ["KG109"]
    assert codes(folder, "--ignore", "KG109") == ["KG101", "KG105"]


def test_the_message_is_english_where_there_is_one(folder: Path) -> None:
    ran = kg("validate", "bad.ttl", "--shapes", "short.ttl", "--only-shapes", "--format", "concise", cwd=folder)
    assert ran.stdout == "bad.ttl: LAB7 error: example.org/m: too short ()\n"
    report = kg("validate", "bad.ttl", "--shapes", "short.ttl", "--only-shapes", "--format", "shacl", cwd=folder).stdout
    assert '"zu kurz"@de' in report and '"too short"@en' in report


SYNTAXES = {
    "shacl": ox.RdfFormat.TURTLE,
    "shacl-nt": ox.RdfFormat.N_TRIPLES,
    "shacl-jsonld": ox.RdfFormat.JSON_LD,
    "shacl-rdfxml": ox.RdfFormat.RDF_XML,
}


@pytest.mark.parametrize("arguments", [[], ["--engine", "pyrudof"], ["--ignore", "KG105"], ["--ignore", "KG1"]], ids=" ".join)
def test_a_report_as_shacl_defines_it_in_any_syntax(folder: Path, arguments: list[str]) -> None:
    graphs = set()
    for name, syntax in SYNTAXES.items():
        ran = kg("validate", "bad.ttl", "--format", name, *arguments, cwd=folder)
        dataset = ox.Dataset(ox.parse(ran.stdout, format=syntax))
        (conforms,) = (quad.object for quad in dataset if quad.predicate.value == f"{SH}conforms")
        assert isinstance(conforms, ox.Literal) and conforms.value == ("false" if ran.returncode else "true")
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        graphs.add(frozenset(map(str, dataset)))
    assert len(graphs) == 1


def test_a_build_is_checked_with_shapes_of_the_users(folder: Path) -> None:
    assert kg("build", SEEDS, "--jobs", "1", cwd=folder).returncode == 0
    told = kg("validate", "--format", "concise", cwd=folder).stdout
    assert told and kg("validate", "kg-out", "--format", "concise", cwd=folder).stdout == told
    assert kg("validate", "--format", "shacl", cwd=folder).stdout == (folder / "kg-out/findings.ttl").read_text("utf-8")
    (folder / "s.ttl").write_text(
        f"{HEAD}e:S a sh:PropertyShape ; sh:targetSubjectsOf kg:name ; sh:path kg:weightDecay ; sh:minCount 1 .", "utf-8"
    )
    flags = ("--shapes", "s.ttl", "--only-shapes", "--format", "concise")
    ran, fast = (kg("validate", *flags, "--engine", engine, cwd=folder) for engine in ("pyshacl", "pyrudof"))
    assert (ran.returncode, ran.stdout) == (fast.returncode, fast.stdout) and ran.returncode == 1
    ours = [line for line in ran.stdout.splitlines() if "KG100" in line]
    assert ours and sorted(set(ran.stdout.splitlines()) - set(ours)) == sorted(set(told.splitlines()))
    (folder / "kg.toml").write_text("engine = 'pyrudof'\noutput = 'other'", "utf-8")
    assert kg("build", SEEDS, "--jobs", "1", cwd=folder).returncode == 0
    for name in ("findings.json", "findings.ttl", "manifest.json"):
        assert (folder / "other" / name).read_bytes() == (folder / "kg-out" / name).read_bytes()
