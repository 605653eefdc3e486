from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import UsageError
from kg.schema import DEFAULT_BASE
from kg.sparql.text import QueryError, answer, prefixes, tokens


def refused(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        answer(ox.Store(), text, base=DEFAULT_BASE, known=prefixes())
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "the query is empty"),
        ("SELECT * {\n ?s ?p bad }", 2, 8, "syntax error at 'bad'"),
        ("SELECT * {} SELECT * {}", 1, 13, "syntax error at 'SELECT'"),
        ("SELECT * {", 1, 11, "the query ends too early"),
        ("SELEC * {}", 1, 1, "syntax error at 'SELEC'"),
        ("SELECT * {\n ?s zz:a ?o }", 2, 5, "the prefix zz: is not declared"),
        ("PREFIX a: <b>\n\nSELECT * { a:x b:y ?z }", 3, 16, "the prefix b: is not declared"),
        ("SELECT * { ?s ?p <a b> }", 1, 22, "syntax error at '>'"),
        ("SELECT *\n{ ?s ?p }", 2, 9, "syntax error at '}'"),
        ("SELECT * { ?s ?p . }", 1, 18, "syntax error at '.'"),
        ("ASK { ?s ?p ?o ?x }", 1, 16, "syntax error at '?x'"),
        ("SELECT * { ?s ?p ?o } LIMIT x", 1, 29, "syntax error at 'x'"),
        ('SELECT * { ?s ?p "abc }', 1, 18, "the string is not closed"),
        ("SELECT (1 AS ?s) { ?s ?p ?o }", 1, 30, "the SELECT overrides an existing variable using an expression"),
        ("SELECT ?x ?y { ?x ?p ?y } GROUP BY ?x", 1, 38, "the SELECT contains a variable that is unbound"),
        ("SELECT * { ?s ?p ?o FILTER(?o = ) }", 1, 33, "syntax error at ')'"),
        ("SELECT * { ?s ?p 'é日本' ; bad }", 1, 26, "syntax error at 'bad'"),
        ("CONSTRUCT { ?s ?p ?o }", 1, 23, "the query ends too early"),
        ("SELECT * { data:model/x ?p ?o }", 1, 22, "syntax error at '/'"),
        ("INSERT DATA { kg:a kg:b kg:c }", 1, 1, "INSERT is an update, and the graph is read-only"),
        ("PREFIX x: <y>\nBASE <z>\n delete where { ?s ?p ?o }", 3, 2, "DELETE is an update, and the graph is read-only"),
        ("CLEAR ALL", 1, 1, "CLEAR is an update, and the graph is read-only"),
        ("PREFIX x:", 1, 10, "the query ends too early"),
    ],
)
def test_wrong_queries_show_the_place(text: str, line: int, column: int, reason: str) -> None:
    error = refused(text)
    assert (error.line, error.column, error.reason) == (line, column, reason)
    assert str(error).startswith(f"query:{line}:{column}: {reason}\n")


def test_the_caret_stands_below_the_word_as_wide_as_it_is_shown() -> None:
    lines = str(refused("SELECT * {\n\t?s ?p '日本' ; wrong }")).splitlines()
    assert lines[1:] == ["  2 |  ?s ?p '日本' ; wrong }", "    |                 ^^^^^"]


def test_a_long_line_is_cut_around_the_place() -> None:
    shown = str(refused("SELECT * { " + "?s ?p ?o . " * 40 + "zz:top ?p ?o }")).splitlines()
    assert shown[1].startswith("  1 | …") and len(shown[1]) < 120
    start = shown[2].index("^")
    assert shown[1][start : start + shown[2].count("^")] == "zz:top"


def test_control_characters_of_a_query_are_not_printed() -> None:
    assert "\x1b" not in str(refused("SELECT * { bad '\x1b[2J' }"))


def test_a_slash_in_a_prefixed_name_is_explained() -> None:
    assert r"a slash is written \/" in str(refused("SELECT * { ?s ?p data:model/x }"))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <{url}> { ?s ?p ?o } }",
        "SELECT * { service silent <{url}> { ?s ?p ?o } }",
        "SELECT * { BIND(<{url}> AS ?url) SERVICE ?url { ?s ?p ?o } }",
        "PREFIX service: <{url}> SELECT * { SERVICE service: { ?s ?p ?o } }",
        "SELECT * { { SELECT * { SERVICE<{url}>{ ?s ?p ?o } } } }",
        "ASK { FILTER EXISTS { SERVICE <{url}> { ?s ?p ?o } } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE #comment\n<{url}> { ?s ?p ?o } }",
        # Places where a tokenizer that takes `<` for the beginning of an IRI loses its way.
        "ASK { FILTER(1<'>') SERVICE <{url}> { ?s ?p ?o } FILTER('1'='y') }",
        "PREFIX u: <{url}> ASK { FILTER(1<2)SERVICE u:#>\n{ ?s ?p ?o } }",
        "ASK { FILTER(1<'#>') SERVICE <{url}> { ?s ?p ?o } }",
        # The variable by which kg has the store parse and not evaluate must not be one of the query's.
        *(
            f"{form} {{ SERVICE <{{url}}> {{ ?{name} ?p ?o }} }}{garbage}"
            for name in ("never_selected_zqxjkvw", "v", "v" * 300)
            for form in (f"SELECT ?{name}", "SELECT *", "ASK", f"CONSTRUCT {{ ?{name} ?p ?o }} WHERE", f"DESCRIBE ?{name} WHERE")
            for garbage in ("", " }")
        ),
    ],
)
def test_service_is_refused_and_nothing_is_sent(text: str, listener: Listener) -> None:
    error = refused(text.replace("{url}", listener.url))
    assert error.reason.startswith("SERVICE is refused") or text.endswith("} }")
    assert error.where
    assert listener.calls == 0


@pytest.mark.parametrize("mark", ["\N{MIDDLE DOT}", "\N{COMBINING GRAVE ACCENT}", "\N{UNDERTIE}"])
def test_a_name_that_only_the_store_reads_as_one_lets_no_service_through(mark: str, listener: Listener) -> None:
    allowed = "https://allowed.example/sparql"
    named = f"?x{mark}service <{allowed}> ?o . BIND(1 AS ?x{mark}GRAPH)"
    text = f"SELECT * {{ OPTIONAL {{ {named} }} SERVICE <{listener.url}> {{ ?s ?p ?q }} }}"
    with pytest.raises(QueryError, match="SERVICE is refused for this address"):
        answer(ox.Store(), text, services=(allowed,))
    assert listener.calls == 0


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?service ?p 'SERVICE <http://x> { ?s ?p ?o }' }",
        'SELECT * { ?s ?p """a "SERVICE" {""" }',
        "# SERVICE <http://x> {}\nSELECT * { ?s ?p ?o } # service",
        "SELECT * { ?s ?p <http://example.org/service#SERVICE> }",
        "PREFIX service: <http://x/> SELECT * { service:service service:SERVICE $SERVICE }",
        "SELECT (1 AS ?service) { FILTER(1<'SERVICE>') }",
        "SELECT * { _:service ?p 'x'@service }",
        "SELECT * { kg:service ?p ?o }",
    ],
)
def test_the_word_service_may_stand_elsewhere(text: str) -> None:
    assert isinstance(answer(ox.Store(), text, base=DEFAULT_BASE, known=prefixes()), ox.QuerySolutions)


def test_a_wrong_query_with_the_word_service_is_a_syntax_error() -> None:
    assert refused("SELECT * { ?service ?p bad }").reason == "syntax error at 'bad'"


@given(st.text(alphabet="SELCT*{}<>'\"\\#?:. \nservicSERVIC1()", max_size=60))
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    try:
        answer(ox.Store(), text, base=DEFAULT_BASE, known=prefixes())
    except QueryError as error:
        assert 1 <= error.line <= text.count("\n") + 1


@given(st.text(alphabet="ab:<>'\"\\#?$@. \n1(é_", max_size=60))
def test_tokens_are_the_text_without_white_space_and_comments(text: str) -> None:
    rest = text
    for token in reversed(list(tokens(text))):
        assert rest[token.start : token.end] == token.text
        rest = rest[: token.start] + " " + rest[token.end :]
    assert all(not line.split("#")[0].strip() for line in rest.splitlines())


def test_a_prefix_of_the_query_wins_over_a_known_one() -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://x/a"), ox.NamedNode("http://x/b"), ox.Literal("c")))
    assert bool(answer(store, "PREFIX kg: <http://x/> ASK { kg:a kg:b ?c }", known=prefixes()))
    assert not bool(answer(store, "ASK { kg:a kg:b ?c }", known=prefixes()))


def test_the_base_resolves_relative_iris() -> None:
    found = answer(ox.Store(), "SELECT (<model/x> AS ?iri) (data:y AS ?short) {}", base="http://b/", known=prefixes("http://b/"))
    assert isinstance(found, ox.QuerySolutions)
    assert [(str(row["iri"]), str(row["short"])) for row in found] == [("<http://b/model/x>", "<http://b/y>")]


def test_a_binding_must_be_selected() -> None:
    with pytest.raises(UsageError, match=r"the query does not select \?x"):
        answer(ox.Store(), "SELECT ?y { ?x ?p ?y }", bindings={"x": ox.Literal("1")})


def test_a_graph_name_must_be_an_iri() -> None:
    with pytest.raises(UsageError, match="a graph's name is no IRI"):
        answer(ox.Store(), "ASK {}", default_graphs=["not an iri"])


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a:b <c> ?d 'e' @en-GB 1.5e3", ["name", "iri", "variable", "string", "language", "other"]),
        ('\'open \n?a """to the\nend', ["open", "variable", "open"]),
        ("FILTER(?a<?b)", ["word", "other", "variable", "other", "variable", "other"]),
        ("# only a comment", []),
        (r"a:b\/c a:b.c. a:%20", ["name", "name", "other", "name"]),
        ("'''it's''' \"\"\"a\"b\"\"\"", ["string", "string"]),
    ],
)
def test_tokens(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in tokens(text)] == kinds


class Listener:
    """A port that counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if connection.recv(4) == b"stop":
                    return
                self.calls += 1

    def close(self) -> None:
        with socket.create_connection(self._socket.getsockname()) as connection:
            connection.sendall(b"stop")
        self._thread.join()
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def test_the_listener_counts_calls(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", int(listener.url.rstrip("/").rpartition(":")[2]))) as connection:
        connection.sendall(b"GET ")
        assert connection.recv(1) == b""
    assert listener.calls == 1
