"""Makes publications: checks content and time, freezes the piece for each account, makes it due."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Row, select

from palabre.audit.record import record as audit
from palabre.base.errors import FieldProblem, Invalid, NotFound
from palabre.base.ids import new_id
from palabre.base.words import say
from palabre.db.door import Tx
from palabre.domains.accounts import service as accounts
from palabre.domains.agencies import service as agencies
from palabre.domains.content import service as content
from palabre.domains.media import service as library
from palabre.domains.publishing import views
from palabre.domains.publishing.outcomes import settle_piece
from palabre.domains.publishing.tables import publications
from palabre.domains.publishing.task import KIND, QUEUE, Content
from palabre.domains.publishing.times import Moment, moment
from palabre.domains.publishing.validation import Checked, Draft, check
from palabre.domains.publishing.views import Publication
from palabre.domains.publishing.waking import wake
from palabre.domains.runtime import Runtime
from palabre.outbox import events, work
from palabre.sdk.events import PublicationChanged


class Remark(Struct, frozen=True, kw_only=True):
    """Something the caller should know of what was done."""

    code: str
    message: str


class Created(Struct, frozen=True, kw_only=True):
    """The publications that were made, one per account."""

    items: list[Publication]
    notices: list[Remark]


async def validate(
    runtime: Runtime,
    tx: Tx,
    *,
    text: str,
    link: str | None,
    media_ids: Sequence[UUID],
    account_ids: Sequence[UUID],
) -> list[Checked]:
    """Return what speaks against this content, account by account.

    Raises:
        Invalid: An account or a file is not the client's.
    """
    draft = Draft(text=text, link=link, media=tuple(await _files(tx, media_ids)))
    found = await _accounts(tx, account_ids)
    view = runtime.registry.for_client(await _enabled(runtime, tx))
    return [check(view, one, draft, tx.scope.locale) for one in found]


async def check_time(
    runtime: Runtime, tx: Tx, publish_at: str | None, time_zone: str | None
) -> Moment:
    """Return when this would be due, in the client's zone unless another is named.

    Raises:
        Invalid: See ``times.moment``.
    """
    async with tx.control() as control:
        client = await agencies.read_client(control, control.scope.client_id)
    return moment(publish_at, time_zone or client.time_zone, runtime.clock.now())


async def create(
    runtime: Runtime,
    tx: Tx,
    *,
    piece_id: UUID,
    account_ids: Sequence[UUID],
    publish_at: str | None,
    time_zone: str | None,
) -> Created:
    """Freeze a piece for each account and make it due; all of them or none.

    Raises:
        NotFound: The client has no such piece.
        Invalid: The time, an account or the content is not acceptable.
    """
    piece = await content.row_of(tx, piece_id, lock=True)
    due = await check_time(runtime, tx, publish_at, time_zone)
    draft = Draft(
        text=piece.text,
        link=piece.link,
        media=tuple(await _files(tx, await content.media_ids_of(tx, piece_id))),
    )
    found = await _accounts(tx, account_ids)
    view = runtime.registry.for_client(await _enabled(runtime, tx))
    checked = [check(view, one, draft, tx.scope.locale) for one in found]
    _refuse(checked)
    ids = [
        await _insert(tx, piece_id, account, _freeze(one, draft), due)
        for account, one in zip(found, checked, strict=True)
    ]
    await settle_piece(tx, piece_id)
    audit(tx, "publications.create", "piece", piece_id, publications=[str(one) for one in ids])
    wake(runtime, tx)
    return Created(items=await _shown(runtime, tx, ids), notices=_notices(due, tx.scope.locale))


async def _files(tx: Tx, media_ids: Sequence[UUID]) -> list[Any]:
    try:
        return list(await library.refs(tx, media_ids))
    except NotFound:
        raise Invalid(FieldProblem(field="media_ids", code="not_found")) from None


async def _accounts(tx: Tx, account_ids: Sequence[UUID]) -> list[Row[Any]]:
    """Return the accounts in the order given; each must be the client's and still connected."""
    if not account_ids or len(set(account_ids)) != len(account_ids):
        code = "twice" if account_ids else "required"
        raise Invalid(FieldProblem(field="account_ids", code=code))
    known = {row.id: row for row in await accounts.account_rows(tx, list(account_ids))}
    if any(one not in known for one in account_ids):
        raise Invalid(FieldProblem(field="account_ids", code="not_found"))
    for row in known.values():
        if row.state == "disconnected":
            params: dict[str, str | int | float] = {"account": row.name}
            raise Invalid(FieldProblem(field="account_ids", code="disconnected", params=params))
    return [known[one] for one in account_ids]


async def _enabled(runtime: Runtime, tx: Tx) -> frozenset[str]:
    return await runtime.enabled.get(tx.scope.agency_id, tx.scope.client_id)


def _refuse(checked: list[Checked]) -> None:
    """Refuse content that an account will not take, with every violation."""
    found = [
        FieldProblem(field=one.field, code="content", params={"sentence": one.message})
        for account in checked
        for one in account.violations
    ]
    if found:
        raise Invalid(*found, code="content_refused")


def _freeze(one: Checked, draft: Draft) -> Content:
    media = [msgspec.to_builtins(ref) for ref in draft.media]
    return Content(kind=one.kind or "text", text=draft.text, link=draft.link, media=media)


async def _insert(tx: Tx, piece_id: UUID, account: Row[Any], frozen: Content, due: Moment) -> UUID:
    publication_id = new_id()
    await tx.insert(
        publications,
        id=publication_id,
        piece_id=piece_id,
        account_id=account.id,
        content=msgspec.to_builtins(frozen),
        content_hash=content_hash(frozen),
        state="scheduled",
        due_at=due.due_at,
        local_time=due.local_time,
        time_zone=due.time_zone,
        created_by=tx.scope.actor.id,
    )
    await work.put(tx, QUEUE, KIND, publication_id, due.due_at)
    await events.emit(
        tx,
        PublicationChanged,
        publication_id=str(publication_id),
        account_id=str(account.id),
        state="scheduled",
    )
    return publication_id


def content_hash(frozen: Content) -> str:
    """Return what two publications share that a search at the platform could not tell apart."""
    parts = [" ".join(frozen.text.split()), frozen.link or "", *(one["id"] for one in frozen.media)]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


async def _shown(runtime: Runtime, tx: Tx, ids: list[UUID]) -> list[Publication]:
    rows = await tx.all(
        select(publications).where(tx.here(publications), publications.c.id.in_(ids))
    )
    order = {one: n for n, one in enumerate(ids)}
    return await views.show(runtime, tx, sorted(rows, key=lambda row: order[row.id]))


def _notices(due: Moment, locale: str) -> list[Remark]:
    if not due.twice:
        return []
    params = {"time": due.local_time[11:16], "date": due.local_time[:10]}
    return [Remark(code="twice", message=say(locale, "notice.twice", params))]
