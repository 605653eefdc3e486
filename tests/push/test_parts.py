from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.push._parts import Bound, Part, begins_with, bounded, changes, graph_of, lines_of, parts, triple
from tests.push.graphs import BASE, report, small, whole, written

IRI = st.sampled_from(["https://a.org/x", "https://a.org/<g>".replace("<", "%3C").replace(">", "%3E"), "urn:y"]).map(ox.NamedNode)
LITERAL = st.builds(
    ox.Literal,
    st.sampled_from(["", "a <b> .", '"', "\\", "x> .", " <https://a.org/x>", "a\nb\t\r", "é", '"^^<urn:y>']),
    datatype=st.sampled_from([ox.NamedNode("urn:dt"), None]),
)


@given(IRI, IRI, st.one_of(IRI, LITERAL), st.one_of(st.just(ox.DefaultGraph()), IRI))
def test_the_graph_of_a_line_is_read_without_parsing_it(
    subject: ox.NamedNode, predicate: ox.NamedNode, value: ox.NamedNode | ox.Literal, graph: ox.NamedNode | ox.DefaultGraph
) -> None:
    line = ox.serialize([ox.Quad(subject, predicate, value, graph)], format=ox.RdfFormat.N_QUADS) or b""
    name = str(graph).encode() if isinstance(graph, ox.NamedNode) else b""
    assert graph_of(line) == name
    bare = triple(line, graph.value if isinstance(graph, ox.NamedNode) else "")
    assert [quad.triple for quad in ox.parse(bare, format=ox.RdfFormat.N_TRIPLES)] == [ox.Triple(subject, predicate, value)]


def found(path: Path) -> list[Part]:
    with path.open("rb") as file:
        return list(parts(file))


def test_the_graphs_of_a_file_are_found_where_they_stand(tmp_path: Path) -> None:
    path = small(tmp_path / "graph.nq")
    with path.open("rb") as file:
        every = list(parts(file))
        assert b"".join(line for part in every for line in lines_of(file, part)) == path.read_bytes()
    assert [(part.graph.removeprefix(f"{BASE}graph/"), part.triples) for part in every] == [
        ("report/0", 10),
        ("report/1", 10),
        ("report/2", 10),
        ("", 70),
        ("search", 45),
    ]
    assert sum(part.size for part in every) == path.stat().st_size


def test_graphs_are_read_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.push._parts._CHUNK", 200)
    with small(tmp_path / "graph.nq").open("rb") as file:
        rest = parts(file)
        next(rest)
        one, two = (lines_of(file, next(rest)) for _ in range(2))
        pairs = list(zip(one, two, strict=True))
        assert [part.triples for part in rest] == [70, 45]
    assert [[b"report/1" in left, b"report/2" in right] for left, right in pairs] == [[True, True]] * 10


def test_a_file_without_a_line_has_no_graph(tmp_path: Path) -> None:
    assert found(written(tmp_path / "graph.nq")) == []


def test_the_same_lines_have_the_same_digest_wherever_they_stand(tmp_path: Path) -> None:
    one, two = (written(tmp_path / name, *graphs) for name, graphs in {"a": [report(1)], "b": [whole("", 3), report(1)]}.items())
    first, last = found(one)[0], found(two)[1]
    assert first.holds == last.holds
    assert first.start != last.start


@pytest.mark.parametrize(("count", "right"), [(0, True), (1, True), (10, True), (11, False)])
def test_the_first_lines_of_a_graph_are_known_again(tmp_path: Path, count: int, right: bool) -> None:
    path = written(tmp_path / "graph.nq", report(1))
    (part,) = found(path)
    with path.open("rb") as file:
        beginning = written(
            tmp_path / "beginning.nq",
            (part.graph, [line.decode()[: -len(f" <{part.graph}> .\n")] for line in [*lines_of(file, part)][:count]]),
        )
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        digest = next((part.sha256 for part in found(beginning)), empty)
        assert begins_with(file, part, count, digest) is right
        assert not begins_with(file, part, count, "other")


@given(st.sets(st.binary(max_size=3)), st.sets(st.binary(max_size=3)))
def test_changes_lead_from_one_set_to_the_other(old: set[bytes], new: set[bytes]) -> None:
    found = list(changes(iter(sorted(old)), iter(sorted(new))))
    assert {line for is_new, line in found if not is_new} == old - new
    assert {line for is_new, line in found if is_new} == new - old
    assert len(found) == len(old ^ new)


def test_lines_go_together_by_number_and_by_bytes() -> None:
    lines = [b"a" * size for size in (3, 3, 3, 1, 1, 1, 1, 20, 1)]
    assert [list(map(len, some)) for some in bounded(lines, Bound(4, 9))] == [[3, 3, 3], [1, 1, 1, 1], [20], [1]]
    assert list(bounded([], Bound(4, 9))) == []


def test_a_part_says_what_a_store_remembers() -> None:
    assert Part("urn:g", 0, 3, "abc", 90).holds == "3 abc"
