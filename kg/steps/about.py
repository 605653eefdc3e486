"""Which reports are about which model: the records about a model lie anywhere on the shelf."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from kg.steps.sqlite import Sqlite, connected, key_of, text_of, told


class About:
    """Pairs of a model's IRI and a report's id, on disk."""

    def __init__(self, path: Path) -> None:
        self._file = Sqlite(path)

    def put(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Keep pairs, of which there are none yet."""
        with self._file.writing() as own:
            own.execute("CREATE TABLE pairs (model BLOB, report BLOB, PRIMARY KEY (model, report)) WITHOUT ROWID")
            own.executemany("INSERT INTO pairs VALUES (?, ?)", ((key_of(model), key_of(report)) for model, report in pairs))

    def reports(self, model: str) -> list[str]:
        """Return the reports about a model, in order."""
        rows = self._file.connection().execute("SELECT report FROM pairs WHERE model = ? ORDER BY report", (key_of(model),))
        return [text_of(report) for (report,) in rows]

    def models(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each model with the reports about it, in order."""
        with closing(connected(self._file.path)) as own, told(self._file.path):
            rows = own.execute("SELECT model, report FROM pairs ORDER BY model, report")
            for model, group in groupby(rows, key=itemgetter(0)):
                yield text_of(model), [text_of(report) for _, report in group]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
