"""What follows for publications when a plugin, an account or a file comes or goes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update

from palabre.db.door import Tx
from palabre.domains.accounts import service as accounts
from palabre.domains.publishing.records import record, store
from palabre.domains.publishing.tables import publications
from palabre.domains.publishing.task import KIND, QUEUE
from palabre.domains.publishing.waking import wake
from palabre.domains.runtime import Runtime
from palabre.outbox import events, work
from palabre.sdk.events import PublicationChanged


async def release_plugin(runtime: Runtime, tx: Tx, plugin: str) -> None:
    """Let publications go on that were held because ``plugin`` was off."""
    ids = [one.id for one in await accounts.account_rows(tx) if one.plugin == plugin]
    for account_id in ids:
        await _make_due(tx, account_id, "not_enabled")
    wake(runtime, tx)


async def release_account(tx: Tx, account_id: UUID) -> None:
    """Let publications go on that waited for their account; a hook of ``accounts``."""
    await _make_due(tx, account_id, "account_away")


async def hold_account(tx: Tx, account_id: UUID) -> None:
    """Hold what is planned on an account that stopped being usable; a hook of ``accounts``."""
    held = await tx.all(
        update(publications)
        .where(tx.here(publications), publications.c.account_id == account_id)
        .where(publications.c.state == "scheduled")
        .values(state="held", held_reason="account_away", failure=store(record("account_away")))
        .returning(publications.c.id)
    )
    for row in held:
        await events.emit(
            tx,
            PublicationChanged,
            publication_id=str(row.id),
            account_id=str(account_id),
            state="held",
        )


async def held_counts(tx: Tx, account_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many publications are held per account; a hook of ``accounts``."""
    if not account_ids:
        return {}
    rows = await tx.all(
        select(publications.c.account_id, func.count().label("number"))
        .where(tx.here(publications), publications.c.account_id.in_(account_ids))
        .where(publications.c.state == "held")
        .group_by(publications.c.account_id)
    )
    return {row.account_id: row.number for row in rows}


async def needs_file(tx: Tx, media_id: UUID) -> bool:
    """Tell whether an unfinished publication froze this file; a hook of ``media``."""
    frozen = publications.c.content["media"].contains([{"id": str(media_id)}])
    over = ("published", "failed", "cancelled", "removed")
    found = await tx.scalar(
        select(publications.c.id)
        .where(tx.here(publications), frozen, publications.c.state.not_in(over))
        .limit(1)
    )
    return found is not None


async def _make_due(tx: Tx, account_id: UUID, held_reason: str) -> None:
    """The worker looks again at what keeps each of them, and sends what may go."""
    rows = await tx.all(
        select(publications.c.id, publications.c.due_at, func.now().label("now"))
        .where(tx.here(publications), publications.c.account_id == account_id)
        .where(publications.c.state == "held", publications.c.held_reason == held_reason)
        .order_by(publications.c.due_at)
    )
    for row in rows:
        await work.put(tx, QUEUE, KIND, row.id, row.now)
