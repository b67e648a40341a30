"""Due work: putting it in, holding it by its fence, handing it back or finishing it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, text, update
from sqlalchemy.dialects.postgresql import insert

from palabre.base.ids import new_id
from palabre.db.door import Database, Tx
from palabre.outbox.tables import work

QUEUES = ("publish", "media", "metrics", "ai", "webhooks")


class Claimed(Struct, frozen=True, kw_only=True):
    """A row of work as one worker holds it. ``fence`` proves the hold."""

    agency_id: UUID
    client_id: UUID
    id: UUID
    kind: str
    subject_id: UUID
    fence: int
    attempt: int


async def put(tx: Tx, queue: str, kind: str, subject_id: UUID, due_at: datetime) -> None:
    """Make ``subject_id`` due; there is one row per kind and subject, a repeat moves its time.

    A row that a worker holds keeps its lease: it is made due again when the worker hands it back.
    """
    if queue not in QUEUES:
        raise ValueError(f"unknown queue {queue}")
    statement = insert(work).values(
        agency_id=tx.scope.agency_id,
        client_id=tx.scope.client_id,
        id=new_id(),
        queue=queue,
        kind=kind,
        subject_id=subject_id,
        due_at=due_at,
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["agency_id", "client_id", "kind", "subject_id"],
            set_={"due_at": due_at, "state": "waiting", "updated_at": func.now()},
            where=work.c.state != "leased",
        )
    )


async def claim(
    database: Database, queue: str, *, limit: int, lease_s: float, per_client: int
) -> list[Claimed]:
    """Claim due work of all clients in fair order, at most ``per_client`` in flight for each."""
    query = text(
        "SELECT * FROM claim_work(:queue, :limit, CAST(:lease AS double precision), :per_client)"
    )
    async with database.unscoped() as tx:
        rows = await tx.all(
            query,
            {"queue": queue, "limit": limit, "lease": lease_s, "per_client": per_client},
        )
    return [Claimed(**row._mapping) for row in rows]  # noqa: SLF001  # SQLAlchemy's public name


async def holds(tx: Tx, claimed: Claimed, *, margin_s: float = 0.0) -> bool:
    """Tell whether the worker still holds the row for at least ``margin_s`` seconds; locks it."""
    query = text(
        "SELECT 1 FROM work WHERE agency_id = :agency AND client_id = :client AND id = :id"
        " AND fence = :fence AND state = 'leased'"
        " AND lease_until > now() + make_interval(secs => CAST(:margin AS double precision))"
        " FOR UPDATE"
    )
    return bool(
        await tx.scalar(
            query,
            {
                "agency": claimed.agency_id,
                "client": claimed.client_id,
                "id": claimed.id,
                "fence": claimed.fence,
                "margin": margin_s,
            },
        )
    )


async def extend(tx: Tx, claimed: Claimed, seconds: float) -> bool:
    """Hold the row for at least ``seconds`` more; False when the fence was lost meanwhile."""
    ends = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    result = await tx.execute(
        update(work)
        .where(tx.here(work), work.c.id == claimed.id, work.c.fence == claimed.fence)
        .where(work.c.state == "leased")
        .values(lease_until=func.greatest(work.c.lease_until, ends))
    )
    return bool(result.rowcount)


async def hand_back(
    tx: Tx, claimed: Claimed, due_at: datetime, *, error: str | None = None
) -> bool:
    """Make the row due again at ``due_at``; False when the fence was lost meanwhile."""
    return await _settle(tx, claimed, state="waiting", due_at=due_at, last_error=error)


async def finish(tx: Tx, claimed: Claimed) -> bool:
    """Mark the work as done; False when the fence was lost meanwhile."""
    return await _settle(tx, claimed, state="done")


async def sweep(database: Database) -> int:
    """Make every row due again whose holder let its lease run out; return how many."""
    async with database.unscoped() as tx:
        return int(await tx.scalar(text("SELECT sweep_work()")) or 0)


async def _settle(tx: Tx, claimed: Claimed, **values: object) -> bool:
    result = await tx.execute(
        update(work)
        .where(tx.here(work), work.c.id == claimed.id, work.c.fence == claimed.fence)
        .values(lease_until=None, **values)
    )
    return bool(result.rowcount)
