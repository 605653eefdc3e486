"""Which question goes to which worker, and when it has had its time.

Every question starts as a light one. One that has run for `grace` seconds, or whose reply is longer than a message, is heavy, and
heavy ones never hold the last worker: one that would is stopped, and begun anew when another heavy one has ended, so that there is
always a lane for look-ups. Where heavy ones have all their places the grace is shorter, for the same reason. What was heavy once
goes to the heavy ones at once when it is asked again. Of those that wait, the questions of a client with few heavy ones go first,
so that one who asks many of them keeps nobody else from a look-up.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b

from kg.guard.asked import Asked, Limits, Refused
from kg.guard.frames import ASKED
from kg.guard.link import Link
from kg.guard.spool import Budget, Spool

_REMEMBERED = 4096
_YOUNG = 0.005  # seconds in which a look-up ends; more of them at a time than there are cores only hinder each other
_CONTESTED = 0.4  # of the grace, where heavy questions have all their places: nobody waits long behind one that has none
_CROWDED = 8  # how many times longer a question may take when its worker does not get the processor


class Job:
    """A question on its way: waiting, or with a worker. `begun` is set to (media type, whole content or None) or to a Refused."""

    def __init__(self, id: str, asked: Asked, timeout: float, loop: asyncio.AbstractEventLoop, budget: Budget) -> None:
        self.id = id
        self.asked = asked
        self.timeout = timeout
        self.arrived = loop.time()
        self.begins = self.arrived  # when its worker began, and how many seconds of the processor that had used by then
        self.used = 0.0
        self.grace = 0.0
        self.begun: asyncio.Future[tuple[str, bytes | None]] = loop.create_future()
        self.worker: Link | None = None
        self.build = ""
        self.heavy = False
        self.again = False  # it was begun anew after its worker died of something else
        self.budget = budget
        self.spool: Spool | None = None
        self.media_type = ""
        self.timers: list[asyncio.TimerHandle] = []
        self.over = False

    def key(self) -> bytes:
        """Return what is the same when the same is asked again."""
        return blake2b(self.asked.written, digest_size=16).digest()

    def give(self, whole: bytes | None) -> None:
        """Let the asker have the reply, or its beginning."""
        if not self.begun.done():
            self.begun.set_result((self.media_type, whole))

    def refuse(self, error: Refused) -> None:
        """Let the asker have the reason why there is no reply, or not all of it."""
        if not self.begun.done():
            self.begun.set_exception(error)
        elif not self.begun.cancelled() and self.spool:
            self.spool.break_off(error.detail)
            return
        self.drop()

    def drop(self) -> None:
        """Forget what came of a reply that nobody was given."""
        if self.spool:
            self.spool.close()
            self.spool = None

    def end(self) -> None:
        """Say that it waits for nothing any more."""
        self.over = True
        for timer in self.timers:
            timer.cancel()


class Lanes:
    """Give questions to workers; `kill(worker, reason)` ends one, its end is told to `freed` by way of the guard."""

    def __init__(self, limits: Limits, kill: Callable[[Link, str], None]) -> None:
        self._limits = limits
        self._kill = kill
        self._idle: deque[Link] = deque()
        self._light: deque[Job] = deque()
        self._heavy: deque[Job] = deque()
        self._running: dict[Job, Link] = {}
        self._looks_again = False
        self._were_heavy: OrderedDict[bytes, None] = OrderedDict()
        self._loop = asyncio.get_running_loop()

    # what is asked ------------------------------------------------------------------------------------------------------------

    def put(self, job: Job) -> None:
        """Take a question in; raise Refused when too many are waiting."""
        is_heavy = bool(self._were_heavy) and job.key() in self._were_heavy
        if is_heavy:
            self._check_heavy()
        if self.waiting >= self._limits.waiting and not self._idle and not self._makes_way(job):
            raise Refused("busy", "too many queries are waiting", hint="ask again in a moment")
        if is_heavy:
            self._queue_heavy(job)
        else:
            self._light.append(job)
        job.timers.append(self._loop.call_later(job.timeout, self._late, job))
        self._dispatch()

    def leave(self, job: Job) -> None:
        """Forget a question whose reply is not wanted any more."""
        self._stop(job, Refused("cancelled", "the query was cancelled"))

    def running(self) -> Iterator[Job]:
        """Yield the questions that are with a worker."""
        yield from self._running

    def all(self) -> Iterable[Job]:
        """Return the questions that have no whole reply yet."""
        return [*self._running, *self._light, *self._heavy]

    @property
    def waiting(self) -> int:
        """Return how many questions wait for a worker."""
        return len(self._light) + len(self._heavy)

    @property
    def heavy(self) -> int:
        """Return how many workers are with a heavy question."""
        return sum(job.heavy for job in self._running)

    # what workers do ----------------------------------------------------------------------------------------------------------

    def free(self, worker: Link) -> None:
        """Take a worker that has nothing to do."""
        self._idle.append(worker)
        self._dispatch()

    def drop(self, worker: Link) -> None:
        """Forget a worker that gets no more questions."""
        if worker in self._idle:
            self._idle.remove(worker)

    def idle(self) -> list[Link]:
        """Return the workers that have nothing to do."""
        return list(self._idle)

    def begins(self, worker: Link, media_type: str) -> None:
        """Note that a reply begins that is longer than a message: it is given at once where there is a place for a heavy one."""
        if job := worker.job:
            job.media_type, job.spool = media_type, Spool(job.budget)
            if job.heavy or self._place():
                job.heavy = True
                job.give(None)

    def goes_on(self, worker: Link, content: bytes) -> None:
        """Add to the reply of a worker."""
        if (job := worker.job) and job.spool:
            try:
                job.spool.put(content)
            except OSError as error:
                self._stop(job, Refused("limit", f"the reply cannot be kept: {error}"))

    def ends(self, worker: Link, outcome: tuple[str, bytes] | Refused | None) -> None:
        """Note that a worker has ended its question: with a whole reply, with none, or (None) with the last of a long one."""
        job = worker.job
        if job is None:
            return
        del self._running[job]
        worker.job = None
        if isinstance(outcome, Refused):
            job.refuse(outcome)
        elif outcome:
            job.media_type = outcome[0]
            job.give(outcome[1])
        elif job.spool:
            job.spool.end()
            job.give(None)
        if self._were_heavy and not worker.mild:
            self._were_heavy.pop(job.key(), None)
        job.end()

    def lost(self, worker: Link, outcome: Refused, again: bool) -> None:
        """Note that a worker died; its question is begun anew if it may be `again` and nothing of its reply was given."""
        job = worker.job
        self.drop(worker)
        if job is None:
            return
        del self._running[job]
        worker.job = job.worker = None
        if again and not (job.again or job.over or job.begun.done()):
            job.again = True
            job.drop()
            self._light.appendleft(job)
        elif not job.over:
            job.refuse(outcome)
            job.end()
        self._dispatch()

    # the choice ---------------------------------------------------------------------------------------------------------------

    def _place(self) -> bool:
        """Decide whether one more worker may be with a heavy question."""
        return self.heavy < max(1, self._limits.workers - 1)

    def _next(self) -> Job | None:
        """Take the next question out of its queue."""
        if not self._heavy and (len(self._light) <= 1 or not self.heavy):
            return self._light.popleft() if self._light else None  # they stand in the order in which they came
        long = Counter(job.asked.client for job in (*self._heavy, *self._running) if job.heavy)
        heavy = min(self._heavy, key=lambda job: job.arrived) if self._heavy and self._place() else None
        light = min(self._light, key=lambda job: (long[job.asked.client], job.arrived)) if self._light else None
        chosen = heavy if heavy and (not light or heavy.arrived <= light.arrived) else light
        if chosen:
            (self._heavy if chosen is heavy else self._light).remove(chosen)
        return chosen

    def _makes_way(self, job: Job) -> bool:
        """Refuse the last question of the client with most of those that wait, if that is not the one who asks."""
        waiting = Counter(other.asked.client for other in (*self._light, *self._heavy))
        client, count = waiting.most_common(1)[0]
        last = next((other for other in reversed(self._light) if other.asked.client == client), None)
        if last is None or count <= waiting[job.asked.client] + 1:
            return False
        self._stop(last, Refused("busy", "too many queries are waiting", hint="ask again in a moment"))
        return True

    def _has_core(self) -> bool:
        """Decide whether one more question finds a core; if not it is looked again in a moment, or when one ends."""
        if len(self._running) < self._limits.cores:
            return True
        since = self._loop.time() - _YOUNG
        if sum(job.begins > since for job in self._running) < self._limits.cores:
            return True
        if not self._looks_again:
            self._looks_again = True
            self._loop.call_later(_YOUNG, self._look_again)
        return False

    def _look_again(self) -> None:
        self._looks_again = False
        self._dispatch()

    def _dispatch(self) -> None:
        while self._idle and self.waiting and self._has_core() and (job := self._next()):
            worker = self._idle.pop()  # whose caches are the warmest
            worker.job, job.worker, job.build = job, worker, worker.build.id
            self._running[job] = worker
            worker.send(ASKED, job.asked.written)
            job.begins, job.used = self._loop.time(), worker.used()
            job.grace = self._limits.grace * (1.0 if self._place() else _CONTESTED)
            job.timers.append(self._loop.call_later(job.grace, self._grown, job, worker))

    def _check_heavy(self) -> None:
        """Raise Refused when no more heavy questions may wait."""
        if len(self._heavy) >= max(1, self._limits.waiting // 2):
            raise Refused("busy", "too many long queries are waiting", hint="ask again in a moment")

    def _queue_heavy(self, job: Job) -> None:
        self._check_heavy()
        job.heavy = True
        self._heavy.append(job)

    def _grown(self, job: Job, worker: Link) -> None:
        """Make a question that is still running a heavy one, or stop it when there is no place for one more."""
        if worker.job is not job:
            return
        grace = job.grace
        lacking = grace - (worker.used() - job.used)  # on a crowded machine much time passes with little of the processor
        if lacking > grace / 5 and self._loop.time() - job.begins < _CROWDED * grace:
            job.timers.append(self._loop.call_later(min(lacking, grace), self._grown, job, worker))
            return
        self._remember(job)
        if job.heavy or self._place():
            job.heavy = True
            worker.step_back()
            if job.spool:
                job.give(None)
            return
        self._detach(job, worker, "requeued")
        try:
            self._queue_heavy(job)
        except Refused as error:
            job.refuse(error)
            job.end()

    def _remember(self, job: Job) -> None:
        self._were_heavy[job.key()] = None
        if len(self._were_heavy) > _REMEMBERED:
            self._were_heavy.popitem(last=False)

    def _detach(self, job: Job, worker: Link, reason: str) -> None:
        """Take a question from its worker, which is stopped."""
        del self._running[job]
        worker.job = job.worker = None
        job.drop()
        self._kill(worker, reason)

    def _late(self, job: Job) -> None:
        what = "the query took" if job.worker else "the query waited"
        hint = "ask for less, or for a part: LIMIT, a narrower pattern"
        self._stop(job, Refused("timeout", f"{what} longer than {job.timeout:g} seconds", hint=hint))

    def _stop(self, job: Job, why: Refused) -> None:
        """End a question that has no whole reply yet."""
        if job.over:
            return
        job.end()
        job.refuse(why)
        if job in self._running:
            worker = self._running.pop(job)
            worker.job = job.worker = None
            self._kill(worker, why.reason)
        for queue in (self._light, self._heavy):
            if job in queue:
                queue.remove(job)
        self._dispatch()
