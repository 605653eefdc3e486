"""Shapes files of the user's: what is refused and how, and what the good ones find."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import ConfigError, InputError
from kg.validate import load_shapes, validate
from kg.validate.check import check
from tests.validate.case_graphs import Report, good, triples

HEAD = """@prefix kg: <https://w3id.org/kg/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix my: <https://example.org/shapes#> .
"""


def written(folder: Path, text: str, name: str = "mine.ttl") -> Path:
    file = folder / name
    file.write_text(HEAD + text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("my:a a sh:NodeShape\nmy:b a sh:NodeShape .", r"mine\.ttl:5:\d+: the file is no Turtle: .*\n  hint: mend this line"),
        ("my:a no:prefix my:b .", r"mine\.ttl:4:\d+: the file is no Turtle"),
        ('my:a kg:name "data" .', r"mine\.ttl: no shape is in the file\n  hint: SHACL shapes are expected, not data"),
        ("my:a a sh:PropertyShape ; sh:datatype kg:x .", r"mine\.ttl: a shape cannot be used: .*must include one `sh:path`"),
        (
            "my:a a sh:NodeShape ; sh:targetClass kg:Model ; sh:property [ sh:path kg:name ; sh:minCount 'x' ] .",
            r"mine\.ttl: _:\S+ is no shape",
        ),
        (
            "my:a a sh:NodeShape ; sh:targetClass kg:Model ; sh:property [ sh:path kg:name ; sh:pattern '[' ] .",
            r"mine\.ttl: a shape cannot be used",
        ),
        ("my:a a sh:NodeShape ; sh:targetClass kg:Model ; sh:in kg:name .", r"mine\.ttl: "),
        (
            "my:a a sh:NodeShape ; sh:targetClass kg:Model ; sh:sparql [ sh:select 'SELECT nonsense' ] .",
            r"mine\.ttl: a shape cannot be used",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_a_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_shapes([written(tmp_path, text)])
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.ttl", r"absent\.ttl: the file cannot be read: No such file or directory"),
        ("", r": not RDF by its name"),
        ("shapes.txt", r"shapes\.txt: not RDF by its name\n  hint: name it \.ttl, \.nt, "),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "shapes.txt").write_text("")
    with pytest.raises(ConfigError, match=message):
        load_shapes([tmp_path / name])


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.ttl").write_bytes(b'<a:b> <a:c> "caf\xe9" .')
    with pytest.raises(ConfigError, match=r"latin\.ttl:1:17: the file is no Turtle: Invalid UTF-8"):
        load_shapes([tmp_path / "latin.ttl"])


def test_a_rule_of_the_users_is_found_beside_ours(tmp_path: Path) -> None:
    licence = written(
        tmp_path,
        """my:Licensed a sh:NodeShape ; sh:targetClass kg:Model ;
           sh:property [
               sh:path kg:license ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "every model must have a license"
           ] .""",
    )
    shapes = load_shapes([licence])
    assert not shapes.own
    found = validate([("a", Report(good() | triples("<run/k> kg:steps 0 .")))], shapes)
    assert sorted((finding.code, finding.severity, finding.message) for finding in found.findings) == [
        ("KG100", "warning", "Flan-T5-XL: every model must have a license"),
        ("KG100", "warning", "Kestrel-7B: every model must have a license"),
        ("KG106", "violation", "Kestrel-7B, training: the number of steps must be 1 or more, not 0"),
    ]
    assert b".well-known/genid/" in found.report and b"_:" not in found.report


@pytest.mark.parametrize("code", ['"LAB7"', '"LAB7"^^<http://www.w3.org/2001/XMLSchema#string>', '"LAB7"@en'])
def test_a_code_and_a_message_of_the_users(tmp_path: Path, code: str) -> None:
    shape = written(
        tmp_path, f"my:Short a sh:PropertyShape ; kg:code {code} ; sh:targetClass kg:Model ; sh:path kg:name ; sh:maxLength 3 ."
    )
    (finding,) = validate([("a", Report(good()))], load_shapes([shape])).findings
    assert (finding.code, finding.relation) == ("LAB7", "name")
    assert "maxLength" in finding.message or "length" in finding.message


@pytest.mark.parametrize(
    "code", ['KG400"', 'KG420"', 'KG499"^^<http://www.w3.org/2001/XMLSchema#string>', 'KG4"', 'KG501"', 'KG420"@en']
)
@pytest.mark.parametrize("shape", ["my:Short a sh:PropertyShape ;", "[] a sh:PropertyShape ;", 'my:Short kg:code "LAB7" ;'])
def test_a_code_that_belongs_to_another_stage_is_refused(tmp_path: Path, code: str, shape: str) -> None:
    """A build keeps such findings of the build before apart: a rule of the user's would be reported twice, or never again."""
    named = r"the shape https://example\.org/shapes#Short" if "my:" in shape else "a shape without a name"
    said = code.partition('"')[0]
    file = written(tmp_path, f'{shape} kg:code "{code} ; sh:targetClass kg:Model ; sh:path kg:name ; sh:maxLength 3 .')
    what = rf"mine\.ttl: {named} has the code {said}, which .*\n  hint: give it "
    with pytest.raises(ConfigError, match=what):
        load_shapes([file])


def test_a_severity_of_the_users_is_a_violation(tmp_path: Path) -> None:
    shape = written(
        tmp_path, "my:S a sh:PropertyShape ; sh:targetClass kg:Model ; sh:path kg:name ; sh:maxLength 3 ; sh:severity my:Grave ."
    )
    (finding,) = validate([("a", Report(good()))], load_shapes([shape])).findings
    assert finding.severity == "violation"


def test_a_rule_of_ours_can_be_switched_off(tmp_path: Path) -> None:
    off = written(
        tmp_path, "<https://w3id.org/kg/shapes#steps-possible> sh:deactivated true ; a sh:PropertyShape ; sh:path kg:steps ."
    )
    assert validate([("a", Report(good() | triples("<run/k> kg:steps 0 .")))], load_shapes([off])).conforms


def test_with_shapes_of_the_users_every_report_is_checked_alone(tmp_path: Path) -> None:
    """A shape that looks at one node must not see what another report says of it."""
    shape = written(
        tmp_path,
        "my:S a sh:NodeShape ; sh:targetNode <https://w3id.org/kg/model/other> ; sh:property [ sh:path kg:name ; sh:maxCount 1 ] .",
    )
    units = [(name, tuple(good() | triples(f'<model/other> kg:name "{name}" ; kg:describedIn <report/a.txt> .'))) for name in "ab"]
    assert check(units, load_shapes([shape])) == []


def test_several_syntaxes(tmp_path: Path) -> None:
    turtle = written(tmp_path, "my:S a sh:PropertyShape ; sh:targetClass kg:Model ; sh:path kg:name ; sh:maxLength 3 .")
    nt = tmp_path / "mine.nt"
    nt.write_text(
        "".join(
            f"<https://example.org/shapes#T> <{predicate}> {value} .\n"
            for predicate, value in (
                ("http://www.w3.org/ns/shacl#targetClass", "<https://w3id.org/kg/ontology#Model>"),
                ("http://www.w3.org/ns/shacl#path", "<https://w3id.org/kg/ontology#name>"),
                ("http://www.w3.org/ns/shacl#minLength", '"30"^^<http://www.w3.org/2001/XMLSchema#integer>'),
                ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "<http://www.w3.org/ns/shacl#PropertyShape>"),
            )
        )
    )
    assert len(validate([("a", Report(good()))], load_shapes([turtle, nt])).findings) == 2


def test_equal_files_give_equal_shapes(tmp_path: Path) -> None:
    text = "my:S a sh:NodeShape ; sh:targetClass kg:Model ; sh:property [ sh:path [ sh:inversePath kg:hasRun ] ; sh:maxCount 0 ] ."
    assert load_shapes([written(tmp_path, text)]) == load_shapes([written(tmp_path, text, "copy.ttl")])
    assert load_shapes() is not load_shapes() and load_shapes() == load_shapes()


def test_data_that_shacl_has_no_answer_for(tmp_path: Path) -> None:
    shape = written(tmp_path, "my:S a sh:PropertyShape ; sh:targetClass kg:Model ; sh:path kg:extends ; sh:lessThan kg:component .")
    shapes = load_shapes([shape])
    with pytest.raises(InputError, match=r"a\.txt: SHACL has no answer: Cannot use sh:lessThan to compare a BlankNode"):
        check([("a.txt", tuple(triples("<model/k> a kg:Model ; kg:extends [] ; kg:component [] .")))], shapes)


def test_files_that_contradict_each_other(tmp_path: Path) -> None:
    files = [
        written(tmp_path, "my:S a sh:PropertyShape ; sh:path kg:name .", "one.ttl"),
        written(tmp_path, "my:S a sh:NodeShape ; sh:targetClass kg:Model .", "two.ttl"),
    ]
    with pytest.raises(ConfigError, match="a shape cannot be used: A shape defined as a NodeShape cannot"):
        validate([("a", Report(good()))], load_shapes(files))


def test_a_query_as_a_rule(tmp_path: Path) -> None:
    query = """my:S a sh:NodeShape ; sh:targetClass kg:Model ; sh:sparql [
        sh:select "SELECT $this WHERE { $this <https://w3id.org/kg/ontology#name> ?name FILTER (STRLEN(?name) > 3) }" ] ."""
    (finding,) = validate([("a", Report(good()))], load_shapes([written(tmp_path, query)])).findings
    assert finding.message.startswith("Kestrel-7B: ") and len(finding.message) > 20


def test_a_query_may_not_ask_elsewhere(tmp_path: Path) -> None:
    query = """my:S a sh:NodeShape ; sh:targetClass kg:Model ; sh:sparql [
        sh:select "SELECT $this WHERE { $this ?p ?o SERVICE <http://127.0.0.1:9/> { ?o ?q ?r } }" ] ."""
    with pytest.raises(ConfigError, match=r"a shape cannot be used: .*SERVICE"):
        load_shapes([written(tmp_path, query)])


@pytest.mark.parametrize(
    ("steps", "found"), [("10", 0), ("5", 1), ("3", 1), ('"x"', 1), ('"x"^^xsd:integer', 1), ('"2023-01-01"^^xsd:date', 1)]
)
def test_less_than(tmp_path: Path, steps: str, found: int) -> None:
    shape = written(
        tmp_path, "my:S a sh:PropertyShape ; sh:targetClass kg:TrainingRun ; sh:path kg:warmupSteps ; sh:lessThan kg:steps ."
    )
    facts = good() | triples(f"<run/k> kg:warmupSteps 5 ; kg:steps {steps} .")
    results = check([("a", tuple(facts))], load_shapes([shape]))
    assert sum(result.shape == "<https://example.org/shapes#S>" for result in results) == found
