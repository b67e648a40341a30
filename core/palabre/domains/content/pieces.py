"""Pieces: written, changed by one person at a time, listed, removed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, delete, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from palabre.audit.record import record
from palabre.base.errors import Conflict, FieldProblem, Invalid, NotFound
from palabre.base.pages import Page, Position, cut, decode_cursor
from palabre.db.door import Tx
from palabre.domains.content.tables import piece_media, pieces
from palabre.domains.media import service as library
from palabre.domains.media.service import Media
from palabre.domains.runtime import Runtime
from palabre.outbox import events
from palabre.sdk.events import PieceChanged

MAX_TEXT: Final = 65_000
"""Longest text of any platform we know, rounded up; each platform's own limit is far lower."""
MAX_LINK: Final = 2000
MAX_MEDIA: Final = 20
PieceState = Literal["draft", "scheduled", "published", "failed"]


class Piece(Struct, frozen=True, kw_only=True):
    """A piece with its files in order. An edit names the ``version`` it was made from."""

    id: UUID
    brand_id: UUID | None
    text: str
    link: str | None
    media: list[Media]
    state: PieceState
    version: int
    created_at: datetime
    updated_at: datetime


async def write(
    tx: Tx,
    *,
    text: str,
    link: str | None = None,
    brand_id: UUID | None = None,
    media_ids: Sequence[UUID] = (),
) -> UUID:
    """Store a new piece and return its id.

    Raises:
        Invalid: A field is too long, not a web address, or names something the client lacks.
    """
    _check(text, link, media_ids)
    await _check_media(tx, media_ids)
    piece_id = await _insert(tx, text, link, brand_id)
    await _put_media(tx, piece_id, media_ids)
    record(tx, "piece.create", "piece", piece_id, media=len(media_ids))
    await _tell(tx, piece_id, "draft")
    return piece_id


async def change(
    tx: Tx, piece_id: UUID, version: int, *, media_ids: Sequence[UUID] | None = None, **values: Any
) -> None:
    """Change a piece that nobody changed since ``version``.

    Args:
        tx: The transaction.
        piece_id: The piece.
        version: The version the change was made from.
        media_ids: The files in their new order; None leaves them.
        values: New ``text``, ``link`` or ``brand_id``; those left out stay.

    Raises:
        NotFound: The client has no such piece.
        Conflict: Somebody else changed it meanwhile; the details name the version there is.
        Invalid: As ``write``.
    """
    row = await row_of(tx, piece_id, lock=True)
    if row.version != version:
        raise Conflict("edit_conflict", details={"version": row.version})
    new = {"text": row.text, "link": row.link} | values
    _check(new["text"], new["link"], media_ids or ())
    await _check_media(tx, media_ids or ())
    await _update(tx, piece_id, version=version + 1, **values)
    if media_ids is not None:
        await tx.execute(
            delete(piece_media).where(tx.here(piece_media), piece_media.c.piece_id == piece_id)
        )
        await _put_media(tx, piece_id, media_ids)
    fields = sorted({*values, *(("media_ids",) if media_ids is not None else ())})
    record(tx, "piece.edit", "piece", piece_id, fields=fields)
    await _tell(tx, piece_id, row.state)


async def remove(tx: Tx, piece_id: UUID) -> None:
    """Remove a piece that was never scheduled.

    Raises:
        NotFound: The client has no such piece.
        Conflict: It has publications; their history needs it.
    """
    row = await row_of(tx, piece_id, lock=True)
    if row.state != "draft":
        raise Conflict("piece_in_use")
    try:
        await tx.execute(delete(pieces).where(tx.here(pieces), pieces.c.id == piece_id))
    except IntegrityError:
        raise Conflict("piece_in_use") from None
    record(tx, "piece.delete", "piece", piece_id)


async def set_state(tx: Tx, piece_id: UUID, state: str) -> None:
    """Keep the piece's state in step with its publications; called by publishing."""
    row = await row_of(tx, piece_id, lock=True)
    if row.state != state:
        await tx.execute(
            update(pieces).where(tx.here(pieces), pieces.c.id == piece_id).values(state=state)
        )
        await _tell(tx, piece_id, state)


async def row_of(tx: Tx, piece_id: UUID, *, lock: bool = False) -> Row[Any]:
    """Return the row of a piece.

    Raises:
        NotFound: The client has no such piece.
    """
    query = select(pieces).where(tx.here(pieces), pieces.c.id == piece_id)
    return await tx.one(query.with_for_update() if lock else query)


async def media_ids_of(tx: Tx, piece_id: UUID) -> list[UUID]:
    """Return the piece's files in order."""
    return (await _media_of(tx, [piece_id])).get(piece_id, [])


async def show(runtime: Runtime, tx: Tx, piece_id: UUID) -> Piece:
    """Return one piece.

    Raises:
        NotFound: The client has no such piece.
    """
    row = await row_of(tx, piece_id)
    return (await _views(runtime, tx, [row]))[row.id]


async def page(runtime: Runtime, tx: Tx, limit: int, cursor: str | None) -> Page[Piece]:
    """Return one page of pieces, newest first.

    Raises:
        Invalid: The cursor is not ours.
    """
    after = decode_cursor(cursor)
    query = select(pieces).where(tx.here(pieces))
    if after is not None:
        query = query.where(tuple_(pieces.c.created_at, pieces.c.id) < (after.at, after.id))
    rows = await tx.all(
        query.order_by(pieces.c.created_at.desc(), pieces.c.id.desc()).limit(limit + 1)
    )
    shown = await _views(runtime, tx, rows[:limit])
    return cut(rows, limit, lambda row: shown[row.id], lambda row: Position(row.created_at, row.id))


async def _views(runtime: Runtime, tx: Tx, rows: Sequence[Row[Any]]) -> dict[UUID, Piece]:
    ordered = await _media_of(tx, [row.id for row in rows])
    files = await library.some(runtime, tx, [one for ids in ordered.values() for one in ids])
    return {row.id: _view(row, [files[one] for one in ordered.get(row.id, [])]) for row in rows}


def _view(row: Row[Any], files: list[Media]) -> Piece:
    facts = {name: getattr(row, name) for name in Piece.__struct_fields__ if name != "media"}
    return Piece(**facts, media=files)


async def _media_of(tx: Tx, piece_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    if not piece_ids:
        return {}
    found: dict[UUID, list[UUID]] = {}
    query = (
        select(piece_media.c.piece_id, piece_media.c.media_id)
        .where(tx.here(piece_media), piece_media.c.piece_id.in_(piece_ids))
        .order_by(piece_media.c.piece_id, piece_media.c.position)
    )
    for row in await tx.all(query):
        found.setdefault(row.piece_id, []).append(row.media_id)
    return found


async def _put_media(tx: Tx, piece_id: UUID, media_ids: Sequence[UUID]) -> None:
    for position, media_id in enumerate(media_ids):
        await tx.insert(piece_media, piece_id=piece_id, media_id=media_id, position=position)


async def _insert(tx: Tx, text: str, link: str | None, brand_id: UUID | None) -> UUID:
    try:
        return await tx.insert(
            pieces, text=text, link=link, brand_id=brand_id, created_by=tx.scope.actor.id
        )
    except IntegrityError:
        raise _no_brand() from None


async def _update(tx: Tx, piece_id: UUID, **values: Any) -> None:
    try:
        await tx.execute(
            update(pieces).where(tx.here(pieces), pieces.c.id == piece_id).values(**values)
        )
    except IntegrityError:
        raise _no_brand() from None


def _no_brand() -> Invalid:
    """The brand is the only thing a piece refers to, so a broken reference is the brand's."""
    return Invalid(FieldProblem(field="brand_id", code="not_found"))


async def _check_media(tx: Tx, media_ids: Sequence[UUID]) -> None:
    try:
        await library.refs(tx, media_ids)
    except NotFound:
        raise Invalid(FieldProblem(field="media_ids", code="not_found")) from None


def _check(text: str, link: str | None, media_ids: Sequence[UUID]) -> None:
    problems = []
    if len(text) > MAX_TEXT:
        problems.append(FieldProblem(field="text", code="too_long", params={"max": MAX_TEXT}))
    if "\x00" in text:
        problems.append(FieldProblem(field="text", code="not_valid"))
    if link is not None and not _is_link(link):
        problems.append(FieldProblem(field="link", code="not_a_link"))
    if len(media_ids) > MAX_MEDIA:
        problems.append(FieldProblem(field="media_ids", code="too_many", params={"max": MAX_MEDIA}))
    if len(set(media_ids)) != len(media_ids):
        problems.append(FieldProblem(field="media_ids", code="twice"))
    if problems:
        raise Invalid(*problems)


def _is_link(link: str) -> bool:
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return False
    plain = link.isprintable() and " " not in link
    return plain and parts.scheme in {"http", "https"} and bool(host) and len(link) <= MAX_LINK


async def _tell(tx: Tx, piece_id: UUID, state: str) -> None:
    await events.emit(tx, PieceChanged, piece_id=str(piece_id), state=state)
