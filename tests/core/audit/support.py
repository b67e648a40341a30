"""Chains to verify, and somebody with every right on the database who tampers with them."""

import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from palabre.audit.anchor_files import AnchorFiles
from palabre.audit.anchor_log import Anchors, read_anchors
from palabre.audit.anchors import Anchorer, public_key
from palabre.audit.export import export
from palabre.audit.formats import Bad, Chain
from palabre.audit.record import record
from palabre.audit.verify import Report, verify
from palabre.base.ids import new_id
from palabre.db.door import Database
from palabre.db.scope import SYSTEM, Actor, Scope
from tests.support.databases import DatabaseUrls

SIGNING_KEY = "a signing key of the audit tests, long enough"
KEY = public_key(SIGNING_KEY)
LENGTH = 43
ANCHORED = (8, 16, 24, 32, 40)
"""Entries of the client's chain that were its head when an anchor was written."""
TABLES = ("audit_entries", "audit_heads", "audit_personal")


class Lab(Struct, kw_only=True):
    """Three chains of one agency, anchored while they grew."""

    urls: DatabaseUrls
    database: Database
    folder: Path
    agency_id: UUID
    client_id: UUID
    neighbour_id: UUID
    person: Actor

    @property
    def chain(self) -> Chain:
        return str(self.agency_id), str(self.client_id)

    @property
    def log(self) -> Path:
        """The one file of anchors."""
        return next(self.folder.glob("*.jsonl"))

    async def lines(
        self, client_id: UUID | None = None, *, all_chains: bool = False
    ) -> list[bytes]:
        return await exported(
            self.database, Scope.of_agency(self.agency_id), client_id, all_chains=all_chains
        )

    def anchors(self) -> Anchors:
        anchors: Anchors = {}
        read_anchors(self.folder, [KEY], anchors)
        return anchors

    async def verified(self, *, anchored: bool = True) -> list[Report]:
        """Verify the client's chain as it is now."""
        anchors = self.anchors() if anchored else None
        return verify(await self.lines(self.client_id), anchors)

    async def found_bad(self) -> Bad:
        """Return what the verifier finds wrong with the client's chain."""
        try:
            reports = await self.verified()
        except Bad as bad:
            return bad
        raise AssertionError(f"taken for whole: {reports}")


async def exported(
    database: Database, scope: Scope, client_id: UUID | None, *, all_chains: bool = False
) -> list[bytes]:
    parts = export(
        database, scope, client_id=client_id, all_chains=all_chains, now=datetime.now(UTC)
    )
    return [line for part in [p async for p in parts] for line in part.splitlines()]


async def write(database: Database, scope: Scope, number: int) -> None:
    """Write one entry, with every kind of value an entry may have."""
    async with database.transaction(scope) as tx:
        record(
            tx,
            ("pieces.edit", "publications.decide", "link.created")[number % 3],
            "piece",
            new_id() if number % 4 else None,
            n=number,
            text=f"Ndar café №{number} \u2028 \"'\\",
            ratio=number / 7,
            nested={"list": [number, None, True], "empty": {}},
        )


@asynccontextmanager
async def lab(urls: DatabaseUrls, folder: Path) -> AsyncIterator[Lab]:
    """Grow three chains, writing an anchor whenever the client's chain reaches one of ANCHORED."""
    database = Database(urls.app, pool_size=2)
    made = Lab(
        urls=urls,
        database=database,
        folder=folder,
        agency_id=new_id(),
        client_id=new_id(),
        neighbour_id=new_id(),
        person=Actor(kind="user", id=new_id(), name="Awa Ndiaye", ip="192.0.2.7", user_agent="Ŕ/1"),
    )
    anchorer = Anchorer(database, AnchorFiles(folder), SIGNING_KEY)
    moment = datetime(2026, 1, 5, 9, tzinfo=UTC)
    for number in range(1, LENGTH + 1):
        actor = SYSTEM if number % 5 == 0 else made.person
        await write(database, Scope.of_client(made.agency_id, made.client_id, actor), number)
        if number % 2:
            await write(database, Scope.of_client(made.agency_id, made.neighbour_id), number)
            await write(database, Scope.of_agency(made.agency_id, actor), number)
        if number in ANCHORED:
            moment += timedelta(minutes=5)
            assert await anchorer.anchor(moment)
    yield made
    await database.close()


class Tamperer:
    """A superuser who has turned every trigger off, and can put everything back."""

    def __init__(self, lab: Lab, connection: asyncpg.Connection, rng: random.Random) -> None:
        self.lab = lab
        self.sql = connection
        self.random = rng
        self._log = lab.log.read_bytes()

    @classmethod
    async def enter(cls, lab: Lab, rng: random.Random) -> "Tamperer":
        connection = await asyncpg.connect(lab.urls.admin)
        await connection.execute("SET session_replication_role = replica")
        for table in TABLES:
            await connection.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
        await connection.execute(_REHASH)
        return cls(lab, connection, rng)

    async def put_back(self) -> None:
        async with self.sql.transaction():
            for table in TABLES:
                await self.sql.execute(f"DELETE FROM {table}")
                await self.sql.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
        self.lab.log.write_bytes(self._log)

    async def run(self, statement: str, *values: Any) -> None:
        """Run a statement on the client's chain; ``$1`` is its client."""
        await self.sql.execute(statement, self.lab.client_id, *values)

    async def edit(self, n: int, assignment: str, *values: Any) -> None:
        await self.run(
            f"UPDATE audit_entries SET {assignment} WHERE client_id = $1 AND n = $2", n, *values
        )

    async def renumber(self, numbers: Iterable[tuple[int, int]]) -> None:
        """Give entries other numbers, all at once."""
        pairs = list(numbers)
        for old, new in pairs:
            await self.edit(old, "n = $3", -new)
        for _, new in pairs:
            await self.edit(-new, "n = $3", new)

    async def rechain(self, since: int) -> None:
        """Make every entry from ``since`` on fit to the one before it, and the head too."""
        await self.run("SELECT rechain($1, $2)", since)

    async def cut(self, last: int) -> None:
        """Remove every entry after ``last`` and set the head back, as if they had never been."""
        await self.run("DELETE FROM audit_entries WHERE client_id = $1 AND n > $2", last)
        await self.run("DELETE FROM audit_heads WHERE client_id = $1 AND $2 = 0", last)
        await self.rechain(LENGTH + 1)


_REHASH = """
CREATE FUNCTION rechain(p_client uuid, p_since bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  e audit_entries%ROWTYPE;
  last bytea := (SELECT hash FROM audit_entries WHERE client_id = p_client AND n < p_since
                 ORDER BY n DESC LIMIT 1);
BEGIN
  FOR e IN SELECT * FROM audit_entries WHERE client_id = p_client AND n >= p_since ORDER BY n LOOP
    e.prev := coalesce(last, ''::bytea);
    last := sha256(convert_to(audit_canonical(
      'palabre-audit-v1', e.agency_id::text, e.client_id::text, e.id::text, e.n::text,
      (extract(epoch FROM e.at) * 1000)::bigint::text, e.actor_kind, e.actor_id::text,
      e.action, e.target_kind, e.target_id::text, e.details::text,
      encode(e.personal_digest, 'hex'), encode(e.prev, 'hex')), 'UTF8'));
    UPDATE audit_entries SET prev = e.prev, hash = last WHERE agency_id = e.agency_id AND id = e.id;
  END LOOP;
  UPDATE audit_heads h SET (n, hash) = (SELECT e2.n, e2.hash FROM audit_entries e2
    WHERE e2.client_id = p_client ORDER BY e2.n DESC LIMIT 1) WHERE h.client_id = p_client;
END
$$
"""
