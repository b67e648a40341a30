"""Prepare, write the intent down, send exactly once, note the outcome."""

import time

import msgspec

from palabre.domains.publishing import outcomes, steps, turns
from palabre.domains.publishing.machine import move, read
from palabre.domains.publishing.task import Subjects
from palabre.outbox import work
from palabre.plugins.dispatch import dispatch
from palabre.sdk.context import CallContext
from palabre.sdk.errors import PluginBug, PluginError
from palabre.sdk.publish import (
    Handle,
    KindSpec,
    Pending,
    PostRequest,
    Published,
    PublishOutcome,
    Ready,
)


async def send(subjects: Subjects) -> None:
    """Bring a claimed publication to its outcome, or to where it waits."""
    attempt = subjects.publication.attempt + 1
    try:
        spec = subjects.spec()
        handle = None
        if spec.publishes_at == "finalize":
            prepared = await _prepare(subjects, attempt)
            if prepared is None:
                return
            subjects, handle = prepared
        ctx = await subjects.context(subjects.task.timing.sending_s)
    except PluginError as error:
        await outcomes.refused(subjects, error, attempt, sent=False)
        return
    await _send_once(subjects, spec, ctx, attempt, handle)


async def _prepare(subjects: Subjects, attempt: int) -> tuple[Subjects, Handle] | None:
    """Upload what is needed, where nobody sees it; None when the platform needs more time."""
    task = subjects.task
    async with task.runtime.database.transaction(task.scope) as tx:
        if subjects.publication.state == "claimed":
            await move(tx, subjects.publication, "preparing", claimed=task.claimed)
        publication = await read(tx, subjects.publication.id)
        step = await steps.of_attempt(tx, publication.id, attempt)
    subjects = msgspec.structs.replace(subjects, publication=publication)
    known = steps.handle_of(step)
    if step is not None and known is not None and step.state == "ready":
        return subjects, known
    ctx = await subjects.context(task.timing.prepare_s)
    outcome = await _submit_or_check(subjects, ctx, known)
    if isinstance(outcome, Published):
        await outcomes.published(subjects, outcome, attempt)
        return None
    await _save(subjects, attempt, outcome)
    return (subjects, outcome.handle) if isinstance(outcome, Ready) else None


async def _submit_or_check(
    subjects: Subjects, ctx: CallContext, known: Handle | None
) -> PublishOutcome:
    key = subjects.account.adapter
    outcome: PublishOutcome
    if known is None:
        post = subjects.post()
        outcome = await dispatch(subjects.view, "publisher", key, "submit", ctx, post=post)
    else:
        outcome = await dispatch(subjects.view, "publisher", key, "check", ctx, handle=known)
    return outcome


async def _save(subjects: Subjects, attempt: int, outcome: Pending | Ready) -> None:
    """Keep the handle with the step; a pending one gives the row back until it is asked again."""
    task = subjects.task
    pending = isinstance(outcome, Pending)
    async with task.runtime.database.transaction(task.scope) as tx:
        if not await work.holds(tx, task.claimed):
            return
        await steps.note(
            tx,
            subjects.publication.id,
            attempt,
            "pending" if pending else "ready",
            task.claimed.fence,
            handle=msgspec.to_builtins(outcome.handle),
            prepared_at=await steps.database_now(tx),
        )
        if isinstance(outcome, Pending):
            await work.hand_back(tx, task.claimed, task.later(outcome.poll_after_s))


async def _send_once(
    subjects: Subjects, spec: KindSpec, ctx: CallContext, attempt: int, handle: Handle | None
) -> None:
    """Commit the intent, look at the monotonic clock, call once."""
    started = time.monotonic()
    sending = await _intend(subjects, attempt)
    if sending is None:
        return
    if time.monotonic() - started > subjects.task.timing.guard_s:
        await _not_sent(sending, attempt)
        return
    post = sending.post()
    try:
        outcome = await _call(sending, spec, ctx, post, handle)
    except PluginError as error:
        await outcomes.refused(sending, error, attempt, sent=True)
        return
    if isinstance(outcome, Published):
        await outcomes.published(sending, outcome, attempt)
    elif isinstance(outcome, Pending):
        await outcomes.in_the_works(sending, outcome, attempt)
    else:
        bug = PluginBug("Ready came from the call that makes the post visible")
        await outcomes.refused(sending, bug, attempt, sent=True)


async def _intend(subjects: Subjects, attempt: int) -> Subjects | None:
    """Write down that the send happens now; None when it is not this publication's turn."""
    task, row = subjects.task, subjects.publication
    manifest = task.runtime.registry.manifest(subjects.plugin)
    async with task.runtime.database.transaction(task.scope) as tx:
        wait = await turns.not_before(tx, row, task.timing, manifest.min_interval_s)
        if wait is not None:
            await move(tx, row, "scheduled", claimed=task.claimed)
            await work.hand_back(tx, task.claimed, wait)
            return None
        await move(tx, row, "sending", claimed=task.claimed, attempt=attempt)
        await work.extend(tx, task.claimed, task.timing.sending_lease_s)
        sent_at = await steps.database_now(tx)
        await steps.note(tx, row.id, attempt, "sent", task.claimed.fence, sent_at=sent_at)
        publication = await read(tx, row.id)
    return msgspec.structs.replace(subjects, publication=publication)


async def _not_sent(subjects: Subjects, attempt: int) -> None:
    """Too much time passed since the intent: nothing left, start again."""
    task, row = subjects.task, subjects.publication
    async with task.runtime.database.transaction(task.scope) as tx:
        await move(tx, row, "scheduled", claimed=task.claimed)
        await steps.finish(tx, row.id, attempt, "not_sent")
        await work.hand_back(tx, task.claimed, task.now())


async def _call(
    subjects: Subjects, spec: KindSpec, ctx: CallContext, post: PostRequest, handle: Handle | None
) -> PublishOutcome:
    key = subjects.account.adapter
    outcome: PublishOutcome
    if spec.publishes_at == "finalize":
        outcome = await dispatch(
            subjects.view, "publisher", key, "finalize", ctx, post=post, handle=handle
        )
    else:
        outcome = await dispatch(subjects.view, "publisher", key, "submit", ctx, post=post)
    return outcome
