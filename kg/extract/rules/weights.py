"""The decider with fitted weights: features -> probability of each relation a mention may state.

A linear model for each kind of mention; the weights stand in weights.tsv, written by `kg.fit`. They are whole numbers, so that
every machine adds them up alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from math import exp
from operator import itemgetter
from pathlib import Path
from struct import Struct

from kg.extract.rules.mention import Mention
from kg.extract.rules.words import Features

SCALE = 1000  # of weights
STRENGTH = 64  # of features
NONE, OWN = "none", "own"
KINDS = ("number", "name", "value", "model")
FILE = "weights.tsv"
Pairs = tuple[tuple[str, int], ...]
_BITS = 64  # of a sum
_MOST = 1 << 18  # features that are kept with their weights, those without any too
_ONE = SCALE * STRENGTH  # of a sum
_NUMBERS = count()


class _Lines(Mapping[str, Pairs]):
    """The weights of one kind by feature, read from their line when they are asked for: few of all are ever met."""

    def __init__(self, lines: dict[bytes, bytes]) -> None:
        self._lines = lines

    def __getitem__(self, feature: str) -> Pairs:
        parts = self._lines[feature.encode("utf-8", "surrogatepass")].decode().split("\t")
        return tuple(zip(parts[::2], map(int, parts[1::2]), strict=True))

    def __iter__(self) -> Iterator[str]:
        return map(bytes.decode, self._lines)

    def __len__(self) -> int:
        return len(self._lines)


class _Sums(dict[str, int]):
    """The weights of each feature met so far as one number, `_BITS` for each relation, so that one addition adds all of them.

    Layers remember their sums under `number`, which no other weights of this process have.
    """

    def __init__(self, weights: Mapping[str, Pairs]) -> None:
        super().__init__()
        self.number = next(_NUMBERS)
        self._weights = weights
        self._places: dict[str, int] = {}
        self._layout = _Layout(0)
        self._chosen: dict[tuple[str, ...], itemgetter[tuple[int, ...]]] = {}

    def __missing__(self, feature: str) -> int:
        pairs = self._weights.get(feature, ())
        packed = sum(weight << _BITS * self._place(relation) for relation, weight in pairs)
        if len(self) < _MOST:
            self[feature] = packed
        return packed

    def _place(self, relation: str) -> int:
        place = self._places.get(relation)
        if place is None:
            place = self._places[relation] = len(self._places)
            self._layout = _Layout(place + 1)
        return place

    def of(self, packed: int, relations: tuple[str, ...]) -> tuple[int, ...]:
        """Return the sums of relations and of NONE, all of them larger by the same."""
        choose = self._chosen.get(relations)
        if choose is None:
            choose = self._chosen[relations] = itemgetter(*map(self._place, (*relations, NONE)))
        chosen: tuple[int, ...] = choose(self._layout.unpacked(packed))
        return chosen


class _Layout:
    """How many sums stand in one number, and how they are taken out."""

    __slots__ = ("_length", "_unpack", "_zero")

    def __init__(self, count: int) -> None:
        self._length = count * _BITS // 8
        self._unpack = Struct(f"<{count}Q").unpack
        self._zero = sum(1 << _BITS * (k + 1) - 1 for k in range(count))  # lifts all sums above zero

    def unpacked(self, packed: int) -> tuple[int, ...]:
        """Return the sums, all of them larger by the same."""
        return self._unpack((packed + self._zero).to_bytes(self._length, "little"))


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear model: for each kind of mention the weights of each feature by relation, in units of 1/SCALE."""

    by_kind: Mapping[str, Mapping[str, Pairs]]
    _sums: dict[str, _Sums] = field(default_factory=dict, repr=False, compare=False)

    def decide(self, mention: Mention) -> list[tuple[float, str]]:
        """Return (probability, relation) of the relations the mention may state, best first."""
        return self._weigh(mention.kind, mention.features, mention.relations)

    def is_own(self, features: Mapping[str, float]) -> float:
        """Return the probability that a candidate with these features is a model of the report's own."""
        return self._weigh("model", features, (OWN,))[0][0]

    def _weigh(self, kind: str, features: Mapping[str, float], relations: tuple[str, ...]) -> list[tuple[float, str]]:
        if not relations:
            return []
        sums = self._sums.get(kind)
        if sums is None:
            sums = self._sums[kind] = _Sums(self.by_kind[kind])
        if isinstance(features, Features):
            total, number = _added(sums, features.own), sums.number
            for layer in features.shared:
                known = layer.totals.get(number)
                if known is None:
                    known = layer.totals[number] = _added(sums, layer)
                total += known
        else:
            total = _added(sums, features)
        totals = sums.of(total, relations)
        top = max(totals)
        odds = [exp((each - top) / _ONE) for each in totals]
        whole = sum(odds)
        ranked = sorted([(-odd / whole, relation) for odd, relation in zip(odds, relations, strict=False)])
        return [(-odd, relation) for odd, relation in ranked]


def _added(sums: _Sums, features: Mapping[str, float]) -> int:
    """Return the sums of what features weigh; those of strength 1, nearly all of them, are added up before they are multiplied."""
    whole = parts = 0
    for feature, strength in features.items():
        if strength == 1.0:
            whole += sums[feature]
        elif weights := sums[feature]:
            parts += weights * round(strength * STRENGTH)
    return whole * STRENGTH + parts


def lines_of(weights: Weights) -> Iterator[str]:
    """Yield the lines of weights.tsv, sorted: kind, feature, then relation and weight in turn."""
    for kind, features in sorted(weights.by_kind.items()):
        for feature, pairs in sorted(features.items()):
            yield "\t".join((kind, feature, *(str(part) for pair in pairs for part in pair)))


@lru_cache(maxsize=1)
def fitted() -> Weights:
    """Read weights.tsv once."""
    return read_weights(Path(__file__).parent / FILE)


def read_weights(path: Path) -> Weights:
    """Read a file of `lines_of`; raise ValueError for one that is damaged. A feature's weights are parsed when it is first met."""
    data = b"\n" + path.read_bytes().rstrip(b"\n")
    marks = {kind: f"\n{kind}\t".encode() for kind in sorted(KINDS)}
    starts = {kind: start for kind, mark in marks.items() if (start := data.find(mark)) >= 0}
    ends = dict(zip(starts, [*starts.values(), len(data)][1:], strict=True))
    found: dict[str, Mapping[str, Pairs]] = {key: {} for key in KINDS}
    for kind, start in starts.items():
        mark = marks[kind]
        lines = data[start + len(mark) : ends[kind]].split(mark)
        found[kind] = _Lines(dict([line.split(b"\t", 1) for line in lines]))
    if sum(map(len, found.values())) != data.count(b"\n") and data.strip():
        raise ValueError(f"{path} holds lines that are of no kind, twice there, or out of order")
    return Weights(found)
