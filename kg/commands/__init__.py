"""Commands beside those of every day: a module each, whose name is what the user types and whose `run` is the command."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def commands() -> Iterator[tuple[str, ModuleType]]:
    """Yield the name and the module of each command, in order of name."""
    for name in sorted(module.name for module in iter_modules(__path__)):
        yield name, import_module(f"{__name__}.{name}")
