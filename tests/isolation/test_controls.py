"""The matrix itself is tested: with a wall down it must report what comes through."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from palabre.db.door import driver_url
from tests.isolation.matrix import Matrix, Tally, seed_of_the_run
from tests.support.databases import ROLES, DatabaseUrls

AGENCY = "agency_id = (SELECT current_setting('palabre.agency_id')::uuid)"
TOLERANT = "agency_id = nullif(current_setting('palabre.agency_id', true), '')::uuid"
TOLERANT_CLIENT = (
    "coalesce(nullif(current_setting('palabre.all_clients', true), ''), 'false')::boolean OR "
    "client_id = ANY (nullif(current_setting('palabre.client_ids', true), '')::uuid[])"
)

LEAKS: dict[str, list[str]] = {
    "agency wall dropped": ["DROP POLICY agency_wall ON media"],
    "client wall dropped": ["DROP POLICY client_wall ON media"],
    "walls permissive": [
        "DROP POLICY client_wall ON media",
        "DROP POLICY agency_wall ON media",
        f"CREATE POLICY agency_wall ON media TO {ROLES.app} USING ({AGENCY}) WITH CHECK ({AGENCY})",
    ],
    "row security off": ["ALTER TABLE media DISABLE ROW LEVEL SECURITY"],
    "owned by the app and not forced": [
        "ALTER TABLE media NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE media OWNER TO {ROLES.app}",
    ],
    "nothing checked on writing": [
        "ALTER POLICY agency_wall ON media WITH CHECK (true)",
        "ALTER POLICY client_wall ON media WITH CHECK (true)",
    ],
}


async def with_statements(urls: DatabaseUrls, statements: list[str]) -> Tally:
    engine = create_async_engine(driver_url(urls.admin), poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()
    matrix = Matrix(urls, seed_of_the_run(), only=frozenset({"media"}), short=True)
    return await matrix.run([("A1", "A2", "B1")])


@pytest.mark.parametrize("leak", LEAKS)
async def test_a_leak_is_reported(fresh_database_urls: DatabaseUrls, leak: str) -> None:
    tally = await with_statements(fresh_database_urls, LEAKS[leak])

    assert tally.foreign_rows > 0
    assert tally.breaches


async def test_rows_moved_through_an_open_wall_are_seen_in_the_table(
    fresh_database_urls: DatabaseUrls,
) -> None:
    tally = await with_statements(fresh_database_urls, LEAKS["row security off"])

    assert tally.changed_tables == ["media"]


async def test_silent_empties_are_reported(fresh_database_urls: DatabaseUrls) -> None:
    tally = await with_statements(
        fresh_database_urls,
        [
            f"ALTER POLICY agency_wall ON media USING ({TOLERANT})",
            f"ALTER POLICY client_wall ON media USING ({TOLERANT_CLIENT})",
        ],
    )

    assert tally.foreign_rows == 0
    assert any("SELECT everything on media" in line for line in tally.silent)
