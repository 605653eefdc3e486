"""Who asks a server: a bearer token, or a name with a password, which goes out as the server's refusal wants it.

HTTP authentication (RFC 7235), Basic (RFC 7617) and Digest (RFC 7616).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from email.message import Message

from kg.errors import Refused, UsageError
from kg.remote._digest import Digest, challenges

_MOST = 300  # characters of a challenge that are shown


@dataclass(frozen=True, slots=True)
class Login:
    """What a server wants to see: a `token`, or a `user` with a password; neither where it lets everybody in.

    `given` says for hints by which options and variables a person gives it.
    """

    token: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    given: str | None = None

    def __post_init__(self) -> None:
        if self.token is not None and not (self.token.isascii() and self.token.isprintable() and self.token.strip()):
            raise UsageError("the token has characters that no header can hold, or none", hint=self._hint())
        if self.token is not None and self.user is not None:
            raise UsageError("a token and a user are two ways to log in", hint="leave out one of them")
        if self.user is not None and (":" in self.user or not self.user or self.password is None):
            raise UsageError("a user has a name without a colon, and a password", where=self.user, hint=self._hint())

    def _hint(self) -> str:
        return f"give {self.given}" if self.given else "check where it comes from"


class Credentials:
    """A login on its way: the header of each request, and what a refusal teaches about it."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._digest: Digest | None = None
        self._header = f"Bearer {login.token}" if login.token is not None else None

    @property
    def secret(self) -> str | None:
        """Return what no message may show."""
        return self._login.token if self._login.token is not None else self._login.password

    def header(self, method: str, url: str) -> str | None:
        """Return the value of Authorization for a request, None for none."""
        if self._digest is None:
            return self._header
        return self._digest.header(self._login.user or "", self._login.password or "", method, url)

    def learn(self, headers: Message, where: str) -> bool:
        """Take from a 401 how the server wants to see a name and a password; return whether it is worth another request.

        Raise Refused when it wants to see them in a way that is not known here.
        """
        if self._login.user is None:
            return False
        offered = challenges(headers.get_all("WWW-Authenticate", []))
        digests = sorted((Digest(one.said) for one in offered if one.scheme == "digest"), key=lambda one: -one.strength)
        if digests and digests[0].strength:
            is_new = self._digest is None or digests[0].is_stale
            self._digest = digests[0] if is_new else self._digest
            return is_new
        if any(one.scheme == "basic" for one in offered):
            named = f"{self._login.user}:{self._login.password}".encode()
            before, self._header = self._header, f"Basic {b64encode(named).decode('ascii')}"
            self._digest = None
            return self._header != before
        if digests:
            said = "; ".join(headers.get_all("WWW-Authenticate", []))
            hint = "Digest with MD5 or SHA-256 and qop=auth, Basic, and bearer tokens are known"
            raise Refused(f"the server wants a login of a kind that is not known here: {said[:_MOST]}", where=where, hint=hint)
        return False
