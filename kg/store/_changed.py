"""The store of the build before, and graph.nq of both builds -> the store of the new one: only quads that differ are touched."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from kg.store._loading import Loader, Loading, Piece, parts_of


class Changing:
    """A copy of a build's database, changed where its graph.nq differs, when that of the new build is there."""

    def __init__(self, folder: Path, before: Path, graph: str, store: str) -> None:
        self._folder, self._file = folder, folder.parent / graph
        self._before = str(before / store), str(before / graph)
        self._loader: Loader | None = None

    def load(self, pieces: Sequence[Piece]) -> None:
        """Pass over lines: the whole file is looked at when it is there."""

    def whole(self) -> None:
        """Have the database made: the file is there."""
        self._loader = Loader(self._folder)
        with suppress(OSError):  # `end` asks again, and loads everything
            self._loader.tell("change", *self._before, str(self._file))
            self._loader.tell("flush")

    def end(self) -> None:
        """Wait until that is done; where the build before is damaged, load everything. Raises OSError."""
        try:
            if self._loader is None:
                self.whole()
            assert self._loader  # noqa: S101
            self._loader.end()
        except OSError:
            self.stop()
            shutil.rmtree(self._folder, ignore_errors=True)
            loading = Loading(self._folder)
            try:
                for start, end in parts_of(self._file):
                    loading.load([(self._file, start, end)])
                loading.end()
            finally:
                loading.stop()

    def stop(self) -> None:
        """Let go of the database."""
        if self._loader:
            self._loader.close()
