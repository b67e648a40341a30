"""The people of the agency, invitations, and what each role may do."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from palabre.base.pages import Page
from palabre.base.words import Locale
from palabre.domains.identity import inviting, team
from palabre.domains.identity.access import Access
from palabre.domains.identity.actions import ACTIONS, KEY_ACTIONS, Role
from palabre.domains.identity.inviting import Newcomer
from palabre.domains.identity.limits import Limiter
from palabre.domains.identity.team import Roles
from palabre.domains.identity.views import (
    ActionRoles,
    ClientRole,
    Invitation,
    Invited,
    Session,
    Teammate,
)
from palabre_api.deps import GivenPrincipal, GivenRuntime, GivenTx, action, public
from palabre_api.routes.auth import Email, Name
from palabre_api.routes.passwords import LinkUse, Password, Secret
from palabre_api.signing import Keep, answer_session, caller


class RoleChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The roles a member has from now on."""

    agency_role: Role | None = None
    clients: Annotated[list[ClientRole], Meta(max_length=500)] = []


class NewInvitation(RoleChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to invite, in which language, to which roles."""

    email: Email
    locale: Locale = "en"


class Acceptance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The secret of the link; who has no account gives name and password."""

    secret: Secret
    name: Name | None = None
    password: Password | None = None
    keep: Keep = "cookie"


@get("/v1/roles", operation_id="listRoles", opt=action("roles.read"))
async def list_roles() -> Page[ActionRoles]:
    """Return the table of actions and roles that the API itself goes by."""
    items = [
        ActionRoles(action=name, role=need.role, on=need.on, keys=name in KEY_ACTIONS)
        for name, need in ACTIONS.items()
    ]
    return Page(items=items)


@get("/v1/members", operation_id="listMembers", opt=action("team.read"))
async def list_members(tx: GivenTx, runtime: GivenRuntime) -> Page[Teammate]:
    """Return the people of the agency with their roles, by name."""
    return Page(items=await team.members(tx, runtime.clock.now()))


@put("/v1/members/{user_id:uuid}/roles", operation_id="editMember", opt=action("team.edit"))
async def edit_member(
    request: Request[Any, Any, Any],
    tx: GivenTx,
    runtime: GivenRuntime,
    principal: GivenPrincipal,
    user_id: FromPath[UUID],
    data: JSONBody[RoleChange],
) -> Teammate:
    """Give a member these roles instead of those they have; it acts within 60 s."""
    changed = await team.change(tx, runtime, principal, user_id, _roles(data))
    _forget_later(request, tx, user_id)
    return changed


@delete("/v1/members/{user_id:uuid}", operation_id="removeMember", opt=action("team.edit"))
async def remove_member(
    request: Request[Any, Any, Any],
    tx: GivenTx,
    runtime: GivenRuntime,
    principal: GivenPrincipal,
    user_id: FromPath[UUID],
) -> None:
    """Let a member go; their access to the agency ends within 60 s."""
    await team.remove(tx, runtime, principal, user_id)
    _forget_later(request, tx, user_id)


@get("/v1/invitations", operation_id="listInvitations", opt=action("team.read"))
async def list_invitations(tx: GivenTx, runtime: GivenRuntime) -> Page[Invitation]:
    """Return the invitations that wait, the newest first."""
    return Page(items=await inviting.waiting(tx, runtime))


@post("/v1/invitations", operation_id="invite", opt=action("team.edit"), status_code=201)
async def invite(
    tx: GivenTx,
    runtime: GivenRuntime,
    principal: GivenPrincipal,
    data: JSONBody[NewInvitation],
) -> Invitation:
    """Invite an address by mail; the link works once, for seven days."""
    return await inviting.invite(tx, runtime, principal, data.email, data.locale, _roles(data))


@post(
    "/v1/invitations/{invitation_id:uuid}/resend",
    operation_id="resendInvitation",
    opt=action("team.edit"),
    status_code=200,
)
async def resend_invitation(
    tx: GivenTx, runtime: GivenRuntime, principal: GivenPrincipal, invitation_id: FromPath[UUID]
) -> Invitation:
    """Send an invitation again with a new link; the earlier one stops working."""
    return await inviting.resend(tx, runtime, principal, invitation_id)


@delete(
    "/v1/invitations/{invitation_id:uuid}",
    operation_id="withdrawInvitation",
    opt=action("team.edit"),
)
async def withdraw_invitation(
    tx: GivenTx, runtime: GivenRuntime, invitation_id: FromPath[UUID]
) -> None:
    """Let an invitation work no more."""
    await inviting.withdraw(tx, runtime, invitation_id)


@post(
    "/v1/auth/invitations",
    operation_id="lookAtInvitation",
    opt=public("the link is the credential"),
    status_code=200,
)
async def look_at_invitation(
    request: Request[Any, Any, Any], runtime: GivenRuntime, data: JSONBody[LinkUse]
) -> Invited:
    """Return what an invitation offers, and whether the address has an account."""
    limiter: Limiter = request.app.state.limiter
    return await inviting.look(runtime, limiter, data.secret, caller())


@post(
    "/v1/auth/invitations/accept",
    operation_id="acceptInvitation",
    opt=public("the link is the credential"),
    status_code=201,
)
async def accept_invitation(
    request: Request[Any, Any, Any], runtime: GivenRuntime, data: JSONBody[Acceptance]
) -> Response[Session | None]:
    """Join the agency. New people are signed in; people with an account sign in themselves.

    The session is null for people with an account: a link that lies about for a week shall not
    open what they have elsewhere.
    """
    limiter: Limiter = request.app.state.limiter
    newcomer = None
    if data.name is not None and data.password is not None:
        newcomer = Newcomer(name=data.name, password=data.password)
    started = await inviting.accept(runtime, limiter, data.secret, newcomer, caller())
    access: Access = request.app.state.access
    access.clear()
    if started is None:
        return Response(None, status_code=201)
    return await answer_session(request, runtime, started, data.keep, 201)  # type: ignore[return-value]  # a session is one of both


def _roles(data: RoleChange) -> Roles:
    return Roles(agency_role=data.agency_role, clients=data.clients)


def _forget_later(request: Request[Any, Any, Any], tx: GivenTx, user_id: UUID) -> None:
    access: Access = request.app.state.access

    async def forget() -> None:
        access.forget_user(user_id)

    tx.after_commit(forget)


handlers = [
    list_roles,
    list_members,
    edit_member,
    remove_member,
    list_invitations,
    invite,
    resend_invitation,
    withdraw_invitation,
    look_at_invitation,
    accept_invitation,
]
