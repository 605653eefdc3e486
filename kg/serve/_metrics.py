"""Counts and times for Prometheus (text format 0.0.4), by the Prometheus client library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from kg.guard import Guard
from kg.serve._cache import Cache

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """What is counted of requests; what guard and cache know is read when it is asked for."""

    def __init__(self, guard: Guard, cache: Cache[str, Any], quick: Cache[Any, Any]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("kg_requests", "Requests by task and HTTP status.", ["task", "status"], registry=self._registry)
        self._seconds = Histogram(
            "kg_request_seconds", "Seconds from a request to the end of its reply.", registry=self._registry, buckets=_SECONDS
        )
        self._registry.register(_Known(guard, cache, quick))

    def count(self, task: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(task, str(status)).inc()
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self._registry)


class _Known(Collector):
    def __init__(self, guard: Guard, cache: Cache[str, Any], quick: Cache[Any, Any]) -> None:
        self._guard, self._cache, self._quick = guard, cache, quick

    def collect(self) -> Iterator[Metric]:
        guard, cache, quick = self._guard, self._cache, self._quick
        running = GaugeMetricFamily("kg_queries_running", "Queries that a worker is with.", labels=["lane"])
        jobs = list(guard.lanes.running())
        for lane, heavy in (("light", False), ("heavy", True)):
            running.add_metric([lane], sum(job.heavy is heavy for job in jobs))
        yield running
        yield GaugeMetricFamily("kg_queries_waiting", "Queries that wait for a worker.", guard.lanes.waiting)
        yield GaugeMetricFamily("kg_workers", "Workers that can answer.", guard.workers)
        yield CounterMetricFamily("kg_workers_started", "Workers started.", value=guard.started)
        died = CounterMetricFamily("kg_workers_died", "Workers ended, by reason.", labels=["reason"])
        for reason, count in sorted(guard.died.items()):
            died.add_metric([reason], count)
        yield died
        yield CounterMetricFamily("kg_reply_cache_hits", "Replies given from memory.", value=cache.hits + quick.hits)
        yield CounterMetricFamily("kg_reply_cache_misses", "Replies that were not in memory.", value=cache.misses)
        yield GaugeMetricFamily("kg_reply_cache_bytes", "Bytes of the replies in memory.", cache.bytes + quick.bytes)
        yield CounterMetricFamily("kg_build_swaps", "Builds taken over since the start.", value=guard.swaps)
        build = GaugeMetricFamily("kg_build_info", "The build that is answered from.", labels=["build"])
        build.add_metric([guard.current.id], 1)
        yield build
