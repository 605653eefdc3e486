"""Patterns as in a .gitignore, of the command line and of ignore files -> whether a path below a folder is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError, UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".kgignore"


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns that hold in a folder: the user's, which count from the `root` of the search, and those of ignore files."""

    root: Path
    by_user: GitIgnoreSpec | None = None
    files: tuple[tuple[Path, GitIgnoreSpec], ...] = ()

    def within(self, folder: Path) -> Patterns:
        """Return the patterns that hold in a folder that has an ignore file; raise InputError or UsageError for that."""
        return replace(self, files=(*self.files, (folder, _ignore_file(folder / IGNORE_FILE))))

    def exclude(self, path: Path, is_folder: bool) -> bool:
        """Decide whether a path below the root is left out; the innermost file that says decides."""
        suffix = "/" if is_folder else ""
        by_user = self.by_user is not None and self.by_user.match_file(path.relative_to(self.root).as_posix() + suffix)
        for folder, spec in reversed(self.files):
            decided = spec.check_file(path.relative_to(folder).as_posix() + suffix).include
            if decided is not None:
                return decided or by_user
        return by_user


def spec_of(lines: Sequence[str], where: str) -> GitIgnoreSpec:
    """Return patterns made ready; raise UsageError for one that is none."""
    from pathspec import GitIgnoreSpec  # 0.05 s, and most folders have no patterns

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError as error:
        raise UsageError(f"{where}: {error}", hint="patterns are those of a .gitignore file: drafts/, *.bak, !keep.txt") from error


def patterns_of(root: Path, exclude: Sequence[str] = ()) -> Patterns:
    """Return the patterns that hold in a folder that is searched; raise UsageError for one that is none."""
    return Patterns(root, spec_of(exclude, "--exclude") if exclude else None)


def _ignore_file(path: Path) -> GitIgnoreSpec:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot be read: {reason}", where=str(path), hint=f"chmod u+r '{path}'") from error
    return spec_of(lines, str(path))
