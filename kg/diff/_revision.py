"""`REVISION:PATH`, as git writes it -> the files of a revision, unpacked into a folder. git is asked, never changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path, PurePosixPath

from kg.errors import InputError, UnknownName, UsageError

_HEAD = "HEAD"


def is_revision(text: str) -> bool:
    """Decide whether an argument that is no path can name files of a revision."""
    revision, colon, _ = text.partition(":")
    return bool(colon and revision)


def unpack(text: str, folder: Path) -> Path:
    """Write the files that `REVISION:PATH` names below a folder, and return the path of what was named.

    Raises UsageError when git is not installed, there is no repository here, or the path is not in the revision, UnknownName for a
    revision that git does not know.
    """
    revision, _, path = text.partition(":")
    repository = _repository(text)
    if revision.startswith("-") or _git("rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}").returncode:
        listed = _git("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes").stdout.decode()
        raise UnknownName("revision", revision, [_HEAD, *listed.split()])
    named = f"{revision}:{path}" if path.startswith(("./", "../")) or path == "." else f"{revision}:{path.strip('/')}"
    found = _git("rev-parse", "--verify", "--quiet", named)
    if found.returncode:
        hint = f"paths begin at the top of the repository: `git ls-tree {revision}` lists it; write ./ before one that begins here"
        raise UsageError(f"there is no '{path}' in {revision}", where=text, hint=hint)
    id = found.stdout.decode().strip()
    name = PurePosixPath(path).name or "reports"
    target = folder / (name if name not in {".", ".."} else "reports")
    kind = _git("cat-file", "-t", id).stdout.decode().strip()
    if kind == "blob":
        _checked(_git("cat-file", "blob", id, repository=repository, output=target), text)
    elif kind in {"tree", "commit"}:
        _checked(_git("archive", "--format=tar", id, repository=repository, output=folder / ".tar"), text)
        target.mkdir()
        _extract(folder / ".tar", target)
    return target


def _repository(text: str) -> str:
    """Return the folder in which git keeps the repository that we stand in."""
    if shutil.which("git") is None:
        raise UsageError("git is not installed, so that no revision can be read", where=text, hint="install git, or give a folder")
    found = _git("rev-parse", "--absolute-git-dir")
    if found.returncode:
        reason = _reason(found) or "this is no repository"
        raise UsageError(reason, where=text, hint="there is no file or folder of that name; REVISION:PATH needs a git repository")
    return found.stdout.decode("utf-8", "surrogateescape").strip("\n")


def _git(*arguments: str, repository: str = "", output: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run git; with `repository` outside of the working tree, because `git archive` only takes what is below the current folder."""
    inside = {"GIT_DIR": repository} if repository else {}
    environment = os.environ | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"} | inside
    command = [shutil.which("git") or "git", *arguments]
    if output is None:
        return subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - a list, no shell
    with output.open("wb") as file:
        return subprocess.run(  # noqa: S603 - a list, no shell
            command, env=environment, cwd=output.parent, stdout=file, stderr=subprocess.PIPE, check=False
        )


def _checked(done: subprocess.CompletedProcess[bytes], text: str) -> None:
    if done.returncode:
        raise InputError(f"git cannot give it out: {_reason(done)}", where=text, hint="does `git fsck` find it whole?")


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = (done.stderr or b"").decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else ""


def _extract(archive: Path, folder: Path) -> None:
    """Write the regular files of an archive, and the links that lead to one of them: nothing outside of the folder."""
    with tarfile.open(archive) as members:
        links = []
        for member in members:
            target = folder / member.name
            if member.isfile() and _is_inside(target, folder):
                target.parent.mkdir(parents=True, exist_ok=True)
                content = members.extractfile(member)
                assert content is not None  # noqa: S101 - a regular file has a content
                with target.open("wb") as file:
                    shutil.copyfileobj(content, file)
            elif member.issym():
                links.append((target, member.linkname))
    for target, to in links:
        if _is_inside(target, folder) and _is_inside(target.parent / to, folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(to)
    archive.unlink()


def _is_inside(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
