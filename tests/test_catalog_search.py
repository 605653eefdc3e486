from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.catalog import add, find, kinds, kinds_text, things_json, things_text
from kg.config import load_config
from kg.errors import ConfigError, OutputError, UnknownName, UsageError
from kg.schema import Schema, enlarged, load_schema
from tests.command import kg
from tests.samples import schema_with


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    return schema_with(tmp_path_factory.mktemp("schema") / "ontology")


@pytest.mark.parametrize(
    ("word", "kind", "names"),
    [
        ("korea", None, ["North Korea", "South Korea"]),
        ("republic of korea", "country", ["South Korea"]),
        ("blip", "model", ["BLIP-2"]),
        ("T5-xl", None, ["Flan-T5-XL"]),
        ("torch", None, ["PyTorch"]),
        ("us", "country", ["United States"]),
        (None, "component", ["Q-Former"]),
        ("nothing", None, []),
    ],
)
def test_a_word_finds_names_and_other_names(small: Schema, word: str | None, kind: str | None, names: list[str]) -> None:
    assert [thing.name for thing in find(small, word, kind)] == names


def test_an_equal_name_comes_first(tmp_path: Path) -> None:
    schema = schema_with(tmp_path / "o", {"datasets": "name,aliases\nA MMLU mix,\nMMLU,\n"})
    assert [thing.name for thing in find(schema, "mmlu", None)] == ["MMLU", "A MMLU mix"]


def test_an_unknown_kind_lists_the_known_ones(small: Schema) -> None:
    with pytest.raises(UnknownName, match="no kind of thing is named 'datasets'\n  hint: did you mean dataset"):
        find(small, None, "datasets")


def test_kinds_are_counted(small: Schema, tmp_path: Path) -> None:
    assert kinds(small)["country"] == 5
    assert kinds_text(small).startswith("accelerator        1\ncomponent          1\ncountry            5\ndataset            3\n")
    (tmp_path / "datasets.csv").write_text("name,aliases\nA,\nB,\nMMLU,Our MMLU\n", encoding="utf-8")
    assert "dataset            5  (2 yours)\n" in kinds_text(enlarged(small, tmp_path / "datasets.csv", None))


def test_things_are_written(small: Schema) -> None:
    things = find(small, None, "country")
    assert things_text(things[:2]) == "country      France\ncountry      Georgia  (Republic of Georgia)\n"
    assert json.loads(things_json(things[:1])) == [
        {
            "iri": "https://w3id.org/kg/country/fr",
            "kind": "country",
            "name": "France",
            "aliases": [],
            "added": [],
            "facts": {"countryCode": "FR"},
        }
    ]


def test_what_the_user_added_is_marked(small: Schema, tmp_path: Path) -> None:
    (tmp_path / "datasets.csv").write_text("name,aliases\nCC3M,Our CC\nOur Web,OW\n", encoding="utf-8")
    schema = enlarged(small, tmp_path / "datasets.csv", None)
    assert things_text(find(schema, "our", None)) == (
        "dataset      CC3M  (Conceptual Captions 3M, Our CC)  [yours: Our CC]\ndataset      Our Web  (OW)  [yours]\n"
    )
    assert [thing["added"] for thing in json.loads(things_json(find(schema, "our", None)))] == [["Our CC"], ["Our Web", "OW"]]


# Adding names: each test is a folder of its own, with what `kg` says --------------------------------------------------------------

LIST = "Kestrel Web | KWeb\nKestrel Bench\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a list of two names."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours.txt").write_text(LIST, encoding="utf-8")
    return tmp_path


def added(file: str = "ours.txt", kind: str | None = "dataset") -> list[str]:
    said: list[str] = []
    add(Path(file), kind, load_config(environ={}), said.append)
    return said


def test_a_file_that_is_not_there(project: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no 'gone\.csv'\n  hint: give a CSV file"):
        added("gone.csv")
    assert sorted(path.name for path in project.iterdir()) == ["ours.txt"]


@pytest.mark.parametrize("text", ["COCO\n", "Kestrel Web | COCO\n", "!!!\n"])
def test_a_wrong_name_changes_nothing(project: Path, text: str) -> None:
    (project / "ours.txt").write_text("Fine\n" + text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"ours\.txt:2: "):
        added()
    assert sorted(path.name for path in project.iterdir()) == ["ours.txt"]


def test_a_table_that_is_broken_is_left_alone(project: Path) -> None:
    (project / "kg.toml").write_text('catalog = ["own.csv"]', encoding="utf-8")
    (project / "own.csv").write_text("name\nA\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"own\.csv:2: what kind of thing this is"):
        added()
    assert (project / "own.csv").read_text(encoding="utf-8") == "name\nA\n"


def test_settings_in_pyproject_are_not_changed(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.kg]\njobs = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"pyproject\.toml: no table of names is set.*\n  hint: add catalog = \[\"names\.csv\"\]"):
        added()


def test_a_table_that_cannot_be_written(project: Path) -> None:
    (project / "kg.toml").write_text('catalog = ["gone/own.csv"]', encoding="utf-8")
    with pytest.raises(OutputError, match=r"gone/own\.csv: cannot be written: No such file"):
        added()


def test_the_first_names_make_a_table_and_settings(project: Path) -> None:
    assert added() == ["kg.toml names names.csv now: everything in . reads it", "names.csv: 2 added, 2 in all"]
    assert (project / "kg.toml").read_text(encoding="utf-8") == 'catalog = ["names.csv"]\n'
    table = (project / "names.csv").read_bytes()
    assert table == b"kind,name,aliases\ndataset,Kestrel Bench,\ndataset,Kestrel Web,KWeb\n"
    assert added() == ["names.csv: nothing new"]
    assert (project / "names.csv").read_bytes() == table
    assert [thing.name for thing in load_schema(catalog=load_config(environ={}).catalog).find("kweb")] == ["Kestrel Web"]


@pytest.mark.parametrize("before", ["", "jobs = 1", "jobs = 1\n"])
def test_settings_that_are_there_stay(project: Path, monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    (project / "kg.toml").write_text(before, encoding="utf-8")
    (project / "below").mkdir()
    monkeypatch.chdir(project / "below")
    assert added("../ours.txt")[-1] == "../names.csv: 2 added, 2 in all"
    monkeypatch.chdir(project)
    config = load_config(environ={})
    assert (config.jobs, config.catalog) == (1 if before else 0, (Path("names.csv"),))


def test_more_names_join_those_that_are_there(project: Path) -> None:
    (project / "kg.toml").write_text('catalog = ["own.csv", "datasets.csv"]', encoding="utf-8")
    (project / "own.csv").write_text("name,kind,use\nZeta,dataset,both\nalpha,model,\n", encoding="utf-8")
    (project / "datasets.csv").write_text("name\nOther\n", encoding="utf-8")
    assert added() == ["own.csv: 2 added, 4 in all"]
    assert (project / "own.csv").read_text(encoding="utf-8").splitlines() == [
        "kind,name,aliases,use",
        "dataset,Kestrel Bench,,",
        "dataset,Kestrel Web,KWeb,",
        "dataset,Zeta,,both",
        "model,alpha,,",
    ]
    (project / "ours.txt").write_text("Other\nOther 2\n", encoding="utf-8")
    assert added() == ["own.csv: 1 added, 5 in all"]


def test_the_table_itself_can_be_what_is_added(project: Path) -> None:
    (project / "names.csv").write_text("name,kind\nKestrel Web,dataset\n", encoding="utf-8")
    assert added("names.csv", None)[-1] == "names.csv: nothing new"
    assert load_config(environ={}).catalog == (Path("names.csv"),)


def test_the_command_adds_searches_and_builds_with_the_names(project: Path) -> None:
    report = "Kestrel-7B was pretrained on Kestrel Web."
    (project / "reports").mkdir()
    (project / "reports/a.md").write_text(report, encoding="utf-8")
    first = kg("build", "reports", cwd=project)
    ran = kg("catalog", "add", "ours.txt", "--kind", "dataset", cwd=project)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.endswith("names.csv: 2 added, 2 in all\n")
    assert kg("catalog", "kestrel", cwd=project).stdout.splitlines()[-1] == "dataset      Kestrel Web  (KWeb)  [yours]"
    again = kg("build", "reports", cwd=project)
    assert ["built kg-out: 1 report" in ran.stderr for ran in (first, again)] == [True, True]
    assert "unchanged: kg-out" in kg("build", "reports", cwd=project).stderr


@pytest.mark.parametrize("line", ["catalog add", "catalog two words", "catalog add one two", "catalog add reports"])
def test_adding_takes_one_file(project: Path, line: str) -> None:
    ran = kg(*line.split(), cwd=project)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "hint: " in ran.stderr
