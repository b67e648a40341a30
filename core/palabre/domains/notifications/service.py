"""Notices and preferences: what other rooms may call."""

from uuid import UUID

from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.domains.notifications.kinds import Chosen, Kind
from palabre.domains.notifications.listing import (
    NoticeItem,
    Notices,
    mark_all_read,
    mark_read,
    page,
)
from palabre.domains.notifications.preferences import Preference, choose
from palabre.domains.notifications.preferences import read as read_preferences
from palabre.domains.notifications.tables import notices
from palabre.mail.service import Told

__all__ = [
    "Chosen",
    "Kind",
    "NoticeItem",
    "Notices",
    "Preference",
    "choose",
    "mail_failed",
    "mark_all_read",
    "mark_read",
    "page",
    "read_preferences",
]


async def mail_failed(tx: Tx, told: Told, mail_id: UUID, recipient: str) -> None:
    """Tell somebody, under the bell, that a mail they caused could not be delivered."""
    kind: Kind = "mail_failed"
    await tx.execute(
        notices.insert().values(
            agency_id=told.agency_id,
            client_id=told.client_id,
            id=new_id(),
            user_id=told.user_id,
            kind=kind,
            params={"to": recipient},
            cause_id=mail_id,
            in_app=True,
            mail_wanted=False,
        )
    )
