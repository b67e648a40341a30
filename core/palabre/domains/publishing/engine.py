"""What a worker does with a claimed publication: looks at its state and takes the next step.

No network call is made while a transaction is open; dispatch asserts it.
"""

from datetime import timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import Row

from palabre.db.door import Tx
from palabre.domains.accounts import service as accounts
from palabre.domains.publishing import looking, outcomes, sending, steps, turns
from palabre.domains.publishing.machine import LostHold, move, read
from palabre.domains.publishing.records import FailureRecord, load, record, store
from palabre.domains.publishing.task import Subjects, Task
from palabre.domains.publishing.timing import Timing
from palabre.domains.runtime import Runtime
from palabre.outbox import work
from palabre.outbox.work import Claimed

_log = structlog.get_logger(__name__)


async def handle(runtime: Runtime, timing: Timing, claimed: Claimed) -> None:
    """Take the next step of a publication."""
    task = Task(runtime=runtime, timing=timing, claimed=claimed)
    try:
        await _step(task)
    except LostHold:
        _log.info("publication_held_by_another", publication=str(claimed.subject_id))


async def _step(task: Task) -> None:
    runtime, claimed = task.runtime, task.claimed
    enabled = await runtime.enabled.get(claimed.agency_id, claimed.client_id)
    async with runtime.database.transaction(task.scope) as tx:
        if not await work.holds(tx, claimed):
            raise LostHold
        publication = await read(tx, claimed.subject_id)
        subjects = Subjects(
            task=task,
            publication=publication,
            account=await accounts.account_row(tx, publication.account_id),
            view=runtime.registry.for_client(enabled),
            read_at=await steps.database_now(tx),
        )
        step = await steps.last_sent(tx, publication.id)
        claimed_now = await _begin(tx, subjects)
    if claimed_now is not None:
        await sending.send(claimed_now)
    elif step is not None:
        await _follow(subjects, step)


async def _follow(subjects: Subjects, step: Row[Any]) -> None:
    """Go on with a publication that was sent."""
    state = subjects.publication.state
    if state == "sending":  # its sender is gone: our claim is newer than its fence
        await outcomes.to_unknown(subjects, "lost_worker", step.attempt, "the sender is gone")
    elif state == "processing":
        await looking.check(subjects, step)
    elif state == "unknown" and not subjects.publication.needs_person:
        await looking.find(subjects, step)


async def _begin(tx: Tx, subjects: Subjects) -> Subjects | None:
    """Claim a publication whose time has come; None when there is nothing to send now."""
    row, task = subjects.publication, subjects.task
    if row.state in {"published", "failed", "cancelled", "removed"} or row.needs_person:
        await work.finish(tx, task.claimed)
        return None
    if row.state not in {"scheduled", "held", "claimed", "preparing"}:
        return None
    blocked = why_not(subjects)
    if blocked is not None:
        await _hold(tx, subjects, *blocked)
        return None
    if row.state == "held":
        await move(tx, row, "scheduled", claimed=task.claimed, held_reason=None, failure=None)
        await work.hand_back(tx, task.claimed, task.now())
        return None
    return await _claim(tx, subjects)


async def _claim(tx: Tx, subjects: Subjects) -> Subjects | None:
    row, task = subjects.publication, subjects.task
    interval = task.runtime.registry.manifest(subjects.plugin).min_interval_s
    wait = await turns.not_before(tx, row, task.timing, interval)
    if wait is not None:
        if row.state != "scheduled":
            await move(tx, row, "scheduled", claimed=task.claimed)
        await work.hand_back(tx, task.claimed, wait)
        return None
    if row.state != "claimed":
        await move(tx, row, "claimed", claimed=task.claimed)
    return msgspec.structs.replace(subjects, publication=await read(tx, row.id))


def why_not(subjects: Subjects) -> tuple[str, FailureRecord] | None:
    """Return why a publication must wait for a person, and the record that says so."""
    if not subjects.view.is_enabled(subjects.plugin):
        return "not_enabled", record("not_enabled")
    if subjects.account.state not in accounts.USABLE:
        before = subjects.before
        keep = before and before.code in {"auth_revoked", "permission_missing"}
        return "account_away", before if keep and before else record("account_away")
    if subjects.publication.held_reason in {"stale", "billing_stopped"}:
        return subjects.publication.held_reason, subjects.before or record("stale")
    late = subjects.task.now() - subjects.publication.due_at
    postponed = load(subjects.publication.failure)
    by_us = postponed is not None and subjects.publication.state != "held"
    if late > timedelta(seconds=subjects.task.timing.stale_s) and not by_us:
        return "stale", record("stale")
    return None


async def _hold(tx: Tx, subjects: Subjects, reason: str, made: FailureRecord) -> None:
    task = subjects.task
    await move(
        tx,
        subjects.publication,
        "held",
        claimed=task.claimed,
        held_reason=reason,
        failure=store(made),
    )
    await work.hand_back(tx, task.claimed, task.later(task.timing.held_look_s))
