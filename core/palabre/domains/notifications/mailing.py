"""Mails about notices: what happened to one client within five minutes is one mail.

The first news waits half a minute for its like; then at most one mail per person, client, kind and
five minutes. What was read under the bell meanwhile is not mailed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select, update

from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.branding import service as branding
from palabre.domains.branding.service import Owner
from palabre.domains.identity import service as identity
from palabre.domains.identity.service import Colleague
from palabre.domains.notifications.kinds import CHOSEN, Chosen
from palabre.domains.notifications.listing import words
from palabre.domains.notifications.tables import notices
from palabre.domains.runtime import Runtime
from palabre.mail import service as mail
from palabre.mail.rendering import Item
from palabre.outbox import work
from palabre.outbox.work import Claimed

QUEUE: Final = "webhooks"
GATHER: Final = timedelta(seconds=30)
WINDOW: Final = timedelta(minutes=5)
MOST_LISTED: Final = 20
_PLACES: Final = {"publication": "publications", "account": "accounts"}
KINDS: Final[dict[str, Chosen]] = {f"notices.mail.{kind}": kind for kind in CHOSEN}
"""Kinds of work: the mail of one kind to one person (the subject) about one client."""


async def plan(tx: Tx, kind: str, user_ids: Sequence[UUID], now: datetime) -> None:
    """Make a mail due for each of these people, in the client's own transaction.

    The work looks by itself whether it is too early: a steady stream of news cannot put it off.
    """
    for user_id in user_ids:
        await work.put(tx, QUEUE, f"notices.mail.{kind}", user_id, now)


async def send(runtime: Runtime, claimed: Claimed) -> None:
    """Write the mail that is due, or wait until it is.

    The row of work is locked meanwhile: news planned during it waits, and makes it due again.
    """
    scope = Scope.of_client(claimed.agency_id, claimed.client_id)
    owner = Owner(agency_id=claimed.agency_id, client_id=claimed.client_id)
    sender = await branding.sender_name(runtime, owner)
    async with runtime.database.transaction(scope) as holding:
        if not await work.holds(holding, claimed):
            return
        async with runtime.database.transaction(Scope.of_agency(claimed.agency_id)) as tx:
            later = await _write(runtime, tx, claimed, sender)
        if later is None:
            await work.finish(holding, claimed)
        else:
            await work.hand_back(holding, claimed, later)


async def _write(runtime: Runtime, tx: Tx, claimed: Claimed, sender: str) -> datetime | None:
    """Write the mail; return when to come back if it is too early."""
    kind, now = KINDS[claimed.kind], runtime.clock.now()
    these = (
        tx.here(notices)
        & (notices.c.client_id == claimed.client_id)
        & (notices.c.user_id == claimed.subject_id)
        & (notices.c.kind == kind)
        & notices.c.mail_wanted
    )
    open_ones = these & notices.c.mailed_at.is_(None)
    seen = notices.c.read_at.is_not(None)
    await tx.execute(update(notices).where(open_ones, seen).values(mail_wanted=False))
    rows = await tx.all(select(notices).where(open_ones).order_by(notices.c.created_at))
    if not rows:
        return None
    earliest = await _earliest(tx, these, rows[0].created_at)
    if earliest > now:
        return earliest
    await tx.execute(update(notices).where(open_ones).values(mailed_at=now))
    people = await identity.colleagues(tx, claimed.client_id)
    person = next((one for one in people if one.id == claimed.subject_id), None)
    if person is not None:  # else they have left the client
        await _post(runtime, tx, person, sender, claimed.client_id, rows)
    return None


async def _earliest(tx: Tx, these: ColumnElement[bool], oldest: datetime) -> datetime:
    """Return when the next mail may go: its like are gathered, and the last one is not too near."""
    query = select(func.max(notices.c.mailed_at)).where(these)
    last: datetime | None = await tx.scalar(query)
    gathered = oldest + GATHER
    return gathered if last is None else max(gathered, last + WINDOW)


async def _post(
    runtime: Runtime,
    tx: Tx,
    person: Colleague,
    sender: str,
    client_id: UUID,
    rows: Sequence[Row[Any]],
) -> None:
    client = await agencies.read_client(tx, client_id)
    home = f"{runtime.settings.public_url}/c/{client.slug}"
    kind = rows[0].kind
    items = [_item(row, person.locale, f"{home}/{_place(row)}") for row in rows[:MOST_LISTED]]
    params: dict[str, Any] = {"client": client.name}
    if len(rows) == 1:
        params |= {"account": rows[0].params["account"], "url": items[0].url}
        if kind == "account_needs_reconnect":
            params["platform"] = rows[0].params["platform"]
    else:
        place = _PLACES[rows[0].target_kind]
        params |= {"n": len(rows), "url": f"{home}/{place}"}
    template = kind if len(rows) == 1 else f"{kind}_several"
    await mail.post(
        tx, template, person.email, person.locale, params, sender_name=sender, items=items
    )


def _place(row: Row[Any]) -> str:
    return f"{_PLACES[row.target_kind]}/{row.target_id}"


def _item(row: Row[Any], locale: str, url: str) -> Item:
    title, text = words(row.kind, row.params, locale)
    return Item(title=title, lines=(text,) if text else (), url=url)
