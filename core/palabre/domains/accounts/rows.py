"""Accounts in the database: reading, the one way their state changes, and what follows from it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update

from palabre.audit.record import record
from palabre.db.door import Tx
from palabre.domains.accounts import hooks
from palabre.domains.accounts.tables import accounts, grants
from palabre.outbox import events, schedules
from palabre.sdk.connect import AccountRef
from palabre.sdk.events import AccountChanged

USABLE: Final = ("active", "expiring")
"""States in which publications go out."""
SOON: Final = timedelta(days=14)
"""An access that ends within this time is shown as ending, so that people can act."""
CHECK: Final = "account.check"


async def read(tx: Tx, account_id: UUID, *, lock: bool = False) -> Row[Any]:
    """Return one account.

    Raises:
        NotFound: The client has no such account.
    """
    query = select(accounts).where(tx.here(accounts), accounts.c.id == account_id)
    return await tx.one(query.with_for_update() if lock else query)


async def every(tx: Tx, ids: Sequence[UUID] | None = None) -> list[Row[Any]]:
    """Return the accounts of the scope, or those of ``ids``: what needs somebody first."""
    query = select(accounts).where(tx.here(accounts)).order_by(accounts.c.name, accounts.c.id)
    if ids is not None:
        query = query.where(accounts.c.id.in_(ids))
    order = {"needs_reconnect": 0, "revoked": 0, "expiring": 1, "active": 2, "disconnected": 3}
    return sorted(await tx.all(query), key=lambda row: order[row.state])


async def grant_of(tx: Tx, account: Row[Any], *, lock: bool = False) -> Row[Any]:
    """Return the grant an account stands on."""
    query = select(grants).where(tx.here(grants), grants.c.id == account.grant_id)
    return await tx.one(query.with_for_update() if lock else query)


async def put(tx: Tx, account_id: UUID, **values: Any) -> None:
    """Change columns of an account that are not its state."""
    await tx.execute(
        update(accounts).where(tx.here(accounts), accounts.c.id == account_id).values(**values)
    )


async def change_state(tx: Tx, row: Row[Any], state: str, **values: Any) -> bool:
    """Put a locked account into ``state`` and tell who must know; False if it was there already."""
    await put(tx, row.id, state=state, **values)
    if row.state == state:
        return False
    await events.emit(
        tx, AccountChanged, account_id=str(row.id), platform=row.platform, state=state
    )
    if row.state in USABLE and state not in USABLE:
        await hooks.tell(hooks.on_lost, tx, row.id)
    elif row.state not in USABLE and state in USABLE:
        await hooks.tell(hooks.on_connected, tx, row.id)
    return True


async def lose(tx: Tx, row: Row[Any], **error: Any) -> None:
    """Note that the platform lets us in no more: one audit entry when it did so far."""
    changed = await change_state(tx, row, "needs_reconnect", **error)
    if changed:
        code = error.get("error_code", "")
        record(tx, "account.access_lost", "account", row.id, platform=row.platform, code=code)


def working_state(ends_at: datetime | None, now: datetime) -> str:
    """Return the state of an account whose access works and ends at ``ends_at``."""
    return "expiring" if ends_at is not None and ends_at - now < SOON else "active"


async def plan_check(tx: Tx, account_id: UUID, now: datetime) -> None:
    """Have the account checked every day, at a minute of its own so that not all ask at once."""
    minute = account_id.int % (24 * 60)
    rule = f"{minute % 60} {minute // 60} * * *"
    await schedules.plan(tx, "metrics", CHECK, account_id, rule, "UTC", now)


def ref_of(row: Row[Any]) -> AccountRef:
    """Return what adapters are told of an account."""
    return AccountRef(
        id=str(row.id),
        remote_id=row.remote_id,
        name=row.name,
        kind=row.kind,
        adapter=row.adapter,
        platform=row.platform,
        extra=dict(row.extra),
    )
