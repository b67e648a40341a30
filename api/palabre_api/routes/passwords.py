"""Confirming one's address, setting a password anew by mail, changing it."""

from typing import Annotated, Any

from litestar import Request, post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from palabre.domains.identity import recovery, registering
from palabre.domains.identity.access import Access
from palabre.domains.identity.limits import Limiter
from palabre_api.deps import GivenPrincipal, GivenRuntime, GivenScope, action, public
from palabre_api.signing import caller

Secret = Annotated[str, Meta(min_length=1, max_length=200)]
Password = Annotated[str, Meta(max_length=1000)]


class LinkUse(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The secret of a link, taken from the address's fragment."""

    secret: Secret


class ResetWish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose password is to be set anew."""

    email: Annotated[str, Meta(min_length=1, max_length=254)]


class NewPassword(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The secret of the link and the password to set."""

    secret: Secret
    password: Password


class PasswordChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The present password and the one to set."""

    current: Password
    password: Password


@post(
    "/v1/auth/verifications",
    operation_id="verifyAddress",
    opt=public("the link is the credential"),
    status_code=204,
)
async def verify_address(
    request: Request[Any, Any, Any], runtime: GivenRuntime, data: JSONBody[LinkUse]
) -> None:
    """Confirm an address with the link sent to it; it works once, within 24 hours."""
    limiter: Limiter = request.app.state.limiter
    user_id = await registering.verify(runtime, limiter, data.secret, caller())
    access: Access = request.app.state.access
    access.forget_user(user_id)


@post(
    "/v1/me/verifications",
    operation_id="sendVerification",
    opt=action("me.verify"),
    status_code=202,
)
async def send_verification(
    request: Request[Any, Any, Any],
    runtime: GivenRuntime,
    principal: GivenPrincipal,
    caller_scope: GivenScope,
) -> None:
    """Send the link that confirms one's address again; earlier ones stop working."""
    limiter: Limiter = request.app.state.limiter
    await registering.ask_to_verify(runtime, limiter, principal, caller_scope.actor)


@post(
    "/v1/auth/password-resets",
    operation_id="askPasswordReset",
    opt=public("who forgot the password cannot sign in"),
    status_code=202,
)
async def ask_password_reset(
    request: Request[Any, Any, Any], runtime: GivenRuntime, data: JSONBody[ResetWish]
) -> None:
    """Send a link to set the password anew; the same answer for addresses without an account."""
    limiter: Limiter = request.app.state.limiter
    await recovery.ask_reset(runtime, limiter, data.email, caller())


@post(
    "/v1/auth/password-resets/use",
    operation_id="resetPassword",
    opt=public("the link is the credential"),
    status_code=204,
)
async def reset_password(
    request: Request[Any, Any, Any], runtime: GivenRuntime, data: JSONBody[NewPassword]
) -> None:
    """Set the password with the link, once, within 30 minutes; every session ends."""
    limiter: Limiter = request.app.state.limiter
    user_id = await recovery.reset(runtime, limiter, data.secret, data.password, caller())
    access: Access = request.app.state.access
    access.forget_user(user_id)


@post("/v1/me/password", operation_id="changePassword", opt=action("me.password"), status_code=204)
async def change_password(
    request: Request[Any, Any, Any],
    runtime: GivenRuntime,
    principal: GivenPrincipal,
    caller_scope: GivenScope,
    data: JSONBody[PasswordChange],
) -> None:
    """Change one's password; the other sessions end."""
    limiter: Limiter = request.app.state.limiter
    await recovery.change(
        runtime, limiter, principal, caller_scope.actor, data.current, data.password
    )
    access: Access = request.app.state.access
    access.forget_user(principal.user_id)


handlers = [
    verify_address,
    send_verification,
    ask_password_reset,
    reset_password,
    change_password,
]
