"""Does claimed work in one process: knows what is in hand, renews holds, never lets one go lost."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog

from palabre.base.errors import Unavailable
from palabre.db.scope import Scope
from palabre.domains.publishing.timing import Timing
from palabre.domains.runtime import Runtime
from palabre.jobs.handlers import Handler
from palabre.jobs.queues import SLOTS
from palabre.outbox import work
from palabre.outbox.work import Claimed

_log = structlog.get_logger(__name__)
FIRST_WAIT_S: Final = 30.0
LONGEST_WAIT_S: Final = 900.0
LOST_AFTER_S: Final = 5.0
"""Queued work that has not started by now, with a place free, was lost on its way."""
RENEWALS: Final = 3
"""How often a hold is renewed within its lease."""


class InHand(msgspec.Struct):
    """Claimed work in this process. ``started``: a handler has it."""

    claimed: Claimed
    queue: str
    queued_at: float
    started: bool = False


class Desk:
    """What one process has in hand, and the running of it."""

    def __init__(self, runtime: Runtime, timing: Timing, handlers: Mapping[str, Handler]) -> None:
        self._runtime = runtime
        self._timing = timing
        self._handlers = handlers
        self._hand: dict[tuple[UUID, int], InHand] = {}
        self.moved = asyncio.Event()
        """Set when a place became free."""

    def free(self, queue: str) -> int:
        """Return how many more jobs of the queue this process can take."""
        return SLOTS[queue] - sum(1 for one in self._hand.values() if one.queue == queue)

    def busy(self) -> int:
        """Return how many jobs are running."""
        return sum(1 for one in self._hand.values() if one.started)

    def take(self, queue: str, claimed: Claimed) -> None:
        """Note that this process claimed work and is about to queue it."""
        self._hand[claimed.id, claimed.fence] = InHand(claimed, queue, time.monotonic())

    async def give_back(self, claimed: Claimed) -> None:
        """Let others have work that could not be queued."""
        self._hand.pop((claimed.id, claimed.fence), None)
        await self._return(claimed, 0.0, "not queued")

    async def give_back_lost(self) -> None:
        """Let others have work that was queued and never arrived (Redis was emptied)."""
        await self.give_back_waiting(LOST_AFTER_S)

    async def give_back_waiting(self, seconds: float = 0.0) -> None:
        """Let others have work that has waited here for so many seconds without starting."""
        now = time.monotonic()
        for one in list(self._hand.values()):
            if not one.started and now - one.queued_at > seconds:
                await self.give_back(one.claimed)

    async def run(self, _ctx: dict[Any, Any], payload: dict[str, Any]) -> None:
        """Do one job of the queue; never raises but when it is cancelled."""
        claimed = msgspec.convert(payload, Claimed)
        one = self._hand.get((claimed.id, claimed.fence))
        if one is None or one.started:  # given back meanwhile, or a repeat of the queue
            return
        one.started = True
        try:
            async with self._holding(claimed):
                await self._handle(claimed)
        finally:
            self._hand.pop((claimed.id, claimed.fence), None)
            self.moved.set()

    async def _handle(self, claimed: Claimed) -> None:
        handler = self._handlers.get(claimed.kind)
        try:
            if handler is None:
                await self._return(claimed, LONGEST_WAIT_S, f"nobody does {claimed.kind}")
            else:
                await handler(claimed)
        except Exception as error:  # noqa: BLE001  # logged; the row comes back later
            _log.exception("work_failed", kind=claimed.kind, subject=str(claimed.subject_id))
            wait = min(FIRST_WAIT_S * 2 ** min(claimed.attempt - 1, 10), LONGEST_WAIT_S)
            await self._return(claimed, wait * self._timing.scale, type(error).__name__)

    async def _return(self, claimed: Claimed, wait_s: float, why: str) -> None:
        """Hand the row back; without the database its lease ends by itself."""
        due = self._runtime.clock.now() + timedelta(seconds=wait_s)
        with contextlib.suppress(Unavailable):
            async with self._runtime.database.transaction(_scope(claimed)) as tx:
                if await work.holds(tx, claimed):
                    await work.hand_back(tx, claimed, due, error=why)

    @contextlib.asynccontextmanager
    async def _holding(self, claimed: Claimed) -> AsyncIterator[None]:
        """Renew the hold while the work is done."""
        renewing = asyncio.create_task(self._renew(claimed))
        try:
            yield
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing

    async def _renew(self, claimed: Claimed) -> None:
        held = True
        while held:
            await asyncio.sleep(self._timing.lease_s / RENEWALS)
            with contextlib.suppress(Unavailable):
                async with self._runtime.database.transaction(_scope(claimed)) as tx:
                    held = await work.extend(tx, claimed, self._timing.lease_s)


def _scope(claimed: Claimed) -> Scope:
    return Scope.of_client(claimed.agency_id, claimed.client_id)
