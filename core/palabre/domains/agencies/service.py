"""Agencies, clients and brands."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from palabre.db.scope import Scope
from palabre.domains.agencies.tables import clients
from palabre.domains.runtime import Runtime

_MOST_KNOWN: Final = 50_000
_known: set[tuple[UUID, UUID]] = set()
"""Clients this process has seen: a client never leaves its agency, so they stay known."""


async def is_known(runtime: Runtime, agency_id: UUID, client_id: UUID) -> bool:
    """Tell whether the agency has this client."""
    if (agency_id, client_id) in _known:
        return True
    async with runtime.database.transaction(Scope.of_client(agency_id, client_id)) as tx:
        found = await tx.scalar(select(clients.c.id).where(clients.c.id == client_id))
    if found is not None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known.add((agency_id, client_id))
    return found is not None
