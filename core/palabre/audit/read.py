"""Reads a chain, newest first."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, select

from palabre.audit.tables import audit_entries, audit_personal
from palabre.db.door import Tx


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
