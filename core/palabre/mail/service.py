"""Writing a letter in the transaction of its cause: what every other room calls."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select, tuple_

from palabre.base.ids import new_id
from palabre.base.pages import Page, Position, cut, decode_cursor
from palabre.db.door import Tx
from palabre.mail.rendering import Facts, Item, one_line, render
from palabre.mail.tables import mails

PRODUCT = "Palabre"


class Caught(Struct, frozen=True, kw_only=True):
    """A letter as the demo's mail catcher shows it."""

    id: UUID
    to: str
    sender_name: str
    subject: str
    text: str
    html: str
    state: str
    created_at: datetime


class Told(Struct, frozen=True, kw_only=True):
    """Who learns, by a notice, that a letter could not be delivered."""

    user_id: UUID
    agency_id: UUID
    client_id: UUID | None = None


async def post(
    tx: Tx,
    template: str,
    to: str,
    locale: str,
    params: Facts,
    *,
    sender_name: str = PRODUCT,
    items: Sequence[Item] = (),
    told: Told | None = None,
) -> UUID:
    """Write a letter; it leaves within a second or two after COMMIT, and never without it.

    Works in any transaction, scoped or not. Return the letter's id.

    Args:
        tx: The transaction of the cause.
        template: Entry of ``palabre.mail.templates.TEMPLATES``.
        to: One address.
        locale: Language of who gets it.
        params: The facts of the template; ``url`` for its button.
        sender_name: The agency, as its clients know it.
        items: What the letter lists.
        told: Who is told when it cannot be delivered.

    Raises:
        ValueError: A fact is missing, or is not the template's.
    """
    letter = render(template, locale, params, sender_name=sender_name, items=items)
    mail_id = new_id()
    await tx.execute(
        mails.insert().values(
            id=mail_id,
            agency_id=told.agency_id if told else None,
            client_id=told.client_id if told else None,
            told_id=told.user_id if told else None,
            template=template,
            locale=locale,
            sender_name=one_line(sender_name),
            recipient=to,
            subject=letter.subject,
            text_body=letter.text,
            html_body=letter.html,
            next_at=func.now(),
        )
    )
    return mail_id


async def caught(tx: Tx, limit: int, cursor: str | None) -> Page[Caught]:
    """Return what the demo's catcher has, newest first.

    Raises:
        Invalid: The cursor is not ours.
    """
    after = decode_cursor(cursor)
    query = select(mails)
    if after is not None:
        query = query.where(tuple_(mails.c.created_at, mails.c.id) < (after.at, after.id))
    query = query.order_by(mails.c.created_at.desc(), mails.c.id.desc()).limit(limit + 1)
    return cut(
        await tx.all(query),
        limit,
        lambda row: Caught(
            id=row.id,
            to=row.recipient,
            sender_name=row.sender_name,
            subject=row.subject,
            text=row.text_body,
            html=row.html_body,
            state=row.state,
            created_at=row.created_at,
        ),
        lambda row: Position(row.created_at, row.id),
    )


async def caught_html(tx: Tx, mail_id: UUID) -> str:
    """Return the HTML of one letter in the demo's catcher.

    Raises:
        NotFound: There is none.
    """
    row = await tx.one(select(mails.c.html_body).where(mails.c.id == mail_id))
    html: str = row.html_body
    return html
