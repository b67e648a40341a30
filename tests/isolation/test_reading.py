"""The relation matrix, short form, first half: every way to read every table."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from palabre.db import walls
from palabre.db.door import driver_url
from palabre.schema import all_tables
from tests.isolation.matrix import Matrix, seed_of_the_run
from tests.isolation.operations import READING
from tests.isolation.rows import owners_of, walled_tables
from tests.support.databases import DatabaseUrls


async def test_nothing_foreign_is_read(fresh_database_urls: DatabaseUrls) -> None:
    seed = seed_of_the_run()
    matrix = Matrix(fresh_database_urls, seed, operations=READING, short=True)

    tally = await matrix.run([("A1", "A2", "B1")])

    assert tally.faults() == [], f"seed {seed}"
    assert tally.foreign_rows == 0
    assert tally.readable == set(tally.relations) == {t.name for t in walled_tables()}
    assert set(tally.operations) == {operation.name for operation in READING}
    can_work = {o.name for o in READING if not (o.always or o.free)}
    assert tally.effective >= can_work, "these were refused on one's own rows too"
    assert len(tally.connections) == 1, "the stale connection has to be the same one"
    for table in walled_tables():
        for owner in owners_of(matrix.world, table):
            assert matrix.world.of(table, owner.name), f"no row of {owner.name} in {table.name}"


async def test_every_relation_of_the_catalogue_is_declared(database_urls: DatabaseUrls) -> None:
    engine = create_async_engine(driver_url(database_urls.admin), poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') "
                "AND relnamespace = 'public'::regnamespace AND NOT relispartition"
            )
        )
        names = set(found)
    await engine.dispose()

    assert names - {"alembic_version"} == set(all_tables().tables)
    assert {t.name for t in walled_tables()} == set(all_tables().tables) - walls.GLOBAL
