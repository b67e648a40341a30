"""Turns plugins on and off for a client, and keeps their settings."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Row, select

from palabre.audit.record import record
from palabre.base.errors import Conflict, Invalid, NotAllowed, NotFound
from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.bell import publish
from palabre.domains.enabling import catalogue, levels
from palabre.domains.enabling.tables import agency_plugins, client_plugins
from palabre.domains.enabling.views import AgencyPlugin, ClientPlugin, EnabledBy, Plugin
from palabre.domains.identity import service as identity
from palabre.domains.runtime import Runtime
from palabre.outbox import events
from palabre.plugins import settings as plugin_settings
from palabre.sdk.events import PluginEnabled

_Rows = dict[str, Row[Any]]


async def require(runtime: Runtime, scope: Scope, plugin: str) -> None:
    """See that the client of the scope may use the plugin; no transaction may be open.

    Raises:
        NotFound: There is no such plugin.
        NotAllowed: It is off for the client; the details name who can turn it on.
    """
    shown = catalogue.plugin(runtime.registry, plugin, scope.locale)
    enabled = await runtime.enabled.get(scope.agency_id, scope.client_id)
    if runtime.registry.for_client(enabled).is_enabled(plugin):
        return
    if shown.state != "active":
        raise NotAllowed("plugin_not_active", plugin=shown.name, reason=shown.reason)
    async with runtime.database.transaction(Scope.of_agency(scope.agency_id)) as tx:
        names = await identity.admin_names(tx, scope.client_id)
    raise NotAllowed(
        "plugin_not_enabled",
        details={"plugin": plugin, "admins": names},
        plugin=shown.name,
        admins=", ".join(names),
    )


async def client_plugins_of(runtime: Runtime, scope: Scope) -> list[ClientPlugin]:
    """Return every plugin of the installation as it stands for the client of the scope."""
    own, agency, names = await _stored(runtime, scope)
    return [
        _show(runtime, plugin, own.get(plugin.key), agency.get(plugin.key), names)
        for plugin in catalogue.plugins(runtime.registry, scope.locale)
    ]


async def client_plugin(runtime: Runtime, scope: Scope, key: str) -> ClientPlugin:
    """Return one plugin as it stands for the client of the scope.

    Raises:
        NotFound: There is no such plugin.
    """
    plugin = catalogue.plugin(runtime.registry, key, scope.locale)
    own, agency, names = await _stored(runtime, scope)
    return _show(runtime, plugin, own.get(key), agency.get(key), names)


async def change(
    runtime: Runtime,
    scope: Scope,
    key: str,
    *,
    enabled: bool | None = None,
    settings: dict[str, Any] | None = None,
) -> ClientPlugin:
    """Turn a plugin on or off for the client and change its settings there.

    Args:
        runtime: Of the process.
        scope: Of the client.
        key: Plugin key.
        enabled: None leaves it.
        settings: Fields to change; None as a value removes one.

    Raises:
        NotFound: There is no such plugin.
        Conflict: It cannot be used on this installation, or is always on.
        Invalid: A setting is unknown or has a value of the wrong kind.
    """
    plugin = _usable(runtime, key, scope.locale)
    if plugin.always_on and enabled is not None:
        raise Conflict("plugin_always_on", plugin=plugin.name)
    async with runtime.database.transaction(scope) as tx:
        async with tx.control() as control:
            was = await _change(runtime, control, key, enabled, settings)
        # The event must not come before the change. Where the two commit apart, a crash between
        # them loses it: there it is told again whenever the call is repeated.
        repeated = control is not tx and enabled is not None
        if enabled is not None and (was != enabled or repeated):
            await events.emit(tx, PluginEnabled, plugin=key, enabled=enabled)
        tx.after_commit(lambda: _tell(runtime, scope.client_id))
    return await client_plugin(runtime, scope, key)


async def agency_plugin(runtime: Runtime, scope: Scope, key: str) -> AgencyPlugin:
    """Return the agency's settings of a plugin; the scope is of the agency.

    Raises:
        NotFound: There is no such plugin, or it has no settings.
    """
    kind = _kind(runtime, key)
    async with runtime.database.transaction(scope) as tx:
        row = await levels.row_of(tx, "agency", key)
    return AgencyPlugin(
        plugin=key,
        settings=_masked(kind, row),
        missing=plugin_settings.missing(kind, _merged(runtime, key, row, None)),
        updated_at=row.updated_at if row else None,
    )


async def change_agency(
    runtime: Runtime, scope: Scope, key: str, settings: dict[str, Any]
) -> AgencyPlugin:
    """Change the agency's settings of a plugin. Errors as ``change``."""
    _usable(runtime, key, scope.locale)
    _kind(runtime, key)
    async with runtime.database.transaction(scope) as tx:
        await _write(tx, runtime, "agency", key, settings, updated_by=scope.actor.id)
        record(
            tx, "plugins.settings", "agency", scope.agency_id, plugin=key, fields=sorted(settings)
        )
    return await agency_plugin(runtime, scope, key)


async def _change(
    runtime: Runtime, tx: Tx, key: str, enabled: bool | None, settings: dict[str, Any] | None
) -> bool:
    """Store what changes for the client and return whether the plugin was on."""
    row = await levels.row_of(tx, "client", key, lock=True)
    was = bool(row and row.enabled)
    now_on = was if enabled is None else enabled
    more = {"enabled": now_on, "updated_by": tx.scope.actor.id}
    if settings:
        await _write(tx, runtime, "client", key, settings, **more)
    elif row is None:
        await levels.store(
            tx, "client", key, new_id(), settings={}, secrets=None, secret_times={}, **more
        )
    else:
        await levels.store(tx, "client", key, row.id, **_kept(row), **more)
    fields = sorted(settings or ())
    record(
        tx,
        "client_plugins.edit",
        "client",
        tx.scope.client_id,
        plugin=key,
        enabled=now_on,
        fields=fields,
    )
    return was


async def _write(
    tx: Tx,
    runtime: Runtime,
    level: levels.LevelName,
    key: str,
    settings: dict[str, Any],
    **more: Any,
) -> None:
    kind, now = _kind(runtime, key), runtime.clock.now()
    try:
        await levels.write(tx, runtime.vault, level, key, kind, settings, now, **more)
    except Invalid as error:
        raise Invalid(
            *(msgspec.structs.replace(p, field=f"settings.{p.field}") for p in error.problems)
        ) from error


async def _stored(runtime: Runtime, scope: Scope) -> tuple[_Rows, _Rows, dict[UUID, str]]:
    """Return the rows of the client and of the agency, and the names of who changed them."""
    async with runtime.database.control(scope) as tx:
        rows = await tx.all(select(client_plugins).where(tx.here(client_plugins)))
        names = await identity.names_of(tx, {row.updated_by for row in rows if row.updated_by})
    async with runtime.database.transaction(Scope.of_agency(scope.agency_id)) as tx:
        wide = await tx.all(select(agency_plugins).where(tx.here(agency_plugins)))
    return {row.plugin: row for row in rows}, {row.plugin: row for row in wide}, names


def _show(
    runtime: Runtime,
    plugin: Plugin,
    own: Row[Any] | None,
    agency: Row[Any] | None,
    names: dict[UUID, str],
) -> ClientPlugin:
    kind = _settings_of(runtime, plugin.key)
    missing = (
        plugin_settings.missing(kind, _merged(runtime, plugin.key, agency, own)) if kind else []
    )
    wider = _merged(runtime, plugin.key, agency, None)
    by = own.updated_by if own else None
    return ClientPlugin(
        plugin=plugin,
        enabled=plugin.always_on or bool(own and own.enabled),
        configured=not missing,
        missing=missing,
        inherited=[name for name in levels.names(kind) if name in wider] if kind else [],
        settings=_masked(kind, own) if kind else {},
        enabled_by=EnabledBy(id=by, name=names.get(by, "")) if by else None,
        updated_at=own.updated_at if own else None,
    )


def _merged(
    runtime: Runtime, key: str, agency: Row[Any] | None, own: Row[Any] | None
) -> dict[str, Any]:
    """Return which fields have a value on some level; of secrets only that they are set."""
    installation = runtime.settings.plugin_fields.get(key, {})
    return plugin_settings.merge(installation, _known(agency), _known(own))


def _known(row: Row[Any] | None) -> dict[str, Any]:
    return {**row.settings, **row.secret_times} if row else {}


def _masked(kind: type[Struct], row: Row[Any] | None) -> dict[str, Any]:
    known = _known(row)
    secret = plugin_settings.secret_fields(kind)
    return {
        name: {"set_at": known[name]} if name in secret and name in known else known.get(name)
        for name in levels.names(kind)
    }


def _kept(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("settings", "secrets", "secret_times")}


def _usable(runtime: Runtime, key: str, locale: str) -> Plugin:
    plugin = catalogue.plugin(runtime.registry, key, locale)
    if plugin.state != "active":
        raise Conflict("plugin_not_active", plugin=plugin.name, reason=plugin.reason)
    return plugin


def _settings_of(runtime: Runtime, key: str) -> type[Struct] | None:
    loaded = runtime.registry.plugins.get(key)
    return loaded.manifest.app_settings if loaded else None


def _kind(runtime: Runtime, key: str) -> type[Struct]:
    kind = _settings_of(runtime, key)
    if kind is None:
        raise NotFound(
            "plugin_without_settings" if key in runtime.registry.plugins else "plugin_unknown"
        )
    return kind


async def _tell(runtime: Runtime, client_id: UUID) -> None:
    runtime.enabled.invalidate(client_id)
    await publish(runtime.redis, "enabled", str(client_id))
