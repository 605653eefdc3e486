"""JSON that any reader takes: UTF-8 as it is, half surrogates escaped (RFC 8259, section 8.2)."""

from __future__ import annotations

import json
import re
from typing import Any


def dump(data: Any) -> str:
    """Return indented JSON that ends with a line feed, keys in the order given."""
    text = json.dumps(data, indent=2, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
