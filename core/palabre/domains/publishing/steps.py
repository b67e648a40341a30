"""Rows of sends: what was prepared, when it left, what came of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.domains.publishing.tables import publication_steps
from palabre.sdk.publish import Handle

ONLY = 1
"""Number of the only step; threads have more."""


async def note(
    tx: Tx, publication_id: UUID, attempt: int, state: str, fence: int, **values: Any
) -> Row[Any]:
    """Write the step of ``attempt`` in ``state``, making it if it is new, and return it."""
    changed = {"state": state, "fence": fence, **values}
    statement = insert(publication_steps).values(
        agency_id=tx.scope.agency_id,
        client_id=tx.scope.client_id,
        id=new_id(),
        publication_id=publication_id,
        n=ONLY,
        attempt=attempt,
        kind="post",
        **changed,
    )
    return await tx.one(
        statement.on_conflict_do_update(
            index_elements=["agency_id", "client_id", "publication_id", "n", "attempt"],
            set_=changed,
        ).returning(publication_steps)
    )


async def of_attempt(tx: Tx, publication_id: UUID, attempt: int) -> Row[Any] | None:
    """Return the step of one attempt."""
    return await tx.first(_of(tx, publication_id).where(publication_steps.c.attempt == attempt))


async def last_sent(tx: Tx, publication_id: UUID) -> Row[Any] | None:
    """Return the newest step that left, or may have."""
    return await tx.first(
        _of(tx, publication_id)
        .where(publication_steps.c.sent_at.is_not(None))
        .order_by(publication_steps.c.attempt.desc())
        .limit(1)
    )


async def every(tx: Tx, publication_id: UUID) -> list[Row[Any]]:
    """Return all steps, oldest first."""
    order = (publication_steps.c.n, publication_steps.c.attempt)
    return await tx.all(_of(tx, publication_id).order_by(*order))


async def finish(tx: Tx, publication_id: UUID, attempt: int, state: str, **values: Any) -> None:
    """Note what came of the send of ``attempt``."""
    await tx.execute(
        update(publication_steps)
        .where(tx.here(publication_steps), publication_steps.c.publication_id == publication_id)
        .where(publication_steps.c.attempt == attempt)
        .values(state=state, finished_at=func.now(), **values)
    )


def handle_of(step: Row[Any] | None) -> Handle | None:
    """Return the handle a step saved."""
    if step is None or step.handle is None:
        return None
    return msgspec.convert(step.handle, Handle)


async def database_now(tx: Tx) -> datetime:
    """Return the time of the transaction at the server: the clock of intents and leases."""
    now: datetime = await tx.scalar(select(func.now()))
    return now


def _of(tx: Tx, publication_id: UUID) -> Any:
    return select(publication_steps).where(
        tx.here(publication_steps), publication_steps.c.publication_id == publication_id
    )
