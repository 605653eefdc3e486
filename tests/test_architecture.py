"""The shape of the code, read from its source: arrows go one way, every file is used, sizes stay readable."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KG = ROOT / "kg"

NOUNS = frozenset(
    "chain codes config decisions errors findings guard interval iris manifest model names places processes records remote runs "
    "schema sorting sparql stored tables terminal terms turtle user_names values".split()
)
STAGES = frozenset(
    "catalog contradict coverage derive eval export extract gaps graph ingest mcp push query render resolve review similar stats "
    "store validate why wire".split()
)
# What puts stages together: the flow and its two halves, the command line and what it says, the generator.
TOPS = frozenset(
    "__init__ __main__ building checks cli commands console decided desk diff fit generate lookups options outcome pages pieces "
    "parts pipeline publish results serve spark steps tasks upstream watch".split()
)

# Packages that cost 0.1 s or more to import: only inside functions, or in a file that is itself imported inside a function.
HEAVY = frozenset(
    "duckdb httpx jinja2 numpy pyarrow pyld pypdfium2 pyrudof pyshacl rdflib sklearn spacy uvicorn watchfiles".split()
)
SHACL_AND_GRAPH_API = frozenset({"pyrudof", "pyshacl", "rdflib"})
CHANCE = frozenset({"random", "secrets", "uuid"})
LAST_BORDER = ("kg/cli.py", "error")  # where a bug in kg becomes a message and exit code 70
VAGUE = ("engine", "handler", "helper", "manager", "misc", "util")


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement: the dotted name, its line, and whether it runs when the module is imported."""

    name: str
    line: int
    at_top: bool


def modules() -> list[Path]:
    return sorted(KG.rglob("*.py"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(name: str) -> str:
    """Return which file or folder directly under kg/ a dotted name belongs to."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def exists(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def imports_in(source: str, package: str) -> Iterator[Import]:
    """Yield what a module imports; `package` is what relative imports start from."""

    def visit(node: ast.AST, at_top: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, at_top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield Import(full if base.split(".")[0] == "kg" and exists(full) else base, node.lineno, at_top)
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or is_type_checking(node)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, at_top and not inside)

    return visit(ast.parse(source), True)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imports_of(path: Path) -> list[Import]:
    name = dotted(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return list(imports_in(path.read_text(encoding="utf-8"), package))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def may_import(importer: str, imported: str) -> bool:
    """Decide whether an arrow between two parts of kg/ goes the right way."""
    if importer == imported or imported == "__init__":
        return True
    if importer in NOUNS | STAGES:
        return imported in NOUNS
    return imported not in {"__main__", "generate"} if importer in TOPS else False


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import kg.graph", [("kg.graph", True)]),
        ("from kg import values", [("kg.values", True)]),
        ("from kg.model import Claim", [("kg.model", True)]),
        ("from . import x", [("kg.ingest", True)]),
        ("from ..model import Claim", [("kg.model", True)]),
        ("def f():\n    import rdflib", [("rdflib", False)]),
        ("if TYPE_CHECKING:\n    import rdflib", [("rdflib", False)]),
        ("try:\n    import rdflib\nexcept ImportError:\n    pass", [("rdflib", True)]),
    ],
)
def test_imports_are_read(source: str, found: list[tuple[str, bool]]) -> None:
    assert [(item.name, item.at_top) for item in imports_in(source, "kg.ingest")] == found


@pytest.mark.parametrize(
    ("importer", "imported", "right"),
    [
        ("graph", "model", True),
        ("graph", "ingest", False),
        ("model", "store", False),
        ("ingest", "ingest", True),
        ("pipeline", "store", True),
        ("mcp", "pipeline", False),
        ("cli", "generate", False),
        ("newcomer", "model", False),
    ],
)
def test_arrows_are_judged(importer: str, imported: str, right: bool) -> None:
    assert may_import(importer, imported) is right


def test_every_part_is_a_noun_a_stage_or_a_top() -> None:
    assert {part_of(dotted(path)) for path in modules()} <= NOUNS | STAGES | TOPS


@pytest.mark.parametrize("path", modules(), ids=shown)
def test_arrows_go_one_way(path: Path) -> None:
    part = part_of(dotted(path))
    wrong = [item for item in imports_of(path) if item.name.split(".")[0] == "kg" and not may_import(part, part_of(item.name))]
    assert not wrong


def imported_at_top() -> set[str]:
    """Return the modules that another one imports when it is imported itself."""
    return {item.name for path in modules() for item in imports_of(path) if item.at_top}


AT_TOP = imported_at_top()


@pytest.mark.parametrize("path", [path for path in modules() if dotted(path) in AT_TOP], ids=shown)
def test_heavy_packages_are_imported_when_needed(path: Path) -> None:
    assert not [item for item in imports_of(path) if item.at_top and item.name.split(".")[0] in HEAVY]


def test_only_validate_uses_shacl_engines_and_the_graph_api() -> None:
    users = {
        part_of(dotted(path)) for path in modules() for item in imports_of(path) if item.name.split(".")[0] in SHACL_AND_GRAPH_API
    }
    assert users == {"validate"}


def test_nothing_is_left_to_chance() -> None:
    users = {shown(path) for path in modules() for item in imports_of(path) if item.name.split(".")[0] in CHANCE}
    assert users == set()


def finds_its_files(package: Path) -> bool:
    """Say whether a folder is one where you add a file: one of its modules looks the folder up instead of naming each module."""
    return any(item.name.split(".")[0] in {"importlib", "pkgutil"} for path in package.glob("*.py") for item in imports_of(path))


def reachable() -> set[Path]:
    found: set[Path] = set()
    programs = KG / "__main__.py", KG / "generate.py", KG / "fit.py", KG / "store" / "_loader.py"
    waiting = [*programs, KG / "__init__.py"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.name == "__init__.py" and finds_its_files(path.parent):
            waiting += path.parent.glob("*.py")
        for item in imports_of(path):
            target = ROOT.joinpath(*item.name.split("."))
            waiting += [file for file in (target.with_suffix(".py"), target / "__init__.py") if file.is_file()]
            waiting += [folder / "__init__.py" for folder in target.parents if (folder / "__init__.py").is_file()]
    return found


def test_every_module_is_reachable() -> None:
    assert sorted(set(modules()) - reachable()) == []


@pytest.mark.parametrize("path", modules(), ids=shown)
def test_modules_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_functions_stay_short() -> None:
    lengths = sorted((node.end_lineno or 0) - node.lineno + 1 for path in modules() for node in functions(path))
    assert lengths[int(len(lengths) * 0.95)] <= 30


@pytest.mark.parametrize("path", modules(), ids=shown)
def test_no_error_is_swallowed_unseen(path: Path) -> None:
    caught = [
        (node.lineno, ast.unparse(node.type) if node.type else "everything")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and (shown(path), node.name) != LAST_BORDER
        and not any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
    ]
    assert not caught


@pytest.mark.parametrize("path", [path for path in modules() if part_of(dotted(path)) not in {"cli", "generate"}], ids=shown)
def test_only_the_command_line_prints(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def test_names_say_what_a_thing_is() -> None:
    files = [shown(path) for path in modules() if any(word in path.stem for word in VAGUE)]
    classes = [
        node.name
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.lower().endswith(VAGUE)
    ]
    assert files + classes == []


@pytest.mark.parametrize("path", modules(), ids=shown)
def test_modules_say_what_they_are(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
