"""Schedules: rules in a client's time zone that make work, each occurrence once."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from cronsim import CronSim
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert

from palabre.base.ids import new_id
from palabre.db.door import Database, Tx
from palabre.db.scope import Scope
from palabre.outbox import work
from palabre.outbox.tables import schedules

_FIELDS = 5


def next_time(rule: str, time_zone: str, after: datetime) -> datetime:
    """Return the rule's first time after ``after``, in UTC; a time clocks skip is not invented.

    Raises:
        ValueError: The rule is not five cron fields.
    """
    if len(rule.split()) != _FIELDS:
        raise ValueError(f"{rule!r} is not a five-field cron rule")
    return next(CronSim(rule, after.astimezone(ZoneInfo(time_zone)))).astimezone(UTC)


async def plan(
    tx: Tx, queue: str, kind: str, subject_id: UUID, rule: str, time_zone: str, now: datetime
) -> None:
    """Create or change the schedule of ``subject_id``."""
    due = next_time(rule, time_zone, now)
    statement = insert(schedules).values(
        agency_id=tx.scope.agency_id,
        client_id=tx.scope.client_id,
        id=new_id(),
        queue=queue,
        kind=kind,
        subject_id=subject_id,
        rule=rule,
        time_zone=time_zone,
        next_due_at=due,
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["agency_id", "client_id", "kind", "subject_id"],
            set_={"rule": rule, "time_zone": time_zone, "next_due_at": due, "enabled": True},
        )
    )


async def stop(tx: Tx, kind: str, subject_id: UUID) -> None:
    """Stop the schedule of ``subject_id``; work it already made stays."""
    await tx.execute(
        update(schedules)
        .where(tx.here(schedules), schedules.c.kind == kind, schedules.c.subject_id == subject_id)
        .values(enabled=False)
    )


async def tick(database: Database, now: datetime, *, limit: int = 200) -> int:
    """Make the work of every due schedule and set its next time; return how many."""
    async with database.unscoped() as tx:
        due = await tx.all(text("SELECT * FROM due_schedules(:limit)"), {"limit": limit})
    for row in due:
        async with database.transaction(Scope.of_client(row.agency_id, row.client_id)) as tx:
            await _occur(tx, row.id, now)
    return len(due)


async def _occur(tx: Tx, schedule_id: UUID, now: datetime) -> None:
    """One catch-up for missed occurrences, never a burst; a second process finds nothing due."""
    row = await tx.first(
        schedules.select()
        .where(tx.here(schedules), schedules.c.id == schedule_id)
        .where(schedules.c.enabled, schedules.c.next_due_at <= now)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return
    await work.put(tx, row.queue, row.kind, row.subject_id, row.next_due_at)
    await tx.execute(
        update(schedules)
        .where(tx.here(schedules), schedules.c.id == schedule_id)
        .values(next_due_at=next_time(row.rule, row.time_zone, now))
    )
