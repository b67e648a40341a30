"""Work of this room: every event becomes the notices of those concerned."""

from sqlalchemy import select

from palabre.base.errors import NotFound
from palabre.db.scope import Scope
from palabre.domains.notifications import mailing, making
from palabre.domains.runtime import Runtime
from palabre.outbox import events as outbox
from palabre.outbox import work
from palabre.outbox.tables import events
from palabre.outbox.work import Claimed


async def tell_people(runtime: Runtime, claimed: Claimed) -> None:
    """Tell the people concerned of one event; told again it changes nothing."""
    scope = Scope.of_client(claimed.agency_id, claimed.client_id)
    async with runtime.database.transaction(scope) as tx:
        query = select(events.c.body).where(tx.here(events), events.c.id == claimed.subject_id)
        event = outbox.decode((await tx.one(query)).body)
        try:
            news = await making.news_of(runtime, tx, event)
        except NotFound:  # removed meanwhile
            news = None
    now = runtime.clock.now()
    mailed = []
    if news is not None:
        mailed = await making.tell(runtime, scope, claimed.subject_id, news, now)
    async with runtime.database.transaction(scope) as tx:
        if news is not None:
            await mailing.plan(tx, news.kind, mailed, now)
        await work.finish(tx, claimed)
