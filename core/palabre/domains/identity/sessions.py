"""Sessions and their refresh tokens: each token works once, its use tells what follows it."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select, text, update

from palabre.audit.record import record
from palabre.base.errors import NotSignedIn
from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.db.scope import Actor, Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.bell import publish
from palabre.domains.identity import mails
from palabre.domains.identity.people import by_id
from palabre.domains.identity.tables import refresh_tokens, sessions
from palabre.domains.identity.tokens import Tokens, hash_of, new_secret
from palabre.domains.runtime import Runtime

SLIDING: Final = timedelta(days=7)
ABSOLUTE: Final = timedelta(days=30)
REPEAT_S: Final = 10
"""A repeated refresh gets the same answer for this long: two tabs, or an answer that was lost."""

_ROTATE = text("""
    WITH used AS (
      UPDATE refresh_tokens t SET used_at = :now FROM sessions s
      WHERE t.hash = :hash AND t.used_at IS NULL AND t.expires_at > :now
        AND s.id = t.session_id AND s.revoked_at IS NULL AND s.expires_at > :now
      RETURNING t.session_id, s.expires_at
    ), next AS (
      INSERT INTO refresh_tokens (hash, session_id, expires_at)
      SELECT :next_hash, u.session_id, least(CAST(:until AS timestamptz), u.expires_at) FROM used u
    )
    UPDATE sessions s SET last_used_at = :now FROM used u
    WHERE s.id = u.session_id RETURNING s.id
""")


class Started(Struct, frozen=True, kw_only=True):
    """A session and the refresh token that continues it."""

    session_id: UUID
    user_id: UUID
    agency_id: UUID
    refresh_token: str


async def start(tx: Tx, user_id: UUID, now: datetime) -> Started:
    """Begin a session of a person in the agency of the scope."""
    actor, session_id, token = tx.scope.actor, new_id(), new_secret()
    await tx.execute(
        sessions.insert().values(
            id=session_id,
            user_id=user_id,
            agency_id=tx.scope.agency_id,
            ip=actor.ip,
            user_agent=actor.user_agent,
            created_at=now,
            last_used_at=now,
            expires_at=now + ABSOLUTE,
        )
    )
    await tx.execute(
        refresh_tokens.insert().values(
            hash=hash_of(token), session_id=session_id, created_at=now, expires_at=now + SLIDING
        )
    )
    return Started(
        session_id=session_id,
        user_id=user_id,
        agency_id=tx.scope.agency_id,
        refresh_token=token,
    )


async def rotate(runtime: Runtime, tokens: Tokens, refresh_token: str) -> Started:
    """Use a refresh token and return the session with the token that follows.

    Raises:
        NotSignedIn: The token is unknown or has ended, or its reuse ended the session.
    """
    now, following = runtime.clock.now(), tokens.successor(refresh_token)
    params = {
        "hash": hash_of(refresh_token),
        "next_hash": hash_of(following),
        "now": now,
        "until": now + SLIDING,
    }
    async with runtime.database.unscoped() as tx:
        session_id = await tx.scalar(_ROTATE, params)
        if session_id is None:
            session_id = await _repeated(tx, refresh_token, following, now)
        row = await _alive(tx, session_id, now) if session_id else None
        reused = None if row else await _reused(tx, refresh_token)
    if reused is not None:
        await revoke(runtime, reused, "refresh_reused")
    if row is None:
        raise NotSignedIn("session_ended")
    return Started(
        session_id=row.id,
        user_id=row.user_id,
        agency_id=row.agency_id,
        refresh_token=following,
    )


async def revoke(
    runtime: Runtime, session: Row[Any], reason: str, actor: Actor | None = None
) -> None:
    """End a session everywhere and note it; write to its person when somebody else did it."""
    who = actor or Actor(kind="system")
    async with runtime.database.transaction(Scope.of_agency(session.agency_id, who)) as tx:
        ended = await tx.execute(
            update(sessions)
            .where(sessions.c.id == session.id, sessions.c.revoked_at.is_(None))
            .values(revoked_at=runtime.clock.now(), revoked_reason=reason)
        )
        if ended.rowcount and who.id != session.user_id:
            await tell(tx, runtime, session.user_id, session.user_agent)
        record(tx, "session.revoked", "session", session.id, reason=reason)
    await publish(runtime.redis, "session", str(session.id))


async def tell(tx: Tx, runtime: Runtime, user_id: UUID, device: str) -> None:
    """Write to a person that a session of theirs was ended by somebody or something else."""
    user, agency = await by_id(tx, user_id), await agencies.own_name(tx)
    if user is not None:
        await mails.session_revoked(
            tx, runtime, user.email, user.locale, name=user.name, agency=agency, device=device
        )


async def end_all(
    tx: Tx,
    user_id: UUID,
    reason: str,
    now: datetime,
    *,
    but: UUID | None = None,
    agency_id: UUID | None = None,
) -> int:
    """End a person's sessions; ring ``user`` after COMMIT, so that every process knows.

    Args:
        tx: A transaction; the caller notes why.
        user_id: Whose.
        reason: Why, in a word of ours.
        now: When.
        but: The session that stays.
        agency_id: Only those begun in this agency.

    Return how many were open.
    """
    mine = [sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None)]
    if but is not None:
        mine.append(sessions.c.id != but)
    if agency_id is not None:
        mine.append(sessions.c.agency_id == agency_id)
    ended = update(sessions).where(*mine).values(revoked_at=now, revoked_reason=reason)
    return int((await tx.execute(ended)).rowcount)


async def find(tx: Tx, session_id: UUID) -> Row[Any]:
    """Return a session's row.

    Raises:
        NotFound: There is none.
    """
    return await tx.one(select(sessions).where(sessions.c.id == session_id))


async def _alive(tx: Tx, session_id: UUID, now: datetime) -> Row[Any] | None:
    return await tx.first(
        select(sessions).where(
            sessions.c.id == session_id,
            sessions.c.revoked_at.is_(None),
            sessions.c.expires_at > now,
        )
    )


async def _repeated(tx: Tx, token: str, following: str, now: datetime) -> UUID | None:
    """Return the session if the token was used a moment ago and nothing has followed yet."""
    used = await _token(tx, token)
    after = await _token(tx, following)
    if used is None or used.used_at is None or after is None or after.used_at is not None:
        return None
    if (now - used.used_at).total_seconds() > REPEAT_S:
        return None
    session_id: UUID = used.session_id
    return session_id


async def _reused(tx: Tx, token: str) -> Row[Any] | None:
    """Return the session of a token that was used before and is offered again: it was stolen."""
    used = await _token(tx, token)
    if used is None or used.used_at is None:
        return None
    return await tx.first(
        select(sessions).where(sessions.c.id == used.session_id, sessions.c.revoked_at.is_(None))
    )


async def _token(tx: Tx, token: str) -> Row[Any] | None:
    return await tx.first(select(refresh_tokens).where(refresh_tokens.c.hash == hash_of(token)))
