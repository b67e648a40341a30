"""Sign-in by password and by link, people and their memberships."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, func, select, update

from palabre.audit.record import record
from palabre.base.errors import NotSignedIn
from palabre.db.door import Tx
from palabre.db.scope import Actor, Scope
from palabre.domains.identity import links, passwords, sessions
from palabre.domains.identity.access import Principal
from palabre.domains.identity.actions import KEY_ACTIONS, ROLES, Role
from palabre.domains.identity.limits import SIGN_IN, Limiter
from palabre.domains.identity.links import Purpose
from palabre.domains.identity.people import as_user, by_email, by_id, home_of, members_of, spelled
from palabre.domains.identity.sessions import Started
from palabre.domains.identity.tables import memberships, users
from palabre.domains.runtime import Runtime


class Colleague(Struct, frozen=True, kw_only=True):
    """Somebody with a role on a client, their highest."""

    id: UUID
    name: str
    email: str
    locale: str
    role: Role


async def sign_in(
    runtime: Runtime,
    limiter: Limiter,
    email: str,
    password: str,
    caller: Actor,
    *,
    agency_id: UUID | None = None,
) -> Started:
    """Sign a person in by password.

    Raises:
        NotSignedIn: Address or password are wrong; never which one.
        TooMany: Too many failures from this address or for this account.
    """
    subjects = (f"ip {caller.ip}", f"account {spelled(email)}")
    await limiter.take(SIGN_IN, runtime.clock.now(), *subjects)
    async with runtime.database.unscoped() as tx:
        user = await by_email(tx, email)
        members = await members_of(tx, user.id) if user else []
    agency = home_of(members, agency_id)
    if not await passwords.matches(password, user.password_hash if user else None):
        raise NotSignedIn("sign_in_failed")
    if user is None or agency is None:
        raise NotSignedIn("sign_in_failed")
    await limiter.give_back(SIGN_IN, *subjects)
    if passwords.outdated(user.password_hash):
        await _rehash(runtime, user.id, password)
    return await _begin(runtime, user, agency, caller, "password")


async def create_link(tx: Tx, runtime: Runtime, user_id: UUID, purpose: Purpose) -> str:
    """Return the secret of a link that works once, and note that it was made.

    The secret of a link to sign in goes into ``{public}/sign-in#link=<secret>``.
    """
    secret = await links.create(tx, runtime, user_id, purpose)
    record(tx, "link.created", "user", user_id, purpose=purpose)
    return secret


async def exchange_link(runtime: Runtime, limiter: Limiter, secret: str, caller: Actor) -> Started:
    """Use a one-time link to sign in.

    Raises:
        NotSignedIn: It was used before, has ended, never was, or its person left the agency.
        TooMany: Too many failures from this address.
    """
    now = runtime.clock.now()
    await limiter.take(SIGN_IN, now, f"ip {caller.ip}")
    async with links.used(runtime, secret, "sign_in", caller) as (tx, user_id):
        if tx.scope.agency_id not in {m.agency_id for m in await members_of(tx, user_id)}:
            raise NotSignedIn("link_expired")
        started = await sessions.start(tx, user_id, now)
        record(tx, "session.started", "session", started.session_id, how="link")
    await limiter.give_back(SIGN_IN, f"ip {caller.ip}")
    return started


async def sign_out(runtime: Runtime, principal: Principal, caller: Actor) -> None:
    """End the session of the caller."""
    async with runtime.database.unscoped() as tx:
        row = await sessions.find(tx, principal.session_id)
    await sessions.revoke(runtime, row, "signed_out", caller)


async def user_version(runtime: Runtime, user_id: UUID) -> int:
    """Return the version an access token of this person must carry."""
    async with runtime.database.unscoped() as tx:
        user = await by_id(tx, user_id)
    return 0 if user is None else int(user.version)


async def add_user(
    tx: Tx,
    user_id: UUID,
    email: str,
    name: str,
    password_hash: str,
    locale: str,
    *,
    verified: bool = True,
) -> None:
    """Store a person. ``verified``: whether it is known that the address is theirs."""
    await tx.execute(
        users.insert().values(
            id=user_id,
            email=spelled(email),
            name=name.strip(),
            password_hash=password_hash,
            locale=locale,
            verified_at=func.now() if verified else None,
        )
    )


async def add_member(tx: Tx, user_id: UUID, role: Role, *, client_id: UUID | None = None) -> UUID:
    """Give a person a role on the agency of the scope, or on one of its clients."""
    return await tx.insert(
        memberships,
        user_id=user_id,
        role=role,
        client_id=client_id,
        may_approve=role != "viewer",
    )


async def admin_names(tx: Tx, client_id: UUID) -> list[str]:
    """Return the names of those who may administer the client; the scope is of the agency."""
    query = (
        select(users.c.name)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(
            memberships.c.agency_id == tx.scope.agency_id,
            memberships.c.role.in_(("owner", "admin")),
            memberships.c.client_id.is_(None) | (memberships.c.client_id == client_id),
        )
        .distinct()
        .order_by(users.c.name)
    )
    return [row.name for row in await tx.all(query)]


async def colleagues(tx: Tx, client_id: UUID) -> list[Colleague]:
    """Return everybody with a role on the client, through it or through the agency.

    The scope is of the agency: roles on the whole agency are its own rows.
    """
    rows = await tx.all(
        select(users.c.id, users.c.name, users.c.email, users.c.locale, memberships.c.role)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(
            memberships.c.agency_id == tx.scope.agency_id,
            memberships.c.client_id.is_(None) | (memberships.c.client_id == client_id),
        )
    )
    found: dict[UUID, Colleague] = {}
    for row in sorted(rows, key=lambda row: ROLES.index(row.role)):
        found[row.id] = Colleague(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name
    return list(found.values())


async def names_of(tx: Tx, user_ids: set[UUID]) -> dict[UUID, str]:
    """Return people's names by id; who is gone is left out."""
    rows = await tx.all(select(users.c.id, users.c.name).where(users.c.id.in_(user_ids)))
    return {row.id: row.name for row in rows}


async def _begin(
    runtime: Runtime, user: Row[Any], agency_id: UUID, caller: Actor, how: str
) -> Started:
    scope = Scope.of_agency(agency_id, as_user(caller, user.id, user.name))
    async with runtime.database.transaction(scope) as tx:
        started = await sessions.start(tx, user.id, runtime.clock.now())
        record(tx, "session.started", "session", started.session_id, how=how)
    return started


async def _rehash(runtime: Runtime, user_id: UUID, password: str) -> None:
    fresh = await passwords.hashed(password)
    async with runtime.database.unscoped() as tx:
        await tx.execute(update(users).where(users.c.id == user_id).values(password_hash=fresh))


def key_actions() -> frozenset[str]:
    """Return the actions that API keys may be given."""
    return KEY_ACTIONS
