"""Where settings come from, which wins, and what a wrong one says."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.config import Config, load_config, settings_file
from kg.errors import ConfigError
from kg.schema import DEFAULT_BASE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory two levels below `tmp_path`, with nothing in it."""
    below = tmp_path / "project" / "below"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    return below


def test_defaults_need_no_file(folder: Path) -> None:
    assert load_config(environ={}) == Config()
    assert Config() == Config(DEFAULT_BASE, Path("kg-out"), 0, (), "violation", (), ())


ALL_SETTINGS = """
base-iri = "https://example.org/models/"
output = "built"
jobs = 3
exclude = ["drafts/", "*.log"]
fail-on = "warning"
shapes = ["own.ttl", "/etc/house.ttl"]
catalog = ["names.csv"]
"""


@pytest.mark.parametrize(("file", "head"), [("kg.toml", ""), ("pyproject.toml", "[project]\nname = 'other'\n[tool.kg]\n")])
def test_every_setting_from_a_file(folder: Path, file: str, head: str) -> None:
    (folder / file).write_text(head + ALL_SETTINGS, encoding="utf-8")
    assert load_config(environ={}) == Config(
        base_iri="https://example.org/models/",
        output=Path("built"),
        jobs=3,
        exclude=("drafts/", "*.log"),
        fail_on="warning",
        shapes=(Path("own.ttl"), Path("/etc/house.ttl")),
        catalog=(Path("names.csv"),),
    )


def test_every_setting_from_the_environment(folder: Path) -> None:
    environ = {
        "KG_BASE_IRI": "https://example.org/models#",
        "KG_OUTPUT": "/srv/kg",
        "KG_JOBS": "2",
        "KG_EXCLUDE": "drafts/, *.log",
        "KG_FAIL_ON": "info",
        "KG_SELECT": "KG1, LAB7",
        "KG_IGNORE": "KG103",
        "KG_ENGINE": "pyrudof",
        "KG_SHAPES": "a.ttl,b.ttl",
        "KG_CATALOG": "a.csv, b.csv",
    }
    shapes, catalog = (Path("a.ttl"), Path("b.ttl")), (Path("a.csv"), Path("b.csv"))
    assert load_config(environ=environ) == Config(
        base_iri="https://example.org/models#",
        output=Path("/srv/kg"),
        jobs=2,
        exclude=("drafts/", "*.log"),
        fail_on="info",
        select=("KG1", "LAB7"),
        ignore=("KG103",),
        engine="pyrudof",
        shapes=shapes,
        catalog=catalog,
    )


def test_the_environment_is_that_of_the_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_JOBS", "7")
    assert load_config().jobs == 7


def test_an_empty_variable_is_none(folder: Path) -> None:
    assert load_config(environ={"KG_JOBS": "", "KG_SHAPES": " ", "KG_SHARED": "/elsewhere"}) == Config()


def test_the_nearest_file_wins_whole(folder: Path) -> None:
    (folder.parent / "kg.toml").write_text("jobs = 5\nfail-on = 'info'", encoding="utf-8")
    assert load_config(environ={}) == Config(jobs=5, fail_on="info")
    (folder / "kg.toml").write_text("jobs = 6", encoding="utf-8")
    assert load_config(environ={}) == Config(jobs=6)


def test_the_file_that_holds_can_be_asked_for(folder: Path) -> None:
    assert settings_file() is None
    (folder.parent / "pyproject.toml").write_text("[tool.kg]\njobs = 1", encoding="utf-8")
    assert settings_file() == folder.parent / "pyproject.toml"
    (folder.parent / "kg.toml").write_text("", encoding="utf-8")
    assert settings_file(folder) == folder.parent / "kg.toml"


def test_kg_toml_goes_before_pyproject(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.kg]\njobs = 1", encoding="utf-8")
    (folder / "kg.toml").write_text("jobs = 2", encoding="utf-8")
    assert load_config(environ={}).jobs == 2


def test_pyproject_without_a_table_is_passed_by(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.other]\njobs = 1", encoding="utf-8")
    (folder.parent / "pyproject.toml").write_text("[tool.kg]\njobs = 2", encoding="utf-8")
    assert load_config(environ={}).jobs == 2


def test_paths_in_a_file_are_relative_to_it(folder: Path) -> None:
    (folder.parent / "kg.toml").write_text("output = 'built'\nshapes = ['own.ttl']", encoding="utf-8")
    config = load_config(environ={})
    assert config.output == Path("../built")
    assert config.shapes == (Path("../own.ttl"),)


def test_start_is_where_the_search_begins(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "kg.toml").write_text("jobs = 4", encoding="utf-8")
    assert load_config(other, {}).jobs == 4
    assert load_config(folder, {}).jobs == 0


def test_a_variable_goes_above_the_file_and_a_flag_above_both(folder: Path) -> None:
    (folder / "kg.toml").write_text("jobs = 1\noutput = 'file'\nfail-on = 'info'", encoding="utf-8")
    config = load_config(environ={"KG_JOBS": "2", "KG_OUTPUT": "variable"})
    assert (config.jobs, config.output, config.fail_on) == (2, Path("variable"), "info")
    config = config.with_flags(jobs=3, output=None, exclude=[], shapes=[Path("flag.ttl")])
    assert (config.jobs, config.output, config.exclude, config.shapes) == (3, Path("variable"), (), (Path("flag.ttl"),))


def test_underscores_are_read_as_hyphens(folder: Path) -> None:
    (folder / "kg.toml").write_text("fail_on = 'info'", encoding="utf-8")
    assert load_config(environ={}).fail_on == "info"


BAD_FILES = [
    pytest.param("job = 1", r"kg\.toml: no setting is named 'job'\n  hint: did you mean jobs", id="near-name"),
    pytest.param(
        "zzz = 1",
        r"kg\.toml: no setting .*\n  hint: choose one of: base-iri, catalog, decisions, energy-overhead, engine, ",
        id="far-name",
    ),
    pytest.param("fail-on = 'info'\nfail_on = 'info'", r"kg\.toml: fail-on is set twice", id="twice"),
    pytest.param("jobs = 'many'", r"kg\.toml: jobs must be a whole number, 0 or more, not 'many'\n  hint: .*jobs = 4", id="jobs"),
    pytest.param("jobs = -1", r"jobs must be .*, not -1", id="negative"),
    pytest.param("jobs = true", r"jobs must be .*, not True", id="boolean"),
    pytest.param("jobs = 1.5", r"jobs must be .*, not 1\.5", id="fraction"),
    pytest.param("base-iri = 'example.org/'", r"base-iri must be an absolute IRI that ends in / or #", id="relative"),
    pytest.param("base-iri = 'https://example.org/kg'", r"base-iri must be .* ends in / or #", id="no-slash"),
    pytest.param("base-iri = 'https://example.org/a b/'", r"base-iri must be", id="space"),
    pytest.param("base-iri = 3", r"base-iri must be .*, not 3", id="iri-number"),
    pytest.param("output = ''", r"output must be the path of a folder, not ''", id="no-output"),
    pytest.param("output = ['a']", r"output must be the path of a folder", id="list"),
    pytest.param("exclude = '*.log'", r"exclude must be a list of patterns, not '\*\.log'\n  hint: .*exclude = \[", id="exclude"),
    pytest.param("exclude = [1]", r"exclude must be a list of patterns", id="exclude-number"),
    pytest.param("shapes = 'own.ttl'", r"shapes must be a list of paths", id="shapes"),
    pytest.param("shapes = [1]", r"shapes must be a list of paths", id="shapes-number"),
    pytest.param(
        "catalog = 'names.csv'", r"catalog must be a list of paths, not 'names\.csv'\n  hint: .*catalog = \[", id="catalog"
    ),
    pytest.param("fail-on = 'error'", r"fail-on must be one of violation, warning, info, not 'error'", id="fail-on"),
    pytest.param("fail-on = 1", r"fail-on must be one of", id="fail-on-number"),
    pytest.param("jobs = 1\noutput =\n", r"kg\.toml:2: this is not TOML: ", id="syntax"),
    pytest.param("jobs = 1\njobs = 2\n", r"kg\.toml:2: this is not TOML: Cannot overwrite a value", id="duplicate"),
    pytest.param("exclude = [1,", r"kg\.toml:1: this is not TOML: .*end of document", id="end"),
]


@pytest.mark.parametrize(("text", "message"), BAD_FILES)
def test_a_wrong_file_is_named_with_the_remedy(folder: Path, text: str, message: str) -> None:
    (folder / "kg.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(environ={})
    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_a_table_that_is_none(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool]\nkg = 'yes'", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"pyproject\.toml: tool\.kg must be a table, not 'yes'"):
        load_config(environ={})


def test_a_file_that_is_no_text(folder: Path) -> None:
    (folder / "kg.toml").write_bytes(b"output = '\xff'")
    with pytest.raises(ConfigError, match=r"kg\.toml: the file is not UTF-8"):
        load_config(environ={})


def test_a_folder_in_the_place_of_the_file(folder: Path) -> None:
    (folder / "kg.toml").mkdir()
    with pytest.raises(ConfigError, match=r"kg\.toml: the settings cannot be read: Is a directory"):
        load_config(environ={})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("KG_JOBS", "many", r"KG_JOBS: jobs must be a whole number, 0 or more, not 'many'"),
        ("KG_JOBS", "-2", r"KG_JOBS: jobs must be .*, not '-2'"),
        ("KG_FAIL_ON", "never", r"KG_FAIL_ON: fail-on must be one of"),
        ("KG_BASE_IRI", "kg", r"KG_BASE_IRI: base-iri must be"),
    ],
)
def test_a_wrong_variable_is_named(folder: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(environ={name: value})


def test_a_wrong_flag_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"--fail-on: fail-on must be one of violation, warning, info, not 'all'"):
        Config().with_flags(fail_on="all")
    with pytest.raises(ConfigError, match=r"--base-iri: base-iri must be"):
        Config().with_flags(base_iri="models")
