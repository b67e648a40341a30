"""The library: its files listed, described, frozen for a publication, removed."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, delete, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from palabre.audit.record import record
from palabre.base.errors import Conflict, NotFound
from palabre.base.pages import Page, Position, cut, decode_cursor
from palabre.base.settings import Settings
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.media import links, uploading
from palabre.domains.media.tables import media
from palabre.domains.runtime import Runtime
from palabre.sdk.values import MediaRef

in_use: list[Callable[[Tx, UUID], Awaitable[bool]]] = []
"""Other rooms say whether they still need a file; filled once by ``palabre.start``."""


class Media(Struct, frozen=True, kw_only=True):
    """A file of the library. ``url`` works for about an hour, without signing in."""

    id: UUID
    filename: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    alt_text: str
    sha256: str
    url: str
    created_at: datetime


async def show(runtime: Runtime, tx: Tx, media_id: UUID) -> Media:
    """Return one file.

    Raises:
        NotFound: The client has no such file.
    """
    row = await tx.one(select(media).where(tx.here(media), media.c.id == media_id))
    return view(runtime.settings, runtime.clock.now(), row)


async def page(runtime: Runtime, tx: Tx, limit: int, cursor: str | None) -> Page[Media]:
    """Return one page of the library, newest first.

    Raises:
        Invalid: The cursor is not ours.
    """
    after, now = decode_cursor(cursor), runtime.clock.now()
    query = select(media).where(tx.here(media))
    if after is not None:
        query = query.where(tuple_(media.c.created_at, media.c.id) < (after.at, after.id))
    rows = await tx.all(
        query.order_by(media.c.created_at.desc(), media.c.id.desc()).limit(limit + 1)
    )
    return cut(
        rows,
        limit,
        lambda row: view(runtime.settings, now, row),
        lambda row: Position(row.created_at, row.id),
    )


async def some(runtime: Runtime, tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Media]:
    """Return those of the files that the client has, by id."""
    if not ids:
        return {}
    now = runtime.clock.now()
    rows = await tx.all(select(media).where(tx.here(media), media.c.id.in_(ids)))
    return {row.id: view(runtime.settings, now, row) for row in rows}


async def refs(tx: Tx, ids: Sequence[UUID]) -> list[MediaRef]:
    """Return files as a publication freezes them, in the order of ``ids``.

    Raises:
        NotFound: The client does not have one of them.
    """
    if not ids:
        return []
    rows = await tx.all(select(media).where(tx.here(media), media.c.id.in_(ids)))
    found = {row.id: _ref(row) for row in rows}
    if set(ids) - set(found):
        raise NotFound
    return [found[one] for one in ids]


async def describe(tx: Tx, media_id: UUID, alt_text: str) -> None:
    """Change the description of a file.

    Raises:
        NotFound: The client has no such file.
        Invalid: The description is too long.
    """
    uploading.check_alt(alt_text)
    done = await tx.execute(
        update(media).where(tx.here(media), media.c.id == media_id).values(alt_text=alt_text)
    )
    if not done.rowcount:
        raise NotFound
    record(tx, "media.edit", "media", media_id)


async def remove(runtime: Runtime, scope: Scope, media_id: UUID) -> None:
    """Remove a file, from the list first and then from its store.

    Raises:
        NotFound: The client has no such file.
        Conflict: A piece or a publication uses it.
    """
    try:
        async with runtime.database.transaction(scope) as tx:
            row = await tx.one(
                select(media).where(tx.here(media), media.c.id == media_id).with_for_update()
            )
            for uses in in_use:
                if await uses(tx, media_id):
                    raise Conflict("media_in_use")
            await tx.execute(delete(media).where(tx.here(media), media.c.id == media_id))
            record(tx, "media.delete", "media", media_id)
    except IntegrityError:
        raise Conflict("media_in_use") from None
    await uploading.unstore(runtime, scope, row.store, row.locator)


def view(settings: Settings, now: datetime, row: Row[Any]) -> Media:
    """Return a row as it goes out, with a fresh link."""
    url = links.make(settings, row.agency_id, row.client_id, row.id, row.filename, now=now)
    facts = {name: getattr(row, name) for name in Media.__struct_fields__ if name != "url"}
    return Media(**facts, url=url)


def _ref(row: Row[Any]) -> MediaRef:
    return MediaRef(
        id=str(row.id),
        content_type=row.content_type,
        size=row.size,
        width=row.width,
        height=row.height,
        alt_text=row.alt_text,
        filename=row.filename,
    )
