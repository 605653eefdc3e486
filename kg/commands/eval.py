"""`kg eval`: documents beside their gold, read and scored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg import console, results
from kg.errors import InputError, UsageError
from kg.options import AsJson, Extractor, Jobs, LlmMode, MaxRequests, settings
from kg.terminal import visible

if TYPE_CHECKING:
    from kg.config import Config
    from kg.eval import Gold, Scores
    from kg.ingest import Input
    from kg.model import Claim, Skipped

_MOST = 10  # names that a message lists


def run(
    folder: Annotated[
        Path, typer.Argument(metavar="GOLD_DIR", help="Documents, each x.txt with its gold x.json.", show_default=False)
    ],
    claims: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Score these claims, one a line, instead of what kg extracts.")
    ] = None,
    min_f1: Annotated[float | None, typer.Option(metavar="X", help="Exit with 1 when the relaxed F1 is below this.")] = None,
    by: Annotated[str, typer.Option(metavar="WHAT", help="Break the figures down by relation or document.")] = "relation",
    errors: Annotated[bool, typer.Option("--errors", help="List every wrong claim and missed fact.")] = False,
    as_json: AsJson = False,
    jobs: Jobs = None,
    extractor: Extractor = None,
    llm_mode: LlmMode = None,
    max_requests: MaxRequests = None,
) -> None:
    """Score what is extracted from documents against what people annotated in them.

    \b
    Example:
      kg eval gold/ --errors
      kg eval gold/ --claims claims.jsonl --min-f1 0.8
    """
    from kg.eval import as_text, check_breakdown, to_json

    check_breakdown(by)
    if min_f1 is not None and not 0 <= min_f1 <= 1:
        raise UsageError(f"--min-f1 {min_f1:g} is not between 0 and 1", hint="0.8 means an F1 of 80 %")
    asked = {"extractor": extractor, "llm_mode": llm_mode, "max_requests": max_requests}
    scores, code = _evaluated(folder, claims, settings(jobs=jobs, **asked))
    text = json.dumps(to_json(scores, errors=errors), indent=1, ensure_ascii=False) + "\n" if as_json else ""
    results.write(text or as_text(scores, by, errors=errors))
    if min_f1 is not None and (f1 := scores.total("relaxed").f1) < min_f1:
        console.say(f"the relaxed F1 is {f1:.4f}, below {min_f1:g}")
        code = code or 1
    raise typer.Exit(code)


def _evaluated(folder: Path, claims: Path | None, config: Config) -> tuple[Scores, int]:
    """Return the scores of the documents in a folder, and the exit code that follows from what could not be read."""
    from kg.eval import read_claims, read_gold, score, stem_of
    from kg.ingest import walk
    from kg.schema import load_schema

    golds = read_gold(folder, load_schema(config.base_iri))
    said = None if claims is None else read_claims(claims)
    files = (path for path in folder.iterdir() if path.is_file() and path.suffix.lower() != ".json" and path.name[0] != ".")
    inputs, skipped = walk(sorted(files))
    documents = _documents(golds, inputs)
    stems = {item.path: stem_of(item.path, golds) for item in skipped}
    unread = [item for item in skipped if (stem := stems[item.path]) and stem not in documents]
    if said is None:
        _refuse_lonely(golds, {*documents, *stems.values()})
        said, texts, failures, code = _extracted(documents, config)
    else:
        texts, failures, code = *_texts(documents), 0
    without_gold = [input.id for input in inputs if stem_of(input.id, golds) is None]
    scores = score(golds, said, texts, without_gold)
    _tell(scores, [*unread, *failures])
    return scores, 3 if unread or failures else code


def _documents(golds: Mapping[str, Gold], inputs: Iterable[Input]) -> dict[str, Input]:
    """Return the document of each gold that has one; raise InputError for one that has several."""
    from kg.eval import stem_of

    documents: dict[str, Input] = {}
    for input in inputs:
        stem = stem_of(input.id, golds)
        if stem in documents:
            what = f"two documents for one gold: {documents[stem].id} and {input.id}"
            raise InputError(what, where=str(golds[stem].path), hint="move one of them away, or give each a gold of its own")
        if stem is not None:
            documents[stem] = input
    return documents


def _refuse_lonely(golds: Mapping[str, Gold], found: set[str | None]) -> None:
    lonely = [gold.path.name for stem, gold in golds.items() if stem not in found]
    if lonely:
        folder = next(iter(golds.values())).path.parent
        hint = "a document has the name of its gold: x.txt or x.md beside x.json"
        raise InputError(f"no document beside {_listed(lonely)}", where=str(folder), hint=hint)


def _extracted(documents: Mapping[str, Input], config: Config) -> tuple[list[Claim], dict[str, str], list[Skipped], int]:
    """Return what kg extracts from documents, their texts by stem, which of them it could not read, and the exit code."""
    from kg import pipeline
    from kg.codes import UNASKED

    if not documents:
        return [], {}, [], 0
    paths = [input.path for input in documents.values()]
    config = replace(config, decisions=None)  # what people decided is not what kg reads
    found = pipeline.extract_only(paths, config=config, progress=console.progress(), say=console.say)
    texts = {stem: found.sources[input.id].text for stem, input in documents.items() if input.id in found.sources}
    unasked = [finding for finding in found.findings if finding.code == UNASKED]
    console.show_findings(unasked, found.sources, everything=False)
    return list(found.claims), texts, list(found.failures), found.exit_code


def _texts(documents: Mapping[str, Input]) -> tuple[dict[str, str], list[Skipped]]:
    """Return the texts of documents by stem, and which of them could not be read."""
    from kg.ingest import read
    from kg.model import Skipped

    texts, failures = {}, []
    for stem, input in documents.items():
        try:
            texts[stem] = read(input).source
        except InputError as error:
            failures.append(Skipped(input.id, error.what, failed=True, hint=error.hint))
    return texts, failures


def _tell(scores: Scores, failures: Iterable[Skipped]) -> None:
    for item in failures:
        console.say(visible(f"not read: {item.path}: {item.reason}" + (f" ({item.hint})" if item.hint else "")))
    if scores.without_gold:
        console.say(visible(f"not scored, because no gold stands beside: {_listed(scores.without_gold)}"))
    if scores.strangers:
        console.say(visible(f"not scored, because they are about no document here: claims of {_listed(scores.strangers)}"))


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:_MOST]) + (f" and {len(every) - _MOST:,} more" if len(every) > _MOST else "")
