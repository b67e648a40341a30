"""Invitations: a link by mail that makes somebody a member of an agency."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select, text, update
from sqlalchemy.exc import IntegrityError

from palabre.audit.record import record
from palabre.base.errors import Conflict, FieldProblem, Invalid, NotSignedIn
from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.db.scope import Actor, Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.bell import publish
from palabre.domains.identity import mails, passwords, recovery, sessions, team
from palabre.domains.identity.access import Principal
from palabre.domains.identity.limits import SIGN_IN, Limiter
from palabre.domains.identity.people import as_user, by_email, members_of, spelled
from palabre.domains.identity.service import add_user
from palabre.domains.identity.sessions import Started
from palabre.domains.identity.tables import invitations, memberships, users
from palabre.domains.identity.team import Roles
from palabre.domains.identity.tokens import hash_of, new_secret
from palabre.domains.identity.views import ClientRole, Invitation, Invited
from palabre.domains.runtime import Runtime

LIFE: Final = timedelta(days=7)
_FIND: Final = text("SELECT agency_id, invitation_id FROM lookup_invitation(:hash)")


class Newcomer(Struct, frozen=True, kw_only=True):
    """What somebody without an account gives to join."""

    name: str
    password: str


async def waiting(tx: Tx, runtime: Runtime) -> list[Invitation]:
    """Return the agency's invitations that were not accepted, the newest first."""
    rows = await tx.all(
        select(invitations)
        .where(
            tx.here(invitations),
            invitations.c.accepted_at.is_(None),
            invitations.c.withdrawn_at.is_(None),
        )
        .order_by(invitations.c.created_at.desc(), invitations.c.id.desc())
    )
    return [_show(row, runtime) for row in rows]


async def invite(
    tx: Tx, runtime: Runtime, caller: Principal, email: str, locale: str, roles: Roles
) -> Invitation:
    """Invite an address; an earlier invitation of the same address stops working.

    Raises:
        Invalid: They are a member already, or the roles cannot be given.
        NotAllowed: Only owners invite owners.
    """
    team.check_may_give(caller, roles)
    await team.check(tx, roles)
    await _check_no_member(tx, spelled(email))
    await _withdraw(tx, runtime, invitations.c.email == spelled(email))
    secret, now = new_secret(), runtime.clock.now()
    invitation_id = await tx.insert(
        invitations,
        hash=hash_of(secret),
        email=spelled(email),
        agency_role=roles.agency_role,
        clients=[{"client_id": str(r.client_id), "role": r.role} for r in roles.clients],
        locale=locale,
        invited_by=caller.user_id,
        created_at=now,
        expires_at=now + LIFE,
    )
    row = await _open(tx, invitation_id)
    await _send(tx, runtime, caller.name, row, secret)
    record(tx, "invitations.create", "invitation", invitation_id, **team.told(roles))
    return _show(row, runtime)


async def resend(tx: Tx, runtime: Runtime, caller: Principal, invitation_id: UUID) -> Invitation:
    """Send an invitation again with a new link and seven new days.

    Raises:
        NotFound: There is none that waits.
    """
    secret, now = new_secret(), runtime.clock.now()
    await _open(tx, invitation_id)
    await tx.execute(
        update(invitations)
        .where(tx.here(invitations), invitations.c.id == invitation_id)
        .values(hash=hash_of(secret), expires_at=now + LIFE)
    )
    row = await _open(tx, invitation_id)
    await _send(tx, runtime, caller.name, row, secret)
    record(tx, "invitations.resend", "invitation", invitation_id)
    return _show(row, runtime)


async def withdraw(tx: Tx, runtime: Runtime, invitation_id: UUID) -> None:
    """Let an invitation work no more.

    Raises:
        NotFound: There is none that waits.
    """
    await _open(tx, invitation_id)
    await _withdraw(tx, runtime, invitations.c.id == invitation_id)
    record(tx, "invitations.withdraw", "invitation", invitation_id)


async def look(runtime: Runtime, limiter: Limiter, secret: str, caller: Actor) -> Invited:
    """Return what an invitation offers.

    Raises:
        NotSignedIn: It was used or withdrawn, has ended or never was.
        TooMany: Too many failures from this address.
    """
    agency_id, invitation_id = await _find(runtime, limiter, secret, caller)
    agency = await agencies.read_agency(runtime, agency_id)
    async with runtime.database.transaction(Scope.of_agency(agency_id, caller)) as tx:
        row = await _alive(tx, runtime, invitation_id, secret)
        user = await by_email(tx, row.email)
        names = await team.client_names(tx)
    await limiter.give_back(SIGN_IN, f"ip {caller.ip}")
    return Invited(
        agency_name=agency.name,
        email=row.email,
        joins=user is not None and user.verified_at is not None,
        agency_role=row.agency_role,
        clients=[names[r.client_id] for r in _roles(row).clients if r.client_id in names],
        expires_at=row.expires_at,
    )


async def accept(
    runtime: Runtime, limiter: Limiter, secret: str, newcomer: Newcomer | None, caller: Actor
) -> Started | None:
    """Join the agency of an invitation; a new person is signed in, others sign in themselves.

    An account whose address was never confirmed may be somebody else's: it begins anew, with the
    name and password given here.

    Raises:
        NotSignedIn: The invitation was used or withdrawn, has ended or never was.
        Invalid: A new person gave no name or password, or one too easy.
        TooMany: Too many failures from this address.
    """
    agency_id, invitation_id = await _find(runtime, limiter, secret, caller)
    hashed = await passwords.hashed(newcomer.password) if newcomer else ""
    async with runtime.database.transaction(Scope.of_agency(agency_id, caller)) as tx:
        email = (await _alive(tx, runtime, invitation_id, secret)).email
        user = await by_email(tx, email)
    user_id = user.id if user else new_id()
    joins = user is not None and user.verified_at is not None
    if not joins:
        if newcomer is None:
            raise Invalid(FieldProblem(field="password", code="required"))
        passwords.check(newcomer.password, email)
    name = user.name if user and joins else newcomer.name if newcomer else ""
    scope = Scope.of_agency(agency_id, as_user(caller, user_id, name))
    try:
        async with runtime.database.transaction(scope) as tx:
            row = await _take(tx, runtime, invitation_id, secret)
            if user is None:
                await add_user(tx, user_id, email, name, hashed, row.locale)
            elif not joins:
                await tx.execute(update(users).where(users.c.id == user_id).values(name=name))
                await recovery.replace(tx, runtime, user_id, hashed)
            await _join(tx, user_id, _roles(row))
            started = None if joins else await sessions.start(tx, user_id, runtime.clock.now())
            record(tx, "invitations.accept", "invitation", invitation_id)
    except IntegrityError as error:  # the address registered a moment ago
        raise Conflict("try_again") from error
    await limiter.give_back(SIGN_IN, f"ip {caller.ip}")
    await publish(runtime.redis, "user", str(user_id))
    return started


async def _find(
    runtime: Runtime, limiter: Limiter, secret: str, caller: Actor
) -> tuple[UUID, UUID]:
    await limiter.take(SIGN_IN, runtime.clock.now(), f"ip {caller.ip}")
    async with runtime.database.unscoped() as tx:
        found = await tx.first(_FIND, {"hash": hash_of(secret)})
    if found is None:
        raise NotSignedIn("link_expired")
    return found.agency_id, found.invitation_id


async def _alive(tx: Tx, runtime: Runtime, invitation_id: UUID, secret: str) -> Row[Any]:
    usable = _usable(runtime, invitation_id, secret)
    row = await tx.first(select(invitations).where(tx.here(invitations), *usable))
    if row is None:
        raise NotSignedIn("link_expired")
    return row


async def _take(tx: Tx, runtime: Runtime, invitation_id: UUID, secret: str) -> Row[Any]:
    taken = update(invitations).values(accepted_at=runtime.clock.now())
    usable = taken.where(tx.here(invitations), *_usable(runtime, invitation_id, secret))
    row = await tx.first(usable.returning(invitations))
    if row is None:
        raise NotSignedIn("link_expired")
    return row


def _usable(runtime: Runtime, invitation_id: UUID, secret: str) -> list[Any]:
    return [
        invitations.c.id == invitation_id,
        invitations.c.hash == hash_of(secret),
        invitations.c.accepted_at.is_(None),
        invitations.c.withdrawn_at.is_(None),
        invitations.c.expires_at > runtime.clock.now(),
    ]


async def _join(tx: Tx, user_id: UUID, roles: Roles) -> None:
    """Give the roles; somebody who became a member meanwhile keeps what they have."""
    query = select(memberships.c.client_id).where(
        memberships.c.agency_id == tx.scope.agency_id, memberships.c.user_id == user_id
    )
    held = {row.client_id for row in await tx.all(query)}
    clients = set(await team.client_names(tx))
    fresh = [r for r in roles.clients if r.client_id in clients - held]
    role = None if None in held else roles.agency_role
    await team.give(tx, user_id, Roles(agency_role=role, clients=fresh))


async def _open(tx: Tx, invitation_id: UUID) -> Row[Any]:
    return await tx.one(
        select(invitations).where(
            tx.here(invitations),
            invitations.c.id == invitation_id,
            invitations.c.accepted_at.is_(None),
            invitations.c.withdrawn_at.is_(None),
        )
    )


async def _withdraw(tx: Tx, runtime: Runtime, which: Any) -> None:
    await tx.execute(
        update(invitations)
        .where(
            tx.here(invitations),
            which,
            invitations.c.accepted_at.is_(None),
            invitations.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=runtime.clock.now())
    )


async def _check_no_member(tx: Tx, email: str) -> None:
    user = await by_email(tx, email)
    if user is None:
        return
    if tx.scope.agency_id in {m.agency_id for m in await members_of(tx, user.id)}:
        raise Invalid(FieldProblem(field="email", code="member_already"))


async def _send(tx: Tx, runtime: Runtime, person: str, row: Row[Any], secret: str) -> None:
    agency = await agencies.own_name(tx)
    roles, names = _roles(row), await team.client_names(tx)
    places = [names[r.client_id] for r in roles.clients if r.client_id in names]
    ranked = [roles.agency_role] if roles.agency_role else [r.role for r in roles.clients]
    await mails.invitation(
        tx,
        runtime,
        row.email,
        row.locale,
        person=person,
        agency=agency,
        place=agency if roles.agency_role else ", ".join(places),
        role=ranked[0],
        secret=secret,
    )


def _roles(row: Row[Any]) -> Roles:
    held = [ClientRole(client_id=UUID(r["client_id"]), role=r["role"]) for r in row.clients]
    return Roles(agency_role=row.agency_role, clients=held)


def _show(row: Row[Any], runtime: Runtime) -> Invitation:
    roles = _roles(row)
    return Invitation(
        id=row.id,
        email=row.email,
        agency_role=roles.agency_role,
        clients=roles.clients,
        locale=row.locale,
        state="waiting" if row.expires_at > runtime.clock.now() else "expired",
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
