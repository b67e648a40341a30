"""The tick: claims due work fairly and queues it; sweeps, relays, occurs schedules, anchors.

Woken by a doorbell after a COMMIT or by a free place, else every ``tick_s``.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

import structlog
from arq.connections import ArqRedis
from redis.exceptions import RedisError

from palabre.audit.anchor_files import anchorer_of
from palabre.audit.anchors import Anchorer
from palabre.base.errors import Unavailable
from palabre.db.door import Database
from palabre.domains.publishing.timing import Timing
from palabre.domains.runtime import Runtime
from palabre.jobs.desk import Desk
from palabre.jobs.queues import SLOTS, enqueue, key_of
from palabre.outbox import answers, events, schedules, work

_log = structlog.get_logger(__name__)
CALM_S: Final = 0.05
"""Least time between two ticks."""
FORGET_S: Final = 600.0
AWAY_S: Final = 2.0
"""Wait while PostgreSQL or Redis is away."""


class Tick:
    """Claims work for one process."""

    def __init__(
        self,
        runtime: Runtime,
        redis: ArqRedis,
        desk: Desk,
        timing: Timing,
        *,
        process: str,
        queues: Sequence[str],
        processes: int,
    ) -> None:
        """Prepare.

        Args:
            runtime: The process's runtime.
            redis: ARQ's client.
            desk: What the process has in hand.
            timing: Durations.
            process: Names this process's queues in Redis.
            queues: Served here.
            processes: How many processes serve them on this machine.
        """
        self._runtime = runtime
        self._redis = redis
        self._desk = desk
        self._timing = timing
        self._process = process
        self._queues = tuple(queues)
        self._processes = processes
        self._due: dict[str, float] = {}
        self._anchorers: dict[str, Anchorer] = {}
        self._turn = 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Tick until ``stopping`` is set."""
        while not stopping.is_set():
            self._desk.moved.clear()
            try:
                await self.once()
                wait = self._timing.tick_s
            except (Unavailable, RedisError, OSError) as error:
                _log.warning("tick_waits", reason=type(error).__name__)
                wait = AWAY_S * self._timing.scale
            await asyncio.sleep(CALM_S)
            await self._wait(stopping, wait)

    async def once(self) -> None:
        """Do everything that is due now."""
        clock = self._runtime.clock
        await self._every("sweep", self._timing.sweep_s, work.sweep)
        await self._every(
            "schedules",
            self._timing.sweep_s,
            lambda database: schedules.tick(database, clock.now()),
        )
        await self._every("forget", FORGET_S, answers.forget_expired)
        await self._every("anchors", self._timing.sweep_s, self._anchor)
        await self._in_each(events.relay)
        await self._desk.give_back_lost()
        for queue in self._queues:
            await self._in_each(partial(self._claim, queue))
        self._turn += 1

    async def _in_each(self, call: Callable[[Database], Awaitable[int]]) -> int:
        """Do it in every database, each one first in its turn; a silo that is away waits."""
        databases = [database async for database in self._runtime.database.each()]
        first = self._turn % len(databases)
        done = 0
        for database in (*databases[first:], *databases[:first]):
            try:
                done += await call(database)
            except Unavailable:
                if not database.silo:
                    raise
                self._runtime.database.rest(database)
        return done

    async def _anchor(self, database: Database) -> int:
        anchorer = self._anchorers.get(database.silo)
        if anchorer is None:
            anchorer = anchorer_of(database, self._runtime.settings)
            self._anchorers[database.silo] = anchorer
        return await anchorer.tick(self._runtime.clock.now())

    async def _claim(self, queue: str, database: Database) -> int:
        """Claim what this process can do; what cannot be queued is handed back at once."""
        free = self._desk.free(queue)
        if free <= 0:
            return 0
        await self._redis.ping()  # without Redis nothing is claimed
        found = await work.claim(
            database,
            queue,
            limit=free,
            lease_s=self._timing.lease_s,
            per_client=max(2, SLOTS[queue] * self._processes // 2),
        )
        for n, claimed in enumerate(found):
            self._desk.take(queue, claimed)
            try:
                await enqueue(self._redis, key_of(queue, self._process), claimed)
            except (RedisError, OSError):
                for left in found[n:]:
                    await self._desk.give_back(left)
                raise
        return len(found)

    async def _every(
        self, name: str, seconds: float, call: Callable[[Database], Awaitable[int]]
    ) -> None:
        now = time.monotonic()
        if now < self._due.get(name, 0.0):
            return
        self._due[name] = now + seconds
        done = await self._in_each(call)
        if done:
            _log.info("tick_did", what=name, count=done)

    async def _wait(self, stopping: asyncio.Event, seconds: float) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (stopping, self._desk.moved)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
