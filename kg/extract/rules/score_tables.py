"""Tables of results -> evaluation sets: a row or column whose cells are scores names what was measured."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.extract.rules.lexicon import Name
from kg.extract.rules.names import chunks, shape_of
from kg.extract.rules.reading import Owners, Reading
from kg.extract.rules.sentences import Sentence

_SCORE = re.compile(r"[*_†‡\s]*[-–]?(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?|0?\.\d+)\s?%?[*_†‡\s]*(?:[(±↑↓/].*)?")
SURE = 0.8
LIKELY = 0.55


@dataclass(frozen=True, slots=True)
class Scored:
    """A name that labels a row or column of scores: how likely it is what was measured, and the models whose scores they are."""

    name: Name
    score: float
    owners: Owners


def scored(reading: Reading) -> Iterator[Scored]:
    """Yield the names that label rows or columns of scores."""
    tables: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in reading.sentences:
        if sentence.segment.kind == "cell":
            tables[sentence.segment.group].append(sentence)
    for cells in tables.values():
        yield from _of_table(reading, cells)


def _of_table(reading: Reading, cells: Sequence[Sentence]) -> Iterator[Scored]:
    labels = _labels_of_scores(cells)
    named = [
        (cell, _dataset(reading, cell) or _looked_up(reading, cell))
        for cell in cells
        if cell.is_label and " ".join(cell.words.split()) in labels
    ]
    known = [name for _, name in named if name and name.things]
    if not known:
        return
    text = reading.document.text
    owners = _owners(reading, cells)
    for cell, name in named:
        found = name or next((c for c in chunks(text, cell.start, cell.end, cell.names) if shape_of(c.text) != "plain"), None)
        if not found or _is_model(reading, cell, found):
            continue
        is_known = found.thing("dataset") is not None
        if is_known or len(known) > 1:
            yield Scored(found, SURE if is_known else LIKELY, owners)


def _labels_of_scores(cells: Sequence[Sentence]) -> set[str]:
    seen: dict[str, list[bool]] = defaultdict(list)
    for cell in cells:
        for label in (cell.segment.row, cell.segment.column):
            if label:
                seen[" ".join(label.split())].append(bool(_SCORE.fullmatch(cell.words.strip())))
    return {label for label, scores in seen.items() if sum(scores) >= 0.6 * len(scores)}


def _dataset(reading: Reading, cell: Sentence) -> Name | None:
    """Return the dataset a label names, unless the catalogue knows it as training data only."""
    for name in cell.names:
        thing = name.thing("dataset")
        if thing and thing.facts.get("use") != "training":
            return name
    return None


_DETAIL = re.compile(r"\s*(?:[(/|].*|_(?:openai|r[123]|mc[12]|norm)\b.*|,\s?\d+-shot.*|\s\d+-shot.*)$", re.I)


def _looked_up(reading: Reading, cell: Sentence) -> Name | None:
    """Return the dataset whose name is the whole label, whatever its case (`arc_challenge/acc`)."""
    label = _DETAIL.sub("", cell.words.strip(" *_`|"))
    things = tuple(t for t in reading.schema.find(label, "dataset") if t.facts.get("use") != "training") if len(label) > 1 else ()
    if not things:
        return None
    start = cell.start + cell.words.index(label)
    return Name(start, start + len(label), label, things)


def _is_model(reading: Reading, cell: Sentence, name: Name) -> bool:
    if name.thing("dataset"):
        return False
    return (
        bool(reading.models.own_name(name.text))
        or any(n.thing("model") for n in cell.names)
        or any(own in cell.words for own in reading.models.own)
    )


def _owners(reading: Reading, cells: Sequence[Sentence]) -> Owners:
    labels = {label for cell in cells for label in (cell.segment.row, cell.segment.column) if label}
    named = {reading.models.own_in(label) for label in labels}
    shown = tuple(name for name in reading.models.own if name in named)
    return shown or (reading.models.main,)
