"""Tokens for calls: opened for one call, refreshed under the grant's row lock, one at a time."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError

from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.accounts import grants, rows
from palabre.domains.accounts.faults import stored
from palabre.domains.runtime import Runtime
from palabre.plugins.context import Subject
from palabre.plugins.dispatch import dispatch
from palabre.plugins.registry import ClientView
from palabre.sdk.connect import AccessToken, AccountRef, TokenGrant
from palabre.sdk.errors import (
    AuthExpired,
    AuthRevoked,
    PermissionMissing,
    PluginError,
    Transient,
    UnknownOutcome,
)

LEAD: Final = timedelta(minutes=10)
"""A token with less life than this is refreshed before it is used."""
REFRESH_S: Final = 15.0
"""Seconds the platform has to renew a grant."""
JUST_NOW: Final = timedelta(seconds=60)
"""A grant renewed this short ago is not renewed again because one call was refused."""
_LOCK_TIMEOUT: Final = "55P03"
LOST: Final = (AuthRevoked, PermissionMissing, AuthExpired)
"""After these, only the person can give access again."""


class AccountTokens:
    """The process's source of tokens; fulfils ``palabre.plugins.context.TokenSource``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def token(self, subject: Subject, account: AccountRef, until: datetime) -> AccessToken:
        """Return a token for ``account`` that works until ``until``, refreshed when needed.

        Raises:
            AuthRevoked: There is no access any more; the account waits for its person.
            PermissionMissing: As AuthRevoked, the platform named what is missing.
            Transient: The refresh did not succeed now; nothing was sent for this call.
        """
        runtime, scope = self._runtime, _scope(subject)
        now = runtime.clock.now()
        wanted = max(until, now + LEAD)
        async with runtime.database.transaction(scope) as tx:
            row = await rows.read(tx, UUID(account.id))
            _refuse_without_access(row)
            await _note_use(tx, row, now)
            if row.access_token is not None:
                secret = await runtime.vault.open(
                    tx, "accounts", "access_token", row.id, row.access_token
                )
                return AccessToken(secret=secret, expires_at=row.expires_at)
            kept = await rows.grant_of(tx, row)
            style = _style(runtime, row.plugin)
            if style == "none" or _lives(kept, wanted):
                if kept.expires_at is None or kept.expires_at > now:
                    return _token(await grants.reopen(tx, runtime.vault, kept))
                raise AuthRevoked("the token has expired and cannot be renewed")
        return _token(await renew(runtime, subject, UUID(account.id), wanted))


async def renew(
    runtime: Runtime, subject: Subject, account_id: UUID, until: datetime | None = None
) -> TokenGrant:
    """Renew the grant of an account unless somebody else just did, and return it.

    Args:
        runtime: The process.
        subject: The client.
        account_id: An account of the grant.
        until: The life that suffices; None when the platform refused a token that still had some.

    Raises:
        PluginError: As ``AccountTokens.token``; accounts that lost their access are marked.
    """
    enabled = await runtime.enabled.get(subject.agency_id, subject.client_id)
    view = runtime.registry.for_client(enabled)
    scope = _scope(subject)
    async with runtime.database.transaction(scope) as tx:
        adapter = (await rows.read(tx, account_id)).adapter
    ctx = await runtime.contexts.make(adapter, subject, seconds=REFRESH_S)
    try:
        async with runtime.database.transaction(scope) as tx:
            return await _renew_locked(runtime, tx, view, ctx, account_id, until)
    except LOST as error:
        async with runtime.database.transaction(scope) as tx:
            await _lose_all(tx, account_id, error)
        raise
    except UnknownOutcome as error:
        raise Transient(error.internal, remote_code=error.remote_code) from None
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_TIMEOUT:
            raise Transient("another refresh of this grant takes too long") from None
        raise


async def _renew_locked(
    runtime: Runtime,
    tx: Tx,
    view: ClientView,
    ctx: Any,
    account_id: UUID,
    until: datetime | None,
) -> TokenGrant:
    """Hold the grant's row, look again, and ask the platform only if it is still needed."""
    await tx.execute(
        text("SELECT set_config('lock_timeout', :span, true)"), {"span": f"{int(REFRESH_S)}s"}
    )
    account = await rows.read(tx, account_id)
    _refuse_without_access(account)
    kept = await rows.grant_of(tx, account, lock=True)
    grant = await grants.reopen(tx, runtime.vault, kept)
    if _renewed_meanwhile(kept, runtime.clock.now(), until):
        return grant
    fresh: TokenGrant = await dispatch(
        view, "auth", account.adapter, "refresh", ctx, inside_transaction=True, grant=grant
    )
    await grants.renew(tx, runtime.vault, kept, fresh)
    return fresh


def _renewed_meanwhile(kept: Row[Any], now: datetime, until: datetime | None) -> bool:
    if until is None:
        return bool(kept.version > 1 and now - kept.updated_at < JUST_NOW)
    return _lives(kept, until)


async def _lose_all(tx: Tx, account_id: UUID, error: PluginError) -> None:
    """Mark every account that lived on the same grant without a token of its own."""
    lost = await rows.read(tx, account_id)
    for row in await rows.every(tx):
        same = row.grant_id == lost.grant_id and row.access_token is None
        if same and row.state in rows.USABLE:
            await rows.lose(
                tx, row, **stored(error), error_at=await tx.scalar(text("SELECT now()"))
            )


async def _note_use(tx: Tx, row: Row[Any], now: datetime) -> None:
    if row.last_used_at is None or now - row.last_used_at > JUST_NOW:
        await rows.put(tx, row.id, last_used_at=now)


def _refuse_without_access(row: Row[Any]) -> None:
    if row.state in {"revoked", "disconnected"}:
        raise AuthRevoked(f"the account is {row.state}")


def _lives(kept: Row[Any], until: datetime) -> bool:
    return kept.expires_at is None or bool(kept.expires_at > until)


def _style(runtime: Runtime, plugin: str) -> str:
    return runtime.registry.manifest(plugin).refresh_style


def _token(grant: TokenGrant) -> AccessToken:
    return AccessToken(secret=grant.access_token, expires_at=grant.expires_at)


def _scope(subject: Subject) -> Scope:
    return Scope.of_client(subject.agency_id, subject.client_id)
