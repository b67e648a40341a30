"""Brings letters away: claims those that are due, hands them over, writes down what came of it.

Several processes may do so at once. A letter is claimed (``sending``, with a lease) and committed
before the server hears of it, and marked after its answer. A process that dies between the two
leaves the letter to the next one, which sends it again under the same Message-ID: SMTP has no
transaction, so twice is possible and never is not.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import structlog
from sqlalchemy import Row, delete, select, update

from palabre.base.clock import Clock
from palabre.base.settings import Settings
from palabre.db.door import Database, Tx
from palabre.db.scope import Scope
from palabre.mail.catcher import Catcher
from palabre.mail.service import Told
from palabre.mail.smtp import NotDelivered, Outgoing, SmtpCarrier, parse
from palabre.mail.tables import mails

_log = structlog.get_logger(__name__)
ROUND: Final = 20
"""Letters claimed at once."""
LEASE: Final = timedelta(minutes=5)
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=6)
GIVEN_UP_AFTER: Final = timedelta(hours=24)
"""A letter this old says what may no longer be so."""
KEPT: Final = timedelta(days=30)


class Carrier(Protocol):
    """Takes letters; ``keeps_bodies`` where they are to be read in their table afterwards."""

    @property
    def keeps_bodies(self) -> bool:
        """Whether the text stays in the row."""
        ...

    async def carry(self, letter: Outgoing) -> None:
        """Hand one letter over, or raise ``NotDelivered``."""
        ...

    async def close(self) -> None:
        """End the round."""
        ...


OnFailed = Callable[[Tx, Told, UUID, str], Awaitable[None]]
"""Called in the transaction that gives a letter up: who is told, its id, whom it was for."""


def carrier_of(settings: Settings) -> Callable[[], Carrier] | None:
    """Return what makes the carrier of each round; None when letters have to wait.

    Raises:
        SettingsError: ``PALABRE_SMTP_URL`` cannot be used.
    """
    if settings.smtp_url:
        server = parse(settings.smtp_url, settings.public_url)
        return lambda: SmtpCarrier(server)
    if settings.environment == "production":
        _log.warning(
            "mail_waits", reason="PALABRE_SMTP_URL is not set: nobody gets mail until it is"
        )
        return None
    return Catcher


def wait_after(attempts: int) -> timedelta:
    """Return how long a letter waits after so many tries: a minute, doubled up to six hours."""
    doubled: timedelta = FIRST_WAIT * (1 << min(attempts - 1, 20))
    return min(doubled, LONGEST_WAIT)


class Postman:
    """Brings letters away for one process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        carriers: Callable[[], Carrier] | None,
        on_failed: OnFailed,
    ) -> None:
        """Prepare.

        Args:
            database: Where the letters are.
            clock: Tells the time.
            carriers: Makes the carrier of a round; None: letters wait.
            on_failed: Tells somebody that a letter was given up.
        """
        self._database = database
        self._clock = clock
        self._carriers = carriers
        self._on_failed = on_failed

    async def round(self) -> int:
        """Bring away what is due; return how many letters were claimed.

        Raises:
            Unavailable: The database does not answer; the leases of this round end by themselves.
        """
        if self._carriers is None or not (claimed := await self._claim()):
            return 0
        ends = time.monotonic() + LEASE.total_seconds() / 2
        carrier = self._carriers()
        try:
            away: NotDelivered | None = None
            for row in claimed:
                if time.monotonic() > ends:
                    break  # the rest is claimed again when its lease has ended
                if away is not None:
                    await self._not_taken(row, away)
                    continue
                away = await self._bring(carrier, row)
        finally:
            await carrier.close()
        return len(claimed)

    async def forget(self) -> int:
        """Remove letters that are 30 days old; return how many."""
        async with self._database.unscoped() as tx:
            old = mails.c.created_at < self._clock.now() - KEPT
            return (await tx.execute(delete(mails).where(old))).rowcount

    async def _claim(self) -> list[Row[Any]]:
        now = self._clock.now()
        waiting = (mails.c.state == "waiting") & (mails.c.next_at <= now)
        left = (mails.c.state == "sending") & (mails.c.lease_until <= now)
        due = (
            select(mails.c.id)
            .where(waiting | left)
            .order_by(mails.c.next_at)
            .limit(ROUND)
            .with_for_update(skip_locked=True)
        )
        async with self._database.unscoped() as tx:
            return await tx.all(
                update(mails)
                .where(mails.c.id.in_(due.scalar_subquery()))
                .values(state="sending", attempts=mails.c.attempts + 1, lease_until=now + LEASE)
                .returning(mails)
            )

    async def _bring(self, carrier: Carrier, row: Row[Any]) -> NotDelivered | None:
        """Hand one letter over; return the refusal when the server cannot be worked with now."""
        if self._clock.now() - row.created_at > GIVEN_UP_AFTER + LONGEST_WAIT:
            await self._give_up(row, "too old")  # it waited for a server that was never set
            return None
        try:
            await carrier.carry(_outgoing(row))
        except NotDelivered as refused:
            await self._not_taken(row, refused)
            return refused if refused.away else None
        except Exception as error:  # noqa: BLE001  # one strange letter must not stop the others
            await self._not_taken(row, NotDelivered(type(error).__name__))
            return None
        bodies = {} if carrier.keeps_bodies else _NO_BODIES
        async with self._database.unscoped() as tx:
            await _settle(tx, row, state="sent", sent_at=self._clock.now(), **bodies)
        _log.info("mail_sent", mail=str(row.id), template=row.template, attempt=row.attempts)
        return None

    async def _not_taken(self, row: Row[Any], refused: NotDelivered) -> None:
        now, ends = self._clock.now(), row.created_at + GIVEN_UP_AFTER
        if refused.final or now >= ends:
            await self._give_up(row, refused.reason)
            return
        following = min(now + wait_after(row.attempts), ends)
        async with self._database.unscoped() as tx:
            await _settle(tx, row, state="waiting", next_at=following, last_error=refused.reason)
        _log.warning(
            "mail_not_taken", mail=str(row.id), attempt=row.attempts, reason=refused.reason
        )

    async def _give_up(self, row: Row[Any], reason: str) -> None:
        values = {"state": "failed", "last_error": reason, **_NO_BODIES}
        _log.error("mail_given_up", mail=str(row.id), template=row.template, reason=reason)
        if row.told_id is None:
            async with self._database.unscoped() as tx:
                await _settle(tx, row, **values)
            return
        told = Told(user_id=row.told_id, agency_id=row.agency_id, client_id=row.client_id)
        async with self._database.transaction(Scope.of_agency(row.agency_id)) as tx:
            if await _settle(tx, row, **values):
                await self._on_failed(tx, told, row.id, row.recipient)


_NO_BODIES: Final[dict[str, Any]] = {"text_body": "", "html_body": ""}


async def _settle(tx: Tx, row: Row[Any], **values: Any) -> bool:
    """Write what came of a try; False when another process has taken the letter meanwhile."""
    mine = (mails.c.id == row.id) & (mails.c.attempts == row.attempts)
    changed = await tx.execute(
        update(mails).where(mine, mails.c.state == "sending").values(lease_until=None, **values)
    )
    return bool(changed.rowcount)


def _outgoing(row: Row[Any]) -> Outgoing:
    when: datetime = row.created_at
    return Outgoing(
        id=row.id,
        recipient=row.recipient,
        sender_name=row.sender_name,
        subject=row.subject,
        text=row.text_body,
        html=row.html_body,
        created_at=when,
    )
