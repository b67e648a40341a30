"""The notices of one person: listed in their language, counted, marked as read."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, func, select, tuple_, update

from palabre.base.errors import NotFound
from palabre.base.pages import Position, cut, decode_cursor
from palabre.base.words import DEFAULT_LOCALE, has, say
from palabre.db.door import Tx
from palabre.domains.agencies import service as agencies
from palabre.domains.notifications.kinds import Kind
from palabre.domains.notifications.tables import notices


class NoticeClient(Struct, frozen=True, kw_only=True):
    """The client a notice is about."""

    id: UUID
    name: str
    slug: str


class NoticeTarget(Struct, frozen=True, kw_only=True):
    """What a notice is about."""

    kind: Literal["publication", "account"]
    id: UUID


class NoticeItem(Struct, frozen=True, kw_only=True):
    """Something a person was told. ``text`` says why it happened and who acts."""

    id: UUID
    kind: Kind
    title: str
    text: str
    client: NoticeClient | None
    target: NoticeTarget | None
    created_at: datetime
    read_at: datetime | None


class Notices(Struct, frozen=True, kw_only=True):
    """One page of notices, newest first. ``unread`` counts all of them, not of this page only."""

    items: list[NoticeItem]
    next_cursor: str | None
    unread: int


async def page(
    tx: Tx, user_id: UUID, limit: int, cursor: str | None, *, unread: bool = False
) -> Notices:
    """Return a page of what a person was told in this agency.

    Raises:
        Invalid: The cursor is not ours.
    """
    after = decode_cursor(cursor)
    query = select(notices).where(_mine(tx, user_id))
    if unread:
        query = query.where(notices.c.read_at.is_(None))
    if after is not None:
        query = query.where(tuple_(notices.c.created_at, notices.c.id) < (after.at, after.id))
    order = (notices.c.created_at.desc(), notices.c.id.desc())
    rows = await tx.all(query.order_by(*order).limit(limit + 1))
    clients = {one.id: one for one in await agencies.list_clients(tx)} if rows else {}
    found = cut(
        rows,
        limit,
        lambda row: _show(row, clients.get(row.client_id), tx.scope.locale),
        lambda row: Position(row.created_at, row.id),
    )
    return Notices(
        items=found.items, next_cursor=found.next_cursor, unread=await _unread(tx, user_id)
    )


async def mark_read(tx: Tx, user_id: UUID, notice_id: UUID, now: datetime) -> None:
    """Note that a person has read a notice; a second time changes nothing.

    Raises:
        NotFound: They have no such notice.
    """
    mine = _mine(tx, user_id) & (notices.c.id == notice_id)
    changed = await tx.execute(
        update(notices).where(mine).values(read_at=func.coalesce(notices.c.read_at, now))
    )
    if not changed.rowcount:
        raise NotFound


async def mark_all_read(tx: Tx, user_id: UUID, now: datetime) -> None:
    """Note that a person has read everything."""
    await tx.execute(
        update(notices).where(_mine(tx, user_id), notices.c.read_at.is_(None)).values(read_at=now)
    )


def words(kind: str, params: dict[str, Any], locale: str) -> tuple[str, str]:
    """Return title and text of a notice in ``locale``."""
    facts = {name: value for name, value in params.items() if isinstance(value, str)}
    parts = [_why(params, locale)]
    if not parts[0] and has(f"notice.{kind}.text"):
        parts = [say(locale, f"notice.{kind}.text", facts)]
    if params.get("who"):
        parts.append(say(locale, f"who.{params['who']}"))
    return say(locale, f"notice.{kind}", facts), " ".join(part for part in parts if part)


def _why(params: dict[str, Any], locale: str) -> str:
    why: dict[str, str] = params.get("why", {})
    return why.get(locale) or why.get(DEFAULT_LOCALE, "")


def _mine(tx: Tx, user_id: UUID) -> ColumnElement[bool]:
    return tx.here(notices) & (notices.c.user_id == user_id) & notices.c.in_app


async def _unread(tx: Tx, user_id: UUID) -> int:
    query = select(func.count()).where(_mine(tx, user_id), notices.c.read_at.is_(None))
    return int(await tx.scalar(query) or 0)


def _show(row: Row[Any], client: Row[Any] | None, locale: str) -> NoticeItem:
    title, text = words(row.kind, row.params, locale)
    return NoticeItem(
        id=row.id,
        kind=row.kind,
        title=title,
        text=text,
        client=NoticeClient(id=client.id, name=client.name, slug=client.slug) if client else None,
        target=NoticeTarget(kind=row.target_kind, id=row.target_id) if row.target_id else None,
        created_at=row.created_at,
        read_at=row.read_at,
    )
