"""Passwords: set anew by mail, or changed by who knows the present one."""

from uuid import UUID

from sqlalchemy import update

from palabre.audit.record import record
from palabre.base.errors import FieldProblem, Invalid
from palabre.db.door import Tx
from palabre.db.scope import Actor, Scope
from palabre.domains.bell import publish
from palabre.domains.identity import links, mails, passwords, sessions
from palabre.domains.identity.access import Principal
from palabre.domains.identity.limits import LETTER, RESET, SIGN_IN, Limiter
from palabre.domains.identity.people import by_email, by_id, home_of, members_of, spelled
from palabre.domains.identity.registering import evenly, mark_verified
from palabre.domains.identity.tables import users
from palabre.domains.runtime import Runtime


async def ask_reset(runtime: Runtime, limiter: Limiter, email: str, caller: Actor) -> None:
    """Send a link that sets the password anew to who has this address; the same for nobody's.

    Raises:
        TooMany: Too many were asked for from this address or for this account.
    """
    now = runtime.clock.now()
    await limiter.take(RESET, now, f"ip {caller.ip}")
    await limiter.take(LETTER, now, f"reset {spelled(email)}")
    async with evenly():
        async with runtime.database.unscoped() as tx:
            user = await by_email(tx, email)
            agency_id = home_of(await members_of(tx, user.id)) if user else None
        if user is None or agency_id is None:
            return
        async with runtime.database.transaction(Scope.of_agency(agency_id, caller)) as tx:
            await links.end_all(tx, runtime, user.id, "reset")
            secret = await links.create(tx, runtime, user.id, "reset")
            await mails.password_reset(
                tx, runtime, user.email, user.locale, name=user.name, secret=secret
            )
            record(tx, "password.reset_asked", "user", user.id)


async def reset(
    runtime: Runtime, limiter: Limiter, secret: str, password: str, caller: Actor
) -> UUID:
    """Set a password by the link sent to the person's address, and end all their sessions.

    Return whose it is.

    Raises:
        NotSignedIn: The link was used before, has ended or never was.
        Invalid: The password is too easy.
        TooMany: Too many failures from this address.
    """
    passwords.check(password, "")
    await limiter.take(SIGN_IN, runtime.clock.now(), f"ip {caller.ip}")
    hashed = await passwords.hashed(password)
    async with links.used(runtime, secret, "reset", caller) as (tx, user_id):
        user = await by_id(tx, user_id)
        passwords.check(password, user.email if user else "")
        await replace(tx, runtime, user_id, hashed)
        record(tx, "password.reset", "user", user_id)
    await limiter.give_back(SIGN_IN, f"ip {caller.ip}")
    await publish(runtime.redis, "user", str(user_id))
    return user_id


async def replace(tx: Tx, runtime: Runtime, user_id: UUID, hashed: str) -> None:
    """Give who reads the address's mail the account: new password, no older session or link."""
    await tx.execute(
        update(users)
        .where(users.c.id == user_id)
        .values(password_hash=hashed, version=users.c.version + 1)
    )
    await mark_verified(tx, user_id)
    await sessions.end_all(tx, user_id, "password_reset", runtime.clock.now())
    for purpose in links.LIVES:
        await links.end_all(tx, runtime, user_id, purpose)


async def change(
    runtime: Runtime,
    limiter: Limiter,
    principal: Principal,
    caller: Actor,
    present: str,
    new: str,
) -> None:
    """Change the caller's password and end their other sessions.

    Raises:
        Invalid: The present password is wrong, or the new one too easy.
        TooMany: Too many wrong guesses.
    """
    passwords.check(new, principal.email)
    now, subject, who = runtime.clock.now(), f"account {principal.email}", principal.user_id
    await limiter.take(SIGN_IN, now, subject)
    async with runtime.database.unscoped() as tx:
        user = await by_id(tx, who)
    if user is None or not await passwords.matches(present, user.password_hash):
        raise Invalid(FieldProblem(field="current", code="password_wrong"))
    await limiter.give_back(SIGN_IN, subject)
    hashed = await passwords.hashed(new)
    async with runtime.database.transaction(Scope.of_agency(principal.agency_id, caller)) as tx:
        await tx.execute(update(users).where(users.c.id == who).values(password_hash=hashed))
        await sessions.end_all(tx, who, "password_changed", now, but=principal.session_id)
        for purpose in links.LIVES:
            if purpose != "verify":
                await links.end_all(tx, runtime, who, purpose)
        record(tx, "password.changed", "user", who)
    await publish(runtime.redis, "user", str(who))
