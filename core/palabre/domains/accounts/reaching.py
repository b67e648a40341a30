"""Whether a client can use an adapter now, and what a call of it needs; else why not."""

from typing import Final

from palabre.base.errors import Conflict, Invalid, NotAllowed, NotFound
from palabre.db.scope import Scope
from palabre.domains.accounts.faults import plugin_name
from palabre.domains.identity import service as identity
from palabre.domains.runtime import Runtime
from palabre.plugins.context import Context, Subject
from palabre.plugins.registry import ClientView
from palabre.sdk.errors import NotEnabled

CALL_S: Final = 30.0
"""Seconds one step may take at the platform."""


async def reach(
    runtime: Runtime, scope: Scope, adapter: str, locale: str = "en"
) -> tuple[ClientView, Context]:
    """Return the client's adapters and a context of one call.

    Raises:
        NotFound: There is no such adapter.
        NotAllowed: The plugin is off for the client.
        Conflict: The plugin lacks settings; the details name them.
    """
    plugin = plugin_of(adapter)
    if adapter not in runtime.registry.adapters["auth"]:
        raise NotFound
    enabled = await runtime.enabled.get(scope.agency_id, scope.client_id)
    view = runtime.registry.for_client(enabled)
    subject = Subject(agency_id=scope.agency_id, client_id=scope.client_id)
    try:
        _ = view.auth(adapter)
        return view, await runtime.contexts.make(adapter, subject, seconds=CALL_S, locale=locale)
    except NotEnabled:
        raise await not_enabled(runtime, scope, plugin) from None
    except Invalid as error:
        missing = [problem.field for problem in error.problems]
        details = {"plugin": plugin, "missing": missing}
        name, fields = plugin_name(runtime.registry, plugin), ", ".join(missing)
        raise Conflict(
            "plugin_not_configured", plugin=name, fields=fields, details=details
        ) from None


async def not_enabled(runtime: Runtime, scope: Scope, plugin: str) -> NotAllowed:
    """Return the refusal; it names who can turn the plugin on."""
    whole = Scope.of_agency(scope.agency_id, scope.actor, scope.locale)
    async with runtime.database.transaction(whole) as tx:
        admins = await identity.admin_names(tx, scope.client_id)
    return NotAllowed(
        "plugin_not_enabled",
        plugin=plugin_name(runtime.registry, plugin),
        admins=", ".join(admins),
        details={"plugin": plugin, "admins": admins},
    )


def plugin_of(adapter: str) -> str:
    """Return the key of the plugin an adapter belongs to."""
    return adapter.partition(".")[0]
