"""Builds that take each other's place while questions are asked: every reply is whole, and of the build that it names."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.serve.attack.builds import look_up, model, publish_damaged, write_models
from tests.serve.attack.endpoint import Endpoint, open_files, serving, until

MARKS = ("first", "second", "third")
MODELS = 1000
SWAPS = 20
WORKERS = 3
AWAITED = 6
LONG = "SELECT ?model ?name ?mark { ?model rdfs:label ?name ; <x:mark> ?mark }"
SHORT = f"SELECT ?mark {{ <{model(7)}> <x:mark> ?mark }}"


@dataclass(slots=True)
class Seen:
    """What clients saw while builds were swapped: how often each build by its X-Build, and all that was wrong; `marks` by build."""

    marks: Mapping[str, str]
    builds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    tags: dict[str, set[str]] = field(default_factory=dict)


def marks_of(reply: httpx.Response) -> list[str]:
    return [line.rpartition(",")[2] for line in reply.text.splitlines()[1:]]


def ask_on(endpoint: Endpoint, query: str, rows: int, seen: Seen, ended: threading.Event) -> None:
    """Ask one query again and again, and note what is not as it should be."""
    count = 0
    with endpoint.client(headers={"Accept": "text/csv"}) as client:
        while not ended.is_set():
            count += 1
            text = query if count % 2 else f"{query} # {count}"  # from the cache and not
            try:
                reply = client.get("/sparql", params={"query": text})
            except httpx.HTTPError as error:
                seen.wrong.append(repr(error))
                continue
            build = reply.headers.get("x-build", "")
            if (reply.status_code, marks_of(reply)) != (200, [seen.marks.get(build, "?")] * rows):
                seen.wrong.append(f"{reply.status_code} {build} {reply.text[:200]}")
            seen.builds[build] += 1
            if text == query:
                seen.tags.setdefault(query + build, set()).add(reply.headers.get("etag", ""))


def current(endpoint: Endpoint) -> str:
    return endpoint.ask(SHORT).headers["x-build"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("swaps")


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return the mark of each build by the hash that it goes by."""
    return {write_models(tmp_path_factory.mktemp(mark), models=MODELS, mark=mark): mark for mark in MARKS}


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[Endpoint]:
    write_models(folder, models=MODELS, mark=MARKS[0])
    with serving(folder, "--workers", str(WORKERS), "--timeout", "20s", "--memory", "1GB", "--waiting", "32") as found:
        yield found


def swap(endpoint: Endpoint, folder: Path, marks: Mapping[str, str]) -> Seen:
    """Swap builds under load: some as soon as the last one is answered from, the rest as fast as they are written."""
    found, ended = Seen(marks=marks), threading.Event()
    with ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(ask_on, endpoint, query, rows, found, ended) for query, rows in ((LONG, MODELS), (SHORT, 1)) * 2]
        try:
            for number in range(1, SWAPS + 1):
                build = write_models(folder, models=MODELS, mark=MARKS[number % len(MARKS)])
                if number <= AWAITED or number == SWAPS:
                    assert until(lambda build=build: current(endpoint) == build, 20)  # type: ignore[misc]
        finally:
            ended.set()
        for one in asking:
            one.result()
    return found


def test_no_reply_is_wrong_and_none_fails(endpoint: Endpoint, folder: Path, marks: Mapping[str, str]) -> None:
    seen = swap(endpoint, folder, marks)
    assert seen.wrong == []
    assert set(seen.builds) == set(marks)
    assert sum(seen.builds.values()) >= 100
    assert all(len(tags) == 1 and tags != {""} for tags in seen.tags.values())  # a tag belongs to one build and one query
    assert len({tag for tags in seen.tags.values() for tag in tags}) == len(seen.tags) == 2 * len(MARKS)
    assert until(lambda: len(endpoint.workers()) == WORKERS)
    now = str((folder / ".current").resolve())

    def held() -> list[str]:
        return [name for pid in endpoint.tree() for name in open_files(pid) if str(folder) in name]

    assert until(lambda: all(name.startswith(now) for name in held())), held()  # nothing of the old ones
    assert held()
    assert endpoint.metric("kg_build_swaps_total") >= AWAITED
    assert endpoint.metric("kg_build_info", build=current(endpoint)) == 1


def test_a_tag_of_another_build_is_no_match(endpoint: Endpoint, folder: Path, marks: Mapping[str, str]) -> None:
    before = endpoint.ask(SHORT)
    mark = next(mark for build, mark in marks.items() if build != before.headers["x-build"])
    build = write_models(folder, models=MODELS, mark=mark)
    assert until(lambda: current(endpoint) == build, 10)
    after = endpoint.ask(SHORT, {"If-None-Match": before.headers["etag"], "Accept": "text/csv"})
    assert (after.status_code, marks_of(after)) == (200, [mark])
    assert endpoint.ask(SHORT, {"If-None-Match": after.headers["etag"], "Accept": "text/csv"}).status_code == 304


def test_a_damaged_build_is_not_taken_over(endpoint: Endpoint, folder: Path, marks: Mapping[str, str]) -> None:
    before = current(endpoint)
    publish_damaged(folder)
    assert until(lambda: endpoint.said("cannot be opened"), 10)
    for number in range(30):
        reply = endpoint.ask(look_up(number))
        assert (reply.status_code, reply.headers["x-build"]) == (200, before)
    assert until(lambda: endpoint.metric("kg_workers") == len(endpoint.workers()) == WORKERS)
    assert endpoint.busy(1.0) < 0.5  # it is not tried again and again
    for path in (folder / ".builds" / "damaged").rglob("*"):
        path.chmod(0o700)
    build = write_models(folder, models=MODELS, mark="third" if marks[before] != "third" else "second")
    assert until(lambda: current(endpoint) == build, 10)


def test_a_folder_without_a_build_keeps_the_one_that_is_open(endpoint: Endpoint, folder: Path) -> None:
    before = current(endpoint)
    target = (folder / ".current").readlink()
    (folder / ".current").unlink()
    try:
        assert not until(lambda: current(endpoint) != before, 1.5)
        assert endpoint.process.poll() is None
    finally:
        (folder / ".current").symlink_to(target)
    assert not endpoint.said("Traceback"), "".join(endpoint.talk)
