"""What pages raise."""

from __future__ import annotations


class Missing(Exception):
    """There is no such page or thing: `what` is said, and `hint` what there is instead."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


class NoData(Missing):
    """The page is there, and has no data in the format that is wanted."""
