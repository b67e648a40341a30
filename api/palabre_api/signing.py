"""What every way to sign in answers: an access token, the person, the refresh token's cookie."""

from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID

from litestar import Request, Response
from litestar.datastructures import Cookie
from msgspec import UNSET

from palabre.db.scope import Actor
from palabre.domains.identity import profile, service, sessions
from palabre.domains.identity.access import Access, Principal
from palabre.domains.identity.sessions import Started
from palabre.domains.identity.tokens import ACCESS_LIFE, Claims, Tokens
from palabre.domains.identity.views import Session
from palabre.domains.runtime import Runtime
from palabre_api.call import current

COOKIE: Final = "palabre_refresh"
_PATH: Final = "/v1/auth"
Keep = Literal["cookie", "body"]
"""Where the refresh token goes: out of reach of scripts, or to a caller without cookies."""


async def answer_session(
    request: Request[Any, Any, Any],
    runtime: Runtime,
    started: Started,
    keep: Keep,
    status: int,
    *,
    agency_id: UUID | None = None,
) -> Response[Session]:
    """Return the answer that hands over a session.

    Raises:
        NotSignedIn: The person is not in that agency.
    """
    tokens: Tokens = request.app.state.tokens
    access: Access = request.app.state.access
    now = runtime.clock.now()
    claims = Claims(
        user_id=started.user_id,
        session_id=started.session_id,
        agency_id=agency_id or started.agency_id,
        version=await service.user_version(runtime, started.user_id),
    )
    principal = await access.principal(claims, now)
    body = Session(
        access_token=tokens.sign(claims, now),
        token_type="Bearer",  # noqa: S106  # the name of the scheme
        expires_in=int(ACCESS_LIFE.total_seconds()),
        refresh_token=started.refresh_token if keep == "body" else UNSET,
        user=await profile.me(runtime, principal),
    )
    cookies = []
    if keep == "cookie":
        cookies.append(cookie(started.refresh_token, runtime, sessions.SLIDING))
    return Response(body, status_code=status, cookies=cookies)


def cookie(value: str, runtime: Runtime, life: timedelta) -> Cookie:
    """Return the cookie of the refresh token; an empty one that ends at once takes it away."""
    return Cookie(
        key=COOKIE,
        value=value,
        path=_PATH,
        max_age=int(life.total_seconds()),
        httponly=True,
        secure=runtime.settings.secure,
        samesite="strict",
    )


def caller(principal: Principal | None = None) -> Actor:
    """Return who acts on a route without a scope."""
    call = current.get()
    return Actor(
        kind="user" if principal else "public",
        id=principal.user_id if principal else None,
        name=principal.name if principal else "",
        ip=call.ip,
        user_agent=call.user_agent,
    )
