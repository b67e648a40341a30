"""Registration, sign-in by password and by one-time link, people and their memberships."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select, text, update
from sqlalchemy.exc import IntegrityError

from palabre.audit.record import record
from palabre.base.errors import FieldProblem, Invalid, NotSignedIn
from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.db.scope import Actor, Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.identity import passwords, sessions
from palabre.domains.identity.access import Member, Principal
from palabre.domains.identity.actions import ROLES, Role
from palabre.domains.identity.limits import REGISTER, SIGN_IN, Limiter
from palabre.domains.identity.sessions import Started
from palabre.domains.identity.tables import memberships, one_time_links, users
from palabre.domains.identity.tokens import hash_of, new_secret
from palabre.domains.runtime import Runtime

LINK_LIFE: Final = timedelta(minutes=15)


class Colleague(Struct, frozen=True, kw_only=True):
    """Somebody with a role on a client, their highest."""

    id: UUID
    name: str
    email: str
    locale: str
    role: Role


class NewAgency(Struct, frozen=True, kw_only=True):
    """What registration needs: the agency and its first owner."""

    agency_name: str
    name: str
    email: str
    password: str
    locale: str
    time_zone: str


async def register(runtime: Runtime, limiter: Limiter, new: NewAgency, caller: Actor) -> Started:
    """Create an agency with its first owner and sign them in.

    Raises:
        Invalid: The password is too easy, the address is taken, the time zone unknown.
        TooMany: This address registered too often.
    """
    passwords.check(new.password, new.email)
    agencies.check_time_zone(new.time_zone)
    await limiter.take(REGISTER, runtime.clock.now(), f"ip {caller.ip}")
    hashed = await passwords.hashed(new.password)
    agency_id, user_id = new_id(), new_id()
    scope = Scope.of_agency(agency_id, as_user(caller, user_id, new.name))
    try:
        async with runtime.database.transaction(scope) as tx:
            await agencies.create_agency(tx, new.agency_name, new.locale, new.time_zone)
            await add_user(tx, user_id, new.email, new.name, hashed, new.locale)
            await add_member(tx, user_id, "owner")
            started = await sessions.start(tx, user_id, runtime.clock.now())
            record(tx, "agency.registered", "agency", agency_id)
    except IntegrityError as error:
        raise Invalid(FieldProblem(field="email", code="email_taken")) from error
    return started


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
    subjects = (f"ip {caller.ip}", f"account {email.strip().lower()}")
    await limiter.take(SIGN_IN, runtime.clock.now(), *subjects)
    async with runtime.database.unscoped() as tx:
        user = await _by_email(tx, email)
        members = await members_of(tx, user.id) if user else []
    agency = _choose(members, agency_id)
    if not await passwords.matches(password, user.password_hash if user else None):
        raise NotSignedIn("sign_in_failed")
    if user is None or agency is None:
        raise NotSignedIn("sign_in_failed")
    await limiter.give_back(SIGN_IN, *subjects)
    if passwords.outdated(user.password_hash):
        await _rehash(runtime, user.id, password)
    return await _begin(runtime, user, agency, caller, "password")


async def create_link(tx: Tx, runtime: Runtime, user_id: UUID, purpose: str) -> str:
    """Return the secret of a link that signs a person in once, within 15 minutes.

    The secret goes into the fragment of an address: ``{public}/sign-in#link=<secret>``.
    """
    secret, now = new_secret(), runtime.clock.now()
    await tx.execute(
        one_time_links.insert().values(
            hash=hash_of(secret),
            user_id=user_id,
            agency_id=tx.scope.agency_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
    )
    record(tx, "link.created", "user", user_id, purpose=purpose)
    return secret


async def exchange_link(runtime: Runtime, limiter: Limiter, secret: str, caller: Actor) -> Started:
    """Use a one-time link.

    Raises:
        NotSignedIn: It was used before, has ended or never was.
        TooMany: Too many failures from this address.
    """
    now = runtime.clock.now()
    await limiter.take(SIGN_IN, now, f"ip {caller.ip}")
    async with runtime.database.unscoped() as tx:
        link = await tx.first(
            update(one_time_links)
            .where(
                one_time_links.c.hash == hash_of(secret),
                one_time_links.c.used_at.is_(None),
                one_time_links.c.expires_at > now,
            )
            .values(used_at=now)
            .returning(one_time_links)
        )
        user = await _by_id(tx, link.user_id) if link else None
        members = await members_of(tx, user.id) if user else []
    if link is None or user is None or link.agency_id not in {m.agency_id for m in members}:
        raise NotSignedIn("link_expired")
    await limiter.give_back(SIGN_IN, f"ip {caller.ip}")
    return await _begin(runtime, user, link.agency_id, caller, "link")


async def sign_out(runtime: Runtime, principal: Principal, caller: Actor) -> None:
    """End the session of the caller."""
    async with runtime.database.unscoped() as tx:
        row = await sessions.find(tx, principal.session_id)
    await sessions.revoke(runtime, row, "signed_out", caller)


async def user_version(runtime: Runtime, user_id: UUID) -> int:
    """Return the version an access token of this person must carry."""
    async with runtime.database.unscoped() as tx:
        user = await _by_id(tx, user_id)
    return 0 if user is None else int(user.version)


async def add_user(
    tx: Tx, user_id: UUID, email: str, name: str, password_hash: str, locale: str
) -> None:
    """Store a person."""
    await tx.execute(
        users.insert().values(
            id=user_id,
            email=email.strip().lower(),
            name=name.strip(),
            password_hash=password_hash,
            locale=locale,
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


async def _by_email(tx: Tx, email: str) -> Row[Any] | None:
    return await tx.first(select(users).where(users.c.email == email.strip().lower()))


async def _by_id(tx: Tx, user_id: UUID) -> Row[Any] | None:
    return await tx.first(select(users).where(users.c.id == user_id))


async def members_of(tx: Tx, user_id: UUID) -> list[Member]:
    """Return every membership of a person, in all agencies."""
    rows = await tx.all(text("SELECT * FROM lookup_memberships(:user)"), {"user": user_id})
    return [Member(row.agency_id, row.client_id, row.role) for row in rows]


def _choose(members: list[Member], wanted: UUID | None) -> UUID | None:
    """Return the wanted agency if the person is in it, else the one joined first."""
    ids = sorted({member.agency_id for member in members})
    if wanted is not None:
        return wanted if wanted in ids else None
    return ids[0] if ids else None


def as_user(caller: Actor, user_id: UUID, name: str) -> Actor:
    """Return the caller as this person."""
    return Actor(kind="user", id=user_id, name=name, ip=caller.ip, user_agent=caller.user_agent)
