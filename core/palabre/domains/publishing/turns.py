"""Whose turn it is on an account: never the same content twice at once, never too fast."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, text

from palabre.db.door import Tx
from palabre.domains.publishing.machine import MAY_BE_OUT
from palabre.domains.publishing.tables import publication_steps, publications
from palabre.domains.publishing.timing import Timing

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:account, 0))")


async def not_before(
    tx: Tx, publication: Row[Any], timing: Timing, min_interval_s: float
) -> datetime | None:
    """Return when this publication may be sent; None: now. Holds the account's turn until COMMIT.

    Args:
        tx: The transaction that will write the next state.
        publication: The publication about to be sent.
        timing: Durations.
        min_interval_s: Seconds the plugin wants between two publications of one account.
    """
    await tx.execute(_LOCK, {"account": f"{publication.client_id}/{publication.account_id}"})
    now: datetime = await tx.scalar(select(func.now()))
    if await tx.scalar(_same_content(tx, publication)):
        return now + timedelta(seconds=timing.busy_s)
    last: datetime | None = await tx.scalar(_last_send(tx, publication))
    free = last and last + timedelta(seconds=min_interval_s * timing.scale)
    return free if free and free > now else None


def _others(tx: Tx, publication: Row[Any]) -> Any:
    return (
        tx.here(publications)
        & (publications.c.account_id == publication.account_id)
        & (publications.c.id != publication.id)
    )


def _same_content(tx: Tx, publication: Row[Any]) -> Any:
    return (
        select(publications.c.id)
        .where(_others(tx, publication), publications.c.state.in_(MAY_BE_OUT))
        .where(publications.c.content_hash == publication.content_hash)
        .limit(1)
    )


def _last_send(tx: Tx, publication: Row[Any]) -> Any:
    steps = publication_steps
    joined = publications.join(
        steps,
        (steps.c.agency_id == publications.c.agency_id)
        & (steps.c.client_id == publications.c.client_id)
        & (steps.c.publication_id == publications.c.id),
    )
    return select(func.max(steps.c.sent_at)).select_from(joined).where(_others(tx, publication))
