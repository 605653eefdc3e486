"""Case files: one sentence a line, what must be read from it, and what must not.

    sentence => relation=value; relation=value@stage     both, and no third value of that relation
    sentence => none:relation                            no value of that relation
    sentence => relation=one|another; (relation=value)   either spelling will do; the value in brackets may be there or not

`\\n` in a sentence is a line break: the case is then read as Markdown, else as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kg.extract import extract
from kg.ingest import read_text
from kg.model import Claim
from kg.schema import load_schema
from kg.values import name_key

FOLDER = Path(__file__).parent / "cases"
KNOWN_FAILURES = FOLDER / "known_failures.txt"

_PART = re.compile(r"(?P<relation>[a-zA-Z]+)=(?P<values>[^@]+?)(?:@(?P<stage>[a-z-]+))?")
_VENDOR = re.compile(r"^(nvidia|google|amd|intel|huawei|aws|habana)|gpus?$|tpus?$|instinct|geforce|tesla")
_FILLER = re.compile(r"\b(the|datasets?|models?|corpus)\b", re.IGNORECASE)
_DURATION = re.compile(r"P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?")
_HOURS = (365 * 24.0, 30 * 24.0, 24.0, 1.0, 1 / 60, 1 / 3600)


@dataclass(frozen=True, slots=True)
class Expected:
    """One value that a case names, in any of its spellings."""

    relation: str
    values: tuple[str, ...]
    stage: str | None = None
    required: bool = True

    def accepts(self, claim: Claim) -> bool:
        """Say whether a claim states this value, at this stage if one is named."""
        if claim.relation != self.relation or (self.stage and claim.stage != self.stage):
            return False
        return any(_same(self.relation, value, claim) for value in self.values)


@dataclass(frozen=True, slots=True)
class Case:
    """A line of a case file; `absent` are the relations of which nothing may be said."""

    file: str
    line: int
    sentence: str
    expected: tuple[Expected, ...]
    absent: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return what a line of known_failures.txt says for this case."""
        return f"{self.file}: {self.sentence}"

    @property
    def trap(self) -> bool:
        """Say whether the case asks for silence only."""
        return not self.expected

    def problems(self, claims: Iterable[Claim]) -> list[str]:
        """Return what the claims miss and what they say too much."""
        claims = tuple(claims)
        asked = {part.relation for part in self.expected} | set(self.absent)
        missed = [
            f"missed {part.relation}={'|'.join(part.values)}" + (f"@{part.stage}" if part.stage else "")
            for part in self.expected
            if part.required and not any(part.accepts(claim) for claim in claims)
        ]
        wrong = [
            f"wrong {claim.relation}={claim.value}" + (f"@{claim.stage}" if claim.stage else "") + f" ({claim.mention!r})"
            for claim in claims
            if claim.relation in asked and not any(part.accepts(claim) for part in self.expected)
        ]
        return missed + wrong


def parse(text: str, file: str = "case", line: int = 1) -> Case:
    """Read a line of a case file; raise ValueError with its place when it is none.

    >>> parse("Ibis was trained for 3 days. => duration=P3D").expected[0].values
    ('P3D',)
    """
    sentence, arrow, wanted = text.rpartition(" => ")
    expected, absent = [], []
    for part in (piece.strip() for piece in wanted.split(";")) if arrow else ("",):
        if part.startswith("none:"):
            absent.append(part.removeprefix("none:"))
            continue
        optional = part.startswith("(") and part.endswith(")")
        match = _PART.fullmatch(part[1:-1] if optional else part)
        if match is None:
            raise ValueError(f"{file}:{line}: expected 'sentence => relation=value; none:relation', found {part or text!r}")
        values = tuple(value.strip() for value in match["values"].split("|"))
        expected.append(Expected(match["relation"], values, match["stage"], not optional))
    return Case(file, line, sentence, tuple(expected), tuple(absent))


def cases(folder: Path = FOLDER) -> Iterator[Case]:
    """Read all case files of a folder, in order of file and line."""
    for path in sorted(folder.glob("*.txt")):
        if path.name == KNOWN_FAILURES.name:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                yield parse(line, path.stem, number)


def known_failures(path: Path = KNOWN_FAILURES) -> frozenset[str]:
    """Return the keys of the cases that are known to fail; a line that begins with `#` is a remark."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line.strip() and not line.startswith("#"))


@lru_cache(maxsize=2048)
def read(sentence: str) -> tuple[Claim, ...]:
    """Return the claims that are asserted of a sentence."""
    text = sentence.replace("\\n", "\n")
    document = read_text(text, "case.md" if "\n" in text else "case.txt")
    return extract(document, load_schema()).claims


def _same(relation: str, value: str, claim: Claim) -> bool:
    if relation == "duration":
        return _close(_hours(value), _hours(claim.value))
    wanted = _number(value)
    if wanted is not None:
        return _close(wanted, _number(claim.value))
    known = load_schema().find(claim.mention)  # another spelling counts unless the catalogue takes it for another thing
    found = {_key(relation, claim.value)}
    if not known or claim.value in {thing.name for thing in known}:
        found.add(_key(relation, claim.mention))
    return _key(relation, value) in found


def _key(relation: str, text: str) -> str:
    key = name_key(_FILLER.sub(" ", text))
    return _VENDOR.sub("", key) if relation == "accelerator" else key


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _hours(text: str) -> float | None:
    match = _DURATION.fullmatch(text)
    return sum(float(part or 0) * hours for part, hours in zip(match.groups(), _HOURS, strict=True)) if match else None


def _close(wanted: float | None, found: float | None) -> bool:
    return wanted is not None and found is not None and abs(wanted - found) <= 1e-6 * max(abs(wanted), abs(found))
