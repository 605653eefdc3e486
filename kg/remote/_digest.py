"""A challenge of a server (WWW-Authenticate) -> the proof that somebody knows the password (Digest, RFC 7616).

MD5 and SHA-256, each also with a session, over UTF-8; of the qualities of protection `auth` or none: no body is hashed.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlsplit
from urllib.request import parse_http_list

_HASHES = {"SHA-256": "sha256", "MD5": "md5"}  # the better one first
_BEGINS = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?: +(.*))?")


@dataclass(frozen=True, slots=True)
class Challenge:
    """How a server wants to see a login: the scheme, in lower case, and what it says with it."""

    scheme: str
    said: Mapping[str, str]


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """Return the challenges that headers hold, one or several each.

    >>> [(found.scheme, dict(found.said)) for found in challenges(['Digest realm="a, b", nonce=1, Basic realm="c"'])]
    [('digest', {'realm': 'a, b', 'nonce': '1'}), ('basic', {'realm': 'c'})]
    """
    found: list[Challenge] = []
    for header in headers:
        said: dict[str, str] = {}
        for item in parse_http_list(header):
            begins = _BEGINS.fullmatch(item)
            if begins:
                found.append(Challenge(begins[1].lower(), said := {}))
            name, is_pair, value = (begins[2] or "" if begins else item).partition("=")
            if is_pair:
                said[name.strip().lower()] = _unquoted(value.strip())
    return found


class Digest:
    """A challenge that is answered with each request: what was said, and how often it has been used."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self._said = said
        self._used = 0
        self._algorithm = said.get("algorithm", "MD5").upper()
        self._session = self._algorithm.endswith("-SESS")
        self._client = os.urandom(8).hex()  # chance for the server alone: nothing that kg writes depends on it

    @property
    def strength(self) -> int:
        """Return how good it is, 0 for one that cannot be answered here."""
        qualities = [word.strip().lower() for word in self._said.get("qop", "auth").split(",")]
        name = self._algorithm.removesuffix("-SESS")
        if "auth" not in qualities or name not in _HASHES or not {"realm", "nonce"} <= self._said.keys():
            return 0
        return len(_HASHES) - list(_HASHES).index(name)

    @property
    def is_stale(self) -> bool:
        """Say whether only the nonce of the last answer was too old."""
        return self._said.get("stale", "").lower() == "true"

    def header(self, user: str, password: str, method: str, url: str) -> str:
        """Return the value of Authorization for a request."""
        self._used += 1
        hashed = partial(_hashed, _HASHES[self._algorithm.removesuffix("-SESS")])
        parts, realm, nonce = urlsplit(url), self._said["realm"], self._said["nonce"]
        uri = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
        count = f"{self._used:08x}"
        secret = hashed(user, realm, password)
        if self._session:
            secret = hashed(secret, nonce, self._client)
        has_quality = "qop" in self._said
        middle = (nonce, count, self._client, "auth") if has_quality else (nonce,)
        response = hashed(secret, *middle, hashed(method, uri))
        name = f'username="{_escaped(user)}"' if user.isascii() else f"username*=UTF-8''{quote(user, safe='')}"
        fields = [name, *(f'{key}="{_escaped(value)}"' for key, value in {"realm": realm, "nonce": nonce, "uri": uri}.items())]
        fields.append(f'response="{response}"')
        if "algorithm" in self._said:
            fields.append(f"algorithm={self._said['algorithm']}")
        if "opaque" in self._said:
            fields.append(f'opaque="{_escaped(self._said["opaque"])}"')
        if has_quality:
            fields.append(f"qop=auth, nc={count}")
        if has_quality or self._session:
            fields.append(f'cnonce="{self._client}"')
        return f"Digest {', '.join(fields)}"


def _hashed(algorithm: str, *words: str) -> str:
    return hashlib.new(algorithm, ":".join(words).encode(), usedforsecurity=False).hexdigest()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if len(text) > 1 and text[0] == text[-1] == '"' else text
