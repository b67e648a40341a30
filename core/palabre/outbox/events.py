"""Events: written with the change they tell of, relayed as work to each consumer."""

from typing import Any

import msgspec
from sqlalchemy import text

from palabre.base.ids import new_id
from palabre.db.door import Database, Tx
from palabre.outbox.tables import events
from palabre.sdk.events import Event

CONSUMERS = ("event.plugins", "event.notices")
"""Kinds of work every event becomes; the kind's handler lives in ``palabre.jobs``."""


async def emit(tx: Tx, make: type[Event], **fields: Any) -> None:
    """Write an event of the scope's client; it is relayed after COMMIT, at least once."""
    event_id = new_id()
    event = make(
        event_id=str(event_id),
        agency_id=str(tx.scope.agency_id),
        client_id=str(tx.scope.client_id),
        at=await tx.scalar(text("SELECT now()")),
        **fields,
    )
    body = msgspec.to_builtins(event)
    await tx.insert(events, id=event_id, name=body["type"], body=body)


def decode(body: dict[str, Any]) -> Event:
    """Return the event of a stored body; fields a newer version added are ignored."""
    event: Event = msgspec.convert(body, Event)
    return event


async def relay(database: Database, *, limit: int = 500) -> int:
    """Turn new events into work for each consumer; return how many events."""
    query = text("SELECT relay_events(:limit, 'webhooks', CAST(:consumers AS text[]))")
    async with database.unscoped() as tx:
        return int(await tx.scalar(query, {"limit": limit, "consumers": list(CONSUMERS)}) or 0)
