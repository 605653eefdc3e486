"""The decider with fitted weights: features -> probability of each relation a mention may state.

A linear model for each kind of mention; the weights stand in weights.tsv, written by `kg.fit`. They are whole numbers, so that
every machine adds them up alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from pathlib import Path

from kg.extract.rules.mention import Mention

SCALE = 1000  # of weights
STRENGTH = 64  # of features
NONE, OWN = "none", "own"
KINDS = ("number", "name", "value", "model")
FILE = "weights.tsv"


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear model: for each kind of mention the weights of each feature by relation, in units of 1/SCALE."""

    by_kind: Mapping[str, Mapping[str, tuple[tuple[str, int], ...]]]

    def decide(self, mention: Mention) -> list[tuple[float, str]]:
        """Return (probability, relation) of the relations the mention may state, best first."""
        return self._weigh(mention.kind, mention.features, mention.relations)

    def is_own(self, features: Mapping[str, float]) -> float:
        """Return the probability that a candidate with these features is a model of the report's own."""
        return self._weigh("model", features, (OWN,))[0][0]

    def _weigh(self, kind: str, features: Mapping[str, float], relations: tuple[str, ...]) -> list[tuple[float, str]]:
        sums = dict.fromkeys((*relations, NONE), 0)
        weights = self.by_kind[kind]
        for feature, strength in features.items():
            entries = weights.get(feature)
            if entries:
                times = round(strength * STRENGTH)
                for relation, weight in entries:
                    if relation in sums:
                        sums[relation] += weight * times
        top = max(sums.values())
        odds = {relation: exp((total - top) / (SCALE * STRENGTH)) for relation, total in sums.items()}
        whole = sum(odds.values())
        return sorted(((odds[r] / whole, r) for r in relations), key=lambda item: (-item[0], item[1]))


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
    """Read a file of `lines_of`."""
    found: dict[str, dict[str, tuple[tuple[str, int], ...]]] = {kind: {} for kind in KINDS}
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, feature, *pairs = line.split("\t")
        found[kind][feature] = tuple(zip(pairs[::2], map(int, pairs[1::2]), strict=True))
    return Weights(found)
