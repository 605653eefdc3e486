"""Two copies of `kg serve` behind Debian's nginx, as docs/cluster.md configures it; one of them is killed under requests."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from tests.command import ROOT, start
from tests.lacking import lacking
from tests.served import Served
from tests.stores import answers, free_port, running

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
_FENCE = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
_AROUND = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{inner}
}}
"""
QUERY = "SELECT ?n { data:model\\/instructblip-13b rdfs:label ?n }"
REQUESTS, KILLED_AT = 200, 60


@dataclass(frozen=True, slots=True)
class Copies:
    """The address of nginx, those of the copies, and the process of the one that may be killed."""

    front: str
    own: list[str]
    doomed: subprocess.Popen[str]


@pytest.fixture(scope="module")
def copies(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    program = (
        shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or lacking("nginx is not installed: apt-get install nginx")
    )
    folder, front = tmp_path_factory.mktemp("cluster"), free_port()
    with ExitStack() as open_:
        process = open_.enter_context(start("serve", "-b", served.folder, "--port", "0", cwd=folder))
        open_.callback(process.kill)
        assert process.stderr
        port = next(found[1] for line in iter(process.stderr.readline, "") if (found := _ADDRESS.search(line)))
        own = [served.server.rpartition(":")[2], port]
        ini = folder / "nginx.conf"
        ini.write_text(_AROUND.format(folder=folder, inner=configured(front, own)), encoding="utf-8")
        url = f"http://127.0.0.1:{front}"
        command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(ini)]
        open_.enter_context(running(command, folder / "output", lambda: answers(f"{url}/ready"), kindly=True))
        yield Copies(url, [f"http://127.0.0.1:{number}" for number in own], process)


def configured(front: int, own: list[str]) -> str:
    """Return the configuration that the page shows, at other ports."""
    found = _FENCE.search((ROOT / "docs" / "cluster.md").read_text(encoding="utf-8"))
    assert found
    text = found[1].replace("listen 8080;", f"listen 127.0.0.1:{front};")
    for shown, port in zip(("7878", "7879"), own, strict=True):
        assert f"127.0.0.1:{shown}" in text
        text = text.replace(f"127.0.0.1:{shown}", f"127.0.0.1:{port}")
    return text


def test_copies_answer_alike_to_the_etag(copies: Copies) -> None:
    with httpx.Client(params={"query": QUERY}, headers={"Host": "example.org"}) as client:
        one, two, front = (client.get(f"{url}/sparql") for url in (*copies.own, copies.front))
        assert one.headers["ETag"] == two.headers["ETag"] == front.headers["ETag"]
        assert one.content == two.content == front.content
        for url in (*copies.own, copies.front, copies.front):
            assert client.get(f"{url}/sparql", headers={"If-None-Match": one.headers["ETag"]}).status_code == 304


def test_addresses_in_answers_are_those_of_the_front(copies: Copies) -> None:
    reply = httpx.get(f"{copies.front}/sparql", headers={"Accept": "text/turtle"})
    assert f"<{copies.front}/sparql>" in reply.text


def test_a_copy_that_is_killed_is_not_noticed(copies: Copies) -> None:
    wanted = httpx.get(f"{copies.front}/sparql", params={"query": QUERY}).content
    counted, lock = iter(range(REQUESTS)), threading.Lock()

    def ask(number: int) -> tuple[int, bytes]:
        with lock:
            if next(counted) == KILLED_AT:
                copies.doomed.send_signal(signal.SIGKILL)
        text = f"{QUERY} # {number}"  # never a reply from memory
        if number % 2:
            reply = client.post(f"{copies.front}/sparql", data={"query": text})
        else:
            reply = client.get(f"{copies.front}/sparql", params={"query": text})
        return reply.status_code, reply.content

    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(REQUESTS)))
    assert copies.doomed.wait(30) == -signal.SIGKILL
    assert [number for number, reply in enumerate(found) if reply != (200, wanted)] == []
    assert httpx.get(f"{copies.front}/ready").status_code == 200
