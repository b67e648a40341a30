"""The signed-in person's own profile."""

from typing import Annotated, Any, Literal

from litestar import Request, get, patch
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from palabre.domains.identity import profile
from palabre.domains.identity.access import Access
from palabre.domains.identity.tokens import Tokens
from palabre.domains.identity.views import Me
from palabre_api.changes import given
from palabre_api.deps import GivenPrincipal, GivenRuntime, GivenScope, action


class MeChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the person may change of themselves."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")] | UnsetType = UNSET
    locale: Literal["en", "fr"] | UnsetType = UNSET


@get("/v1/me", operation_id="getMe", opt=action("me.read"))
async def read_me(runtime: GivenRuntime, principal: GivenPrincipal) -> Me:
    """Return the signed-in person, their agencies and the clients they may see."""
    return await profile.me(runtime, principal)


@patch("/v1/me", operation_id="editMe", opt=action("me.edit"))
async def edit_me(
    request: Request[Any, Any, Any],
    runtime: GivenRuntime,
    principal: GivenPrincipal,
    caller_scope: GivenScope,
    data: JSONBody[MeChange],
) -> Me:
    """Change name or language."""
    changes = given(data)
    if changes:
        await profile.edit_me(runtime, principal, caller_scope.actor, **changes)
    access: Access = request.app.state.access
    access.forget_user(principal.user_id)
    tokens: Tokens = request.app.state.tokens
    now = runtime.clock.now()
    bearer = request.headers["authorization"].partition(" ")[2].strip()
    return await profile.me(runtime, await access.principal(tokens.read(bearer, now), now))


handlers = [read_me, edit_me]
