"""Builds taken over, workers kept alive, questions asked and cancelled."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from traceback import format_exception
from typing import Any

from kg.errors import KgError
from kg.guard.asked import Asked, Limits, Refused
from kg.guard.frames import BROKEN, DATA, END, FAILED, HEAD, OPEN, READY, REFUSED, WHOLE
from kg.guard.lanes import Job, Lanes
from kg.guard.link import Link, NurseryLink
from kg.guard.spool import Budget, Spool
from kg.guard.worker import Order

_PATIENCE = 0.05  # seconds until it is worth looking whether the asker is still there
_LOOK = 0.5  # seconds between two looks for a new build, and between two tries to start a worker that fails
_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT}  # no query makes a process send itself these
_TRIES = 3  # of starting workers that end without a word, before a new build is given up
_LATER = 30.0  # seconds until a build that was given up is tried again


@dataclass(frozen=True, slots=True)
class Current:
    """A build that is answered from: its own folder, and an id that tells its content."""

    folder: Path
    id: str
    made: int = 0  # tells apart what was written again under the same name
    about: str = ""  # what its workers need to know to open it
    elsewhere: str = field(default="", repr=False)  # where its store is, when it is not in the folder, and how it is asked
    settled: bool = True  # whether it stays as it is, so that replies can be kept


class Reply:
    """A reply, whole or on its way; to be closed when it is not read to its end."""

    def __init__(self, job: Job, media_type: str, whole: bytes | None, abandon: Callable[[Job], None]) -> None:
        self.media_type = media_type
        self.build = job.build
        self.whole = whole
        self._job = job
        self._spool: Spool | None = None if whole is not None else job.spool
        self._abandon = abandon

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content; raise Broken when it ends before its end."""
        if self._spool is None:
            yield self.whole or b""
            return
        async for piece in self._spool.pieces():
            yield piece

    async def length(self) -> int:
        """Return how many bytes the content has, when all of it is there; raise Broken when it will not be."""
        if self._spool is None:
            return len(self.whole or b"")
        await self._spool.ended()
        return self._spool.length or 0

    async def read(self) -> bytes:
        """Return all of the content; raise Broken when it ends before its end."""
        try:
            return b"".join([piece async for piece in self.chunks()])
        finally:
            self.close()

    def close(self) -> None:
        """Stop what makes the rest."""
        self._abandon(self._job)
        if self._spool:
            self._spool.close()


class Guard:
    """Answer questions about the build that is current, by worker processes within limits.

    `look` returns which build is the current one, and raises KgError when it finds none; `tasks` names the module whose TASKS the
    workers do; `say` is told what an operator should know.
    """

    def __init__(
        self, look: Callable[[], Current], limits: Limits, *, tasks: str, say: Callable[[str], None] = lambda text: None
    ) -> None:
        self.limits = limits
        self.current = look()
        self.died: Counter[str] = Counter()
        self.started = 0
        self.swaps = 0
        self._look_up, self._tasks, self._say = look, tasks, say
        self._ids = count(1)
        self._workers: dict[int, Link] = {}
        self._next: Current | None = None  # a build whose workers are starting
        self._refused: Current | None = None  # a build that could not be opened
        self._again = 0.0  # when it is tried again
        self._is_open = False  # whether workers reach the network although they should not
        self._fault = ""  # in what the look-out has ended, until a look is none
        self._failure = ""  # why no build can be opened, as it was told last
        self._deaths = 0  # of workers of the next build, which did not say why
        self._swapped: list[Callable[[], None]] = []
        self._budget = Budget(limits.spooled)
        self._running: set[asyncio.Task[None]] = set()
        self._closing = False

    # life ---------------------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the workers, and look for new builds from now on."""
        self._loop = asyncio.get_running_loop()
        self._settled = asyncio.Event()
        self.lanes = Lanes(self.limits, self._kill)
        self._nursery = NurseryLink(self._tasks, self._is_started, self._has_ended)
        self._nursery.open(self._nursery_gone)
        self._fill(self.current)
        self._look_out()

    async def settled(self) -> None:
        """Wait until a worker can answer, or none can."""
        await self._settled.wait()

    def stop(self) -> None:
        """Refuse what is asked from now on, and stop what is running; may be called by a signal."""
        self._closing = True
        self._loop.call_soon_threadsafe(self._leave_all)

    def _leave_all(self) -> None:
        for job in list(self.lanes.all()):
            self.lanes.leave(job)

    async def close(self) -> None:
        """End all workers; what is asked is refused."""
        self._closing = True
        self._watch.cancel()
        self._leave_all()
        for worker in list(self._workers.values()):
            worker.close()
        self._nursery.close()

    def on_swap(self, act: Callable[[], None]) -> None:
        """Call `act` whenever another build is answered from."""
        self._swapped.append(act)

    @property
    def workers(self) -> int:
        """Return how many workers can answer."""
        return sum(worker.ready and not worker.retired for worker in self._workers.values())

    # questions ----------------------------------------------------------------------------------------------------------------

    async def ask(self, asked: Asked, id: str = "", gone: Callable[[], Coroutine[Any, Any, None]] | None = None) -> Reply:
        """Return the reply, or its beginning; raise Refused. When the asker is cancelled or `gone` returns, the question ends."""
        if self._closing:
            raise Refused("cancelled", "the service is ending")
        if self._failure and not self.workers:
            raise Refused("crash", "the build cannot be opened", hint="it is answered from again when there is one that can be")
        timeout = min(self.limits.timeout, asked.timeout or self.limits.timeout)
        job = Job(id, asked, timeout, self._loop, self._budget)
        self.lanes.put(job)
        if gone:  # a look-up is answered before it is worth a task to watch for that
            job.timers.append(self._loop.call_later(_PATIENCE, self._leave_when, job, gone))
        try:
            media_type, whole = await job.begun
        except asyncio.CancelledError:
            self.lanes.leave(job)
            job.drop()  # what began in the same moment
            raise
        return Reply(job, media_type, whole, self.lanes.leave)

    def _leave_when(self, job: Job, gone: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """End a question whose asker goes away before its reply begins."""
        if not job.begun.done():
            watching = self._spawn(gone())
            watching.add_done_callback(lambda done: None if done.cancelled() else self.lanes.leave(job))
            job.begun.add_done_callback(lambda done: watching.cancel())

    def cancel(self, id: str) -> bool:
        """Stop the question of that id; return whether there is one."""
        found = [job for job in self.lanes.all() if job.id == id]
        for job in found:
            self.lanes.leave(job)
        return bool(found)

    # workers ------------------------------------------------------------------------------------------------------------------

    def _fill(self, build: Current) -> None:
        """Start as many workers for a build as it lacks."""
        alive = sum(worker.build == build and not worker.retired for worker in self._workers.values())
        for _ in range(self.limits.workers - alive):
            self._begin(build)

    def _begin(self, build: Current) -> None:
        limits = self.limits
        bounds = limits.memory, limits.rows, limits.size
        order = Order(str(build.folder), build.about, self._tasks, *bounds, limits.services, build.elsewhere)
        worker = Link(next(self._ids), build, self._hear, self.lanes.drop)
        try:
            end = self._nursery.start(worker.id, order)
        except OSError as error:  # no descriptor is left: it is tried again at the next look
            self._say(f"no worker can be started: {error.strerror}")
            return
        self._workers[worker.id] = worker
        self._spawn(self._connect(worker, end))

    async def _connect(self, worker: Link, end: socket.socket) -> None:
        await self._loop.create_unix_connection(lambda: worker, sock=end)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def _kill(self, worker: Link, reason: str) -> None:
        worker.ended, worker.retired = reason, True
        self.lanes.drop(worker)
        self._nursery.kill(worker.id)

    def _is_started(self, id: int, pid: int) -> None:
        self.started += 1
        if worker := self._workers.get(id):
            worker.pid = pid

    def _has_ended(self, id: int, status: int) -> None:
        worker = self._workers.pop(id)
        reason, refused = _outcome(worker, status, self.limits)
        self.died[reason] += 1
        self._settled.set()
        self.lanes.lost(worker, refused, again=-status in _FROM_OUTSIDE or worker.ended == "closed")
        worker.retired = True
        if not worker.ended and not worker.failed:
            self._say(f"worker {worker.pid} ended of itself: {reason}, status {status}")
        if not self._closing:
            self._replace(worker)

    def _replace(self, worker: Link) -> None:
        if worker.ready:
            if worker.build == self.current:
                self._fill(self.current)
        elif worker.build == self._next:
            self._deaths += 1
            if worker.failed or self._deaths >= _TRIES:
                self._give_up(self._next)
            else:
                self._fill(self._next)
        # One that could not open the current build is tried again at the next look.

    def _nursery_gone(self) -> None:
        """Begin anew when the nursery died, and with it all workers."""
        if self._closing:
            return
        self._say("the process that starts workers ended: it is started anew")
        try:
            self._nursery.open(self._nursery_gone)
        except OSError as error:  # no descriptor or no memory is left
            self._say(f"it cannot be started: {error.strerror}")
            self._loop.call_later(_LOOK, self._nursery_gone)
        self._deaths = -len(self._workers)  # which say nothing of the build that they were to open
        for id in list(self._workers):
            self._has_ended(id, -signal.SIGKILL)

    def _hear(self, worker: Link, kind: bytes, content: bytes) -> None:
        lanes = self.lanes
        if kind == WHOLE:
            length = int.from_bytes(content[:4], "big")
            lanes.ends(worker, (json.loads(content[4 : 4 + length])["media_type"], content[4 + length :]))
        elif kind == HEAD:
            return lanes.begins(worker, json.loads(content)["media_type"])
        elif kind == DATA:
            return lanes.goes_on(worker, content)
        elif kind == END:
            lanes.ends(worker, None)
        elif kind == REFUSED:
            lanes.ends(worker, self._refusal(content))
        elif kind == BROKEN:
            lanes.ends(worker, Refused("limit", content.decode()))
        elif kind == FAILED:
            worker.failed = True
            return self._tell_failure(content.decode())
        elif kind == READY:
            worker.ready, self._failure = True, ""
            self._tell_network(content == OPEN)
            self._settled.set()
            if worker.build == self._next:
                return self._try_swap(self._next)
        self._free(worker)
        return None

    def _tell_failure(self, text: str) -> None:
        """Say why a build cannot be opened, once until one can be."""
        if text != self._failure:
            self._failure = text
            self._say(f"the build cannot be opened: {text}")

    def _tell_network(self, is_open: bool) -> None:
        """Say once that workers reach the network, which they should not."""
        if is_open and not self._is_open:
            self._say("workers reach the network: the kernel lets them not leave it (unshare); SERVICE is refused all the same")
        self._is_open = is_open

    def _refusal(self, content: bytes) -> Refused:
        said = json.loads(content)
        if trace := said["members"].pop("trace", None):
            self._say(f"a query ended in a fault: {trace}")
        return Refused(said["reason"], said["detail"], **said["members"])

    def _free(self, worker: Link) -> None:
        """Give a free worker its next question, or let it end: a mild one cannot be made to step forward again."""
        if worker.retired or worker.mild or worker.build != self.current:
            worker.close()
        else:
            self.lanes.free(worker)

    # builds -------------------------------------------------------------------------------------------------------------------

    def _look_out(self, ended: asyncio.Task[None] | None = None) -> None:
        """Look for other builds from now on, anew when a fault has ended that; a fault is said once until it is none."""
        if ended:
            error = None if ended.cancelled() else ended.exception()
            if error is None or self._closing:
                return
            said, self._fault = self._fault, "".join(format_exception(error))
            if self._fault != said:
                self._say(f"the look for a new build ended in a fault, and is begun anew: {self._fault}")
        self._watch = self._spawn(self._keep_looking())
        self._watch.add_done_callback(self._look_out)

    async def _keep_looking(self) -> None:
        """Look for another build, and for workers that are lacking, as long as this lives."""
        while True:
            await asyncio.sleep(_LOOK)
            try:
                found = await asyncio.to_thread(self._look_up)
            except (KgError, OSError):  # it is being written, or gone: the one that is open is answered from
                found = self.current
            self._consider(found)
            self._fault = ""

    def _consider(self, found: Current) -> None:
        """Start workers for a build that is to take the place of the current one, and those that this one lacks."""
        if found == self.current:
            self._next = None
        elif found != self._next and (found != self._refused or self._loop.time() > self._again):
            self._next, self._deaths = found, 0
            self._retire(lambda build: build not in {self.current, found})
            self._fill(found)
        self._fill(self.current)

    def _try_swap(self, build: Current) -> None:
        """Answer from a build once all of its workers are ready."""
        fresh = [worker for worker in self._workers.values() if worker.build == build and not worker.retired]
        if self._next != build or not all(worker.ready for worker in fresh):
            return
        self._say(f"build {build.id} takes the place of {self.current.id}")
        self.current, self._next, self._refused = build, None, None
        self.swaps += 1
        for act in self._swapped:
            act()
        self._retire(lambda other: other != build)
        for worker in fresh:
            self.lanes.free(worker)

    def _give_up(self, build: Current) -> None:
        """Go on with the build that is there when the workers of a new one end before they could open it."""
        self._say(f"build {build.id} cannot be opened: {self.current.id} stays")
        self._next, self._refused = None, build
        self._again = self._loop.time() + _LATER
        self._retire(lambda other: other == build)

    def _retire(self, is_over: Callable[[Current], bool]) -> None:
        """Let the workers of some builds end, each with its question."""
        for worker in self._workers.values():
            if is_over(worker.build) and not worker.retired:
                self.lanes.drop(worker)
                worker.retired = True
                if worker.job is None:
                    worker.close()


def _outcome(worker: Link, status: int, limits: Limits) -> tuple[str, Refused]:
    """Return in a word why a worker ended, and what is said to the one whose question it had."""
    if worker.ended:
        return worker.ended, Refused("cancelled", "the query was stopped")
    if -status == signal.SIGABRT:  # the store's allocator ends the process
        what = f"the query needs more than {limits.memory >> 20:,} MB of memory"
        return "memory", Refused("memory", what, hint="ask for less: fewer rows to sort or group")
    what = "the process that evaluated the query ended"
    return "crash", Refused("crash", what, hint="ask again; if it ends again, ask otherwise")
