"""Make up models and the reports about them, with their claims: what extraction would have read, without reading.

With the same catalogue, report i of `Reports(models, seed)` is always the same. What models are built on, trained on, trained
with and who made them follows Zipf's law; some models build on other made-up ones; releases become more frequent from 2012 to 2026.
One report in nine is a further one about a model that another report describes.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate

from kg.model import Claim, Document, Field, Thing
from kg.schema import Schema, load_schema

YEARS = range(2012, 2027)
STAGES = (
    (None,),
    ("pretraining",),
    ("pretraining", "instruction-tuning"),
    ("alignment", "instruction-tuning"),
    ("pretraining", "fine-tuning"),
)
SIZES = ("110M", "400M", "1.3B", "3B", "7B", "13B", "34B", "70B")
FURTHER = 8  # one further report for so many models
ACCELERATORS = 60  # that training is carried out on; the catalogue knows more
_SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwxyz" for vowel in "aeiou"]
_STEP = 387_420_489  # no common divisor with the number of stems: each number has a stem of its own
_UNITS = {"M": 10**6, "B": 10**9}
_FORMATS = ("bfloat16", "float16", "float32", "mixed", "tf32")
_SCHEDULES = ("cosine", "linear", "constant", "wsd", "inverse-sqrt")

SENTENCES: Mapping[str, tuple[str, ...]] = {
    "name": ("We present {}, the subject of this report.", "This report describes {} and how it came about."),
    "parameterCount": ("It has {} parameters.", "Its weights are {} numbers."),
    "organization": ("It was developed by {}.", "The authors work at {}."),
    "country": ("The work was carried out in {}.",),
    "releaseYear": ("It was released in {}.", "The weights have been public since {}."),
    "license": ("The license is {}.",),
    "extends": ("It goes on from {}.", "Its weights start from those of {}."),
    "imageEncoder": ("Images are read by {}.",),
    "languageModel": ("The language model is {}.", "Text comes from {}."),
    "component": ("The parts are joined by {}.",),
    "evaluationDataset": ("It was evaluated on {}.", "We report results on {}."),
    "trainingDataset": ("The data{of} come from {}.", "We trained{in_} on {}."),
    "trainingExamples": ("We used {} examples{in_}.",),
    "duration": ("Training took {}{in_}.", "It was over after {}{in_}."),
    "acceleratorHours": ("Altogether {} hours of accelerators were spent{in_}.",),
    "trainingCompute": ("The training{of} took {} operations.",),
    "accelerator": ("We trained{in_} on {} accelerators.",),
    "acceleratorCount": ("{} of them worked at a time{in_}.",),
    "optimizer": ("The optimizer{of} was {}.",),
    "peakLearningRate": ("The learning rate{of} rose to {}.",),
    "minLearningRate": ("It fell to {} in the end.",),
    "learningRateSchedule": ("Then it followed a {} schedule{in_}.",),
    "warmupSteps": ("It was warmed up over {} steps{in_}.",),
    "warmupFraction": ("Warm-up took {} of the steps{in_}.",),
    "globalBatchSize": ("The global batch{of} held {} samples.",),
    "perDeviceBatchSize": ("Each accelerator worked on {} of them at a time{in_}.",),
    "gradientAccumulationSteps": ("Gradients{of} were summed over {} steps.",),
    "imageResolution": ("Images{of} were scaled to {} pixels.",),
    "epochs": ("We went {} times over the data{in_}.",),
    "precision": ("Numbers{of} were kept in {}.",),
    "software": ("It was implemented in {}.",),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """What a report may state of a model: a relation's canonical value and the words for it."""

    relation: str
    value: str
    words: str
    stage: str | None = None
    unit: str | None = None
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Zipf:
    """Names, the first drawn most often: the one of rank r with a weight of 1/r."""

    names: Sequence[str]
    weights: Sequence[float]

    @classmethod
    def of(cls, names: Sequence[str]) -> Zipf:
        """Return the names in an order of chance, which is always the same."""
        shuffled = sorted(names, key=lambda name: sha256(name.encode()).digest())
        return cls(shuffled, tuple(accumulate(1 / rank for rank in range(1, len(shuffled) + 1))))

    def draw(self, chance: random.Random) -> str:
        """Return one of the names."""
        return self.names[bisect_left(self.weights, chance.random() * self.weights[-1])]

    def several(self, chance: random.Random, most: int) -> list[str]:
        """Return up to `most` names, each once."""
        return list(dict.fromkeys(self.draw(chance) for _ in range(chance.randint(1, most))))


@lru_cache(maxsize=1)
def known() -> Mapping[str, Zipf]:
    """Return the names of the catalogue that mean one thing each, by kind; also by roles and uses."""
    schema = load_schema()
    single = [thing for thing in schema.things if _is_single(thing, schema)]
    kinds = {kind: [thing.name for thing in single if thing.kind == kind] for kind in schema.kinds()}
    for role in ("language", "image-encoder"):
        kinds[role] = [thing.name for thing in single if thing.kind == "model" and thing.facts.get("role") == role]
    for use in ("training", "evaluation"):
        kinds[use] = [thing.name for thing in single if thing.kind == "dataset" and thing.facts.get("use") in {use, "both"}]
    kinds["accelerator"] = [thing.name for thing in single if thing.kind == "accelerator" and thing.facts.get("peakFp16")]
    found = {kind: Zipf.of(names) for kind, names in kinds.items()}
    return {**found, "accelerator": Zipf.of(found["accelerator"].names[:ACCELERATORS])}


def _is_single(thing: Thing, schema: Schema) -> bool:
    return len(schema.find(thing.name)) == 1 and not thing.ambiguous


def name_of(number: int) -> str:
    """Return the name of a made-up model: eight sizes of one stem, then the next stem."""
    stem, rest = number // len(SIZES) * _STEP % len(_SYLLABLES) ** 3, len(_SYLLABLES)
    word = "".join(_SYLLABLES[stem // rest**place % rest] for place in range(3)).capitalize()
    return f"{word}-{SIZES[number % len(SIZES)]}"


def facts_of(number: int, seed: int) -> list[Fact]:
    """Return all that there is to state of a made-up model."""
    chance = random.Random(f"{seed}/model/{number}")
    facts = [*_about_model(number, chance), *_about_backbones(number, chance)]
    for stage in chance.choices(STAGES, (4, 3, 2, 2, 1))[0]:
        facts += _about_training(stage, chance)
        facts += _about_hardware(stage, chance)
    return facts


def _about_model(number: int, chance: random.Random) -> Iterator[Fact]:
    size, names = SIZES[number % len(SIZES)], known()
    yield Fact("name", name_of(number), name_of(number))
    yield Fact("parameterCount", f"{float(size[:-1]) * _UNITS[size[-1]]:.0f}", size)
    if chance.random() < 0.85:
        yield _named("organization", names["organization"].draw(chance))
    if chance.random() < 0.75:
        yield _named("country", names["country"].draw(chance))
    if chance.random() < 0.85:
        (year,) = chance.choices(YEARS, range(1, len(YEARS) + 1))
        yield Fact("releaseYear", str(year), str(year))
    if chance.random() < 0.6:
        yield _named("license", names["license"].draw(chance))
    if chance.random() < 0.6:
        yield from (_named("evaluationDataset", name) for name in names["evaluation"].several(chance, 4))


def _about_backbones(number: int, chance: random.Random) -> Iterator[Fact]:
    names = known()
    if chance.random() < 0.4:
        # The earlier a model is, the more are built on it.
        own = number and chance.random() < 0.5
        yield _named("extends", name_of(int(number * chance.random() ** 4)) if own else names["model"].draw(chance))
    if chance.random() < 0.35:
        yield _named("languageModel", names["language"].draw(chance))
    if chance.random() < 0.25:
        yield _named("imageEncoder", names["image-encoder"].draw(chance))
        yield _named("component", names["component"].draw(chance))


def _about_training(stage: str | None, chance: random.Random) -> Iterator[Fact]:
    names = known()
    for name in names["training"].several(chance, 3):
        yield _named("trainingDataset", name, stage)
    if chance.random() < 0.35:
        examples = chance.randint(1, 999)
        yield Fact("trainingExamples", str(examples * 10**6), f"{examples} million", stage, "examples", chance.random() < 0.3)
    if chance.random() < 0.4:
        yield _named("optimizer", names["optimizer"].draw(chance), stage)
    if chance.random() < 0.4:
        digit, power = chance.randint(1, 9), chance.randint(3, 5)
        yield Fact("peakLearningRate", "0." + "0" * (power - 1) + str(digit), f"{digit}e-{power}", stage)
        yield _named("learningRateSchedule", chance.choice(_SCHEDULES), stage)
        if chance.random() < 0.3:
            yield Fact("minLearningRate", "0." + "0" * power + str(digit), f"{digit}e-{power + 1}", stage)
    if chance.random() < 0.25:
        steps = chance.choice((100, 500, 1000, 2000))
        yield Fact("warmupSteps", str(steps), f"{steps:,}", stage)
    elif chance.random() < 0.1:
        yield Fact("warmupFraction", "0.03", "3 %", stage)
    if chance.random() < 0.25:
        batch = 2 ** chance.randint(5, 14)
        yield Fact("globalBatchSize", str(batch), f"{batch:,}", stage)
        if chance.random() < 0.4:
            yield Fact("gradientAccumulationSteps", "2", "2", stage)
        if chance.random() < 0.3:
            yield Fact("perDeviceBatchSize", "8", "8", stage)
    if chance.random() < 0.15:
        epochs = str(chance.randint(1, 30))
        yield Fact("epochs", epochs, epochs, stage)
    if chance.random() < 0.3:
        yield _named("precision", chance.choice(_FORMATS), stage)
    if chance.random() < 0.2:
        yield _named("software", names["software"].draw(chance), stage)
    if chance.random() < 0.1:
        yield Fact("imageResolution", "336x336", "336 × 336", stage)


def _about_hardware(stage: str | None, chance: random.Random) -> Iterator[Fact]:
    if chance.random() < 0.3:
        days = chance.randint(1, 90)
        yield Fact("duration", f"P{days}D", f"{days} days", stage, approximate=chance.random() < 0.2)
    if chance.random() < 0.45:
        yield _named("accelerator", known()["accelerator"].draw(chance), stage)
    if chance.random() < 0.35:
        count = 2 ** chance.randint(0, 11)
        yield Fact("acceleratorCount", str(count), f"{count:,}", stage)
    if chance.random() < 0.1:
        hours = chance.randint(1, 9999) * 100
        yield Fact("acceleratorHours", str(hours), f"{hours:,}", stage)
    if chance.random() < 0.05:
        digits, power = chance.randint(10, 99), chance.randint(20, 24)
        yield Fact("trainingCompute", f"{digits / 10}e{power}", f"{digits / 10}e{power}", stage)


def _named(relation: str, name: str, stage: str | None = None) -> Fact:
    return Fact(relation, name, name, stage)


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports about so many made-up models; each is made when it is asked for."""

    models: int
    seed: int = 1

    def __len__(self) -> int:
        return self.models + self.models // FURTHER

    def __iter__(self) -> Iterator[tuple[Document, tuple[Claim, ...]]]:
        return map(self.report, range(len(self)))

    def id(self, number: int) -> str:
        """Return the id of a report; ids sort as numbers do."""
        return f"{number // 1000:04d}/{number:07d}.txt"

    def number(self, id: str) -> int:
        """Return the number of the report with an id."""
        return int(id[5:-4])

    def report(self, number: int) -> tuple[Document, tuple[Claim, ...]]:
        """Return the report with this number and what it claims; names mean nothing yet."""
        chance = random.Random(f"{self.seed}/report/{number}")
        model = number if number < self.models else int(self.models * chance.random() ** 3)
        told, name = facts_of(model, self.seed), name_of(model)
        if number >= self.models:  # a further report does not tell everything again
            told = [fact for fact in told if fact.relation == "name" or chance.random() < 0.5]
        id, text, method = self.id(number), f"# {name}: report {number:,}\n\n", "tag" if chance.random() < 0.05 else "rule"
        fields = tuple(_fields(text, chance)) if chance.random() < 0.3 else ()
        claims = []
        for fact in told:
            before, after = _sentence(fact, chance)
            start = len(text) + len(before)
            text += f"{before}{fact.words}{after}"
            place = (start, start + len(fact.words), fact.words)
            claims.append(
                Claim(id, name, fact.relation, fact.value, *place, fact.stage, fact.unit, None, fact.approximate, None, method)
            )
        return Document(id, id, "text", text, text, sha256(text.encode()).hexdigest(), fields=fields), tuple(claims)


def _fields(heading: str, chance: random.Random) -> Iterator[Field]:
    """Yield what some reports tell about themselves; only what the graph takes of it is true."""
    year, month = chance.choice(YEARS), chance.randint(1, 12)
    yield Field("title", heading.strip("#\n "), 0, 0)
    yield Field("published", f"{year}-{month:02d}-15", 0, 0)
    yield Field("arxivId", f"{year % 100:02d}{month:02d}.{chance.randint(1, 99999):05d}", 0, 0)


def _sentence(fact: Fact, chance: random.Random) -> tuple[str, str]:
    """Return what stands before and after the words of a fact."""
    template = chance.choice(SENTENCES[fact.relation])
    of, in_ = (f" of {fact.stage}", f" in {fact.stage}") if fact.stage else ("", "")
    before, after = template.replace("{of}", of).replace("{in_}", in_).split("{}")
    return before, after + ("\n\n" if chance.random() < 0.2 else " ")
