"""Requests to an endpoint -> how many it answers and how long they wait, by wrk: from one thread, over so many connections.

wrk drops what is under way when its time is over: the time is several times that of an answer, and what is dropped does not count.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.serve.processes import Failed

_SCRIPT = """
local asked, number = {}, 0
function init(arguments)
  for path in io.lines(arguments[1]) do
    asked[#asked + 1] = wrk.format("GET", path, {["Accept"] = arguments[2], ["Host"] = wrk.headers["Host"]})
  end
end
function request()
  number = number % #asked + 1
  return asked[number]
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "longest": %d, "bytes": %d, "errors": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: requests answered in so many seconds, milliseconds that half and 99 of 100 waited, bytes, errors."""

    requests: int
    seconds: float
    p50: float
    p99: float
    bytes: int
    errors: int

    @property
    def rate(self) -> float:
        """Return how many requests were answered in a second."""
        return self.requests / self.seconds


def installed() -> bool:
    """Decide whether wrk is installed."""
    return shutil.which("wrk") is not None


def load(url: str, queries: Sequence[str], media_type: str, *, further: dict[str, str], clients: int, seconds: float) -> Load:
    """Ask an endpoint one query after the other, from the first again after the last; `further` are parameters of each request."""
    with tempfile.TemporaryDirectory() as folder:
        script, paths = Path(folder, "ask.lua"), Path(folder, "paths")
        script.write_text(_SCRIPT, encoding="ascii")
        place = urlsplit(url).path
        paths.write_text("".join(f"{place}?{urlencode({'query': query, **further})}\n" for query in queries), encoding="ascii")
        timed = [f"-d{max(1, round(seconds))}s", "--timeout", "120s"]
        command = ["wrk", "-t1", f"-c{clients}", *timed, "-s", str(script), url, "--", str(paths), media_type]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in ran.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise Failed(f"wrk does not run: {ran.stdout}{ran.stderr}")
    told = json.loads(lines[-1])
    times = (told["microseconds"] / 1e6, told["p50"] / 1e3, told["p99"] / 1e3)
    return Load(told["requests"], *times, told["bytes"], told["errors"])
