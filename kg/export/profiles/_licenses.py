"""Names of licenses, as the catalogue spells them -> what other vocabularies call them."""

from __future__ import annotations

from functools import cache

from kg.schema import load_schema
from kg.values import name_key, slug

_LISTED = "https://spdx.org/licenses/"
# Identifiers of the Hugging Face Hub (https://huggingface.co/docs/hub/repositories-licenses) for licenses that SPDX lists.
_HUB_SPDX = frozenset(
    "afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 "
    "cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 "
    "cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 "
    "ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 gpl-2.0 gpl-3.0 isc lgpl-2.1 lgpl-3.0 lppl-1.3c mit mpl-2.0 ms-pl ncsa "
    "ofl-1.1 osl-3.0 postgresql unlicense wtfpl zlib".split()
)
# The same for licenses that SPDX does not list, by the name that the catalogue gives them.
_HUB_NAMES = {
    "BigCode OpenRAIL-M": "bigcode-openrail-m",
    "BigScience OpenRAIL-M": "bigscience-openrail-m",
    "BigScience RAIL 1.0": "bigscience-bloom-rail-1.0",
    "CreativeML OpenRAIL-M": "creativeml-openrail-m",
    "Gemma Terms of Use": "gemma",
    "Llama 2 Community License": "llama2",
    "Llama 3 Community License": "llama3",
    "Llama 3.1 Community License": "llama3.1",
    "Llama 3.2 Community License": "llama3.2",
    "Llama 3.3 Community License": "llama3.3",
    "Llama 4 Community License": "llama4",
    "OpenRAIL": "openrail",
    "OpenRAIL++": "openrail++",
}


def spdx(name: str) -> str | None:
    """Return the address of a license in the SPDX list, None for one that it does not list."""
    found = _identifiers().get(name_key(name))
    return _LISTED + found if found else None


def hub(name: str) -> str | None:
    """Return the identifier that the Hugging Face Hub has for a license, None when it has none."""
    listed = _identifiers().get(name_key(name), "").lower().removesuffix("-only").removesuffix("-or-later")
    return listed if listed in _HUB_SPDX else _HUB_NAMES.get(name)


def hub_name(name: str) -> str:
    """Return a license's name as the Hub wants those that it does not know."""
    return slug(name)


@cache
def _identifiers() -> dict[str, str]:
    """Return the SPDX identifiers of the catalogue's licenses by their names."""
    known = (thing for thing in load_schema().things if thing.facts.get("spdx"))
    return {name_key(name): thing.facts["spdx"] for thing in known for name in (thing.name, thing.facts["spdx"])}
