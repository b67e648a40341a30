"""Lists publications and shows one with its sends."""

from uuid import UUID

from sqlalchemy import select, tuple_

from palabre.base.errors import Unavailable
from palabre.base.pages import Page, PageOfAll, Position, cut, decode_cursor, encode_cursor
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.publishing import machine, steps, views
from palabre.domains.publishing.machine import PublicState
from palabre.domains.publishing.tables import publications
from palabre.domains.publishing.views import Publication
from palabre.domains.runtime import Runtime


async def page(
    runtime: Runtime,
    tx: Tx,
    limit: int,
    cursor: str | None,
    *,
    state: PublicState | None = None,
    account_id: UUID | None = None,
) -> Page[Publication]:
    """Return one page of the scope's publications, newest first.

    Raises:
        Invalid: The cursor is not ours.
    """
    after = decode_cursor(cursor)
    query = select(publications).where(tx.here(publications))
    if state is not None:
        query = query.where(publications.c.state.in_(machine.stored(state)))
    if account_id is not None:
        query = query.where(publications.c.account_id == account_id)
    if after is not None:
        place = tuple_(publications.c.created_at, publications.c.id)
        query = query.where(place < (after.at, after.id))
    order = (publications.c.created_at.desc(), publications.c.id.desc())
    rows = await tx.all(query.order_by(*order).limit(limit + 1))
    shown = {one.id: one for one in await views.show(runtime, tx, rows[:limit])}
    return cut(rows, limit, lambda row: shown[row.id], lambda row: Position(row.created_at, row.id))


async def page_of_all(
    runtime: Runtime,
    scope: Scope,
    limit: int,
    cursor: str | None,
    *,
    state: PublicState | None = None,
    account_id: UUID | None = None,
) -> PageOfAll[Publication]:
    """Return one page of the publications of every client of the scope, in every database.

    Raises:
        Invalid: The cursor is not ours.
        Unavailable: The pool does not answer.
    """
    found: list[Publication] = []
    missing: list[UUID] = []
    more = False
    for part in await runtime.database.parts(scope):
        try:
            async with runtime.database.transaction(part) as tx:
                one = await page(runtime, tx, limit, cursor, state=state, account_id=account_id)
        except Unavailable:
            if part is scope:
                raise
            missing.append(part.client_id)
            continue
        found += one.items
        more = more or one.next_cursor is not None
    found.sort(key=lambda item: (item.created_at, item.id), reverse=True)
    shown = found[:limit]
    cut_off = more or len(found) > limit
    return PageOfAll(
        items=shown,
        next_cursor=encode_cursor(shown[-1].created_at, shown[-1].id) if cut_off else None,
        missing_clients=missing,
    )


async def show(runtime: Runtime, tx: Tx, publication_id: UUID) -> Publication:
    """Return one publication with its sends.

    Raises:
        NotFound: The scope does not see it.
    """
    row = await machine.read(tx, publication_id)
    sent = await steps.every(tx, publication_id)
    return (await views.show(runtime, tx, [row], sent))[0]
