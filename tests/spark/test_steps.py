"""The work of the tasks, without a cluster: what Spark does between them (sorting, joining) is done here by hand."""

from __future__ import annotations

import marshal
import pickle
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from kg.config import Config
from kg.errors import UsageError
from kg.ingest import is_container, walk
from kg.model import Finding, Label, Skipped
from kg.records import Record, findings_packed, unpack
from kg.schema import Schema
from kg.spark import _numbering as numbering
from kg.spark._batches import Row, groups, packed, text
from kg.spark._context import Context, context
from kg.spark._models import follow, of_all, reports_about
from kg.spark._names import count, names_in, together, used
from kg.spark._parquet import Table, as_a_whole
from kg.spark._quads import frame_of, frames
from kg.spark._reading import Read, read_lines, read_rows, read_whole
from kg.spark._reports import claim_rows, fact_rows, finding_rows, report, rows_besides
from kg.spark._sources import LARGEST, Source, is_address
from kg.spark._whole import describe, summarise
from kg.steps.read import Met, read_inputs
from kg.steps.shelf import Shelf
from tests.spark.corpus import write_corpus

BLOCK = 600  # bytes after which another task goes on


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("spark") / "reports")


@pytest.fixture(scope="module")
def given() -> Context:
    return context(Config())


@pytest.fixture(scope="module")
def local(corpus: Path, schema: Schema, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Record], Met]:
    """Return the records that a local build reads."""
    shelf = Shelf(tmp_path_factory.mktemp("shelf") / "records.sqlite")
    shelf.begin(b"")
    inputs, _ = walk([corpus])
    met = read_inputs(inputs, {}, shelf, schema, 1, lambda what, done, of: None)
    found = {id: shelf.read(id) for id in shelf.ids()}
    shelf.close()
    return found, met


def ways_of_tables(id: str) -> str:
    """Return how a file is read that is none of lines: tables that Spark cannot read are read as a whole."""
    return "rows" if id == "table.parquet" else "whole"


def sources(corpus: Path) -> list[Source]:
    inputs, _ = walk([corpus])
    ways = {".jsonl": "lines", ".ndjson": "lines"}
    return [
        Source(input.id, input.display, str(input.path), input.id, ways.get(input.path.suffix, ways_of_tables(input.id)), 0)  # type: ignore[arg-type]
        for input in inputs
    ]


def lines_of(source: Source) -> list[Row]:
    """Return file, block and line as Spark reads them: a line belongs to the block it begins in."""
    rows, at = [], 0
    data = Path(source.path).read_bytes()
    for line in data.removesuffix(b"\n").split(b"\n"):
        rows.append((source.uri, at - at % BLOCK, line.removeprefix(b"\xef\xbb\xbf") if at == 0 else line))
        at += len(line) + 1
    return rows


@pytest.fixture(scope="module")
def read(corpus: Path, given: Context) -> tuple[list[Row], numbering.Numbering]:
    """Return the rows that all tasks of the first step make, and what the survey before it found."""
    from pyarrow import parquet  # type: ignore[import-untyped]  # it ships no types

    every = sources(corpus)
    files = {source.uri: source for source in every if source.way != "whole"}
    lines = [row for source in every if source.way == "lines" for row in lines_of(source)]
    names = ("Text", "id")
    table = parquet.read_table(corpus / "table.parquet").to_pylist()
    rows = [("table.parquet", at, *(row[name] for name in names)) for at, row in enumerate(table, 1)]
    survey = [*numbering.survey_lines(iter(lines), files), *numbering.survey_rows(iter(rows), names)]
    known = numbering.numbering_of([row for row in survey if row[3] is None], files, lambda before: _twice(survey, before))
    whole = [(source.path, Path(source.path).read_bytes()) for source in every if source.way == "whole"]
    found = [
        *read_lines(iter(lines), files, known, given),
        *read_rows(iter(rows), names, files, known, given),
        *read_whole(iter(whole), {source.path: source for source in every}, given),
    ]
    return found, known


def _twice(survey: list[Row], before: Mapping[numbering.Block, int]) -> Iterator[Row]:
    keys = numbering.numbered((row for row in survey if row[3] is not None), before)
    return numbering.named_twice(iter(sorted(keys)))


def test_records_are_those_of_a_local_build(
    read: tuple[list[Row], numbering.Numbering], local: tuple[dict[str, Record], Met]
) -> None:
    rows, _ = read
    records, _ = local
    found = {text(row[0]): unpack(row[7]) for row in rows if row[1] == "report"}
    assert found == {id: replace(record, document=replace(record.document, path=id)) for id, record in records.items()}
    assert {"lines [1].jsonl/one@4", "lines [1].jsonl/one@8", "lines [1].jsonl/7@7", "table.parquet/p@3"} <= set(found)


def test_what_cannot_be_read_is_told_as_by_a_local_build(
    read: tuple[list[Row], numbering.Numbering], local: tuple[dict[str, Record], Met]
) -> None:
    rows, known = read
    told = [Skipped(*marshal.loads(row[7])) for row in rows if row[1] in {"failed", "broken"}]  # noqa: S302
    assert sorted([*told, *known.failed.values()], key=lambda item: item.path) == local[1].failures


def test_files_of_many_count_their_reports(
    corpus: Path, read: tuple[list[Row], numbering.Numbering], local: tuple[dict[str, Record], Met]
) -> None:
    counts = {source.id: 0 for source in sources(corpus) if is_container(source.input)}
    for row in read[0]:
        if row[1] in {"report", "broken"} and row[2]:
            counts[text(row[2])] += 1
    assert counts == local[1].files


@pytest.fixture(scope="module")
def named(read: tuple[list[Row], numbering.Numbering], given: Context) -> list[Row]:
    """Return id, packed record and packed names of every report, in order."""
    from collections import Counter

    from kg.resolve import names_counted

    records = {row[0]: row for row in read[0] if row[1] == "report"}
    counts: Counter[tuple[str, str]] = Counter()
    for kind, name, number in count((row[6],) for row in records.values()):
        counts[kind, text(name)] += number
    names = names_counted(counts, given.schema)
    own = names.own()
    uses = []
    for id, kind, name in used((row[0], row[6]) for row in records.values()):
        iri = names.iris[kind, text(name)]
        label = names.labels.get(iri or "")
        uses.append((id, kind, name, iri and packed(iri), label and packed(label), iri in own))
    meant: dict[bytes, bytes] = dict(together(iter(sorted(uses, key=lambda row: row[:3]))))
    return [(id, records[id][7], meant.get(id)) for id in sorted(records)]


@pytest.fixture(scope="module")
def followed(named: list[Row], given: Context) -> list[Row]:
    """Return what follows for all models."""
    rows = list(reports_about(iter(named), given))
    said = defaultdict(list)
    for model, turn, *rest in rows:
        if turn == 0:
            said[model].append(rest)
    edges = {(row[0], row[3]) for row in rows if row[1] == 2}
    others = [(model, 0, *rest) for model, other in edges for rest in said[other]]
    return list(follow(iter(sorted([*(row for row in rows if row[1] == 1), *others], key=lambda row: row[:3])), given))


@pytest.fixture(scope="module")
def reported(named: list[Row], followed: list[Row], given: Context) -> list[Row]:
    told = [(key, 1 if kind == "told" else 2, data, None) for kind, key, data in followed if kind in {"told", "computed"}]
    rows = sorted([*((id, 0, data, meant) for id, data, meant in named), *told], key=lambda row: row[:3])
    return list(report(iter(rows), given))


def test_claims_and_findings_are_rows_of_tables(reported: list[Row]) -> None:
    claims = list(claim_rows((data,) for kind, _, data in reported if kind == "claims"))
    models = {row[1] for row in claims if row[0] == "lines [1].jsonl/one"}
    assert "Kestrel-3B" in models
    findings = list(finding_rows((data,) for kind, _, data in reported if kind == "findings"))
    assert all(row[0].startswith("KG") for row in findings)
    assert {len(row) for row in findings} == {8}


def test_what_follows_for_models_stands_under_reports(named: list[Row], followed: list[Row], reported: list[Row]) -> None:
    reports = {id for id, *_ in named}
    assert {key for kind, key, _ in followed if kind in {"told", "computed"}} <= reports
    assert {key for kind, key, _ in reported if kind == "findings"} <= reports
    assert {kind for kind, *_ in reported} <= {"graph", "facts", "claims", "suggestions", "findings", "checked", "missed"}


def test_findings_about_files_are_rows_of_tables(
    read: tuple[list[Row], numbering.Numbering], local: tuple[dict[str, Record], Met]
) -> None:
    failed = [*local[1].failures, Skipped("notes.doc", "files of this kind are not read")]
    rows = list(rows_besides(failed, (row[7] for row in read[0] if row[1] == "finding")))
    assert {len(row) for row in rows} == {8}
    assert [row[3] for row in rows if row[0] == "KG400"] == [item.path for item in local[1].failures]
    assert [row[:3] for row in rows if row[0] != "KG400"] == [("KG408", "info", "1 of 3 files of the archive are not read")]


def test_labels_of_findings_about_files_are_kept() -> None:
    finding = Finding("KG451", "info", "half \ud800", (Label("r", 1, 2, "here"),), ("note",), "r")
    (row,) = rows_besides((), [findings_packed([finding])])
    labels = [{"report": "r", "start": 1, "end": 2, "text": "here"}]
    assert row == ("KG451", "info", r"half \ud800", "r", None, None, ["note"], labels)


def test_graphs_are_one_frame_for_some_reports(reported: list[Row]) -> None:
    lines = b"".join(zstandard.decompress(data) for kind, _, data in reported if kind == "graph").splitlines()
    assert len(lines) == len(set(lines)) > 300
    assert all(line.endswith(b"> .") for line in lines)


def test_what_follows_from_all_models_is_put_together(followed: list[Row], given: Context) -> None:
    linking = [data for kind, _, data in followed if kind == "linking"]
    assert all(len(pickle.loads(data)) == 2 for data in linking)  # noqa: S301
    assert {fact.relation for fact in of_all(linking, given)} <= {"cumulativeCompute"}


def test_graphs_of_the_whole_are_made_of_sorted_facts(reported: list[Row], given: Context) -> None:
    facts = sorted(set(fact_rows((data,) for kind, _, data in reported if kind == "facts")))
    described = list(describe(iter(facts), given.schema.base))
    assert any(b"void#triples" in triple for (triple,) in described)
    assert {name for name, _ in summarise(iter(facts), given.schema.base)} == {"summary", "search"}


@pytest.mark.parametrize(("graph", "end"), [("", b" .\n"), ("https://x.org/g", b" <https://x.org/g> .\n")])
def test_lines_become_frames(graph: str, end: bytes) -> None:
    found = list(frames(iter([(b"<a> <b> <c>",), (b"<d> <e> <f>",)]), graph))
    assert [zstandard.decompress(frame) for (frame,) in found] == [b"<a> <b> <c>" + end + b"<d> <e> <f>" + end]


def test_no_line_is_no_frame() -> None:
    assert list(frames(iter([]), "")) == []
    assert zstandard.decompress(frame_of(b"")) == b""


def test_many_lines_are_several_frames() -> None:
    rows = [(b"<a> <b> " + b"c" * 1000_000,)] * 9
    found = [zstandard.decompress(frame) for (frame,) in frames(iter(rows), "")]
    assert [part.count(b"\n") for part in found] == [5, 4]


def test_names_may_hold_half_a_surrogate_pair() -> None:
    known = marshal.dumps([("model", packed("M\ud800"), packed("https://x.org/m"), packed("M\ud800"), True)], 2)
    names, own = names_in([known, None], "https://x.org/")
    assert names.thing("model", "M\ud800") == "https://x.org/m"
    assert own == {"https://x.org/m"}


def test_rows_with_one_beginning_stand_together() -> None:
    rows = iter([(1, "a"), (1, "b"), (2, "c")])
    assert [(key, list(own)) for key, own in groups(rows)] == [((1,), [(1, "a"), (1, "b")]), ((2,), [(2, "c")])]


@pytest.mark.parametrize(
    ("path", "address"), [("hdfs://node/a", True), ("s3a://b/c", True), ("file:/a", True), ("a/b.jsonl", False), ("/a:b/c", False)]
)
def test_addresses_are_told_from_paths(path: str, address: bool) -> None:
    assert is_address(path) is address


def test_a_language_model_is_not_asked_by_a_cluster() -> None:
    with pytest.raises(UsageError, match="the rules alone, not with 'llm'"):
        context(Config(extractor="llm"))


def test_a_file_that_no_task_has_seen_is_told(corpus: Path, read: tuple[list[Row], numbering.Numbering]) -> None:
    whole = [source for source in sources(corpus) if source.way == "whole"]
    seen = {text(row[0]) for row in read[0] if row[1] == "seen"}
    assert Read(None, (), whole).lost(seen) == []  # type: ignore[arg-type]
    told = Read(None, (), whole).lost(seen - {"binary.txt"})  # type: ignore[arg-type]
    assert [(item.path, item.failed) for item in told] == [("binary.txt", True)]


def test_tables_that_lack_rows_are_told_apart() -> None:
    one, other = (Source(id, id, f"file:/{id}", f"file:/{id}", "rows", 10) for id in "ab")
    table = Table(("text",), "{}", {one: 3, other: 2})
    assert table.shorter({"file:/a": 3, "file:/b": 1}) == [other]
    assert table.shorter({"file:/b": 2}) == [one]
    assert table.without([one]).rows == {other: 2}


def test_tables_that_spark_cannot_read_are_read_as_a_whole_or_told() -> None:
    small, large = (Source(id, id, f"file:/{id}", f"file:/{id}", "rows", size) for id, size in (("a", 10), ("b", LARGEST + 1)))
    whole, told = as_a_whole([small, large])
    assert [(source.id, source.way) for source in whole] == [("a", "whole")]
    assert [(item.path, item.failed) for item in told] == [("b", True)]


def test_the_users_catalogue_travels_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "datasets.csv"
    path.write_text("name,kind\nOur Own Pile,dataset\n")
    given = context(Config(catalog=(path,)))
    path.unlink()
    assert given.schema.find("Our Own Pile")


def test_a_task_leaves_nothing_of_the_users_catalogue_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "tmp").mkdir()
    paths = (tmp_path / "names.csv", tmp_path / "one" / "names.csv")
    for path, name in zip(paths, ("First Own Pile", "Second Own Pile"), strict=True):
        path.write_text(f"name,kind\n{name},dataset\n")
    given = context(Config(catalog=paths))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    assert given.schema.find("First Own Pile")
    assert given.schema.find("Second Own Pile")
    assert list((tmp_path / "tmp").iterdir()) == []
