"""The one guard: who is calling, may they do it, and which rows they see."""

from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import HTTPRoute

from palabre.base.errors import NotAllowed, NotFound, NotSignedIn, PalabreError
from palabre.db.scope import Actor, Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.identity.access import Access, Principal
from palabre.domains.identity.actions import ACTIONS, KEY_ACTIONS, Need, reaches
from palabre.domains.identity.limits import KEY, SESSION, UNKNOWN_KEY, Limit, Limiter
from palabre.domains.identity.tokens import Tokens
from palabre.domains.keys.access import Keys
from palabre.domains.runtime import Runtime
from palabre_api.call import Call, current

Connection = ASGIConnection[Any, Any, Any, Any]
_CONTENT = {
    "json": "application/json",
    "multipart": "multipart/form-data",
    "form": "application/x-www-form-urlencoded",
}


class UnsupportedBody(PalabreError):
    """The body is of a kind this route does not take (415)."""

    status = 415


async def gate(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let the call through to its handler, or raise.

    Raises:
        NotSignedIn: The route needs a credential and there is none that is accepted.
        TooMany: The caller has no calls left.
        NotAllowed: The person's role does not reach.
        NotFound: The client is not one the person may see.
        UnsupportedBody: The body is not of the kind the route takes.
    """
    if connection.scope.get("method") == "OPTIONS":
        return
    _check_body(connection, handler)
    if "public" in handler.opt:
        return
    token, call = _bearer(connection), current.get()
    doing = handler.opt["action"]
    if token.startswith("pal_"):
        call.scope = await _scope_of_key(connection, token, doing, call)
        return
    call.principal = principal = await _principal(connection, token)
    call.locale = principal.locale
    await _take(connection, SESSION, f"session {principal.session_id}", call)
    call.scope = await _scope(connection, principal, ACTIONS[doing], call)


def undeclared(app: Litestar) -> list[str]:
    """Return the routes that say neither their action nor why they are public."""
    found = []
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else []:
            if handler.http_methods == {"OPTIONS"} or "public" in handler.opt:
                continue
            need = ACTIONS.get(handler.opt.get("action", ""))
            if need is None or (need.on == "client") != ("client_id" in route.path_parameters):
                found.append(f"{sorted(handler.http_methods)} {route.path}")
    return found


def _bearer(connection: Connection) -> str:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("not_signed_in", headers={"WWW-Authenticate": "Bearer"})
    return token.strip()


async def _principal(connection: Connection, token: str) -> Principal:
    runtime: Runtime = connection.app.state.runtime
    tokens: Tokens = connection.app.state.tokens
    access: Access = connection.app.state.access
    now = runtime.clock.now()
    return await access.principal(tokens.read(token, now), now)


async def _take(connection: Connection, limit: Limit, subject: str, call: Call) -> None:
    """Take this call from the caller's bucket."""
    runtime: Runtime = connection.app.state.runtime
    limiter: Limiter = connection.app.state.limiter
    call.standing = await limiter.take(limit, runtime.clock.now(), subject)


async def _scope_of_key(connection: Connection, token: str, doing: str, call: Call) -> Scope:
    """Return the scope of the key's client, if the route is of that client and within its rights.

    Raises:
        NotSignedIn: The key is not accepted.
        NotFound: The route is of another client.
        NotAllowed: Keys cannot do this, or this one was not given the right.
        TooMany: The client's keys have no calls left, or this address sent too many wrong ones.
    """
    if token.startswith("pal_pub_"):
        raise NotSignedIn("key_publishable")
    runtime: Runtime = connection.app.state.runtime
    keys: Keys = connection.app.state.api_keys
    limiter: Limiter = connection.app.state.limiter
    now = runtime.clock.now()
    try:
        holder = await keys.secret(token, call.ip, now)
    except NotSignedIn:
        await limiter.take(UNKNOWN_KEY, now, f"ip {call.ip}")
        raise
    await _take(connection, KEY, f"client {holder.client_id}", call)
    if doing not in KEY_ACTIONS:
        raise NotAllowed("key_not_allowed")
    if connection.path_params["client_id"] != holder.client_id:
        raise NotFound
    if doing not in holder.scopes:
        raise NotAllowed("key_scope_missing", details={"needed": doing}, scope=doing)
    actor = holder.actor(call.ip, call.user_agent)
    return Scope.of_client(holder.agency_id, holder.client_id, actor, call.locale)


async def _scope(connection: Connection, principal: Principal, need: Need, call: Call) -> Scope:
    actor = Actor(
        kind="user",
        id=principal.user_id,
        name=principal.name,
        ip=call.ip,
        user_agent=call.user_agent,
    )
    if need.on == "client":
        client_id: UUID = connection.path_params["client_id"]
        await _check_client(connection, principal, client_id, need)
        return Scope.of_client(principal.agency_id, client_id, actor, call.locale)
    if need.on == "agency" and not reaches(principal.agency_role, need.role):
        raise NotAllowed("role_too_low", details={"needed": need.role})
    if principal.agency_role is not None:
        return Scope.of_agency(principal.agency_id, actor, call.locale)
    return Scope(
        agency_id=principal.agency_id,
        client_ids=tuple(principal.clients),
        actor=actor,
        locale=call.locale,
    )


async def _check_client(
    connection: Connection, principal: Principal, client_id: UUID, need: Need
) -> None:
    role = principal.role_on(client_id)
    runtime: Runtime = connection.app.state.runtime
    if role is None or not await agencies.is_known(runtime, principal.agency_id, client_id):
        raise NotFound
    if not reaches(role, need.role):
        raise NotAllowed("role_too_low", details={"needed": need.role})


def _check_body(connection: Connection, handler: BaseRouteHandler) -> None:
    expected = _CONTENT.get(handler.opt.get("body", "json"))
    sends = connection.headers.get("content-length", "0") != "0" or (
        "transfer-encoding" in connection.headers
    )
    if connection.scope.get("method") in {"GET", "HEAD"} or not sends or expected is None:
        return
    given = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != expected:
        raise UnsupportedBody("unsupported_body", expected=expected)
