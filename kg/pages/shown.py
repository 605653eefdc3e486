"""Values -> how people read them: filters of the templates."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from kg.pages._quotes import pieces

_WHOLE = re.compile(r"-?[0-9]{1,38}")
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: object) -> str:
    """Return a number with its thousands set apart; other text as it is.

    >>> number("64512"), number("2.5e22"), number("0.0001"), number("A100")
    ('64,512', '2.5e22', '0.0001', 'A100')
    """
    text = str(value)
    return f"{int(text):,}" if _WHOLE.fullmatch(text) else text


def json_block(value: object) -> Markup:
    """Return a value as JSON that can stand in a script element: it holds no character that ends one.

    >>> json_block({"a": "</script>"})
    Markup('{"a": "\\\\u003c/script\\\\u003e"}')
    """
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 - escaped here


def rough(value: object) -> str:
    """Return a number with about three figures, a large or small one with a power of ten.

    >>> rough("32256"), rough(2.5361e22), rough("0.125"), rough("999.9"), rough("0.0000012")
    ('32,256', '2.54 × 10²²', '0.125', '1,000', '1.2 × 10⁻⁶')
    """
    number = float(str(value))
    if not math.isfinite(number):
        return str(value)
    if number and not 1e-3 <= abs(number) < 1e6:
        mantissa, exponent = f"{number:.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return f"{number:,.0f}" if abs(number) >= 999.5 else f"{number:.3g}"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "zip": zip,
    "number": number,
    "json_block": json_block,
    "pieces": pieces,
    "rough": rough,
}
