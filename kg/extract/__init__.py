"""Document -> claims. One folder an extractor: `rules`, offline and the default; `llm`, which asks a language model.

What stands in a known table is read by `table` alone, whichever is chosen.
`EXTRACTORS` are the combinations that can be chosen; whichever is, the rules read each document first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kg.model import Document, Extraction
from kg.schema import Schema

if TYPE_CHECKING:
    from kg.config import Config

Further = Callable[[Iterable[tuple[Document, Extraction]]], list[Extraction]]
"""Makes of documents, and of what the rules read in them, what they say, in their order."""


def extract(document: Document, schema: Schema) -> Extraction:
    """Return the claims and suggestions that the rules find in a document, or what the table says that it is a row of."""
    if document.table is not None:
        from kg.extract.table import extract as by_cells

        return by_cells(document, document.table)
    from kg.extract.rules import extract as by_rules

    return by_rules(document, schema)


def further(
    schema: Schema, config: Config, say: Callable[[str], None], progress: Callable[[str, int, int], None]
) -> Further | None:
    """Return what reads documents after the rules; None when the settings want the rules alone.

    Raises ConfigError when the settings do not say which service is asked.
    """
    if config.extractor == "rules":
        return None
    from kg.extract import llm

    llm.check(config)
    return lambda documents: llm.extract(documents, schema, config, say, progress)
