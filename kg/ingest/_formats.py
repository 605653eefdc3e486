"""The formats kg reads: every public module of this package, so that a new format is one new file.

Each declares `SUFFIXES`, and one of three sets of functions:

- text: `recognises(source) -> bool` (by content, asked before the suffix) and `parse(source) -> Parsed`;
- binary: `MAGIC`, the bytes such a file begins with, `text_of(data, where) -> str`, which makes the source that offsets count in
  (InputError when it cannot), and `parse(source) -> Parsed` for that source;
- container of many reports: `documents(file, where) -> Iterator[Entry]`, which reads as far as it is asked to.

Any of them may have `reason_to_skip(head) -> str | None`: why a file with this beginning is no report or holds none, so that it is
listed as skipped. Any of them may also be compressed: `card.md.gz`, `papers.jsonl.zst`, `reports.tar.xz`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import PurePath
from types import MappingProxyType
from typing import BinaryIO, Protocol, runtime_checkable

from kg.errors import UnknownName
from kg.ingest._entry import Entry
from kg.ingest._parsed import Parsed

COMPRESSED = (".bz2", ".gz", ".xz", ".zst")
"""Suffixes of compressed files."""

_PACKED = MappingProxyType({".tbz2": ".bz2", ".tgz": ".gz", ".txz": ".xz", ".tzst": ".zst"})  # both suffixes in one

OUTPUT = "kg-out"
"""The name of the folder that builds are in, which holds no reports."""

PARTS = "kg-parts.txt"
"""The name of a file in a folder of parts that Spark made: what stands beside it are claims and derived facts, no reports."""

HEAD = 65536
"""Bytes of a file's beginning that tell what it is."""

_MAGIC_REACH = 1024  # a PDF may begin with something else; readers look for its mark this far


@runtime_checkable
class Format(Protocol):
    """What a module of a format holds that makes one report of a source."""

    SUFFIXES: tuple[str, ...]

    def parse(self, source: str) -> Parsed:
        """Read a source of this format."""


@runtime_checkable
class Text(Format, Protocol):
    """A format that is known by its content or its suffix."""

    def recognises(self, source: str) -> bool:
        """Say whether the content alone shows that the source is of this format."""


@runtime_checkable
class Binary(Format, Protocol):
    """A format whose bytes are no text."""

    MAGIC: bytes

    def text_of(self, data: bytes, where: str) -> str:
        """Return the text of a file; raise InputError when it cannot be read."""


@runtime_checkable
class Container(Protocol):
    """A format of many reports in one file."""

    SUFFIXES: tuple[str, ...]

    def documents(self, file: BinaryIO, where: str) -> Iterator[Entry]:
        """Yield what stands in a file; raise InputError when nothing of it can be read."""


@runtime_checkable
class Choosy(Protocol):
    """A format whose suffix other files have too: one is read only when its beginning does not speak against it."""

    SUFFIXES: tuple[str, ...]

    def reason_to_skip(self, head: bytes) -> str | None:
        """Return why a file that begins so is not read, None when it is."""


@lru_cache(maxsize=1)
def modules() -> Mapping[str, Format | Container]:
    """Return the modules of all formats by name, in order of name."""
    package = __name__.rpartition(".")[0]
    path = importlib.import_module(package).__path__
    names = sorted(module.name for module in pkgutil.iter_modules(path) if not module.name.startswith("_"))
    found: dict[str, Format | Container] = {}
    for name in names:
        module = importlib.import_module(f"{package}.{name}")
        if not isinstance(module, Format | Container):
            raise TypeError(f"{module.__name__} is no format: it has neither parse nor documents, or no SUFFIXES")
        found[name] = module
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def formats() -> Mapping[str, Format]:
    """Return the formats of single reports by name, in order of name."""
    return MappingProxyType({name: module for name, module in modules().items() if isinstance(module, Format)})


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Text]:
    return {name: module for name, module in formats().items() if isinstance(module, Text)}


@lru_cache(maxsize=1)
def suffixes() -> Mapping[str, str]:
    """Return the name of the format by suffix, in lower case with the dot."""
    return MappingProxyType({suffix: name for name, module in modules().items() for suffix in module.SUFFIXES})


def suffix_of(name: str) -> str:
    """Return the suffix that tells a file's format: the last one in lower case, the one before when the last is a compression's.

    >>> suffix_of("Card.MD"), suffix_of("papers.jsonl.zst"), suffix_of("a.tar.gz"), suffix_of("a.tgz"), suffix_of("gz")
    ('.md', '.jsonl', '.tar', '.tgz', '')
    """
    path = PurePath(name)
    return (PurePath(path.stem) if path.suffix.lower() in COMPRESSED else path).suffix.lower()


def compression(name: str) -> str | None:
    """Return the suffix of a compressed file, None for one that is not.

    >>> compression("papers.jsonl.ZST"), compression("reports.tgz"), compression("card.md")
    ('.zst', '.gz', None)
    """
    suffix = PurePath(name).suffix.lower()
    return suffix if suffix in COMPRESSED else _PACKED.get(suffix)


def unread(name: str) -> str | None:
    """Return why a file of this name is not read, None when its suffix is one that is.

    >>> unread("a.png"), unread("LICENSE"), unread("card.md.gz")
    ('.png files are not read', 'files without a suffix are not read', None)
    """
    if suffix_of(name) in suffixes():
        return None
    suffix = suffix_of(name) + (compression(name) or "")
    return f"{suffix} files are not read" if suffix else "files without a suffix are not read"


def container(name: str) -> Container | None:
    """Return the format of a file of this name when it holds many reports."""
    module = modules().get(suffixes().get(suffix_of(name), ""))
    return module if isinstance(module, Container) else None


def kinds() -> str:
    """Return the suffixes that are read, for messages."""
    return f"{', '.join(sorted(suffixes()))}, and these compressed ({', '.join(COMPRESSED)})"


def choosy(name: str) -> Choosy | None:
    """Return the format of a file of this name when it is to be asked whether it reads the file."""
    module = modules().get(suffixes().get(suffix_of(name), ""))
    return module if isinstance(module, Choosy) else None


def binary(head: bytes, name: str) -> tuple[str, Binary] | None:
    """Return name and module of the binary format of a file with this beginning and name, None when it is text.

    A file whose suffix says so is given to its format even when its mark is missing: the format knows best what is wrong.
    """
    named = suffixes().get(suffix_of(name))
    for format, module in formats().items():
        if isinstance(module, Binary) and (format == named or head[:_MAGIC_REACH].lstrip().startswith(module.MAGIC)):
            return format, module
    return None


def described() -> Iterator[tuple[str, tuple[str, ...], bool, str]]:
    """Yield name, suffixes, whether one file holds many reports, and the first sentence of what its module says, of each format."""
    for name, module in modules().items():
        said = " ".join((module.__doc__ or "").partition("\n\n")[0].split())
        yield name, module.SUFFIXES, isinstance(module, Container), said.partition(". ")[0].removesuffix(".")


def choose(source: str, id: str, format: str | None) -> tuple[str, Format]:
    """Return name and module of the format: the one named, else by content, else by suffix, else plain text."""
    known = formats()
    if format is not None:
        if format not in known:
            raise UnknownName("format", format, known)
        return format, known[format]
    for name, module in _texts().items():
        if module.recognises(source):
            return name, module
    name = suffixes().get(suffix_of(id), "text")
    return (name, known[name]) if name in known else ("text", known["text"])
