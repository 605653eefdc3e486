"""The endpoint keeps what its OpenAPI document promises: requests that schemathesis makes from it, within its bounds and beyond."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st

from kg.sparql.named import shipped
from tests.sample_graph import sample_store
from tests.serve.server import running

WORD = "secret"
IRIS = ["https://w3id.org/kg/graph/catalog", "https://w3id.org/kg/graph/report/a.txt", "urn:x:y"]
QUERIES = [
    *[query.text for query in shipped().values()],
    "ASK {}",
    "DESCRIBE <https://w3id.org/kg/model/owl-1b>",
    "CONSTRUCT { <s> <p> 1 } WHERE {}",
]
# A timeout of a client may be over at once: 503 is what the document says then. No other 5xx ever is.
EXPECTED = ["2xx", "3xx", "4xx", "503"]
REJECTIONS = ["400", "404", "405", "406", "413", "414", "415", "503"]
CONFIGURATION = {
    "seed": 1,
    "headers": {"Authorization": f"Bearer {WORD}"},
    "generation": {"max-examples": 25, "deterministic": True, "database": "none"},
    "checks": {
        "not_a_server_error": {"expected-statuses": EXPECTED},
        "negative_data_rejection": {"expected-statuses": REJECTIONS},
    },
    "phases": {"stateful": {"enabled": False}},
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(sample_store(tmp_path_factory.mktemp("serve")), token=WORD) as client:
        client.headers["Authorization"] = f"Bearer {WORD}"
        yield client


def asks_for_two_things(case: Any) -> bool:
    """Say whether a case names a graph not just once, or beside a query, or two timeouts: OpenAPI cannot say that this is wrong."""
    query = case.query or {}
    named = {"graph", "default"} & set(query)
    has_query = case.method == "POST" or "query" in query
    two_timeouts = "timeout" in query and isinstance(case.body, dict) and "timeout" in case.body
    return two_timeouts or len(named) == 2 or bool(named and has_query) or (case.path == "/graphs" and not named)


def failures(event: Any) -> Iterator[str]:
    """Yield what failed in a scenario, but for valid requests that are refused because they ask for two things."""
    for id, checks in event.recorder.checks.items():
        for check in checks:
            excused = check.name == "positive_data_acceptance" and asks_for_two_things(event.recorder.cases[id].value)
            if check.failure_info and not excused:
                info = check.failure_info
                yield f"{event.label} {check.name}: {info.failure} {info.failure.message} {info.code_sample[:2000]}"


def test_the_endpoint_does_what_its_document_says(client: httpx.Client) -> None:
    import schemathesis
    from schemathesis.engine import events, from_schema

    schemathesis.openapi.format("sparql", st.sampled_from(QUERIES))
    schemathesis.openapi.format("iri", st.sampled_from(IRIS))
    schemathesis.openapi.format("iri-reference", st.sampled_from([*IRIS, "a", "/graphs/b", "?c", "#d"]))
    schemathesis.serializer.alias("application/sparql-query", "text/plain")
    document = client.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(CONFIGURATION))
    schema.config.update(base_url=str(client.base_url))
    found: list[str] = []
    requests = 0
    for event in from_schema(schema).execute():
        assert not isinstance(event, events.NonFatalError | events.FatalError), event
        if isinstance(event, events.ScenarioFinished):
            requests += len(event.recorder.interactions)
            found += failures(event)
    assert not found, "\n\n".join(found)
    assert requests > 300
    assert client.get("/health").status_code == 200
