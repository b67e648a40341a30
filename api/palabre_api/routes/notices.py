"""What the signed-in person was told, and what they want to be told."""

from typing import Annotated
from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from palabre.base.errors import FieldProblem, Invalid
from palabre.base.pages import DEFAULT_LIMIT, MAX_LIMIT
from palabre.db.scope import Scope
from palabre.domains.notifications import service as notifications
from palabre.domains.notifications.service import Notices, Preference
from palabre_api.deps import (
    GivenPrincipal,
    GivenRuntime,
    GivenScope,
    GivenTx,
    action,
)


class Preferences(Struct, frozen=True, kw_only=True):
    """Where each kind of notice reaches the person. It holds in every agency they belong to."""

    items: list[Preference]


class PreferencesChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The kinds to change; the others stay."""

    items: Annotated[list[Preference], Meta(min_length=1, max_length=20)]


@get("/v1/notices", operation_id="listNotices", opt=action("notices.read", control=True))
async def list_notices(
    tx: GivenTx,
    principal: GivenPrincipal,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: FromQuery[str | None] = None,
    unread: FromQuery[bool] = False,
) -> Notices:
    """Return what the person was told in this agency, newest first, and how much is unread."""
    return await notifications.page(tx, principal.user_id, limit, cursor, unread=unread)


@post(
    "/v1/notices/{notice_id:uuid}/read",
    operation_id="readNotice",
    opt=action("notices.mark", control=True, body="none"),
    status_code=204,
)
async def read_notice(
    tx: GivenTx, runtime: GivenRuntime, principal: GivenPrincipal, notice_id: FromPath[UUID]
) -> None:
    """Note that the person has read a notice."""
    now = runtime.clock.now()
    await notifications.mark_read(tx, principal.user_id, notice_id, now)


@post(
    "/v1/notices:read-all",
    operation_id="readAllNotices",
    opt=action("notices.mark", control=True, body="none"),
    status_code=204,
)
async def read_all_notices(tx: GivenTx, runtime: GivenRuntime, principal: GivenPrincipal) -> None:
    """Note that the person has read everything in this agency."""
    await notifications.mark_all_read(tx, principal.user_id, runtime.clock.now())


@get(
    "/v1/me/notification-preferences",
    operation_id="getNotificationPreferences",
    opt=action("notices.preferences", control=True),
)
async def read_preferences(tx: GivenTx, principal: GivenPrincipal) -> Preferences:
    """Return where each kind of notice reaches the person."""
    return Preferences(items=await notifications.read_preferences(tx, principal.user_id))


@put(
    "/v1/me/notification-preferences",
    operation_id="chooseNotifications",
    opt=action("notices.choose", control=True),
)
async def choose(
    runtime: GivenRuntime,
    principal: GivenPrincipal,
    caller_scope: GivenScope,
    data: JSONBody[PreferencesChange],
) -> Preferences:
    """Choose where kinds of notices reach the person."""
    kinds = [one.kind for one in data.items]
    if len(set(kinds)) != len(kinds):
        raise Invalid(FieldProblem(field="items", code="named_twice"))
    scope = Scope.of_agency(principal.agency_id, caller_scope.actor, caller_scope.locale)
    async with runtime.database.transaction(scope) as tx:
        return Preferences(items=await notifications.choose(tx, principal.user_id, data.items))


handlers = [list_notices, read_notice, read_all_notices, read_preferences, choose]
