"""Data sets as Croissant 1.0 (http://mlcommons.org/croissant/1.0), a file each: their names, and what reports used them for.

Who made a data set, its license, its files and its address stand in no report about a model. Which models were trained or
evaluated on it is what kg knows: `rai:dataUseCases` of Croissant's RAI vocabulary 1.0 says it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from kg.export._selection import Selection
from kg.export.profiles._profile import Asked, File, path_of
from kg.export.profiles._things import ALT_LABEL, Thing, models, runs, thing

SEVERAL = True
PARAMETERS: dict[str, str] = {}
_CONFORMS = ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]
_WANTED = ("creator", "datePublished", "description", "distribution", "license", "url")
_TERMS = (
    "citeAs column conformsTo data dataType equivalentProperty examples extract field fileObject fileProperty fileSet format "
    "includes isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace samplingRate separator "
    "source subField transform"
).split()
_SPECIAL: Mapping[str, Any] = {
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}
_CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    **{term: _SPECIAL.get(term, f"cr:{term}") for term in _TERMS},
}

_Uses = dict[str, list[str]]


def write(asked: Asked) -> Iterator[File]:
    """Yield a file for each data set, in order of IRI."""
    for iri, uses in sorted(_uses(asked.selection).items()):
        data = thing(asked.selection.store, iri)
        yield File(f"{path_of(iri, asked.selection.base)}.json", [_content(data, uses, asked)])


def _uses(selection: Selection) -> _Uses:
    """Return what reports used each data set for, in order of model."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for model in models(selection):
        for run in runs(selection.store, model):
            stage = f" ({run.stage})" if run.stage else ""
            for iri in run.run.things("trainingDataset"):
                found[iri].append(f"Training of {model.label}{stage}")
        for iri in model.things("evaluationDataset"):
            found[iri].append(f"Testing of {model.label}")
    return found


def _content(data: Thing, uses: list[str], asked: Asked) -> bytes:
    asked.missing.about("data set")
    for wanted in _WANTED:
        asked.missing.lacks("data set", wanted)
    node = {
        "@context": _CONTEXT,
        "@id": data.iri,
        "@type": "sc:Dataset",
        "conformsTo": _CONFORMS,
        "name": data.label,
        "alternateName": list(data.literals.get(ALT_LABEL, ())),
        "identifier": data.iri,
        "rai:dataUseCases": uses,
    }
    return (json.dumps({key: value for key, value in node.items() if value}, indent=1, ensure_ascii=False) + "\n").encode()
