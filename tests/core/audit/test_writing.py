"""What the application's role may do to a chain: append, and nothing else, without gaps.

``AUDIT_KILLS=100`` for the whole proof of killed writers.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

import asyncpg
import pytest

from palabre.audit.erasing import erase_person
from palabre.audit.record import record
from palabre.audit.verify import verify
from palabre.base.ids import new_id
from palabre.db.door import Database
from palabre.db.scope import Actor, Scope
from tests.core.audit.support import exported, write
from tests.support.databases import DatabaseUrls

KILLS = int(os.environ.get("AUDIT_KILLS", "3"))
IN_SCOPE = (
    "SELECT set_config('palabre.agency_id', '{agency}', true), "
    "set_config('palabre.all_clients', 'true', true), "
    "set_config('palabre.client_ids', '{{}}', true)"
)


def insert(column: str = "", value: str = "") -> str:
    """Return an INSERT of an entry that sets one column more than it may."""
    more, values = (f", {column}", f", {value}") if column else ("", "")
    return (
        "INSERT INTO audit_entries (agency_id, client_id, id, actor_kind, action, target_kind, "
        f"details, personal_digest{more}) VALUES ('{{agency}}', '{{client}}', gen_random_uuid(), "
        f"'user', 'x', 'x', '{{{{}}}}', ''{values})"
    )


@pytest.fixture
async def database(database_urls: DatabaseUrls) -> Database:
    return Database(database_urls.app, pool_size=6)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET action = 'x'",
        "UPDATE audit_entries SET hash = sha256('x')",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "TRUNCATE audit_entries, audit_heads, audit_personal CASCADE",
        "UPDATE audit_heads SET n = 0",
        "DELETE FROM audit_heads",
        "INSERT INTO audit_heads (agency_id, id, n, hash) VALUES "
        "('{agency}', gen_random_uuid(), 9, '')",
        "TRUNCATE audit_heads",
        "UPDATE audit_personal SET actor_name = 'x'",
        "TRUNCATE audit_personal",
        insert("n", "1"),
        insert("at", "now()"),
        insert("hash", "''"),
        insert("prev", "''"),
        "SET session_replication_role = replica",
        "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_append ON audit_entries",
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN OLD; END $$",
        "SELECT audit_append()",
    ],
)
async def test_the_application_cannot(
    database: Database, database_urls: DatabaseUrls, statement: str
) -> None:
    agency, client = new_id(), new_id()
    await write(database, Scope.of_client(agency, client), 1)
    names = {"agency": agency, "client": client}
    connection = await asyncpg.connect(database_urls.app)
    async with connection.transaction():
        await connection.execute(IN_SCOPE.format(**names))
        assert await connection.fetchval("SELECT count(*) FROM audit_entries") == 1
        with pytest.raises(asyncpg.PostgresError) as refused:
            async with connection.transaction():
                await connection.execute(statement.format(**names))
    await connection.close()
    assert isinstance(
        refused.value, asyncpg.InsufficientPrivilegeError | asyncpg.FeatureNotSupportedError
    )
    assert [
        r.entries for r in verify(await exported(database, Scope.of_agency(agency), client))
    ] == [1]


async def test_the_same_insert_without_hash_is_allowed(
    database: Database, database_urls: DatabaseUrls
) -> None:
    """So the refusals above are about the columns, not about the statement."""
    names = {"agency": new_id(), "client": new_id()}
    connection = await asyncpg.connect(database_urls.app)
    async with connection.transaction():
        await connection.execute(IN_SCOPE.format(**names))
        await connection.execute(insert().format(**names))
    await connection.close()


async def test_even_the_owner_of_the_tables_is_stopped_by_the_triggers(
    database: Database, database_urls: DatabaseUrls
) -> None:
    await write(database, Scope.of_client(new_id(), new_id()), 1)
    admin = await asyncpg.connect(database_urls.admin)
    for statement in (
        "UPDATE audit_entries SET action = 'x'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await admin.execute(statement)
    await admin.close()


async def test_parallel_writers_leave_no_gap(database: Database) -> None:
    agency, client = new_id(), new_id()

    async def many(scope: Scope, undo: bool) -> None:
        for number in range(10):
            try:
                async with database.transaction(scope) as tx:
                    record(tx, "x", "x", None, number=number)
                    record(tx, "y", "x", None, number=number)
                    if undo and number % 3 == 0:
                        tx.before_commit(_fail)
            except RuntimeError:
                continue

    scopes = [Scope.of_client(agency, client), Scope.of_agency(agency)]
    await asyncio.gather(*(many(scope, undo) for scope in scopes for undo in (True, False) * 3))
    lines = await exported(database, Scope.of_agency(agency), None, all_chains=True)
    assert [report.entries for report in verify(lines)] == [2 * (30 + 18)] * 2


async def _fail(_tx: object) -> None:
    raise RuntimeError("after the entries were written")


async def test_writers_killed_in_the_middle_leave_no_gap(
    database: Database, database_urls: DatabaseUrls
) -> None:
    agency, client = new_id(), new_id()
    arguments = [database_urls.app, str(agency), str(client)]
    for round_ in range(KILLS):
        writers = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", WRITER, *arguments, stdout=asyncio.subprocess.PIPE
            )
            for _ in range(2)
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert await writer.stdout.readline(), "the writer did not start"
        await asyncio.sleep(0.05 + 0.017 * (round_ % 11))
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            await writer.communicate()
    await write(database, Scope.of_client(agency, client), 1)
    [report] = verify(await exported(database, Scope.of_agency(agency), client))
    assert report.entries > KILLS


WRITER = """
import asyncio, sys
from uuid import UUID
from palabre.audit.record import record
from palabre.db.door import Database
from palabre.db.scope import Scope

async def main(url, agency, client):
    database = Database(url, pool_size=2)
    async def go():
        while True:
            async with database.transaction(Scope.of_client(UUID(agency), UUID(client))) as tx:
                record(tx, "x", "x", None)
                record(tx, "y", "x", None)
            print("written", flush=True)
    await asyncio.gather(go(), go())

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_persons_traces_can_be_erased_and_the_chain_still_verifies(
    database: Database,
) -> None:
    agency, client = new_id(), new_id()
    awa = Actor(kind="user", id=new_id(), name="Awa Ndiaye", ip="192.0.2.7", user_agent="A/1")
    ben = Actor(kind="user", id=new_id(), name="Ben Sow", ip="192.0.2.8", user_agent="B/1")
    for number, actor in enumerate([awa, ben, awa], 1):
        await write(database, Scope.of_client(agency, client, actor), number)
        await write(database, Scope.of_agency(agency, actor), number)
    async with database.transaction(Scope.of_agency(agency)) as tx:
        assert await erase_person(tx, awa.id or new_id()) == 4
    lines = await exported(database, Scope.of_agency(agency), None, all_chains=True)
    assert [(r.entries, r.erased) for r in verify(lines)] == [(3, 2), (3, 2)]
    told = b"".join(lines).decode()
    assert "Awa" not in told
    assert "192.0.2.7" not in told
    assert told.count("Ben Sow") == 2


async def test_erasing_reaches_no_other_agency(database: Database) -> None:
    awa = Actor(kind="user", id=new_id(), name="Awa Ndiaye")
    here, there = new_id(), new_id()
    for agency in (here, there):
        await write(database, Scope.of_agency(agency, awa), 1)
    async with database.transaction(Scope.of_agency(here)) as tx:
        assert await erase_person(tx, awa.id or new_id()) == 1
    [report] = verify(await exported(database, Scope.of_agency(there), None))
    assert report.erased == 0


async def test_the_time_of_an_entry_is_the_databases(database: Database) -> None:
    before = datetime.now(UTC)
    scope = Scope.of_agency(new_id())
    await write(database, scope, 1)
    async with database.transaction(scope) as tx:
        from palabre.audit.read import entries

        [row] = await entries(tx, client_id=None)
    assert abs((row.at - before).total_seconds()) < 60
