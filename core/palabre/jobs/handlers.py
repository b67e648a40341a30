"""The table of kinds of work and who does them."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from sqlalchemy import select

from palabre.db.scope import Scope
from palabre.domains.accounts import jobs as accounts
from palabre.domains.notifications import jobs as notifications
from palabre.domains.notifications import mailing
from palabre.domains.publishing import engine
from palabre.domains.publishing import service as publishing
from palabre.domains.publishing.task import KIND
from palabre.domains.publishing.timing import Timing
from palabre.domains.runtime import Runtime
from palabre.outbox import events as outbox
from palabre.outbox import work
from palabre.outbox.tables import events
from palabre.outbox.work import Claimed
from palabre.plugins.events import EventDispatcher
from palabre.sdk.events import Event, PluginEnabled

Handler = Callable[[Claimed], Awaitable[None]]


def handlers(runtime: Runtime, timing: Timing) -> Mapping[str, Handler]:
    """Return who does each kind of work in this process."""
    return {
        KIND: partial(engine.handle, runtime, timing),
        "account.check": partial(accounts.check_account, runtime),
        "event.notices": partial(notifications.tell_people, runtime),
        **dict.fromkeys(mailing.KINDS, partial(mailing.send, runtime)),
        "event.plugins": partial(_tell_plugins, runtime, EventDispatcher()),
    }


async def _tell_plugins(runtime: Runtime, dispatcher: EventDispatcher, claimed: Claimed) -> None:
    """Let what happened have its effect here, then tell the plugins of the client."""
    scope = Scope.of_client(claimed.agency_id, claimed.client_id)
    async with runtime.database.transaction(scope) as tx:
        query = select(events.c.body).where(tx.here(events), events.c.id == claimed.subject_id)
        event = outbox.decode((await tx.one(query)).body)
    await _react(runtime, scope, event)
    enabled = await runtime.enabled.get(claimed.agency_id, claimed.client_id)
    await dispatcher.deliver(runtime.registry.for_client(enabled), event)
    async with runtime.database.transaction(scope) as tx:
        await work.finish(tx, claimed)


async def _react(runtime: Runtime, scope: Scope, event: Event) -> None:
    """Publications held for a plugin go on when it is turned on again."""
    if not isinstance(event, PluginEnabled):
        return
    runtime.enabled.invalidate(scope.client_id)
    if event.enabled:
        async with runtime.database.transaction(scope) as tx:
            await publishing.release_plugin(runtime, tx, event.plugin)
