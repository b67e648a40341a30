"""Writes what came of a send: published, in the works, refused, unknown. One transaction each."""

from datetime import datetime
from typing import Any

import msgspec
import structlog
from sqlalchemy import func, select

from palabre.audit.record import record as audit
from palabre.db.door import Tx
from palabre.domains.accounts import service as accounts
from palabre.domains.content import service as content
from palabre.domains.publishing import steps
from palabre.domains.publishing.machine import move
from palabre.domains.publishing.reactions import Situation, Verdict, react
from palabre.domains.publishing.records import FailureRecord, of_error, store
from palabre.domains.publishing.tables import publications
from palabre.domains.publishing.task import Subjects
from palabre.outbox import work
from palabre.sdk.errors import AuthRevoked, PluginError, Unsupported
from palabre.sdk.publish import Pending, Published

_log = structlog.get_logger(__name__)


async def published(subjects: Subjects, outcome: Published, attempt: int) -> None:
    """Note that it is visible; conditional on the hold."""
    task, row = subjects.task, subjects.publication
    async with task.runtime.database.transaction(task.scope) as tx:
        await move(
            tx,
            row,
            "published",
            claimed=task.claimed,
            remote_id=outcome.remote_id,
            permalink=outcome.url,
            published_at=outcome.published_at or func.now(),
            failure=None,
            held_reason=None,
            needs_person=False,
        )
        await steps.finish(tx, row.id, attempt, "published", remote_id=outcome.remote_id)
        await accounts.works(tx, row.account_id)
        await settle_piece(tx, row.piece_id)
        audit(tx, "publication.published", "publication", row.id, remote_id=outcome.remote_id)
        await work.finish(tx, task.claimed)
    _log.info("published", publication=str(row.id), attempt=attempt)


async def in_the_works(subjects: Subjects, outcome: Pending, attempt: int) -> None:
    """Note that the platform works on what we sent; we ask again later."""
    task, row = subjects.task, subjects.publication
    async with task.runtime.database.transaction(task.scope) as tx:
        if row.state != "processing":
            await move(tx, row, "processing", claimed=task.claimed)
        await steps.note(
            tx,
            row.id,
            attempt,
            "processing",
            task.claimed.fence,
            handle=msgspec.to_builtins(outcome.handle),
        )
        await work.hand_back(tx, task.claimed, task.later(outcome.poll_after_s))


async def refused(subjects: Subjects, error: PluginError, attempt: int, *, sent: bool) -> None:
    """Do what follows from an error of the adapter, before the send or after it."""
    task = subjects.task
    situation = Situation(now=task.now(), timing=task.timing, sent=sent, before=subjects.before)
    verdict = react(error, situation)
    if verdict.renew:
        verdict = await _renewed(subjects, verdict, situation)
    if verdict.to == "published":
        await published(subjects, Published(remote_id=verdict.remote_id or ""), attempt)
        return
    async with task.runtime.database.transaction(task.scope) as tx:
        await _write(tx, subjects, verdict, error, attempt, sent=sent)
    _log.info(
        "publication_stopped",
        publication=str(subjects.publication.id),
        to=verdict.to,
        code=error.code,
        remote_code=error.remote_code,
        internal=error.internal,
    )


async def _renewed(subjects: Subjects, verdict: Verdict, situation: Situation) -> Verdict:
    """Renew the grant; when that fails, its failure decides."""
    account = subjects.account
    try:
        _ = await accounts.renew(subjects.task.runtime, subjects.subject(), account.id)
    except Unsupported as error:
        return react(AuthRevoked(error.internal), situation)
    except PluginError as error:
        return react(error, msgspec.structs.replace(situation, sent=False))
    return verdict


async def _write(
    tx: Tx,
    subjects: Subjects,
    verdict: Verdict,
    error: PluginError,
    attempt: int,
    *,
    sent: bool,
) -> None:
    task, row = subjects.task, subjects.publication
    await move(
        tx,
        row,
        verdict.to,
        claimed=task.claimed,
        failure=store(verdict.record),
        held_reason=verdict.held_reason,
    )
    if sent:
        state = "unknown" if verdict.to == "unknown" else "refused"
        await steps.finish(tx, row.id, attempt, state, error_code=error.code)
    if not verdict.renew:
        await accounts.mark(tx, row.account_id, error)
    if verdict.to == "failed":
        await settle_piece(tx, row.piece_id)
    await _go_on(tx, subjects, verdict.due_at)


async def _go_on(tx: Tx, subjects: Subjects, due_at: datetime | None) -> None:
    if due_at is None:
        await work.finish(tx, subjects.task.claimed)
    else:
        await work.hand_back(tx, subjects.task.claimed, due_at)


async def to_unknown(subjects: Subjects, code: str, attempt: int, why: str) -> None:
    """Note that nobody knows what came of the send; a search decides."""
    task, row = subjects.task, subjects.publication
    due = task.later(task.timing.first_look_s)
    made = FailureRecord(code="unknown_outcome", who="us", online="unknown", next_at=due)
    async with task.runtime.database.transaction(task.scope) as tx:
        await move(tx, row, "unknown", claimed=task.claimed, failure=store(made))
        await steps.finish(tx, row.id, attempt, "unknown", error_code=code)
        await work.hand_back(tx, task.claimed, due)
    _log.warning("publication_unknown", publication=str(row.id), why=why)


async def settle_piece(tx: Tx, piece_id: Any) -> None:
    """Give the piece the state that its publications have together."""
    _ = await content.row_of(tx, piece_id, lock=True)  # two that end at once see each other
    states = {
        row.state
        for row in await tx.all(
            select(publications.c.state)
            .where(tx.here(publications), publications.c.piece_id == piece_id)
            .distinct()
        )
    }
    await content.set_state(tx, piece_id, piece_state(states))


def piece_state(states: set[str]) -> str:
    """Return the state of a piece: still going out, out, or back with its author."""
    open_states = states - {"published", "removed", "failed", "cancelled"}
    if open_states:
        return "scheduled"
    if states & {"published", "removed"}:
        return "published"
    return "failed" if "failed" in states else "draft"


def ask_a_person(error: PluginError | None = None) -> FailureRecord:
    """Return the record of a doubt that only a person can end."""
    if error is not None:
        return of_error(error, code="unknown_outcome_ask", online="unknown")
    return FailureRecord(code="unknown_outcome_ask", who="you", online="unknown")
