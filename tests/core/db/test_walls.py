"""The walls between clients, seen from the application's own login."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from palabre.base.errors import Unavailable
from palabre.base.ids import new_id
from palabre.base.settings import SettingsError
from palabre.db import bootstrap, compare, guard
from palabre.db.door import Database
from palabre.db.scope import Scope
from palabre.domains.agencies.tables import brands, clients
from palabre.domains.runtime import Runtime
from palabre.schema import all_tables
from tests.support.api import World, scope_of
from tests.support.databases import DatabaseUrls


async def _brand(runtime: Runtime, world: World) -> None:
    async with runtime.database.transaction(await scope_of(world)) as tx:
        await tx.insert(brands, name="Ours")


async def test_another_client_sees_and_changes_nothing(runtime: Runtime, world: World) -> None:
    await _brand(runtime, world)
    for scope in (
        Scope.of_client(world.agency.id, world.neighbour_id),
        Scope.of_client(new_id(), world.client_id),
        Scope.of_agency(world.stranger.agency_id),
        Scope(agency_id=world.agency.id),
    ):
        async with runtime.database.transaction(scope) as tx:
            assert await tx.all(select(brands)) == []
            changed = await tx.execute(update(brands).values(name="Theirs"))
            assert changed.rowcount == 0


async def test_a_row_cannot_be_written_for_another_client(runtime: Runtime, world: World) -> None:
    neighbour = Scope.of_client(world.agency.id, world.neighbour_id)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with runtime.database.transaction(neighbour) as tx:
            await tx.insert(brands, client_id=world.client_id, name="Theirs")
    await _brand(runtime, world)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with runtime.database.transaction(await scope_of(world)) as tx:
            await tx.execute(update(brands).values(client_id=world.neighbour_id))


async def test_without_a_scope_everything_raises(runtime: Runtime) -> None:
    for table in (brands, clients):
        with pytest.raises(DBAPIError, match="palabre"):
            async with runtime.database.unscoped() as tx:
                await tx.all(select(table))


async def test_a_pooled_connection_carries_no_scope_to_its_next_user(
    database_urls: DatabaseUrls, runtime: Runtime, world: World
) -> None:
    await _brand(runtime, world)
    database = Database(database_urls.app, pool_size=1)
    try:
        async with database.transaction(await scope_of(world)) as tx:
            pid = await tx.scalar(text("SELECT pg_backend_pid()"))
            assert len(await tx.all(select(brands))) == 1
        with pytest.raises(DBAPIError):  # noqa: PT012  # the transaction is what is tried
            async with database.unscoped() as tx:
                assert await tx.scalar(text("SELECT pg_backend_pid()")) == pid
                await tx.all(select(brands))
    finally:
        await database.close()


async def test_a_connection_that_died_in_the_pool_is_replaced(
    database_urls: DatabaseUrls, runtime: Runtime
) -> None:
    database = Database(database_urls.app, pool_size=1)
    try:
        async with database.unscoped() as tx:
            pid = await tx.scalar(text("SELECT pg_backend_pid()"))
        async with runtime.database.unscoped() as tx:
            await tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        async with database.unscoped() as tx:
            assert await tx.scalar(text("SELECT 1")) == 1
    finally:
        await database.close()


async def test_only_the_door_opens_transactions(runtime: Runtime) -> None:
    engine = runtime.database._engine
    with pytest.raises(LookupError, match="door"):
        async with engine.begin():
            raise AssertionError("the transaction was opened")


async def test_a_server_that_is_away_is_said_so() -> None:
    database = Database("postgresql://palabre_app:x@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        await database.ping()
    await database.close()


async def test_a_privileged_login_is_refused_with_what_to_do(database_urls: DatabaseUrls) -> None:
    database = Database(database_urls.admin)
    try:
        with pytest.raises(SettingsError, match=r"PALABRE_DATABASE_ADMIN_URL.*palabre db init"):
            await guard.refuse_privileged(database)
    finally:
        await database.close()


async def test_a_schema_of_another_version_is_refused(fresh_database_urls: DatabaseUrls) -> None:
    urls = fresh_database_urls
    admin = Database(urls.admin)
    async with admin.unscoped() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '20200101000000'"))
    await admin.close()
    database = Database(urls.app)
    try:
        with pytest.raises(SettingsError, match="palabre db migrate"):
            await guard.require_schema(database)
    finally:
        await database.close()


async def test_the_migrated_schema_is_the_declared_one(database_urls: DatabaseUrls) -> None:
    urls = database_urls
    found = await bootstrap.on_schema(
        urls.admin, urls.app, urls.prefix, lambda c: compare.differences(c, all_tables())
    )
    assert found == []
