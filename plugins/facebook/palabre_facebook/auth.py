"""Connecting: the login dialog, the exchange of code and token, the Pages, health, revocation.

The dialog has no PKCE (meta.md 3.1 names no such parameter): the code is bound by ``state``, the
byte-for-byte redirect address and the app secret, which never leaves the server.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final, Literal
from urllib.parse import urlencode

from palabre.sdk import AuthProvider, Capability, Secret
from palabre.sdk.connect import (
    AccountHealth,
    ConnectCallback,
    ConnectRedirect,
    ConnectStart,
    RemoteAccount,
    TokenGrant,
)
from palabre.sdk.context import CallContext
from palabre.sdk.errors import AuthExpired, AuthRevoked, ConfigError, PermissionMissing
from palabre_facebook.errors import GraphError, Purpose, to_plugin_error
from palabre_facebook.graph import DIALOG, GRAPH, Graph, settings_of
from palabre_facebook.scopes import REQUIRED_SCOPES

PAGE_FIELDS: Final = (
    "id,name,username,category,access_token,tasks,link,followers_count,picture.type(large)"
)
PAGES_PER_READ: Final = "100"
MAX_READS: Final = 50
"""5,000 Pages of one person; more means the paging does not end."""
PUBLISHING_TASKS: Final = frozenset(
    {
        "CREATE_CONTENT",
        "MANAGE",
        "PROFILE_PLUS_CREATE_CONTENT",
        "PROFILE_PLUS_FULL_CONTROL",
        "PROFILE_PLUS_MANAGE",
    }
)
"""One of these lets a person publish as the Page (meta.md 3.4)."""


class FacebookAuth(AuthProvider):
    """Facebook Login for Pages."""

    key: ClassVar[str] = "facebook"
    platform: ClassVar[str] = "facebook"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.CONNECT})
    flow: ClassVar[Literal["oauth2", "api_key", "webhook_url", "client_credentials"]] = "oauth2"

    async def start(self, ctx: CallContext, req: ConnectStart) -> ConnectRedirect:
        """Return the dialog's address (meta.md 3.1)."""
        settings = settings_of(ctx)
        query = {
            "client_id": settings.app_id,
            "redirect_uri": req.redirect_uri,
            "state": req.state,
            "response_type": "code",
            "scope": ",".join(req.scopes),
            "display": "popup",
        }
        if req.rerequest:
            query["auth_type"] = "rerequest"
        path = f"{DIALOG}/{settings.graph_version}/dialog/oauth"
        return ConnectRedirect(url=f"{path}?{urlencode(query)}")

    async def complete(self, ctx: CallContext, cb: ConnectCallback) -> TokenGrant:
        """Exchange the code for a long-lived token and see what was allowed."""
        code = _code_of(cb)
        settings = settings_of(ctx)
        short = await _exchange(ctx, {"redirect_uri": cb.redirect_uri, "code": code})
        long = await _lengthen(ctx, _token_of(short))
        token = _token_of(long)
        graph = Graph(ctx, token)
        person = await graph.read("me", {"fields": "id,name"})
        granted = await _granted_scopes(graph)
        missing = tuple(scope for scope in REQUIRED_SCOPES if scope not in granted)
        if missing:
            raise PermissionMissing(
                "permissions were declined in the dialog",
                scopes=missing,
                user_key="connect_scopes_missing",
                params={"scopes": ", ".join(missing)},
            )
        facts = await _inspect(ctx, token)
        ctx.log.info("facebook_connected", graph_version=settings.graph_version)
        return TokenGrant(
            access_token=token,
            expires_at=_expiry(long, ctx.clock.now()),
            data_access_expires_at=_instant(facts.get("data_access_expires_at")),
            scopes=granted,
            subject_id=str(person.get("id", "")),
            subject_name=str(person.get("name", "")),
        )

    async def accounts(self, ctx: CallContext, grant: TokenGrant) -> list[RemoteAccount]:
        """List the person's Pages, every page of the list, each with its own token."""
        graph = Graph(ctx, grant.access_token)
        found: list[RemoteAccount] = []
        params: dict[str, str] | None = {"fields": PAGE_FIELDS, "limit": PAGES_PER_READ}
        path = "me/accounts"
        for _ in range(MAX_READS):
            body = await graph.read(path, params)
            found += [_remote_account(row) for row in body.get("data", [])]
            following = body.get("paging", {}).get("next", "")
            if not following.startswith(f"{GRAPH}/"):
                break
            path, params = following, None
        return found

    async def refresh(self, ctx: CallContext, grant: TokenGrant) -> TokenGrant:
        """Exchange a token that still works for one with a new life of about 60 days (3.3)."""
        try:
            longer = await _lengthen(ctx, grant.access_token)
        except AuthExpired as error:
            # There is no refresh token: once expired, only the person can sign in again.
            raise AuthRevoked(
                error.internal,
                remote_code=error.remote_code,
                remote_request_id=error.remote_request_id,
                user_key="token_expired",
            ) from None
        token = _token_of(longer)
        facts = await _inspect(ctx, token)
        return TokenGrant(
            access_token=token,
            expires_at=_expiry(longer, ctx.clock.now()),
            data_access_expires_at=_instant(facts.get("data_access_expires_at")),
            scopes=tuple(facts.get("scopes", grant.scopes)),
            subject_id=grant.subject_id,
            subject_name=grant.subject_name,
        )

    async def check(self, ctx: CallContext) -> AccountHealth:
        """Inspect the Page's token and read the Page.

        Raises:
            AuthExpired: The token's time is over.
            AuthRevoked: The token was withdrawn; the error says why.
        """
        if ctx.account is None:
            raise ConfigError("a check needs an account")
        token = (await ctx.token()).secret
        facts = await _inspect(ctx, token)
        scopes = tuple(facts.get("scopes", ()))
        page = await Graph(ctx, token).read(
            ctx.account.remote_id, {"fields": "id,name,followers_count,picture.type(large)"}
        )
        missing = tuple(scope for scope in REQUIRED_SCOPES if scope not in scopes)
        return AccountHealth(
            ok=not missing,
            expires_at=_instant(facts.get("expires_at")),
            data_access_expires_at=_instant(facts.get("data_access_expires_at")),
            scopes=scopes,
            missing_scopes=missing,
            followers=page.get("followers_count"),
            name=page.get("name"),
            picture_url=_picture(page) or None,
        )

    async def revoke(self, ctx: CallContext, grant: TokenGrant) -> None:
        """Withdraw every permission of the person (meta.md 3.6); gone already is success."""
        graph = Graph(ctx, grant.access_token)
        try:
            await graph.call("DELETE", f"{grant.subject_id or 'me'}/permissions", Purpose.PREPARE)
        except (AuthExpired, AuthRevoked):
            ctx.log.info("facebook_revoked_already")


def _code_of(cb: ConnectCallback) -> str:
    """Return the code of the redirect, or raise what the person or Meta decided instead."""
    params = cb.params
    if "error" in params or "error_code" in params or "error_message" in params:
        declined = "access_denied" in params.get("error", "") or (
            params.get("error_reason") == "user_denied"
        )
        remote = params.get("error_code") or params.get("error", "")
        if declined or params.get("error_code") == "200":
            raise PermissionMissing(
                "the person left the dialog without agreeing",
                scopes=REQUIRED_SCOPES,
                remote_code=remote[:40],
                user_key="connect_refused",
            )
        raise ConfigError("the dialog refused the app", remote_code=remote[:40])
    code = params.get("code", "").removesuffix("#_=_")
    if not code:
        raise AuthRevoked("the redirect carries no code", user_key="code_expired")
    return code


async def _exchange(ctx: CallContext, fields: dict[str, str]) -> dict[str, Any]:
    """Ask for a token with the app's credentials, in the body: addresses end up in logs."""
    settings = settings_of(ctx)
    form = {
        "client_id": settings.app_id,
        "client_secret": settings.app_secret.reveal(),
        **fields,
    }
    return await Graph(ctx, None).call("POST", "oauth/access_token", Purpose.OAUTH, form=form)


async def _lengthen(ctx: CallContext, token: Secret) -> dict[str, Any]:
    fields = {"grant_type": "fb_exchange_token", "fb_exchange_token": token.reveal()}
    return await _exchange(ctx, fields)


async def _inspect(ctx: CallContext, token: Secret) -> dict[str, Any]:
    """Return what ``debug_token`` knows (meta.md 3.5), or raise why the token is dead."""
    settings = settings_of(ctx)
    app_token = f"{settings.app_id}|{settings.app_secret.reveal()}"
    params = {"input_token": token.reveal(), "access_token": app_token}
    body = await Graph(ctx, None).read("debug_token", params)
    facts: dict[str, Any] = body.get("data") or {}
    if not facts.get("is_valid"):
        why = facts.get("error") or {}
        error = GraphError(code=190, subcode=int(why.get("subcode") or 0))
        raise to_plugin_error(error, status=200, purpose=Purpose.READ, now=ctx.clock.now())
    return facts


async def _granted_scopes(graph: Graph) -> tuple[str, ...]:
    body = await graph.read("me/permissions")
    rows = body.get("data", [])
    return tuple(row["permission"] for row in rows if row.get("status") == "granted")


def _remote_account(row: dict[str, Any]) -> RemoteAccount:
    tasks = frozenset(row.get("tasks", ()))
    token = str(row.get("access_token", ""))
    connectable = bool(token) and bool(tasks & PUBLISHING_TASKS)
    return RemoteAccount(
        remote_id=str(row["id"]),
        name=str(row.get("name", "")),
        kind="page",
        username=str(row.get("username", "")),
        picture_url=_picture(row),
        url=str(row.get("link") or f"{DIALOG}/{row['id']}"),
        followers=row.get("followers_count"),
        access_token=Secret(token) if token else None,
        connectable=connectable,
        reason_key="" if connectable else "page_without_publishing_right",
        extra={"category": str(row.get("category", ""))},
    )


def _picture(row: dict[str, Any]) -> str:
    return str(((row.get("picture") or {}).get("data") or {}).get("url", ""))


def _token_of(body: dict[str, Any]) -> Secret:
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        raise AuthRevoked("the exchange brought no token", user_key="code_expired")
    return Secret(token)


def _expiry(body: dict[str, Any], now: datetime) -> datetime | None:
    """Return when a token just received ends; ``expires_in`` may be absent (meta.md 3.2)."""
    seconds = body.get("expires_in")
    return now + timedelta(seconds=int(seconds)) if seconds else None


def _instant(unix: Any) -> datetime | None:
    """Return a Unix time; 0 means never."""
    return datetime.fromtimestamp(int(unix), UTC) if unix else None
