"""Pooled connections never carry one client's scope to another."""

import pytest
from sqlalchemy import select, text

from palabre.base.ids import new_id
from palabre.db.door import Database
from palabre.db.scope import Scope
from palabre.domains.agencies.tables import brands
from tests.isolation.matrix import seed_of_the_run
from tests.isolation.storm import ENDS, TASKS, Storm
from tests.support.databases import DatabaseUrls


async def test_a_storm_of_clients_never_meets_the_wrong_one(
    fresh_database_urls: DatabaseUrls,
) -> None:
    seed = seed_of_the_run()

    count = await Storm(fresh_database_urls, seed).run(transactions_each=3)

    assert count.wrong == 0, f"seed {seed}"
    assert count.left_checked_out == 0, "connections were lost"
    assert count.transactions == TASKS * 3
    assert all(count.ended[end] for end in ENDS)


async def test_a_connection_that_carries_a_scope_is_refused_and_replaced(
    database_urls: DatabaseUrls,
) -> None:
    database = Database(database_urls.app, pool_size=1)
    mine, theirs = new_id(), new_id()
    async with database.transaction(Scope.of_agency(theirs)) as tx:
        await tx.execute(text(f"SELECT set_config('palabre.agency_id', '{theirs}', false)"))

    with pytest.raises(LookupError, match="still carried a scope"):
        async with database.unscoped():
            pass

    async with database.transaction(Scope.of_agency(mine)) as tx:
        assert await tx.scalar(text("SELECT current_setting('palabre.agency_id')")) == str(mine)
        assert await tx.all(select(brands)) == []
    await database.close()


async def test_a_scoped_transaction_refuses_such_a_connection_too(
    database_urls: DatabaseUrls,
) -> None:
    database = Database(database_urls.app, pool_size=1)
    async with database.unscoped() as tx:
        await tx.execute(text("SELECT set_config('palabre.all_clients', 'true', false)"))

    with pytest.raises(LookupError, match="still carried a scope"):
        async with database.transaction(Scope.of_client(new_id(), new_id())):
            pass
    await database.close()


async def test_nobody_begins_a_transaction_beside_the_door(database_urls: DatabaseUrls) -> None:
    database = Database(database_urls.app, pool_size=1)

    with pytest.raises(LookupError, match="door"):
        async with database._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    await database.close()
