"""Accept headers -> media types (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kg.sparql.formats import FORMATS, Kind

# Names that clients use for a format beside its own, as text/xml for XML results.
_ALSO: Mapping[str, Sequence[str]] = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "nt": ("text/plain",),
    "turtle": ("application/x-turtle",),
}
_PREFERRED = ("json", "xml", "csv", "tsv", "turtle", "jsonld", "nt", "rdfxml", "trig", "nq")
_QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")


def choose(accept: str, offered: Iterable[str]) -> str | None:
    """Return the media type that a client likes best, None when it takes none; of equals the first that is offered.

    >>> choose("text/csv;q=0.5, text/*;q=0.4, */*;q=0.1", ["application/json", "text/csv", "text/html"])
    'text/csv'
    >>> choose("image/png", ["text/csv"]) is None
    True
    """
    ranges = list(_ranges(accept)) or [("*/*", 1.0)]
    best, highest = None, 0.0
    for media in offered:
        quality = _quality(media, ranges)
        if quality > highest:
            best, highest = media, quality
    return best


def formats_for(accept: str) -> dict[Kind, str | None]:
    """Return the name of the format for each kind of answer, None where nothing fits."""
    kinds: tuple[Kind, ...] = ("rows", "truth", "graph")
    return {kind: _format(accept, kind) for kind in kinds}


def media_types(kind: Kind) -> dict[str, str]:
    """Return the media types in which a kind of answer can be had, with their formats, the preferred first."""
    names = [name for name in _PREFERRED if kind in FORMATS[name].kinds]
    own = {str(FORMATS[name].media_type): name for name in names}
    return own | {media: name for name in names for media in _ALSO.get(name, ())}


def _format(accept: str, kind: Kind) -> str | None:
    offered = media_types(kind)
    chosen = choose(accept, offered)
    return offered[chosen] if chosen else None


def _ranges(accept: str) -> Iterable[tuple[str, float]]:
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [parameter[2:].strip() for parameter in parameters if parameter.startswith("q=")]
        if media.count("/") == 1 and all(_QUALITY.fullmatch(weight) for weight in weights):
            yield media, float(weights[0]) if weights else 1.0


def _quality(media: str, ranges: Iterable[tuple[str, float]]) -> float:
    """Return how much a media type is wanted: what the most specific range that covers it says."""
    group = media.partition("/")[0] + "/*"
    ranks = {media: 2, group: 1, "*/*": 0}
    fitting = [(ranks[name], quality) for name, quality in ranges if name in ranks]
    return max(fitting, default=(0, 0.0))[1]
