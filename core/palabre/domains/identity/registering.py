"""Registration and confirming one's address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, func, update
from sqlalchemy.exc import IntegrityError

from palabre.audit.record import record
from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.db.scope import Actor, Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.bell import publish
from palabre.domains.identity import links, mails, passwords, sessions
from palabre.domains.identity.access import Principal
from palabre.domains.identity.limits import LETTER, REGISTER, SIGN_IN, Limiter
from palabre.domains.identity.people import as_user, by_email, members_of, spelled
from palabre.domains.identity.service import add_member, add_user
from palabre.domains.identity.tables import users
from palabre.domains.runtime import Runtime

_EVEN_S: Final = 0.25
"""No answer about an address is quicker than this, so that its time tells nothing."""


class NewAgency(Struct, frozen=True, kw_only=True):
    """What registration needs: the agency and its first owner."""

    agency_name: str
    name: str
    email: str
    password: str
    locale: str
    time_zone: str


async def register(runtime: Runtime, limiter: Limiter, new: NewAgency, caller: Actor) -> None:
    """Create an agency with its first owner, or write to who has the address already.

    The answer and the time it takes are the same for both.

    Raises:
        Invalid: The password is too easy, the time zone unknown.
        TooMany: This address registered too often.
    """
    passwords.check(new.password, new.email)
    agencies.check_time_zone(new.time_zone)
    now = runtime.clock.now()
    await limiter.take(REGISTER, now, f"ip {caller.ip}")
    await limiter.take(LETTER, now, f"register {spelled(new.email)}")
    async with evenly():
        hashed = await passwords.hashed(new.password)
        known, used = await _known(runtime, new.email)
        if not used:
            try:
                await _create(runtime, new, hashed, caller, known)
            except IntegrityError:  # the same address registered a moment ago
                known, used = await _known(runtime, new.email)
        if used and known is not None:
            async with runtime.database.unscoped() as tx:
                await mails.known_address(tx, runtime, known.email, known.locale, name=known.name)


@asynccontextmanager
async def evenly() -> AsyncIterator[None]:
    """Take the same time whatever happens inside, as far as one can see from outside."""
    waiting = asyncio.create_task(asyncio.sleep(_EVEN_S))
    try:
        yield
    finally:
        await waiting


async def ask_to_verify(
    runtime: Runtime, limiter: Limiter, principal: Principal, caller: Actor
) -> None:
    """Send the signed-in person a new link that confirms their address; done when it is already.

    Raises:
        TooMany: They asked too often.
    """
    if principal.verified:
        return
    await limiter.take(LETTER, runtime.clock.now(), f"verify {principal.email}")
    who, to = principal.user_id, principal.email
    async with runtime.database.transaction(Scope.of_agency(principal.agency_id, caller)) as tx:
        agency = await agencies.own_name(tx)
        await _send_verification(tx, runtime, who, to, principal.locale, principal.name, agency)
        record(tx, "me.verify_asked", "user", who)


async def verify(runtime: Runtime, limiter: Limiter, secret: str, caller: Actor) -> UUID:
    """Confirm an address by the link sent to it; return whose it is.

    Raises:
        NotSignedIn: The link was used before, has ended or never was.
        TooMany: Too many failures from this address.
    """
    await limiter.take(SIGN_IN, runtime.clock.now(), f"ip {caller.ip}")
    async with links.used(runtime, secret, "verify", caller) as (tx, user_id):
        await mark_verified(tx, user_id)
        record(tx, "user.verified", "user", user_id)
    await limiter.give_back(SIGN_IN, f"ip {caller.ip}")
    await publish(runtime.redis, "user", str(user_id))
    return user_id


async def mark_verified(tx: Tx, user_id: UUID) -> None:
    """Note that the person reads mail sent to their address."""
    await tx.execute(
        update(users)
        .where(users.c.id == user_id, users.c.verified_at.is_(None))
        .values(verified_at=func.now())
    )


async def _known(runtime: Runtime, email: str) -> tuple[Row[Any] | None, bool]:
    """Return who has the address, and whether they are in any agency."""
    async with runtime.database.unscoped() as tx:
        user = await by_email(tx, email)
        return user, bool(user and await members_of(tx, user.id))


async def _create(
    runtime: Runtime, new: NewAgency, hashed: str, caller: Actor, old: Row[Any] | None
) -> None:
    """Create the agency; an account that was left without any agency begins anew with it."""
    agency_id, user_id = new_id(), old.id if old else new_id()
    scope = Scope.of_agency(agency_id, as_user(caller, user_id, new.name))
    async with runtime.database.transaction(scope) as tx:
        await agencies.create_agency(tx, new.agency_name, new.locale, new.time_zone)
        if old is None:
            await add_user(tx, user_id, new.email, new.name, hashed, new.locale, verified=False)
        else:
            await _begin_anew(tx, runtime, new, hashed, user_id)
        await add_member(tx, user_id, "owner")
        to = spelled(new.email)
        await _send_verification(
            tx, runtime, user_id, to, new.locale, new.name, new.agency_name.strip()
        )
        record(tx, "agency.registered", "agency", agency_id)


async def _begin_anew(tx: Tx, runtime: Runtime, new: NewAgency, hashed: str, user_id: UUID) -> None:
    await sessions.end_all(tx, user_id, "registered", runtime.clock.now())
    await tx.execute(
        update(users)
        .where(users.c.id == user_id)
        .values(
            name=new.name.strip(),
            password_hash=hashed,
            locale=new.locale,
            verified_at=None,
            version=users.c.version + 1,
        )
    )


async def _send_verification(
    tx: Tx, runtime: Runtime, user_id: UUID, to: str, locale: str, name: str, agency: str
) -> None:
    await links.end_all(tx, runtime, user_id, "verify")
    secret = await links.create(tx, runtime, user_id, "verify")
    await mails.verify_address(
        tx, runtime, to, locale, name=name.strip(), agency=agency, secret=secret
    )
