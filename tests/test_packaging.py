"""What is installed: the wheel alone, from another folder; pinned versions; make, which installs once."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from kg.manifest import libraries
from tests.lacking import lacking

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==[A-Za-z0-9.!+]+")
REPORT = "InstructBLIP-13B was trained on 64 NVIDIA A100 GPUs with AdamW.\n"


def clean_environment() -> dict[str, str]:
    """Return the environment without what would let a child process see this repository or measure it."""
    hidden = ("PYTHONPATH", "COV_", "COVERAGE_", "KG_")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env=clean_environment(), capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def bin_of_wheel(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that holds the wheel alone; what kg depends on is lent by the environment of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    venv = folder / "venv"
    made = run(sys.executable, "-m", "venv", venv, cwd=folder)
    assert made.returncode == 0, made.stderr
    installed = run(venv / "bin/python", "-m", "pip", "install", "--no-index", "--no-deps", "-q", wheel, cwd=folder)
    assert installed.returncode == 0, installed.stderr
    # A path file inside a folder that a path file names is not read: an editable kg of the tests' environment stays invisible.
    (site_packages,) = venv.glob("lib/python*/site-packages")
    (site_packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return venv / "bin"


def test_the_wheel_holds_all_that_kg_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {f"kg/_data/{file.relative_to(ROOT)}" for folder in ("ontology", "shapes") for file in (ROOT / folder).rglob("*.*")}
    packed = (file for file in (ROOT / "kg").rglob("*") if not {"__pycache__", "node_modules"}.intersection(file.parts))
    package = {str(file.relative_to(ROOT)) for file in packed if file.is_file() and not file.is_relative_to(ROOT / "kg/pages/web")}
    assert {"kg/_data/ontology/kg.ttl", "kg/_data/shapes/core.ttl", "kg/_data/shapes/rules.ttl"} <= data
    assert {"kg/py.typed", "kg/queries/models.rq", "kg/cli.py"} <= package
    assert data | package <= names
    assert {name.split("/")[0] for name in names - data - package} == {f"{wheel.name.split('-py3')[0]}.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_holds_the_bundle_of_the_pages(wheel: Path) -> None:
    manifest = ROOT / "kg/pages/built/manifest.json"
    if not manifest.is_file():
        lacking("the bundle of the pages is not built (make pages)")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"kg/pages/built/{file}" for file in json.loads(manifest.read_bytes()).values()} <= names
    assert "kg/pages/built/licenses.txt" in names


def test_the_lock_file_of_the_bundle_names_no_registry() -> None:
    lock = json.loads((ROOT / "kg/pages/web/package-lock.json").read_bytes())
    assert lock["packages"]
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
    declared = json.loads((ROOT / "kg/pages/web/package.json").read_bytes())
    assert lock["packages"][""]["dependencies"] == declared["dependencies"]
    direct = {**declared["dependencies"], **declared["devDependencies"]}
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in direct} == direct


def test_the_wheel_works_alone_from_any_folder(bin_of_wheel: Path, tmp_path: Path) -> None:
    place = run(bin_of_wheel / "python", "-c", "import kg; print(kg.__file__)", cwd=tmp_path)
    assert Path(place.stdout.strip()).is_relative_to(bin_of_wheel.parent), place.stderr
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "one.txt").write_text(REPORT, encoding="utf-8")
    built = run(bin_of_wheel / "kg", "build", reports, cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "kg-out/graph.ttl").is_file()
    asked = run(bin_of_wheel / "kg", "query", "models", cwd=tmp_path)
    assert asked.returncode == 0, asked.stderr
    assert "InstructBLIP-13B" in asked.stdout
    ontology = Path(place.stdout.strip()).parent / "_data/ontology/kg.ttl"
    for unchanged in (True, False):
        again = run(bin_of_wheel / "kg", "build", reports, cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        assert ("unchanged" in again.stderr + again.stdout) is unchanged
        ontology.write_bytes(ontology.read_bytes() + b"# more\n")


def requirements(*extras: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]


def required(requirement: str) -> str:
    return folded(re.split(r"[<>=!~;\[ ]", requirement)[0])


def folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["constraints.txt", "tests/export/profiles/validator/requirements.txt"])
def test_constraints_are_versions_only(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("requirement", requirements("parquet", "test"))
def test_what_is_required_is_pinned(requirement: str) -> None:
    pinned = {folded(line.split("==")[0]) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    assert required(requirement) in pinned


def test_libraries_whose_version_a_build_writes_down_are_its_own() -> None:
    used = {name: version for name, version in libraries().items() if name != "Python"}
    assert {*map(folded, used)} <= {*map(required, requirements("parquet", "rudof"))}
    assert None not in used.values(), used


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files that make looks at, as if kg had just been installed beside them."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
        os.utime(tmp_path / name, (1, 1))
    (tmp_path / ".venv").mkdir()
    for stamp in (".kg", ".kg-test"):
        (tmp_path / ".venv" / stamp).touch()
    needed, made = tmp_path / "tests/export/profiles/validator/requirements.txt", tmp_path / "build/validators/.installed"
    for path in (needed, made):
        path.parent.mkdir(parents=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize("target", ["demo", "test", "lint"])
def test_make_installs_once(project: Path, target: str) -> None:
    assert "pip install" not in run("make", "-n", target, cwd=project).stdout


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
@pytest.mark.parametrize("target", ["demo", "test", "lint"])
def test_make_installs_again_what_changed(project: Path, target: str, changed: str) -> None:
    for stamp in (".kg", ".kg-test"):
        os.utime(project / ".venv" / stamp, (2, 2))
    os.utime(project / changed, (3, 3))
    assert "pip install" in run("make", "-n", target, cwd=project).stdout


@pytest.mark.parametrize("target", ["pages", "clients"])
def test_make_names_the_npm_it_needs(project: Path, target: str) -> None:
    for name in ("kg/pages/web", "tests/serve/clients"):
        (project / name).mkdir(parents=True)
        for file in ("package.json", "package-lock.json"):
            (project / name / file).touch()
    make = shutil.which("make")
    assert make
    made = subprocess.run([make, target, "SHELL=/bin/sh"], cwd=project, env={"PATH": "/nowhere"}, capture_output=True, text=True)
    assert made.returncode == 2
    assert f"make {target} needs npm: on Debian and Ubuntu install nodejs and npm" in made.stderr


def test_make_names_the_node_it_needs(project: Path) -> None:
    (project / "kg/pages/web").mkdir(parents=True)
    for file in ("package.json", "package-lock.json"):
        (project / "kg/pages/web" / file).touch()
    for name in ("npm", "node"):
        (project / name).write_text('#!/bin/sh\n[ "$1" = --version ] && echo v18.0.0\nexit 1\n', encoding="utf-8")
        (project / name).chmod(0o755)
    environment = {"PATH": f"{project}{os.pathsep}{os.environ['PATH']}"}
    made = subprocess.run(["make", "pages"], cwd=project, env=environment, capture_output=True, text=True)
    assert made.returncode == 2
    assert "make pages needs Node 20.19 or newer, and this is v1" in made.stderr


@pytest.mark.parametrize("python", ["false", "no-such-python"])
def test_make_names_the_python_it_needs(project: Path, python: str) -> None:
    shutil.rmtree(project / ".venv")
    made = run("make", "demo", f"PYTHON={python}", cwd=project)
    assert made.returncode == 2
    assert f"kg needs Python 3.11 or newer, and '{python}' is not: install it, or name one: make demo PYTHON=" in made.stderr


def test_make_says_when_python_cannot_make_environments(project: Path) -> None:
    shutil.rmtree(project / ".venv")
    without = project / "python"
    without.write_text("#!/bin/sh\ncase $2 in *ensurepip*) exit 1;; esac\n", encoding="utf-8")
    without.chmod(0o755)
    made = run("make", "demo", f"PYTHON={without}", cwd=project)
    assert made.returncode == 2
    assert "apt-get install python3-venv" in made.stderr
