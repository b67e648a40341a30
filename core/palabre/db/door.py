"""The one door to a database: a transaction with a scope, or one for the global tables only.

Nothing else in the product opens a connection. The scope's three settings are the transaction's
first statement and end with it, so a pooled connection carries nothing to its next user.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Row,
    Table,
    and_,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from palabre.base.errors import NotFound, Unavailable
from palabre.base.guards import transaction_open
from palabre.base.ids import new_id
from palabre.db.scope import Scope

_LEFT_OVER = (
    "SELECT concat(current_setting('palabre.agency_id', true), "
    "current_setting('palabre.all_clients', true), current_setting('palabre.client_ids', true))"
)
_SET_SCOPE = (
    f"{_LEFT_OVER}, set_config('palabre.agency_id', $1, true), "
    "set_config('palabre.all_clients', $2, true), set_config('palabre.client_ids', $3, true)"
)
_CONNECTION_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InvalidCatalogNameError,
    TimeoutError,
)
_ANSWER_S = 5.0
"""A server that does not answer the first statement by then is as good as gone."""

Hook = Callable[["Tx"], Awaitable[None]]
AfterCommit = Callable[[], Awaitable[None]]
Opens = Callable[[Scope], AbstractAsyncContextManager["Tx"]]


class Tx:
    """An open transaction: statements, what runs just before COMMIT and what runs after it."""

    def __init__(
        self, connection: AsyncConnection, scope: Scope | None, control: Opens | None = None
    ) -> None:
        self._connection = connection
        self._scope = scope
        self._control = control
        self._before: list[Hook] = []
        self._after: list[AfterCommit] = []
        self.notes: dict[str, Any] = {}
        """What rooms above keep for the length of the transaction (audit entries, events)."""

    @property
    def scope(self) -> Scope:
        """The scope of this transaction.

        Raises:
            LookupError: The transaction was opened for the global tables only.
        """
        if self._scope is None:
            raise LookupError("This transaction has no scope: open one with a scope.")
        return self._scope

    async def execute(self, statement: Executable, params: Any = None) -> CursorResult[Any]:
        """Run a statement."""
        return cast("CursorResult[Any]", await self._connection.execute(statement, params))

    async def first(self, statement: Executable, params: Any = None) -> Row[Any] | None:
        """Return the first row, or None."""
        return (await self.execute(statement, params)).first()

    async def one(self, statement: Executable, params: Any = None) -> Row[Any]:
        """Return the one row.

        Raises:
            NotFound: There is none the scope may see.
        """
        row = await self.first(statement, params)
        if row is None:
            raise NotFound
        return row

    async def all(self, statement: Executable, params: Any = None) -> list[Row[Any]]:
        """Return every row."""
        return list((await self.execute(statement, params)).all())

    async def scalar(self, statement: Executable, params: Any = None) -> Any:
        """Return the first column of the first row, None without a row."""
        return (await self.execute(statement, params)).scalar()

    async def insert(self, table: Table, **values: Any) -> UUID:
        """Insert a row of this scope and return its id; agency, client and id are filled in."""
        row_id: UUID = values.setdefault("id", new_id())
        values.setdefault("agency_id", self.scope.agency_id)
        if "client_id" in table.c and "client_id" not in values:
            values["client_id"] = self.scope.client_id
        await self.execute(table.insert().values(**values))
        return row_id

    def here(self, table: Table) -> ColumnElement[bool]:
        """Return the condition that names agency and client, beside the walls."""
        agency: ColumnElement[bool] = table.c.agency_id == self.scope.agency_id
        if self.scope.all_clients or "client_id" not in table.c:
            return agency
        return and_(agency, table.c.client_id.in_(self.scope.client_ids))

    @asynccontextmanager
    async def control(self) -> AsyncIterator["Tx"]:
        """Reach the control tables: by this transaction in the pool, else by one of its own there.

        The one of its own commits when the block ends, before this transaction does.
        """
        if self._control is None:
            yield self
        else:
            async with self._control(self.scope) as tx:
                yield tx

    def before_commit(self, hook: Hook) -> None:
        """Run ``hook`` as one of the transaction's last statements."""
        self._before.append(hook)

    def after_commit(self, call: AfterCommit) -> None:
        """Run ``call`` once the transaction is durable; it must not raise."""
        self._after.append(call)

    async def _finish(self) -> None:
        for hook in self._before:
            await hook(self)

    async def _released(self) -> None:
        for call in self._after:
            await call()


class Database:
    """One PostgreSQL database behind the door."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        application_name: str = "palabre",
        silo: str = "",
        control: Opens | None = None,
    ) -> None:
        """Prepare the pool; nothing is connected yet.

        Args:
            url: ``postgresql://user:password@host:port/name`` of the application role.
            pool_size: Connections kept; as many again may be open for a moment.
            application_name: Shown in the server's list of sessions.
            silo: Name of this database where it is one client's own.
            control: Opens transactions for control tables, where they are not in this database.
        """
        self._engine = engine_for(url, pool_size=pool_size, application_name=application_name)
        self._control = control
        self.silo = silo

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[Tx]:
        """Open a transaction that sees the rows of ``scope``; commit at the end, undo on error.

        Raises:
            Unavailable: The database does not answer; nothing was done.
        """
        async with self._transaction(scope) as tx:
            yield tx

    @asynccontextmanager
    async def control(self, scope: Scope) -> AsyncIterator[Tx]:
        """Open a transaction for control tables, which live in the pool; else as above."""
        async with (self._control or self._transaction)(scope) as tx:
            yield tx

    @asynccontextmanager
    async def unscoped(self) -> AsyncIterator[Tx]:
        """Open a transaction for global tables and pinned functions; any other table raises."""
        async with self._transaction(None) as tx:
            yield tx

    @asynccontextmanager
    async def _transaction(self, scope: Scope | None) -> AsyncIterator[Tx]:
        token = transaction_open.set(True)
        try:
            async with self._begun(scope) as tx:
                yield tx
                await tx._finish()  # noqa: SLF001  # the door and its transaction are one unit
        except (PoolTimeout, *_CONNECTION_LOST) as error:
            raise Unavailable("database_unavailable") from error
        except DBAPIError as error:
            if is_lost(error):
                raise Unavailable("database_unavailable") from error
            raise
        finally:
            transaction_open.reset(token)
        await tx._released()  # noqa: SLF001

    @asynccontextmanager
    async def _begun(self, scope: Scope | None) -> AsyncIterator[Tx]:
        connection = await self._begin(scope)
        try:
            tx = Tx(connection, scope, self._control)
            yield tx
        except BaseException:
            await connection.rollback()
            raise
        else:
            await connection.commit()
        finally:
            await connection.close()

    async def _begin(self, scope: Scope | None) -> AsyncConnection:
        """Begin; a pooled connection that died meanwhile is replaced once."""
        for last in (False, True):
            connection = self._engine.connect()
            _ = await connection.start()
            try:
                _ = await connection.execution_options(palabre_door=True)
                _ = await connection.begin()
                async with asyncio.timeout(_ANSWER_S):
                    await self._enter(connection, scope)
            except TimeoutError:
                await connection.invalidate()
                await connection.close()
                raise
            except BaseException as error:
                await connection.close()
                if last or not (isinstance(error, DBAPIError) and is_lost(error)):
                    raise
            else:
                return connection
        raise AssertionError("unreachable")

    async def _enter(self, connection: AsyncConnection, scope: Scope | None) -> None:
        """Set the scope; a connection that already has one was tampered with and is thrown away."""
        if scope is None:
            left_over = await connection.exec_driver_sql(_LEFT_OVER)
        else:
            left_over = await connection.exec_driver_sql(_SET_SCOPE, scope.settings())
        if left_over.scalar_one():
            await connection.invalidate()
            raise LookupError("A pooled connection still carried a scope: it was closed.")

    async def ping(self) -> None:
        """Check that the database answers.

        Raises:
            Unavailable: It does not.
        """
        async with self.unscoped() as tx:
            await tx.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def engine_for(url: str, *, pool_size: int = 10, application_name: str = "palabre") -> AsyncEngine:
    """Return an engine whose transactions only the door may begin."""
    engine = create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_recycle=1800,
        connect_args={
            "timeout": 5,
            "server_settings": {"application_name": application_name, "timezone": "UTC"},
        },
    )

    @event.listens_for(engine.sync_engine, "begin")
    def only_through_the_door(connection: Connection) -> None:
        if not connection.get_execution_options().get("palabre_door"):
            raise LookupError("Transactions are opened by palabre.db.door only, with a scope.")

    return engine


def driver_url(url: str) -> str:
    """Return ``url`` with the asyncpg driver named."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+asyncpg://" + url.removeprefix(scheme)
    return url


def with_name(url: str, database: str) -> str:
    """Return ``url`` with another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def is_lost(error: DBAPIError) -> bool:
    """Tell whether the error means that the connection or the server is gone."""
    if error.connection_invalidated:
        return True
    cause = getattr(error.orig, "__cause__", None)
    return isinstance(error.orig, _CONNECTION_LOST) or isinstance(cause, _CONNECTION_LOST)
