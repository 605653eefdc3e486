"""Make the reports that a build is measured with: report i of a seed is the same, however many are made.

Each tells of one model, in prose with and without tags, in a list or in a table, in some 1,200 characters, of which about half are
facts. What is told of a model goes together, so that a build finds no violation and no warning; one report in `WRONG` is wrong on
purpose, in one of the ways of sentences.toml, and says with which code. One report in `FURTHER` is a further one about an earlier
model, and agrees with what was told before.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.corpus import Slots
from bench.models import known, name_of

FURTHER = 8
WRONG = 0.03
LENGTH = 500, 1700
FIRST_YEAR, LAST_YEAR = 2023, 2026
UNITS = {"M": 10**6, "B": 10**9}
RATE = 5 * 10**13  # FLOP/s that each accelerator reaches, below the peak of all of them
OLD = ("BERT-Large", "GPT-2", "T5-11B", "RoBERTa-large", "GPT-Neo-2.7B", "GPT-J-6B")  # released before FIRST_YEAR
FORMS = ("prose", "tagged", "list", "table")
SHARES = (5, 2, 2, 1)


@dataclass(frozen=True, slots=True)
class Made:
    """A report, the name of its model, and what is wrong with it on purpose: a kind and kg's code for it."""

    id: str
    text: str
    model: str
    wrong: tuple[str, str] | None = None


@lru_cache(maxsize=1)
def sentences() -> Mapping[str, Any]:
    """Return sentences.toml."""
    return tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))


def report(number: int, seed: int = 1) -> Made:
    """Return a report."""
    chance = random.Random(f"{seed}/build/{number}")
    model = about(number, seed)
    facts = facts_of(model, seed)
    wrong = wrong_of(number, seed)
    (form,) = ("prose",) if wrong else chance.choices(FORMS, SHARES)
    told = [name for name in sentences()["facts"] if name in facts["told"]]
    if number != model:
        told = chance.sample(told, min(len(told), 5))
    if wrong:
        told = [name for name in told if name not in wrong["without"]]
    text = _text(form, told, facts["slots"], wrong, chance)
    return Made(f"{number:07d}", text, facts["slots"]["model"], (wrong["kind"], wrong["code"]) if wrong else None)


def about(number: int, seed: int = 1) -> int:
    """Return the number of the model that a report is about: its own, or that of an earlier report with nothing wrong."""
    if number % FURTHER != FURTHER - 1:
        return number
    chance = random.Random(f"{seed}/further/{number}")
    while True:
        model = chance.randrange(number)
        if model % FURTHER != FURTHER - 1 and not wrong_of(model, seed):
            return model


def wrong_of(number: int, seed: int = 1) -> Mapping[str, Any] | None:
    """Return in which way a report is wrong on purpose, None for most."""
    if number % FURTHER == FURTHER - 1:
        return None
    chance = random.Random(f"{seed}/wrong/{number}")
    share = WRONG * FURTHER / (FURTHER - 1)  # none of the further reports is wrong
    found: Mapping[str, Any] | None = chance.choice(sentences()["wrong"]) if chance.random() < share else None
    return found


def facts_of(model: int, seed: int = 1) -> Mapping[str, Any]:
    """Return what there is to say of a model: the words for each slot, and which facts a report about it tells."""
    chance = random.Random(f"{seed}/facts/{model}")
    values, names = sentences()["values"], known()
    name = name_of(model)
    size = name.rpartition("-")[2]
    accelerator, precision = chance.choice(values["accelerators"])
    count, days = 2 ** chance.randint(3, 11), chance.randint(2, 60)
    device, accumulation = 2 ** chance.randint(0, 5), 2 ** chance.randint(0, 4)
    steps = chance.randint(20, 400) * 1000
    digit, power = chance.randint(1, 9), chance.randint(4, 5)
    compute = float(f"{count * days * 86400 * RATE:.2g}")
    tokens = compute / 6 / (float(size[:-1]) * UNITS[size[-1]])
    slots = {
        "model": name,
        "size": size.replace("B", " billion").replace("M", " million"),
        "data": _listed(names["training"].several(chance, 3)),
        "tokens": _large(tokens),
        "accelerator": accelerator,
        "precision": precision,
        "count": str(count),
        "days": str(days),
        "hours": f"{count * days * 24:,}",
        "compute": f"{compute:.1e}".replace("e+", "e"),
        "impossible": f"{compute * 1e4:.1e}".replace("e+", "e"),
        "optimizer": chance.choice(values["optimizers"]),
        "peak": f"{digit}e-{power}",
        "minimum": f"{digit}e-{power + 1}",
        "schedule": chance.choice(values["schedules"]),
        "steps": f"{steps:,}",
        "beyond": f"{steps * 10:,}",
        "warmup": f"{chance.choice((500, 1000, 2000)):,}",
        "global": str(count * device * accumulation),
        "odd": str(count * accumulation * 3 + 1),
        "device": str(device),
        "more": str(device * 64),
        "accumulation": str(accumulation),
        "decay": chance.choice(("0.1", "0.05", "0.01")),
        "organization": names["organization"].draw(chance),
        "country": names["country"].draw(chance),
        "year": str(chance.randint(FIRST_YEAR, LAST_YEAR)),
        "license": chance.choice(values["licenses"]),
        "base": chance.choice(OLD),
        "benchmarks": _listed(names["evaluation"].several(chance, 3)),
        "software": names["software"].draw(chance),
    }
    told = chance.sample(list(sentences()["facts"]), chance.randint(4, 14))
    apart = "base" if chance.random() < 0.5 else "license"  # what a model is built on may allow less than its own licence
    return {"slots": slots, "told": set(told) - {apart}}


def _text(form: str, told: Sequence[str], slots: Mapping[str, str], wrong: Mapping[str, Any] | None, chance: random.Random) -> str:
    intro = sentences()["intro"]["tagged" if form == "tagged" else "prose"]
    first = chance.choice(intro).format_map(slots)
    told = chance.sample(list(told), len(told))
    if form in {"list", "table"}:
        blocks = [first, _pairs(form, told, slots, chance)]
    else:
        facts = [chance.choice(sentences()["facts"][name]).format_map(slots) for name in told]
        if wrong:
            facts.insert(chance.randint(0, len(facts)), chance.choice(wrong["text"]).format_map(slots))
        blocks = [first, *_paragraphs(facts, chance)]
    return "\n\n".join(_padded(blocks, chance)) + "\n"


def _pairs(form: str, told: Sequence[str], slots: Mapping[str, str], chance: random.Random) -> str:
    pairs = {key: value.format_map(slots) for name in told for key, value in sentences()["pairs"][name].items()}
    if form == "table":
        return "| Item | Value |\n|---|---|\n" + "\n".join(f"| {key} | {value} |" for key, value in pairs.items())
    mark = chance.choice(("", "- ", "* "))
    return "\n".join(f"{mark}{key}: {value}" for key, value in pairs.items())


def _paragraphs(facts: Sequence[str], chance: random.Random) -> Iterator[str]:
    at = 0
    while at < len(facts):
        size = chance.randint(2, 5)
        yield " ".join(facts[at : at + size])
        at += size


def _padded(blocks: list[str], chance: random.Random) -> list[str]:
    """Return the blocks with paragraphs that state nothing between them, up to a length of chance."""
    length = chance.randint(*LENGTH)
    slots = Slots(chance, tagged=False)
    while sum(map(len, blocks)) < length:
        filler = " ".join(chance.choice(sentences()["filler"]).format_map(slots) for _ in range(chance.randint(1, 3)))
        blocks.insert(chance.randint(1, len(blocks)), filler)
    return blocks


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _large(number: float) -> str:
    unit, size = next(item for item in (("trillion", 1e12), ("billion", 1e9), ("million", 1e6)) if number >= item[1])
    return f"{float(f'{number / size:.3g}'):g} {unit}"
