"""Which client a key speaks for: remembered for 30 s at most, like sessions."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, or_, select, text, update

from palabre.base.errors import NotAllowed, NotSignedIn
from palabre.db.door import Database
from palabre.db.scope import Actor, Scope
from palabre.domains.keys.tables import api_keys
from palabre.domains.keys.text import Pepper, Written, read

CEILING_S: Final = 30.0
"""A revoked key works no longer than this, even when messages are lost."""
_MOST_KEYS: Final = 20_000
_TOUCH: Final = timedelta(minutes=1)
"""The last use is written at most this often."""


class Holder(Struct, frozen=True, kw_only=True):
    """The key of a call: the client it speaks for and what it may do there."""

    key_id: UUID
    agency_id: UUID
    client_id: UUID
    name: str
    scopes: frozenset[str]
    origins: tuple[str, ...]

    def actor(self, ip: str, user_agent: str) -> Actor:
        """Return the key as who acts."""
        return Actor(kind="key", id=self.key_id, name=self.name, ip=ip, user_agent=user_agent)


class _State(Struct, kw_only=True):
    holder: Holder
    kind: str
    hash: bytes
    addresses: tuple[str, ...]
    expires_at: datetime | None
    until: float
    touched_at: datetime | None


class Keys:
    """Turns the text of a key into its holder, from memory or from the database."""

    def __init__(
        self,
        database: Database,
        signing_key: str,
        *,
        ceiling_s: float = CEILING_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._pepper = Pepper(signing_key)
        self._ceiling_s = ceiling_s
        self._monotonic = monotonic
        self._states: dict[str, _State] = {}
        self._changes = 0

    async def secret(self, text: str, ip: str, now: datetime) -> Holder:
        """Return the holder of a secret key and note that it was used.

        Raises:
            NotSignedIn: It is not a key of ours, was revoked or has ended.
            NotAllowed: It does not work from this address.
        """
        written = read(text)
        state = await self._state(written) if written and written.kind == "secret" else None
        if (
            written is None
            or state is None
            or state.kind != "secret"
            or not self._pepper.proves(written, state.hash)
            or _ended(state, now)
        ):
            raise NotSignedIn("key_not_accepted", headers={"WWW-Authenticate": "Bearer"})
        if state.addresses and not _inside(ip, state.addresses):
            raise NotAllowed("key_address")
        await self._touch(state, ip, now)
        return state.holder

    async def publishable(self, text: str, ip: str, now: datetime) -> Holder:
        """Return the holder of a publishable key and note that it was used.

        Raises:
            NotSignedIn: It is not one of ours, was revoked or has ended.
        """
        written = read(text)
        state = await self._state(written) if written and written.kind == "publishable" else None
        if state is None or state.kind != "publishable" or _ended(state, now):
            raise NotSignedIn("key_not_accepted")
        await self._touch(state, ip, now)
        return state.holder

    def forget(self, key_id: UUID) -> None:
        """Read this key again at its next call."""
        self._changes += 1
        for kid in [kid for kid, s in self._states.items() if s.holder.key_id == key_id]:
            del self._states[kid]

    def clear(self) -> None:
        """Forget everything: messages may have been lost."""
        self._changes += 1
        self._states.clear()

    async def _state(self, written: Written) -> _State | None:
        now = self._monotonic()
        known = self._states.get(written.kid)
        if known is not None and now < known.until:
            return known
        changes = self._changes
        row = await self._load(written.kid)
        if row is None:
            self._states.pop(written.kid, None)
            return None
        state = _of(row, now + self._ceiling_s)
        if changes == self._changes:
            if len(self._states) >= _MOST_KEYS:
                self._states.clear()
            self._states[written.kid] = state
        return state

    async def _load(self, kid: str) -> Row[Any] | None:
        query = text("SELECT agency_id, client_id, key_id FROM lookup_api_key(:kid)")
        async with self._database.unscoped() as tx:
            found = await tx.first(query, {"kid": kid})
        if found is None:
            return None
        scope = Scope.of_client(found.agency_id, found.client_id)
        async with self._database.transaction(scope) as tx:
            return await tx.first(
                select(api_keys).where(
                    tx.here(api_keys),
                    api_keys.c.id == found.key_id,
                    api_keys.c.revoked_at.is_(None),
                )
            )

    async def _touch(self, state: _State, ip: str, now: datetime) -> None:
        if state.touched_at is not None and now - state.touched_at < _TOUCH:
            return
        state.touched_at = now
        holder, before = state.holder, now - _TOUCH
        stale = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at <= before)
        scope = Scope.of_client(holder.agency_id, holder.client_id)
        async with self._database.transaction(scope) as tx:
            await tx.execute(
                update(api_keys)
                .where(tx.here(api_keys), api_keys.c.id == holder.key_id, stale)
                .values(last_used_at=now, last_used_ip=ip)
            )


def _of(row: Row[Any], until: float) -> _State:
    holder = Holder(
        key_id=row.id,
        agency_id=row.agency_id,
        client_id=row.client_id,
        name=row.name,
        scopes=frozenset(row.scopes),
        origins=tuple(row.origins),
    )
    return _State(
        holder=holder,
        kind=row.kind,
        hash=row.hash,
        addresses=tuple(row.addresses),
        expires_at=row.expires_at,
        until=until,
        touched_at=row.last_used_at,
    )


def _ended(state: _State, now: datetime) -> bool:
    return state.expires_at is not None and state.expires_at <= now


def _inside(ip: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    return any(address in ip_network(network) for network in networks)
