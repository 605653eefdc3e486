"""Errors as JSON problems (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


def problem(status: int, detail: str, members: Mapping[str, Any] | None = None) -> bytes:
    """Return what is sent with an HTTP status: what is wrong, and members that say more."""
    content = {"type": "about:blank", "title": title(status), "status": status, "detail": detail, **(members or {})}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def title(status: int) -> str:
    """Return the words for an HTTP status."""
    return HTTPStatus(status).phrase
