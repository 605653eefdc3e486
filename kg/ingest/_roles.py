"""What the elements of HTML are to a reader: which make stretches, which are left out, which end others."""

from __future__ import annotations

import re

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
DROPPED = frozenset(
    "script style template nav footer noscript svg select option datalist button textarea iframe object canvas audio video dialog"
    " noframes noembed xmp s del strike".split()
)
"""Elements that are left out: furniture, scripts, and what the author takes back."""

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "summary": 9}
LISTS = frozenset({"ul", "ol", "menu", "dir"})
PLACES = {"caption": "caption", "figcaption": "caption", "pre": "code", "listing": "code", "dt": "term"}
"""Kinds of the stretches that elements make."""

BLOCKS = frozenset(
    "address article aside blockquote body center details div dl fieldset figure form head header hgroup html legend li main p"
    " search section table tbody td tfoot th thead tr colgroup dd".split()
).union(HEADINGS, LISTS, PLACES)
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd label mark math meter nobr output picture progress q rp rt"
    " ruby samp small span strong sub sup time title tt u var map frame frameset rb rtc slot marquee blink basefont".split()
)
BOLD = frozenset({"b", "strong"})

SOFT = frozenset({"div", "hgroup", "center", "header", "section", "article"})
"""Blocks that may stand inside a heading; any other one shows that the heading was never closed."""

BOUNDS = frozenset({"table", "td", "th", "caption"})
"""Elements that an end tag inside of them does not reach out of, unless `CROSSED` says so."""

_CELLS = frozenset({"td", "th", "caption"})
CROSSED = {
    "table": _CELLS, "tr": _CELLS, "tbody": _CELLS, "thead": _CELLS, "tfoot": _CELLS,
    "body": BOUNDS, "html": BOUNDS,
}  # fmt: skip
_TABLE = frozenset({"table"})
_ROWS = frozenset({"tr", "td", "th", "caption", "colgroup"})
_GROUPS = _ROWS | {"thead", "tbody", "tfoot"}
_LISTS = frozenset(LISTS | {"table", "td", "th"})
_DEFINITIONS = frozenset({"dl", "table", "td", "th"})
ENDED = {
    "li": (frozenset({"li"}), _LISTS), "dt": (frozenset({"dt", "dd"}), _DEFINITIONS), "dd": (frozenset({"dt", "dd"}), _DEFINITIONS),
    "td": (_CELLS, _TABLE | {"tr"}), "th": (_CELLS, _TABLE | {"tr"}), "tr": (_ROWS, _TABLE), "thead": (_GROUPS, _TABLE),
    "tbody": (_GROUPS, _TABLE), "tfoot": (_GROUPS, _TABLE),
}  # fmt: skip
"""By element: which elements its opening tag ends, inside of which."""

_FURNITURE = re.compile(
    r"(?:^|[\s\"'])(?:"
    r"hidden(?=[\s=/]|$)(?!\s*=\s*[\"']?until-found)|aria-hidden\s*=\s*[\"']?true"
    r"|role\s*=\s*[\"']?(?:navigation|contentinfo|search|menu|menubar|dialog|tablist|doc-bibliography|doc-toc)\b"
    r"|style\s*=\s*(?:\"[^\"]{0,500}?|'[^']{0,500}?)(?:display\s*:\s*none|visibility\s*:\s*hidden)"
    r"|(?:class|id)\s*=\s*[\"']?(?:[^\"'>]{0,500}?\s)?(?:navbar|toc|table-of-contents|footer|site-footer|breadcrumbs?|sidebar"
    r"|ltx_bibliography|ltx_page_(?:footer|header|navbar|logo)|ltx_TOC|ltx_note_mark|ltx_ERROR"  # LaTeXML
    r"|extra-services|labstabs|subheader|submission-history|descriptor|is-sr-only"  # arXiv
    r"|sr-only|d-none)(?=[\s\"'>/]|$))",
    re.IGNORECASE,
)
_NOTE = "ltx_note_outer"
_LAYOUT = re.compile(r"role\s*=\s*[\"']?(?:presentation|none)\b|\bltx_(?:equation|eqn_table)", re.IGNORECASE)
_REACH = 2000


def is_furniture(attributes: str) -> bool:
    """Say whether an element with these attributes is hidden, or part of a page's furniture."""
    return bool(attributes) and _FURNITURE.search(attributes, 0, _REACH) is not None


def is_note(attributes: str) -> bool:
    """Say whether an element with these attributes is a footnote that stands where it is referred to."""
    return _NOTE in attributes


def is_layout(attributes: str) -> bool:
    """Say whether a table with these attributes says itself that it is none."""
    return bool(attributes) and _LAYOUT.search(attributes, 0, _REACH) is not None
