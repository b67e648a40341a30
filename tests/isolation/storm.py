"""Many tasks of many clients on few pooled connections, with errors, cancellations and kills."""

import asyncio
import random
from typing import Any

from msgspec import Struct
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from palabre.base.errors import Unavailable
from palabre.base.ids import new_id
from palabre.db.door import Database, Tx, driver_url
from palabre.db.scope import Scope
from palabre.domains.agencies.tables import agencies, brands, client_anchor
from tests.isolation.rows import new_uuid
from tests.support.databases import DatabaseUrls

AGENCIES = 5
CLIENTS_EACH = 10
TASKS = 200
POOL = 5
ENDS = ("commit", "commit", "commit", "exception", "database error", "cancelled", "killed")
_SCOPE = text("SELECT current_setting('palabre.client_ids'), pg_backend_pid() AS pid")


class Planned(Exception):
    """An error of the storm's own."""


class Count(Struct, kw_only=True):
    """What the storm saw. ``wrong`` must be 0."""

    transactions: int = 0
    wrong: int = 0
    ended: dict[str, int]
    unavailable: int = 0
    left_checked_out: int = 0


def _quiet_about_kills(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Drop what the driver's own futures say when the storm kills their connection."""
    if not isinstance(context.get("exception"), ConnectionError):
        loop.default_exception_handler(context)


class Storm:
    """One run over one database."""

    def __init__(self, urls: DatabaseUrls, seed: int) -> None:
        self._urls = urls
        self._random = random.Random(seed)
        self._database = Database(urls.app, pool_size=POOL, application_name="storm")
        self._scopes: list[Scope] = []
        self._admin = create_async_engine(
            driver_url(urls.admin), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        self.count = Count(ended=dict.fromkeys(ENDS, 0))

    async def run(self, transactions_each: int) -> Count:
        """Let every task do its transactions, then look at what stands."""
        asyncio.get_running_loop().set_exception_handler(_quiet_about_kills)
        await self._make_clients()
        await asyncio.gather(*(self._task(transactions_each) for _ in range(TASKS)))
        self.count.left_checked_out = self._pool.checkedout()
        await self._after()
        await self._database.close()
        await self._admin.dispose()
        return self.count

    @property
    def _pool(self) -> Any:
        return self._database._engine.pool

    async def _make_clients(self) -> None:
        for _ in range(AGENCIES):
            agency = new_uuid(self._random)
            async with self._database.transaction(Scope.of_agency(agency)) as tx:
                named = {"name": "A", "locale": "en", "time_zone": "UTC"}
                values = {name: value for name, value in named.items() if name in agencies.c}
                await tx.execute(agencies.insert().values(id=agency, **values))
                for _ in range(CLIENTS_EACH):
                    client = new_uuid(self._random)
                    anchor = {"agency_id": agency, "client_id": client}
                    await tx.execute(client_anchor.insert().values(**anchor))
                    self._scopes.append(Scope.of_client(agency, client))

    async def _task(self, transactions: int) -> None:
        for _ in range(transactions):
            scope, end = self._random.choice(self._scopes), self._random.choice(ENDS)
            await self._one(scope, end)
            self.count.transactions += 1
            self.count.ended[end] += 1

    async def _one(self, scope: Scope, end: str) -> None:
        work = asyncio.create_task(self._transaction(scope, end))
        if end == "cancelled":
            await asyncio.sleep(self._random.random() * 0.1)
            work.cancel()
        outcome = (await asyncio.gather(work, return_exceptions=True))[0]
        if isinstance(outcome, Unavailable):
            self.count.unavailable += 1
        elif isinstance(outcome, Exception) and end in {"commit", "cancelled"}:
            raise outcome

    async def _transaction(self, scope: Scope, end: str) -> None:
        async with self._database.transaction(scope) as tx:
            await self._look(tx, scope)
            await tx.execute(
                brands.insert().values(
                    agency_id=scope.agency_id,
                    client_id=scope.client_id,
                    id=new_id(),
                    name=str(scope.client_id),
                )
            )
            await asyncio.sleep(self._random.random() * 0.002)
            await self._look(tx, scope)
            await self._end(tx, end)

    async def _look(self, tx: Tx, scope: Scope) -> None:
        """Read without naming a client: what comes is decided by the walls alone."""
        rows = await tx.all(select(brands.c.agency_id, brands.c.client_id, brands.c.name).limit(50))
        mine = (scope.agency_id, scope.client_id, str(scope.client_id))
        self.count.wrong += sum(tuple(row) != mine for row in rows)
        current = await tx.one(_SCOPE)
        self.count.wrong += current[0] != f"{{{scope.client_id}}}"

    async def _end(self, tx: Tx, end: str) -> None:
        if end == "exception":
            raise Planned
        if end == "database error":
            await tx.execute(text("SELECT 1 / 0"))
        if end == "killed":
            pid = (await tx.one(_SCOPE)).pid
            async with self._admin.connect() as admin:
                await admin.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    async def _after(self) -> None:
        """Count rows that landed at another client, and see every connection serve again."""
        async with self._admin.connect() as admin:
            strays = text("SELECT count(*) FROM brands WHERE name <> client_id::text")
            self.count.wrong += int(await admin.scalar(strays) or 0)
        for scope in self._scopes[: POOL * 2]:
            async with self._database.transaction(scope) as tx:
                await self._look(tx, scope)
