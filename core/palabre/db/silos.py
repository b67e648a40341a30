"""Clients with a database of their own: which one is whose, and the spare ones that wait.

Both tables are control tables. A row of ``silos`` is made with its client and never changes its
database: a client is pooled or dedicated for good.
"""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import (
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    insert,
    select,
    text,
    update,
)

from palabre.db.door import Database, Tx
from palabre.db.scope import Scope
from palabre.db.tables import created_at, fact, global_table, metadata, words

silos = Table(
    "silos",
    metadata,
    fact("agency_id", Uuid),
    fact("client_id", Uuid),
    words("database"),
    words("state"),
    created_at(),
    PrimaryKeyConstraint("agency_id", "client_id"),
    ForeignKeyConstraint(
        ["agency_id", "client_id"], ["client_anchor.agency_id", "client_anchor.client_id"]
    ),
    info={"level": "client", "home": "control"},
)
"""``state``: preparing until the client's anchor stands in its database, then active."""

silo_databases = global_table(
    "silo_databases",
    words("name"),
    words("state"),
    created_at(),
    PrimaryKeyConstraint("name"),
)
"""``state``: spare or used. Global, for it names no agency and no client."""


class Silo(Struct, frozen=True, kw_only=True):
    """A dedicated client and its database."""

    agency_id: UUID
    client_id: UUID
    database: str
    state: str

    @property
    def scope(self) -> Scope:
        """The client's scope, with the system as actor."""
        return Scope.of_client(self.agency_id, self.client_id)


async def every(pool: Database) -> list[Silo]:
    """Return every dedicated client, by database."""
    async with pool.unscoped() as tx:
        rows = await tx.all(text("SELECT * FROM lookup_silos() ORDER BY database"))
    return [Silo(**row._mapping) for row in rows]  # noqa: SLF001  # SQLAlchemy's public name


async def assign(tx: Tx, client_id: UUID) -> bool:
    """Give the client, whose row and anchor exist, a spare database; False when there is none."""
    spare = (
        select(silo_databases.c.name)
        .where(silo_databases.c.state == "spare")
        .order_by(silo_databases.c.created_at, silo_databases.c.name)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    name = await tx.scalar(spare)
    if name is None:
        return False
    await tx.execute(
        update(silo_databases).where(silo_databases.c.name == name).values(state="used")
    )
    await tx.execute(
        insert(silos).values(
            agency_id=tx.scope.agency_id, client_id=client_id, database=name, state="preparing"
        )
    )
    return True


async def put_anchor(own: Database, silo: Silo) -> None:
    """Let the client's rows into its own database. Safe to repeat."""
    query = text(
        "INSERT INTO client_anchor (agency_id, client_id) VALUES (:agency, :client)"
        " ON CONFLICT DO NOTHING"
    )
    async with own.transaction(silo.scope) as tx:
        await tx.execute(query, {"agency": silo.agency_id, "client": silo.client_id})


async def set_active(tx: Tx) -> None:
    """Note that the database of the scope's client can be used."""
    await tx.execute(update(silos).where(tx.here(silos)).values(state="active"))
