"""From Connect to the choice: the attempt begins, the person leaves for the platform and returns.

Every step reads and writes in short transactions and calls the platform between them.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row

from palabre.audit.record import record
from palabre.base.errors import Conflict, NotFound
from palabre.db.scope import Scope
from palabre.domains.accounts import attempts, rows
from palabre.domains.accounts.faults import stored
from palabre.domains.accounts.pending import Pending, pack
from palabre.domains.accounts.reaching import plugin_of, reach
from palabre.domains.runtime import Runtime
from palabre.plugins.dispatch import dispatch
from palabre.sdk.connect import ConnectCallback, ConnectRedirect, ConnectStart
from palabre.sdk.errors import PermissionMissing, PluginBug, PluginError, Unsupported
from palabre.sdk.values import Secret


class Leaving(Struct, frozen=True, kw_only=True):
    """Where the browser goes next, and the cookie that will recognise it when it returns."""

    url: str
    cookie: str


class Returned(Struct, frozen=True, kw_only=True):
    """The attempt a browser came back to, now choosing, refused or failed."""

    scope: Scope
    attempt_id: UUID
    state: str


async def begin(
    runtime: Runtime, scope: Scope, adapter: str, account_id: UUID | None, origin: str
) -> UUID:
    """Start an attempt and return its id.

    Args:
        runtime: The process.
        scope: The client and the person who connects.
        adapter: Key of the adapter that connects accounts.
        account_id: The account to reconnect, None for a new one.
        origin: Origin of the page that opens the window and will be told the end.

    Raises:
        NotAllowed: The plugin is off for the client.
        Conflict: The plugin lacks settings; the details name them.
        NotFound: There is no such adapter or account.
    """
    _ = await reach(runtime, scope, adapter)
    redirect_uri = f"{runtime.settings.public_url}/connect/callback/{adapter}"
    async with runtime.database.transaction(scope) as tx:
        if account_id is not None:
            account = await rows.read(tx, account_id)
            if account.adapter != adapter:
                raise NotFound
        now = runtime.clock.now()
        async with tx.control() as control:
            attempt_id = await attempts.make(
                control, adapter, redirect_uri, now, account_id=account_id, origin=origin
            )
            record(control, "accounts.connect", "attempt", attempt_id, adapter=adapter)
    return attempt_id


async def leave(runtime: Runtime, scope: Scope, attempt_id: UUID, cookie: str | None) -> Leaving:
    """Send the person to the platform with a new state; an earlier state is void from now on.

    Args:
        runtime: The process.
        scope: The attempt's client.
        attempt_id: The attempt.
        cookie: What the browser already carries, so that it may connect in two windows at once.

    Raises:
        Conflict: The attempt expired or ended.
        PluginError: The adapter could not say where to go; the attempt failed.
    """
    async with runtime.database.control(scope) as tx:
        row = await attempts.read(tx, attempt_id)
    attempts.require_leave(row, runtime.clock.now())
    state, verifier = attempts.new_secret(), attempts.new_secret()
    try:
        url = await _consent_page(runtime, scope, row, state, verifier)
    except PluginError as error:
        async with runtime.database.control(scope) as tx:
            await attempts.end(tx, attempt_id, "failed", **stored(error))
        raise
    value = cookie or attempts.new_secret()
    async with runtime.database.control(scope) as tx:
        row = await attempts.read(tx, attempt_id, lock=True)
        attempts.require_leave(row, runtime.clock.now())
        await attempts.put(
            tx,
            attempt_id,
            state="waiting",
            state_hash=attempts.digest(state),
            cookie_hash=attempts.digest(value),
            verifier=await runtime.vault.seal(
                tx, "connect_attempts", "verifier", attempt_id, Secret(verifier)
            ),
            pending_grant=None,
            choices=[],
            error_code=None,
            error_params=None,
        )
    return Leaving(url=url, cookie=value)


async def come_back(
    runtime: Runtime,
    adapter: str,
    cookie: str | None,
    params: Mapping[str, str],
    *,
    ip: str = "",
    user_agent: str = "",
) -> Returned:
    """Take a browser back from the platform and find the accounts it may connect.

    The state is used once: whatever happens afterwards, it cannot be used again.

    Raises:
        Conflict: Its code says what does not match: ``connect_state_missing``,
            ``connect_state_unknown``, ``connect_other_adapter``, ``connect_other_browser``,
            ``connect_state_used``, ``attempt_expired``, ``attempt_state``.
    """
    scope, row, verifier = await _recognise(runtime, adapter, cookie, params)
    acting = attempts.acting(scope, row, ip, user_agent)
    callback = ConnectCallback(
        params={name: value for name, value in params.items() if name != "state"},
        redirect_uri=row.redirect_uri,
        code_verifier=verifier.reveal(),
    )
    try:
        pending = await _exchange(runtime, acting, row, callback)
    except PluginError as error:
        state = "refused" if isinstance(error, PermissionMissing) else "failed"
        async with runtime.database.control(acting) as tx:
            await attempts.end(tx, row.id, state, **stored(error))
        return Returned(scope=acting, attempt_id=row.id, state=state)
    await _offer(runtime, acting, row.id, pending)
    return Returned(scope=acting, attempt_id=row.id, state="choosing")


async def recognise_browser(
    runtime: Runtime, scope: Scope, attempt_id: UUID, cookie: str | None
) -> Row[Any]:
    """Return the attempt if this browser is the one that left for the platform.

    Raises:
        Conflict: Another browser began, or the cookie is gone.
    """
    async with runtime.database.control(scope) as tx:
        row = await attempts.read(tx, attempt_id)
    _check_cookie(row, cookie)
    return row


async def _recognise(
    runtime: Runtime, adapter: str, cookie: str | None, params: Mapping[str, str]
) -> tuple[Scope, Row[Any], Secret]:
    """Check state, adapter, browser and time in this order and take the state out of use."""
    state = params.get("state", "")
    if not state:
        raise Conflict("connect_state_missing")
    found = await attempts.by_state(runtime.database, state)
    if found is None:
        raise Conflict("connect_state_unknown")
    scope, attempt_id = found
    async with runtime.database.control(scope) as tx:
        row = await attempts.read(tx, attempt_id, lock=True)
        if row.adapter != adapter:
            raise Conflict("connect_other_adapter")
        _check_cookie(row, cookie)
        if attempts.shown_state(row, runtime.clock.now()) == "expired":
            raise Conflict("attempt_expired")
        if row.verifier is None and row.state != "cancelled":
            raise Conflict("connect_state_used")
        attempts.require(row, runtime.clock.now(), "waiting")
        verifier = await runtime.vault.open(
            tx, "connect_attempts", "verifier", row.id, row.verifier
        )
        await attempts.put(tx, row.id, verifier=None)
    return scope, row, verifier


def _check_cookie(row: Row[Any], cookie: str | None) -> None:
    if not hmac.compare_digest(attempts.digest(cookie or ""), row.cookie_hash or b""):
        raise Conflict("connect_other_browser")


async def _consent_page(
    runtime: Runtime, scope: Scope, row: Row[Any], state: str, verifier: str
) -> str:
    """Ask the adapter where the person gives consent."""
    view, ctx = await reach(runtime, scope, row.adapter, row.locale)
    manifest = runtime.registry.manifest(plugin_of(row.adapter))
    challenge = hashlib.sha256(verifier.encode()).digest()
    request = ConnectStart(
        redirect_uri=row.redirect_uri,
        state=state,
        code_challenge=base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        scopes=tuple(need.scope for need in manifest.scopes),
        locale=row.locale,
        rerequest=row.account_id is not None or row.state == "refused",
    )
    answer = await dispatch(view, "auth", row.adapter, "start", ctx, req=request)
    if not isinstance(answer, ConnectRedirect):
        raise Unsupported("connecting by a form is not offered in this version")
    if not answer.url.startswith(("https://", "http://")):
        raise PluginBug(f"{row.adapter} sends people to something that is not a web address")
    return answer.url


async def _exchange(
    runtime: Runtime, scope: Scope, row: Row[Any], callback: ConnectCallback
) -> Pending:
    """Turn the callback into a grant and list what it reaches."""
    view, ctx = await reach(runtime, scope, row.adapter, row.locale)
    grant = await dispatch(view, "auth", row.adapter, "complete", ctx, cb=callback)
    _, ctx = await reach(runtime, scope, row.adapter, row.locale)
    found = await dispatch(view, "auth", row.adapter, "accounts", ctx, grant=grant)
    return Pending(grant=grant, accounts=found)


async def _offer(runtime: Runtime, scope: Scope, attempt_id: UUID, pending: Pending) -> None:
    """Store what was found, tokens sealed, so that the person may choose.

    Raises:
        Conflict: The attempt was given up meanwhile.
    """
    async with runtime.database.control(scope) as tx:
        row = await attempts.read(tx, attempt_id, lock=True)
        attempts.require(row, runtime.clock.now(), "waiting")
        await attempts.put(
            tx,
            attempt_id,
            state="choosing",
            expires_at=runtime.clock.now() + attempts.LIFE,
            pending_grant=await runtime.vault.seal(
                tx, "connect_attempts", "pending_grant", attempt_id, pack(pending)
            ),
            choices=[
                {
                    "remote_id": one.remote_id,
                    "name": one.name,
                    "username": one.username,
                    "kind": one.kind,
                    "picture_url": one.picture_url,
                    "url": one.url,
                    "followers": one.followers,
                    "connectable": one.connectable,
                    "reason_key": one.reason_key,
                }
                for one in pending.accounts
            ],
        )
