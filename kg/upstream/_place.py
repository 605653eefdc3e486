"""Where a store elsewhere is, and how it is asked."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from kg.remote import Login


@dataclass(frozen=True, slots=True)
class Place:
    """A store elsewhere: its address for queries, who asks, the longest silence in seconds.

    `default` is the graph of the store that holds the default graph of the build, None for the store's own; `lax` whether the store
    shows other graphs beside it; `base` is what the IRIs of things begin with.
    """

    url: str
    login: Login = field(default_factory=Login)
    default: str | None = None
    lax: bool = False
    base: str = ""
    timeout: float | None = None

    @property
    def records(self) -> str:
        """Return the graph in which `kg push` notes what it has sent."""
        return f"{self.base}graph/push"

    def written(self) -> str:
        """Return it as JSON, its secrets with it."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Place:
        """Return what `written` wrote."""
        found = json.loads(text)
        return cls(**{**found, "login": Login(**found["login"])})
