"""Paths -> inputs: folders are searched, excludes obeyed, every file is accounted for, ids are distinct."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from kg.errors import InputError, UsageError
from kg.ingest._file import STDIN, Input, head_of
from kg.ingest._formats import OUTPUT, PARTS, choosy, kinds, unread
from kg.ingest._patterns import IGNORE_FILE, Patterns, patterns_of
from kg.model import Skipped

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


_OF_PARTS = "parts of a build, not an input"


@dataclass(frozen=True, slots=True)
class _Found:
    """A file, its path below the argument it came from, and the folders above that, outermost first."""

    path: Path
    display: str
    below: str
    above: tuple[str, ...]


@dataclass(slots=True)
class _Walk:
    """What is found on the way; `seen` folders are not entered twice, `taken` files not read twice: real path -> path as found."""

    exclude: GitIgnoreSpec | None
    found: list[_Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)
    taken: dict[str, str] = field(default_factory=dict)


def walk(paths: Sequence[Path | str], exclude: Sequence[str] = ()) -> tuple[list[Input], list[Skipped]]:
    """Return the inputs below the paths in order of id, and what is not read with the reason.

    `exclude` holds patterns as in a .gitignore. Raises UsageError for a path that does not exist and a pattern that is none,
    InputError for a folder without a report.
    """
    state = _Walk(patterns_of(Path(), exclude).by_user)
    for path in paths:
        if str(path) == "-":
            _take(state, _Found(STDIN, "standard input", "stdin.txt", ()))
        elif not os.path.lexists(path):
            raise UsageError(f"there is no '{path}'", hint=_near(Path(path)))
        elif os.path.isdir(path):
            _folder(Path(path), state)
        else:
            _file(Path(path), str(path), Path(path).name, _above(Path(path).parent), state)
    inputs = [Input(id, found.path, found.display) for id, found in _named(state.found)]
    return sorted(inputs, key=lambda input: input.id), sorted(
        set(state.skipped), key=lambda skipped: (skipped.path, skipped.reason)
    )


def _near(path: Path) -> str:
    """Return a hint that names what is there instead."""
    parent = path.parent
    while not parent.is_dir():
        path, parent = parent, parent.parent
    try:
        names = sorted(os.listdir(parent))
    except OSError:
        return f"'{parent}' cannot be listed"
    near = get_close_matches(path.name, names, n=3, cutoff=0.5)
    return "did you mean " + ", ".join(str(parent / name) for name in near) + "?" if near else f"look into '{parent}'"


def _above(folder: Path) -> tuple[str, ...]:
    return Path(os.path.abspath(folder)).parts[1:]


def _folder(root: Path, state: _Walk) -> None:
    before, failed = len(state.found), sum(skipped.failed for skipped in state.skipped)
    already = len(state.taken)
    _search(root, Patterns(root, state.exclude), state)
    new_failures = sum(skipped.failed for skipped in state.skipped) - failed
    if len(state.found) == before and not new_failures and not (already and _holds_taken(root, state)):
        what = "the folder holds no report"
        raise InputError(what, where=str(root), hint=f"kg reads {kinds()}; - reads standard input")


def _holds_taken(root: Path, state: _Walk) -> bool:
    prefix = os.path.join(os.path.realpath(root), "")
    return any(name.startswith(prefix) for name in state.taken)


def _search(folder: Path, patterns: Patterns, state: _Walk) -> None:
    """Take the files below a folder; a folder that a link leads back to is not entered again."""
    root = patterns.root
    try:
        status = os.stat(folder)
        names = sorted(os.listdir(folder))
    except OSError as error:
        reason = error.strerror or str(error)
        state.skipped.append(
            Skipped(str(folder), f"the folder cannot be opened: {reason}", failed=True, hint=f"chmod u+rx '{folder}'")
        )
        return
    if (status.st_dev, status.st_ino) in state.seen:
        if folder != root:
            state.skipped.append(Skipped(str(folder), "a folder that is searched already"))
        return
    state.seen.add((status.st_dev, status.st_ino))
    if PARTS in names:
        state.skipped.append(Skipped(str(folder), _OF_PARTS, folder == root, "kg load makes a build of them"))
        return
    if folder != root and _is_output(folder, names):
        state.skipped.append(Skipped(str(folder), "a build of kg, not an input"))
        return
    if IGNORE_FILE in names:
        patterns = patterns.within(folder)
    for name in names:
        path = folder / name
        if name.startswith("."):
            if name != IGNORE_FILE:
                state.skipped.append(Skipped(str(path), "hidden", hint="name it to have it read"))
            continue
        is_folder = path.is_dir()
        if patterns.exclude(path, is_folder):
            state.skipped.append(Skipped(str(path), "excluded"))
        elif is_folder:
            _search(path, patterns, state)
        else:
            _file(path, str(path), path.relative_to(root).as_posix(), _above(root), state)


def _is_output(folder: Path, names: Sequence[str]) -> bool:
    return folder.name == OUTPUT or (".builds" in names and ".current" in names)


def _file(path: Path, display: str, below: str, above: tuple[str, ...], state: _Walk) -> None:
    if path.is_symlink() and not path.exists():
        state.skipped.append(Skipped(display, "a link to nothing", failed=True, hint="remove the link or restore its target"))
    elif not path.is_file():
        state.skipped.append(Skipped(display, "not a regular file"))
    elif reason := unread(path.name):
        state.skipped.append(Skipped(display, reason, hint=f"kg reads {kinds()}"))
    elif reason := _reason_to_skip(path, display):
        state.skipped.append(Skipped(display, reason))
    else:
        _take(state, _Found(path, display, below, above))


def _reason_to_skip(path: Path, display: str) -> str | None:
    module = choosy(path.name)
    head = head_of(Input(path.name, path, display)) if module else None
    return None if head is None or module is None else module.reason_to_skip(head)


def _take(state: _Walk, found: _Found) -> None:
    real = os.path.realpath(found.path)
    if real not in state.taken:
        state.taken[real] = os.path.abspath(found.path)
        state.found.append(found)
    elif state.taken[real] != os.path.abspath(found.path):
        state.skipped.append(Skipped(found.display, f"the same file as {PurePath(state.taken[real]).name}"))


def _named(found: Sequence[_Found]) -> Iterator[tuple[str, _Found]]:
    """Yield each file with its id: its path below the argument, with as many folders in front as keep ids apart."""
    depths = [0] * len(found)
    while True:
        ids = [_id(item, depth) for item, depth in zip(found, depths, strict=True)]
        counts = Counter(ids)
        clashing = [index for index, id in enumerate(ids) if counts[id] > 1 and depths[index] < len(found[index].above)]
        if not clashing:
            return iter(zip(ids, found, strict=True))
        for index in clashing:
            depths[index] += 1


def _id(found: _Found, depth: int) -> str:
    parts = (*found.above[len(found.above) - depth :], found.below)
    # A name that is no UTF-8 cannot stand in an IRI or in JSON: its odd bytes are written out.
    return PurePath(*parts).as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
