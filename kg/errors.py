"""Everything that can go wrong in a way the user can mend; one tree, caught once, in `cli`.

    KgError                     (never raised itself)
    ├── UsageError          2   a flag, path or name is wrong
    │   └── UnknownName     2   a name that is not in a list; suggests the near ones
    ├── ConfigError         2   kg.toml, an ontology or a shapes file cannot be used
    ├── InputError          3   a document cannot be read or processed
    ├── BuildError          3   a build cannot be written or read
    │   ├── DamagedError    3   what kg keeps for the next build cannot be read; it can all be made again
    │   └── NoBuild         2   there is no build where one was looked for
    ├── OutputError         3   a result cannot be written
    ├── OutOfTime           3   something took longer than it may
    └── RemoteError         4   a service that was asked has not answered
        ├── Refused         4   a service takes no request of this kind: a wrong key or address
        ├── QueryRefused    4   an endpoint finds a query wrong, and says where when it can
        └── CutShort        4   a reply ends before its end

Each message says what, where and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 10  # names that a hint lists


class KgError(Exception):
    """An error with a place and a remedy; `exit_code` is the process's exit status."""

    exit_code = 70

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what, where, hint)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class UsageError(KgError):
    """A flag, a path or a name on the command line is wrong."""

    exit_code = 2


class UnknownName(UsageError):
    """A name that is not in a list; the message lists the near names, or the first ten of all."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = get_close_matches(name, names, n=3, cutoff=0.5)
        shown = near or names[:_MOST]
        more = f" and {len(names) - _MOST:,} more" if not near and len(names) > _MOST else ""
        listed = ", ".join(shown) + more
        hint = f"did you mean {listed}?" if near else f"choose one of: {listed}"
        super().__init__(f"no {kind} is named '{name}'", hint=hint)
        self.name = name


class ConfigError(KgError):
    """A configuration, ontology, catalogue or shapes file cannot be used."""

    exit_code = 2


class InputError(KgError):
    """A document cannot be read or processed."""

    exit_code = 3


class BuildError(KgError):
    """A build cannot be written or read."""

    exit_code = 3


class DamagedError(BuildError):
    """What kg keeps for itself cannot be read; all of it can be made again."""


class NoBuild(BuildError):
    """There is no build where one was looked for."""

    exit_code = 2


class OutputError(KgError):
    """A result cannot be written to where it should go."""

    exit_code = 3


class OutOfTime(KgError):
    """Something took longer than it may."""

    exit_code = 3


class RemoteError(KgError):
    """A service that was asked has not answered."""

    exit_code = 4


class Refused(RemoteError):
    """A service takes no request of this kind, so that asking again is of no use: a wrong key or address."""

    exit_code = 4


class QueryRefused(RemoteError):
    """An endpoint finds a query wrong; the message shows the place when the endpoint says one."""

    exit_code = 4


class CutShort(RemoteError):
    """A reply ends before its end, so that what came of it is no answer."""

    exit_code = 4
