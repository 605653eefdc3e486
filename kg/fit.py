"""Annotated reports -> the weights of the rule extractor's decider: `python -m kg.fit FOLDER... [--passages FILE...]`.

FOLDER holds documents beside their annotations, as `kg eval` reads them (or it is DOCUMENTS:ANNOTATIONS); a passages file holds
short texts between lines of `=== form`, with their facts in brackets: `[[acceleratorCount@pretraining|512]]`. A linear model is
fitted for each kind of mention (scikit-learn, extra `fit`), its weights are rounded to whole thousandths. The same input gives
the same file. `--folds N` prints how documents that were left out are read.

The models of a document are found by weights fitted without it, so that mentions are weighed as they are in documents never seen.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import InputError, KgError, UsageError
from kg.eval import Gold, Negative, as_text, has_value, places_of, read_gold, same_name, score, stem_of
from kg.extract.rules import Scanned, read, scan
from kg.extract.rules.candidates import pool
from kg.extract.rules.claims import settle
from kg.extract.rules.gather import gather
from kg.extract.rules.mention import Decider, Mention
from kg.extract.rules.weights import NONE, OWN, SCALE, Weights, lines_of
from kg.ingest import read as read_document
from kg.ingest import read_text, walk
from kg.model import Claim
from kg.schema import Schema, load_schema

FOLDS = 3
RARE = 3  # features of fewer mentions are left out
STRENGTH = {"number": 1.0, "name": 1.0, "value": 1.0, "model": 1.0}  # inverse of the regularisation
LEAST = 0.02  # smaller weights are left out
PASSAGE = 0.25  # what a mention in a passage counts beside one in a document
_TAG = re.compile(r"\[\[([^\]|@]+)(?:@[^\]|]*)?\|((?:(?!\]\]).)*)\]\]", re.S)
_PASSAGE = re.compile(r"^=== .*\n", re.M)
UNSURE = "?"


@dataclass(frozen=True, slots=True)
class Example:
    """A document that was scanned, with its annotations: those of a folder, or the spans of a passage by relation."""

    scanned: Scanned
    gold: Gold | None = None
    spans: tuple[tuple[int, int, str], ...] = ()

    @property
    def folder(self) -> Path:
        """The folder of an annotated document."""
        return self.gold.path.parent if self.gold else Path()


@dataclass(slots=True)
class Rows:
    """Features with what they stand for, by kind of mention."""

    features: dict[str, list[Mapping[str, float]]] = field(default_factory=lambda: defaultdict(list))
    labels: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, features: Mapping[str, float], label: str, example: Example) -> None:
        """Add a mention unless its annotation is unsure."""
        if label != UNSURE:
            self.features[kind].append(features)
            self.labels[kind].append(label)
            self.counts[kind].append(PASSAGE if example.gold is None else 1.0)


def examples_of(folders: Iterable[Path], passages: Iterable[Path], schema: Schema) -> Iterator[Example]:
    """Yield the annotated documents of folders and files, scanned."""
    for folder in folders:
        documents, _, annotations = str(folder).partition(":")
        golds = read_gold(Path(annotations or documents), schema)
        for input in walk([documents])[0]:
            if (stem := stem_of(input.id, golds)) and input.path.suffix != ".json":
                yield Example(scan(read_document(input), schema), golds[stem])
    for path in passages:
        for k, marked in enumerate(_PASSAGE.split(path.read_text(encoding="utf-8"))[1:]):
            yield _passage(f"{path.stem}-{k}.md", marked, schema)


def _passage(id: str, marked: str, schema: Schema) -> Example:
    text, spans, position = "", [], 0
    for match in _TAG.finditer(marked):
        text += marked[position : match.start()]
        spans.append((len(text), len(text) + len(match[2]), match[1]))
        text += match[2]
        position = match.end()
    return Example(scan(read_text(text + marked[position:], id), schema), spans=tuple(spans))


def fitted(examples: Sequence[Example], schema: Schema) -> Weights:
    """Fit the weights of all kinds."""
    rows = Rows()
    for part in range(FOLDS):
        models = Rows()
        for k, example in enumerate(examples):
            if k % FOLDS != part:
                _add_models(models, example, schema)
        decider = _linear(models, ("model",))
        for example in examples[part::FOLDS]:
            for mention, label in labelled(example, decider, schema):
                rows.add(mention.kind, mention.features, label, example)
            _add_models(rows, example, schema)
    return _linear(rows, tuple(STRENGTH))


def labelled(example: Example, decider: Decider, schema: Schema) -> Iterator[tuple[Mention, str]]:
    """Yield the mentions that words decide with the relation an annotation gives them.

    It is NONE for no relation, UNSURE where a mention has an annotated value but is not what was annotated.
    """
    for mention in gather(read(example.scanned, schema, decider)):
        if not mention.forced:
            yield mention, _label(mention, example)


def _add_models(rows: Rows, example: Example, schema: Schema) -> None:
    scanned = example.scanned
    for candidate in pool(scanned.document, scanned.sentences, scanned.shaped, schema.find).values():
        if not candidate.tagged:
            rows.add("model", candidate.features, _own(candidate.name, candidate.mentions, example), example)


def _own(name: str, mentions: Sequence[tuple[int, int]], example: Example) -> str:
    if example.gold is None:
        tagged = [relation for start, end, relation in example.spans if (start, end) in mentions]
        return OWN if "name" in tagged else UNSURE if UNSURE in tagged else NONE
    for facts, label in ((example.gold.own, OWN), (example.gold.facts, UNSURE)):
        if any(f.relation == "name" and (f.required or label == UNSURE) and same_name("name", f.values, (name,)) for f in facts):
            return label
    return NONE


def _label(mention: Mention, example: Example) -> str:
    if example.gold is None:
        return _label_of_span(mention, example.spans)
    text = example.scanned.document.source
    required, others = set(), False
    for fact in example.gold.facts:
        value = mention.value_of(fact.relation) if fact.relation in mention.relations else None
        if value is None or not _means(mention, text, fact.relation, fact.values, value):
            continue
        here = any(start <= mention.start and mention.end <= end for start, end in places_of(fact.evidence, text))
        if here and fact.required:
            required.add(fact.relation)
        others = True
    if len(required) == 1:
        return required.pop()
    return UNSURE if others else NONE


def _means(mention: Mention, text: str, relation: str, values: tuple[str, ...], value: str) -> bool:
    claim = Claim("", None, relation, value, mention.start, mention.end, text[mention.start : mention.end])
    return has_value(claim, Negative(relation, values))


def _label_of_span(mention: Mention, spans: Iterable[tuple[int, int, str]]) -> str:
    relations = [relation for start, end, relation in spans if start < mention.end and mention.start < end]
    if not relations:
        return NONE
    possible = [relation for relation in relations if relation in mention.relations and mention.value_of(relation)]
    return possible[0] if possible else UNSURE


def _linear(rows: Rows, kinds: Sequence[str]) -> Weights:
    """Fit a linear model for each kind and round its weights; raise InputError when the extra is missing."""
    try:
        import numpy as np
        from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-untyped]
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    except ImportError as error:
        raise InputError("scikit-learn is not installed", hint="pip install 'kg[fit]'") from error
    found: dict[str, dict[str, tuple[tuple[str, int], ...]]] = {kind: {} for kind in STRENGTH}
    for kind in kinds:
        if len(set(rows.labels[kind])) < 2:
            continue  # nothing to tell apart
        common = Counter(name for features in rows.features[kind] for name in features)
        kept = [{name: value for name, value in features.items() if common[name] >= RARE} for features in rows.features[kind]]
        vectors = DictVectorizer(dtype=np.float64)
        matrix = vectors.fit_transform(kept)
        model = LogisticRegression(C=STRENGTH[kind], fit_intercept=False, max_iter=200, tol=1e-3).fit(
            matrix, rows.labels[kind], rows.counts[kind]
        )
        found[kind] = _rounded(vectors.get_feature_names_out(), model.coef_, list(model.classes_))
    return Weights(found)


def _rounded(names: Iterable[str], weights: Any, classes: Sequence[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return the weights of each feature by relation, relative to NONE."""
    classes = classes[1:] if len(weights) == 1 else classes
    found = {}
    for column, name in enumerate(names):
        pairs = [(label, float(weights[row][column])) for row, label in enumerate(classes)]
        kept = tuple((label, round(weight * SCALE)) for label, weight in pairs if abs(weight) >= LEAST)
        if kept:
            found[name] = kept
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and write, or print how left-out documents are read."""
    parser = argparse.ArgumentParser(
        prog="python -m kg.fit",
        description="Fit the weights of the rule extractor on annotated documents, or see how documents left out are read.",
        epilog="Example: python -m kg.fit gold/ --passages passages/*.txt -o weights.tsv",
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="documents beside their annotations")
    parser.add_argument("--passages", nargs="*", type=Path, default=[], metavar="FILE", help="annotated passages")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the weights to this file")
    wanted.add_argument("--folds", type=int, metavar="N", help="print the scores of documents left out, in N folds")
    given = parser.parse_args(arguments)
    try:
        _run(given.folders, given.passages, given.output, given.folds)
    except KgError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"error: {error.filename}: {error.strerror}\n")
        return 2
    return 0


def _run(folders: Sequence[Path], passages: Sequence[Path], output: Path | None, folds: int | None) -> None:
    schema = load_schema()
    examples = list(examples_of(folders, passages, schema))
    if not examples:
        raise UsageError("there is nothing to learn from", hint="name folders of annotated documents, or --passages files")
    if output:
        weights = fitted(examples, schema)
        if not any(weights.by_kind.values()):
            raise InputError("the annotations tell nothing apart", hint="they need facts, and numbers and names that are none")
        output.write_text("".join(f"{line}\n" for line in lines_of(weights)), encoding="utf-8")
    else:
        annotated = sum(example.gold is not None for example in examples)
        if not folds or not 2 <= folds <= annotated:
            raise UsageError(f"{annotated} annotated documents cannot be left out in {folds} folds", hint="--folds is 2 or more")
        _cross(examples, folds, schema)


def _cross(examples: Sequence[Example], folds: int, schema: Schema) -> None:
    annotated = [example for example in examples if example.gold]
    passages = [example for example in examples if not example.gold]
    claims: dict[Path, list[Claim]] = defaultdict(list)
    for part in range(folds):
        others = [example for k, example in enumerate(annotated) if k % folds != part]
        weights = fitted([*others, *passages], schema)
        for example in annotated[part::folds]:
            claims[example.folder] += settle(read(example.scanned, schema, weights), weights).claims
    for folder, found in claims.items():
        inside = [(example.gold, example.scanned.document.source) for example in annotated if example.folder == folder]
        golds = {gold.path.stem: gold for gold, _ in inside if gold}
        scores = score(golds, found, {gold.path.stem: source for gold, source in inside if gold})
        sys.stdout.write(f"{folder}\n{as_text(scores, 'relation', errors=False)}\n")


if __name__ == "__main__":
    sys.exit(main())
