"""Whether an account still works: asked of the platform, learnt from failures, ended by people."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Row, text

from palabre.audit.record import record
from palabre.base.errors import Conflict, Unavailable
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.accounts import grants, rows
from palabre.domains.accounts.faults import plugin_name, stored
from palabre.domains.accounts.reaching import not_enabled
from palabre.domains.accounts.tokens import LOST, renew
from palabre.domains.runtime import Runtime
from palabre.outbox import schedules
from palabre.plugins.context import Subject
from palabre.plugins.dispatch import dispatch
from palabre.plugins.registry import ClientView
from palabre.sdk.connect import AccountHealth, TokenGrant
from palabre.sdk.errors import (
    AuthExpired,
    BillingStopped,
    ConfigError,
    NotEnabled,
    PermissionMissing,
    PluginBug,
    PluginError,
    QuotaExhausted,
    RateLimited,
    Transient,
    UnknownOutcome,
    Unsupported,
)

CALL_S: Final = 20.0
"""Seconds one call of a check may take."""
AHEAD: Final = timedelta(days=3)
"""The daily check renews a grant that ends within this time."""
_TELLING: Final = (ConfigError, BillingStopped, QuotaExhausted, PluginBug, Unsupported)
"""Errors worth showing beside the account; others pass by themselves or are the content's."""
_PASSING: Final = (Transient, RateLimited, UnknownOutcome)

_log = structlog.get_logger(__name__)


async def check(runtime: Runtime, scope: Scope, account_id: UUID) -> None:
    """Ask the platform whether the account works, and store what it says.

    Raises:
        NotFound: The client has no such account.
        Conflict: The account is disconnected.
        Unavailable: The platform does not answer now; nothing changed.
        NotAllowed: The plugin is off for the client.
    """
    async with runtime.database.transaction(scope) as tx:
        row = await rows.read(tx, account_id)
        kept = await rows.grant_of(tx, row)
    if row.state == "disconnected":
        raise Conflict("account_disconnected")
    subject = _subject(scope, account_id)
    try:
        if _renewable(runtime, row, kept):
            _ = await renew(runtime, subject, account_id, runtime.clock.now() + AHEAD)
        health = await _ask(runtime, subject, row)
    except NotEnabled:
        raise await not_enabled(runtime, scope, row.plugin) from None
    except _PASSING as error:
        name = plugin_name(runtime.registry, row.plugin)
        raise Unavailable("platform_unreachable", platform=name) from error
    except PluginError as error:
        async with runtime.database.transaction(scope) as tx:
            await mark(tx, account_id, error)
        return
    async with runtime.database.transaction(scope) as tx:
        await _store(runtime, tx, account_id, health)


async def mark(tx: Tx, account_id: UUID, error: PluginError) -> None:
    """Note what a failed call says about the account.

    Lost access puts it into ``needs_reconnect``; what a person must settle is kept as its last
    error; what passes by itself, or concerns the content only, changes nothing.
    """
    row = await rows.read(tx, account_id, lock=True)
    if row.state == "disconnected":
        return
    at = await tx.scalar(text("SELECT now()"))
    if isinstance(error, LOST):
        await rows.lose(tx, row, **stored(error), error_at=at)
    elif isinstance(error, _TELLING):
        await rows.put(tx, account_id, **stored(error), error_at=at)


async def works(tx: Tx, account_id: UUID) -> None:
    """Note that a call succeeded: an error kept beside the account is over."""
    row = await rows.read(tx, account_id)
    if row.error_code is not None and row.state in rows.USABLE:
        await rows.put(tx, account_id, error_code=None, error_params=None, error_at=None)


async def disconnect(runtime: Runtime, scope: Scope, account_id: UUID) -> None:
    """Stop using an account; the history stays. The consent is withdrawn if nobody else uses it.

    Raises:
        NotFound: The client has no such account.
        Conflict: It is disconnected already.
    """
    async with runtime.database.transaction(scope) as tx:
        row = await rows.read(tx, account_id)
        if row.state == "disconnected":
            raise Conflict("account_disconnected")
        alone = await _alone(tx, row)
        kept = await rows.grant_of(tx, row)
        grant = await grants.reopen(tx, runtime.vault, kept)
    shared = not alone or await _used_elsewhere(runtime, kept)
    revoked = not shared and await _revoke(runtime, scope, row, grant)
    async with runtime.database.transaction(scope) as tx:
        row = await rows.read(tx, account_id, lock=True)
        await rows.change_state(
            tx, row, "disconnected", access_token=None, expires_at=None, error_code=None
        )
        await schedules.stop(tx, rows.CHECK, account_id)
        if await _alone(tx, row):
            await grants.empty(tx, runtime.vault, row.grant_id)
        record(
            tx, "account.disconnect", "account", account_id, platform=row.platform, revoked=revoked
        )


async def _ask(runtime: Runtime, subject: Subject, row: Row[Any]) -> AccountHealth:
    """Call the adapter; a token refused for its age is renewed once."""
    try:
        health = await _ask_once(runtime, subject, row)
    except AuthExpired:
        if not _can_renew(runtime, row):
            raise
        _ = await renew(runtime, subject, row.id)
        health = await _ask_once(runtime, subject, row)
    if not health.ok:
        raise PermissionMissing("the check found permissions missing", scopes=health.missing_scopes)
    return health


async def _ask_once(runtime: Runtime, subject: Subject, row: Row[Any]) -> AccountHealth:
    view = await _view(runtime, subject)
    ctx = await runtime.contexts.make(
        row.adapter, subject, seconds=CALL_S, account=rows.ref_of(row)
    )
    health: AccountHealth = await dispatch(view, "auth", row.adapter, "check", ctx)
    return health


async def _store(runtime: Runtime, tx: Tx, account_id: UUID, health: AccountHealth) -> None:
    row = await rows.read(tx, account_id, lock=True)
    if row.state == "disconnected":
        return
    kept = await rows.grant_of(tx, row)
    ends = _ends(runtime, row, kept, health)
    await rows.change_state(
        tx,
        row,
        rows.working_state(ends, runtime.clock.now()),
        error_code=None,
        error_params=None,
        error_at=None,
        expires_at=ends,
        scopes=list(health.scopes or row.scopes),
        followers=row.followers if health.followers is None else health.followers,
        name=health.name or row.name,
        picture_url=health.picture_url or row.picture_url,
    )


def _ends(
    runtime: Runtime, row: Row[Any], kept: Row[Any], health: AccountHealth
) -> datetime | None:
    """Return when the access ends: of an own token what the check said, else of the grant."""
    refreshes = _can_renew(runtime, row)
    own = health.expires_at if row.access_token else grants.ends_at(kept, refreshes=refreshes)
    ends = [end for end in (own, health.data_access_expires_at) if end is not None]
    return min(ends, default=None)


async def _alone(tx: Tx, row: Row[Any]) -> bool:
    """Tell whether no other account of this client stands on the same grant."""
    others = [
        other
        for other in await rows.every(tx)
        if other.grant_id == row.grant_id and other.id != row.id and other.state != "disconnected"
    ]
    return not others


async def _used_elsewhere(runtime: Runtime, kept: Row[Any]) -> bool:
    """Tell whether another client, of any agency, connected through the same person's consent.

    A database that does not answer may hold such a client: the consent stays.
    """
    query = text("SELECT consent_used_elsewhere(:plugin, :subject, :grant)")
    values = {"plugin": kept.plugin, "subject": kept.subject_id, "grant": kept.id}
    try:
        async for database in runtime.database.each(resting=True):
            async with database.unscoped() as tx:
                if await tx.scalar(query, values):
                    return True
    except Unavailable:
        return True
    return False


async def _revoke(runtime: Runtime, scope: Scope, row: Row[Any], grant: TokenGrant) -> bool:
    """Withdraw the consent at the platform if it can; disconnecting goes on either way."""
    if not grant.access_token:
        return False
    subject = _subject(scope, row.id)
    try:
        view = await _view(runtime, subject)
        ctx = await runtime.contexts.make(row.adapter, subject, seconds=CALL_S)
        await dispatch(view, "auth", row.adapter, "revoke", ctx, grant=grant)
    except PluginError as error:
        _log.warning("revoke_failed", plugin=row.plugin, account=str(row.id), code=error.code)
        return False
    return True


def _renewable(runtime: Runtime, row: Row[Any], kept: Row[Any]) -> bool:
    """Tell whether the account lives on its grant's token and that one can be renewed."""
    return row.access_token is None and kept.expires_at is not None and _can_renew(runtime, row)


def _can_renew(runtime: Runtime, row: Row[Any]) -> bool:
    return runtime.registry.manifest(row.plugin).refresh_style != "none"


async def _view(runtime: Runtime, subject: Subject) -> ClientView:
    enabled = await runtime.enabled.get(subject.agency_id, subject.client_id)
    return runtime.registry.for_client(enabled)


def _subject(scope: Scope, account_id: UUID) -> Subject:
    return Subject(
        agency_id=scope.agency_id, client_id=scope.client_id, kind="account", id=account_id
    )
