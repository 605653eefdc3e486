"""Make documents to measure with: `python -m bench.corpus -n 20000 --seed 1 FOLDER` or `--jsonl FILE`.

Six kinds, mixed: prose with and without tags, lists of pairs, tables, model cards, listings, and text that states no fact; 800 to
4,000 characters each. Names come from the catalogue and from word lists, numbers are written in many notations. With the same
catalogue, document i of a seed is the same whatever the number of documents.
"""

from __future__ import annotations

import argparse
import json
import random
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.schema import load_schema

SHORTEST, LONGEST = 800, 4000
PAPER = 60_000, 100_000
DENSE = 0.05, 0.1  # share of a paper's paragraphs that state facts
TITLES = ("Training", "Data", "Model details", "Evaluation", "Hyper-parameters", "Limits")
TAGS = {
    "model": "model",
    "params": "params",
    "gpu": "hardware",
    "count": "gpu_count",
    "duration": "training",
    "country": "country",
    "year": "year",
}
KINDS_OF_NAMES = {"gpu": "accelerator", "org": "organization", "other": "model", "base": "model", "llm": "model"}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@lru_cache(maxsize=1)
def templates() -> dict[str, Any]:
    """Return templates.toml, with the names of the catalogue in place of the fallbacks of the same kind."""
    data = tomllib.loads(Path(__file__).with_name("templates.toml").read_text(encoding="utf-8"))
    for kind in ("accelerator", "country", "dataset", "model", "organization", "software"):
        names = sorted({name for thing in load_schema().things if thing.kind == kind for name in (thing.name, *thing.aliases)})
        data["fallback"][kind] = names or data["fallback"][kind]
    return data


class Slots(dict[str, str]):
    """The slots of one document: each look-up draws a value; the model keeps its name, tags surround first mentions."""

    def __init__(self, chance: random.Random, tagged: bool) -> None:
        super().__init__()
        self._chance = chance
        self._tags = dict(TAGS) if tagged else {}
        self._name = invented(chance)

    def __missing__(self, slot: str) -> str:
        value = self._name if slot == "model" else draw(slot, self._chance)
        tag = self._tags.pop(slot, None)
        return f"<{tag}>{value}</{tag}>" if tag else value


def invented(chance: random.Random) -> str:
    """Return a model's name that no catalogue has."""
    names = templates()["fallback"]
    size = chance.choice(("", "-400M", "-1.3B", "-7B", " 13B", "-34B", "-8x7B"))
    return str(chance.choice(names["stems"]) + size + chance.choice(names["endings"]))


def draw(slot: str, chance: random.Random) -> str:
    """Return a value for a slot: a word, a name, or a number in one of its notations."""
    data = templates()
    if slot in data["words"]:
        return str(chance.choice(data["words"][slot]))
    if slot in NUMBERS:
        return NUMBERS[slot](chance)
    return str(chance.choice(data["fallback"][KINDS_OF_NAMES.get(slot, slot)]))


def _plain(chance: random.Random, *numbers: int) -> str:
    number = chance.choice(numbers)
    return chance.choice((str(number), f"{number:,}", f"{number / 1000:g}k" if number % 500 == 0 else str(number)))


def _large(chance: random.Random, low: float, high: float) -> str:
    number = float(f"{10 ** chance.uniform(low, high):.2g}")
    unit, letter, size = next(u for u in (("trillion", "T", 1e12), ("billion", "B", 1e9), ("million", "M", 1e6)) if number >= u[2])
    digits, power = f"{number:.1e}".split("e+")
    scientific = f"{digits} × 10^{int(power)}"
    return chance.choice((f"{number / size:g} {unit}", f"{number / size:g}{letter}", f"{number:,.0f}", scientific))


def _rate(chance: random.Random, low: int, high: int) -> str:
    digit, power = chance.choice((1, 1.5, 2, 3, 5, 6)), -chance.randint(low, high)
    exponent = str(power).translate(_SUPERSCRIPT)
    written = f"{digit * 10**power:.8f}".rstrip("0")
    return chance.choice((f"{digit}e{power}", f"{digit}e−{-power}", f"{digit} × 10^{power}", f"{digit}·10{exponent}", written))


def _duration(chance: random.Random) -> str:
    number, unit = chance.choice(
        ((chance.randint(2, 90), "days"), (chance.randint(2, 12), "weeks"), (chance.randint(4, 300), "hours"))
    )
    return chance.choice(("", "", "about ", "approximately ", "just under ")) + f"{number} {unit}"


NUMBERS: dict[str, Callable[[random.Random], str]] = {
    "params": lambda c: _large(c, 8, 12),
    "tokens": lambda c: _large(c, 9, 13) + " tokens",
    "examples": lambda c: _large(c, 6, 8),
    "hours": lambda c: _plain(c, 1200, 21000, 184320, 3500000),
    "flops": lambda c: f"{c.randint(1, 99) / 10}e{c.randint(20, 26)}",
    "count": lambda c: _plain(c, 1, 4, 8, 16, 24, 32, 64, 96, 128, 256, 512, 1024, 2048),
    "duration": _duration,
    "lr": lambda c: _rate(c, 3, 5),
    "minlr": lambda c: _rate(c, 6, 7),
    "warmup": lambda c: _plain(c, 100, 500, 1000, 2000, 10000),
    "steps": lambda c: _plain(c, 2000, 20000, 143000, 500000),
    "batch": lambda c: _plain(c, 64, 128, 512, 1024, 2048, 16384),
    "micro": lambda c: str(c.choice((1, 2, 4, 8, 16, 24, 32))),
    "accum": lambda c: str(c.choice((2, 4, 8, 16))),
    "epochs": lambda c: str(c.choice((1, 2, 3, 5, 1.5, 30))),
    "decay": lambda c: c.choice(("0.1", "0.05", "0.01", "1e-2")),
    "resolution": lambda c: "{0}{1}{0}".format(c.choice((224, 336, 384, 448)), c.choice(("x", " × ", " x "))),
    "year": lambda c: str(c.randint(2018, 2026)),
    "score": lambda c: f"{c.uniform(20, 95):.1f}",
    "percent": lambda c: f"{c.uniform(0.1, 20):.1f}%",
}


def _sentences(chance: random.Random, slots: Slots, facts: float) -> str:
    data = templates()
    kinds = chance.choices(("facts", "traps", "filler"), (facts, facts / 4, 1.25 - 1.25 * facts), k=chance.randint(3, 7))
    return " ".join(chance.choice(data[kind]).format_map(slots) for kind in kinds)


def _pairs(chance: random.Random, slots: Slots) -> list[tuple[str, str]]:
    chosen = chance.sample(sorted(templates()["pairs"].items()), chance.randint(6, 16))
    return [(key, value.format_map(slots)) for key, value in chosen]


def _prose(chance: random.Random, slots: Slots) -> str:
    return _sentences(chance, slots, chance.uniform(0.4, 0.8))


def _nothing(chance: random.Random, slots: Slots) -> str:
    return _sentences(chance, slots, 0.0)


def _list(chance: random.Random, slots: Slots) -> str:
    mark = chance.choice(("", "- ", "* ", "**"))
    return "\n".join(f"{mark}{key}:{'**' if mark == '**' else ''} {value}" for key, value in _pairs(chance, slots))


def _table(chance: random.Random, slots: Slots) -> str:
    rows = "\n".join(f"| {key} | {value} |" for key, value in _pairs(chance, slots))
    return f"| Item | Value |\n|---|---|\n{rows}"


def _card(chance: random.Random, slots: Slots) -> str:
    block = chance.choice((_prose, _prose, _list, _table))
    return f"## {chance.choice(TITLES)}\n\n{block(chance, slots)}"


KINDS: dict[str, tuple[str, Callable[[random.Random, Slots], str]]] = {
    "prose": ("txt", _prose),
    "tagged": ("txt", _prose),
    "pairs": ("txt", _list),
    "table": ("md", _table),
    "card": ("md", _card),
    "listing": ("txt", _prose),
    "nothing": ("txt", _nothing),
}
SHARES = (28, 20, 10, 8, 18, 6, 10)


def document(number: int, seed: int = 1) -> tuple[str, str]:
    """Return the id and the text of a document."""
    chance = random.Random(f"{seed}/{number}")
    (kind,) = chance.choices(tuple(KINDS), SHARES)
    suffix, block = KINDS[kind]
    slots = Slots(chance, tagged=kind == "tagged")
    text = _head(kind, chance, slots)
    length = chance.randint(SHORTEST, LONGEST - 200)
    while len(text) < length:
        longer = f"{text}\n\n{block(chance, slots)}".lstrip()
        if len(longer) > LONGEST:
            break
        text = longer
    while len(text) < SHORTEST:  # the last block was too long to fit
        text += " " + chance.choice(templates()["filler"]).format_map(slots)
    return f"{number:06d}_{kind}.{suffix}", text + "\n"


def _head(kind: str, chance: random.Random, slots: Slots) -> str:
    if kind == "card":
        return f"---\nlicense: {slots['license'].lower().replace(' ', '-')}\nbase_model: {slots['base']}\n---\n\n# {slots['model']}"
    if kind == "listing":
        title = f"{slots['model']}: a {slots['adj']} {slots['noun']} for every {slots['noun']}"
        number = f"{chance.randint(19, 26)}{chance.randint(1, 12):02d}.{chance.randint(1, 19999):05d}v{chance.randint(1, 3)}"
        day = f"May {chance.randint(1, 28)}, {slots['year']}"
        return f"CSCL{day}\n\n{title}\n\narXiv:{number}{chance.randint(0, 99)} citations"
    return ""


def paper(number: int, seed: int = 1) -> tuple[str, str]:
    """Return the id and the text of a document as long as a paper, of which few paragraphs state facts."""
    chance = random.Random(f"{seed}/paper/{number}")
    slots = Slots(chance, tagged=False)
    dense = chance.uniform(*DENSE)
    length = chance.randint(*PAPER)
    blocks, size = [f"# {slots['model']}: a {slots['adj']} {slots['noun']} for every {slots['noun']}"], 0
    while size < length:
        if chance.random() < 0.08:
            blocks.append(f"## {chance.choice(TITLES)}")
        block = _prose(chance, slots) if chance.random() < dense else _pages(chance, slots)
        blocks.append(block)
        size += len(block) + 2
    return f"{number:06d}_paper.md", "\n\n".join(blocks) + "\n"


def _pages(chance: random.Random, slots: Slots) -> str:
    kinds = chance.choices(("prose", "filler"), (5, 1), k=chance.randint(3, 7))
    return " ".join(chance.choice(templates()[kind]).format_map(slots) for kind in kinds)


def documents(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Yield ids and texts of the first documents of a seed."""
    return (document(number, seed) for number in range(count))


def main() -> None:
    """Write a corpus as a folder of files or as one file of JSON lines."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.corpus", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--jsonl", type=Path, metavar="FILE", help='one {"id": ..., "text": ...} a line')
    parser.add_argument("-n", type=int, default=20_000, metavar="DOCUMENTS")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if (options.folder is None) == (options.jsonl is None):
        parser.error("name a folder, or a file with --jsonl")
    if options.jsonl:
        with options.jsonl.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(
                json.dumps({"id": id, "text": text}, ensure_ascii=False) + "\n" for id, text in documents(options.n, options.seed)
            )
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    for id, text in documents(options.n, options.seed):
        (options.folder / id).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
