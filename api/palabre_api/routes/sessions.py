"""Open sessions: one's own, and those of members for admins of the agency."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get
from litestar.params import FromPath

from palabre.base.pages import Page
from palabre.domains.identity import devices
from palabre.domains.identity.access import Access
from palabre.domains.identity.views import OpenSession
from palabre_api.deps import GivenPrincipal, GivenRuntime, GivenScope, action

_MEMBER = "/v1/members/{user_id:uuid}/sessions"


@get("/v1/me/sessions", operation_id="listMySessions", opt=action("me.sessions"))
async def list_my_sessions(runtime: GivenRuntime, principal: GivenPrincipal) -> Page[OpenSession]:
    """Return one's open sessions, the last used first."""
    found = await devices.open_sessions(runtime, principal.user_id, current=principal.session_id)
    return Page(items=found)


@delete("/v1/me/sessions/{session_id:uuid}", operation_id="endMySession", opt=action("me.sessions"))
async def end_my_session(
    request: Request[Any, Any, Any],
    runtime: GivenRuntime,
    principal: GivenPrincipal,
    caller_scope: GivenScope,
    session_id: FromPath[UUID],
) -> Response[None]:
    """End one of one's sessions."""
    await devices.end_one(runtime, principal.user_id, session_id, caller_scope.actor)
    return _forgotten(request, principal.user_id)


@delete("/v1/me/sessions", operation_id="endMyOtherSessions", opt=action("me.sessions"))
async def end_my_other_sessions(
    request: Request[Any, Any, Any],
    runtime: GivenRuntime,
    principal: GivenPrincipal,
    caller_scope: GivenScope,
) -> Response[None]:
    """End all of one's sessions but this one."""
    await devices.end_others(runtime, principal, caller_scope.actor)
    return _forgotten(request, principal.user_id)


@get(_MEMBER, operation_id="listMemberSessions", opt=action("team.read"))
async def list_member_sessions(
    runtime: GivenRuntime, principal: GivenPrincipal, user_id: FromPath[UUID]
) -> Page[OpenSession]:
    """Return the open sessions of somebody in this agency."""
    found = await devices.open_sessions(
        runtime, user_id, current=principal.session_id, agency_id=principal.agency_id
    )
    return Page(items=found)


@delete(_MEMBER + "/{session_id:uuid}", operation_id="endMemberSession", opt=action("team.edit"))
async def end_member_session(
    request: Request[Any, Any, Any],
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    user_id: FromPath[UUID],
    session_id: FromPath[UUID],
) -> Response[None]:
    """End a session that somebody has in this agency."""
    agency_id = caller_scope.agency_id
    await devices.end_one(runtime, user_id, session_id, caller_scope.actor, agency_id=agency_id)
    return _forgotten(request, user_id)


@delete(_MEMBER, operation_id="endMemberSessions", opt=action("team.edit"))
async def end_member_sessions(
    request: Request[Any, Any, Any],
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    user_id: FromPath[UUID],
) -> Response[None]:
    """End every session that somebody has in this agency."""
    await devices.end_of_member(runtime, caller_scope.agency_id, user_id, caller_scope.actor)
    return _forgotten(request, user_id)


def _forgotten(request: Request[Any, Any, Any], user_id: UUID) -> Response[None]:
    access: Access = request.app.state.access
    access.forget_user(user_id)
    return Response(None, status_code=204)


handlers = [
    list_my_sessions,
    end_my_session,
    end_my_other_sessions,
    list_member_sessions,
    end_member_session,
    end_member_sessions,
]
