"""Accept headers and `format` parameters -> formats of answers (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from kg.errors import UnknownName
from kg.sparql.formats import FORMATS, Kind

KINDS: tuple[Kind, ...] = ("rows", "truth", "graph")

# Names that clients use for a format beside its own, as text/xml for XML results.
_ALSO: Mapping[str, Sequence[str]] = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "nt": ("text/plain",),
    "turtle": ("application/x-turtle", "text/n3", "text/rdf+n3"),  # Turtle is a part of Notation 3
    "trig": ("application/x-trig",),
    "nq": ("text/x-nquads",),
}
_PREFERRED = ("json", "xml", "csv", "tsv", "turtle", "jsonld", "nt", "rdfxml", "trig", "nq")
# What clients write into `format=` and `output=`: SPARQLWrapper always, links and Virtuoso's forms often.
_SHORT: Mapping[str, Sequence[str]] = {
    "json": ("json", "jsonld"),
    "xml": ("xml", "rdfxml"),
    "ttl": ("turtle",),
    "n3": ("turtle",),
    "rdf": ("rdfxml",),
    "rdf+xml": ("rdfxml",),
    "json-ld": ("jsonld",),
    "ntriples": ("nt",),
    "n-triples": ("nt",),
    "nquads": ("nq",),
    "n-quads": ("nq",),
}
_NO_NAME = frozenset({"", "auto"})
_QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"?')  # in which a comma separates nothing
_REMEMBERED = 256  # headers with their parameters
_LONGEST = 512  # characters of one that is remembered


def choose(accept: str, offered: Iterable[str]) -> str | None:
    """Return the media type that a client likes best, None when it takes none; of equals the first that is offered.

    >>> choose("text/csv;q=0.5, text/*;q=0.4, */*;q=0.1", ["application/json", "text/csv", "text/html"])
    'text/csv'
    >>> choose("image/png", ["text/csv"]) is None
    True
    """
    return _best(_ranges(accept), offered)


def _best(ranges: Mapping[str, float], offered: Iterable[str]) -> str | None:
    best, highest = None, 0.0
    for media in offered:
        quality = _quality(media, ranges)
        if quality > highest:
            best, highest = media, quality
    return best


def formats_for(accept: str, named: Sequence[str] = ()) -> Mapping[Kind, str | None]:
    """Return the name of the format for each kind of answer, None where nothing fits.

    `named` are the values of `format` parameters, media types or short names: for the kinds of answer that they can write they
    decide, the header for the others. Raise UnknownName for a name that is none.

    >>> dict(formats_for("*/*", ["csv"]))
    {'rows': 'csv', 'truth': 'json', 'graph': 'turtle'}
    """
    names = tuple(named)
    if len(accept) + sum(map(len, names)) + len(names) > _LONGEST:
        return _formats(accept, names)
    return _remembered(accept, names)


def media_types(kind: Kind) -> dict[str, str]:
    """Return the media types in which a kind of answer can be had, with their formats, the preferred first."""
    names = [name for name in _PREFERRED if kind in FORMATS[name].kinds]
    own = {str(FORMATS[name].media_type): name for name in names}
    return own | {media: name for name in names for media in _ALSO.get(name, ())}


_OFFERED: Mapping[Kind, Mapping[str, str]] = {kind: media_types(kind) for kind in KINDS}
NAMES: Mapping[str, Sequence[str]] = {
    **{media: (name,) for offered in _OFFERED.values() for media, name in offered.items()},
    **{name: (name,) for name in _PREFERRED},
    **_SHORT,
}


def _formats(accept: str, named: tuple[str, ...]) -> Mapping[Kind, str | None]:
    wanted = [_named(name) for name in named]
    asked = next((names for names in wanted if names), ())
    ranges = _ranges(accept)
    found: dict[Kind, str | None] = {}
    for kind, offered in _OFFERED.items():
        fitting = [name for name in asked if kind in FORMATS[name].kinds]
        media = None if fitting else _best(ranges, offered)
        found[kind] = fitting[0] if fitting else offered[media] if media else None
    return MappingProxyType(found)


_remembered = lru_cache(maxsize=_REMEMBERED)(_formats)


def _named(text: str) -> Sequence[str]:
    """Return the formats that a parameter's value means; a plus that was not percent-encoded has become a space.

    Some clients send all media types of a format, with commas between them, as they do in the header: one that is known is enough.
    """
    names = [part.partition(";")[0].strip().lower().replace(" ", "+") for part in text.split(",")]
    if _NO_NAME.issuperset(names):
        return ()
    known = [format for name in names for format in NAMES.get(name, ())]
    if not known:
        raise UnknownName("format", text[:80], _PREFERRED)
    return known


def _ranges(accept: str) -> Mapping[str, float]:
    """Return how much a client wants each range of media types; of a header that names none it wants all."""
    found: dict[str, float] = {}
    for part in _QUOTED.sub("", accept).split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [parameter[2:].strip() for parameter in parameters if parameter.startswith("q=")]
        if media.count("/") == 1 and all(_QUALITY.fullmatch(weight) for weight in weights):
            found[media] = max(found.get(media, 0.0), float(weights[0]) if weights else 1.0)
    return found or {"*/*": 1.0}


def _quality(media: str, ranges: Mapping[str, float]) -> float:
    """Return how much a media type is wanted: what the most specific range that covers it says."""
    group = media.partition("/")[0] + "/*"
    return next((ranges[name] for name in (media, group, "*/*") if name in ranges), 0.0)
