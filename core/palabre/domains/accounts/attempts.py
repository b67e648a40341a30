"""Connect attempts in the database: made, found, moved from state to state, told to people."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, select, text, update

from palabre.audit.record import record
from palabre.base.errors import Conflict, NotFound
from palabre.base.ids import new_id
from palabre.db.door import Database, Tx
from palabre.db.scope import Actor, Scope
from palabre.domains.accounts.tables import connect_attempts

AttemptState = Literal[
    "waiting", "choosing", "connected", "refused", "failed", "expired", "cancelled"
]
LIFE: Final = timedelta(minutes=10)
OPEN: Final = ("waiting", "choosing")
"""States in which the person still has something to do."""
_NO_SECRETS: Final[dict[str, Any]] = {"verifier": None, "pending_grant": None}


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """Return what the database keeps of a state or a cookie."""
    return hashlib.sha256(secret.encode()).digest()


async def make(tx: Tx, adapter: str, redirect_uri: str, now: datetime, **values: Any) -> UUID:
    """Store a new attempt of the scope's actor and return its id."""
    actor = tx.scope.actor
    return await tx.insert(
        connect_attempts,
        id=new_id(),
        adapter=adapter,
        state="waiting",
        started_by=actor.id,
        started_by_name=actor.name,
        locale=tx.scope.locale,
        redirect_uri=redirect_uri,
        choices=[],
        connected=[],
        expires_at=now + LIFE,
        **values,
    )


async def read(tx: Tx, attempt_id: UUID, *, lock: bool = False) -> Row[Any]:
    """Return one attempt.

    Raises:
        NotFound: The client has no such attempt.
    """
    query = select(connect_attempts).where(
        tx.here(connect_attempts), connect_attempts.c.id == attempt_id
    )
    return await tx.one(query.with_for_update() if lock else query)


async def scope_of(database: Database, attempt_id: UUID) -> Scope:
    """Return the scope of an attempt's client, before anybody is known.

    Raises:
        NotFound: There is no such attempt.
    """
    query = text("SELECT agency_id, client_id FROM lookup_attempt(:id)")
    async with database.unscoped() as tx:
        found = await tx.first(query, {"id": attempt_id})
    if found is None:
        raise NotFound("attempt_not_found")
    return Scope.of_client(found.agency_id, found.client_id)


async def by_state(database: Database, state: str) -> tuple[Scope, UUID] | None:
    """Return scope and id of the attempt that gave this state to a browser, None if none did."""
    query = text("SELECT agency_id, client_id, attempt_id FROM lookup_connect_state(:hash)")
    async with database.unscoped() as tx:
        found = await tx.first(query, {"hash": digest(state)})
    if found is None:
        return None
    return Scope.of_client(found.agency_id, found.client_id), found.attempt_id


def acting(scope: Scope, row: Row[Any], ip: str, user_agent: str) -> Scope:
    """Return the scope of what the person who started the attempt does in the window."""
    actor = Actor(
        kind="user", id=row.started_by, name=row.started_by_name, ip=ip, user_agent=user_agent
    )
    return Scope.of_client(scope.agency_id, scope.client_id, actor, row.locale)


def shown_state(row: Row[Any], now: datetime) -> AttemptState:
    """Return the state people see: an attempt whose time is over is expired before it is swept."""
    stored: AttemptState = row.state
    return "expired" if stored in OPEN and row.expires_at <= now else stored


def require(row: Row[Any], now: datetime, *states: str) -> None:
    """Refuse what the attempt's state does not allow.

    Raises:
        Conflict: The attempt expired, or is in another state.
    """
    state = shown_state(row, now)
    if state == "expired":
        raise Conflict("attempt_expired")
    if state not in states:
        raise Conflict("attempt_state", details={"state": state})


def require_leave(row: Row[Any], now: datetime) -> None:
    """Refuse to send anybody to the platform unless the attempt may still succeed.

    Raises:
        Conflict: Its time is over, or it was given up or succeeded.
    """
    if row.expires_at <= now and row.state != "connected":
        raise Conflict("attempt_expired")
    require(row, now, *OPEN, "refused", "failed")


async def put(tx: Tx, attempt_id: UUID, **values: Any) -> None:
    """Change columns of an attempt."""
    await tx.execute(
        update(connect_attempts)
        .where(tx.here(connect_attempts), connect_attempts.c.id == attempt_id)
        .values(**values)
    )


async def end(tx: Tx, attempt_id: UUID, state: str, **values: Any) -> None:
    """Put an attempt into a final state; its secrets go."""
    await put(tx, attempt_id, state=state, **_NO_SECRETS, **values)


async def cancel(tx: Tx, attempt_id: UUID) -> None:
    """Give an attempt up; one that ended stays as it ended.

    Raises:
        NotFound: The client has no such attempt.
    """
    row = await read(tx, attempt_id, lock=True)
    if row.state in OPEN:
        await end(tx, attempt_id, "cancelled", choices=[])
        record(tx, "accounts.cancel", "attempt", attempt_id)
