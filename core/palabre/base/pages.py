"""Pages of a list: newest first, continued from a cursor that names the last row shown."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from palabre.base.errors import FieldProblem, Invalid

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

T = TypeVar("T")
R = TypeVar("R")


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list. ``next_cursor`` is null on the last one."""

    items: list[T]
    next_cursor: str | None = None


class PageOfAll(Page[T], Generic[T], frozen=True, kw_only=True):
    """One page of a list over all clients, each of which may have its own database.

    ``missing_clients``: those whose database does not answer now; nothing of them is listed.
    """

    missing_clients: list[UUID] = []


class Position(Struct, frozen=True):
    """Where a page ended: the row's time and id, the order of every list."""

    at: datetime
    id: UUID


def encode_cursor(at: datetime, row_id: UUID) -> str:
    """Return the cursor that continues after the row with this time and id."""
    raw = f"{at.isoformat()} {row_id.hex}".encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> Position | None:
    """Return the position a cursor names; None without a cursor.

    Raises:
        Invalid: It is not a cursor of ours.
    """
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        at, _, row_id = raw.decode("ascii").partition(" ")
        position = Position(datetime.fromisoformat(at), UUID(hex=row_id))
    except (ValueError, binascii.Error):
        raise Invalid(FieldProblem(field="cursor", code="not_valid")) from None
    if position.at.tzinfo is None:
        raise Invalid(FieldProblem(field="cursor", code="not_valid"))
    return position


def cut(
    rows: Sequence[R], limit: int, show: Callable[[R], T], where: Callable[[R], Position]
) -> Page[T]:
    """Return the page of ``rows``, which were read with ``limit + 1`` to see whether more follow.

    Args:
        rows: Rows, newest first.
        limit: Rows of a page.
        show: Makes what goes out of a row.
        where: Tells a row's time and id.
    """
    shown = rows[:limit]
    more = len(rows) > limit
    last = where(shown[-1]) if more else None
    return Page(
        items=[show(row) for row in shown],
        next_cursor=encode_cursor(last.at, last.id) if last else None,
    )
