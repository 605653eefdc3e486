"""Facts of reports in any order -> every fact once, in order, without holding all of them.

They are spilled by range of subject and sorted range by range. A line is a triple in N-Triples without full stop; a range that is
in order lies in a file of N-Triples. Ranges end where
a subject ends, so that what is written subject by subject can be made of each range by itself.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_READ = 1 << 20

END = b" .\n"
"""What stands behind a triple in a file of N-Triples, and nowhere else in it."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of subjects, told apart by where each but the first begins; what is spilled lies in `folder`, by kind and range."""

    folder: Path
    begins: Sequence[str] = ()

    @property
    def count(self) -> int:
        """Return how many ranges there are."""
        return len(self.begins) + 1

    def cut(self, lines: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield sorted lines range by range, without empty ones."""
        last = 0
        for number, begin in enumerate(self.begins):
            end = bisect_left(lines, begin, last)
            if end > last:
                yield number, lines[last:end]
            last = end
        if last < len(lines):
            yield len(self.begins), lines[last:]

    def spill(self, kind: str, lines: Iterable[str]) -> None:
        """Keep lines for later; each process writes files of its own."""
        for number, part in self.cut(sorted(lines)):
            with self.path(kind, number, str(os.getpid())).open("ab") as file:
                file.write(("\n".join(part) + "\n").encode())

    def spilled(self, kind: str, number: int) -> set[bytes]:
        """Return the lines of a range that were spilled, each once, and remove the files."""
        found: set[bytes] = set()
        for path in sorted(self.folder.glob(f"{kind}-{number:05d}-*")):
            found.update(path.read_bytes().split(b"\n"))
            path.unlink()
        found.discard(b"")
        return found

    def write(self, kind: str, number: int, lines: Iterable[bytes]) -> None:
        """Write the sorted lines of a range."""
        with self.path(kind, number).open("wb") as file:
            file.writelines(line + END for line in lines)

    def lines(self, kind: str, numbers: Iterable[int] | None = None) -> Iterator[str]:
        """Yield the sorted lines of a kind, of all ranges or some."""
        for number in range(self.count) if numbers is None else numbers:
            with self.path(kind, number).open(encoding="utf-8", newline="\n", buffering=_READ) as file:
                for line in file:
                    yield line[: -len(END)]

    def path(self, kind: str, number: int, part: str = "") -> Path:
        """Return where the lines of a range are, or a part of them."""
        return self.folder / (f"{kind}-{number:05d}-{part}" if part else f"{kind}-{number:05d}")


@dataclass(frozen=True, slots=True)
class Known:
    """Triples that belong to every build: of the whole catalogue, of what of it is named in reports, of the ontology; sorted."""

    catalog: Sequence[str]
    used: Sequence[str]
    ontology: Sequence[str]


def merged(number: int, ranges: Ranges, known: Known) -> int:
    """Bring a range in order, and return how many facts in it reports state.

    Made are `default` (what stands in the default graph), `derived`, and `view` (what is said of models and what they name).
    """
    stated, derived = ranges.spilled("stated", number), ranges.spilled("computed", number)
    facts = len(stated)
    ranges.write("derived", number, sorted(derived))
    stated |= derived
    stated.update(line.encode() for line in _within(known.used, number, ranges))
    ranges.write("view", number, sorted(stated))
    stated.update(line.encode() for part in (known.catalog, known.ontology) for line in _within(part, number, ranges))
    ranges.write("default", number, sorted(stated))
    return facts


def _within(lines: Sequence[str], number: int, ranges: Ranges) -> Sequence[str]:
    low = bisect_left(lines, ranges.begins[number - 1]) if number else 0
    return lines[low : bisect_left(lines, ranges.begins[number])] if number < len(ranges.begins) else lines[low:]


def ranges_for(folder: Path, models: Sequence[str], reports: Sequence[str], base: str) -> Ranges:
    """Return ranges with about as many facts in each: they begin at some models and some reports, by IRI, evenly drawn."""
    slugs = [model.removeprefix(f"{base}model/") for model in models]
    begins = {f"<{base}{kind}/{slug}" for kind in ("derived", "hardware", "model", "run") for slug in slugs}
    return Ranges(folder, sorted({*begins, *(f"<{node}" for node in reports)}))
