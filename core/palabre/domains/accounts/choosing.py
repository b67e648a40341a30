"""The choice: accounts found by a consent become accounts of the client, all of them or none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from palabre.audit.record import record
from palabre.base.errors import FieldProblem, Invalid
from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.accounts import attempts, grants, hooks, rows
from palabre.domains.accounts.pending import Pending, unpack
from palabre.domains.accounts.tables import accounts
from palabre.domains.runtime import Runtime
from palabre.outbox import events
from palabre.sdk.connect import RemoteAccount
from palabre.sdk.events import AccountConnected


async def choose(
    runtime: Runtime, scope: Scope, attempt_id: UUID, remote_ids: Sequence[str]
) -> list[UUID]:
    """Connect the chosen accounts and return their ids; an account known before keeps its own.

    Where the client has its own database, its accounts are stored before the attempt ends: after a
    crash between the two the same choice is made again.

    Raises:
        Invalid: Nothing is chosen, or something that was not found or cannot be connected.
        Conflict: The attempt is not choosing.
    """
    now = runtime.clock.now()
    async with runtime.database.both(scope) as (control, tx):
        row = await attempts.read(control, attempt_id, lock=True)
        attempts.require(row, now, "choosing")
        sealed = await runtime.vault.open(
            control, "connect_attempts", "pending_grant", attempt_id, row.pending_grant
        )
        pending = unpack(sealed)
        chosen = _pick(pending, remote_ids)
        await _one_at_a_time(tx)
        plugin = row.adapter.partition(".")[0]
        # A platform that does not say who consented gives every consent a row of its own.
        subject = pending.grant.subject_id or f"attempt:{attempt_id}"
        grant_id = await grants.keep(tx, runtime.vault, plugin, pending.grant, subject)
        made = [await _connect(runtime, tx, row, pending, grant_id, one, now) for one in chosen]
        await attempts.end(
            control, attempt_id, "connected", connected=[str(one) for one in made], choices=[]
        )
    return made


def _pick(pending: Pending, remote_ids: Sequence[str]) -> list[RemoteAccount]:
    found = {one.remote_id: one for one in pending.accounts if one.connectable}
    if not remote_ids:
        raise Invalid(FieldProblem(field="remote_ids", code="choose_one"))
    unknown = [one for one in remote_ids if one not in found]
    if unknown:
        raise Invalid(FieldProblem(field="remote_ids", code="not_connectable"))
    return [found[one] for one in dict.fromkeys(remote_ids)]


async def _one_at_a_time(tx: Tx) -> None:
    """Hold this client's turn to connect, so that two windows cannot make one account twice."""
    name = f"connect {tx.scope.agency_id} {tx.scope.client_id}"
    await tx.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
    )


async def _connect(
    runtime: Runtime,
    tx: Tx,
    attempt: Row[Any],
    pending: Pending,
    grant_id: UUID,
    one: RemoteAccount,
    now: datetime,
) -> UUID:
    """Insert or renew one account: one audit entry, one event, its daily check."""
    platform = runtime.registry.adapters["auth"][attempt.adapter].platform
    known = await tx.first(
        select(accounts)
        .where(tx.here(accounts))
        .where(accounts.c.platform == platform, accounts.c.remote_id == one.remote_id)
        .with_for_update()
    )
    account_id = UUID(str(known.id)) if known is not None else new_id()
    values = await _values(runtime, tx, attempt, pending, account_id, one, now)
    values |= {"platform": platform, "grant_id": grant_id}
    if known is None:
        await tx.insert(accounts, id=account_id, **values)
    else:
        await rows.put(tx, account_id, **values)
    record(
        tx,
        "account.connect",
        "account",
        account_id,
        platform=platform,
        again=known is not None,
        attempt=str(attempt.id),
    )
    await events.emit(tx, AccountConnected, account_id=str(account_id), platform=platform)
    await rows.plan_check(tx, account_id, now)
    await hooks.tell(hooks.on_connected, tx, account_id)
    return account_id


async def _values(
    runtime: Runtime,
    tx: Tx,
    attempt: Row[Any],
    pending: Pending,
    account_id: UUID,
    one: RemoteAccount,
    now: datetime,
) -> dict[str, Any]:
    token = None
    if one.access_token:
        token = await runtime.vault.seal(
            tx, "accounts", "access_token", account_id, one.access_token
        )
    plugin = attempt.adapter.partition(".")[0]
    ends = access_ends(runtime, plugin, pending, one)
    return {
        "adapter": attempt.adapter,
        "plugin": plugin,
        "remote_id": one.remote_id,
        "kind": one.kind,
        "name": one.name,
        "username": one.username,
        "picture_url": one.picture_url,
        "url": one.url,
        "followers": one.followers,
        "access_token": token,
        "expires_at": ends,
        "extra": one.extra,
        "scopes": list(pending.grant.scopes),
        "state": rows.working_state(ends, now),
        "error_code": None,
        "error_params": None,
        "error_at": None,
        "connected_at": now,
    }


def access_ends(
    runtime: Runtime, plugin: str, pending: Pending, one: RemoteAccount
) -> datetime | None:
    """Return when the access ends although we do our part; None when it does not by itself."""
    grant = pending.grant
    refreshes = runtime.registry.manifest(plugin).refresh_style != "none"
    of_grant = grant.refresh_expires_at if refreshes else grant.expires_at
    own = one.token_expires_at if one.access_token else of_grant
    return min((end for end in (own, grant.data_access_expires_at) if end), default=None)
