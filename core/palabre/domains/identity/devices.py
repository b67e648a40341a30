"""The list of a person's sessions, and ending them."""

from uuid import UUID

from sqlalchemy import select

from palabre.audit.record import record
from palabre.base.errors import NotFound
from palabre.db.scope import Actor, Scope
from palabre.domains.bell import publish
from palabre.domains.identity import sessions as room
from palabre.domains.identity.access import Principal
from palabre.domains.identity.people import members_of
from palabre.domains.identity.tables import sessions
from palabre.domains.identity.views import OpenSession
from palabre.domains.runtime import Runtime


async def open_sessions(
    runtime: Runtime, user_id: UUID, *, current: UUID | None = None, agency_id: UUID | None = None
) -> list[OpenSession]:
    """Return a person's open sessions, the last used first; of one agency for its admins."""
    now = runtime.clock.now()
    query = select(sessions).where(
        sessions.c.user_id == user_id,
        sessions.c.revoked_at.is_(None),
        sessions.c.expires_at > now,
        sessions.c.last_used_at > now - room.SLIDING,
    )
    if agency_id is not None:
        query = query.where(sessions.c.agency_id == agency_id)
    async with runtime.database.unscoped() as tx:
        rows = await tx.all(query.order_by(sessions.c.last_used_at.desc(), sessions.c.id))
    return [
        OpenSession(
            id=row.id,
            current=row.id == current,
            ip=row.ip,
            user_agent=row.user_agent,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            expires_at=min(row.expires_at, row.last_used_at + room.SLIDING),
        )
        for row in rows
    ]


async def end_one(
    runtime: Runtime,
    user_id: UUID,
    session_id: UUID,
    caller: Actor,
    *,
    agency_id: UUID | None = None,
) -> None:
    """End one session of a person; admins end those of their agency only.

    Raises:
        NotFound: The person has no such open session.
    """
    query = select(sessions).where(
        sessions.c.id == session_id,
        sessions.c.user_id == user_id,
        sessions.c.revoked_at.is_(None),
    )
    if agency_id is not None:
        query = query.where(sessions.c.agency_id == agency_id)
    async with runtime.database.unscoped() as tx:
        row = await tx.first(query)
    if row is None:
        raise NotFound
    await room.revoke(runtime, row, "ended", caller)


async def end_others(runtime: Runtime, principal: Principal, caller: Actor) -> None:
    """End every session of the caller but this one."""
    async with runtime.database.transaction(Scope.of_agency(principal.agency_id, caller)) as tx:
        n = await room.end_all(
            tx, principal.user_id, "ended", runtime.clock.now(), but=principal.session_id
        )
        record(tx, "session.others_ended", "user", principal.user_id, sessions=n)
    await publish(runtime.redis, "user", str(principal.user_id))


async def end_of_member(runtime: Runtime, agency_id: UUID, user_id: UUID, caller: Actor) -> None:
    """End every session that a member has in the agency, and write to them.

    Raises:
        NotFound: They are not a member.
    """
    async with runtime.database.transaction(Scope.of_agency(agency_id, caller)) as tx:
        if agency_id not in {member.agency_id for member in await members_of(tx, user_id)}:
            raise NotFound
        n = await room.end_all(tx, user_id, "ended", runtime.clock.now(), agency_id=agency_id)
        if n and caller.id != user_id:
            await room.tell(tx, runtime, user_id, "")
        record(tx, "member.sessions_ended", "user", user_id, sessions=n)
    await publish(runtime.redis, "user", str(user_id))
