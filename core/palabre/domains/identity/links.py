"""Links that work once: to sign in, to confirm an address, to set a password anew."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select, update

from palabre.base.errors import NotSignedIn
from palabre.db.door import Tx
from palabre.db.scope import Actor, Scope
from palabre.domains.identity.people import as_user
from palabre.domains.identity.tables import one_time_links, users
from palabre.domains.identity.tokens import hash_of, new_secret
from palabre.domains.runtime import Runtime

Purpose = Literal["sign_in", "verify", "reset"]
LIVES: Final[dict[Purpose, timedelta]] = {
    "sign_in": timedelta(minutes=15),
    "verify": timedelta(hours=24),
    "reset": timedelta(minutes=30),
}


async def create(tx: Tx, runtime: Runtime, user_id: UUID, purpose: Purpose) -> str:
    """Return the secret of a new link for a person of the scope's agency.

    The secret goes into the fragment of an address, which browsers do not send to servers.
    """
    secret, now = new_secret(), runtime.clock.now()
    await tx.execute(
        one_time_links.insert().values(
            hash=hash_of(secret),
            user_id=user_id,
            agency_id=tx.scope.agency_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + LIVES[purpose],
        )
    )
    return secret


@asynccontextmanager
async def used(
    runtime: Runtime, secret: str, purpose: Purpose, caller: Actor
) -> AsyncIterator[tuple[Tx, UUID]]:
    """Use a link: open a transaction in its agency, as its person; give their id beside it.

    Raises:
        NotSignedIn: It was used before, has ended, never was or is for something else.
    """
    now, mine = runtime.clock.now(), one_time_links.c.hash == hash_of(secret)
    alive = mine & one_time_links.c.used_at.is_(None) & (one_time_links.c.expires_at > now)
    async with runtime.database.unscoped() as tx:
        link = await tx.first(
            select(one_time_links, users.c.name)
            .join(users, users.c.id == one_time_links.c.user_id)
            .where(alive, one_time_links.c.purpose == purpose)
        )
    if link is None:
        raise NotSignedIn("link_expired")
    actor = as_user(caller, link.user_id, link.name)
    async with runtime.database.transaction(Scope.of_agency(link.agency_id, actor)) as tx:
        taken = update(one_time_links).where(alive).values(used_at=now)
        if (await tx.execute(taken)).rowcount != 1:
            raise NotSignedIn("link_expired")
        yield tx, link.user_id


async def end_all(tx: Tx, runtime: Runtime, user_id: UUID, purpose: Purpose) -> None:
    """Let no earlier link of this purpose work any more."""
    await tx.execute(
        update(one_time_links)
        .where(
            one_time_links.c.user_id == user_id,
            one_time_links.c.purpose == purpose,
            one_time_links.c.used_at.is_(None),
        )
        .values(used_at=runtime.clock.now())
    )
