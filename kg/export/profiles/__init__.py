"""A build's store -> descriptions of its models, data sets and claims in the forms in which others exchange them.

A file here whose name begins with no underscore is a profile, `hf_card` for what the user calls `hf-card`: `write(Asked)` yields
its files, PARAMETERS names what the user may say of the export itself, SEVERAL tells whether it can have more files than one.
What a profile wants and no report states is left out and told, never made up; where reports disagree about what a profile wants
once, it is left out too. Equal stores give equal bytes.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import ModuleType

import pyoxigraph as ox

from kg.errors import OutputError, UnknownName, UsageError
from kg.export._file import write_file
from kg.export._selection import Selection
from kg.export.profiles._profile import Asked, File, Missing
from kg.schema import DEFAULT_BASE
from kg.sparql.things import find_thing

__all__ = ["Missing", "one_file", "profiles", "save", "several", "write_profile"]


def profiles() -> tuple[str, ...]:
    """Return the names of the profiles, sorted."""
    files = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(sorted(name.replace("_", "-") for name in files))


def several(profile: str) -> bool:
    """Return whether a profile writes a folder of files."""
    return bool(_module(profile).SEVERAL)


def write_profile(
    store: ox.Store,
    profile: str,
    model: str | None = None,
    base: str = DEFAULT_BASE,
    *,
    given: Mapping[str, str] | None = None,
    missing: Missing | None = None,
    build: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Iterator[File]:
    """Return the files of a store in a profile, of one model (IRI or name) only if one is given; each is to be read in its turn.

    What is `given` empty is not said. `missing` counts what is left out, `build` is the folder of the build's files, `say` is told
    when no report describes the model. Raise UnknownName for a profile, a parameter or a model that there is none of, UsageError
    for a model without a name.
    """
    module = _module(profile)
    for name in given or ():
        if name not in module.PARAMETERS:
            raise UnknownName(f"parameter of {profile}", name, module.PARAMETERS)
    if model is not None and not model.strip():
        raise UsageError("the model's name is empty", hint="kg query models lists the models of the build")
    selection = Selection(store, base, None if model is None else find_thing(store, "Model", model, base))
    if model is not None and not selection.report_graphs():
        say(f"no report of this build has facts about {model}")
    said = {name: text for name, text in (given or {}).items() if text.strip()}
    files: Iterator[File] = module.write(Asked(selection, said, Missing() if missing is None else missing, build))
    return files


def one_file(profile: str, files: Iterator[File]) -> File:
    """Return the only file of an export; raise UsageError when there is none or more than one."""
    first = list(islice(files, 2))
    if len(first) != 1:
        what = "more files than one" if first else "no file: nothing here is described by it"
        raise UsageError(f"the profile {profile} writes {what}", hint="name a folder with -o, or one model with --model")
    return first[0]


def save(files: Iterator[File], folder: Path) -> int:
    """Write files into a folder, which is made when it is missing; others in it are left alone. Return how many were written."""
    count = 0
    for file in files:
        path = folder / file.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"cannot be made: {error.strerror or error}"
            raise OutputError(what, where=str(path.parent), hint="choose another folder with -o") from error
        write_file(path, file.content)
        count += 1
    return count


def _module(profile: str) -> ModuleType:
    if profile not in profiles():
        raise UnknownName("profile of exchange", profile, profiles())
    return import_module(f"kg.export.profiles.{profile.replace('-', '_')}")
