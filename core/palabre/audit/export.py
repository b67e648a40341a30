"""Exports chains as JSON Lines that ``palabre.audit.verify`` can check elsewhere.

First a header, then every entry with all its hash covers, at last the heads. Pages are read in
short transactions of their own: a slow reader holds nothing open.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, Text, and_, cast, select

from palabre.audit.formats import EXPORT_FORMAT, EXPORT_VERSION
from palabre.audit.tables import audit_entries, audit_heads, audit_personal
from palabre.db.door import Database, Tx
from palabre.db.scope import Scope

PAGE: Final = 1000
"""Entries read by one statement."""
MEDIA_TYPE: Final = "application/x-ndjson"


async def export(
    database: Database,
    scope: Scope,
    *,
    client_id: UUID | None = None,
    all_chains: bool = False,
    control: bool = False,
    now: datetime,
) -> AsyncIterator[bytes]:
    """Yield the export in parts of whole lines.

    What is written meanwhile is not part of it: it ends at the heads of its beginning.

    Args:
        database: Where the chains are.
        scope: Must see the chains; the agency's own chain needs the scope of the whole agency.
        client_id: Whose chain; None: the agency's own.
        all_chains: The agency's own chain and those of all its clients in the pool.
        control: The chain in the pool, where the client has its own database.
        now: Stated in the header.
    """
    opens = database.control if control else database.transaction
    async with opens(scope) as tx:
        heads = await _heads(tx, client_id, all_chains=all_chains)
    yield _line(
        format=EXPORT_FORMAT,
        version=EXPORT_VERSION,
        agency=str(scope.agency_id),
        client=_text(client_id),
        all=all_chains,
        made_at=_milliseconds(now),
    )
    for head in heads:
        for start in range(0, head.n, PAGE):
            async with opens(scope) as tx:
                rows = await _page(tx, head, start)
            yield b"".join(_entry(row) for row in rows)
    yield _line(
        heads=[(str(h.agency_id), _text(h.client_id), h.n, h.hash.hex()) for h in heads],
    )


async def _heads(tx: Tx, client_id: UUID | None, *, all_chains: bool) -> list[Row[Any]]:
    query = select(audit_heads).where(tx.here(audit_heads))
    if not all_chains:
        query = query.where(audit_heads.c.client_id.is_not_distinct_from(client_id))
    return await tx.all(query.order_by(audit_heads.c.client_id.nulls_first()))


async def _page(tx: Tx, head: Row[Any], start: int) -> list[Row[Any]]:
    """Return entries by number; a chain with missing ones is exported as it is."""
    entries, side = audit_entries.c, audit_personal.c
    same = and_(side.agency_id == entries.agency_id, side.id == entries.id)
    query = (
        select(
            *(column for column in entries if column.name != "details"),
            cast(entries.details, Text).label("details"),
            side.salt,
            side.actor_name,
            side.ip,
            side.user_agent,
        )
        .outerjoin(audit_personal, same)
        .where(
            entries.agency_id == head.agency_id,
            entries.client_id.is_not_distinct_from(head.client_id),
            entries.n > start,
            entries.n <= min(start + PAGE, head.n),
        )
    )
    return await tx.all(query.order_by(entries.n))


def _entry(row: Row[Any]) -> bytes:
    return _line(
        agency=str(row.agency_id),
        client=_text(row.client_id),
        id=str(row.id),
        n=row.n,
        at=_milliseconds(row.at),
        actor_kind=row.actor_kind,
        actor_id=_text(row.actor_id),
        action=row.action,
        target_kind=row.target_kind,
        target_id=_text(row.target_id),
        details=row.details,
        personal_digest=row.personal_digest.hex(),
        prev=row.prev.hex(),
        hash=row.hash.hex(),
        personal=None if row.salt is None else _personal(row),
    )


def _personal(row: Row[Any]) -> dict[str, str]:
    return {
        "salt": row.salt.hex(),
        "actor_name": row.actor_name,
        "ip": row.ip,
        "user_agent": row.user_agent,
    }


def _milliseconds(moment: datetime) -> int:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _line(**fields: Any) -> bytes:
    return msgspec.json.encode(fields) + b"\n"
