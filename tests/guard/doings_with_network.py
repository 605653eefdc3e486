"""Tasks of workers on a system whose kernel does not let them leave the network."""

from __future__ import annotations

from kg.guard import worker
from tests.guard.doings import TASKS, open_tasks

__all__ = ["TASKS", "open_tasks"]

setattr(worker, "leave_network", lambda: False)  # noqa: B010 # it is no part of what the module exports
