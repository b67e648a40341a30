"""What people decide on publications: withdraw, try again, say whether it is online."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from palabre.audit.record import record as audit
from palabre.base.errors import Conflict
from palabre.db.door import Tx
from palabre.domains.publishing import machine, steps, views
from palabre.domains.publishing.listing import show
from palabre.domains.publishing.machine import LostHold, State
from palabre.domains.publishing.outcomes import settle_piece
from palabre.domains.publishing.task import KIND, QUEUE
from palabre.domains.publishing.views import Publication
from palabre.domains.publishing.waking import wake
from palabre.domains.runtime import Runtime
from palabre.outbox import work


async def cancel(runtime: Runtime, tx: Tx, publication_id: UUID) -> Publication:
    """Withdraw a publication that no worker has taken.

    Raises:
        Conflict: It is on its way, out, or over.
    """
    row = await _decide(tx, publication_id, "cancel", "cancelled", failure=None)
    await settle_piece(tx, row.piece_id)
    return await show(runtime, tx, publication_id)


async def retry(runtime: Runtime, tx: Tx, publication_id: UUID) -> Publication:
    """Try a failed publication again now, with the content it froze.

    Raises:
        Conflict: It did not fail.
    """
    now = runtime.clock.now()
    row = await _decide(
        tx,
        publication_id,
        "retry",
        "scheduled",
        failure=None,
        held_reason=None,
        due_at=now,
    )
    await settle_piece(tx, row.piece_id)
    await work.put(tx, QUEUE, KIND, publication_id, now)
    wake(runtime, tx)
    return await show(runtime, tx, publication_id)


async def resolve(
    runtime: Runtime, tx: Tx, publication_id: UUID, *, online: bool, url: str | None
) -> Publication:
    """Take a person's word on whether an uncertain publication is online; if not, send it.

    Raises:
        Conflict: Nobody is asked about it.
    """
    to: State = "published" if online else "scheduled"
    now = runtime.clock.now()
    values: dict[str, Any] = {"needs_person": False, "failure": None}
    if online:
        values |= {"permalink": url, "published_at": now}
    row = await _decide(tx, publication_id, "resolve", to, online=online, **values)
    sent = await steps.last_sent(tx, publication_id)
    if sent is not None:
        outcome = "published" if online else "absent"
        await steps.finish(tx, publication_id, sent.attempt, outcome)
    await settle_piece(tx, row.piece_id)
    if not online:
        await work.put(tx, QUEUE, KIND, publication_id, now)
        wake(runtime, tx)
    return await show(runtime, tx, publication_id)


async def _decide(
    tx: Tx,
    publication_id: UUID,
    action: str,
    to: State,
    *,
    online: bool | None = None,
    **values: Any,
) -> Row[Any]:
    """Write a person's decision over the state it was made from."""
    row = await machine.read(tx, publication_id)
    if action not in views.allowed(row):
        raise _not_now(row)
    try:
        await machine.move(tx, row, to, **values)
    except LostHold:
        raise _not_now(row) from None
    facts: dict[str, Any] = {} if online is None else {"online": online}
    audit(tx, "publications.decide", "publication", publication_id, decision=action, **facts)
    return row


def _not_now(row: Row[Any]) -> Conflict:
    return Conflict("publication_state", details={"state": machine.public(row.state)})
