"""`kg build --engine spark` and `kg load` as a user runs them: on two cores, and on a cluster that loses a worker."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.command import environment, kg, start
from tests.lacking import lacking
from tests.spark.cluster import STARTED, cluster, flags, needed, telling
from tests.spark.corpus import write_corpus

FILES = (
    "graph.nq graph.ttl graph.jsonld claims.jsonl suggestions.jsonl undecided.jsonl derived.jsonl undetermined.jsonl "
    "coverage.jsonl findings.json findings.index findings.sarif findings.ttl manifest.json"
).split()

REPORTS = ("reports", "reports/.hidden.txt")

OVERWRITING = "spark.sql.sources.partitionOverwriteMode=dynamic"
DYNAMIC = ("--engine", "spark", "--master", "local[2]", *flags(), "--conf", OVERWRITING, "--json")
"""As where a user's settings keep partitions that nothing is written to."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed()
    folder = tmp_path_factory.mktemp("spark")
    write_corpus(folder / "reports")
    assert kg("build", *REPORTS, "-o", "local", cwd=folder).returncode == 3
    model = ("-b", "local", "--model", "Kestrel-3B", "--relation", "software")
    words = ("--value", "PyTorch", "--quote", "Kestrel-3B was trained on 24 NVIDIA A100 GPUs", "--mention", "Kestrel-3B")
    found = kg("review", "add", ".hidden.txt", *model, *words, cwd=folder)
    assert found.returncode == 0, found.stderr
    return folder


@pytest.fixture(scope="module")
def parts(folder: Path) -> Path:
    """Return parts that a session on two cores made, in a folder with decisions of people."""
    found = kg("build", "--engine", "spark", "--master", "local[2]", *flags(), "--json", *REPORTS, "parts", cwd=folder)
    assert found.returncode == 3, found.stderr
    assert found.stdout, found.stderr
    told, local = json.loads(found.stdout), local_manifest(folder)
    assert told["reports"] == len(local["inputs"])
    assert {item["path"] for item in told["failed"]} == {item["id"] for item in local["failed"]}
    assert told["severities"] == local["counts"]["severities"]
    assert told["findings"] == sum(told["severities"].values())
    assert "the decisions in kg-decisions.toml are not applied to parts: kg load applies them" in found.stderr
    assert "kg load parts" in found.stderr
    return folder / "parts"


@pytest.fixture(scope="module")
def told_of_cluster(folder: Path) -> tuple[str, str]:
    """Return what was said when two workers began to make parts in `clustered`, and the task in which one of them was killed."""
    with cluster(folder, workers=2) as found:
        # What begins with an underscore or a full stop is hidden from Spark, so it is named.
        paths = ("reports/_hidden from Spark.txt", "reports/.hidden.txt", (folder / "reports").as_uri(), "clustered")
        arguments = ("--master", found.url, *flags(), "--conf", "spark.log.level=WARN", *paths)
        told, lost, frozen = [], "", None
        with start("build", "--engine", "spark", *arguments, cwd=folder, environ=telling(folder / "conf")) as process:
            assert process.stderr
            for line in process.stderr:
                told.append(line)
                if line.startswith("writing what each report says"):
                    frozen = found.freeze_worker()  # a task that it is given now does not end
                elif frozen and (task := STARTED.search(line)) and task[2] == frozen:
                    found.kill_worker()
                    lost, frozen = task[1], None
    return "".join(told), lost


def local_manifest(folder: Path) -> Any:
    return json.loads((folder / "local/manifest.json").read_text())


def quads_in(parts: Path) -> list[bytes]:
    """Return the sorted lines of all partitions of quads."""
    found: list[bytes] = []
    for path in parts.glob("quads/*/*.nq.zst"):
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader:
            found += reader.read().splitlines()
    return sorted(found)


def claims_in(parts: Path) -> list[str]:
    """Return the sorted claims of all partitions, as lines."""
    from pyarrow import parquet  # type: ignore[import-untyped]  # it ships no types

    rows = [row for path in parts.glob("claims/*.parquet") for row in parquet.read_table(path).to_pylist()]
    for row in rows:
        for name in ("page", "pageStart"):  # of reports of pages alone
            if row[name] is None:
                del row[name]
    return sorted(map(json.dumps, rows))


def assert_as_local(parts: Path, folder: Path) -> None:
    assert quads_in(parts) == sorted((folder / "local/graph.nq").read_bytes().splitlines())
    with (folder / "local/claims.jsonl").open(encoding="utf-8") as file:
        assert claims_in(parts) == sorted(json.dumps(json.loads(line)) for line in file)


def test_claims_and_quads_are_those_of_a_local_build(folder: Path, parts: Path) -> None:
    assert_as_local(parts, folder)


def test_findings_are_those_of_a_local_build(folder: Path, parts: Path) -> None:
    from pyarrow import parquet

    found = [row for path in parts.glob("findings/*.parquet") for row in parquet.read_table(path).to_pylist()]
    local = json.loads((folder / "local/findings.json").read_text())
    assert {"KG400", "KG408"} <= {row["code"] for row in found}
    assert sorted(map(_told, found)) == sorted(map(_told, local))


def _told(finding: Mapping[str, Any]) -> str:
    """Return what a finding tells; half a surrogate pair is written out, as Parquet needs it."""
    names = ("code", "severity", "message", "report", "subject", "relation")
    told = [*(finding[name] or "" for name in names), *finding["notes"], *(label["text"] for label in finding["labels"])]
    return "\n".join(told).encode("utf-8", "backslashreplace").decode()


def test_a_build_of_parts_is_the_local_build_with_what_people_decided(folder: Path, parts: Path) -> None:
    found = kg("load", parts, "-o", "loaded", cwd=folder)
    assert "built loaded" in found.stderr, found.stderr
    assert "decisions of kg-decisions.toml: 1 applied" in found.stderr
    assert kg("build", *REPORTS, "-o", "decided", cwd=folder).returncode == 3
    for name in FILES:
        assert (folder / "loaded" / name).read_bytes() == (folder / "decided" / name).read_bytes(), name


def test_partitions_can_be_loaded_by_any_store(parts: Path) -> None:
    import pyoxigraph as ox

    if not shutil.which("zstd"):
        lacking("zstd is not installed: apt-get install zstd")
    store = ox.Store()
    for path in sorted(parts.glob("quads/*/*.nq.zst")):
        lines = subprocess.run(["zstd", "-dcq", str(path)], check=True, capture_output=True).stdout
        store.bulk_load(input=lines, format=ox.RdfFormat.N_QUADS)
    assert len(store) == len(quads_in(parts)) > 0


def test_parts_that_are_not_complete_are_not_loaded(folder: Path, parts: Path) -> None:
    shutil.copytree(parts / "records", folder / "half" / "records")
    found = kg("load", "half", cwd=folder)
    assert found.returncode == 2
    assert "they were not finished" in found.stderr


@pytest.mark.parametrize(
    ("of", "name", "said"),
    [("versions", "ontology", "ontology differs"), ("libraries", "rdflib", "rdflib another, and here it is")],
)
def test_parts_of_another_version_are_not_loaded(folder: Path, parts: Path, of: str, name: str, said: str) -> None:
    told = json.loads((parts / "parts.json").read_text())
    told[of][name] = "another"
    (folder / f"old-{of}").mkdir()
    (folder / f"old-{of}/parts.json").write_text(json.dumps(told))
    found = kg("load", f"old-{of}", cwd=folder)
    assert found.returncode == 3
    assert f"the parts are of another version: {said}" in found.stderr


def test_two_folders_of_parts_with_a_file_of_one_name_are_not_loaded(folder: Path, parts: Path) -> None:
    for name in ("one", "other"):
        (folder / name).mkdir()
        shutil.copy(parts / "parts.json", folder / name)
    found = kg("load", "one", "other", "-o", "both", cwd=folder)
    assert found.returncode == 3
    assert "two folders of parts have a file called .hidden.txt" in found.stderr
    assert "make the parts of both from the folder above them" in found.stderr
    assert not (folder / "both").exists()


@pytest.fixture(scope="module")
def without_models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Return a folder with parts of reports that tell of no model, one of them damaged, and how making them ended."""
    needed()
    folder = tmp_path_factory.mktemp("plain")
    (folder / "reports").mkdir()
    (folder / "reports/letter.txt").write_text("We thank everybody who came.")
    (folder / "reports/lines.jsonl").write_text('{"text": "The weather was fine."}\nno JSON\n')
    return folder, kg("build", *DYNAMIC, "reports", "parts", cwd=folder)


def test_reports_need_not_tell_of_a_model(without_models: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, found = without_models
    assert found.returncode == 3
    assert found.stdout, found.stderr
    told = json.loads(found.stdout)
    assert (told["reports"], told["claims"]) == (2, 0)
    assert kg("build", "reports", "-o", "local", cwd=folder).returncode == 3
    assert [item["path"] for item in told["failed"]] == [item["id"] for item in local_manifest(folder)["failed"]]
    assert_as_local(folder / "parts", folder)
    assert all(path.stat().st_size for path in folder.glob("parts/quads/*/*.nq.zst"))  # zstd takes no empty file


def test_what_was_mended_is_told_no_more(without_models: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = without_models
    shutil.copytree(folder / "reports", folder / "mended")
    shutil.copytree(folder / "parts", folder / "again")
    (folder / "mended/lines.jsonl").write_text('{"text": "The weather was fine."}\n{"text": "It rained."}\n')
    found = kg("build", *DYNAMIC, "mended", "again", cwd=folder)
    assert found.returncode == 0, found.stderr
    told = json.loads(found.stdout)
    assert (told["reports"], told["failed"]) == (3, [])


def test_lines_may_be_blank_all_of_them(tmp_path: Path) -> None:
    needed()
    (tmp_path / "nothing.jsonl").write_bytes(b"\n\n")
    local = kg("build", "nothing.jsonl", cwd=tmp_path)
    found = kg("build", *DYNAMIC, "nothing.jsonl", "parts", cwd=tmp_path)
    assert found.returncode == local.returncode == 3
    for told in (local, found):
        assert "nothing.jsonl: the file holds no report" in told.stderr


def test_where_files_are_split_does_not_follow_from_the_cores(tmp_path: Path) -> None:
    needed()
    found = subprocess.run(
        [sys.executable, "-c", _SPLIT], env=environment(), cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert found.stdout.split() == ["200", "300", "7", "None"], found.stderr


_SPLIT = """
from kg.spark._session import session

parts = "spark.sql.files.minPartitionNum"
wanted = {"local[2]": {}, "local[300]": {}, "local[3]": {parts: "7"}, "local[4]": {"spark.sql.leafNodeDefaultParallelism": "5"}}
for master, settings in wanted.items():
    with session(master, settings) as spark:
        print(spark.conf.get(parts, None))
"""


def test_a_task_is_lost_with_its_worker(told_of_cluster: tuple[str, str]) -> None:
    told, task = told_of_cluster
    assert task, told
    assert f"{task} failed because while it was being computed, its executor exited" in told


def test_a_cluster_that_loses_a_worker_makes_the_same(folder: Path, told_of_cluster: tuple[str, str]) -> None:
    assert (folder / "clustered/parts.json").exists(), told_of_cluster[0]
    assert_as_local(folder / "clustered", folder)


def test_what_is_hidden_at_an_address_is_told(folder: Path, told_of_cluster: tuple[str, str]) -> None:
    skipped = json.loads((folder / "clustered/parts.json").read_text())["skipped"]
    hidden = {Path(item["path"]).name for item in skipped if item["reason"] == "hidden"}
    assert hidden == {"_hidden from Spark.txt", ".hidden.txt"}, told_of_cluster[0]
