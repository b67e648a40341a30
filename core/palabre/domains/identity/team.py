"""The people of an agency: who they are, what they may do where, and letting them go."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, delete, func, select

from palabre.audit.record import record
from palabre.base.errors import Conflict, FieldProblem, Invalid, NotAllowed, NotFound
from palabre.db.door import Tx
from palabre.domains.agencies import service as agencies
from palabre.domains.bell import publish
from palabre.domains.identity import sessions as sessions_room
from palabre.domains.identity.access import Principal
from palabre.domains.identity.actions import Role
from palabre.domains.identity.service import add_member
from palabre.domains.identity.tables import memberships, sessions, users
from palabre.domains.identity.views import ClientRole, Teammate
from palabre.domains.runtime import Runtime


class Roles(Struct, frozen=True, kw_only=True):
    """The roles somebody gets: on the agency, on single clients, or both."""

    agency_role: Role | None
    clients: list[ClientRole]


async def members(tx: Tx, now: datetime, user_id: UUID | None = None) -> list[Teammate]:
    """Return the people of the agency by name, or the one person."""
    mine = memberships.c.agency_id == tx.scope.agency_id
    if user_id is not None:
        mine &= memberships.c.user_id == user_id
    query = select(memberships, users.c.name, users.c.email, users.c.verified_at).join(
        users, users.c.id == memberships.c.user_id
    )
    held = defaultdict(list)
    for row in await tx.all(query.where(mine).order_by(func.lower(users.c.name), users.c.id)):
        held[row.user_id].append(row)
    seen = await _seen(tx, list(held), now)
    return [_show(rows, *seen.get(user_id, (None, 0))) for user_id, rows in held.items()]


async def change(
    tx: Tx, runtime: Runtime, caller: Principal, user_id: UUID, roles: Roles
) -> Teammate:
    """Give a member these roles instead of those they have; it acts within 60 s everywhere.

    Raises:
        NotFound: They are not of this agency.
        Invalid: There is no role at all, or no such client.
        NotAllowed: Only owners make, change or unmake owners.
        Conflict: The agency would be left without an owner.
    """
    before = await _member(tx, runtime, user_id)
    await check(tx, roles)
    _check_owner(caller, before.agency_role, roles.agency_role)
    if before.agency_role == "owner" and roles.agency_role != "owner":
        await _check_not_last(tx, user_id)
    await tx.execute(_of(tx, user_id))
    await give(tx, user_id, roles)
    record(tx, "team.edit", "user", user_id, **told(roles))
    tx.after_commit(lambda: publish(runtime.redis, "user", str(user_id)))
    return await _member(tx, runtime, user_id)


async def remove(tx: Tx, runtime: Runtime, caller: Principal, user_id: UUID) -> None:
    """Let a member go: their roles and sessions in this agency end within 60 s everywhere.

    Raises:
        NotFound: They are not of this agency.
        NotAllowed: Only owners let owners go.
        Conflict: They are the last owner.
    """
    before = await _member(tx, runtime, user_id)
    _check_owner(caller, before.agency_role, None)
    if before.agency_role == "owner":
        await _check_not_last(tx, user_id)
    await tx.execute(_of(tx, user_id))
    now = runtime.clock.now()
    await sessions_room.end_all(tx, user_id, "removed", now, agency_id=tx.scope.agency_id)
    record(tx, "team.remove", "user", user_id)
    tx.after_commit(lambda: publish(runtime.redis, "user", str(user_id)))


async def give(tx: Tx, user_id: UUID, roles: Roles) -> None:
    """Give a person roles in the agency of the scope."""
    if roles.agency_role is not None:
        await add_member(tx, user_id, roles.agency_role)
    for held in roles.clients:
        await add_member(tx, user_id, held.role, client_id=held.client_id)


async def check(tx: Tx, roles: Roles) -> None:
    """Refuse roles that are none, or on clients the agency does not have.

    Raises:
        Invalid: Why.
    """
    ids = [held.client_id for held in roles.clients]
    if roles.agency_role is None and not ids:
        raise Invalid(FieldProblem(field="agency_role", code="role_missing"))
    if len(ids) != len(set(ids)) or not set(ids) <= set(await client_names(tx)):
        raise Invalid(FieldProblem(field="clients", code="not_valid"))


def check_may_give(caller: Principal, roles: Roles) -> None:
    """Refuse roles that the caller may not give.

    Raises:
        NotAllowed: Only owners make owners.
    """
    _check_owner(caller, None, roles.agency_role)


async def client_names(tx: Tx) -> dict[UUID, str]:
    """Return the agency's clients by id."""
    return {row.id: row.name for row in await agencies.list_clients(tx)}


def told(roles: Roles) -> dict[str, Any]:
    """Return roles as the audit notes them."""
    clients = {str(held.client_id): held.role for held in roles.clients}
    return {"agency_role": roles.agency_role, "clients": clients}


async def _member(tx: Tx, runtime: Runtime, user_id: UUID) -> Teammate:
    found = await members(tx, runtime.clock.now(), user_id)
    if not found:
        raise NotFound
    return found[0]


def _check_owner(caller: Principal, *roles: Role | None) -> None:
    if "owner" in roles and caller.agency_role != "owner":
        raise NotAllowed("role_too_low", details={"needed": "owner"})


async def _check_not_last(tx: Tx, user_id: UUID) -> None:
    """Lock the owners, so that two of them cannot let each other go at the same moment."""
    owners = await tx.all(
        select(memberships.c.user_id)
        .where(
            memberships.c.agency_id == tx.scope.agency_id,
            memberships.c.client_id.is_(None),
            memberships.c.role == "owner",
        )
        .order_by(memberships.c.id)
        .with_for_update()
    )
    if not {row.user_id for row in owners} - {user_id}:
        raise Conflict("last_owner")


def _of(tx: Tx, user_id: UUID) -> Any:
    return delete(memberships).where(
        memberships.c.agency_id == tx.scope.agency_id, memberships.c.user_id == user_id
    )


async def _seen(tx: Tx, ids: list[UUID], now: datetime) -> dict[UUID, tuple[datetime, int]]:
    """Return when each person was last seen in this agency and how many sessions are open."""
    is_open = sessions.c.revoked_at.is_(None) & (sessions.c.expires_at > now)
    is_open &= sessions.c.last_used_at > now - sessions_room.SLIDING
    query = (
        select(
            sessions.c.user_id,
            func.max(sessions.c.last_used_at).label("seen"),
            func.count().filter(is_open).label("n"),
        )
        .where(sessions.c.user_id.in_(ids), sessions.c.agency_id == tx.scope.agency_id)
        .group_by(sessions.c.user_id)
    )
    return {row.user_id: (row.seen, row.n) for row in await tx.all(query)}


def _show(rows: list[Row[Any]], seen: datetime | None, n: int) -> Teammate:
    first = rows[0]
    return Teammate(
        id=first.user_id,
        name=first.name,
        email=first.email,
        email_verified=first.verified_at is not None,
        agency_role=next((row.role for row in rows if row.client_id is None), None),
        clients=[
            ClientRole(client_id=row.client_id, role=row.role)
            for row in rows
            if row.client_id is not None
        ],
        last_seen_at=seen,
        sessions=n,
    )
