"""Finds the database of a scope: the client's own where it has one, the pool else.

Control tables live in the pool only, client tables in every database; nothing spans two of them.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import structlog

from palabre.db import silos
from palabre.db.door import Database, Tx, with_name
from palabre.db.scope import Scope
from palabre.db.silos import Silo

CEILING_S: Final = 30.0
"""The list of silos is read again after this time, even when the message was lost."""
IDLE_S: Final = 120.0
MOST_OPEN: Final = 50
"""Silos whose connections are kept; of more, those not used for the longest time are closed."""
SILO_POOL: Final = 4
REST_S: Final = 10.0
"""A silo that does not answer is left out of rounds over all databases for this time."""
_MOST_KNOWN: Final = 50_000

Client = tuple[UUID, UUID]
_log = structlog.get_logger(__name__)


class Databases(Database):
    """The pool database, and behind the same door every dedicated client's own."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        application_name: str = "palabre",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: Of the pool; the silos are on the same server, with the same login.
            pool_size: Connections kept to the pool.
            application_name: Shown in the server's list of sessions.
            monotonic: The clock that counts the age of what is kept.
        """
        super().__init__(url, pool_size=pool_size, application_name=application_name)
        self._url = url
        self._application_name = application_name
        self._monotonic = monotonic
        self._reading = asyncio.Lock()
        self._silos: dict[Client, Silo] = {}
        self._pooled: set[Client] = set()
        self._until = 0.0
        self._open: OrderedDict[str, Database] = OrderedDict()
        self._used_at: dict[str, float] = {}
        self._rests_until: dict[str, float] = {}

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[Tx]:
        """Open a transaction where the rows of the scope are.

        Exactly one client: in its own database, if it has one. Else in the pool.
        """
        home = await self.home(scope)
        async with self.control(scope) if home is self else home.transaction(scope) as tx:
            yield tx

    async def home(self, scope: Scope) -> Database:
        """Return the database that holds the rows of ``scope``."""
        silo = await self._silo_of(scope)
        return self if silo is None else await self._opened(silo.database)

    @asynccontextmanager
    async def both(self, scope: Scope) -> AsyncIterator[tuple[Tx, Tx]]:
        """Open a transaction for control tables and one for the client's: one, when pooled.

        Else the client's commits first: what follows must be such that a repeat mends a crash
        between the two.
        """
        async with self.control(scope) as control:
            home = await self.home(scope)
            if home is self:
                yield control, control
            else:
                async with home.transaction(scope) as tx:
                    yield control, tx

    async def each(self, *, resting: bool = False) -> AsyncIterator[Database]:
        """Yield the pool and then every silo; those that rest only where ``resting``."""
        yield self
        for name in sorted({silo.database for silo in (await self._known()).values()}):
            if resting or self._monotonic() >= self._rests_until.get(name, 0.0):
                yield await self._opened(name)

    def rest(self, database: Database) -> None:
        """Leave a silo that did not answer out of ``each`` for a while."""
        _log.warning("silo_away", database=database.silo)
        self._rests_until[database.silo] = self._monotonic() + REST_S

    async def parts(self, scope: Scope) -> list[Scope]:
        """Return one scope for each database that holds rows of ``scope``, the pool's first."""
        if not scope.all_clients and len(scope.client_ids) == 1:
            return [scope]
        own = [
            Scope.of_client(scope.agency_id, silo.client_id, scope.actor, scope.locale)
            for silo in (await self._known()).values()
            if silo.agency_id == scope.agency_id
            and (scope.all_clients or silo.client_id in scope.client_ids)
        ]
        return [scope, *own]

    def forget(self) -> None:
        """Read the list of silos again before it is used: it changed."""
        self._until = 0.0

    async def close(self) -> None:
        """Close every connection."""
        while self._open:
            await self._open.popitem()[1].close()
        await super().close()

    async def _silo_of(self, scope: Scope) -> Silo | None:
        """Return the silo of the scope's one client, ready for use; None for the pool.

        The first sight of a client reads the list again, so that a client made a moment ago by
        another process is never taken for a pooled one.
        """
        if scope.all_clients or len(scope.client_ids) != 1:
            return None
        client = (scope.agency_id, scope.client_id)
        known = await self._known(client)
        silo = known.get(client)
        if silo is not None and silo.state == "preparing":
            return await self._prepare(silo)
        return silo

    async def _known(self, client: Client | None = None) -> dict[Client, Silo]:
        if self._is_fresh(client):
            return self._silos
        async with self._reading:
            if not self._is_fresh(client):
                until = self._monotonic() + CEILING_S
                self._silos = {(s.agency_id, s.client_id): s for s in await silos.every(self)}
                self._until = until
                self._remember(client)
            return self._silos

    def _is_fresh(self, client: Client | None) -> bool:
        seen = client is None or client in self._silos or client in self._pooled
        return seen and self._monotonic() < self._until

    def _remember(self, client: Client | None) -> None:
        if client is None or client in self._silos:
            return
        if len(self._pooled) >= _MOST_KNOWN:
            self._pooled.clear()
        self._pooled.add(client)

    async def _prepare(self, silo: Silo) -> Silo:
        """Finish what creating the client began; a crash leaves it to the next use."""
        await silos.put_anchor(await self._opened(silo.database), silo)
        async with self.control(silo.scope) as tx:
            await silos.set_active(tx)
        ready = Silo(
            agency_id=silo.agency_id,
            client_id=silo.client_id,
            database=silo.database,
            state="active",
        )
        self._silos[silo.agency_id, silo.client_id] = ready
        return ready

    async def _opened(self, name: str) -> Database:
        if name not in self._open:
            self._open[name] = Database(
                with_name(self._url, name),
                pool_size=SILO_POOL,
                application_name=self._application_name,
                silo=name,
                control=self.control,
            )
        self._open.move_to_end(name)
        self._used_at[name] = self._monotonic()
        await self._close_idle(name)
        return self._open[name]

    async def _close_idle(self, but: str) -> None:
        """Close what nobody used for long; a connection still in use ends when it is returned."""
        old = self._monotonic() - IDLE_S
        for name in list(self._open):
            if name == but or (len(self._open) <= MOST_OPEN and self._used_at[name] > old):
                break  # the rest was used later
            await self._open.pop(name).close()
