"""Making, listing and revoking the API keys of a client."""

import re
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, or_, select, text, update

from palabre.audit.record import record
from palabre.base.errors import Conflict, FieldProblem, Invalid
from palabre.db.door import Tx
from palabre.domains.bell import publish
from palabre.domains.identity import service as identity
from palabre.domains.keys.tables import api_keys
from palabre.domains.keys.text import Kind, Pepper, Written, make, spell
from palabre.domains.keys.views import ApiKey
from palabre.domains.runtime import Runtime

SAME_NAME: Final = 2
"""Keys of one name that may be active: the old one and the one that replaces it."""
MOST: Final = 100
"""Active keys of a client."""
_ORIGIN: Final = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


class NewKey(Struct, frozen=True, kw_only=True):
    """What a key is made of. Secret keys have scopes and addresses, publishable ones origins."""

    kind: Kind
    name: str
    scopes: Sequence[str] = ()
    origins: Sequence[str] = ()
    addresses: Sequence[str] = ()
    expires_at: datetime | None = None


async def create(tx: Tx, runtime: Runtime, new: NewKey) -> tuple[ApiKey, str]:
    """Make a key of the client; return it and its text, which is not stored.

    Raises:
        Invalid: A scope, origin, address or end is not possible.
        Conflict: Two keys have this name, or there are too many keys.
    """
    now, name = runtime.clock.now(), new.name.strip()
    _check(new, now)
    await tx.execute(_LOCK, {"key": f"api keys {tx.scope.client_id}"})
    active = await tx.all(select(api_keys.c.name).where(tx.here(api_keys), _active(now)))
    if len(active) >= MOST:
        raise Conflict("too_many_keys", max=MOST)
    if [row.name for row in active].count(name) >= SAME_NAME:
        raise Conflict("key_name_taken", name=name)
    written, spelled = make(new.kind)
    key_id = await tx.insert(
        api_keys,
        kid=written.kid,
        kind=new.kind,
        name=name,
        hash=Pepper(runtime.settings.signing_key).hash(written),
        scopes=sorted(set(new.scopes)),
        origins=sorted(set(new.origins)),
        addresses=[str(ip_network(address, strict=False)) for address in new.addresses],
        created_by=tx.scope.actor.id,
        created_at=now,
        expires_at=new.expires_at,
    )
    record(tx, "keys.create", "api_key", key_id, kind=new.kind, scopes=sorted(set(new.scopes)))
    return await read(tx, runtime, key_id), spelled


async def list_keys(tx: Tx, runtime: Runtime) -> list[ApiKey]:
    """Return the client's keys, the newest first, revoked ones too."""
    rows = await tx.all(
        select(api_keys)
        .where(tx.here(api_keys))
        .order_by(api_keys.c.revoked_at.is_not(None), api_keys.c.created_at.desc())
        .limit(MOST * 2)
    )
    return await _shown(tx, runtime, rows)


async def read(tx: Tx, runtime: Runtime, key_id: UUID) -> ApiKey:
    """Return one key.

    Raises:
        NotFound: The client has no such key.
    """
    row = await tx.one(select(api_keys).where(tx.here(api_keys), api_keys.c.id == key_id))
    return (await _shown(tx, runtime, [row]))[0]


async def revoke(tx: Tx, runtime: Runtime, key_id: UUID) -> None:
    """Let a key work no more: within 60 s everywhere. Revoking again changes nothing.

    Raises:
        NotFound: The client has no such key.
    """
    await read(tx, runtime, key_id)
    ended = await tx.execute(
        update(api_keys)
        .where(tx.here(api_keys), api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=runtime.clock.now())
    )
    if ended.rowcount:
        record(tx, "keys.revoke", "api_key", key_id)
        tx.after_commit(lambda: publish(runtime.redis, "key", str(key_id)))


def _active(now: datetime) -> Any:
    open_ended = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now)
    return api_keys.c.revoked_at.is_(None) & open_ended


def _check(new: NewKey, now: datetime) -> None:
    problems = []
    if new.kind == "secret":
        if not new.scopes or not set(new.scopes) <= identity.key_actions():
            problems.append(FieldProblem(field="scopes", code="scopes_not_valid"))
        if new.origins:
            problems.append(FieldProblem(field="origins", code="origins_not_here"))
        if not all(map(_is_network, new.addresses)):
            problems.append(FieldProblem(field="addresses", code="addresses_not_valid"))
    else:
        if not new.origins or not all(map(_ORIGIN.fullmatch, new.origins)):
            problems.append(FieldProblem(field="origins", code="origins_not_valid"))
        if new.scopes:
            problems.append(FieldProblem(field="scopes", code="scopes_not_here"))
        if new.addresses:
            problems.append(FieldProblem(field="addresses", code="scopes_not_here"))
    if new.expires_at is not None and new.expires_at <= now:
        problems.append(FieldProblem(field="expires_at", code="past"))
    if problems:
        raise Invalid(*problems)


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


async def _shown(tx: Tx, runtime: Runtime, rows: list[Row[Any]]) -> list[ApiKey]:
    names = await identity.names_of(tx, {row.created_by for row in rows if row.created_by})
    return [_show(row, names, runtime.clock.now()) for row in rows]


def _show(row: Row[Any], names: dict[UUID, str], now: datetime) -> ApiKey:
    spelled = spell(Written(kind=row.kind, kid=row.kid))
    ended = row.expires_at is not None and row.expires_at <= now
    return ApiKey(
        id=row.id,
        kind=row.kind,
        name=row.name,
        prefix=spelled.rpartition("_")[0],
        key=spelled if row.kind == "publishable" else None,
        state="revoked" if row.revoked_at else "expired" if ended else "active",
        scopes=row.scopes,
        origins=row.origins,
        addresses=row.addresses,
        created_by=names.get(row.created_by, ""),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        last_used_ip=row.last_used_ip,
    )
