"""Registration, sign-in, one-time links, refresh and sign-out."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from palabre.base.errors import NotSignedIn
from palabre.base.words import Locale
from palabre.domains.identity import registering, service, sessions
from palabre.domains.identity.access import Access
from palabre.domains.identity.limits import Limiter
from palabre.domains.identity.registering import NewAgency
from palabre.domains.identity.views import Session
from palabre_api.deps import GivenPrincipal, GivenRuntime, action, public
from palabre_api.signing import COOKIE, Keep, answer_session, caller, cookie

Email = Annotated[str, Meta(pattern=r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$", max_length=254)]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]


class Registration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new agency and its first owner."""

    agency_name: Name
    name: Name
    email: Email
    password: str
    locale: Locale = "en"
    time_zone: str = "UTC"


class Registered(Struct, frozen=True, kw_only=True):
    """Where a mail was sent: a link to confirm the address, or word that it has an account."""

    email: str


class SignIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Address and password; ``agency_id`` for people of several agencies."""

    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=1000)]
    agency_id: UUID | None = None
    keep: Keep = "cookie"


class LinkExchange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The secret of a one-time link, taken from the address's fragment."""

    secret: Annotated[str, Meta(max_length=200)]
    keep: Keep = "cookie"


class Refresh(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The refresh token where the caller keeps it; ``agency_id`` switches to another agency."""

    refresh_token: Annotated[str, Meta(max_length=200)] | None = None
    agency_id: UUID | None = None


@post(
    "/v1/auth/registrations",
    operation_id="register",
    opt=public("nobody has an account before registering"),
    status_code=202,
)
async def register(
    request: Request[Any, Any, Any], runtime: GivenRuntime, data: JSONBody[Registration]
) -> Registered:
    """Create an agency with its first owner, who may then sign in.

    The answer is the same when the address has an account; a mail says so to whom it belongs.
    """
    new = NewAgency(
        agency_name=data.agency_name,
        name=data.name,
        email=data.email,
        password=data.password,
        locale=data.locale,
        time_zone=data.time_zone,
    )
    limiter: Limiter = request.app.state.limiter
    await registering.register(runtime, limiter, new, caller())
    return Registered(email=data.email.strip().lower())


@post(
    "/v1/auth/sessions",
    operation_id="signIn",
    opt=public("this is how one signs in"),
    status_code=201,
)
async def sign_in(
    request: Request[Any, Any, Any], runtime: GivenRuntime, data: JSONBody[SignIn]
) -> Response[Session]:
    """Sign in with address and password."""
    limiter: Limiter = request.app.state.limiter
    started = await service.sign_in(
        runtime, limiter, data.email, data.password, caller(), agency_id=data.agency_id
    )
    return await answer_session(request, runtime, started, data.keep, 201)


@post(
    "/v1/auth/links:exchange",
    operation_id="exchangeLink",
    opt=public("the link is the credential"),
    status_code=201,
)
async def exchange_link(
    request: Request[Any, Any, Any], runtime: GivenRuntime, data: JSONBody[LinkExchange]
) -> Response[Session]:
    """Sign in with a one-time link; it works once, within 15 minutes."""
    limiter: Limiter = request.app.state.limiter
    started = await service.exchange_link(runtime, limiter, data.secret, caller())
    return await answer_session(request, runtime, started, data.keep, 201)


@post(
    "/v1/auth/refresh",
    operation_id="refresh",
    opt=public("the refresh token is the credential"),
    status_code=200,
)
async def refresh(
    request: Request[Any, Any, Any], runtime: GivenRuntime, data: JSONBody[Refresh]
) -> Response[Session]:
    """Trade the refresh token for a new access token; each refresh token works once.

    With the cookie the header ``X-Palabre: 1`` is needed, which other sites cannot send.
    """
    keep: Keep = "body" if data.refresh_token else "cookie"
    token = data.refresh_token or _fromcookie(request)
    try:
        started = await sessions.rotate(runtime, request.app.state.tokens, token)
    except NotSignedIn:
        access: Access = request.app.state.access
        access.clear()  # a reuse may have ended a session this process remembers
        raise
    return await answer_session(request, runtime, started, keep, 200, agency_id=data.agency_id)


@delete(
    "/v1/auth/sessions/current",
    operation_id="signOut",
    opt=action("me.sign_out"),
    status_code=204,
)
async def sign_out(
    request: Request[Any, Any, Any], runtime: GivenRuntime, principal: GivenPrincipal
) -> Response[None]:
    """End the session everywhere."""
    await service.sign_out(runtime, principal, caller(principal))
    access: Access = request.app.state.access
    access.forget_session(principal.session_id)
    gone = cookie("", runtime, timedelta(0))
    return Response(None, status_code=204, cookies=[gone])


def _fromcookie(request: Request[Any, Any, Any]) -> str:
    token = request.cookies.get(COOKIE)
    if not token or request.headers.get("x-palabre") != "1":
        raise NotSignedIn("session_ended")
    return token


handlers = [register, sign_in, exchange_link, refresh, sign_out]
