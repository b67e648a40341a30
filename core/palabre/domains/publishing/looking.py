"""Reads at the platform: how far it is with a post, whether a send of unknown outcome arrived."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select

from palabre.domains.publishing import outcomes, steps
from palabre.domains.publishing.machine import move
from palabre.domains.publishing.records import FailureRecord, record, store
from palabre.domains.publishing.tables import publications
from palabre.domains.publishing.task import Subjects
from palabre.outbox import work
from palabre.plugins.dispatch import dispatch
from palabre.sdk.errors import (
    InvalidContent,
    NotFoundRemote,
    PluginError,
    Unsupported,
)
from palabre.sdk.publish import (
    Absent,
    AttemptInfo,
    CannotTell,
    FindResult,
    Found,
    Pending,
    Published,
    PublishOutcome,
)

MOST_SENDS: Final = 5
"""Sends that surely did not arrive; after these a person looks instead."""


async def check(subjects: Subjects, step: Row[Any]) -> None:
    """Ask how far the platform is with what we sent."""
    task, attempt = subjects.task, step.attempt
    try:
        outcome = await _check(subjects, step)
    except (InvalidContent, NotFoundRemote) as error:
        if isinstance(error, NotFoundRemote):
            await outcomes.to_unknown(subjects, error.code, attempt, "the handle is gone")
        else:
            await outcomes.refused(subjects, error, attempt, sent=True)
        return
    except PluginError as error:
        await _later(subjects, step, error)
        return
    if isinstance(outcome, Published):
        await outcomes.published(subjects, outcome, attempt)
    elif isinstance(outcome, Pending) and not _too_long(subjects, step):
        await outcomes.in_the_works(subjects, outcome, attempt)
    else:
        await outcomes.to_unknown(subjects, "processing", attempt, f"ended at {task.now()}")


async def _check(subjects: Subjects, step: Row[Any]) -> PublishOutcome:
    handle = steps.handle_of(step)
    if handle is None:
        raise NotFoundRemote("no handle was saved")
    ctx = await subjects.context(subjects.task.timing.sending_s)
    outcome: PublishOutcome = await dispatch(
        subjects.view, "publisher", subjects.account.adapter, "check", ctx, handle=handle
    )
    return outcome


async def find(subjects: Subjects, step: Row[Any]) -> None:
    """Look whether the send arrived; only a complete search past the settle time says no."""
    task = subjects.task
    try:
        spec = subjects.spec()
        if spec.after_unknown == "E":
            await ask(subjects)
            return
        if spec.after_unknown == "A" and _key_lives(subjects, step):
            await _send_again(subjects, step)
            return
        result = await _find(subjects, step)
    except Unsupported as error:
        await ask(subjects, error)
        return
    except PluginError as error:
        await _later(subjects, step, error)
        return
    settled_at = step.sent_at + timedelta(seconds=task.timing.settle(spec.settle_s))
    await _conclude(subjects, step, result, settled_at)


async def _find(subjects: Subjects, step: Row[Any]) -> FindResult:
    ctx = await subjects.context(subjects.task.timing.sending_s)
    attempt = AttemptInfo(sent_at=step.sent_at, attempt=step.attempt, handle=steps.handle_of(step))
    result: FindResult = await dispatch(
        subjects.view,
        "publisher",
        subjects.account.adapter,
        "find",
        ctx,
        post=subjects.post(),
        attempt=attempt,
    )
    return result


async def _conclude(
    subjects: Subjects, step: Row[Any], result: FindResult, settled_at: datetime
) -> None:
    if isinstance(result, CannotTell) or _too_long(subjects, step):
        await ask(subjects)
    elif isinstance(result, Found):
        if await _is_anothers(subjects, result.published.remote_id):
            await ask(subjects)
        else:
            await outcomes.published(subjects, result.published, step.attempt)
    elif isinstance(result, Absent) and _settled(subjects, result, settled_at):
        if step.attempt < MOST_SENDS:
            await _send_again(subjects, step)
        else:
            await ask(subjects)
    else:
        await _look_again(subjects, step, settled_at)


def _settled(subjects: Subjects, result: Absent, settled_at: datetime) -> bool:
    """Tell whether the search came late enough, whatever the clock of this machine says."""
    return min(result.searched_until, subjects.read_at) >= settled_at


async def _is_anothers(subjects: Subjects, remote_id: str) -> bool:
    """Tell whether the post found belongs to another publication with the same content."""
    task, row = subjects.task, subjects.publication
    async with task.runtime.database.transaction(task.scope) as tx:
        other = await tx.scalar(
            select(publications.c.id)
            .where(tx.here(publications), publications.c.account_id == row.account_id)
            .where(publications.c.remote_id == remote_id, publications.c.id != row.id)
        )
    return other is not None


async def ask(subjects: Subjects, error: PluginError | None = None) -> None:
    """Leave the answer to a person; nothing is sent meanwhile."""
    task, row = subjects.task, subjects.publication
    made = outcomes.ask_a_person(error)
    async with task.runtime.database.transaction(task.scope) as tx:
        await move(tx, row, "unknown", claimed=task.claimed, needs_person=True, failure=store(made))
        await work.finish(tx, task.claimed)


async def _send_again(subjects: Subjects, step: Row[Any]) -> None:
    """It did not arrive (or the platform knows our key): the next attempt may send."""
    task, row = subjects.task, subjects.publication
    async with task.runtime.database.transaction(task.scope) as tx:
        await move(tx, row, "scheduled", claimed=task.claimed, failure=None)
        await steps.finish(tx, row.id, step.attempt, "absent")
        await work.hand_back(tx, task.claimed, task.now())


async def _look_again(subjects: Subjects, step: Row[Any], settled_at: datetime) -> None:
    due = next_look(subjects, step, settled_at)
    made = record("unknown_outcome", online="unknown", next_at=due)
    await _wait(subjects, due, made)


async def _later(subjects: Subjects, step: Row[Any], error: PluginError) -> None:
    """The platform cannot be asked now: later, and in the end a person."""
    if _too_long(subjects, step):
        await ask(subjects, error)
        return
    due = next_look(subjects, step, subjects.read_at)
    remote_code = error.remote_code or ""
    made = record("unknown_outcome", online="unknown", next_at=due, remote_code=remote_code)
    await _wait(subjects, due, made)


async def _wait(subjects: Subjects, due: datetime, made: FailureRecord) -> None:
    task, row = subjects.task, subjects.publication
    async with task.runtime.database.transaction(task.scope) as tx:
        if row.state == "unknown":
            await move(tx, row, "unknown", claimed=task.claimed, failure=store(made))
        await work.hand_back(tx, task.claimed, due)


def next_look(subjects: Subjects, step: Row[Any], settled_at: datetime) -> datetime:
    """Return when to look next: ever more slowly, and once right after the settle time."""
    task, now = subjects.task, subjects.read_at
    waited = _waited(subjects, step)
    wait = min(max(task.timing.first_look_s, waited), task.timing.slowest_look_s)
    due = now + timedelta(seconds=wait)
    just_after = settled_at + timedelta(seconds=task.timing.tick_s)
    return just_after if now < settled_at < due else due


def _too_long(subjects: Subjects, step: Row[Any]) -> bool:
    return _waited(subjects, step) > subjects.task.timing.looks_end_s


def _key_lives(subjects: Subjects, step: Row[Any]) -> bool:
    trusted = _waited(subjects, step) < subjects.task.timing.key_life_s
    return trusted and step.attempt < MOST_SENDS


def _waited(subjects: Subjects, step: Row[Any]) -> float:
    sent_at: datetime = step.sent_at
    return (subjects.read_at - sent_at).total_seconds()
