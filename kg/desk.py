"""The desk at which a person decides: a build, the file of decisions about it, and what is said about both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import console, results
from kg.errors import UsageError
from kg.options import opened, settings
from kg.terminal import visible

if TYPE_CHECKING:
    from kg.decisions import Decision, Decisions, OfClaim
    from kg.review import Built, Listed, Wanted
    from kg.store import Build


@dataclass(frozen=True, slots=True)
class Desk:
    """A build, and the decisions in the file that `kg review` writes."""

    build: Build
    built: Built
    decisions: Decisions
    file: Path

    @classmethod
    def of(cls, build: Path | None) -> Desk:
        """Return the desk of a build; raise NoBuild, or ConfigError for decisions that cannot be used."""
        from kg.config import decisions_file
        from kg.decisions import Decisions, read_decisions
        from kg.review import Built
        from kg.schema import load_schema

        config, found = settings(), opened(build)
        schema = load_schema(found.manifest["versions"]["base"], catalog=config.catalog)
        file = config.decisions or decisions_file()
        decisions = read_decisions(file, schema) if file.exists() else Decisions(file)
        return cls(found, Built(found.path, found.manifest, schema, found.store), decisions, file)

    def keep(self, new: Sequence[Decision], as_json: bool) -> None:
        """Add decisions to the file, and tell them."""
        every = self._added(new)
        self._tell(every, every.every[-len(new) :], "added", as_json)

    def undo(self, ids: Iterable[str], as_json: bool) -> None:
        """Take decisions out of the file, and tell them."""
        from kg.decisions import remove
        from kg.review import undone

        gone = undone(self.decisions, ids)
        remove(self.file, self.decisions, gone)
        self._tell(self.decisions, gone, "taken back", as_json)

    def list(self, stale: bool, as_json: bool) -> None:
        """Write all decisions, or those that no longer apply, with what becomes of each in the build."""
        from kg.review import lines, rows

        outcomes = [outcome for outcome in self.built.tried(self.decisions).outcomes if not stale or outcome.state == "stale"]
        if as_json:
            _write_json(rows(self.decisions, outcomes))
        else:
            results.write(lines(self.decisions, outcomes))
        if not outcomes:
            console.say("every decision applies" if stale and self.decisions.every else "nothing is decided yet")

    def wanted(self, wanted: Wanted, claims: bool) -> Sequence[Listed]:
        """Return the claims, or the suggestions about which nothing is decided; raise UnknownName."""
        from kg import review

        build = self.build
        if claims:
            return review.claims(build.path, build.manifest, wanted)
        return review.waiting(self.built, review.suggestions(build.path, build.manifest, wanted), self.decisions)

    def show(self, items: Sequence[Listed], as_json: bool) -> None:
        """Write claims or suggestions with their words."""
        from kg import outcome
        from kg.render import suggestions_rows, suggestions_text

        said = [item.claim for item in items]
        sources = outcome.sources(self.build, {claim.report for claim in said})
        if as_json:
            rows = suggestions_rows(said, sources)
            _write_json([{"id": item.id, **row} for item, row in zip(items, rows, strict=True)])
            return
        heads = [f"{item.id} {f'{item.claim.score:.3f}' if item.suggested else item.claim.method}" for item in items]
        results.write(suggestions_text(said, sources, color=console.in_color(sys.stdout), width=console.width(), heads=heads))

    def ask(self, items: Sequence[Listed], as_json: bool) -> None:
        """Ask about each of the suggestions; raise UsageError where a program reads what is written."""
        from kg import review

        if as_json:
            raise UsageError("--ask and --json exclude each other", hint="ask, then kg review list --json")

        def keep(decision: OfClaim) -> Decisions:
            return self._added([decision])

        def show(item: Listed) -> None:
            self.show([item], False)

        count = review.ask(
            self.built, items, self.decisions, show=show, answer=_answer, say=console.say, keep=keep, remark=review.Remark()
        )
        if items:
            console.say(f"{visible(str(self.file))}: {console.plural(count, 'decision')} added")

    def say_what_waits(self) -> None:
        """Say when the decisions have changed since the build."""
        from kg.manifest import DECIDED, decided_version

        version = decided_version(settings()) if self.file.exists() else None
        if version != self.built.manifest["versions"].get(DECIDED):
            console.say(f"{visible(str(self.file))} has changed since the build: kg build applies it")

    def _added(self, new: Sequence[Decision]) -> Decisions:
        from kg.decisions import add

        return add(self.file, new, self.built.schema)

    def _tell(self, every: Decisions, some: Iterable[Decision], done: str, as_json: bool) -> None:
        from kg.review import described, row

        ids = {id(decision): name for name, decision in every.by_id().items()}
        chosen = [(ids[id(decision)], decision) for decision in some]
        if as_json:
            _write_json([row(name, decision) for name, decision in chosen])
        else:
            results.write("".join(visible(f"{name} {described(decision)}") + "\n" for name, decision in chosen))
        console.say(f"{visible(str(self.file))}: {console.plural(len(chosen), 'decision')} {done}; kg build applies it")


def _answer(question: str) -> str | None:
    """Ask for a line on standard error, where all talk goes; None at the end of the input."""
    sys.stderr.write(question)
    sys.stderr.flush()
    try:
        return input()
    except EOFError:
        sys.stderr.write("\n")
        return None


def _write_json(rows: Sequence[dict[str, Any]]) -> None:
    results.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
