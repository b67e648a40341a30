"""People as rows: found by address or id, with their memberships in all agencies."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from palabre.db.door import Tx
from palabre.db.scope import Actor
from palabre.domains.identity.access import Member
from palabre.domains.identity.tables import users


def spelled(email: str) -> str:
    """Return an address as it is stored."""
    return email.strip().lower()


async def by_email(tx: Tx, email: str) -> Row[Any] | None:
    """Return the person with this address."""
    return await tx.first(select(users).where(users.c.email == spelled(email)))


async def by_id(tx: Tx, user_id: UUID) -> Row[Any] | None:
    """Return the person with this id."""
    return await tx.first(select(users).where(users.c.id == user_id))


async def members_of(tx: Tx, user_id: UUID) -> list[Member]:
    """Return every membership of a person, in all agencies."""
    rows = await tx.all(text("SELECT * FROM lookup_memberships(:user)"), {"user": user_id})
    return [Member(row.agency_id, row.client_id, row.role) for row in rows]


def home_of(members: list[Member], wanted: UUID | None = None) -> UUID | None:
    """Return the wanted agency if the person is in it, else the one joined first."""
    ids = sorted({member.agency_id for member in members})
    if wanted is not None:
        return wanted if wanted in ids else None
    return ids[0] if ids else None


def as_user(caller: Actor, user_id: UUID, name: str) -> Actor:
    """Return the caller as this person."""
    return Actor(kind="user", id=user_id, name=name, ip=caller.ip, user_agent=caller.user_agent)
