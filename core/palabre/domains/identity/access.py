"""Who is calling: the session's state and memberships, remembered for 30 s at most."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import select, text

from palabre.base.errors import NotSignedIn
from palabre.base.words import Locale
from palabre.db.door import Database
from palabre.domains.identity.actions import ROLES, Role
from palabre.domains.identity.tables import sessions, users
from palabre.domains.identity.tokens import Claims

CEILING_S: Final = 30.0
"""A revoked session or membership works no longer than this, even when messages are lost."""
_MOST_SESSIONS: Final = 20_000


class Member(Struct, frozen=True):
    """One membership: of a client, or of the whole agency when ``client_id`` is None."""

    agency_id: UUID
    client_id: UUID | None
    role: Role


class Principal(Struct, frozen=True, kw_only=True):
    """The signed-in person in one agency. ``verified``: their address is known to be theirs."""

    user_id: UUID
    session_id: UUID
    agency_id: UUID
    name: str
    email: str
    locale: Locale
    verified: bool
    agency_role: Role | None
    clients: dict[UUID, Role]

    def role_on(self, client_id: UUID) -> Role | None:
        """Return the highest role held on the client, None when there is none."""
        held = [role for role in (self.agency_role, self.clients.get(client_id)) if role]
        return max(held, key=ROLES.index, default=None)


class _State(Struct, frozen=True, kw_only=True):
    user_id: UUID
    name: str
    email: str
    locale: Locale
    verified: bool
    version: int
    expires_at: datetime
    members: list[Member]
    until: float = field(default=0.0)


class Access:
    """Turns the claims of a token into a principal, from memory or from the database."""

    def __init__(
        self,
        database: Database,
        *,
        ceiling_s: float = CEILING_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._ceiling_s = ceiling_s
        self._monotonic = monotonic
        self._states: dict[UUID, _State] = {}
        self._changes = 0

    async def principal(self, claims: Claims, now: datetime) -> Principal:
        """Return who is calling.

        Raises:
            NotSignedIn: The session ended or the person left the agency.
        """
        state = await self._state(claims.session_id)
        members = [m for m in state.members if m.agency_id == claims.agency_id] if state else []
        if (
            state is None
            or not members
            or state.expires_at <= now
            or (state.user_id, state.version) != (claims.user_id, claims.version)
        ):
            raise NotSignedIn("session_ended")
        return Principal(
            user_id=state.user_id,
            session_id=claims.session_id,
            agency_id=claims.agency_id,
            name=state.name,
            email=state.email,
            locale=state.locale,
            verified=state.verified,
            agency_role=next((m.role for m in members if m.client_id is None), None),
            clients={m.client_id: m.role for m in members if m.client_id is not None},
        )

    def forget_session(self, session_id: UUID) -> None:
        """Read this session again at its next call."""
        self._changes += 1
        self._states.pop(session_id, None)

    def forget_user(self, user_id: UUID) -> None:
        """Read every session of this person again: name, memberships or password changed."""
        self._changes += 1
        for session_id in [k for k, s in self._states.items() if s.user_id == user_id]:
            del self._states[session_id]

    def clear(self) -> None:
        """Forget everything: messages may have been lost."""
        self._changes += 1
        self._states.clear()

    async def _state(self, session_id: UUID) -> _State | None:
        now = self._monotonic()
        known = self._states.get(session_id)
        if known is not None and now < known.until:
            return known
        changes = self._changes
        state = await self._load(session_id, now + self._ceiling_s)
        if state is not None and changes == self._changes:
            if len(self._states) >= _MOST_SESSIONS:
                self._states.clear()
            self._states[session_id] = state
        return state

    async def _load(self, session_id: UUID, until: float) -> _State | None:
        query = (
            select(users, sessions.c.expires_at)
            .join(sessions, sessions.c.user_id == users.c.id)
            .where(sessions.c.id == session_id, sessions.c.revoked_at.is_(None))
        )
        async with self._database.unscoped() as tx:
            row = await tx.first(query)
            if row is None:
                return None
            held = await tx.all(text("SELECT * FROM lookup_memberships(:user)"), {"user": row.id})
        return _State(
            user_id=row.id,
            name=row.name,
            email=row.email,
            locale=row.locale,
            verified=row.verified_at is not None,
            version=row.version,
            expires_at=row.expires_at,
            members=[Member(m.agency_id, m.client_id, m.role) for m in held],
            until=until,
        )
