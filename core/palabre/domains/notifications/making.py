"""Makes notices of what happened, for the people concerned, as each of them wants it."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy.dialects.postgresql import insert

from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.accounts import service as accounts
from palabre.domains.identity import service as identity
from palabre.domains.identity.service import Colleague
from palabre.domains.notifications import preferences
from palabre.domains.notifications.kinds import Kind
from palabre.domains.notifications.tables import notices
from palabre.domains.publishing import service as publishing
from palabre.domains.runtime import Runtime
from palabre.sdk.events import AccountChanged, Event, PublicationChanged

WORKING: Final = frozenset({"owner", "admin", "editor"})
"""Roles whose holders are told what happens to a client."""


class News(Struct, frozen=True, kw_only=True):
    """What people are to be told."""

    kind: Kind
    target_kind: str
    target_id: UUID
    params: dict[str, Any]
    made_by: UUID | None = None
    """Who is concerned besides those who work on the client."""


async def news_of(runtime: Runtime, tx: Tx, event: Event) -> News | None:
    """Return what is to be told of an event, None when it is nothing to be told or over already.

    Raises:
        NotFound: What it is about is gone.
    """
    if isinstance(event, PublicationChanged):
        return await _of_publication(runtime, tx, event)
    if isinstance(event, AccountChanged) and event.state in {"needs_reconnect", "revoked"}:
        row = await accounts.account_row(tx, UUID(event.account_id))
        if row.state in accounts.USABLE:
            return None
        platform = accounts.plugin_name(runtime.registry, row.plugin)
        return News(
            kind="account_needs_reconnect",
            target_kind="account",
            target_id=row.id,
            params={"account": row.name, "platform": platform},
        )
    return None


async def tell(
    runtime: Runtime, scope: Scope, cause_id: UUID, news: News, now: datetime
) -> list[UUID]:
    """Write one notice for each person concerned; the same cause told twice makes none.

    Return who is to get a mail of this kind from this client.
    """
    async with runtime.database.transaction(Scope.of_agency(scope.agency_id)) as tx:
        concerned = [
            one
            for one in await identity.colleagues(tx, scope.client_id)
            if one.role in WORKING or one.id == news.made_by
        ]
        return await _write(tx, scope.client_id, cause_id, news, concerned, now)


async def _write(
    tx: Tx,
    client_id: UUID,
    cause_id: UUID,
    news: News,
    concerned: list[Colleague],
    now: datetime,
) -> list[UUID]:
    chosen = await preferences.of_people(tx, [one.id for one in concerned])
    mailed = []
    for one in concerned:
        where = preferences.channels(chosen, one.id, news.kind)
        if not (where.in_app or where.email):
            continue
        if where.email:
            mailed.append(one.id)
        await tx.execute(
            insert(notices)
            .values(
                agency_id=tx.scope.agency_id,
                client_id=client_id,
                id=new_id(),
                user_id=one.id,
                kind=news.kind,
                params=news.params,
                target_kind=news.target_kind,
                target_id=news.target_id,
                cause_id=cause_id,
                in_app=where.in_app,
                mail_wanted=where.email,
                created_at=now,
            )
            .on_conflict_do_nothing()
        )
    return mailed


async def _of_publication(runtime: Runtime, tx: Tx, event: PublicationChanged) -> News | None:
    told = await publishing.telling(runtime, tx, UUID(event.publication_id))
    kind: Kind | None = None
    if event.state == "published":
        kind = "publication_published"
    elif event.state == told.state == "failed":
        kind = "publication_failed"
    elif event.state == told.state and told.waits_for_person:
        kind = "publication_needs_person"
    if kind is None:
        return None
    params: dict[str, Any] = {"account": told.account, "platform": told.platform}
    if kind != "publication_published":
        params |= {"why": told.why, "who": told.who}
    return News(
        kind=kind,
        target_kind="publication",
        target_id=UUID(event.publication_id),
        params=params,
        made_by=told.created_by,
    )
