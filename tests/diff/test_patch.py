"""RDF Patch: well formed, and applied to the one graph it gives the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO

import pyoxigraph as ox
import pytest

from kg.diff import Difference
from kg.diff.rdf_patch import _graph_of
from tests.diff.small import KESTREL, MERLIN, OSPREY, Builds, written

HEAD = re.compile(r"H id <uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}> \.\nTX \.\n")
HOSTILE = 'We introduce Owl-2B, which has 2 billion parameters, "quoted <x:g> . \\ | ` </details>".\r\nD <a> <b> <c> .\nTC .\n'


def parsed(lines: bytes) -> set[ox.Quad]:
    return set(ox.parse(BytesIO(lines), format=ox.RdfFormat.N_QUADS))


def applied(patch: str, quads: set[ox.Quad]) -> set[ox.Quad]:
    """Apply a patch row by row, as its specification says; every D must find its quad, and every A must not."""
    if not patch:
        return set(quads)
    head = HEAD.match(patch)
    assert head
    assert patch.endswith("\nTC .\n")
    now = set(quads)
    for row in patch[head.end() :].removesuffix("TC .\n").splitlines(keepends=True):
        (quad,) = parsed(row[2:].encode())
        if row.startswith("D "):
            now.remove(quad)
        else:
            assert row.startswith("A ")
            assert quad not in now
            now.add(quad)
    return now


def graph(difference: Difference, side: str) -> set[ox.Quad]:
    return parsed((getattr(difference, side).build.path / "graph.nq").read_bytes())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a.txt": KESTREL}, {"a.txt": KESTREL.replace("7 billion", "8 billion")}),
        ({"a.txt": KESTREL}, {"a.txt": KESTREL, "b.txt": MERLIN}),
        ({"a.txt": KESTREL, "c.md": OSPREY}, {"z.txt": KESTREL, "c.md": OSPREY}),
        ({"a.txt": KESTREL}, {"b.txt": HOSTILE}),
        ({"a.txt": KESTREL}, {"a.txt": "This page was edited.\n\n" + KESTREL}),
    ],
    ids=["changed", "added", "renamed", "hostile", "moved"],
)
def test_a_patch_turns_the_one_graph_into_the_other(builds: Builds, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    there, back = builds.difference(before, after), builds.difference(after, before)
    old, new = graph(there, "before"), graph(there, "after")
    assert old != new
    assert applied(written(there, "rdf-patch"), old) == new
    assert applied(written(back, "rdf-patch"), new) == old


def test_equal_patches_have_equal_bytes_and_others_another_id(builds: Builds) -> None:
    one = builds.difference({"a.txt": KESTREL}, {"b.txt": MERLIN})
    assert written(one, "rdf-patch") == written(one, "rdf-patch")
    back = builds.difference({"b.txt": MERLIN}, {"a.txt": KESTREL})
    assert written(one, "rdf-patch")[:50] != written(back, "rdf-patch")[:50]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"<x:s> <x:p> <x:o> .\n", b""),
        (b"<x:s> <x:p> <x:o> <x:g> .\n", b"<x:g>"),
        (b'<x:s> <x:p> "a <x:g>" .\n', b""),
        (b'<x:s> <x:p> "a <x:g>" <x:h> .\n', b"<x:h>"),
        (b'<x:s> <x:p> "a <b>"^^<x:d> .\n', b""),
        (b'<x:s> <x:p> "ab"^^<x:d> .\n', b""),
        (b'<x:s> <x:p> "a b"@en .\n', b""),
        (b'<x:s> <x:p> "a b"@en <x:g> .\n', b"<x:g>"),
        (b'<x:s> <x:p> " .\\n <x:g> ." .\n', b""),
    ],
)
def test_the_graph_of_a_line(line: bytes, name: bytes) -> None:
    (quad,) = parsed(line)
    assert _graph_of(line) == name
    assert (b"" if quad.graph_name == ox.DefaultGraph() else str(quad.graph_name).encode()) == name
