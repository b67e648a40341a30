"""Reads a chain, newest first; of a client with its own database two, as one list.

There, what people did to control tables (the client's name, its plugins, connect attempts) is
chained in the pool, the rest in the client's database.
"""

from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, and_, select

from palabre.audit.tables import audit_entries, audit_personal
from palabre.db.door import Tx

ChainName = Literal["agency", "client", "control"]


class Before(Struct, frozen=True, kw_only=True):
    """Where a list goes on: below these numbers of the chain, and of the second one."""

    n: int | None = None
    control: int | None = None


async def merged(
    tx: Tx, *, client_id: UUID | None, before: Before, limit: int
) -> list[tuple[ChainName, Row[Any]]]:
    """Return entries of the client's chains (or of the agency's own) with their chain's name."""
    name: ChainName = "client" if client_id else "agency"
    own = await entries(tx, client_id=client_id, before=before.n, limit=limit)
    found = [(name, row) for row in own]
    async with tx.control() as control:
        if control is not tx:
            more = await entries(control, client_id=client_id, before=before.control, limit=limit)
            found += [("control", row) for row in more]
    found.sort(key=lambda one: (one[1].at, one[1].n), reverse=True)
    return found[:limit]


async def entries(
    tx: Tx, *, client_id: UUID | None, before: int | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Return entries of the client's chain (or the agency's own), with the actor's name."""
    query = (
        select(audit_entries, audit_personal.c.actor_name, audit_personal.c.ip)
        .outerjoin(
            audit_personal,
            and_(
                audit_personal.c.agency_id == audit_entries.c.agency_id,
                audit_personal.c.id == audit_entries.c.id,
            ),
        )
        .where(
            audit_entries.c.agency_id == tx.scope.agency_id,
            audit_entries.c.client_id == client_id
            if client_id
            else audit_entries.c.client_id.is_(None),
        )
        .order_by(audit_entries.c.n.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(audit_entries.c.n < before)
    return await tx.all(query)
