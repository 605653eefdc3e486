"""Reports -> parts of a build, made by Spark on as many machines as it has: claims, quads, findings, and what `kg load` needs.

The steps are those of a local build (`kg.steps`), a function over batches each; what stands between them are joins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.config import Config
from kg.model import Severity, Skipped
from kg.spark._flow import flow
from kg.spark._folder import refuse_foreign
from kg.spark._load import Stored, stored
from kg.spark._session import session

__all__ = ["Parts", "Stored", "build", "stored"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What was written where: numbers of everything and of findings of each kind, what could not and was not meant to be read."""

    folder: str
    counts: Mapping[str, int]
    findings: Mapping[tuple[str, Severity], int]
    failures: Sequence[Skipped]
    skipped: Sequence[Skipped]


def build(
    paths: Sequence[str], out: str, *, master: str, config: Config, settings: Mapping[str, str], say: Callable[[str], None]
) -> Parts:
    """Read the reports below the paths and write the parts of a build to a folder of any file system that Spark knows.

    `settings` are Spark's own. Parts that are there already are replaced; what people decided is not applied, `kg load` does that.
    Raises UsageError or InputError when there is no report, ConfigError without PySpark or Java, BuildError when Spark gives up:
    the parts then are not complete, and `kg load` says so.
    """
    refuse_foreign(out)
    if config.decisions:
        say(f"the decisions in {config.decisions} are not applied to parts: kg load applies them")
    with session(master, settings) as spark:
        counts, findings, failed = flow(spark, paths, out, replace(config, decisions=None), say)
    return Parts(out, counts, findings, [item for item in failed if item.failed], [item for item in failed if not item.failed])
