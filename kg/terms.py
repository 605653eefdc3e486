"""Text -> the terms of an N-Quads line: `<iri>` and `"literal"`, by string formatting alone.

Escapes follow the canonical form of RDF 1.2 N-Quads: the short escapes where there are any, `\\uXXXX` for other control characters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

KG = "https://w3id.org/kg/ontology#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
OA = "http://www.w3.org/ns/oa#"
SH = "http://www.w3.org/ns/shacl#"
VOID = "http://rdfs.org/ns/void#"

PREFIXES = {
    "dcterms": DCTERMS,
    "kg": KG,
    "oa": OA,
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": SH,
    "skos": SKOS,
    "void": VOID,
    "xsd": XSD,
}
"""The namespaces of a build's own graphs; `base` is added where a build's things are written."""

TYPE = f"<{RDF}type>"
LABEL = f"<{RDFS}label>"
ALT_LABEL = f"<{SKOS}altLabel>"

_CONTROL = "\x00-\x1f\x7f"
_TO_ESCAPE = re.compile(f'[{_CONTROL}"\\\\\ud800-\udfff]')
_SHORT = {"\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f", '"': '\\"', "\\": "\\\\"}
# What RFC 3987 lets stand in a path, of the basic plane: unreserved, sub-delims, ":", "@", "/" and ucschar.
_NOT_IN_PATH = re.compile(r"[^A-Za-z0-9._~!$&'()*+,;=:@/\-\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef]")


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char >= "\ud800":  # half of a pair, as Python keeps a byte of a file name that is no text: not a character
        return "\ufffd"
    return _SHORT.get(char) or f"\\u{ord(char):04X}"


def string(text: str) -> str:
    r"""Return a plain literal.

    >>> print(string('say "hi"\n'))
    "say \"hi\"\n"
    """
    return '"' + _TO_ESCAPE.sub(_escape, text) + '"'


def typed(lexical: str, datatype: str) -> str:
    """Return a literal with a datatype IRI; `xsd:string` is left out, as the canonical form wants.

    >>> typed("64", XSD + "integer")
    '"64"^^<http://www.w3.org/2001/XMLSchema#integer>'
    """
    return string(lexical) if datatype == XSD + "string" else f"{string(lexical)}^^<{datatype}>"


def integer(number: int) -> str:
    """Return an xsd:integer literal."""
    return f'"{number}"^^<{XSD}integer>'


@lru_cache(maxsize=1024)
def path(text: str) -> str:
    """Return text as the path of an IRI: what may not stand in one is percent-encoded, `/` is kept.

    >>> path("runs/a b%.txt")
    'runs/a%20b%25.txt'
    """
    return _NOT_IN_PATH.sub(lambda match: quote(match[0], safe="", errors="surrogatepass"), text)
