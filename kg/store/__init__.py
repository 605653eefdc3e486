"""Builds on disk: written beside the current one, published by renaming a link, opened read-only.

    DIR/.builds/<id>/       the files of a build and store/, its Oxigraph database; write-protected
    DIR/.current            -> .builds/<id>; DIR/graph.ttl -> .current/graph.ttl and so on
    DIR/.previous           -> the build before, kept for readers that still have it open
    DIR/.lock               held while a build is written; names the process that holds it

Whatever stops a build (an error, a full disk, `kill -9`) leaves the links as they were; the next build removes what is left over.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from kg.errors import BuildError, NoBuild
from kg.manifest import Inputs
from kg.manifest import read as read_manifest
from kg.store._changed import Changing
from kg.store._loading import Growing, Loading

GRAPH = "graph.nq"
MANIFEST = "manifest.json"
STORE = "store"
FILES = (
    "graph.ttl",
    GRAPH,
    "graph.jsonld",
    "claims.jsonl",
    "suggestions.jsonl",
    "undecided.jsonl",
    "derived.jsonl",
    "undetermined.jsonl",
    "coverage.jsonl",
    "findings.json",
    "findings.index",
    "findings.sarif",
    "findings.ttl",
    MANIFEST,
    "run.json",
)
"""What a build holds beside `store/`; nothing else of that name may stand in the folder."""

_PARTIAL = ".partial"
_WORK = "work"
_REMEDIES = {
    errno.ENOMEM: ("", "there may be too little memory: free some"),
    errno.ENOSPC: ("the disk is full", "free some space"),
    errno.EFBIG: ("a file would be larger than is allowed here", "raise the limit (ulimit -f)"),
    errno.EDQUOT: ("the disk quota is used up", "free some space"),
    errno.EACCES: ("no permission to write", "change the folder's permissions"),
    errno.EPERM: ("no permission to write", "change the folder's permissions"),
    errno.EROFS: ("the file system is read-only", "mount it for writing"),
    errno.ENOTDIR: ("a part of this path is a file, not a folder", "move the file away"),
    errno.EEXIST: ("this is a file, not a folder", "move the file away"),
}


@dataclass(frozen=True, slots=True)
class Build:
    """A published build: its own folder, which stays the same when another build is published, and its manifest."""

    path: Path
    manifest: Mapping[str, Any]

    def store(self) -> ox.Store:
        """Open the database for reading; raise BuildError when it is damaged."""
        return open_store(self.path)


def open_store(path: Path) -> ox.Store:
    """Open the database in a build's own folder for reading; raise BuildError when it is damaged."""
    try:
        return ox.Store.read_only(str(path / STORE))
    except (OSError, RuntimeError) as error:  # RuntimeError: RocksDB calls it corruption
        raise BuildError(f"the store cannot be read: {error}", where=str(path), hint="build again") from error


def own_folder(folder: Path) -> Path:
    """Return the own folder of the current build of an output folder, or this one when it is a build's."""
    current = folder / ".current"
    return (current if current.is_symlink() else folder).resolve()


def open_build(folder: Path) -> Build:
    """Return the current build of an output folder, or the build whose own folder this is; raise NoBuild or BuildError."""
    path = own_folder(folder)
    try:
        manifest = read_manifest(path / MANIFEST)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoBuild(f"no build at {folder}", hint=_how_to_build(folder)) from error
    except (OSError, ValueError) as error:
        raise BuildError(f"the build cannot be read: {error}", where=str(path / MANIFEST), hint="build again") from error
    if not _is_manifest(manifest):
        raise BuildError("this is no build of kg", where=str(path / MANIFEST), hint=f"run `kg build PATH -o {folder}`")
    return Build(path, manifest)


def open_previous(folder: Path) -> Build:
    """Return the build before the current one of an output folder; raise NoBuild when there is none, or no build at all."""
    open_build(folder)
    if not (folder / ".previous").exists():
        hint = "name what to compare it with: a build, reports, or REVISION:PATH such as HEAD~1:reports/"
        raise NoBuild(f"no build before the current one at {folder}", hint=hint)
    return open_build(folder / ".previous")


def is_build(folder: Path) -> bool:
    """Decide whether a folder is one that builds are written to, or the own folder of a build."""
    return (folder / ".current").is_symlink() or all((folder / name).is_file() for name in (MANIFEST, GRAPH, "claims.jsonl"))


def _how_to_build(folder: Path) -> str:
    """Say how to come to a build; one does not belong among files that are there already."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        return "name the folder of a build with -b, or make one: `kg build PATH`"
    return f"run `kg build PATH -o {folder}`"


@contextmanager
def locked(folder: Path, *, wait: float = 5.0, say: Callable[[str], None] = lambda text: None) -> Iterator[None]:
    """Hold the right to write builds into a folder, which is made when it is missing.

    While another process holds it, `say` says so; after `wait` seconds BuildError names that process.
    """
    with _errors_of(folder):
        _prepare(folder)
        lock = (folder / ".lock").open("a+", encoding="ascii")
    with lock:
        _take(lock, folder, wait, say)
        with _errors_of(folder):
            _sweep(folder)
        yield


@dataclass(slots=True)
class Unpublished:
    """A build that is being written: a folder whose files nobody sees until it is published, with `work` for what is in between."""

    path: Path
    _loading: Loading | Changing
    _names: list[str] = field(default_factory=list)

    @property
    def work(self) -> Path:
        """Return the folder for what is removed before the build is published."""
        return self.path / _WORK

    def loaded(self) -> None:
        """Wait until the store holds graph.nq, in the form in which it is read fastest."""
        self._loading.end()

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a file."""
        with self.graph() if name == GRAPH else self.opened(name) as file:
            for chunk in chunks:
                file.write(chunk)

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """Open a new file, other than graph.nq, to be written bit by bit."""
        self._names.append(name)
        with (self.path / name).open("xb") as file:
            yield file

    @contextmanager
    def graph(self) -> Iterator[Growing]:
        """Open graph.nq; what is written of it is loaded into the store while it grows."""
        with self.opened(GRAPH) as file:
            graph = Growing(file, self._loading)
            yield graph
            graph.flush()
            self._loading.whole()


@contextmanager
def new_build(folder: Path, like: Build | None = None) -> Iterator[Unpublished]:
    """Make room for a build; the lock is held. What is not published when the context ends is removed.

    Its database is that of a build which it is `like`, changed where it differs, else a new one. Raises BuildError for what keeps
    anything from being written; the last build then stays the current one.
    """
    with _errors_of(folder):
        path = folder / ".builds" / f"{os.getpid()}-{time.monotonic_ns()}{_PARTIAL}"  # never that of a process that was killed
        (path / _WORK).mkdir(parents=True)
        loading = Changing(path / STORE, like.path, GRAPH, STORE) if like else Loading(path / STORE)
        try:
            yield Unpublished(path, loading)
        finally:
            loading.stop()
            _remove(path)


def publish(folder: Path, id: str, new: Unpublished) -> Build:
    """Bring a build to the disk, and make it the current one of its folder."""
    with _errors_of(folder):
        _remove(new.work)
        target = _free(folder / ".builds", id)
        _seal(new.path)
        new.path.rename(target)
        _publish(folder, target, [*new._names, STORE])
    return open_build(target)


def write_build(folder: Path, id: str, files: Mapping[str, Iterable[bytes]]) -> Build:
    """Write a build and publish it; the lock is held. `files` holds chunks by name, written in the order given.

    Raises BuildError; the last build then stays the current one.
    """
    with new_build(folder) as new:
        for name, chunks in files.items():
            new.write(name, chunks)
        new.loaded()
        return publish(folder, id, new)


def _is_manifest(found: object) -> bool:
    """Decide whether JSON holds what is read of a manifest: the base, the inputs with their hashes, the counts."""
    match found:
        case {
            "versions": {"base": str()},
            "inputs": list() | Inputs() as inputs,
            "failed": [*failed],
            "skipped": list(),
            "counts": {
                "reports": int(),
                "models": int(),
                "claims": int(),
                "suggestions": int(),
                "facts": int(),
                "severities": {"violation": int(), "warning": int(), "info": int()},
                "codes": dict(),
            },
        }:
            # Those that are read one by one, when they are asked for, are looked at then.
            return (isinstance(inputs, Inputs) or all(map(_is_input, inputs))) and all(map(_is_failure, failed))
    return False


def _is_input(found: object) -> bool:
    match found:
        case {"id": str(), "sha256": str() | None}:
            return True
    return False


def _is_failure(found: object) -> bool:
    match found:
        case {"id": str(), "sha256": str() | None, "reason": str()}:
            return True
    return False


def _prepare(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*FILES, STORE):
        path = folder / name
        if not path.is_symlink() and path.exists():
            raise BuildError(
                f"{name} stands here and is not from kg", where=str(folder), hint="move it away, or choose another folder with -o"
            )
    (folder / ".builds").mkdir(exist_ok=True)


def _take(lock: IO[str], folder: Path, wait: float, say: Callable[[str], None]) -> None:
    until = time.monotonic() + wait
    told = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
        if time.monotonic() >= until:
            raise BuildError(
                f"process {holder} is building here", where=str(folder), hint="wait until it ends, or choose another folder with -o"
            )
        if not told:
            say(f"waiting for process {holder}, which is building in {folder}")
            told = True
        time.sleep(0.02)
    lock.seek(0)
    lock.truncate()
    with suppress(OSError):  # on a full disk the lock is held all the same, without its holder's number
        os.write(lock.fileno(), f"{os.getpid()}\n".encode())


def _free(builds: Path, id: str) -> Path:
    count = 1
    path = builds / id
    while path.exists():
        count += 1
        path = builds / f"{id}-{count}"
    return path


def _seal(folder: Path) -> None:
    """Bring a build to the disk and take away the right to change it."""
    for place, _, names in os.walk(folder, topdown=False):
        for path in (*(Path(place, name) for name in names), Path(place)):
            _sync(path)
            path.chmod(path.stat().st_mode & ~0o222)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _publish(folder: Path, build: Path, names: Iterable[str]) -> None:
    names = set(names)
    for name in sorted(names):
        _relink(folder / name, f".current/{name}")
    if (folder / ".current").is_symlink():
        _relink(folder / ".previous", os.readlink(folder / ".current"))
    _sync(folder / ".builds")
    _relink(folder / ".current", f".builds/{build.name}")
    for path in folder.iterdir():
        if path.is_symlink() and path.name not in names and os.readlink(path).startswith(".current/"):
            path.unlink()
    _sync(folder)
    _sweep(folder)


def _relink(link: Path, target: str) -> None:
    if link.is_symlink() and os.readlink(link) == target:
        return
    new = link.with_name(f".new-{link.name.lstrip('.')}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


def _sweep(folder: Path) -> None:
    """Remove builds that are neither the current nor the previous one."""
    kept = {os.path.basename(os.readlink(link)) for link in (folder / ".current", folder / ".previous") if link.is_symlink()}
    for path in (folder / ".builds").iterdir():
        if path.name not in kept:
            _remove(path)
    for link in folder.glob(".new-*"):
        link.unlink()


def _remove(path: Path) -> None:
    for place, _, _ in os.walk(path):
        os.chmod(place, stat.S_IRWXU)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _errors_of(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _build_error(error, folder) from error


def remedy(error: OSError) -> tuple[str, str]:
    """Return what keeps something from being written, and what to do."""
    text = str(error)
    # The store's own errors carry no number, only the system's words at the end.
    number = error.errno or next((code for code in _REMEDIES if os.strerror(code) in text), None)
    what, hint = _REMEDIES.get(number or 0, (text, "see whether the folder can be written to"))
    return what or error.strerror or text, hint


def _build_error(error: OSError, folder: Path) -> BuildError:
    what, hint = remedy(error)
    return BuildError(
        what, where=str(error.filename or folder), hint=f"{hint}, or choose another folder with -o; the last build is as it was"
    )
