"""What `kg build --engine spark` and `kg load` refuse before anything is started."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from kg.codes import Selection
from kg.config import Config
from kg.errors import BuildError, ConfigError, UsageError
from kg.model import Finding, Label, Severity
from kg.parts import _severities, build_parts, check_spark
from kg.spark._folder import refuse_foreign
from kg.spark._load import stored
from kg.spark._session import _error, _told
from kg.spark._verdicts import unpacked, verdict
from kg.steps.reports import Said
from kg.validate.check import Result
from tests.command import kg


@pytest.mark.parametrize(
    ("wanted", "master", "settings", "told"),
    [
        (True, None, None, "needs the URL of a master"),
        (True, "", None, "needs the URL of a master"),
        (False, "local[2]", None, "are for --engine spark"),
        (False, None, ["a=b"], "are for --engine spark"),
    ],
)
def test_flags_of_spark_go_together(wanted: bool, master: str | None, settings: list[str] | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        check_spark(wanted, master, settings, {})


@pytest.mark.parametrize(("wanted", "master", "flag"), [(True, "local[2]", False), (True, "local[2]", None), (False, None, True)])
def test_flags_that_go_together_are_taken(wanted: bool, master: str | None, flag: bool | None) -> None:
    check_spark(wanted, master, None, {"--accept-shrink": flag})


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--accept-shrink"], "--accept-shrink is not for --engine spark\n  hint: give it to kg load"),
        (["-v"], "--verbose is not for --engine spark\n  hint: kg load makes a build"),
        (["-j", "0"], "--jobs is not for --engine spark\n  hint: say it in the master"),
        (["--fail-on", "worst"], "fail-on must be one of"),
        (["--select", "KG999999"], "KG999999"),
    ],
)
def test_flags_that_spark_cannot_obey_are_refused(tmp_path: Path, flags: list[str], told: str) -> None:
    found = kg("build", "--engine", "spark", "--master", "local[1]", *flags, "reports", "parts", cwd=tmp_path)
    assert found.returncode == 2
    assert told in found.stderr


@pytest.mark.parametrize(
    ("select", "ignore", "found"),
    [
        ((), (), {"violation": 2, "warning": 0, "info": 8}),
        (("KG3",), (), {"violation": 0, "warning": 0, "info": 8}),
        ((), ("KG302",), {"violation": 2, "warning": 0, "info": 5}),
    ],
)
def test_findings_that_are_wanted_count(select: tuple[str, ...], ignore: tuple[str, ...], found: dict[str, int]) -> None:
    counts: dict[tuple[str, Severity], int] = {("KG102", "violation"): 2, ("KG302", "info"): 3, ("KG309", "info"): 5}
    assert _severities(counts, Selection(select, ignore)) == found


def test_the_last_path_is_where_parts_go() -> None:
    with pytest.raises(UsageError, match="no folder for the parts"):
        build_parts(["reports"], None, Config(), "local[1]", (), False)


def test_a_setting_of_spark_has_a_value() -> None:
    with pytest.raises(UsageError, match=r"'spark\.executor\.memory' is no setting"):
        build_parts(["reports", "parts"], None, Config(), "local[1]", ["spark.executor.memory"], False)


def test_there_have_to_be_parts(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are no parts of a build"):
        stored([tmp_path], Config())


def test_damaged_parts_are_told(tmp_path: Path) -> None:
    (tmp_path / "parts.json").write_text("{")
    with pytest.raises(BuildError, match="the parts cannot be read"):
        stored([tmp_path], Config())


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("org.apache.spark.SparkException: Could not parse Master URL: 'x'", UsageError, "no Spark master answers"),
        (
            "An exception was thrown.\nTraceback\n  File\nkg.errors.BuildError: two engines\n\nJVM stacktrace:\nx",
            BuildError,
            "two engines",
        ),
        ("", BuildError, "no reason given"),
        ("Job aborted due to stage failure\nmore", BuildError, "Job aborted due to stage failure"),
    ],
)
def test_errors_of_spark_are_told_in_a_line(text: str, kind: type[Exception], told: str) -> None:
    found = _error(text, "spark://x:1")
    assert isinstance(found, kind)
    assert told in found.what
    assert "\n" not in found.what


@pytest.mark.parametrize("condition", ["PYTHON_VERSION_MISMATCH", "UNEXPECTED_RESPONSE_FROM_SERVER"])
def test_whatever_pyspark_raises_is_no_bug_of_kg(condition: str) -> None:
    from pyspark.errors import PySparkRuntimeError

    with pytest.raises(BuildError, match="Spark stopped: "), _told("spark://x:1"):
        raise PySparkRuntimeError(f"[{condition}] something went wrong", condition)


def test_java_that_does_not_start_is_told() -> None:
    from pyspark.errors import PySparkRuntimeError

    with pytest.raises(ConfigError, match="Spark needs Java"), _told("local[1]"):
        raise PySparkRuntimeError(errorClass="JAVA_GATEWAY_EXITED", messageParameters={})


_RESULT = Result("r", "<https://x.org/m>", "", '"half \ud800"', "<s>", "<c>", "violation", ("one", "two@en"), "<q>")
_FINDING = Finding("KG102", "violation", "wrong", (Label("r", 1, 2, "here"), Label("r", 3, 4)), ("note",), "r", None, "duration")


@pytest.mark.parametrize("said", [((), ()), ((_RESULT,), (_FINDING, Finding("KG101", "info", "odd")))])
def test_what_shacl_said_is_the_same_after_it_was_stored(said: Said) -> None:
    assert unpacked(verdict("0f", said)) == ("0f", said)


@pytest.mark.parametrize(
    "data", [pickle.dumps(("0f", ((), ()))), b"", b"{}", b"[1, [], [[]]]", b'["0f", [["r"]], []]', b'["0f", 1, []]', b"\xff"]
)
def test_what_shacl_never_said_is_not_run(data: bytes) -> None:
    with pytest.raises(BuildError, match="the parts are damaged"):
        unpacked(data)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BuildError, match="files stand here that are no parts of kg"):
        build_parts(["reports", str(tmp_path)], None, Config(), "local[1]", (), False)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["parts.json", "kg-parts.txt"])
def test_parts_may_be_made_again(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    refuse_foreign(str(tmp_path))
    refuse_foreign(str(tmp_path / "new"))
    refuse_foreign("hdfs://node/parts")
