"""Tables of names that users give: what is wrong with one and in which line, what it makes known, what is written."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.config import Config
from kg.errors import ConfigError
from kg.extract import extract
from kg.ingest import read_text
from kg.manifest import versions
from kg.schema import DEFAULT_BASE, Schema, enlarged, load_schema
from kg.user_names import rows, written
from kg.values import name_key
from tests.samples import schema_with

COLUMNS = {
    "dataset": ("name", "aliases", "id", "ambiguous", "context", "use", "source"),
    "model": ("name", "aliases", "role", "parameterCount"),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    catalog = {
        "accelerators": "name,aliases,memory\nNVIDIA A100 80GB,A100-80GB,80000000000\n",
        "components": "name,aliases\nQ-Former,Querying Transformer\n",
        "datasets": "name,aliases,id,ambiguous,context,use,source\n"
        "COCO,MS COCO,,,,both,kg\nMMLU,,,,,evaluation,kg\nFlan,,,,yes,training,kg\n",
        "models": "name,aliases,role\nBLIP-2,,vision-language\nFlan,,language\n",
    }
    return schema_with(tmp_path_factory.mktemp("schema") / "ontology", catalog)


def with_table(schema: Schema, folder: Path, text: str, name: str = "names.csv", kind: str | None = None) -> Schema:
    (folder / name).write_text(text, encoding="utf-8")
    return enlarged(schema, folder / name, kind)


# What cannot be used ------------------------------------------------------------------------------------------------------------

BAD = [
    pytest.param("", "kind,aliases\ndataset,A\n", r":1: the first line must name the columns, 'name' among them", id="no-name"),
    pytest.param("", "name,name,kind\n", r":1: the first line must name the columns", id="column-twice"),
    pytest.param(
        "", "name,kind,alias\nA,dataset,B\n", r":1: no column is named 'alias'\n  hint: did you mean aliases", id="column"
    ),
    pytest.param("", "name,kind\nA,datset\n", r":2: no kind of thing is named 'datset'\n  hint: did you mean dataset", id="kind"),
    pytest.param(
        "", "name,aliases\nA,\n", r":2: what kind of thing this is, is not said\n  hint: .*--kind: .*dataset", id="no-kind"
    ),
    pytest.param("", "Kestrel Web\n", r":1: what kind of thing this is, is not said", id="list-without-kind"),
    pytest.param("datset", "Kestrel Web\n", r":1: no kind of thing is named 'datset'", id="list-of-no-kind"),
    pytest.param("", "name,kind\n\nA,dataset,B\n", r":3: 3 columns where the header has 2\n  hint: .*double quotes", id="cells"),
    pytest.param("", "name,kind\n ,dataset\n", r":2: a name needs a letter or a digit", id="empty-name"),
    pytest.param("", "name,kind\n---,dataset\n", r":2: a name needs a letter or a digit", id="signs"),
    pytest.param("dataset", "A\n| B\n", r":2: a name needs a letter or a digit", id="list-without-name"),
    pytest.param("dataset", "A | …\n", r":1: a name needs a letter or a digit", id="alias-of-signs"),
    pytest.param("", "name,kind,role\nA,dataset,language\n", r":2: no column of a dataset is named 'role'", id="column-of-another"),
    pytest.param(
        "",
        "name,kind,use\nA,dataset,trainig\n",
        r":2: no use of a dataset is named 'trainig'\n  hint: did you mean training",
        id="use",
    ),
    pytest.param(
        "", "name,kind,role\nA,model,langage\n", r":2: no role of a model is .*\n  hint: did you mean language", id="role"
    ),
    pytest.param(
        "", "name,kind,context\nA,dataset,no\n", r":2: no context of a dataset is named 'no'\n  hint: .*yes", id="context"
    ),
    pytest.param("", "name,kind,memory\nA,accelerator,80GB\n", r":2: the memory is no xsd:integer: '80GB'\n  hint", id="value"),
    pytest.param(
        "", "name,kind\nA,dataset\nms-coco,dataset\n", r":3: 'ms-coco' is already a name of the dataset 'COCO'", id="alias"
    ),
    pytest.param(
        "", "name,kind\nCOCO,dataset\n", r":2: 'COCO' is already known: \S+datasets\.csv:2\n  hint: .*aliases", id="known"
    ),
    pytest.param("", "name,kind,use\nCOCO,dataset,training\n", r":2: 'COCO' is already known", id="another-use-of-a-known-thing"),
    pytest.param("", "name,kind,id\nKestrel,dataset,mmlu\n", r":2: 'Kestrel' is already known: \S+datasets\.csv:3", id="known-id"),
    pytest.param("", "name,kind,aliases\nA,dataset,B|mmlu\n", r":2: 'mmlu' is already a name of the dataset 'MMLU'", id="clash"),
    pytest.param(
        "", "name,kind,aliases\nMS COCO,dataset,B\n", r":2: 'MS COCO' is .*\n  hint: write COCO as the name", id="more-of-alias"
    ),
    pytest.param("", "name,kind,aliases\nCOCO,dataset,mmlu\n", r":2: 'mmlu' is already a name of .*'MMLU'", id="more-that-clashes"),
    pytest.param(
        "", "name,kind\nq former,model\n", r":2: 'q former' is already known: \S+components\.csv:2", id="component-is-model"
    ),
    pytest.param("dataset", "Web 5\nWeb-5\n", r":2: 'Web-5' is already known: \S+names\.csv:1", id="own-twice"),
    pytest.param("dataset", "Web 5\nW5|web5\n", r":2: 'web5' is already a name of the dataset 'Web 5' \(\S+:1\)", id="own-clash"),
    pytest.param("", 'name,kind\n"A"b,dataset\n', r"names\.csv: is not a UTF-8 CSV file", id="quotes"),
]


@pytest.mark.parametrize(("kind", "text", "message"), BAD)
def test_a_wrong_row_is_named_with_its_line(small: Schema, tmp_path: Path, kind: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        with_table(small, tmp_path, text, kind=kind or None)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("content", [b"name,kind\nA\xff,dataset\n", b"name,kind\n\0,dataset\n"], ids=["bytes", "nul"])
def test_a_file_that_is_no_text(small: Schema, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "names.csv").write_bytes(content)
    with pytest.raises(ConfigError, match=r"names\.csv"):
        enlarged(small, tmp_path / "names.csv", None)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.csv: cannot be read: No such file .*\n  hint: .*kg catalog add"):
        load_schema(catalog=[tmp_path / "gone.csv"])


# What is made known -------------------------------------------------------------------------------------------------------------


def test_a_row_makes_a_thing_known(small: Schema, tmp_path: Path) -> None:
    text = "name,kind,use,aliases\nKestrel Web,dataset,training,KestrelWeb| KWeb |\n"
    (thing,) = with_table(small, tmp_path, text).find("kweb")
    assert (thing.iri, thing.kind, thing.name) == (DEFAULT_BASE + "dataset/kestrel-web", "dataset", "Kestrel Web")
    assert thing.aliases == ("KestrelWeb", "KWeb")
    assert thing.added == ("Kestrel Web", "KestrelWeb", "KWeb")
    assert thing.facts == {"use": "training"}
    assert not small.find("kweb")


@pytest.mark.parametrize(
    ("file", "kind", "text"),
    [
        ("names.csv", None, "\ufeffkind,name\r\ndataset,Kestrel Web\r\n"),
        ("datasets.csv", None, "name\nKestrel Web\n"),
        ("names.csv", "dataset", "name,aliases\nKestrel Web,\n"),
        ("names.csv", "model", "kind,name\ndataset,Kestrel  Web\n"),
        ("names.txt", "dataset", "# our own\n\nKestrel Web\n"),
        ("datasets.txt", None, "Kestrel Web |\n"),
        ("names.csv", None, 'name,kind\n"Kestrel\nWeb",dataset\n'),
    ],
)
def test_a_table_or_a_list(small: Schema, tmp_path: Path, file: str, kind: str | None, text: str) -> None:
    schema = with_table(small, tmp_path, text, file, kind)
    assert [(thing.name, thing.kind) for thing in schema.things if thing.added] == [("Kestrel Web", "dataset")]


def test_an_empty_table_adds_nothing(small: Schema, tmp_path: Path) -> None:
    assert with_table(small, tmp_path, "").things == small.things
    assert with_table(small, tmp_path, "name,kind\n").things == small.things


def test_a_known_thing_gets_more_names(small: Schema, tmp_path: Path) -> None:
    schema = with_table(small, tmp_path, "name,kind,aliases\ncoco,dataset,OurCoco|MS COCO\n")
    (thing,) = schema.find("ourcoco")
    assert (thing.name, thing.aliases, thing.added) == ("COCO", ("MS COCO", "OurCoco"), ("OurCoco",))
    assert thing.facts == {"use": "both", "source": "kg"}
    assert len(schema.things) == len(small.things)


def test_a_name_may_be_shared_by_two_kinds_or_be_ambiguous(small: Schema, tmp_path: Path) -> None:
    text = "name,kind,aliases,ambiguous\nBLIP-2,dataset,,\nKestrel,dataset,mmlu,mmlu\n"
    schema = with_table(small, tmp_path, text)
    assert {thing.kind for thing in schema.find("blip 2")} == {"dataset", "model"}
    assert [thing.name for thing in schema.find("MMLU")] == ["Kestrel", "MMLU"]


def test_the_same_row_twice_counts_once(small: Schema, tmp_path: Path) -> None:
    once = with_table(small, tmp_path, "name,kind\nKestrel Web,dataset\n")
    assert with_table(once, tmp_path, "kind,name\ndataset,Kestrel Web\n", "again.csv").things == once.things


def test_what_the_extractor_reads_follows(tmp_path: Path) -> None:
    text = "Kestrel-7B was pretrained on Qzxweb and evaluated on Zqbench."
    (tmp_path / "names.csv").write_text("name,kind,use\nQzxweb,dataset,training\nZqbench,dataset,evaluation\n", encoding="utf-8")
    claims = extract(read_text(text, "a.md"), load_schema(catalog=[tmp_path / "names.csv"])).claims
    assert {("trainingDataset", "Qzxweb"), ("evaluationDataset", "Zqbench")} <= {(item.relation, item.value) for item in claims}


def test_versions_follow_the_table(tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text("name,kind\nKestrel Web,dataset\n", encoding="utf-8")
    plain, first, config = load_schema(), load_schema(catalog=[table]), Config(catalog=(table,))
    before = versions(config)
    assert load_schema(catalog=[table]) is first
    assert pickle.loads(pickle.dumps(first)) is first  # noqa: S301
    assert first.version != plain.version
    assert before["ontology"] != versions(Config())["ontology"]
    table.write_text("name,kind\nKestrel Web 2,dataset\n", encoding="utf-8")
    assert load_schema(catalog=[table]).version != first.version
    assert versions(config)["ontology"] != before["ontology"]


# What is written ----------------------------------------------------------------------------------------------------------------


def test_rows_are_written_in_order() -> None:
    found = rows("names.csv", b"name,use,kind,aliases\nb,,dataset,\nA,both,dataset,x|y\nB,,model,\n", COLUMNS)
    assert written(found) == "kind,name,aliases,use\ndataset,A,x|y,both\ndataset,b,,\nmodel,B,,\n"


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="|\0")).map(lambda text: " ".join(text.split()))
NAMES = CELLS.filter(lambda name: bool(name_key(name)))


@given(st.lists(st.tuples(NAMES, NAMES, st.sampled_from(["", "both"])), max_size=5, unique_by=lambda row: row[0]))
def test_what_is_written_reads_back(found: list[tuple[str, str, str]]) -> None:
    text = "".join(f"{name} | {alias}\n" for name, alias, _ in found if not name.startswith("#"))
    first = rows("list.txt", text.encode(), COLUMNS, "dataset")
    again = rows("names.csv", written(first).encode(), COLUMNS)
    assert sorted(row.key() for row in again) == sorted(row.key() for row in first)
    assert written(again) == written(first)
