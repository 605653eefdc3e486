"""What is kept between builds."""

from __future__ import annotations

from pathlib import Path

from kg.steps.shelf import opened_shelf


def test_what_pyshacl_said_holds_for_both_engines(tmp_path: Path) -> None:
    with opened_shelf(tmp_path / "shelf", b"1") as shelf:
        shelf.put_checked([("a", "facts", b"said")], "pyshacl")
        shelf.put_checked([("b", "facts", b"said")], "pyrudof")
        assert [shelf.checked("a", "facts", engine) for engine in ("pyshacl", "pyrudof")] == [b"said", b"said"]
        assert [shelf.checked("b", "facts", engine) for engine in ("pyshacl", "pyrudof")] == [None, b"said"]
        assert shelf.checked("a", "others", "pyrudof") is None
